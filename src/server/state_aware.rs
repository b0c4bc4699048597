//! Actions that know of states: the wait before one, the tries against a server that moves in between, the wait after it.

use std::{future::Future, pin::Pin, time::Duration};

use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::{
    CreateServerCall, Servers,
    wait::{Goal, Pace, Terms, terms_setters},
};
use crate::{
    Error, ErrorCode,
    generated::{ServerState, types::Server},
    request::{Prepared, Request},
    retry::Failure,
};

/// How often an action is tried whose right state is not known, if it is refused for the state of a server at rest.
const TRIES_AT_REST: u32 = 3;

/// An action that a server comes to rest after.
pub trait ChangesServer: Prepared<Answer: Outcome> {
    /// The state that the action needs, where that is the same for every request.
    #[doc(hidden)]
    const NEEDS: Option<ServerState> = None;

    /// What becomes of the server.
    #[doc(hidden)]
    fn becomes(&self) -> Becomes;
}

/// An action that is refused while a server is in `maintenance`.
pub trait NeedsServer: ChangesServer {}

/// What becomes of a server after an action.
#[derive(Clone, Debug)]
pub enum Becomes {
    State(ServerState),
    /// Anything but `maintenance`.
    Settled,
    /// `started`, after something else. It may take so long until it begins; `surely` says that it does begin.
    Restarted {
        begins_within: Duration,
        surely: bool,
    },
    Gone,
}

impl Becomes {
    fn goal(self) -> Goal<Server> {
        match self {
            Self::State(state) => Goal::Reach(state),
            Self::Settled => Goal::Leave(ServerState::Maintenance),
            Self::Restarted { begins_within, surely } => Goal::Restart { begins_within, surely },
            Self::Gone => Goal::Vanish,
        }
    }
}

/// What an action on a server answers: the server, or nothing.
pub trait Outcome: Sized {
    fn of(server: Server) -> Self;

    /// The answer with what the last look saw.
    fn seen_as(self, last: Option<Server>) -> Self;

    fn server(&self) -> Option<&Server>;
}

impl Outcome for Server {
    fn of(server: Server) -> Self {
        server
    }

    fn seen_as(self, last: Option<Server>) -> Self {
        let Some(last) = last else { return self };
        // Only the answer to a create tells how to log in.
        Self { username: last.username.or(self.username), password: last.password.or(self.password), ..last }
    }

    fn server(&self) -> Option<&Server> {
        Some(self)
    }
}

impl Outcome for () {
    fn of(_: Server) {}

    fn seen_as(self, _: Option<Server>) {}

    fn server(&self) -> Option<&Server> {
        None
    }
}

impl<P: NeedsServer> Request<P> {
    /// Waits until the server is not in `maintenance`, then acts. If the action is refused all the same because the server,
    /// or one of its storages, has begun to move in between
    /// ([`ServerStateIllegal`](ErrorCode::ServerStateIllegal), [`StorageStateIllegal`](ErrorCode::StorageStateIllegal)), it
    /// waits and tries again.
    ///
    /// A refusal is the result if the server is at rest in a state that the action is not for (a stop of a stopped server),
    /// and if the [limit](ServerAction::limit) is over before the action is accepted. A modification that is refused three
    /// times by a server at rest is one that the state does not allow.
    ///
    /// ```
    /// use std::time::Duration;
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// upcloud.servers().stop(uuid).when_ready().limit(Duration::from_secs(120)).await?;
    /// # Ok(()) }
    /// ```
    pub fn when_ready(self) -> ServerAction<P> {
        ServerAction { ready: true, ..ServerAction::new(self) }
    }
}

impl<P: ChangesServer> Request<P> {
    /// Acts, then waits for what becomes of the server: `started` after a create or a start, `stopped` after a stop, through
    /// a restart, out of `maintenance` after a modification, and gone after a deletion. The result is the server as it was
    /// seen last, after a create with the one-time password of the answer.
    ///
    /// What ends the [wait](crate::Wait::until) early ends it here too. The error then says that the request may have taken effect,
    /// because it was accepted, and [`last_seen`](Error::last_seen) has the server.
    ///
    /// A restart is over when the server is `started` after having been something else. If nothing else is seen for two of
    /// the longest pauses, a hard restart (and one that becomes hard when its time is over) counts as over between two
    /// looks; a soft one has failed. Against a [`Fake`](crate::fake::Fake), `Pace::Looks(1)` lets a restart be seen.
    ///
    /// ```
    /// use upcloud::{CreateServer, ServerState};
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let template = upcloud.catalog().templates().await?[0].uuid;
    /// let server = CreateServer::from_template("web-1.example.net", "de-fra1", template).plan("1xCPU-1GB");
    /// let server = upcloud.servers().create(server).and_wait().await?;
    /// assert_eq!(server.state, ServerState::Started);
    /// assert!(server.password.is_some());
    /// # Ok(()) }
    /// ```
    pub fn and_wait(self) -> ServerAction<P> {
        ServerAction::new(self).and_wait()
    }
}

