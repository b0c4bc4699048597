//! A fleet of servers that shall be in one state, or gone: one list per poll tells what each of them needs.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    fmt,
    future::Future,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::Instant;
use uuid::Uuid;

use super::{
    flight::{Board, Control, Landing, Sending},
    outcome::{End, Fate, Outcome, Progress},
    settings::{Refusals, Settings, ends_all, fleet_setters},
};
use crate::{
    call::{Boxed, rest},
    error::{Class, Error, Failure},
    model::{BackupDeletion, ErrorCode, ErrorKind, Operation, ServerState},
    operations::{DeleteServerCall, StartServerCall, StopServerCall},
    server::{Servers, StopMode, wait::Wanted},
    transport::Connection,
};

/// How often an action is refused for a state that the list does not show, until that is believed.
const REFUSALS: u32 = 3;
/// After this time without any effect an action that was accepted is sent again.
const PATIENCE: Duration = Duration::from_secs(60);

/// Many servers that shall be started, stopped or gone, from [`Servers::start_all`], [`Servers::stop_all`] and
/// [`Servers::delete_all`]; `.await` sees to it and gives what became of each.
///
/// Trouble of the service or the network is ridden out within the [limit](Self::limit). A request whose answer was lost is
/// sent again only if the next list shows that it had no effect.
///
/// A server that the list lacks is tried all the same. If the API does not find it, a deletion is done; a start or a stop is
/// tried again after half a minute, because a new server may not be visible everywhere, and has failed then.
///
/// ```
/// use std::time::Duration;
/// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
/// # let fake = upcloud::fake::Fake::start().await;
/// # let upcloud = fake.client();
/// # fake.fill(3);
/// let uuids: Vec<_> = upcloud.servers().list().await?.iter().map(|server| server.uuid).collect();
/// let outcome = upcloud.servers().delete_all(uuids, None).in_flight(4).limit(Duration::from_secs(300)).await;
/// for (uuid, error) in outcome.not_done() {
///     println!("{uuid} is left: {error:?}");
/// }
/// # assert!(outcome.is_done());
/// # Ok(()) }
/// ```
#[must_use = "a fleet does nothing until it is awaited"]
pub struct EnsureAll {
    connection: Connection,
    uuids: Vec<Uuid>,
    want: Want,
    settings: Settings,
    running: Option<Boxed<Outcome<Uuid>>>,
}

/// What the servers shall be.
#[derive(Clone, Debug)]
enum Want {
    Started,
    Stopped(StopMode),
    Gone(Option<BackupDeletion>),
}

/// What is done to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Start,
    Stop(StopMode),
    Delete,
}

/// What a server needs to become what it shall be.
enum Need {
    Nothing,
    Time,
    Act(Step),
    /// It will not become that.
    Hopeless,
}

impl Want {
    fn need(&self, state: &ServerState) -> Need {
        let is_there = match self {
            Self::Started => *state == ServerState::Started,
            Self::Stopped(_) => *state == ServerState::Stopped,
            Self::Gone(_) => false,
        };
        if is_there {
            return Need::Nothing;
        }
        match (self, state) {
            (Self::Gone(_), ServerState::Stopped | ServerState::Error) => Need::Act(Step::Delete),
            (_, ServerState::Error) => Need::Hopeless,
            (Self::Started, ServerState::Stopped) => Need::Act(Step::Start),
            (Self::Stopped(mode), ServerState::Started) => Need::Act(Step::Stop(*mode)),
            (Self::Gone(_), ServerState::Started) => Need::Act(Step::Stop(StopMode::Hard)),
            _ => Need::Time,
        }
    }

    /// What is tried with a server that the list does not have: it may be there, or not.
    fn blind(&self) -> Step {
        match self {
            Self::Started => Step::Start,
            Self::Stopped(mode) => Step::Stop(*mode),
            Self::Gone(_) => Step::Delete,
        }
    }

    fn describe(&self) -> &'static str {
        match self {
            Self::Started => "become started",
            Self::Stopped(_) => "become stopped",
            Self::Gone(_) => "disappear",
        }
    }
}

impl Step {
    fn operation(self) -> Operation {
        match self {
            Self::Start => Operation::StartServer,
            Self::Stop(_) => Operation::StopServer,
            Self::Delete => Operation::DeleteServer,
        }
    }

