//! What a request to create a server says: the ways to begin one, and the settings that only a new server has. Its parts
//! are in the files below this one; what it has in common with a modification is in `../settings.rs`.

mod call;
mod login;
mod networking;
mod storage;

use uuid::Uuid;

pub(super) use storage::is_awaited;

use crate::model::types::{CreateNetworking, CreateServer, CreateStorageDevice, LabelInput, Storage};

/// How to begin: from a template, from a storage of another server, from an empty disk, or from any storage devices.
///
/// Only what is required or was set is sent. Where no interface is named, the three of
/// [`with_default_interfaces`](Self::with_default_interfaces) are sent, and the title is the hostname until
/// [`title`](Self::title) gives another.
///
/// ```
/// use upcloud::{CreateServer, SimpleBackup, types::StorageTier};
/// # let (template, group) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
///
/// let server = CreateServer::from_template("web-1.example.net", "de-fra1", template)
///     .plan("2xCPU-4GB")
///     .metadata(true)
///     .disk_size(40)
///     .disk_tier(StorageTier::Maxiops)
///     .server_group(group)
///     .simple_backup(SimpleBackup::dailies(2, 15)?)
///     .labels([("team", "payments"), ("canary", "")])
///     .username("deploy")
///     .ssh_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLE ops");
/// assert_eq!(server.title, "web-1.example.net");
/// # Ok::<(), upcloud::Error>(())
/// ```
impl CreateServer {
    /// A server from a template (see [`Catalog::templates`](crate::Catalog::templates)), with one disk that is a copy of
    /// it: the template itself as it was looked up, or its UUID.
    ///
    /// A cloud-init template needs [`metadata`](Self::metadata) on and at least one [`ssh_key`](Self::ssh_key). Where the
    /// template itself is given and is one, `metadata` is switched on; a UUID alone does not tell.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// use upcloud::CreateServer;
    ///
    /// let templates = upcloud.catalog().templates().await?;
    /// let template = templates.iter().find(|template| template.is_cloud_init()).expect("a cloud-init template");
    /// let server = CreateServer::from_template("web-1.example.net", "de-fra1", template).ssh_key("ssh-ed25519 AAAA... ops");
    /// assert_eq!(server.metadata, Some(true));
    /// upcloud.servers().create(server).await?;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn from_template(hostname: impl Into<String>, zone: impl Into<String>, template: impl Into<Template>) -> Self {
        let Template { uuid, is_cloud_init } = template.into();
        let server = Self::with_storage_devices(hostname, zone, [CreateStorageDevice::clone_of(uuid)]);
        if is_cloud_init { server.metadata(true) } else { server }
    }

    /// A server with one disk that is a copy of a storage of another server. That storage must be `online`
    /// ([`StorageStateIllegal`](crate::ErrorCode::StorageStateIllegal)); the create waits for it with
    /// [`when_ready`](crate::calls::CreateServerCall::when_ready). Further disks are added with
    /// [`storage_device`](Self::storage_device).
    ///
    /// ```
    /// # let storage = uuid::Uuid::from_u128(1);
    /// let twin = upcloud::CreateServer::clone_of("web-2.example.net", "de-fra1", storage).cores_and_memory(2, 4096);
    /// assert_eq!(twin.storage_devices[0].storage, Some(storage));
    /// ```
    #[must_use]
    pub fn clone_of(hostname: impl Into<String>, zone: impl Into<String>, storage: Uuid) -> Self {
        Self::with_storage_devices(hostname, zone, [CreateStorageDevice::clone_of(storage)])
    }

    /// A server with one empty disk of this size in gigabytes (by the documentation 10 to 1024) and an installation CD-ROM (see
    /// [`Catalog::cdroms`](crate::Catalog::cdroms)). The installer is reached through the remote console, see
    /// [`remote_access`](Self::remote_access).
    ///
    /// ```
    /// # let cdrom = uuid::Uuid::from_u128(1);
    /// let bare = upcloud::CreateServer::from_scratch("bare.example.net", "de-fra1", 30, cdrom).remote_access(true);
    /// assert_eq!(bare.storage_devices.len(), 2);
    /// ```
    #[must_use]
    pub fn from_scratch(hostname: impl Into<String>, zone: impl Into<String>, size_gb: u64, cdrom: Uuid) -> Self {
        Self::with_storage_devices(
            hostname,
            zone,
            [CreateStorageDevice::create(size_gb), CreateStorageDevice::cdrom(cdrom)],
        )
    }

    /// A server with any 1 to 16 storage devices; those that are created or cloned are titled as
    /// [`storage_device`](Self::storage_device) tells.
    ///
    /// ```
    /// use upcloud::{CreateServer, types::CreateStorageDevice};
    /// # let (rescued, template) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
    /// let devices = [CreateStorageDevice::clone_of(template).boot_disk(true), CreateStorageDevice::attach(rescued)];
    /// let server = CreateServer::with_storage_devices("rescue.example.net", "de-fra1", devices);
    /// assert_eq!(server.storage_devices[0].title.as_deref(), Some("rescue.example.net disk 1"));
    /// ```
    #[must_use]
    pub fn with_storage_devices(
        hostname: impl Into<String>,
        zone: impl Into<String>,
        devices: impl IntoIterator<Item = CreateStorageDevice>,
    ) -> Self {
        let hostname = hostname.into();
        let server = Self::new(hostname.clone(), zone, hostname, CreateNetworking::new(Vec::new()), Vec::new());
        devices.into_iter().fold(server, Self::storage_device)
    }

    /// Adds a label: a key, by the documentation of 1 to 32 letters, digits, `-` and `_` that does not begin with `_`
    /// ([`InvalidLabelKey`](crate::ErrorCode::InvalidLabelKey)), and a value of at most 255 characters
    /// ([`InvalidLabelValue`](crate::ErrorCode::InvalidLabelValue)).
    #[must_use]
    pub fn label(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.get_or_insert_default().push(LabelInput::new(key, value));
        self
    }
}

/// A template to create a server from: a [`Storage`] that was looked up, or the UUID of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    uuid: Uuid,
    /// Whether it is known to be one.
    is_cloud_init: bool,
}

impl From<Uuid> for Template {
    fn from(uuid: Uuid) -> Self {
        Self { uuid, is_cloud_init: false }
    }
}

impl From<&Storage> for Template {
    fn from(storage: &Storage) -> Self {
        Self { uuid: storage.uuid, is_cloud_init: storage.is_cloud_init() }
    }
}

impl From<Storage> for Template {
    fn from(storage: Storage) -> Self {
        Self::from(&storage)
    }
}

/// A label from a pair: `("env", "prod").into()`.
impl<K: Into<String>, V: Into<String>> From<(K, V)> for LabelInput {
    fn from((key, value): (K, V)) -> Self {
        Self::new(key, value)
    }
}
