//! The settings that a new server and a modification have in common.

use std::fmt;

use super::backup::SimpleBackup;
use crate::model::types::{CreateServer, ModifyServer};

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
            /// CPU cores, and memory in megabytes: a combination that [`Servers::sizes`](crate::Servers::sizes) lists
            /// ([`CoreMemoryUnsupported`](crate::ErrorCode::CoreMemoryUnsupported)). With a plan they must equal the plan's.
            #[must_use]
            pub fn cores_and_memory(mut self, cores: u64, megabytes: u64) -> Self {
                self.core_number = Some(cores);
                self.memory_amount = Some(megabytes);
                self
            }

            /// The devices to boot from, in order. A repeated one counts once; none at all leaves the order unset.
            #[must_use]
            pub fn boot_order(mut self, devices: impl IntoIterator<Item = crate::types::BootDevice>) -> Self {
                self.boot_order = boot_order(devices);
                self
            }

            /// When backups are made of all storages of the server.
            #[must_use]
            pub fn simple_backup(mut self, rule: SimpleBackup) -> Self {
                self.simple_backup = Some(rule.to_string());
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
