//! The settings that a new server and a modification have in common.

use std::fmt;

use uuid::Uuid;

use super::backup::SimpleBackup;
use crate::{
    Secret,
    model::{
        NicModel, RemoteAccessType, VideoModel,
        types::{CreateServer, ModifyServer},
    },
};

/// A device to boot from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum BootDevice {
    /// The disk, the first one or the boot disk.
    Disk,
    /// The CD-ROM drive.
    Cdrom,
    /// The network, through an interface that is bootable.
    Network,
}

impl BootDevice {
    /// The device as the API spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disk => "disk",
            Self::Cdrom => "cdrom",
            Self::Network => "network",
        }
    }
}

impl fmt::Display for BootDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The wire form; a repeated device says nothing new, and no device at all says nothing.
fn boot_order(devices: impl IntoIterator<Item = BootDevice>) -> Option<String> {
    let mut order: Vec<&str> = Vec::new();
    for device in devices {
        if !order.contains(&device.as_str()) {
            order.push(device.as_str());
        }
    }
    (!order.is_empty()).then(|| order.join(","))
}

macro_rules! settings {
    ($type:ident, $example:literal) => {
        /// Settings of the machine; what is not set is not sent.
        ///
        /// ```
        /// use upcloud::{SimpleBackup, types::{BootDevice, NicModel, VideoModel}};
        ///
        #[doc = $example]
        ///     .cores_and_memory(4, 8192)
        ///     .boot_order([BootDevice::Cdrom, BootDevice::Disk])
        ///     .simple_backup(SimpleBackup::weeklies(3, 45)?)
        ///     .timezone("Europe/Berlin")
        ///     .firewall(true)
        ///     .nic_model(NicModel::Virtio)
        ///     .video_model(VideoModel::Vga)
        ///     .remote_access(true)
        ///     .remote_access_password("Zx81qL0m")
        ///     .field("tomorrow", 1);
        /// assert_eq!(server.boot_order.as_deref(), Some("cdrom,disk"));
        /// # Ok::<(), upcloud::Error>(())
        /// ```
        impl $type {
            /// A pricing plan by name (see [`Catalog::plans`](crate::Catalog::plans)), or `custom`.
            #[must_use]
            pub fn plan(mut self, name: impl Into<String>) -> Self {
                self.plan = Some(name.into());
                self
            }

            /// CPU cores, and memory in megabytes: a combination that [`Servers::sizes`](crate::Servers::sizes) lists
            /// ([`CoreMemoryUnsupported`](crate::ErrorCode::CoreMemoryUnsupported)). With a plan they must equal the plan's.
            #[must_use]
            pub fn cores_and_memory(mut self, cores: u64, megabytes: u64) -> Self {
                self.core_number = Some(cores);
                self.memory_amount = Some(megabytes);
                self
            }

            /// The server group that the server joins. It can be in one group only.
            #[must_use]
            pub fn server_group(mut self, group: Uuid) -> Self {
                self.server_group = Some(group);
                self
            }

            /// The devices to boot from, in order. A repeated one counts once; none at all leaves the order unset.
            #[must_use]
            pub fn boot_order(mut self, devices: impl IntoIterator<Item = crate::types::BootDevice>) -> Self {
                self.boot_order = boot_order(devices);
                self
            }

            /// Whether the firewall rules are in force.
            #[must_use]
            pub fn firewall(mut self, on: bool) -> Self {
                self.firewall = Some(on);
                self
            }

            /// Switches the metadata service on or off; cloud-init templates need it on.
            #[must_use]
            pub fn metadata(mut self, on: bool) -> Self {
                self.metadata = Some(on);
                self
            }

            /// The emulated network card.
            #[must_use]
            pub fn nic_model(mut self, model: NicModel) -> Self {
                self.nic_model = Some(model);
                self
            }

            /// The emulated graphics card.
            #[must_use]
            pub fn video_model(mut self, model: VideoModel) -> Self {
                self.video_model = Some(model);
                self
            }

            /// The time zone of the server's clock, by a name that [`Catalog::timezones`](crate::Catalog::timezones) lists.
            #[must_use]
            pub fn timezone(mut self, name: impl Into<String>) -> Self {
                self.timezone = Some(name.into());
                self
            }

            /// When backups are made of all storages of the server.
            #[must_use]
            pub fn simple_backup(mut self, rule: SimpleBackup) -> Self {
                self.simple_backup = Some(rule.to_string());
                self
            }

            /// Whether the remote console can be reached.
            #[must_use]
            pub fn remote_access(mut self, on: bool) -> Self {
                self.remote_access_enabled = Some(on);
                self
            }

            /// The password of the remote console: eight letters (either case) or digits
            /// ([`VncPasswordInvalid`](crate::ErrorCode::VncPasswordInvalid)).
            #[must_use]
            pub fn remote_access_password(mut self, password: impl Into<Secret>) -> Self {
                self.remote_access_password = Some(password.into());
                self
            }

            /// The protocol of the remote console. To change it the server must be stopped.
            #[must_use]
            pub fn remote_access_type(mut self, protocol: RemoteAccessType) -> Self {
                self.remote_access_type = Some(protocol);
                self
            }

            /// Sends an attribute that this version of the crate does not know, as it is. Not for attributes with a setter of
            /// their own, which would be sent twice.
            #[must_use]
            pub fn field(mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
                self.extra.insert(name.into(), value.into());
                self
            }
        }
    };
}

settings!(
    CreateServer,
    "let server = upcloud::CreateServer::clone_of(\"web-1.example.net\", \"de-fra1\", uuid::Uuid::from_u128(1))"
);
settings!(ModifyServer, "let server = upcloud::ModifyServer::default()");
