//! Listing servers, and what makes them run, stop and go.

use std::time::Duration;

use http::StatusCode;
use serde_json::Value;
use uuid::Uuid;

use super::{
    answer::{Fault, Grouped, Outcome, Reply},
    catalog,
    input::{self, Block},
    machine::ServerGoal,
    placement::Wish,
    state::{State, whole},
};
use crate::{
    ErrorCode,
    model::{
        ServerState,
        types::{Server, ServerSummary},
    },
};

type Query = [(String, String)];

fn last<'a>(query: &'a Query, name: &str) -> Option<&'a str> {
    query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// A number of the query that says which part of a list is wanted.
fn paging(query: &Query, name: &str, least: usize) -> Result<Option<usize>, Fault> {
    let wrong = || {
        let text = format!("The query parameter {name} is no number from {least} upwards.");
        Fault::because(ErrorCode::InvalidRequest, text)
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // Beyond what a number can hold lies what no list is long enough for.
    let number = |text: &str| is_number(text).then(|| text.parse().unwrap_or(usize::MAX));
    let read = |text: &str| number(text).filter(|number| *number >= least).ok_or_else(wrong);
    last(query, name).map(read).transpose()
}

/// The filters that are not in the documentation. What they mean is inferred from their names.
struct Wanted<'a> {
    state: Option<&'a str>,
    tag: Option<&'a str>,
    host: Option<i64>,
    search: Option<String>,
}

impl<'a> Wanted<'a> {
    fn of(query: &'a Query) -> Result<Self, Fault> {
        let host = last(query, "host").map(|text| {
            text.parse()
                .map_err(|_| Fault::because(ErrorCode::InvalidRequest, format!("The host {text} is no number.")))
        });
        for name in ["state", "tag", "search"] {
            if last(query, name) == Some("") {
                return Err(Fault::because(ErrorCode::InvalidRequest, format!("The query parameter {name} is empty.")));
            }
        }
        let state = last(query, "state");
        if let Some(unknown) = state.filter(|state| !ServerState::from(*state).is_known()) {
            let text = format!("The query parameter state was {unknown:?}, which is no state of a server.");
            return Err(Fault::because(ErrorCode::InvalidRequest, text));
        }
        let (tag, search) = (last(query, "tag"), last(query, "search").map(str::to_lowercase));
        Ok(Self { state, tag, host: host.transpose()?, search })
    }

    fn fits(&self, view: &Server, host: Option<i64>) -> bool {
        let has = |text: &str| self.search.as_deref().is_none_or(|search| text.to_lowercase().contains(search));
        self.state.is_none_or(|state| view.state.as_str() == state)
            && self.tag.is_none_or(|tag| view.tags.iter().any(|own| own.eq_ignore_ascii_case(tag)))
            && self.host.is_none_or(|wanted| host == Some(wanted))
            && (has(&view.hostname) || has(&view.title))
    }
}

impl State {
    pub(super) fn list(&mut self, query: &Query) -> Outcome {
        let filters = input::label_filters(query)?;
        let limit = paging(query, "limit", 1)?.unwrap_or(usize::MAX);
        let offset = paging(query, "offset", 0)?.unwrap_or(0);
        let wanted = Wanted::of(query)?;
        let has_labels = |view: &Server| filters.iter().all(|filter| input::matches(&view.labels, filter));
        let shown: Vec<ServerSummary> = self
            .machines()
            .filter(|machine| has_labels(&machine.view) && wanted.fits(&machine.view, machine.host))
            .skip(offset)
            .take(limit)
            .map(super::machine::Machine::summary)
            .collect();
        if self.is_busy() {
            let seen: std::collections::HashSet<Uuid> = shown.iter().map(|summary| summary.uuid).collect();
            self.looked_at(|view| seen.contains(&view.uuid));
        }
        let shown: Vec<_> = shown.iter().map(|summary| Grouped::new(summary, summary.server_group)).collect();
        Ok(Reply::list("servers", "server", shown))
    }

    pub(super) fn get(&mut self, uuid: Uuid) -> Outcome {
        let machine = self.machine_mut(uuid)?;
        let reply = whole(StatusCode::OK, &machine.show());
        machine.looked_at();
        Ok(reply)
    }

    pub(super) fn start(&mut self, uuid: Uuid, body: &Value) -> Outcome {
        // An empty object starts a server as well as no body at all does, although the documented key is not in it.
        let empty = body.as_object().is_some_and(serde_json::Map::is_empty);
        let block = if empty { None } else { optional(body, "server")? };
        let wish = match block {
            Some(block) => Wish { host: block.host("host")?, avoid: block.host("avoid_host")? },
            None => Wish::default(),
        };
        let start_type = match block {
            Some(block) => block.one_of("start_type", &["async", "sync"], ErrorCode::AsyncInvalid)?,
            None => None,
        };
        let machine = self.machine_in(uuid, &[ServerState::Stopped])?;
        if machine.view.storage_devices.is_empty() {
            return Err(ErrorCode::NoStoragesAttached.into());
        }
        let group = machine.view.server_group;
        let host = self.place(uuid, group, wish, ErrorCode::ServerResourcesUnavailable)?;
        let machine = self.machine_mut(uuid)?;
        machine.host = Some(host);
        if start_type == Some("async") {
            machine.view.state = ServerState::Maintenance;
            let reply = whole(StatusCode::OK, &machine.show());
            self.begin(uuid, ServerGoal::Started, None);
            return Ok(reply);
        }
        machine.view.state = ServerState::Started;
        Ok(whole(StatusCode::OK, &machine.show()))
    }

