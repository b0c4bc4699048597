//! What the documentation says can never be accepted: the limits, each with the code that the API would answer, and the
//! walk over a request that finds the first that is broken. Where the API is known to take more than its page says, where
//! another client of it is known to be allowed more, and where the account decides, nothing is checked: a check that is too
//! strict takes from its caller what the API would give.

use std::{collections::HashSet, fmt};

use super::{backup::SimpleBackup, create::is_awaited};
use crate::{
    Error, ErrorCode, Secret,
    model::{
        NetworkType, StorageAction, StorageDeviceType,
        types::{CreateInterface, CreateServer, CreateStorageDevice, LabelInput, LoginUser, ModifyServer},
    },
    shown::Quoted,
};

type Checked = Result<(), Error>;

/// One limit: the attribute it is about, what it allows, and what the API answers where that is documented.
struct Limit(&'static str, &'static str, Option<ErrorCode>);

const HOSTNAME: Limit = Limit(
    "hostname",
    "a domain name of at most 128 characters: lower case letters, digits, `-` and `.`",
    Some(ErrorCode::HostnameInvalid),
);
const SERVER_TITLE: Limit = Limit("title", "at most 255 characters", Some(ErrorCode::ServerTitleInvalid));
const NEW_TITLE: Limit = Limit("title", "at most 255 characters", Some(ErrorCode::TitleInvalid));
const GROUP_TITLE: Limit = Limit("title", "at most 255 characters", None);
const SAME_KEY: Limit = Limit("labels.key", "another for each label", Some(ErrorCode::DuplicateLabelKeys));
const STORAGE_TITLE: Limit = Limit("title", "at most 255 characters", Some(ErrorCode::StorageTitleInvalid));
const LABELS: Limit = Limit("labels", "at most 255", Some(ErrorCode::LabelLimitReached));
// The documentation knows letters, digits, `-` and `_`; the vendor's own tools take any printable character.
const LABEL_KEY: Limit = Limit("labels.key", "at least one character", Some(ErrorCode::InvalidLabelKey));
const LABEL_VALUE: Limit = Limit("labels.value", "at most 255 characters", Some(ErrorCode::InvalidLabelValue));
const NO_DEVICE: Limit = Limit("storage_device", "1 to 16", Some(ErrorCode::StorageDeviceMissing));
const DEVICES: Limit = Limit("storage_devices", "1 to 16", Some(ErrorCode::StorageDeviceLimitReached));
const NO_SIZE: Limit = Limit("size", "10 to 1024 (gigabytes)", Some(ErrorCode::SizeMissing));
// The ends of the documented range are left to the API: its own plans include storages of 2048 gigabytes, and other tools
// make some of one.
const SIZE: Limit =
    Limit("size", "1 or more (gigabytes; 10 to 1024 by the documentation)", Some(ErrorCode::SizeInvalid));
const DISK_SIZE: Limit = Limit("size", "with a disk that is created or cloned", None);
const DISK_TIER: Limit = Limit("tier", "with a disk that is created or cloned", None);
const NO_STORAGE: Limit = Limit("storage", "the UUID of what to clone or attach", Some(ErrorCode::StorageMissing));
const CDROM: Limit = Limit("type", "one cdrom at most", Some(ErrorCode::CdromDeviceInUse));
const BOOT_DISK: Limit = Limit("boot_disk", "1 on one device at most", Some(ErrorCode::TooManyBootDisks));
// How many there are of each bus is left to the API.
const ADDRESS: Limit = Limit("address", "a bus with or without numbers: virtio:0, ide:0:0, scsi:0:0, or virtio", None);
const SAME_STORAGE: Limit = Limit("storage", "each attached once", Some(ErrorCode::StorageInUse));
const SAME_ADDRESS: Limit = Limit("address", "another for each device", Some(ErrorCode::DeviceAddressInUse));
const INTERFACES: Limit = Limit("interfaces", "1 to 10", None);
const NETWORK: Limit = Limit("network", "the UUID of the private network to join", None);
const INDEX: Limit = Limit("index", "1 or more", None);
const FILTERING: Limit = Limit("source_ip_filtering", "yes, or no on a private interface", None);
const SSH_KEYS: Limit = Limit("ssh_keys", "at most 32", None);
const PASSWORD: Limit =
    Limit("create_password", "no, or no ssh_keys beside it", Some(ErrorCode::CreatePasswordInvalid));
