//! The state of a fake as a value that can be kept and loaded again.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::error::Category;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    group::Group,
    ids::Ids,
    machine::{Ends, Machine, ServerGoal, Work},
    state::State,
    tags_and_rules::Beside,
};
use crate::{
    Error, Secret,
    model::types::{Server, Storage},
};

/// The form of what is written; another one is refused.
const VERSION: u32 = 1;

/// All that a [`Fake`](super::Fake) keeps: servers with what they are doing, server groups, storages, hosts, and what the
/// next identifiers are made from. Not in it are settings, credentials, requests and ordered answers.
///
/// As JSON that [`to_json`](Self::to_json) makes it holds the passwords that the fake made up, and user data and passwords as they were sent to it; `Debug`
/// and `Serialize` alone show none of them.
///
/// ```
/// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
/// use upcloud::fake::{Fake, Snapshot};
///
/// let fake = Fake::start().await;
/// fake.fill(3);
/// let text = fake.save().to_json();
///
/// let again = Fake::builder().state(Snapshot::from_json(&text)?).start().await;
/// assert_eq!(again.servers(), fake.servers());
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    version: u32,
    ids: Ids,
    created: u64,
    hosts: Vec<i64>,
    next_host: usize,
    metadata_for: Option<Uuid>,
    server_groups: Vec<Group>,
    storages: Vec<Storage>,
    servers: Vec<SavedServer>,
    #[serde(default)]
    beside: Beside,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedServer {
    server: Server,
    host: Option<i64>,
    running: Option<SavedWork>,
    ignores_acpi: bool,
    ssh_keys: Vec<String>,
    user_data: Secret,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedWork {
    goal: ServerGoal,
    looks: u32,
    ends: SavedEnds,
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SavedEnds {
    AfterLooks(u32),
    InMilliseconds(u64),
    WhenTold,
}

impl Snapshot {
    /// The state as JSON, for a file.
    #[must_use]
    pub fn to_json(&self) -> String {
        super::answer::text(self)
    }

    /// The state from the JSON of [`to_json`](Self::to_json).
    ///
    /// # Errors
    ///
    /// When it is no such JSON, comes from another version of the fake, or contradicts itself: the message says where.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let wrong = |what: String| Error::configuration(format!("the state of the fake {what}"));
        let state: Self = serde_json::from_str(text).map_err(|e| {
            // The words of serde may quote a value, and so a secret.
            let reason = match e.classify() {
                Category::Eof => "ends too early",
                Category::Data => "has something that does not belong there",
                Category::Syntax | Category::Io => "is no JSON",
            };
            wrong(format!("{reason}: cannot be read from line {}, column {}", e.line(), e.column()))
        })?;
        if state.version != VERSION {
            return Err(wrong(format!("has version {}, this crate reads version {VERSION}", state.version)));
        }
        state.check().map_err(wrong)?;
        Ok(state)
    }

    fn check(&self) -> Result<(), String> {
        if self.hosts.is_empty() {
            return Err("has no hosts".to_owned());
        }
        let mut groups = HashMap::new();
        let mut names = HashSet::new();
        for group in &self.server_groups {
            if !names.insert(group.uuid) {
                return Err(format!("has the server group {} twice", group.uuid));
            }
            for server in &group.servers {
                if groups.insert(*server, group.uuid).is_some() {
                    return Err(format!("has the server {server} in two places of server groups"));
                }
            }
        }
        for SavedServer { server, host, .. } in &self.servers {
            if !names.insert(server.uuid) {
                return Err(format!("has the server {} twice", server.uuid));
            }
            if groups.remove(&server.uuid) != server.server_group {
                return Err(format!("contradicts itself on the server group of the server {}", server.uuid));
            }
            if let Some(host) = host.filter(|host| !self.hosts.contains(host)) {
                return Err(format!("has the server {} on the unknown host {host}", server.uuid));
            }
        }
        match groups.into_keys().min() {
            Some(server) => Err(format!("has the unknown server {server} in a server group")),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("servers", &self.servers.len())
            .field("server_groups", &self.server_groups.len())
            .field("hosts", &self.hosts)
            .finish_non_exhaustive()
    }
}

impl State {
    pub(super) fn save(&self) -> Snapshot {
        let now = self.now();
        Snapshot {
            version: VERSION,
            ids: self.ids.clone(),
            created: self.created,
            hosts: self.hosts.clone(),
            next_host: self.next_host,
            metadata_for: self.metadata_for,
            server_groups: self.groups.clone(),
            storages: self.storages.clone(),
            servers: self.machines().map(|machine| saved(machine, now)).collect(),
            beside: self.beside.clone(),
        }
    }

    /// Forgets everything but the timing and the clock.
    pub(super) fn load(&mut self, saved: Snapshot) {
        let now = self.now();
        let mut state = Self::new(0, self.timing, 1);
        state.clock = self.clock.take();
        state.ids = saved.ids;
        state.created = saved.created;
        state.hosts = saved.hosts;
        state.next_host = saved.next_host;
        state.metadata_for = saved.metadata_for;
        state.groups = saved.server_groups;
        state.storages = saved.storages;
        state.beside = saved.beside;
        for server in saved.servers {
            state.insert(machine(server, now));
        }
        *self = state;
    }
}

fn saved(machine: &Machine, now: Instant) -> SavedServer {
    let left = |at: Instant| u64::try_from(at.saturating_duration_since(now).as_millis()).unwrap_or(u64::MAX);
    SavedServer {
        server: machine.view.clone(),
        host: machine.host,
        running: machine.work.map(|work| SavedWork {
            goal: work.goal,
            looks: work.looks,
            ends: match work.ends {
                Ends::AfterLooks(looks) => SavedEnds::AfterLooks(looks),
                Ends::At(at) => SavedEnds::InMilliseconds(left(at)),
                Ends::WhenTold => SavedEnds::WhenTold,
            },
        }),
        ignores_acpi: machine.ignores_acpi,
        ssh_keys: machine.ssh_keys.clone(),
        user_data: machine.user_data.clone(),
    }
}

fn machine(saved: SavedServer, now: Instant) -> Machine {
    let work = saved.running.map(|running| Work {
        goal: running.goal,
        looks: running.looks,
        ends: match running.ends {
            SavedEnds::AfterLooks(looks) => Ends::AfterLooks(looks),
            SavedEnds::InMilliseconds(left) => {
                now.checked_add(Duration::from_millis(left)).map_or(Ends::WhenTold, Ends::At)
            }
            SavedEnds::WhenTold => Ends::WhenTold,
        },
    });
    Machine {
        view: saved.server,
        host: saved.host,
        work,
        ignores_acpi: saved.ignores_acpi,
        ssh_keys: saved.ssh_keys,
        user_data: saved.user_data,
    }
}
