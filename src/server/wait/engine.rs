//! What one poll at a server means for a wait: done, failed, or look again after a pause. No I/O here, so every rule can
//! be tested on paused time.

use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::poll::PollOptions;
use crate::{
    call::Pauses,
    error::{Class, Error},
    model::{Operation, ServerState, types::Server},
    shown::Word,
};

/// How often the state behind the target has to be seen before the target counts as missed.
const SEEN_BEHIND: u32 = 2;
/// How often a server has to be seen as it was before a restart, and how many of the longest pauses that has to last,
/// until the restart counts as over between two polls.
const SEEN_STILL: u32 = 3;
const STILL_PAUSES: u32 = 2;

/// What a poll at a server gives.
pub(in crate::server) trait Look {
    /// The operation that looks.
    const OPERATION: Operation;

    fn state(&self) -> &ServerState;

    /// How far a creation is, if that is told.
    fn progress(&self) -> Option<u64> {
        None
    }

    /// All about the server, if the look saw all.
    fn whole(self) -> Option<Server>;
}

impl Look for Server {
    const OPERATION: Operation = Operation::GetServer;

    fn state(&self) -> &ServerState {
        &self.state
    }

    fn progress(&self) -> Option<u64> {
        self.progress
    }

    fn whole(self) -> Option<Server> {
        Some(self)
    }
}

/// What a wait is for.
pub(in crate::server) enum Goal<L> {
    /// This state.
    Reach(ServerState),
    /// Any state but this.
    Leave(ServerState),
    /// Out of `started` and back. It may take so long until it begins; `surely` says that it does begin.
    Restart { begins_within: Duration, surely: bool },
    /// Whatever the caller says.
    Meet(Box<dyn FnMut(&L) -> bool + Send>),
    /// No server any more.
    Vanish,
}

impl<L> Goal<L> {
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Reach(state) => format!("become {}", Word(state.as_str())),
            Self::Leave(state) => format!("leave the state {}", Word(state.as_str())),
            Self::Restart { .. } => "restart".to_owned(),
            Self::Meet(_) => "meet the condition".to_owned(),
            Self::Vanish => "disappear".to_owned(),
        }
    }
}

/// What a poll means for the server alone.
#[derive(Debug)]
pub(in crate::server) enum Progress<L> {
    /// The goal is reached; the server as it was seen, if there is one.
    Done(Option<L>),
    /// The goal cannot be reached any more.
    Failed(Error),
    /// Neither; whether something has moved since the last poll.
    Open { moved: bool },
}

/// What a wait remembers of one server.
pub(in crate::server) struct Track<L> {
    uuid: Uuid,
    goal: Goal<L>,
    poll: PollOptions,
    begin: Instant,
    looks: u32,
    last: Option<L>,
    trouble: Option<Error>,
    was_in_maintenance: bool,
    behind: u32,
    /// How often a server that is to restart was seen `started` before it was seen otherwise.
    still: u32,
    has_left: bool,
}

impl<L: Look> Track<L> {
    pub(in crate::server) fn new(uuid: Uuid, goal: Goal<L>, poll: PollOptions, begin: Instant) -> Self {
        Self {
            uuid,
            goal,
            poll,
            begin,
            looks: 0,
            last: None,
            trouble: None,
            was_in_maintenance: false,
            behind: 0,
            still: 0,
            has_left: false,
        }
    }

    /// Takes in what a poll gave.
    pub(in crate::server) fn judge(&mut self, look: Result<L, Error>) -> Progress<L> {
        self.looks = self.looks.saturating_add(1);
        match look {
            Ok(seen) => self.seen(seen),
            Err(error) if error.is_not_found() => self.not_found(error),
            // The server may be well although the network or the service is not, or somebody has garbled one answer.
            Err(error) if error.is_transient() || error.is_decode() => {
                self.trouble = Some(error);
                Progress::Open { moved: false }
            }
            Err(error) => Progress::Failed(error),
        }
    }

    /// Takes in that a list did not have the server, and tells whether a closer poll has to decide; else it is forgiven.
    pub(in crate::server) fn missing(&mut self) -> bool {
        let decisive = matches!(self.goal, Goal::Vanish) || self.last.is_some() || !self.in_grace();
        self.looks = self.looks.saturating_add(u32::from(!decisive));
        decisive
    }

    /// Something stands in the way; it is named if time runs out before the next good poll.
    pub(in crate::server) fn hindered(&mut self, trouble: Error) {
        self.trouble = Some(trouble);
    }

    /// There was a poll that showed nobody.
    pub(in crate::server) fn looked_in_vain(&mut self) {
        self.looks = self.looks.saturating_add(1);
    }

    /// The error for a wait whose time is over.
    pub(in crate::server) fn over(&mut self) -> Error {
        let last = match (&self.last, &self.trouble) {
            (Some(seen), None) => format!("it was {} at the last look", Word(seen.state().as_str())),
            (None, _) => "it was never seen".to_owned(),
            (Some(seen), Some(_)) => format!("it was {} when it was last seen", Word(seen.state().as_str())),
        };
        let (uuid, goal) = (self.uuid, self.goal.describe());
        let text = if self.poll.limit.is_zero() {
            format!("server {uuid} did not {goal} by the only look; {last}")
        } else {
            format!("server {uuid} did not {goal} within {:?}; {last}", self.poll.limit)
        };
        let trouble = self.trouble.take();
        self.error(Class::Timeout, text).hindered_by(trouble)
    }

