//! An UpCloud in your test process, behind the feature `fake`: its public face. What it does is in the files below.

mod answer;
mod beside;
mod blocking;
mod canned_response;
mod catalog;
mod create;
mod devices;
mod fault_injection;
mod group;
mod groups;
mod ids;
mod in_process;
mod input;
mod lifecycle;
mod machine;
mod metadata;
mod mocks;
mod modify;
mod network;
mod placement;
mod requests;
mod routing;
mod server;
mod server_seed;
mod settings;
mod shared;
mod snapshot;
mod state;
mod strict;
mod tags_and_rules;

use std::{fmt, sync::Arc, time::Duration};

use http::HeaderValue;
use uuid::Uuid;

pub use canned_response::CannedResponse;
pub use catalog::{CDROM, CLOUD_INIT_TEMPLATE, NATIVE_TEMPLATE, SECOND_CDROM, WINDOWS_TEMPLATE};
pub use machine::Timing;
pub use requests::RecordedRequest;
pub use server_seed::ServerSeed;
pub use snapshot::Snapshot;

use crate::{
    Client, ClientBuilder, Credentials, ErrorCode,
    model::{
        ServerState,
        types::{Server, ServerGroup},
    },
};
use in_process::Handover;
use requests::Sent;
use server::Listener;
use shared::Shared;
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
/// A client can reach it in two ways. [`client`](Fake::client) and [`client_builder`](Fake::client_builder) hand their requests
/// over within the process: no socket, no other thread. Any other client, and any other program, finds it at
/// [`base_url`](Fake::base_url), a port of the loopback address that is open until the fake is dropped.
///
/// # Time
///
/// Time is the test's. [`FakeBuilder::timing`] says how long operations take: no time, so many polls, a time, or until the
/// test says so; [`advance`](Fake::advance) lets time pass. With a paused tokio clock, one clock drives all: sleeps of the program,
/// retries and waits of the client, delays and operations of the fake. A test of hours then takes no time:
///
/// ```
/// use std::time::Duration;
/// use upcloud::{StopMode, fake::{Fake, Timing}};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), upcloud::Error> {
/// tokio::time::pause(); // or #[tokio::test(start_paused = true)]
/// let fake = Fake::builder().timing(Timing::Takes(Duration::from_secs(240))).start().await;
/// let uuid = fake.add_server("web-1.example.net");
/// let begin = tokio::time::Instant::now();
/// fake.client().servers().stop(uuid, StopMode::Soft).and_wait().await?;
/// assert!(begin.elapsed() >= Duration::from_secs(240));
/// # Ok(()) }
/// ```
///
/// Over the port it does not go like that: tokio moves a paused clock forward by itself whenever all tasks wait, and an answer
/// from another thread is such a wait, so the time limits of a client fire at once. The same is true of a fake with a
/// [`mock`](Fake::mock).
///
/// It refuses what the API refuses: an attribute or a query parameter that the description does not have too, which is what a
/// misspelt one is. `null`, and an empty text where an attribute need not be there, count as absence.
///
/// Beside the chapter it has, in the smallest form, what tools ask for around a server's life: the account, prices, storages with
/// attaching and detaching, CD-ROMs in their drives, addresses, networks, tags and firewall rules. They are known from clients and
/// not from documentation; `src/fake/beside.yaml` in the repository describes them. Of the rest of the API it says, with status 501,
/// that it does not have it.
///
/// What it simplifies: each host counts as one of a private cloud of the account, so `host` may name any of them; a start
/// answers at once with `started`, unless it is asynchronous, when the state is `maintenance` first; a cancelled operation
/// leaves a stopped server; there are no backups, so what a delete says of them is checked and has no effect; limits of
/// accounts and trials exist only as errors that a test orders with [`fail_next`](Self::fail_next).
///
/// It has limits of its own, so that a test that goes wrong does not take the memory of the machine:
/// [`MOST_SERVERS`](Self::MOST_SERVERS), [`MOST_FAULTS`](Self::MOST_FAULTS) and [`MOST_BODY`](Self::MOST_BODY).
pub struct Fake {
    shared: Arc<Shared>,
    listener: Listener,
    credentials: Credentials,
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
    #[allow(clippy::unused_async, reason = "a fake that starts in an async way, however it is made")]
    pub async fn start(self) -> Fake {
        self.start_blocking()
    }

    /// Starts the fake without an async runtime; it may also be called within one.
    ///
    /// # Panics
    ///
    /// As [`start`](Self::start) does.
    #[must_use]
    pub fn start_blocking(self) -> Fake {
        let (shared, credentials) = self.parts();
        let listener = Listener::open(Arc::clone(&shared));
        let listener = listener.unwrap_or_else(|e| panic!("the fake has no port to listen on: {e}"));
        Fake { shared, listener, credentials, lent: blocking::Lent::default() }
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
        format!("http://{}", self.listener.place)
    }

    /// A client of the fake, with credentials that it accepts. It hands its requests over within the process, without a
    /// socket, so it also works with a paused clock and in any runtime, and as long as the client is there, even when the fake
    /// itself is dropped.
    ///
    /// # Panics
    ///
    /// When the operating system refuses what an HTTP client needs.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client_builder().build().expect("a loopback address and credentials are all that a client needs")
    }

    /// The same as [`client`](Self::client), for further settings. With another
    /// [`base_url`](ClientBuilder::base_url), or with an HTTP client of one's own, it is a client of that and not of the fake.
    /// What is about connections, `connect_timeout` for example, has no effect.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// use upcloud::{RetryPolicy, calls::Operation, fake::{CannedResponse, Fake}};
    ///
    /// let fake = Fake::start().await;
    /// fake.answer_next(Operation::ListZones, CannedResponse::unavailable());
    /// let upcloud = fake.client_builder().retry(RetryPolicy::off()).build()?;
    /// assert!(upcloud.catalog().zones().await.unwrap_err().is_unavailable());
    /// # Ok(()) }
    /// ```
    pub fn client_builder(&self) -> ClientBuilder {
        let builder = Client::builder().credentials(self.credentials.clone()).base_url(self.base_url());
        builder.in_process(Arc::new(Handover(Arc::clone(&self.shared))))
    }

    /// Answers one request, for a server of your own that has the fake in it: another port, TLS, a log. Only the path and the
    /// query of the address are looked at. `None` means that a test wants the connection closed without an answer.
    ///
    /// ```
    /// # #[tokio::main] async fn main() {
    /// use upcloud::fake::Fake;
    ///
    /// let fake = Fake::start().await;
    /// let request = http::Request::get("/1.3/zone").header("Authorization", "Bearer ucat_x").body(Vec::new()).unwrap();
    /// let response = fake.respond(request).await.unwrap();
    /// assert_eq!(response.status(), 200);
    /// # }
    /// ```
    pub async fn respond(&self, request: http::Request<Vec<u8>>) -> Option<http::Response<Vec<u8>>> {
        let response = self.shared.answer(request.map(|body| Sent::of(body.into()))).await?;
        Some(response.map(|body| body.to_vec()))
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