/// An action on a server with the waits around it, from [`Request::when_ready`] and [`Request::and_wait`].
///
/// One limit holds for all of it, the action included: no step outlives it.
///
/// ```
/// use upcloud::ServerState;
/// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
/// # let fake = upcloud::fake::Fake::start().await;
/// # let upcloud = fake.client();
/// # let uuid = fake.add_server("web-1.example.net");
/// let server = upcloud.servers().stop(uuid).hard().when_ready().and_wait().await?;
/// assert_eq!(server.state, ServerState::Stopped);
/// upcloud.servers().delete(uuid).with_storages().when_ready().and_wait().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "an action does nothing until it is awaited"]
pub struct ServerAction<P> {
    request: Request<P>,
    ready: bool,
    wait: bool,
    ensure: bool,
    terms: Terms,
}

impl<P: ChangesServer> ServerAction<P> {
    fn new(request: Request<P>) -> Self {
        Self { request, ready: false, wait: false, ensure: false, terms: Terms::default() }
    }

    /// From any state to the one that the action leads to; without the action if the server is there already.
    pub(super) fn ensure(request: Request<P>, terms: Terms) -> Self {
        Self { request, ready: true, wait: true, ensure: true, terms }
    }

    terms_setters!();

    /// Waits for what becomes of the server, see [`Request::and_wait`].
    pub fn and_wait(mut self) -> Self {
        self.wait = true;
        self
    }

    pub(super) async fn run(self) -> Result<P::Answer, Error> {
        let begin = Instant::now();
        let this = Self { terms: self.terms.begun(), ..self };
        this.steps().await.map_err(|error| error.took(begin.elapsed()))
    }

    async fn steps(self) -> Result<P::Answer, Error> {
        let servers = Servers::new(self.request.client());
        let uuid = self.request.prepared.subject().server;
        let answer = match uuid.filter(|_| self.ready) {
            Some(uuid) => match self.act_when_ready(&servers, uuid).await? {
                Acted::Accepted(answer) => answer,
                Acted::Needless(answer) => return Ok(answer),
            },
            None => self.act().await?,
        };
        let Some(uuid) = uuid.or_else(|| answer.server().map(|server| server.uuid)).filter(|_| self.wait) else {
            return Ok(answer);
        };
        let goal = self.request.prepared.becomes().goal();
        match servers.wait(uuid).on(goal, self.terms).run().await {
            Ok(last) => Ok(answer.seen_as(last)),
            Err(error) => {
                let last = answer.seen_as(error.last_seen().cloned());
                Err(error.accepted(P::OPERATION, last.server().cloned()))
            }
        }
    }

    fn act(&self) -> impl Future<Output = Result<P::Answer, Error>> + Send + use<P> {
        self.request.clone().by(self.terms.deadline(Instant::now())).into_future()
    }

    async fn act_when_ready(&self, servers: &Servers, uuid: Uuid) -> Result<Acted<P::Answer>, Error> {
        let mut pace = Pace::new(&self.terms, Instant::now());
        let mut refused: Option<Error> = None;
        let mut refusals = 0;
        loop {
            let server = servers.wait(uuid).on(Goal::Leave(ServerState::Maintenance), self.terms).await?;
            let is_there = matches!(self.request.prepared.becomes(), Becomes::State(state) if state == server.state);
            if is_there && (self.ensure || refused.as_ref().is_some_and(Error::may_have_taken_effect)) {
                return Ok(Acted::Needless(P::Answer::of(server)));
            }
            if self.ensure && server.state == ServerState::Error {
                // The wait says it in the words of all waits, and keeps the look.
                let waiting = servers.wait(uuid).on(self.request.prepared.becomes().goal(), self.terms);
                return waiting.await.map(|server| Acted::Needless(P::Answer::of(server)));
            }
            if let Some(error) = refused.take() {
                let pause = pace.pause(error.retry_after()).filter(|_| !is_final::<P>(&error, &server.state, refusals));
                let Some(pause) = pause else { return Err(error.refused_in(server.state)) };
                sleep(pause).await;
            }
            match self.act().await {
                Ok(answer) => return Ok(Acted::Accepted(answer)),
                Err(error) if moved(&error) || (self.ensure && is_trouble(&error)) => {
                    refusals += 1;
                    refused = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// What became of an action that was to wait for its time.
enum Acted<T> {
    Accepted(T),
    /// It was there already.
    Needless(T),
}

/// Whether a server that is at rest in this state will not accept the action at another try either.
fn is_final<P: ChangesServer>(error: &Error, state: &ServerState, refusals: u32) -> bool {
    if error.code() != Some(&ErrorCode::ServerStateIllegal) {
        return false;
    }
    match P::NEEDS {
        Some(needed) => *state != needed,
        None => *state == ServerState::Error || refusals >= TRIES_AT_REST,
    }
}

/// Whether the server, or one of its storages, was in another state than it had just been seen in.
pub(super) fn moved(error: &Error) -> bool {
    matches!(error.code(), Some(ErrorCode::ServerStateIllegal | ErrorCode::StorageStateIllegal))
}

/// Whether it is trouble of the service or the network, after which a look tells whether the action is still needed.
fn is_trouble(error: &Error) -> bool {
    Failure::of(error) != Failure::Other || error.may_have_taken_effect()
}

impl<P: ChangesServer> IntoFuture for ServerAction<P> {
    type Output = Result<P::Answer, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl ChangesServer for CreateServerCall {
    fn becomes(&self) -> Becomes {
        Becomes::State(ServerState::Started)
    }
}
