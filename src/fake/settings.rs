//! The attributes that a create and a modify have in common.

use super::{answer::Fault, catalog, input::Block};
use crate::{ErrorCode, Secret, checks::limits, model::types::Server};

/// Sets on the server what the request says.
pub(super) fn apply(block: Block<'_>, server: &mut Server, title: ErrorCode) -> Result<(), Fault> {
    if let Some(order) = block.text("boot_order", ErrorCode::BootOrderInvalid)? {
        if !order.split(',').all(|device| ["disk", "cdrom", "network"].contains(&device.trim())) {
            return Err(ErrorCode::BootOrderInvalid.into());
        }
        server.boot_order = Some(order.to_owned());
    }
    if let Some(on) = block.switch("firewall", ErrorCode::FirewallInvalid)? {
        server.firewall = Some(on);
    }
    if let Some(name) = block.text("hostname", ErrorCode::HostnameInvalid)? {
        if !is_hostname(name) {
            return Err(ErrorCode::HostnameInvalid.into());
        }
        name.clone_into(&mut server.hostname);
    }
    if let Some(labels) = block.labels()? {
        server.labels = labels;
    }
    if let Some(on) = block.switch("metadata", ErrorCode::InvalidRequest)? {
        server.metadata = Some(on);
    }
    if let Some(model) = block.one_of("nic_model", &["e1000", "virtio", "rtl8139"], ErrorCode::NicModelInvalid)? {
        server.nic_model = Some(model.into());
    }
    if let Some(rule) = block.text("simple_backup", ErrorCode::SimpleBackupInvalid)? {
        if !is_backup_rule(rule) {
            return Err(ErrorCode::SimpleBackupInvalid.into());
        }
        server.simple_backup = Some(rule.to_owned());
    }
    if let Some(name) = block.text("timezone", ErrorCode::TimezoneInvalid)? {
        if !catalog::is_timezone(name) {
            return Err(ErrorCode::TimezoneInvalid.into());
        }
        server.timezone = Some(name.to_owned());
    }
    if let Some(text) = block.short("title", limits::TITLE_MAX_LENGTH, title)? {
        text.clone_into(&mut server.title);
    }
    if let Some(model) = block.one_of("video_model", &["vga", "cirrus"], ErrorCode::VideoModelInvalid)? {
        server.video_model = Some(model.into());
    }
    apply_remote_access(block, server)?;
    apply_size(block, server)
}

fn apply_remote_access(block: Block<'_>, server: &mut Server) -> Result<(), Fault> {
    if let Some(kind) = block.one_of("remote_access_type", &["vnc"], ErrorCode::VncInvalid)? {
        server.remote_access_type = Some(kind.into());
    }
    if let Some(password) = block.text("remote_access_password", ErrorCode::VncPasswordInvalid)? {
        if password.len() != 8 || !password.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(ErrorCode::VncPasswordInvalid.into());
        }
        server.remote_access_password = Some(Secret::new(password));
    }
    if let Some(on) = block.switch("remote_access_enabled", ErrorCode::VncInvalid)? {
        server.remote_access_enabled = Some(on);
        server.remote_access_host = on.then(|| format!("{}.vnc.upcloud.com", server.zone));
        server.remote_access_port = on.then_some(3000);
    }
    Ok(())
}

/// Plan, cores and memory: a plan decides both, and without one they must fit together.
fn apply_size(block: Block<'_>, server: &mut Server) -> Result<(), Fault> {
    let cores = block.number("core_number", ErrorCode::CoreNumberInvalid)?;
    let memory = block.number("memory_amount", ErrorCode::MemoryAmountInvalid)?;
    if cores.is_some_and(|cores| cores == 0 || cores > catalog::MAX_CORES) {
        return Err(ErrorCode::CoreNumberInvalid.into());
    }
    if memory.is_some_and(|memory| memory == 0 || memory > catalog::MAX_MEMORY) {
        return Err(ErrorCode::MemoryAmountInvalid.into());
    }
    let named = block.text("plan", ErrorCode::InvalidRequest)?;
    if let Some(name) = named.filter(|name| *name != "custom") {
        let unknown = || Fault::because(ErrorCode::InvalidRequest, format!("There is no plan {name}."));
        let (plan_cores, plan_memory, _) = catalog::plan(name).ok_or_else(unknown)?;
        if cores.is_some_and(|cores| cores != plan_cores) {
            return Err(ErrorCode::PlanCoreNumberIllegal.into());
        }
        if memory.is_some_and(|memory| memory != plan_memory) {
            return Err(ErrorCode::PlanMemoryAmountIllegal.into());
        }
        (server.core_number, server.memory_amount) = (Some(plan_cores), Some(plan_memory));
        server.plan = Some(name.to_owned());
    } else if named.is_some() || cores.is_some() || memory.is_some() {
        let (cores, memory) = (cores.or(server.core_number), memory.or(server.memory_amount));
        if !cores.zip(memory).is_some_and(|(cores, memory)| catalog::is_size(cores, memory)) {
            return Err(ErrorCode::CoreMemoryUnsupported.into());
        }
        (server.core_number, server.memory_amount) = (cores, memory);
        server.plan = Some("custom".to_owned());
    }
    Ok(())
}

fn is_hostname(name: &str) -> bool {
    let part = |part: &str| {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (1..=63).contains(&part.len()) && part.chars().all(allowed) && !part.starts_with('-') && !part.ends_with('-')
    };
    name.len() <= limits::HOSTNAME_MAX_LENGTH && name.split('.').all(part)
}

/// `no`, or a time of day and how often.
fn is_backup_rule(rule: &str) -> bool {
    let time = |text: &str| {
        let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        digits && text[..2] < *"24" && text[2..] < *"60"
    };
    let plan = |text: &str| ["daily", "dailies", "weeklies", "monthlies"].contains(&text);
    rule == "no" || rule.split_once(',').is_some_and(|(at, how)| time(at) && plan(how))
}
