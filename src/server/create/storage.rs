//! The storage devices of a new server.

use uuid::Uuid;

use crate::generated::{
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
        if device.action != StorageAction::Attach && device.title.is_none() {
            let before = self.storage_devices.iter().filter(|device| device.action != StorageAction::Attach).count();
            device.title = Some(format!("{} disk {}", self.hostname, before + 1));
        }
        self.storage_devices.push(device);
        self
    }

    /// The size of the first storage device in gigabytes, by the documentation 10 to 1024
    /// ([`SizeInvalid`](crate::ErrorCode::SizeInvalid)).
    /// A copy cannot be smaller than its original, whose size it has unless told otherwise.
    #[must_use]
    pub fn disk_size(mut self, gigabytes: u64) -> Self {
        if let Some(disk) = self.storage_devices.first_mut() {
            disk.size = Some(gigabytes);
        }
        self
    }

    /// The performance class of the first storage device; `hdd` unless told otherwise.
    #[must_use]
    pub fn disk_tier(mut self, tier: StorageTier) -> Self {
        if let Some(disk) = self.storage_devices.first_mut() {
            disk.tier = Some(tier);
        }
        self
    }
}

/// What a device is made of, and how it is attached.
///
/// ```
/// use upcloud::{StorageTier, types::CreateStorageDevice};
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

    /// Where the device goes: `ide:0:0` to `ide:1:1`, `scsi:0:0` to `scsi:0:15`, `virtio:0` to `virtio:15`, or the name of
    /// a bus alone for its next free address. Two devices cannot share one
    /// ([`DeviceAddressInUse`](crate::ErrorCode::DeviceAddressInUse)).
    #[must_use]
    pub fn address(mut self, address: impl Into<String>) -> Self {
        self.address = Some(address.into());
        self
    }

    /// The size in gigabytes, by the documentation 10 to 1024.
    #[must_use]
    pub fn size(mut self, gigabytes: u64) -> Self {
        self.size = Some(gigabytes);
        self
    }

    /// The performance class; `hdd` unless told otherwise.
    #[must_use]
    pub fn tier(mut self, tier: StorageTier) -> Self {
        self.tier = Some(tier);
        self
    }

    /// A short text for people, at most 255 characters ([`StorageTitleInvalid`](crate::ErrorCode::StorageTitleInvalid)).
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// The kind of drive it appears as; `disk` unless told otherwise.
    #[must_use]
    pub fn device_type(mut self, device_type: StorageDeviceType) -> Self {
        self.type_ = Some(device_type);
        self
    }

    /// Whether the server boots from this device where it has no [`boot_order`](CreateServer::boot_order). One device at
    /// most can be the boot disk ([`TooManyBootDisks`](crate::ErrorCode::TooManyBootDisks)).
    #[must_use]
    pub fn boot_disk(mut self, yes: bool) -> Self {
        self.boot_disk = Some(yes);
        self
    }

    /// Adds a label to the storage, which must be created or cloned; the rules are those of
    /// [`CreateServer::label`].
    #[must_use]
    pub fn label(self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels([LabelInput::new(key.into(), value.into())])
    }

    /// Adds labels to the storage.
    #[must_use]
    pub fn labels(mut self, labels: impl IntoIterator<Item = impl Into<LabelInput>>) -> Self {
        self.labels.get_or_insert_default().extend(labels.into_iter().map(Into::into));
        self
    }
}
