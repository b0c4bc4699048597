//! The forms of texts that the description gives as patterns: a function for each, named after the schema. How long a text
//! may be is checked beside it.

use crate::SimpleBackup;

pub(super) fn is_hostname(name: &str) -> bool {
    let part = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    name.strip_suffix('.').unwrap_or(name).split('.').all(part)
}

pub(super) fn is_boot_order(order: &str) -> bool {
    let mut devices = order.split(',');
    devices.clone().count() <= 3 && devices.all(|device| matches!(device, "disk" | "cdrom" | "network"))
}

pub(super) fn is_simple_backup_rule(rule: &str) -> bool {
    rule.parse::<SimpleBackup>().is_ok()
}

pub(super) fn is_remote_access_password(password: &str) -> bool {
    password.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Laxer than the pattern: which buses there are and how many places each has is left to the API.
pub(super) fn is_storage_device_address(address: &str) -> bool {
    let mut parts = address.split(':');
    let is_bus =
        |bus: &str| !bus.is_empty() && bus.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.next().is_some_and(is_bus) && parts.clone().count() <= 2 && parts.all(is_number)
}
