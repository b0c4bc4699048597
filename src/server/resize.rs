//! Another size for a server, in whatever state it is: while it runs where that is possible, else with a stop, if the caller
//! allows one.

use std::{
    fmt,
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Servers, StopMode,
    action::{Action, is_trouble, moved},
    wait::{Goal, Observer, PollOptions, nothing_seen, poll_setters, wait_for},
};
use crate::{
    call::Boxed,
    error::{Class, Error},
    model::{
        ServerState,
        types::{ModifyServer, Server, ServerSize},
    },
    operations::{ModifyServerCall, StartServerCall, StopServerCall},
    transport::Connection,
};

/// The plan of a server whose cores and memory are chosen freely.
const CUSTOM: &str = "custom";

/// The size that a server shall have, for [`Servers::resize`]. A text is the name of a plan.
///
/// ```
/// use upcloud::types::NewSize;
///
/// assert_eq!(NewSize::from("2xCPU-4GB"), NewSize::Plan("2xCPU-4GB".to_owned()));
/// let free = NewSize::CoresAndMemory { cores: 4, megabytes: 8192 };
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NewSize {
    /// A plan, as [`Catalog::plans`](crate::Catalog::plans) names them.
    Plan(String),
    /// Cores and memory without a plan, one of [`Servers::sizes`].
    CoresAndMemory {
        /// How many cores.
        cores: u64,
        /// The memory in megabytes.
        megabytes: u64,
    },
}

impl From<&str> for NewSize {
    fn from(plan: &str) -> Self {
        Self::Plan(plan.to_owned())
    }
}

impl From<String> for NewSize {
    fn from(plan: String) -> Self {
        Self::Plan(plan)
    }
}

impl From<ServerSize> for NewSize {
    fn from(size: ServerSize) -> Self {
        Self::CoresAndMemory { cores: size.core_number, megabytes: size.memory_amount }
    }
}

impl NewSize {
    fn is_that_of(&self, server: &Server) -> bool {
        match self {
            Self::Plan(name) => server.plan.as_ref() == Some(name),
            Self::CoresAndMemory { cores, megabytes } => {
                server.plan.as_deref().is_none_or(|plan| plan == CUSTOM)
                    && (server.core_number, server.memory_amount) == (Some(*cores), Some(*megabytes))
            }
        }
    }

    fn changes(&self) -> ModifyServer {
        match self {
            Self::Plan(name) => ModifyServer::default().plan(name.clone()),
            Self::CoresAndMemory { cores, megabytes } => {
                ModifyServer::default().plan(CUSTOM).cores_and_memory(*cores, *megabytes)
            }
        }
    }
}

impl Servers {
    /// Gives a server another size, in one step from any state: waits out `maintenance`, changes the size while the server
    /// runs, and where that is refused stops it, changes it and starts it again, **if [`allow_stop`](Resize::allow_stop)
    /// says so**. A server that has the size already is left alone, so it is safe to call twice. Storages keep their size.
    ///
    /// A server that was stopped before stays stopped. One that was stopped by an earlier run which did not get to its end is
    /// started with [`then_start`](Resize::then_start).
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get), [`modify`](Self::modify), [`stop`](Self::stop) and [`start`](Self::start). Without leave to
    /// stop, [`needs_stop`](Error::needs_stop) is true for what a running server cannot take, and nothing was changed. Where
    /// the change is refused after a stop, the server is started again before the error is told. The message begins with where
    /// the server stands: whether its size is changed, and, where a stop or a start was asked for, what is known of that.
    /// [`last_seen`](Error::last_seen) has the server, if it was seen.
    ///
    /// ```
    /// use std::time::Duration;
    /// use upcloud::StopMode;
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// let gently = StopMode::SoftThenHard(Duration::from_secs(120));
    /// let server = upcloud.servers().resize(uuid, "2xCPU-4GB").allow_stop(gently).await?;
    /// assert_eq!(server.plan.as_deref(), Some("2xCPU-4GB"));
    /// # Ok(()) }
    /// ```
    pub fn resize(&self, uuid: Uuid, size: impl Into<NewSize>) -> Resize {
        let steps = Steps { connection: self.connection.clone(), uuid, size: size.into(), stop: None, start: false };
        Resize { steps, poll: PollOptions::default(), observer: Observer::default(), running: None, over: false }
    }
}

/// A change of size, from [`Servers::resize`]: `.await` gives the server as it is then.
#[must_use = "a change does nothing until it is awaited"]
pub struct Resize {
    steps: Steps,
    poll: PollOptions,
    observer: Observer,
    running: Option<Boxed<Result<Server, Error>>>,
    over: bool,
}

impl Resize {
    /// The server may be stopped so, if it cannot be changed while it runs; it is started again then.
    pub fn allow_stop(mut self, mode: StopMode) -> Self {
        self.steps.stop = Some(mode);
        self
    }

    /// The server runs at the end, even if it was found stopped.
    pub fn then_start(mut self) -> Self {
        self.steps.start = true;
        self
    }

    poll_setters!();
}

impl Future for Resize {
    type Output = Result<Server, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.over {
            return Poll::Ready(Err(Error::new(Class::Wait, "the change was over already")));
        }
        let this = &mut *self;
        let running = this.running.get_or_insert_with(|| {
            let (steps, poll, observer) = (this.steps.clone(), this.poll, mem::take(&mut this.observer));
            Box::pin(steps.run(poll, observer))
        });
        let result = ready!(running.as_mut().poll(cx));
        this.running = None;
        this.over = true;
        Poll::Ready(result)
    }
}

