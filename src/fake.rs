//! An UpCloud in your test process, behind the feature `fake`: its public face. What it does is in the files below.

mod answer;
mod blocking;
mod canned_response;
mod catalog;
mod create;
mod devices;
mod fault_injection;
mod group;
mod groups;
mod ids;
mod input;
mod lifecycle;
mod machine;
mod metadata;
mod modify;
mod network;
mod placement;
mod requests;
mod routing;
mod server_seed;
mod settings;
mod snapshot;
mod state;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::HeaderValue;
use httpmock::MockServer;
use uuid::Uuid;

pub use canned_response::CannedResponse;
pub use catalog::{CDROM, CLOUD_INIT_TEMPLATE, NATIVE_TEMPLATE, SECOND_CDROM, WINDOWS_TEMPLATE};
pub use machine::Timing;
pub use requests::RecordedRequest;
pub use server_seed::ServerSeed;
pub use snapshot::Snapshot;

use crate::{
    Client, Credentials, ErrorCode,
    model::{
        ServerState,
        types::{Server, ServerGroup},
    },
};
use fault_injection::catch_all;
use routing::Shared;
use state::State;

/// An UpCloud in your test process. It keeps servers and server groups, answers every operation of the crate as the real
/// one does, and refuses what the real one refuses.
///
/// ```
/// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
/// use upcloud::fake::Fake;
///
/// let fake = Fake::start().await;
/// fake.fill(3);
/// let servers = fake.client().servers().list().await?;
/// assert_eq!(servers.len(), 3);
/// # Ok(()) }
/// ```
///
/// It listens on a port of the loopback address until it is dropped. Up to 25 can be there at the same time in one process
/// (the environment variable `HTTPMOCK_MAX_SERVERS` sets another number); a further one waits until another is dropped.
///
/// Time is the test's. [`FakeBuilder::timing`] says how long operations take: no time, so many polls, a time, or until the
/// test says so; [`advance`](Fake::advance) lets time pass. A paused tokio clock is followed too, with one trap: tokio moves
/// a paused clock forward by itself whenever all tasks wait, and a call to the fake is such a wait, because the fake answers
/// from a thread of its own. Timeouts of the client may then fire at once. Pause the clock around
/// `tokio::time::advance` only, or use [`advance`](Fake::advance).
///
/// What it simplifies: each host counts as one of a private cloud of the account, so `host` may name any of them; a start
/// answers at once with `started`, unless it is asynchronous, when the state is `maintenance` first; a cancelled operation
/// leaves a stopped server; there are no backups, so what a delete says of them is checked and has no effect; limits of
/// accounts and trials exist only as errors that a test orders with [`fail_next`](Self::fail_next).
///
/// It has limits of its own, so that a test that goes wrong does not take the memory of the machine:
/// [`MOST_SERVERS`](Self::MOST_SERVERS), [`MOST_FAULTS`](Self::MOST_FAULTS) and [`MOST_BODY`](Self::MOST_BODY).
pub struct Fake {
    server: MockServer,
    shared: Arc<Shared>,
    credentials: Credentials,
    /// The mock that answers everything. Mocks are tried in the order of their making, so it is made anew after others.
    catch_all: Mutex<usize>,
    /// The mocks of late answers.
    late: Mutex<Vec<fault_injection::Late>>,
    lent: blocking::Lent,
}

/// Settings of a [`Fake`], from [`Fake::builder`].
///
/// ```
/// # #[tokio::main] async fn main() {
/// use upcloud::fake::{Fake, Timing};
///
/// let fake = Fake::builder().seed(7).timing(Timing::Polls(3)).hosts(2).start().await;
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct FakeBuilder {
    seed: u64,
    timing: Timing,
    hosts: u8,
    accepted: Vec<Credentials>,
    keep_requests: usize,
    observer: requests::Observer,
    state: Option<Snapshot>,
}

