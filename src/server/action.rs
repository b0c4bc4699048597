//! Actions that know of states: the wait before one, the tries against a server that moves in between, the wait after it.

use std::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::time::Instant;
use uuid::Uuid;

use super::wait::{Goal, Observer, PollOptions, poll_setters, wait_for};
use crate::{
    call::{Behavior, Boxed, rest, send},
    error::{Class, Error, Failure},
    model::{ErrorCode, ServerState, types::Server},
};

/// How often an action is tried whose right state is not known, if it is refused for the state of a server at rest.
const TRIES_AT_REST: u32 = 3;

/// An action that a server comes to rest after.
pub(crate) trait ChangesServer: Behavior<Output: ServerOutput> {
    /// The state that the action needs, where that is the same for every request.
    const NEEDS: Option<ServerState> = None;

    /// Which server it is about; a create does not know it yet.
    fn server(&self) -> Option<Uuid>;

    /// What becomes of the server.
    fn becomes(&self) -> Becomes;
}

/// What becomes of a server after an action.
#[derive(Clone, Debug)]
pub(crate) enum Becomes {
    State(ServerState),
    /// Anything but `maintenance`.
    AtRest,
    /// `started`, after something else. It may take so long until it begins; `surely` says that it does begin.
    Restarted {
        begins_within: std::time::Duration,
        surely: bool,
    },
    Gone,
}

impl Becomes {
    fn goal(self) -> Goal<Server> {
        match self {
            Self::State(state) => Goal::Reach(state),
            Self::AtRest => Goal::Leave(ServerState::Maintenance),
            Self::Restarted { begins_within, surely } => Goal::Restart { begins_within, surely },
            Self::Gone => Goal::Vanish,
        }
    }
}

/// What an action on a server answers: the server, or nothing.
pub(crate) trait ServerOutput: Sized + Send + 'static {
    fn of(server: Server) -> Self;

    /// The answer with what was seen last.
    fn seen_as(self, last: Option<Server>) -> Self;

    fn server(&self) -> Option<&Server>;
}

impl ServerOutput for Server {
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

impl ServerOutput for () {
    fn of(_: Server) {}

    fn seen_as(self, _: Option<Server>) {}