    /// The error for a server in the state `error`.
    pub(in crate::server) fn broken(&mut self) -> Error {
        let text = format!("server {} is in the state error, so it will not {}", self.uuid, self.goal.describe());
        self.error(Class::Wait, text)
    }

    fn seen(&mut self, seen: L) -> Progress<L> {
        self.trouble = None;
        if *seen.state() == ServerState::Started {
            self.still = self.still.saturating_add(1);
        } else {
            self.has_left = true;
        }
        let at_rest = self.at_rest();
        let reached = match &mut self.goal {
            Goal::Reach(state) => seen.state() == state,
            Goal::Leave(state) => seen.state() != state,
            Goal::Restart { surely, .. } => {
                *seen.state() == ServerState::Started && (self.has_left || (*surely && at_rest))
            }
            Goal::Meet(condition) => condition(&seen),
            Goal::Vanish => false,
        };
        if reached {
            return Progress::Done(Some(seen));
        }
        let last = self.last.replace(seen);
        if let Some(error) = self.hopeless() {
            return Progress::Failed(error);
        }
        let moved = self
            .last
            .as_ref()
            .zip(last.as_ref())
            .is_some_and(|(new, old)| new.state() != old.state() || new.progress() != old.progress());
        Progress::Open { moved }
    }

    /// Whether a restart should have been seen to begin by now.
    fn at_rest(&self) -> bool {
        let Goal::Restart { begins_within, .. } = &self.goal else { return false };
        let long = begins_within.saturating_add(self.poll.longest.saturating_mul(STILL_PAUSES));
        !self.has_left && self.still >= SEEN_STILL && self.begin.elapsed() >= long
    }

    /// Why the goal will not be reached by waiting on, if so.
    fn hopeless(&mut self) -> Option<Error> {
        let target = match &self.goal {
            Goal::Reach(target) => target,
            Goal::Restart { .. } => &ServerState::Started,
            Goal::Leave(_) | Goal::Meet(_) | Goal::Vanish => return None,
        };
        let state = self.last.as_ref()?.state();
        if *state == ServerState::Error {
            return Some(self.broken());
        }
        if self.at_rest() {
            let text = format!("server {} was never seen to restart, so its guest did not obey in time", self.uuid);
            return Some(self.error(Class::Wait, text));
        }
        self.was_in_maintenance |= *state == ServerState::Maintenance;
        let ends = [&ServerState::Started, &ServerState::Stopped];
        let is_behind = self.was_in_maintenance && ends.contains(&state) && ends.contains(&target);
        self.behind = if is_behind { self.behind + 1 } else { 0 };
        if self.behind < SEEN_BEHIND {
            return None;
        }
        let text = format!(
            "server {} left maintenance as {state}: it did not become {target}, or only between two looks",
            self.uuid
        );
        Some(self.error(Class::Wait, text))
    }

    fn not_found(&mut self, error: Error) -> Progress<L> {
        if matches!(self.goal, Goal::Vanish) {
            return Progress::Done(None);
        }
        if self.last.is_some() {
            let text = format!("server {} was deleted, so it will not {}", self.uuid, self.goal.describe());
            return Progress::Failed(self.error(Class::Wait, text));
        }
        // A server that was just created may not be visible everywhere yet.
        if self.in_grace() {
            self.trouble = Some(error);
            return Progress::Open { moved: false };
        }
        Progress::Failed(error)
    }

    fn in_grace(&self) -> bool {
        self.begin.elapsed() < self.poll.grace
    }

    fn error(&mut self, class: Class, text: String) -> Error {
        let last = self.last.take();
        let state = last.as_ref().map(|last| last.state().clone());
        Error::new(class, text)
            .during(Some(L::OPERATION), true, self.begin.elapsed())
            .after(self.looks)
            .last_seen_as(state, last.and_then(L::whole))
    }
}

/// What follows from a poll at the only server of a wait.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "one is made for each look, and taken apart at once")]
pub(super) enum Step {
    /// The goal is reached; the server as it was seen, if there is one.
    Done(Option<Server>),
    /// The goal cannot be reached any more, or not in time.
    Failed(Error),
    /// Look again after this pause.
    Again(Duration),
}

/// The memory of a wait for one server.
pub(super) struct Engine {
    track: Track<Server>,
    pauses: Pauses,
}

impl Engine {
    pub(super) fn new(uuid: Uuid, goal: Goal<Server>, poll: PollOptions) -> Self {
        let begin = Instant::now();
        Self { track: Track::new(uuid, goal, poll, begin), pauses: poll.pauses(begin) }
    }

    /// When the wait ends whatever happens.
    pub(super) fn deadline(&self) -> Instant {
        self.pauses.deadline()
    }

    /// Takes in what a poll gave.
    pub(super) fn judge(&mut self, look: Result<Server, Error>) -> Step {
        let asked = look.as_ref().err().and_then(Error::retry_after);
        match self.track.judge(look) {
            Progress::Done(server) => return Step::Done(server),
            Progress::Failed(error) => return Step::Failed(error),
            Progress::Open { moved: true } => self.pauses.hurry(),
            Progress::Open { moved: false } => {}
        }
        self.pauses.next(asked).map_or_else(|| Step::Failed(self.track.over()), Step::Again)
    }

    /// The error for a wait whose time is over.
    pub(super) fn over(&mut self) -> Error {
        self.track.over()
    }
}
