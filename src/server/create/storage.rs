//! The storage devices of a new server.

use uuid::Uuid;

use crate::model::{
    StorageAction, StorageDeviceType, StorageTier,
    types::{CreateServer, CreateStorageDevice, LabelInput},
};

/// The storage devices, 1 to 16.
impl CreateServer {
    /// Adds a storage device. One that is created or cloned without a title of its own gets the hostname and its number,
    /// `web-1.example.net disk 2`, because the API may ask for one
    /// ([`StorageTitleMissing`](crate::ErrorCode::StorageTitleMissing)).
    #[must_use]
    pub fn storage_device(mut self, mut device: CreateStorageDevice) -> Self {
        if is_new_disk(&device)
            && let Some(at) = self.storage_devices.iter().position(is_awaited)
        {
            let wished = self.storage_devices.remove(at);
            device.size = wished.size.or(device.size);
            device.tier = wished.tier.or(device.tier);
        }
        if device.action != StorageAction::Attach && device.title.is_none() {
            let titled = |device: &&CreateStorageDevice| device.action != StorageAction::Attach && !is_awaited(device);
            let before = self.storage_devices.iter().filter(titled).count();
            device.title = Some(format!("{} disk {}", self.hostname, before + 1));
        }
        self.storage_devices.push(device);
        self
    }

    /// The size in gigabytes of the first disk that is created or cloned, by the documentation 10 to 1024
    /// ([`SizeInvalid`](crate::ErrorCode::SizeInvalid)). A copy cannot be smaller than its original, whose size it has unless
    /// told otherwise.
    ///
    /// It may be said before [`storage_device`](Self::storage_device) adds that disk. A server without one is refused before
    /// it is sent; what is attached as it is has its size already.
    ///
    /// ```
    /// use upcloud::{CreateServer, types::CreateStorageDevice};
    /// # let (rescued, template) = (uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2));
    /// let server = CreateServer::with_storage_devices("web-1.example.net", "de-fra1", [CreateStorageDevice::attach(rescued)])
    ///     .disk_size(40)
    ///     .storage_device(CreateStorageDevice::clone_of(template));
    /// assert_eq!(server.storage_devices[1].size, Some(40));
    /// ```
    #[must_use]
    pub fn disk_size(mut self, gigabytes: u64) -> Self {
        self.first_disk().size = Some(gigabytes);
        self
    }

    /// The performance class of the first disk that is created or cloned, as [`disk_size`](Self::disk_size) finds it; `hdd`
    /// unless told otherwise.
    #[must_use]
    pub fn disk_tier(mut self, tier: StorageTier) -> Self {
        self.first_disk().tier = Some(tier);
        self
    }

    /// The first disk that is made for the server; without one a device without an action, which waits for it.
    fn first_disk(&mut self) -> &mut CreateStorageDevice {
        let at = self.storage_devices.iter().position(is_new_disk).unwrap_or_else(|| {
            self.storage_devices.push(CreateStorageDevice::new(StorageAction::Unknown(String::new())));
            self.storage_devices.len() - 1
        });
        &mut self.storage_devices[at]
    }
}

fn is_new_disk(device: &CreateStorageDevice) -> bool {
    device.action != StorageAction::Attach && device.type_ != Some(StorageDeviceType::Cdrom)
}

/// Whether it is none yet, but what was said of the first disk before there is one. Nothing that a caller says is lost so:
/// the disk takes it when it comes, and if none comes, the request is refused.
pub(in crate::server) fn is_awaited(device: &CreateStorageDevice) -> bool {
    device.action.as_str().is_empty()
}

/// What a device is made of, and how it is attached.
///
/// ```
/// use upcloud::types::{CreateStorageDevice, StorageTier};
///
/// let data = CreateStorageDevice::create(100)
///     .tier(StorageTier::Maxiops)
///     .title("orders")
///     .address("virtio:1")
///     .label("team", "payments");
/// assert_eq!(data.size, Some(100));
/// ```
impl CreateStorageDevice {
    /// A new, empty storage of this size in gigabytes, by the documentation 10 to 1024.
    #[must_use]
    pub fn create(size_gb: u64) -> Self {
        Self { size: Some(size_gb), ..Self::new(StorageAction::Create) }
    }

    /// A copy of a template or of a storage that is `online`.
    #[must_use]
    pub fn clone_of(storage: Uuid) -> Self {
        Self { storage: Some(storage), ..Self::new(StorageAction::Clone) }
    }

    /// An existing storage itself, as a disk. It must not be in use by another server.
    #[must_use]
    pub fn attach(storage: Uuid) -> Self {
        Self { storage: Some(storage), ..Self::new(StorageAction::Attach) }
    }

    /// An existing storage itself, as a CD-ROM. A server has one CD-ROM drive
    /// ([`CdromDeviceInUse`](crate::ErrorCode::CdromDeviceInUse)).
    #[must_use]
    pub fn cdrom(storage: Uuid) -> Self {
        Self::attach(storage).device_type(StorageDeviceType::Cdrom)
    }

    /// Adds a label to the storage, which must be created or cloned; the rules are those of
    /// [`CreateServer::label`].
    #[must_use]
    pub fn label(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.get_or_insert_default().push(LabelInput::new(key, value));
        self
    }
}
