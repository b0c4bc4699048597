//! On which host a server runs, and what anti-affinity says about it.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::{answer::Fault, state::State};
use crate::{ErrorCode, model::AntiAffinity};

/// Where a server shall run.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wish {
    pub(super) host: Option<i64>,
    pub(super) avoid: Option<i64>,
}

impl State {
    /// A host for a server of this group; `refusal` is what an operation says if a strict group leaves none.
    pub(super) fn place(
        &mut self,
        server: Uuid,
        group: Option<Uuid>,
        wish: Wish,
        refusal: ErrorCode,
    ) -> Result<i64, Fault> {
        if [wish.host, wish.avoid].into_iter().flatten().any(|host| !self.hosts.contains(&host)) {
            return Err(ErrorCode::HostNotFound.into());
        }
        let allowed = |host: &i64| wish.host.is_none_or(|only| only == *host) && wish.avoid != Some(*host);
        let mut hosts: Vec<i64> = self.hosts.iter().copied().filter(allowed).collect();
        if hosts.is_empty() {
            return Err(ErrorCode::ServerResourcesUnavailable.into());
        }
        if let Some(group) = group.and_then(|uuid| self.groups.iter().find(|group| group.uuid == uuid)) {
            let others = self.loads_of(group.servers.iter().filter(|member| **member != server));
            let load = |host: &i64| others.get(host).copied().unwrap_or_default();
            match group.anti_affinity {
                AntiAffinity::Strict => hosts.retain(|host| load(host) == 0),
                AntiAffinity::BestEffort => {
                    let least = hosts.iter().map(load).min();
                    hosts.retain(|host| Some(load(host)) == least);
                }
                _ => {}
            }
            if hosts.is_empty() {
                return Err(refusal.into());
            }
        }
        self.next_host = self.next_host.wrapping_add(1);
        Ok(hosts[self.next_host % hosts.len()])
    }

    /// The hosts of those that have one.
    pub(super) fn hosts_of<'a>(&self, servers: impl Iterator<Item = &'a Uuid>) -> Vec<i64> {
        servers.filter_map(|uuid| self.machine(*uuid).ok()?.host).collect()
    }

    /// How many of them each host has. Counted once, because a group may have all servers.
    pub(super) fn loads_of<'a>(&self, servers: impl Iterator<Item = &'a Uuid>) -> HashMap<i64, usize> {
        let mut loads = HashMap::new();
        for host in self.hosts_of(servers) {
            *loads.entry(host).or_default() += 1;
        }
        loads
    }

    /// Whether a server is the only one of its group on its host; `loads` are those of the whole group.
    pub(super) fn is_alone(&self, server: Uuid, loads: &HashMap<i64, usize>) -> bool {
        let host = self.machine(server).ok().and_then(|machine| machine.host);
        host.is_none_or(|host| loads.get(&host).is_none_or(|servers| *servers < 2))
    }

    /// Where a restart brings a running server: to the host that it asks for, else away from others of its group if
    /// there is a policy and room, else nowhere.
    pub(super) fn replace(&mut self, server: Uuid, host: Option<i64>) -> Result<Option<i64>, Fault> {
        let machine = self.machine(server)?;
        let (here, group) = (machine.host, machine.view.server_group);
        let wish = Wish { host, avoid: None };
        if host.is_some() {
            // The only refusal that is documented for a restart on a host that exists.
            return self.place(server, group, wish, ErrorCode::HostForbidden).map(Some);
        }
        let Some(group) = group.and_then(|uuid| self.group(uuid).ok()) else { return Ok(here) };
        let crowded = !self.is_alone(server, &self.loads_of(group.servers.iter()));
        if group.anti_affinity == AntiAffinity::None || !crowded {
            return Ok(here);
        }
        let uuid = group.uuid;
        Ok(self.place(server, Some(uuid), wish, ErrorCode::HostForbidden).ok().or(here))
    }

    /// Refuses if a strict policy would put two of these servers on one host.
    pub(super) fn check_policy(&self, policy: &AntiAffinity, servers: &[Uuid]) -> Result<(), Fault> {
        let mut seen = HashSet::new();
        if *policy == AntiAffinity::Strict && !self.hosts_of(servers.iter()).into_iter().all(|host| seen.insert(host)) {
            return Err(ErrorCode::StrictAntiAffinityNotMet.into());
        }
        Ok(())
    }
}