const CONSOLE: Limit = Limit(
    "remote_access_password",
    "eight letters (a to z, either case) or digits",
    Some(ErrorCode::VncPasswordInvalid),
);
const USER_DATA: Limit = Limit("user_data", "the text itself, which `Exposed` writes into JSON", None);
const BOOT_ORDER: Limit =
    Limit("boot_order", "disk, cdrom and network, one or several with commas", Some(ErrorCode::BootOrderInvalid));

impl Limit {
    fn holds(self, good: bool, place: impl fmt::Display, given: impl fmt::Display) -> Checked {
        let Self(attribute, allowed, code) = self;
        if good { Ok(()) } else { Err(Error::check(attribute, place, given, allowed, code)) }
    }
}

pub(super) fn create(server: &CreateServer) -> Checked {
    hostname(&server.hostname)?;
    text(SERVER_TITLE, "", &server.title)?;
    labels("", server.labels.as_deref())?;
    storage_devices(&server.storage_devices)?;
    interfaces(&server.networking.interfaces)?;
    server.login_user.as_ref().map_or(Ok(()), login_user)?;
    let redacted = server.user_data.as_ref().is_some_and(Secret::is_redacted);
    USER_DATA.holds(!redacted, "", "[redacted]")?;
    common(server.remote_access_password.as_ref(), server.boot_order.as_deref(), server.simple_backup.as_deref())
}

pub(super) fn modify(changes: &ModifyServer) -> Checked {
    changes.hostname.as_deref().map_or(Ok(()), hostname)?;
    changes.title.as_deref().map_or(Ok(()), |title| text(NEW_TITLE, "", title))?;
    labels("", changes.labels.as_deref())?;
    common(changes.remote_access_password.as_ref(), changes.boot_order.as_deref(), changes.simple_backup.as_deref())
}

/// What creating and modifying a server group have in common.
pub(crate) fn group(title: Option<&str>, group_labels: Option<&[LabelInput]>) -> Checked {
    title.map_or(Ok(()), |title| text(GROUP_TITLE, "", title))?;
    labels("", group_labels)?;
    let mut keys = HashSet::new();
    for LabelInput { key, .. } in group_labels.unwrap_or_default() {
        SAME_KEY.holds(keys.insert(key), "", format_args!("{} once more", Quoted(key)))?;
    }
    Ok(())
}

fn common(console: Option<&Secret>, boot_order: Option<&str>, simple_backup: Option<&str>) -> Checked {
    if let Some(password) = console.map(Secret::expose) {
        let good = password.len() == 8 && password.bytes().all(|byte| byte.is_ascii_alphanumeric());
        CONSOLE.holds(good, "", "[redacted]")?;
    }
    if let Some(order) = boot_order {
        let devices: Vec<&str> = order.split(',').collect();
        let good = devices.len() <= 3 && devices.iter().all(|device| matches!(*device, "disk" | "cdrom" | "network"));
        BOOT_ORDER.holds(good, "", Quoted(order))?;
    }
    simple_backup.map_or(Ok(()), |rule| rule.parse::<SimpleBackup>().map(drop))
}

fn hostname(name: &str) -> Checked {
    let part = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    let parts = name.strip_suffix('.').unwrap_or(name);
    HOSTNAME.holds(name.len() <= 128 && parts.split('.').all(part), "", Quoted(name))
}

fn text(limit: Limit, place: impl fmt::Display, text: &str) -> Checked {
    limit.holds(text.chars().count() <= 255, place, Quoted(text))
}

fn labels(place: impl fmt::Display, labels: Option<&[LabelInput]>) -> Checked {
    let labels = labels.unwrap_or_default();
    LABELS.holds(labels.len() <= 255, &place, labels.len())?;
    labels.iter().try_for_each(|LabelInput { key, value, .. }| label(&place, key, value))
}