    /// How long an accepted action may be without effect.
    fn patience(self) -> Duration {
        match self {
            Self::Start | Self::Delete | Self::Stop(StopMode::Hard) => PATIENCE,
            Self::Stop(StopMode::SoftThenHard(limit)) => limit.saturating_add(PATIENCE),
            // A guest that was asked once will not obey a second time.
            Self::Stop(StopMode::Soft) => Duration::MAX,
        }
    }
}

impl EnsureAll {
    pub(super) fn to_start(servers: &Servers, uuids: impl IntoIterator<Item = Uuid>) -> Self {
        Self::new(servers, uuids, Want::Started)
    }

    pub(super) fn to_stop(servers: &Servers, uuids: impl IntoIterator<Item = Uuid>, mode: StopMode) -> Self {
        Self::new(servers, uuids, Want::Stopped(mode))
    }

    pub(super) fn to_delete(
        servers: &Servers,
        uuids: impl IntoIterator<Item = Uuid>,
        storages: Option<BackupDeletion>,
    ) -> Self {
        Self::new(servers, uuids, Want::Gone(storages))
    }

    fn new(servers: &Servers, uuids: impl IntoIterator<Item = Uuid>, want: Want) -> Self {
        let mut known = HashSet::new();
        let uuids = uuids.into_iter().filter(|uuid| known.insert(*uuid)).collect();
        Self { connection: servers.connection.clone(), uuids, want, settings: Settings::default(), running: None }
    }

    fleet_setters!();

    /// How long it may take as a whole, an hour by default. No step outlives it. With [`Duration::ZERO`] nothing is done;
    /// [`Duration::MAX`] is no limit.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.settings.limit = limit;
        self
    }

    async fn run(self) -> Outcome<Uuid> {
        let Self { connection, uuids, want, settings, .. } = self;
        let (refusals, poll, limit) = (settings.refusals, settings.poll, settings.limit);
        let wanted = Wanted { uuids: Arc::new(uuids.iter().copied().collect()), whole: false };
        let begin = Instant::now();
        let mut control = Control::new(settings);
        let total = uuids.len();
        let mut ensuring = Ensuring {
            connection: connection.clone(),
            want,
            targets: uuids.into_iter().map(Target::new).collect(),
            queue: VecDeque::new(),
            refusals,
            begin,
            grace: poll.grace,
            by_pages: false,
            deadline: control.deadline,
            progress: Progress { total, left: total, ..Progress::default() },
        };
        let mut poll = poll;
        poll.limit = Duration::MAX;
        let mut pauses = poll.pauses(begin);
        control.show(&mut ensuring.progress, 0);
        while ensuring.is_open() && !control.is_over() {
            if Instant::now() >= control.deadline {
                control.end(End::Limit);
                break;
            }
            let list = tokio::time::timeout_at(control.deadline, wanted.list(&connection, ensuring.by_pages));
            let Some(list) = control.unless_stopped(list).await else { break };
            let mut asked = None;
            match list {
                Err(_) => {
                    control.end(End::Limit);
                    break;
                }
                Ok(Ok((statuses, _))) => {
                    let states = statuses.into_iter().map(|status| (status.uuid, status.state)).collect();
                    if ensuring.review(states) {
                        pauses.hurry();
                    }
                }
                Ok(Err(error)) if error.is_transient() || error.is_decode() => {
                    asked = error.retry_after();
                    ensuring.hindered(&error);
                }
                Ok(Err(error)) => {
                    ensuring.fail_all(&error);
                    control.end(End::Failure);
                    break;
                }
            }
            control.send(&mut ensuring).await;
            if !ensuring.is_open() || control.is_over() {
                break;
            }
            let pause = pauses.next(asked).unwrap_or(poll.longest);
            let deadline = control.deadline;
            match control.unless_stopped(rest(pause, deadline)).await {
                Some(true) => {}
                Some(false) => control.end(End::Limit),
                None => break,
            }
        }
        ensuring.close(limit);
        control.show(&mut ensuring.progress, 0);
        Outcome::new(ensuring.targets.into_iter().map(|target| (target.uuid, target.fate)).collect(), control.end)
    }
}

