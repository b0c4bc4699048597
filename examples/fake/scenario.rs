//! A beginning, and trouble to come, in a file that a team can check in: servers, groups, and what goes wrong when.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc, time::Duration};

use serde::Deserialize;
use upcloud::{
    ServerState,
    fake::{Fake, ServerSeed},
    types::{AntiAffinity, Uuid},
};

use crate::{
    control::{self, AnswerNext, FailNext},
    options::{TimingText, time},
};

/// How a scenario looks, for `--help`.
pub(crate) const EXAMPLE: &str = "\
  timing: 20s                       # as --timing
  servers:
    - hostname: web-1.example.net   # zone, plan, title, state, labels, metadata: true are optional
      labels: {env: prod}
    - {hostname: web-2.example.net, state: stopped}
  groups:
    - {title: web, anti_affinity: strict, members: [web-1.example.net, web-2.example.net]}
  faults:                           # as /_fake/fail_next and /_fake/answer_next; `at` is the time since the start
    - {at: 0s, operation: createServer, error_code: SERVER_CREATING_LIMIT_REACHED, times: 3}
    - {at: 30s, operation: listServers, status: 503}
    - {at: 1m, server: web-1.example.net, state: error}";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    pub(crate) seed: Option<u64>,
    pub(crate) hosts: Option<u8>,
    timing: Option<String>,
    #[serde(default)]
    servers: Vec<NewServer>,
    #[serde(default)]
    groups: Vec<NewGroup>,
    #[serde(default)]
    faults: Vec<Fault>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewServer {
    hostname: String,
    title: Option<String>,
    zone: Option<String>,
    plan: Option<String>,
    state: Option<String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    metadata: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewGroup {
    title: String,
    anti_affinity: String,
    #[serde(default)]
    members: Vec<String>,
}

/// Trouble: what it is depends on what is said.
#[derive(Debug, Deserialize)]
struct Fault {
    #[serde(default)]
    at: Option<String>,
    #[serde(flatten)]
    what: serde_json::Map<String, serde_json::Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewState {
    server: String,
    state: String,
}

/// What happens at a time.
enum Event {
    Fail(FailNext),
    Answer(AnswerNext),
    State(Uuid, ServerState),
}

/// Trouble that is still to come, the next first.
pub(crate) struct Plan(Vec<(Duration, Event)>);

impl Scenario {
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|e| format!("{} cannot be read: {e}", path.display()))?;
        yaml_serde::from_str(&text).map_err(|e| format!("{}: {e}; --help shows how a scenario looks", path.display()))
    }

    pub(crate) fn timing(&self) -> Result<Option<TimingText>, String> {
        self.timing.as_deref().map(str::parse).transpose().map_err(|e| format!("timing: {e}"))
    }

    /// Puts servers and groups into the fake. Everything in the scenario is looked at before the fake is used, so a mistake
    /// in the trouble to come is told now.
    pub(crate) fn begin(self, fake: &Fake) -> Result<Plan, String> {
        let mut servers = BTreeMap::new();
        for (at, server) in self.servers.into_iter().enumerate() {
            let place = format!("servers[{at}]");
            if server.hostname.is_empty() {
                return Err(format!("{place}.hostname is empty"));
            }
            let hostname = server.hostname.clone();
            let seed = server.seed().map_err(|e| format!("{place}.{e}"))?;
            if servers.insert(hostname.clone(), fake.add_server(seed)).is_some() {
                return Err(format!("{place}.hostname: there are two servers {hostname}"));
            }
        }
        let named = |name: &str| {
            servers.get(name).copied().ok_or_else(|| {
                let names: Vec<&str> = servers.keys().map(String::as_str).collect();
                let names = if names.is_empty() { "none at all".to_owned() } else { names.join(", ") };
                format!("there is no server {name} in the scenario, but {names}")
            })
        };
        for (at, group) in self.groups.iter().enumerate() {
            let policy = AntiAffinity::from(group.anti_affinity.as_str());
            if !policy.is_known() {
                return Err(format!(
                    "groups[{at}].anti_affinity: {:?} is none of strict, yes, no",
                    group.anti_affinity
                ));
            }
            let members = group.members.iter().map(|name| named(name)).collect::<Result<Vec<_>, _>>();
            let members = members.map_err(|e| format!("groups[{at}].members: {e}"))?;
            fake.add_server_group(&group.title, policy, &members);
        }
        let mut plan = Vec::new();
        for (at, fault) in self.faults.into_iter().enumerate() {
            let place = |e: String| format!("faults[{at}]: {e}");
            let when = fault.at.as_deref().map_or(Ok(Duration::ZERO), time).map_err(place)?;
            let what = serde_json::Value::Object(fault.what);
            let event = if what.get("error_code").is_some() {
                let fail: FailNext = serde_json::from_value(what).map_err(|e| place(e.to_string()))?;
                control::check_fail(&fail).map_err(place)?;
                Event::Fail(fail)
            } else if what.get("state").is_some() {
                let NewState { server, state } = serde_json::from_value(what).map_err(|e| place(e.to_string()))?;
                Event::State(named(&server).map_err(place)?, known(&state).map_err(place)?)
            } else {
                let answer: AnswerNext = serde_json::from_value(what).map_err(|e| place(e.to_string()))?;
                control::check_answer(&answer).map_err(place)?;
                Event::Answer(answer)
            };
            plan.push((when, event));
        }
        plan.sort_by_key(|(when, _)| *when);
        Ok(Plan(plan))
    }
}

fn known(state: &str) -> Result<ServerState, String> {
    let known = ServerState::from(state);
    if known.is_known() { Ok(known) } else { Err(format!("{state:?} is no state of a server")) }
}

impl NewServer {
    fn seed(self) -> Result<ServerSeed, String> {
        let mut seed = ServerSeed::new(self.hostname);
        if let Some(title) = self.title {
            seed = seed.title(title);
        }
        if let Some(zone) = self.zone {
            seed = seed.zone(zone);
        }
        if let Some(plan) = self.plan {
            seed = seed.plan(plan);
        }
        if let Some(state) = self.state {
            seed = seed.state(known(&state).map_err(|e| format!("state: {e}"))?);
        }
        if self.metadata {
            seed = seed.metadata();
        }
        Ok(self.labels.into_iter().fold(seed, |seed, (key, value)| seed.label(key, value)))
    }
}

impl Plan {
    /// Lets the trouble come, until the task is dropped. What is for the beginning comes before the first request.
    pub(crate) fn start(self, fake: &Arc<Fake>, tell: impl Fn(String) + Send + 'static) {
        let now = self.0.iter().take_while(|(when, _)| when.is_zero()).count();
        let mut events = self.0;
        let later = events.split_off(now);
        for (_, event) in events {
            if let Err(message) = event.happen(fake) {
                tell(message);
            }
        }
        let (fake, begin) = (Arc::clone(fake), tokio::time::Instant::now());
        tokio::spawn(async move {
            for (when, event) in later {
                tokio::time::sleep_until(begin + when).await;
                if let Err(message) = event.happen(&fake) {
                    tell(message);
                }
            }
        });
    }
}

impl Event {
    fn happen(&self, fake: &Fake) -> Result<(), String> {
        match self {
            Self::Fail(fail) => control::order_fail(fake, fail),
            Self::Answer(answer) => control::order_answer(fake, answer),
            Self::State(uuid, state) => {
                if fake.server(*uuid).is_none() {
                    return Err(format!("the scenario changes server {uuid}, which is gone"));
                }
                fake.set_state(*uuid, state.clone());
                Ok(())
            }
        }
    }
}