impl FakeBuilder {
    /// What identifiers, addresses and passwords are made from: the same requests to a fake with the same seed make the
    /// same ones.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How fast operations are; [`Timing::Polls(0)`](Timing::Polls) by default.
    pub fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// How many hosts there are for servers to run on, 5 by default and 1 at least. It decides what anti-affinity can do.
    pub fn hosts(mut self, hosts: u8) -> Self {
        self.hosts = hosts;
        self
    }

    /// Accepts these credentials and no others, unless called again for more. By default all are accepted. The first are
    /// those of [`Fake::client`].
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.accepted.push(credentials);
        self
    }

    /// Begins with what [`Fake::save`] saved; the seed and the hosts are those of the saved state.
    pub fn state(mut self, state: Snapshot) -> Self {
        self.state = Some(state);
        self
    }

    /// How many requests [`Fake::requests`] tells of at most, 1000 by default; fewer if their bodies exceed 64 MiB.
    pub fn keep_requests(mut self, most: usize) -> Self {
        self.keep_requests = most;
        self
    }

    /// Calls this with each request and its answer, before the answer is sent: for a log, or a check of all that is said.
    /// It may use the fake, but all other requests wait for it.
    pub fn on_request(mut self, look: impl Fn(&RecordedRequest) + Send + Sync + 'static) -> Self {
        self.observer.add(look);
        self
    }

    /// Starts the fake.
    ///
    /// # Panics
    ///
    /// When there is no port to listen on, or credentials have characters that no header can carry.
    pub async fn start(self) -> Fake {
        let (shared, credentials) = self.parts();
        let server = MockServer::start_async().await;
        let answer = catch_all(&shared);
        let id = server.mock_async(answer).await.id();
        Fake::around(server, shared, credentials, id)
    }

    /// Starts the fake without an async runtime; it may also be called within one.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start) does.
    #[must_use]
    pub fn start_blocking(self) -> Fake {
        let (shared, credentials) = self.parts();
        let server = MockServer::start();
        let answer = catch_all(&shared);
        let id = server.mock(answer).id();
        Fake::around(server, shared, credentials, id)
    }

    fn parts(self) -> (Arc<Shared>, Credentials) {
        let header = |credentials: &Credentials| -> HeaderValue {
            credentials.authorization().expect("the credentials of a fake fit into a header")
        };
        let accepted = self.accepted.iter().map(header).collect();
        let mut state = State::new(self.seed, self.timing, self.hosts);
        if let Some(saved) = self.state {
            state.load(saved);
        }
        let shared = Shared::new(state, accepted, self.keep_requests, self.observer);
        let credentials = self.accepted.into_iter().next().unwrap_or_else(|| Credentials::token("ucat_fake"));
        (shared, credentials)
    }
}

impl Fake {
    fn around(server: MockServer, shared: Arc<Shared>, credentials: Credentials, catch_all: usize) -> Self {
        shared.is_at(*server.address());
        let (catch_all, late) = (Mutex::new(catch_all), Mutex::default());
        Self { server, shared, credentials, catch_all, late, lent: blocking::Lent::default() }
    }

    /// Starts a fake with the default settings.
    ///
    /// # Panics
    ///
    /// When there is no port to listen on.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    /// Starts a fake with the default settings without an async runtime; it may also be called within one. A test without
    /// a runtime makes its calls with [`block_on`](Self::block_on).
    ///
    /// # Panics
    ///
    /// When there is no port to listen on.
    #[must_use]
    pub fn start_blocking() -> Self {
        Self::builder().start_blocking()
    }

    /// A fake with other settings.
    pub fn builder() -> FakeBuilder {
        FakeBuilder {
            seed: 0,
            timing: Timing::Polls(0),
            hosts: 5,
            accepted: Vec::new(),
            keep_requests: 1000,
            observer: requests::Observer::default(),
            state: None,
        }
    }

    /// Where it is: scheme, host and port. For the metadata service too, in the place of `http://169.254.169.254`.
    #[must_use]
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// A client of the fake, with credentials that it accepts.
    ///
    /// # Panics
    ///
    /// When the operating system refuses what an HTTP client needs.
    #[must_use]
    pub fn client(&self) -> Client {
        let builder = Client::builder().credentials(self.credentials.clone()).base_url(self.base_url());
        builder.build().expect("a loopback address and credentials are all that a client needs")
    }

