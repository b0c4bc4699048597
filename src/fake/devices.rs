//! The storage devices of a new server.

use serde_json::Value;
use uuid::Uuid;

use super::{
    answer::Fault,
    ids::Kind,
    input::{self, Block},
    state::State,
};
use crate::{
    ErrorCode,
    checks::limits,
    model::{
        ServerState, StorageDeviceType, StorageState, StorageTier, StorageType, TemplateType,
        types::{Storage, StorageDevice},
    },
};

/// What becomes of the `storage_devices` of a request.
#[derive(Debug, Default)]
pub(super) struct Devices {
    pub(super) list: Vec<StorageDevice>,
    pub(super) license: f64,
    /// The template, if one is cloned.
    pub(super) template: Option<Storage>,
    /// Storages that are no longer without a server.
    pub(super) attached: Vec<Uuid>,
}

/// In gigabytes: the double of the largest plan.
const LARGEST_DISK: u64 = 4096;

/// A storage that a device names.
struct Source {
    storage: Storage,
    /// How the server has it that has it, if one has.
    attached_as: Option<StorageDeviceType>,
    ready: bool,
}

impl Source {
    fn check_state(&self) -> Result<(), Fault> {
        if self.ready {
            return Ok(());
        }
        let Storage { uuid, state, .. } = &self.storage;
        // The disk of a server that is being made is as busy as the server.
        let state =
            state.as_ref().filter(|state| **state != StorageState::Online).unwrap_or(&StorageState::Maintenance);
        let text = format!("The operation is not allowed while the storage {uuid} is in state '{state}'.");
        Err(Fault::because(ErrorCode::StorageStateIllegal, text))
    }
}

impl State {
    pub(super) fn devices(&mut self, block: Block<'_>, zone: &str) -> Result<Devices, Fault> {
        let envelope = block.get("storage_devices").and_then(Value::as_object);
        if envelope.is_some_and(|envelope| !envelope.contains_key("storage_device")) {
            return Err(ErrorCode::StorageDeviceMissing.into());
        }
        let items = block
            .list("storage_devices", "storage_device", ErrorCode::StorageDevicesInvalid)?
            .ok_or(ErrorCode::StorageDevicesMissing)?;
        if items.is_empty() {
            return Err(ErrorCode::StorageDeviceMissing.into());
        }
        if items.len() > limits::CREATE_STORAGE_DEVICE_LIST_STORAGE_DEVICE_MAX_ITEMS {
            return Err(ErrorCode::StorageDeviceLimitReached.into());
        }
        let mut all = Devices::default();
        let (mut boot_disks, mut sources) = (0, Vec::new());
        for item in items {
            let block = Block::with_nulls(item, ErrorCode::StorageDeviceInvalid)?;
            let device = self.device(block, zone, &mut all, &mut sources)?;
            boot_disks += usize::from(device.boot_disk == Some(true));
            all.list.push(device);
        }
        if boot_disks > 1 {
            return Err(ErrorCode::TooManyBootDisks.into());
        }
        if all.list.iter().filter(|device| device.type_ == Some(StorageDeviceType::Cdrom)).count() > 1 {
            return Err(ErrorCode::CdromDeviceInUse.into());
        }
        Ok(all)
    }

    /// A device with a storage that is there, for a server that has these devices.
    pub(super) fn attached(
        &mut self,
        wanted: &Value,
        zone: &str,
        has: Vec<StorageDevice>,
    ) -> Result<StorageDevice, Fault> {
        let block = Block::with_nulls(wanted, ErrorCode::StorageDeviceInvalid)?;
        let mut all = Devices { list: has, ..Devices::default() };
        self.device(block, zone, &mut all, &mut Vec::new())
    }

