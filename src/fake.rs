//! An UpCloud in your test process, behind the feature `fake`: its public face. What it does is in the files below.

mod add;
mod answer;
mod canned;
mod create;
mod devices;
mod groups;
mod ids;
mod input;
mod life;
mod lookups;
mod machine;
mod metadata;
mod modify;
mod network;
mod placement;
mod requests;
mod routing;
mod settings;
mod state;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use http::HeaderValue;
use httpmock::{Mock, MockServer, Then, When};
use uuid::Uuid;

pub use add::AddServer;
pub use canned::Canned;
pub use lookups::{CDROM, CLOUD_INIT_TEMPLATE, NATIVE_TEMPLATE, SECOND_CDROM, WINDOWS_TEMPLATE};
pub use machine::Pace;
pub use requests::RecordedRequest;

use crate::{
    Client, Credentials, ErrorCode, Operation,
    generated::{
        ServerState,
        types::{Server, ServerGroup},
    },
};
use answer::Fault;
use canned::{Action, Armed};
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
/// What it simplifies: a start answers at once with `started`, unless it is asynchronous, when the state is `maintenance`
/// first; a cancelled operation leaves a stopped server; there are no backups, so what a delete says of them is checked and
/// has no effect; limits of accounts and trials exist only as errors that a test orders with [`fail_next`](Self::fail_next).
pub struct Fake {
    server: MockServer,
    shared: Arc<Shared>,
    credentials: Credentials,
    /// The mock that answers everything. Mocks are tried in the order of their making, so it is made anew after others.
    catch_all: Mutex<usize>,
}

/// Settings of a [`Fake`], from [`Fake::builder`].
///
/// ```
/// # #[tokio::main] async fn main() {
/// use upcloud::fake::{Fake, Pace};
///
/// let fake = Fake::builder().seed(7).pace(Pace::Looks(3)).hosts(2).start().await;
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until it is started"]
pub struct FakeBuilder {
    seed: u64,
    pace: Pace,
    hosts: u8,
    accepted: Vec<Credentials>,
    keep_requests: usize,
    observer: requests::Observer,
}

impl FakeBuilder {
    /// What identifiers, addresses and passwords are made from: the same requests to a fake with the same seed make the
    /// same ones.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How fast operations are; [`Pace::Looks(0)`](Pace::Looks) by default.
    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
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
        Fake { server, shared, credentials, catch_all: Mutex::new(id) }
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
        Fake { server, shared, credentials, catch_all: Mutex::new(id) }
    }

    fn parts(self) -> (Arc<Shared>, Credentials) {
        let header = |credentials: &Credentials| -> HeaderValue {
            credentials.authorization().expect("the credentials of a fake fit into a header")
        };
        let accepted = self.accepted.iter().map(header).collect();
        let state = State::new(self.seed, self.pace, self.hosts);
        let shared = Shared::new(state, accepted, self.keep_requests, self.observer);
        let credentials = self.accepted.into_iter().next().unwrap_or_else(|| Credentials::token("ucat_fake"));
        (shared, credentials)
    }
}

fn catch_all(shared: &Arc<Shared>) -> impl FnOnce(When, Then) + use<> {
    let shared = Arc::clone(shared);
    move |_, then| drop(then.respond_with(move |request| shared.respond(request, None)))
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

    /// Starts a fake with the default settings without an async runtime; it may also be called within one.
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
            pace: Pace::Looks(0),
            hosts: 5,
            accepted: Vec::new(),
            keep_requests: 1000,
            observer: requests::Observer::default(),
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

    /// The servers, in the order in which they were made. Does not count as a look.
    #[must_use]
    pub fn servers(&self) -> Vec<Server> {
        self.shared.state().machines().map(machine::Machine::show).collect()
    }

    /// One server, or `None` if it is not there. Does not count as a look.
    #[must_use]
    pub fn server(&self, uuid: Uuid) -> Option<Server> {
        self.shared.state().machine(uuid).ok().map(machine::Machine::show)
    }

    /// The server groups.
    #[must_use]
    pub fn server_groups(&self) -> Vec<ServerGroup> {
        let state = self.shared.state();
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

    /// Changes how fast operations are, from the next one on.
    pub fn set_pace(&self, pace: Pace) {
        self.shared.state().pace = pace;
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

    /// Refuses the next request for this operation with this error, in the documented form and with the documented status.
    /// Several are given in their order.
    ///
    /// # Panics
    ///
    /// When the documentation does not list the error for the operation; see [`answer_next`](Self::answer_next) for others.
    pub fn fail_next(&self, operation: Operation, code: impl Into<ErrorCode>) {
        let code = code.into();
        let Some(fault) = Fault::armed(operation, code.clone()) else {
            panic!("{} is not a documented error of {operation}", code.as_str());
        };
        let armed = Armed { operation: Some(operation), action: Action::Reply(fault.into_reply()) };
        self.shared.state().armed.push(armed);
    }

    /// Answers the next request for this operation, or the next one at all, in this way. Several are given in their order,
    /// but those with a delay before those without.
    pub fn answer_next(&self, operation: impl Into<Option<Operation>>, canned: Canned) {
        let operation = operation.into();
        let Canned { action, delay } = canned;
        let Some(delay) = delay else {
            self.shared.state().armed.push(Armed { operation, action });
            return;
        };
        let shared = Arc::clone(&self.shared);
        self.mock(move |when, then| {
            when.is_true(move |request| operation.is_none() || routing::operation(request) == operation);
            then.delay(delay).up_to_n_times(1).respond_with(move |request| shared.respond(request, Some(&action)));
        });
    }

    /// Lays a mock of httpmock over the fake: what it matches does not reach the fake. Works within an async runtime too.
    pub fn mock(&self, configure: impl FnOnce(When, Then)) -> Mock<'_> {
        let mock = self.server.mock(configure);
        let mut id = self.catch_all.lock().unwrap_or_else(PoisonError::into_inner);
        let newer = self.server.mock(catch_all(&self.shared)).id();
        Mock::new(*id, &self.server).delete();
        *id = newer;
        mock
    }
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fake").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}
