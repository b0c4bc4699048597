//! Everything that the fake knows, and the passing of its time.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    time::Duration,
};

use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Fake,
    answer::{Fault, Grouped, Reply},
    canned_response::Armed,
    catalog,
    group::Group,
    ids::{Ids, Kind},
    machine::{self, Ends, Machine, ServerGoal, Timing, Work},
    requests::RecordedRequest,
    tags_and_rules::Beside,
};
use crate::{
    ErrorCode,
    model::{
        ServerState,
        types::{Server, Storage},
    },
};

/// Beyond what 32 bits can hold, as those of the API are.
const FIRST_HOST: i64 = 4_831_838_211;
const HOST_STEP: i64 = 1_073_741_824;
/// When the first server was created; each next one is a second younger, so that a seed decides that too.
const EPOCH: i64 = 1_750_000_000;

#[derive(Debug)]
pub(super) struct State {
    pub(super) ids: Ids,
    pub(super) timing: Timing,
    pub(super) clock: Option<tokio::runtime::Handle>,
    pub(super) hosts: Vec<i64>,
    pub(super) next_host: usize,
    pub(super) groups: Vec<Group>,
    /// Public storages and those of the account that no server has.
    pub(super) storages: Vec<Storage>,
    pub(super) armed: Vec<Armed>,
    pub(super) requests: VecDeque<RecordedRequest>,
    pub(super) recorded_bytes: usize,
    pub(super) metadata_for: Option<Uuid>,
    pub(super) beside: Beside,
    machines: BTreeMap<u64, Machine>,
    places: HashMap<Uuid, u64>,
    busy: BTreeSet<u64>,
    /// How many servers were made so far.
    pub(super) created: u64,
}

impl State {
    pub(super) fn new(seed: u64, timing: Timing, hosts: u8) -> Self {
        Self {
            ids: Ids::new(seed),
            timing,
            clock: tokio::runtime::Handle::try_current().ok(),
            hosts: (0..i64::from(hosts.max(1))).map(|number| FIRST_HOST + number * HOST_STEP).collect(),
            next_host: 0,
            groups: Vec::new(),
            storages: catalog::storages(),
            armed: Vec::new(),
            requests: VecDeque::new(),
            recorded_bytes: 0,
            metadata_for: None,
            beside: Beside::default(),
            machines: BTreeMap::new(),
            places: HashMap::new(),
            busy: BTreeSet::new(),
            created: 0,
        }
    }

    pub(super) fn now(&self) -> Instant {
        // Within the runtime of the test, whose clock the test may have stopped.
        let _guard = self.clock.as_ref().map(tokio::runtime::Handle::enter);
        Instant::now()
    }

    /// Brings the ends of running operations nearer. The clock itself is not moved, because no clock can hold all that may be
    /// added to it.
    pub(super) fn advance(&mut self, time: Duration) {
        let now = self.now();
        for place in &self.busy {
            let work = self.machines.get_mut(place).and_then(|machine| machine.work.as_mut());
            if let Some(Work { ends: Ends::At(due), .. }) = work {
                *due = if due.saturating_duration_since(now) <= time { now } else { *due - time };
            }
        }
        self.settle();
    }

    /// What time it is where servers are created.
    pub(super) fn date(&self) -> i64 {
        EPOCH.saturating_add_unsigned(self.created)
    }

    /// A new server with the defaults; it is not in the list yet.
    pub(super) fn blank(&mut self, hostname: String, zone: String) -> Server {
        let uuid = self.ids.uuid(Kind::Server);
        let vnc_password = self.ids.password(8);
        let created = self.date();
        self.created = self.created.saturating_add(1);
        machine::blank(uuid, hostname, zone, created, vnc_password)
    }

    pub(super) fn insert(&mut self, machine: Machine) {
        let place = self.machines.last_key_value().map_or(0, |(last, _)| last + 1);
        self.places.insert(machine.view.uuid, place);
        if machine.work.is_some() {
            self.busy.insert(place);
        }
        self.machines.insert(place, machine);
    }

    pub(super) fn remove(&mut self, uuid: Uuid) -> Option<Machine> {
        let place = self.places.remove(&uuid)?;
        self.beside.forget(uuid);
        self.busy.remove(&place);
        self.machines.remove(&place)
    }

    pub(super) fn machine(&self, uuid: Uuid) -> Result<&Machine, Fault> {
        let place = self.places.get(&uuid).ok_or(ErrorCode::ServerNotFound)?;
        self.machines.get(place).ok_or_else(|| ErrorCode::ServerNotFound.into())
    }