    /// The servers, in the order in which they were made. Does not count as a poll.
    #[must_use]
    pub fn servers(&self) -> Vec<Server> {
        self.shared.caught_up().machines().map(machine::Machine::show).collect()
    }

    /// One server, or `None` if it is not there. Does not count as a poll.
    #[must_use]
    pub fn server(&self, uuid: Uuid) -> Option<Server> {
        self.shared.caught_up().machine(uuid).ok().map(machine::Machine::show)
    }

    /// The server groups.
    #[must_use]
    pub fn server_groups(&self) -> Vec<ServerGroup> {
        let state = self.shared.caught_up();
        state.groups.iter().map(|group| state.show_group(group)).collect()
    }

    /// The hosts that servers run on.
    #[must_use]
    pub fn hosts(&self) -> Vec<i64> {
        self.shared.state().hosts.clone()
    }

    /// What the fake was asked, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.state().requests.iter().cloned().collect()
    }

    /// Ends the running operation of a server, if there is one.
    pub fn finish(&self, uuid: Uuid) {
        self.shared.state().finish_where(|machine| machine.view.uuid == uuid);
    }

    /// Ends all running operations.
    pub fn finish_all(&self) {
        self.shared.state().finish_where(|_| true);
    }

    /// Lets time pass for the running operations that [take](Timing::Takes) some, without waiting for it. Any time will do;
    /// with [`Duration::MAX`] all of them are over whose end the clock can hold.
    pub fn advance(&self, time: Duration) {
        self.shared.state().advance(time);
    }

    /// What the fake keeps, to be loaded again.
    #[must_use]
    pub fn save(&self) -> Snapshot {
        self.shared.state().save()
    }

    /// Puts a saved state in the place of all that the fake keeps, as if it were started anew with it: what was ordered
    /// with [`fail_next`](Self::fail_next) and [`answer_next`](Self::answer_next) and what was requested is forgotten.
    pub fn load(&self, state: Snapshot) {
        self.shared.state().load(state);
        let late = std::mem::take(&mut *self.late.lock().unwrap_or_else(PoisonError::into_inner));
        for order in late {
            order.take_away(&self.server);
        }
    }

    /// Changes how fast operations are, from the next one on.
    pub fn set_timing(&self, timing: Timing) {
        self.shared.state().timing = timing;
    }

    /// Tells the guest of a server to ignore the signal to power off, or to obey it again.
    ///
    /// # Panics
    ///
    /// When there is no such server.
    pub fn ignore_acpi(&self, uuid: Uuid, ignore: bool) {
        let mut state = self.shared.state();
        state.machine_mut(uuid).unwrap_or_else(|_| panic!("there is no server {uuid}")).ignores_acpi = ignore;
    }

    /// Puts a server into a state, `error` for example. What it was doing is forgotten. A server that is started so gets a
    /// host even if its group leaves none.
    ///
    /// # Panics
    ///
    /// When there is no such server.
    pub fn set_state(&self, uuid: Uuid, new: ServerState) {
        let mut state = self.shared.state();
        let machine = state.machine(uuid).unwrap_or_else(|_| panic!("there is no server {uuid}"));
        let (group, mut host) = (machine.view.server_group, machine.host);
        match new {
            ServerState::Stopped => host = None,
            ServerState::Started if host.is_none() => {
                let wish = placement::Wish::default();
                let placed = state.place(uuid, group, wish, ErrorCode::ServerResourcesUnavailable);
                host = placed.ok().or_else(|| state.hosts.first().copied());
            }
            _ => {}
        }
        if let Ok(machine) = state.machine_mut(uuid) {
            machine.work = None;
            machine.view.progress = None;
            machine.view.state = new;
            machine.host = host;
        }
    }

    /// Chooses the server that the metadata service at [`base_url`](Self::base_url) describes. Its `metadata` must be on,
    /// else the service answers 404.
    pub fn metadata_for(&self, uuid: Uuid) {
        self.shared.state().metadata_for = Some(uuid);
    }
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fake").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}
