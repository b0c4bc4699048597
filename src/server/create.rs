//! What a request to create a server says.

use uuid::Uuid;

use crate::generated::{
    AddressFamily, NetworkType, StorageAction,
    types::{
        CreateInterface, CreateIpAddress, CreateNetworking, CreateServer, CreateStorageDevice, LoginUser, NewLabel,
    },
};

impl CreateServer {
    /// A server from a template (see `listStorageTemplates`), with one disk that is a copy of it. The title is the
    /// hostname until [`title`](Self::title) gives another.
    pub fn from_template(hostname: impl Into<String>, zone: impl Into<String>, template: Uuid) -> Self {
        let hostname = hostname.into();
        let disk = CreateStorageDevice {
            storage: Some(template),
            title: Some(format!("{hostname} disk 1")),
            ..CreateStorageDevice::new(StorageAction::Clone)
        };
        Self::with_storage(hostname, zone.into(), vec![disk])
    }

    fn with_storage(hostname: String, zone: String, storage_devices: Vec<CreateStorageDevice>) -> Self {
        Self::new(hostname.clone(), CreateNetworking::new(Vec::new()), storage_devices, hostname, zone)
    }

    /// A short text for people, at most 255 characters.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// A pricing plan by name (see `listPlans`).
    #[must_use]
    pub fn plan(mut self, name: impl Into<String>) -> Self {
        self.plan = Some(name.into());
        self
    }

    /// Adds a label.
    #[must_use]
    pub fn label(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.get_or_insert_default().push(NewLabel::new(key.into(), value.into()));
        self
    }

    /// Adds a public key (OpenSSH format) for the administrative account.
    #[must_use]
    pub fn ssh_key(mut self, key: impl Into<String>) -> Self {
        let user = self.login_user.get_or_insert_with(LoginUser::default);
        user.ssh_keys.get_or_insert_default().push(key.into());
        self
    }

    /// Switches the metadata service on or off; cloud-init templates need it on.
    #[must_use]
    pub fn metadata(mut self, on: bool) -> Self {
        self.metadata = Some(on);
        self
    }

    /// The interfaces that the documentation's samples ask for, if the caller named none.
    pub(super) fn with_default_interfaces(mut self) -> Self {
        if self.networking.interfaces.is_empty() {
            self.networking.interfaces = [
                (NetworkType::Public, AddressFamily::IPv4),
                (NetworkType::Utility, AddressFamily::IPv4),
                (NetworkType::Public, AddressFamily::IPv6),
            ]
            .map(|(network, family)| CreateInterface::new(vec![CreateIpAddress::new(family)], network))
            .into();
        }
        self
    }
}