    pub(super) fn stop(&mut self, uuid: Uuid, body: &Value) -> Outcome {
        let block = optional(body, "stop_server")?;
        let (hard, timeout) = stop_settings(block)?;
        let machine = self.machine_in(uuid, &[ServerState::Started])?;
        let reply = whole(StatusCode::OK, &machine.show());
        let ignored = !hard && machine.ignores_acpi;
        match timeout {
            _ if !ignored => self.begin(uuid, ServerGoal::Stopped, None),
            Some(seconds) => self.begin(uuid, ServerGoal::Stopped, Some(Duration::from_secs(seconds))),
            // The signal was sent, and nobody listens.
            None => {}
        }
        Ok(reply)
    }

    pub(super) fn restart(&mut self, uuid: Uuid, body: &Value) -> Outcome {
        let block = optional(body, "restart_server")?;
        let (hard, timeout) = stop_settings(block)?;
        if !hard && timeout.is_none() {
            return Err(ErrorCode::TimeoutMissing.into());
        }
        let action = block
            .map(|block| block.one_of("timeout_action", &["destroy", "ignore"], ErrorCode::TimeoutActionInvalid))
            .transpose()?
            .flatten();
        let host = block.map(|block| block.host("host")).transpose()?.flatten();
        if host.is_some_and(|host| !self.hosts.contains(&host)) {
            return Err(ErrorCode::HostNotFound.into());
        }
        let machine = self.machine_in(uuid, &[ServerState::Started])?;
        let reply = whole(StatusCode::OK, &machine.show());
        let ignored = !hard && machine.ignores_acpi;
        if ignored && action != Some("destroy") {
            return Ok(reply);
        }
        let host = self.replace(uuid, host)?;
        let machine = self.machine_mut(uuid)?;
        machine.host = host;
        machine.view.state = ServerState::Maintenance;
        self.begin(uuid, ServerGoal::Started, timeout.filter(|_| ignored).map(Duration::from_secs));
        Ok(reply)
    }

    pub(super) fn cancel(&mut self, uuid: Uuid) -> Outcome {
        self.machine_in(uuid, &[ServerState::Maintenance])?;
        self.begin(uuid, ServerGoal::Stopped, None);
        self.finish_where(|machine| machine.view.uuid == uuid);
        Ok(Reply::empty())
    }

    pub(super) fn delete(&mut self, uuid: Uuid, query: &Query) -> Outcome {
        let storages = match last(query, "storages") {
            None | Some("0" | "false") => false,
            Some("1" | "true") => true,
            Some(_) => return Err(ErrorCode::StorageDeletionPolicyInvalid.into()),
        };
        match last(query, "backups") {
            None | Some("keep") => {}
            Some("keep_latest" | "delete") if storages => {}
            Some("keep_latest" | "delete") => return Err(ErrorCode::RequestInvalid.into()),
            Some(_) => return Err(ErrorCode::BackupDeletionPolicyInvalid.into()),
        }
        self.machine_in(uuid, &[ServerState::Stopped])?;
        self.forget_member(uuid);
        if let Some(machine) = self.remove(uuid).filter(|_| !storages) {
            let zone = machine.view.zone;
            for device in machine.view.storage_devices {
                let Some(disk) = device.storage.filter(|_| device.storage_tier.is_some()) else { continue };
                let tier = device.storage_tier.unwrap_or(crate::model::StorageTier::Hdd);
                let (title, size) = (device.storage_title.unwrap_or_default(), device.storage_size.unwrap_or_default());
                let kept = catalog::detached(disk, title, size, tier, zone.clone());
                self.storages.push(kept);
            }
        }
        Ok(Reply::empty())
    }
}

/// The block of a body that may be empty altogether.
fn optional<'a>(body: &'a Value, key: &str) -> Result<Option<Block<'a>>, Fault> {
    if body.is_null() { Ok(None) } else { Block::of_body(body, key).map(Some) }
}

/// Whether to cut the power, and the timeout in seconds.
fn stop_settings(block: Option<Block<'_>>) -> Result<(bool, Option<u64>), Fault> {
    let Some(block) = block else { return Ok((false, None)) };
    let hard = block.one_of("stop_type", &["soft", "hard"], ErrorCode::StopTypeInvalid)? == Some("hard");
    let timeout = block.number("timeout", ErrorCode::TimeoutInvalid)?;
    // A hard stop does not wait, and was recorded with more than the documented limit.
    let most = if hard { u64::MAX } else { 600 };
    match timeout {
        Some(seconds) if seconds == 0 || seconds > most => Err(ErrorCode::TimeoutInvalid.into()),
        timeout => Ok((hard, timeout)),
    }
}
