//! Server groups: the eight operations on them.

use std::collections::HashSet;

use http::StatusCode;
use serde_json::Value;
use uuid::Uuid;

use super::{
    answer::{Fault, Outcome, Reply},
    group::Group,
    ids::Kind,
    input::{self, Block},
    state::State,
};
use crate::{
    ErrorCode,
    checks::limits,
    model::{
        AntiAffinity, AntiAffinityState,
        types::{AntiAffinityStatus, Label, ServerGroup},
    },
    wire::Extra,
};

/// What a create and a modify may say.
struct Wanted {
    title: Option<String>,
    anti_affinity: Option<AntiAffinity>,
    labels: Option<Vec<Label>>,
    servers: Option<Vec<Uuid>>,
}

impl State {
    fn position(&self, uuid: Uuid) -> Result<usize, Fault> {
        self.groups.iter().position(|group| group.uuid == uuid).ok_or_else(|| ErrorCode::GroupNotFound.into())
    }

    pub(super) fn group(&self, uuid: Uuid) -> Result<&Group, Fault> {
        Ok(&self.groups[self.position(uuid)?])
    }

    /// The group as the API tells it.
    pub(super) fn show_group(&self, group: &Group) -> ServerGroup {
        let loads = self.loads_of(group.servers.iter());
        let status = |uuid: &Uuid| {
            let status = if self.is_alone(*uuid, &loads) { AntiAffinityState::Met } else { AntiAffinityState::Unmet };
            AntiAffinityStatus { status, uuid: *uuid, extra: Extra::default() }
        };
        let anti_affinity_status = if group.anti_affinity == AntiAffinity::None {
            Vec::new()
        } else {
            group.servers.iter().map(status).collect()
        };
        ServerGroup {
            anti_affinity: Some(group.anti_affinity.clone()),
            anti_affinity_status,
            labels: group.labels.clone(),
            servers: group.servers.clone(),
            title: group.title.clone(),
            uuid: group.uuid,
            ..ServerGroup::new(group.uuid, "")
        }
    }

    fn answer_group(&self, uuid: Uuid) -> Outcome {
        Ok(Reply::json(StatusCode::OK, "server_group", self.show_group(self.group(uuid)?)))
    }

    pub(super) fn list_groups(&self, query: &[(String, String)]) -> Outcome {
        let filters = input::label_filters(query)?;
        let fits = |group: &&Group| filters.iter().all(|filter| input::matches(&group.labels, filter));
        let groups: Vec<_> = self.groups.iter().filter(fits).map(|group| self.show_group(group)).collect();
        Ok(Reply::list("server_groups", "server_group", groups))
    }

    pub(super) fn get_group(&self, uuid: Uuid) -> Outcome {
        self.answer_group(uuid)
    }

    pub(super) fn list_members(&self, uuid: Uuid) -> Outcome {
        Ok(Reply::list("servers", "server", &self.group(uuid)?.servers))
    }

    pub(super) fn create_group(&mut self, body: &Value) -> Outcome {
        let wanted = self.wanted(Block::of_body(body, "server_group")?, None)?;
        let group = Group {
            uuid: self.ids.uuid(Kind::Group),
            title: wanted.title.unwrap_or_default(),
            anti_affinity: wanted.anti_affinity.unwrap_or(AntiAffinity::None),
            labels: wanted.labels.unwrap_or_default(),
            servers: wanted.servers.unwrap_or_default(),
        };
        self.check_policy(&group.anti_affinity, &group.servers)?;
        let uuid = group.uuid;
        self.set_membership(&group.servers, Some(uuid));
        self.groups.push(group);
        self.answer_group(uuid)
    }

    pub(super) fn modify_group(&mut self, uuid: Uuid, body: &Value) -> Outcome {
        let position = self.position(uuid)?;
        let wanted = self.wanted(Block::of_body(body, "server_group")?, Some(uuid))?;
        let old = &self.groups[position];
        let new = Group {
            uuid,
            title: wanted.title.unwrap_or_else(|| old.title.clone()),
            anti_affinity: wanted.anti_affinity.unwrap_or_else(|| old.anti_affinity.clone()),
            labels: wanted.labels.unwrap_or_else(|| old.labels.clone()),
            servers: wanted.servers.unwrap_or_else(|| old.servers.clone()),
        };
        self.check_policy(&new.anti_affinity, &new.servers)?;
        let before = std::mem::take(&mut self.groups[position].servers);
        self.set_membership(&before, None);
        self.set_membership(&new.servers, Some(uuid));
        self.groups[position] = new;
        self.answer_group(uuid)
    }