/// One label that is new.
pub(crate) fn label(place: impl fmt::Display, key: &str, value: &str) -> Checked {
    LABEL_KEY.holds(!key.is_empty(), &place, Quoted(key))?;
    text(LABEL_VALUE, &place, value)
}

fn storage_devices(devices: &[CreateStorageDevice]) -> Checked {
    if let Some(CreateStorageDevice { size, tier, .. }) = devices.iter().find(|device| is_awaited(device)) {
        let given = |what: &dyn fmt::Display| format!("{what} for a disk that is not there");
        size.map_or(Ok(()), |size| DISK_SIZE.holds(false, "", given(&size)))?;
        tier.as_ref().map_or(Ok(()), |tier| DISK_TIER.holds(false, "", given(tier)))?;
    }
    NO_DEVICE.holds(!devices.is_empty(), "", "missing")?;
    DEVICES.holds(devices.len() <= 16, "", devices.len())?;
    let (mut addresses, mut attached, mut cdroms, mut boot_disks) = (HashSet::new(), HashSet::new(), 0, 0);
    for (at, device) in devices.iter().enumerate() {
        let place = format!(" of storage device {}", at + 1);
        storage_device(&place, device)?;
        cdroms += usize::from(device.type_ == Some(StorageDeviceType::Cdrom));
        CDROM.holds(cdroms < 2, &place, "a second cdrom")?;
        boot_disks += usize::from(device.boot_disk == Some(true));
        BOOT_DISK.holds(boot_disks < 2, &place, "1 as on a device before")?;
        if let Some(storage) = device.storage.filter(|_| device.action == StorageAction::Attach) {
            SAME_STORAGE.holds(attached.insert(storage), &place, format_args!("{storage} once more"))?;
        }
        // A bus alone stands for its next free address, so several devices can name it.
        if let Some(address) = device.address.as_deref().filter(|address| address.contains(':')) {
            SAME_ADDRESS.holds(addresses.insert(address), &place, format_args!("{} once more", Quoted(address)))?;
        }
    }
    Ok(())
}

fn storage_device(place: &str, device: &CreateStorageDevice) -> Checked {
    let (creates, clones) = (device.action == StorageAction::Create, device.action == StorageAction::Clone);
    let attaches = device.action == StorageAction::Attach;
    NO_SIZE.holds(!creates || device.size.is_some(), place, "missing")?;
    if let Some(size) = device.size.filter(|_| creates || clones) {
        SIZE.holds(size >= 1, place, size)?;
    }
    NO_STORAGE.holds(!(clones || attaches) || device.storage.is_some(), place, "missing")?;
    if let Some(address) = device.address.as_deref() {
        ADDRESS.holds(is_device_address(address), place, Quoted(address))?;
    }
    if let Some(title) = device.title.as_deref() {
        text(STORAGE_TITLE, place, title)?;
    }
    labels(place, device.labels.as_deref())
}

fn is_device_address(address: &str) -> bool {
    let mut parts = address.split(':');
    let is_bus =
        |bus: &str| !bus.is_empty() && bus.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.next().is_some_and(is_bus) && parts.clone().count() <= 2 && parts.all(is_number)
}

fn interfaces(interfaces: &[CreateInterface]) -> Checked {
    INTERFACES.holds(interfaces.len() <= 10, "", interfaces.len())?;
    for (at, interface) in interfaces.iter().enumerate() {
        let place = format_args!(" of interface {}", at + 1);
        NETWORK.holds(interface.type_ != NetworkType::Private || interface.network.is_some(), place, "missing")?;
        let joins_shared = matches!(interface.type_, NetworkType::Public | NetworkType::Utility);
        let open = joins_shared && interface.source_ip_filtering == Some(false);
        FILTERING.holds(!open, place, format_args!("no on a {} interface", interface.type_))?;
        INDEX.holds(interface.index != Some(0), place, 0)?;
    }
    Ok(())
}

fn login_user(user: &LoginUser) -> Checked {
    let keys = user.ssh_keys.as_deref().unwrap_or_default().len();
    SSH_KEYS.holds(keys <= 32, "", keys)?;
    PASSWORD.holds(user.create_password != Some(true) || keys == 0, "", format_args!("yes with {keys} ssh_keys"))
}