    fn server(&self) -> Option<&Server> {
        None
    }
}

/// The methods of a call that lead to a [`ServerAction`].
macro_rules! server_action {
    ($type:ident => $output:ty) => {
        impl $type {
            /// Acts, then waits for what becomes of the server: `started` after a create or a start, `stopped` after a stop,
            /// through a restart, out of `maintenance` after a modification, and gone after a deletion. The result is the
            /// server as it was seen last, after a create with the one-time password of the answer. `limit` and `poll_every`
            /// of the [`ServerAction`](crate::wait::ServerAction) say how long and how often.
            ///
            /// What ends a [wait](crate::Servers::wait_until) early ends it here too. The error then says that the request may
            /// have taken effect, because it was accepted, and [`last_seen`](crate::Error::last_seen) has the server.
            ///
            /// A restart is over when the server is `started` after having been something else. If nothing else is seen for
            /// two of the longest pauses, a hard restart (and one that becomes hard when its time is over) counts as over in
            /// between; a soft one has failed.
            pub fn and_wait(self) -> crate::wait::ServerAction<$output> {
                crate::wait::ServerAction::new(self).and_wait()
            }
        }
    };
    ($type:ident => $output:ty, when_ready) => {
        $crate::server::action::server_action!($type => $output);

        impl $type {
            /// Waits until the server is not in `maintenance`, then acts. If the action is refused all the same because the
            /// server, or one of its storages, has begun to move in between
            /// ([`ServerStateIllegal`](crate::ErrorCode::ServerStateIllegal),
            /// [`StorageStateIllegal`](crate::ErrorCode::StorageStateIllegal)), it waits and tries again.
            ///
            /// A refusal is the result if the server is at rest in a state that the action is not for (a stop of a stopped
            /// server), and if the limit is over before the action is accepted. A modification that is refused three times by
            /// a server at rest is one that the state does not allow.
            pub fn when_ready(self) -> crate::wait::ServerAction<$output> {
                crate::wait::ServerAction::new(self).when_ready()
            }
        }
    };
}

pub(crate) use server_action;

/// What is done around an action.
#[derive(Clone, Copy, Debug)]
struct Steps {
    ready: bool,
    wait: bool,
}

type Run<T> = Box<dyn FnOnce(Steps, PollOptions, Observer) -> Boxed<Result<T, Error>> + Send>;

/// An action on a server with the waits around it, from `when_ready` and `and_wait` of its call.
///
/// One limit holds for all of it, the action included: no step outlives it.
///
/// ```
/// use std::time::Duration;
/// use upcloud::{ServerState, StopMode};
/// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
/// # let fake = upcloud::fake::Fake::start().await;
/// # let upcloud = fake.client();
/// # let uuid = fake.add_server("web-1.example.net");
/// let stop = upcloud.servers().stop(uuid, StopMode::Hard).when_ready().and_wait();
/// let server = stop.limit(Duration::from_secs(120)).await?;
/// assert_eq!(server.state, ServerState::Stopped);
/// upcloud.servers().delete(uuid).with_storages().when_ready().and_wait().await?;
/// # Ok(()) }
/// ```
#[must_use = "an action does nothing until it is awaited"]
pub struct ServerAction<T> {
    /// `None` when it has begun.
    run: Option<Run<T>>,
    running: Option<Boxed<Result<T, Error>>>,
    steps: Steps,
    poll: PollOptions,
    observer: Observer,
}

impl<T: 'static> ServerAction<T> {
    pub(crate) fn new<C: ChangesServer<Output = T>>(call: C) -> Self
    where
        T: ServerOutput,
    {
        let run = |Steps { ready, wait }, poll: PollOptions, observer| -> Boxed<Result<T, Error>> {
            let action = Action { call, ready, wait, ensure: false, poll: poll.begun(), observer };
            Box::pin(action.run())
        };
        let steps = Steps { ready: false, wait: false };
        let run: Option<Run<T>> = Some(Box::new(run));
        Self { run, running: None, steps, poll: PollOptions::default(), observer: Observer::default() }
    }

    pub(crate) fn when_ready(mut self) -> Self {
        self.steps.ready = true;
        self
    }

    /// Waits for what becomes of the server as well, as the method of this name of the call does.
    pub fn and_wait(mut self) -> Self {
        self.steps.wait = true;
        self
    }

    poll_setters!();
}

impl<T: 'static> Future for ServerAction<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(run) = self.run.take() {
            let begun = run(self.steps, self.poll, mem::take(&mut self.observer));
            self.running = Some(begun);
        }
        let Some(running) = &mut self.running else {
            return Poll::Ready(Err(Error::new(Class::Wait, "the action was over already")));
        };
        let result = ready!(running.as_mut().poll(cx));
        self.running = None;
        Poll::Ready(result)
    }
}

impl<T> fmt::Debug for ServerAction<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerAction")
            .field("when_ready", &self.steps.ready)
            .field("and_wait", &self.steps.wait)
            .field("limit", &self.poll.limit)
            .finish_non_exhaustive()
    }
}

/// The steps of an action.
pub(super) struct Action<C> {
    call: C,
    ready: bool,
    wait: bool,
    /// Without the action if the server is there already.
    ensure: bool,
    poll: PollOptions,
    observer: Observer,
}

impl<C: ChangesServer> Action<C> {
    /// From any state to the one that the action leads to; without the action if the server is there already.
    pub(super) fn ensure(call: C, poll: PollOptions, observer: Observer) -> Self {
        Self { call, ready: true, wait: true, ensure: true, poll: poll.begun(), observer }
    }

    pub(super) async fn run(self) -> Result<C::Output, Error> {
        self.run_observed().await.0
    }

    /// The observer comes back for what follows.
    pub(super) async fn run_observed(mut self) -> (Result<C::Output, Error>, Observer) {
        let begin = Instant::now();
        let result = self.steps().await.map_err(|error| error.took(begin.elapsed()));
        (result, self.observer)
    }

