//! The rules about several parts of a request at once, which the description has in prose only. The limits of single values
//! are generated from it, see `checks`. Where the API is known to take more than its page says, where another client of it is
//! known to be allowed more, and where the account decides, nothing is checked: a check that is too strict takes from its
//! caller what the API would give.

use std::{collections::HashSet, fmt};

use super::create::is_awaited;
use crate::{
    Error, ErrorCode, Secret,
    checks::{self, holds},
    model::{
        NetworkType, StorageAction, StorageDeviceType,
        types::{CreateInterface, CreateServer, CreateStorageDevice, LabelInput, LoginUser},
    },
    shown::Quoted,
};

type Checked = Result<(), Error>;

/// A new server: first what would be taken for a limit that is broken, then each value, then what the parts are to each other.
pub(super) fn create(server: &CreateServer) -> Checked {
    first_disk(&server.storage_devices)?;
    checks::create_server(server, "")?;
    storage_devices(&server.storage_devices)?;
    interfaces(&server.networking.interfaces)?;
    server.login_user.as_ref().map_or(Ok(()), login_user)?;
    let redacted = server.user_data.as_ref().is_some_and(Secret::is_redacted);
    holds(!redacted, "user_data", "", "[redacted]", "the text itself, which `Exposed` writes into JSON", None)
}

/// The labels of a server group; that servers need distinct keys too is documented nowhere.
pub(crate) fn distinct_keys(labels: Option<&[LabelInput]>) -> Checked {
    let mut keys = HashSet::new();
    labels.unwrap_or_default().iter().try_for_each(|LabelInput { key, .. }| {
        let given = format_args!("{} once more", Quoted(key));
        holds(keys.insert(key), "labels.key", "", given, "another for each label", Some(ErrorCode::DuplicateLabelKeys))
    })
}

/// What was said of a first disk that never came.
fn first_disk(devices: &[CreateStorageDevice]) -> Checked {
    let Some(CreateStorageDevice { size, tier, .. }) = devices.iter().find(|device| is_awaited(device)) else {
        return Ok(());
    };
    let refused = |attribute, what: &dyn fmt::Display| {
        let given = format_args!("{what} for a disk that is not there");
        holds(false, attribute, "", given, "with a disk that is created or cloned", None)
    };
    size.map_or(Ok(()), |size| refused("size", &size))?;
    tier.as_ref().map_or(Ok(()), |tier| refused("tier", tier))
}

fn storage_devices(devices: &[CreateStorageDevice]) -> Checked {
    let (mut addresses, mut attached, mut cdroms, mut boot_disks) = (HashSet::new(), HashSet::new(), 0, 0);
    for (at, device) in devices.iter().enumerate() {
        let place = &*format!(" of storage device {}", at + 1);
        cdroms += usize::from(device.type_ == Some(StorageDeviceType::Cdrom));
        let code = Some(ErrorCode::CdromDeviceInUse);
        holds(cdroms < 2, "type", place, "a second cdrom", "one cdrom at most", code)?;
        boot_disks += usize::from(device.boot_disk == Some(true));
        let code = Some(ErrorCode::TooManyBootDisks);
        holds(boot_disks < 2, "boot_disk", place, "1 as on a device before", "1 on one device at most", code)?;
        if let Some(storage) = device.storage.filter(|_| device.action == StorageAction::Attach) {
            let given = format_args!("{storage} once more");
            let code = Some(ErrorCode::StorageInUse);
            holds(attached.insert(storage), "storage", place, given, "each attached once", code)?;
        }
        // A bus alone stands for its next free address, so several devices can name it.
        if let Some(address) = device.address.as_deref().filter(|address| address.contains(':')) {
            let given = format_args!("{} once more", Quoted(address));
            let code = Some(ErrorCode::DeviceAddressInUse);
            holds(addresses.insert(address), "address", place, given, "another for each device", code)?;
        }
    }
    Ok(())
}

fn interfaces(interfaces: &[CreateInterface]) -> Checked {
    for (at, CreateInterface { type_, source_ip_filtering, .. }) in interfaces.iter().enumerate() {
        let joins_shared = matches!(type_, NetworkType::Public | NetworkType::Utility);
        let good = !joins_shared || *source_ip_filtering != Some(false);
        let (place, given) = (&*format!(" of interface {}", at + 1), format_args!("no on a {type_} interface"));
        holds(good, "source_ip_filtering", place, given, "yes, or no on a private interface", None)?;
    }
    Ok(())
}

fn login_user(user: &LoginUser) -> Checked {
    let keys = user.ssh_keys.as_deref().unwrap_or_default().len();
    let good = user.create_password != Some(true) || keys == 0;
    let given = format_args!("yes with {keys} ssh_keys");
    let code = Some(ErrorCode::CreatePasswordInvalid);
    holds(good, "create_password", "", given, "no, or no ssh_keys beside it", code)
}