    fn device(
        &mut self,
        block: Block<'_>,
        zone: &str,
        all: &mut Devices,
        sources: &mut Vec<Uuid>,
    ) -> Result<StorageDevice, Fault> {
        let known = ["create", "clone", "attach"];
        let action = block.one_of("action", &known, ErrorCode::ActionInvalid)?.ok_or(ErrorCode::ActionMissing)?;
        let kind = block.one_of("type", &["disk", "cdrom"], ErrorCode::TypeInvalid)?.map(StorageDeviceType::from);
        let kind = kind.unwrap_or(StorageDeviceType::Disk);
        let title = block.short("title", limits::TITLE_MAX_LENGTH, ErrorCode::StorageTitleInvalid)?;
        let tier =
            block.one_of("tier", &["hdd", "maxiops", "standard"], ErrorCode::TierInvalid)?.map(StorageTier::from);
        let size = block.number("size", ErrorCode::SizeInvalid)?;
        if let Some(size) = size.filter(|size| !(1..=LARGEST_DISK).contains(size)) {
            return Err(Fault::of_attribute(ErrorCode::SizeInvalid, "size", &size.into()));
        }
        let encrypted = block.switch("encrypted", ErrorCode::StorageDeviceInvalid)?;
        backup_rule(block)?;
        let named = block.uuid("storage", ErrorCode::StorageInvalid)?;
        let mut device = StorageDevice {
            address: address(block, &kind, &all.list)?,
            boot_disk: Some(block.switch("boot_disk", ErrorCode::StorageDeviceInvalid)?.unwrap_or(false)),
            labels: block.labels()?.unwrap_or_default(),
            part_of_plan: None,
            storage: None,
            storage_encrypted: encrypted.filter(|_| action != "attach"),
            storage_size: Some(size.unwrap_or_default()),
            storage_tier: Some(tier.clone().unwrap_or(StorageTier::Hdd)),
            storage_title: Some(title.unwrap_or_default().to_owned()),
            type_: Some(kind),
            ..StorageDevice::new("")
        };
        if action != "attach" && title.is_none() {
            return Err(ErrorCode::StorageTitleMissing.into());
        }
        if action == "create" {
            size.ok_or(ErrorCode::SizeMissing)?;
            device.storage = Some(self.ids.uuid(Kind::Storage));
            return Ok(device);
        }
        let uuid = named.ok_or(ErrorCode::StorageMissing)?;
        let source = self.source(uuid).ok_or(ErrorCode::StorageNotFound)?;
        if sources.contains(&uuid) {
            return Err(ErrorCode::StorageInUse.into());
        }
        sources.push(uuid);
        if action == "clone" {
            self.clone_into(&mut device, &source, size, tier, all)?;
        } else {
            attach_to(&mut device, &source, zone)?;
            all.attached.push(uuid);
        }
        all.license += source.storage.license.unwrap_or_default();
        Ok(device)
    }

    fn clone_into(
        &mut self,
        device: &mut StorageDevice,
        source: &Source,
        size: Option<u64>,
        tier: Option<StorageTier>,
        all: &mut Devices,
    ) -> Result<(), Fault> {
        let original = &source.storage;
        if original.type_ == Some(StorageType::Template) && all.template.replace(original.clone()).is_some() {
            return Err(ErrorCode::MultipleTemplates.into());
        }
        if original.type_ == Some(StorageType::Cdrom) {
            return Err(ErrorCode::StorageTypeIllegal.into());
        }
        source.check_state()?;
        if size.is_some_and(|size| Some(size) < original.size) {
            return Err(ErrorCode::SizeInvalid.into());
        }
        device.storage = Some(self.ids.uuid(Kind::Storage));
        device.storage_encrypted = device.storage_encrypted.or(original.encrypted);
        device.storage_size = size.or(original.size);
        device.storage_tier = tier.or_else(|| original.tier.clone()).or(Some(StorageTier::Maxiops));
        Ok(())
    }

    fn source(&self, uuid: Uuid) -> Option<Source> {
        let free = self.storages.iter().find(|storage| storage.uuid == uuid).cloned();
        let held = self.machines().find_map(|machine| {
            let mut devices = machine.view.storage_devices.iter();
            devices.find(|device| device.storage == Some(uuid)).map(|device| (machine, device))
        });
        match (free, held) {
            (Some(storage), held) => {
                let ready = storage.state == Some(StorageState::Online);
                Some(Source { storage, attached_as: held.and_then(|(_, device)| device.type_.clone()), ready })
            }
            (None, Some((machine, device))) => {
                let tier = device.storage_tier.clone().unwrap_or(StorageTier::Hdd);
                let zone = machine.view.zone.clone();
                let title = device.storage_title.clone().unwrap_or_default();
                let size = device.storage_size.unwrap_or_default();
                let storage = super::catalog::detached(uuid, title, size, tier, zone);
                let storage = Storage { encrypted: device.storage_encrypted, ..storage };
                let ready = machine.view.state != ServerState::Maintenance;
                Some(Source { storage, attached_as: device.type_.clone(), ready })
            }
            (None, None) => None,
        }
    }
}

/// The rule has no effect, because there are no backups; but it has to be one.
fn backup_rule(block: Block<'_>) -> Result<(), Fault> {
    let Some(rule) = block.get("backup_rule") else { return Ok(()) };
    let code = || ErrorCode::StorageDeviceInvalid;
    let read = Block::of(rule, code())?;
    let whole = read.text("interval", code())?.is_some_and(|interval| !interval.is_empty())
        && read.text("time", code())?.is_some_and(|time| time.chars().count() == 4)
        && read.number("retention", code())?.is_some();
    if whole { Ok(()) } else { Err(Fault::of_attribute(code(), "backup_rule", rule)) }
}