    async fn steps(&mut self) -> Result<C::Output, Error> {
        let uuid = self.call.server();
        let answer = match uuid.filter(|_| self.ready) {
            Some(uuid) => match self.act_when_ready(uuid).await? {
                Acted::Accepted(answer) => answer,
                Acted::Needless(answer) => return Ok(answer),
            },
            None if self.ready => self.act_when_storages_are_ready().await?,
            None => self.act().await?,
        };
        let Some(uuid) = uuid.or_else(|| answer.server().map(|server| server.uuid)).filter(|_| self.wait) else {
            return Ok(answer);
        };
        let goal = self.call.becomes().goal();
        match self.wait_for(uuid, goal).await {
            Ok(last) => Ok(answer.seen_as(last)),
            Err(error) => {
                let last = answer.seen_as(error.last_seen().cloned());
                Err(error.accepted(C::OPERATION, last.server().cloned()))
            }
        }
    }

    async fn wait_for(&mut self, uuid: Uuid, goal: Goal<Server>) -> Result<Option<Server>, Error> {
        wait_for(&self.call.options().connection, uuid, goal, self.poll, &mut self.observer).await
    }

    async fn act(&self) -> Result<C::Output, Error> {
        let mut call = self.call.clone();
        call.options_mut().deadline = Some(self.poll.deadline(Instant::now()));
        Ok(Box::pin(send(call)).await?.value)
    }

    /// What has no server yet depends on storages at the most. A refusal has made nothing, so the request may be sent again.
    async fn act_when_storages_are_ready(&mut self) -> Result<C::Output, Error> {
        let mut pauses = self.poll.pauses(Instant::now());
        loop {
            let error = match self.act().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let waits = error.code() == Some(&ErrorCode::StorageStateIllegal)
                && !error.may_have_taken_effect()
                && error.state_may_pass();
            if !(waits && pauses.rest(error.retry_after()).await) {
                return Err(error);
            }
        }
    }

    async fn act_when_ready(&mut self, uuid: Uuid) -> Result<Acted<C::Output>, Error> {
        let mut pauses = self.poll.pauses(Instant::now());
        let mut refused: Option<Error> = None;
        let mut refusals = 0;
        loop {
            let Some(server) = self.wait_for(uuid, Goal::Leave(ServerState::Maintenance)).await? else {
                return Err(super::wait::nothing_seen());
            };
            let is_there = matches!(self.call.becomes(), Becomes::State(state) if state == server.state);
            if is_there && (self.ensure || refused.as_ref().is_some_and(Error::may_have_taken_effect)) {
                return Ok(Acted::Needless(C::Output::of(server)));
            }
            if self.ensure && server.state == ServerState::Error {
                // The wait says it in the words of all waits, and keeps the server.
                let goal = self.call.becomes().goal();
                let last = self.wait_for(uuid, goal).await?;
                return Ok(Acted::Needless(C::Output::of(last.unwrap_or(server))));
            }
            if let Some(error) = refused.take() {
                let pause =
                    pauses.next(error.retry_after()).filter(|_| !is_final::<C>(&error, &server.state, refusals));
                let Some(pause) = pause else { return Err(error.refused_in(server.state)) };
                rest(pause, pauses.deadline()).await;
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
fn is_final<C: ChangesServer>(error: &Error, state: &ServerState, refusals: u32) -> bool {
    if error.code() != Some(&ErrorCode::ServerStateIllegal) {
        return false;
    }
    match C::NEEDS {
        Some(needed) => *state != needed,
        None => *state == ServerState::Error || refusals >= TRIES_AT_REST,
    }
}

/// Whether the server, or one of its storages, was in another state than it had just been seen in.
pub(super) fn moved(error: &Error) -> bool {
    matches!(error.code(), Some(ErrorCode::ServerStateIllegal | ErrorCode::StorageStateIllegal))
}

/// Whether it is trouble of the service or the network, after which a poll tells whether the action is still needed.
pub(super) fn is_trouble(error: &Error) -> bool {
    Failure::of(error) != Failure::Other || error.may_have_taken_effect()
}