impl Future for EnsureAll {
    type Output = Outcome<Uuid>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if this.running.is_none() {
            let Self { connection, uuids, want, settings, .. } = this;
            let (connection, uuids) = (connection.clone(), mem::take(uuids));
            let begun = Self { connection, uuids, want: want.clone(), settings: mem::take(settings), running: None };
            this.running = Some(Box::pin(begun.run()));
        }
        match &mut this.running {
            Some(running) => running.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}

impl fmt::Debug for EnsureAll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EnsureAll")
            .field("servers", &self.uuids.len())
            .field("want", &self.want)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// What is remembered of one server.
struct Target {
    uuid: Uuid,
    fate: Fate,
    open: bool,
    /// As the last list had it; `None` of one that it did not have.
    state: Option<ServerState>,
    was_seen: bool,
    /// The step that was accepted last, and when.
    accepted: Option<(Step, Instant)>,
    /// The step that is to be sent.
    step: Option<Step>,
    /// How often it was refused for its state, since something was accepted or moved.
    refused: u32,
    /// When a server that the list lacks may be tried again.
    not_before: Option<Instant>,
    trouble: Option<Error>,
}

impl Target {
    fn new(uuid: Uuid) -> Self {
        Self {
            uuid,
            fate: Fate::NotBegun,
            open: true,
            state: None,
            was_seen: false,
            accepted: None,
            step: None,
            refused: 0,
            not_before: None,
            trouble: None,
        }
    }

    /// Whether this step was accepted, and may still show its effect.
    fn is_under_way(&self, step: Step) -> bool {
        self.accepted.is_some_and(|(accepted, at)| accepted == step && at.elapsed() < step.patience())
    }
}

/// The servers of a fleet.
struct Ensuring {
    connection: Connection,
    want: Want,
    targets: Vec<Target>,
    queue: VecDeque<usize>,
    refusals: Refusals,
    begin: Instant,
    /// How long a server that was never seen may be missing.
    grace: Duration,
    /// Whether the list has to be read page by page to be whole.
    by_pages: bool,
    deadline: Instant,
    progress: Progress,
}

impl Ensuring {
    fn is_open(&self) -> bool {
        self.targets.iter().any(|target| target.open)
    }

    fn settle(&mut self, number: usize, fate: Fate) {
        let target = &mut self.targets[number];
        if !std::mem::replace(&mut target.open, false) {
            return;
        }
        match &fate {
            Fate::Done(()) => self.progress.done += 1,
            Fate::Unfinished(..) => self.progress.unfinished += 1,
            Fate::Failed(_) => self.progress.failed += 1,
            Fate::InDoubt(_) => self.progress.in_doubt += 1,
            Fate::NotBegun => {}
        }
        if !matches!(fate, Fate::NotBegun) {
            self.progress.left -= 1;
        }
        target.fate = fate;
    }

    /// Takes in a list, and says what is to be sent. Tells whether anything has moved.
    fn review(&mut self, mut states: HashMap<Uuid, ServerState>) -> bool {
        let mut moved = false;
        self.queue.clear();
        for number in 0..self.targets.len() {
            let target = &mut self.targets[number];
            if !target.open {
                continue;
            }
            let state = states.remove(&target.uuid);
            if state != target.state {
                moved = true;
                target.refused = 0;
            }
            target.was_seen |= state.is_some();
            target.state.clone_from(&state);
            match state.map(|state| self.want.need(&state)) {
                Some(Need::Nothing) => self.settle(number, Fate::Done(())),
                Some(Need::Hopeless) => {
                    let (uuid, goal) = (target.uuid, self.want.describe());
                    let text = format!("server {uuid} is in the state error, so it will not {goal}");
                    let error = Error::new(Class::Wait, text).last_seen_as(Some(ServerState::Error), None);
                    let fate = match target.accepted {
                        Some((step, _)) => Fate::Unfinished((), error.accepted(Some(step.operation()), None)),
                        None => Fate::Failed(error),
                    };
                    self.settle(number, fate);
                }
                Some(Need::Act(step)) if !target.is_under_way(step) => {
                    target.step = Some(step);
                    self.queue.push_back(number);
                }
                None if matches!(target.accepted, Some((Step::Delete, _))) => self.settle(number, Fate::Done(())),
                None if target.not_before.is_none_or(|at| at <= Instant::now()) => {
                    target.step = Some(self.want.blind());
                    self.queue.push_back(number);
                }
                Some(Need::Act(_) | Need::Time) | None => {}
            }
        }
        moved
    }

    fn hindered(&mut self, error: &Error) {
        for target in self.targets.iter_mut().filter(|target| target.open) {
            target.trouble = Some(error.clone());
        }
    }