fn attach_to(device: &mut StorageDevice, source: &Source, zone: &str) -> Result<(), Fault> {
    use StorageDeviceType::{Cdrom, Disk};
    let storage = &source.storage;
    let refusal = match (&device.type_, &storage.type_, &source.attached_as) {
        (Some(Cdrom), Some(StorageType::Cdrom), _) | (Some(Disk), Some(StorageType::Normal), None) => None,
        (Some(Disk), Some(StorageType::Template), _) => Some(ErrorCode::PublicStorageAttach),
        (Some(Disk), _, Some(Cdrom)) => Some(ErrorCode::StorageAttachedAsCdrom),
        (Some(Cdrom), _, Some(Disk)) => Some(ErrorCode::StorageAttachedAsDisk),
        (Some(Disk), Some(StorageType::Normal), Some(_)) => Some(ErrorCode::StorageInUse),
        _ => Some(ErrorCode::StorageTypeIllegal),
    };
    if let Some(code) = refusal {
        return Err(code.into());
    }
    source.check_state()?;
    if storage.zone.as_deref().is_some_and(|home| home != zone) {
        return Err(ErrorCode::ZoneMismatch.into());
    }
    device.storage = Some(storage.uuid);
    device.storage_encrypted = storage.encrypted;
    device.storage_size = storage.size;
    device.storage_tier.clone_from(&storage.tier);
    device.storage_title = Some(storage.title.clone());
    Ok(())
}

/// The address that a device asks for, or the next free one of its bus.
fn address(block: Block<'_>, kind: &StorageDeviceType, others: &[StorageDevice]) -> Result<String, Fault> {
    let usual = if *kind == StorageDeviceType::Cdrom { "ide" } else { "virtio" };
    let wanted = block.text("address", ErrorCode::StorageDeviceInvalid)?.unwrap_or(usual);
    let of_bus = |bus: &str| -> Vec<String> {
        match bus {
            "virtio" => (0..16).map(|unit| format!("virtio:{unit}")).collect(),
            "scsi" => (0..16).map(|unit| format!("scsi:0:{unit}")).collect(),
            "ide" => ["ide:0:0", "ide:0:1", "ide:1:0", "ide:1:1"].map(str::to_owned).into(),
            _ => Vec::new(),
        }
    };
    let taken = |address: &str| others.iter().any(|other| other.address == address);
    let all = of_bus(wanted.split(':').next().unwrap_or_default());
    if all.is_empty() {
        return Err(ErrorCode::StorageDeviceInvalid.into());
    }
    if !wanted.contains(':') {
        return all.into_iter().find(|address| !taken(address)).ok_or_else(|| ErrorCode::DeviceAddressInUse.into());
    }
    if !all.iter().any(|address| address == wanted) {
        return Err(ErrorCode::StorageDeviceInvalid.into());
    }
    if taken(wanted) { Err(ErrorCode::DeviceAddressInUse.into()) } else { Ok(wanted.to_owned()) }
}

/// How the administrative account of a new server is reached.
#[derive(Debug)]
pub(super) struct Login {
    pub(super) username: String,
    pub(super) ssh_keys: Vec<String>,
    /// Whether a password is made.
    pub(super) password: bool,
}

/// Checks the `login_user` block against the template.
pub(super) fn login(block: Block<'_>, template: Option<&Storage>, metadata: bool) -> Result<Login, Fault> {
    /// Some of the names that systems keep for themselves.
    const RESERVED: &[&str] = &["adm", "admin", "bin", "daemon", "mail", "nobody", "sshd", "sys", "www-data"];
    let none = Value::Object(serde_json::Map::new());
    let user = Block::of(block.get("login_user").unwrap_or(&none), ErrorCode::InvalidRequest)?;
    let username = user.text("username", ErrorCode::InvalidUsername)?.unwrap_or("root");
    let odd = |c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_');
    if username.is_empty() || username.contains(odd) || RESERVED.contains(&username) {
        return Err(ErrorCode::InvalidUsername.into());
    }
    let keys = user.list("ssh_keys", "ssh_key", ErrorCode::InvalidRequest)?.unwrap_or_default();
    let ssh_keys: Vec<String> = keys.iter().filter_map(|key| key.as_str().map(str::to_owned)).collect();
    if ssh_keys.len() != keys.len() || ssh_keys.len() > limits::SSH_KEY_LIST_SSH_KEY_MAX_ITEMS {
        return Err(ErrorCode::InvalidRequest.into());
    }
    let asked = user.switch("create_password", ErrorCode::CreatePasswordInvalid)?;
    if asked == Some(true) && !ssh_keys.is_empty() {
        return Err(ErrorCode::CreatePasswordInvalid.into());
    }
    let cloud_init = template.is_some_and(|template| template.template_type == Some(TemplateType::CloudInit));
    if cloud_init && !metadata {
        return Err(ErrorCode::MetadataDisabledOnCloudInit.into());
    }
    if cloud_init && ssh_keys.is_empty() {
        return Err(ErrorCode::CanNotCreatePasswordForTheSelectedDistribution.into());
    }
    let password = template.is_some() && asked.unwrap_or(ssh_keys.is_empty());
    Ok(Login { username: username.to_owned(), ssh_keys, password })
}

/// The group that a new server joins.
pub(super) fn group(block: Block<'_>, state: &State) -> Result<Option<Uuid>, Fault> {
    let Some(text) = block.text("server_group", ErrorCode::GroupInvalid)? else { return Ok(None) };
    let uuid = input::uuid(text, ErrorCode::GroupInvalid)?;
    state.group(uuid).map(|group| Some(group.uuid))
}