    pub(super) fn delete_group(&mut self, uuid: Uuid) -> Outcome {
        let group = self.groups.remove(self.position(uuid)?);
        self.set_membership(&group.servers, None);
        Ok(Reply::empty())
    }

    pub(super) fn add_member(&mut self, uuid: Uuid, body: &Value) -> Outcome {
        self.position(uuid)?;
        let block = Block::of_body(body, "server")?;
        let server = block.uuid("uuid", ErrorCode::ServerInvalid)?.ok_or(ErrorCode::ServerInvalid)?;
        self.join(server, uuid)?;
        Ok(Reply::empty())
    }

    pub(super) fn remove_member(&mut self, uuid: Uuid, server: Uuid) -> Outcome {
        let position = self.position(uuid)?;
        let members = &mut self.groups[position].servers;
        let place = members.iter().position(|member| *member == server).ok_or(ErrorCode::ServerNotFound)?;
        members.remove(place);
        self.set_membership(&[server], None);
        Ok(Reply::empty())
    }

    /// Puts a server that is in no group into one.
    pub(super) fn join(&mut self, server: Uuid, uuid: Uuid) -> Result<(), Fault> {
        let position = self.position(uuid)?;
        if let Some(other) = self.machine(server)?.view.server_group {
            return Err(already(server, other));
        }
        let mut members = self.groups[position].servers.clone();
        members.push(server);
        self.check_policy(&self.groups[position].anti_affinity, &members)?;
        self.groups[position].servers = members;
        self.set_membership(&[server], Some(uuid));
        Ok(())
    }

    /// A server that is gone leaves its group.
    pub(super) fn forget_member(&mut self, server: Uuid) {
        for group in &mut self.groups {
            group.servers.retain(|member| *member != server);
        }
    }

    fn set_membership(&mut self, servers: &[Uuid], group: Option<Uuid>) {
        for server in servers {
            if let Ok(machine) = self.machine_mut(*server) {
                machine.view.server_group = group;
            }
        }
    }

    fn wanted(&self, block: Block<'_>, group: Option<Uuid>) -> Result<Wanted, Fault> {
        let invalid = || ErrorCode::InvalidRequest;
        let given = block.list("labels", "label", ErrorCode::InvalidLabelKey)?.map_or(0, <[_]>::len);
        let labels = block.labels()?;
        if labels.as_ref().is_some_and(|labels| labels.len() != given) {
            return Err(ErrorCode::DuplicateLabelKeys.into());
        }
        Ok(Wanted {
            title: block.short("title", limits::TITLE_MAX_LENGTH, invalid())?.map(str::to_owned),
            anti_affinity: block.one_of("anti_affinity", &["strict", "yes", "no"], invalid())?.map(Into::into),
            labels,
            servers: block
                .list("servers", "server", ErrorCode::ServerInvalid)?
                .map(|items| self.members(items, group))
                .transpose()?,
        })
    }

    fn members(&self, items: &[Value], group: Option<Uuid>) -> Result<Vec<Uuid>, Fault> {
        let mut members = Vec::new();
        let mut seen = HashSet::new();
        for item in items {
            let uuid = input::uuid(item.as_str().unwrap_or_default(), ErrorCode::ServerInvalid)?;
            match self.machine(uuid)?.view.server_group {
                Some(other) if Some(other) != group => return Err(already(uuid, other)),
                _ if seen.insert(uuid) => members.push(uuid),
                _ => {}
            }
        }
        Ok(members)
    }
}

fn already(server: Uuid, group: Uuid) -> Fault {
    Fault::because(ErrorCode::AlreadyInServerGroup, format!("The server {server} is in the server group {group}."))
}