    pub(super) fn machine_mut(&mut self, uuid: Uuid) -> Result<&mut Machine, Fault> {
        let place = self.places.get(&uuid).ok_or(ErrorCode::ServerNotFound)?;
        self.machines.get_mut(place).ok_or_else(|| ErrorCode::ServerNotFound.into())
    }

    /// The server, if it is in one of these states.
    pub(super) fn machine_in(&self, uuid: Uuid, states: &[ServerState]) -> Result<&Machine, Fault> {
        let machine = self.machine(uuid)?;
        let state = &machine.view.state;
        if states.contains(state) {
            return Ok(machine);
        }
        let text = format!("The operation is not allowed while the server {uuid} is in state '{state}'.");
        Err(Fault::because(ErrorCode::ServerStateIllegal, text))
    }

    /// Whether there are as many servers as there may be.
    pub(super) fn is_full(&self) -> bool {
        self.machines.len() >= Fake::MOST_SERVERS
    }

    /// In the order in which they were created.
    pub(super) fn machines(&self) -> impl Iterator<Item = &Machine> {
        self.machines.values()
    }

    pub(super) fn begin(&mut self, uuid: Uuid, goal: ServerGoal, timeout: Option<Duration>) {
        let ends = match self.timing {
            Timing::Polls(looks) => Ends::AfterLooks(looks),
            Timing::Takes(time) => {
                // A time without end is what a test may mean by never.
                self.now().checked_add(timeout.unwrap_or(time)).map_or(Ends::WhenTold, Ends::At)
            }
            Timing::Manual => Ends::WhenTold,
        };
        let Some(&place) = self.places.get(&uuid) else { return };
        if let Some(machine) = self.machines.get_mut(&place) {
            machine.work = Some(Work { goal, looks: 0, ends });
            self.busy.insert(place);
        }
    }

    /// Ends what is over by now. Called before each request, so that only servers at work are visited.
    pub(super) fn settle(&mut self) {
        if self.busy.is_empty() {
            return;
        }
        let now = self.now();
        let over = |work: &Work| match work.ends {
            Ends::AfterLooks(looks) => work.looks >= looks,
            Ends::At(due) => due <= now,
            Ends::WhenTold => false,
        };
        self.finish_where(|machine| machine.work.as_ref().is_none_or(over));
    }

    pub(super) fn is_busy(&self) -> bool {
        !self.busy.is_empty()
    }

    pub(super) fn finish_where(&mut self, over: impl Fn(&Machine) -> bool) {
        let Self { machines, busy, .. } = self;
        busy.retain(|place| {
            let Some(machine) = machines.get_mut(place) else { return false };
            if over(machine) {
                machine.finish();
            }
            machine.work.is_some()
        });
    }

    /// The servers at work among these have been shown.
    pub(super) fn looked_at(&mut self, shown: impl Fn(&Server) -> bool) {
        for place in &self.busy {
            if let Some(machine) = self.machines.get_mut(place).filter(|machine| shown(&machine.view)) {
                machine.looked_at();
            }
        }
    }

    pub(super) fn metadata_machine(&self) -> Option<&Machine> {
        self.machine(self.metadata_for?).ok()
    }

    pub(super) fn record(&mut self, request: RecordedRequest, most: usize) {
        /// How much text is kept at the most.
        const MOST_BYTES: usize = 64 << 20;
        self.recorded_bytes += request.bytes();
        self.requests.push_back(request);
        while self.requests.len() > most || (self.recorded_bytes > MOST_BYTES && self.requests.len() > 1) {
            let Some(oldest) = self.requests.pop_front() else { return };
            self.recorded_bytes -= oldest.bytes();
        }
    }

    /// The next answer that was ordered for this operation.
    pub(super) fn take_armed(&mut self, operation: Option<crate::model::Operation>) -> Option<Armed> {
        let fits = |armed: &Armed| armed.operation.is_none() || armed.operation == operation;
        let position = self.armed.iter().position(fits)?;
        let armed = &mut self.armed[position];
        if armed.canned.times > 1 {
            armed.canned.times -= 1;
            return Some(armed.clone());
        }
        Some(self.armed.remove(position))
    }
}

/// An answer with the whole server.
pub(super) fn whole(status: http::StatusCode, server: &Server) -> Reply {
    Reply::json(status, "server", Grouped::new(server, server.server_group))
}