    fn fail_all(&mut self, error: &Error) {
        for number in 0..self.targets.len() {
            self.settle(number, Fate::Failed(error.clone()));
        }
    }

    /// What is said of those that are left when it ends early.
    fn close(&mut self, limit: Duration) {
        for number in 0..self.targets.len() {
            let target = &mut self.targets[number];
            if !target.open {
                continue;
            }
            let trouble = target.trouble.take();
            let fate = match (target.accepted, trouble) {
                (_, Some(error))
                    if error.may_have_taken_effect() && error.operation() != Some(Operation::ListServers) =>
                {
                    Fate::InDoubt(error)
                }
                (Some((step, _)), trouble) => {
                    let goal = self.want.describe();
                    let text = format!("server {} did not {goal} until the fleet ended (limit {limit:?})", target.uuid);
                    let error = Error::new(Class::Timeout, text).last_seen_as(target.state.clone(), None);
                    Fate::Unfinished((), error.hindered_by(trouble).accepted(Some(step.operation()), None))
                }
                (None, Some(error)) => Fate::Failed(error),
                (None, None) => Fate::NotBegun,
            };
            self.settle(number, fate);
        }
    }

    /// Whether a server that was not found may still be on its way.
    fn is_forgiven(&self, number: usize) -> bool {
        !self.targets[number].was_seen && self.begin.elapsed() < self.grace
    }
}

impl Board for Ensuring {
    type Output = ();

    fn next(&mut self) -> Option<(usize, Sending<()>)> {
        let number = self.queue.pop_front()?;
        let Target { uuid, step, .. } = self.targets[number];
        let (connection, deadline) = (&self.connection, self.deadline);
        let sending: Sending<()> = match step.unwrap_or_else(|| self.want.blind()) {
            Step::Start => {
                let call = StartServerCall::to_start(connection, uuid).asynchronous().by(deadline);
                Box::pin(async move { call.await.map(drop) })
            }
            Step::Stop(mode) => {
                let call = StopServerCall::to_stop(connection, uuid, mode).by(deadline);
                Box::pin(async move { call.await.map(drop) })
            }
            Step::Delete => {
                let call = DeleteServerCall::new(connection, uuid).by(deadline);
                Box::pin(match &self.want {
                    Want::Gone(Some(backups)) => call.with_storages_and_backups(backups.clone()),
                    _ => call,
                })
            }
        };
        Some((number, sending))
    }

    fn has_next(&self) -> bool {
        !self.queue.is_empty()
    }

    fn landed(&mut self, number: usize, result: Result<(), Error>, control: &Control) -> Landing {
        let is_forgiven = self.is_forgiven(number);
        let grace_ends = self.begin + self.grace;
        let target = &mut self.targets[number];
        let step = target.step.take().unwrap_or_else(|| self.want.blind());
        let error = match result {
            Ok(()) => {
                target.accepted = Some((step, Instant::now()));
                target.trouble = None;
                target.refused = 0;
                return Landing::Well;
            }
            Err(error) => error,
        };
        if error.told_kind() == ErrorKind::NotFound {
            if matches!(self.want, Want::Gone(_)) {
                self.settle(number, Fate::Done(()));
                return Landing::Well;
            }
            if is_forgiven {
                target.not_before = Some(grace_ends);
                target.trouble = Some(error);
                return Landing::Alone;
            }
        } else if let Some(ErrorCode::ServerStateIllegal | ErrorCode::StorageStateIllegal) = error.code() {
            // One that is refused for its state is there, so the list that lacked it was not whole.
            self.by_pages |= target.state.is_none();
            target.refused += 1;
            let tries = if target.state == Some(ServerState::Error) { 1 } else { REFUSALS };
            let is_final = error.code() == Some(&ErrorCode::ServerStateIllegal)
                && target.state.is_some()
                && target.refused >= tries;
            if !is_final {
                target.trouble = Some(error);
                return Landing::Alone;
            }
        } else if self.refusals.waits_for(&error)
            || error.may_have_taken_effect()
            || Failure::of(&error) != Failure::Other
        {
            let asked = error.retry_after();
            target.trouble = Some(error);
            return Landing::Wait(asked);
        }
        let landing = if ends_all(&error) { Landing::Last } else { control.failure() };
        self.settle(number, Fate::Failed(error));
        landing
    }

    fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }
}