impl fmt::Debug for Resize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resize")
            .field("uuid", &self.steps.uuid)
            .field("size", &self.steps.size)
            .field("allow_stop", &self.steps.stop)
            .field("then_start", &self.steps.start)
            .field("limit", &self.poll.limit)
            .finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Steps {
    connection: Connection,
    uuid: Uuid,
    size: NewSize,
    stop: Option<StopMode>,
    start: bool,
}

/// How far a change has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Found,
    /// A stop is asked for; the size is not changed for sure.
    Stopping,
    Stopped,
    Changed,
    /// Changed while it was stopped, and to be started.
    Starting,
}

/// Where a change stands when it fails.
struct Reached {
    stage: Stage,
    /// The last request for the change may have taken effect, and nobody has looked since.
    lost: bool,
}

impl Reached {
    /// What is known of the server. `unclear`: the request that failed may have taken effect. `runs`: it was started again.
    fn told(&self, unclear: bool, runs: bool) -> &'static str {
        match (self.stage, self.lost) {
            (Stage::Found, true) => "it is not known whether the server is changed",
            (Stage::Stopping, _) if unclear => "the server is not changed, and it may be stopped",
            (Stage::Found, false) | (Stage::Stopping, _) => "the server is not changed",
            (Stage::Stopped, false) if runs => "the server was stopped, is not changed, and was started again",
            (Stage::Stopped, false) => "the server was stopped and is not changed",
            (Stage::Stopped, true) if runs => {
                "the server was stopped and was started again, and it is not known whether it is changed"
            }
            (Stage::Stopped, true) => "the server was stopped, and it is not known whether it is changed",
            (Stage::Changed, _) => "the size of the server is changed",
            (Stage::Starting, _) if unclear => {
                "the size of the server is changed, and it is not known whether it is started"
            }
            (Stage::Starting, _) => "the size of the server is changed, and it is not started",
        }
    }
}

impl Steps {
    async fn run(mut self, poll: PollOptions, mut observer: Observer) -> Result<Server, Error> {
        let (begin, poll) = (Instant::now(), poll.begun());
        let mut reached = Reached { stage: Stage::Found, lost: false };
        let result = self.change(poll, &mut observer, &mut reached).await;
        let error = match result {
            Ok(server) => return Ok(server),
            Err(error) => error,
        };
        // What ran before shall run again.
        let runs = reached.stage == Stage::Stopped && self.run_again(poll, &mut observer).await.is_ok();
        let told = reached.told(error.may_have_taken_effect(), runs);
        Err(error.saying(|text| format!("{told}: {text}")).took(begin.elapsed()))
    }

    async fn change(
        &mut self,
        poll: PollOptions,
        observer: &mut Observer,
        reached: &mut Reached,
    ) -> Result<Server, Error> {
        let mut pauses = poll.pauses(Instant::now());
        loop {
            let server = self.at_rest(poll, observer).await?;
            reached.lost = false;
            if self.size.is_that_of(&server) {
                return self.finished(server, poll, observer, reached).await;
            }
            let state = server.state.clone();
            let call = ModifyServerCall::new(&self.connection, self.uuid, self.size.changes());
            let error = match call.by(pauses.deadline()).await {
                Ok(_) => {
                    reached.stage = if reached.stage == Stage::Stopped { Stage::Starting } else { Stage::Changed };
                    let server = self.at_rest(poll, observer).await?;
                    return self.finished(server, poll, observer, reached).await;
                }
                Err(error) => error.refused_in(state.clone()).last_seen_as(Some(state.clone()), Some(server)),
            };
            reached.lost = error.may_have_taken_effect();
            if error.needs_stop() && state == ServerState::Started {
                let Some(mode) = self.stop else { return Err(error) };
                reached.stage = Stage::Stopping;
                let stop = StopServerCall::to_stop(&self.connection, self.uuid, mode);
                let (stopped, told) = Action::ensure(stop, poll, mem::take(observer)).run_observed().await;
                *observer = told;
                stopped?;
                reached.stage = Stage::Stopped;
                self.start = true;
            } else if !((moved(&error) || is_trouble(&error)) && pauses.rest(error.retry_after()).await) {
                return Err(error);
            }
        }
    }

    async fn at_rest(&self, poll: PollOptions, observer: &mut Observer) -> Result<Server, Error> {
        let goal = Goal::Leave(ServerState::Maintenance);
        wait_for(&self.connection, self.uuid, goal, poll, observer).await?.ok_or_else(nothing_seen)
    }

    async fn finished(
        &self,
        server: Server,
        poll: PollOptions,
        observer: &mut Observer,
        reached: &mut Reached,
    ) -> Result<Server, Error> {
        reached.stage = Stage::Changed;
        if self.start && server.state != ServerState::Started {
            reached.stage = Stage::Starting;
            self.run_again(poll, observer).await
        } else {
            Ok(server)
        }
    }

    async fn run_again(&self, poll: PollOptions, observer: &mut Observer) -> Result<Server, Error> {
        let start = StartServerCall::to_start(&self.connection, self.uuid).asynchronous();
        let (started, told) = Action::ensure(start, poll, mem::take(observer)).run_observed().await;
        *observer = told;
        started
    }
}
