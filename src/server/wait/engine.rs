//! What one look at a server means for a wait: done, failed, or look again after a pause. No I/O here, so every rule can
//! be tested on paused time.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    Error,
    error::Class,
    generated::{Operation, ServerState, types::Server},
};

const SHORTEST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How often the state behind the target has to be seen before the target counts as missed.
const SEEN_BEHIND: u32 = 2;

/// What a wait is for.
pub(super) enum Goal {
    /// This state.
    Reach(ServerState),
    /// Any state but this.
    Leave(ServerState),
    /// Whatever the caller says.
    Meet(Box<dyn FnMut(&Server) -> bool + Send>),
    /// No server any more.
    Vanish,
}

impl Goal {
    fn describe(&self) -> String {
        match self {
            Self::Reach(state) => format!("become {state}"),
            Self::Leave(state) => format!("leave the state {state}"),
            Self::Meet(_) => "meet the condition".to_owned(),
            Self::Vanish => "disappear".to_owned(),
        }
    }
}

/// What follows from a look.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "one is made for each look, and taken apart at once")]
pub(super) enum Step {
    /// The goal is reached; the server as it was seen, if there is one.
    Done(Option<Server>),
    /// The goal cannot be reached any more.
    Failed(Error),
    /// Look again after this pause.
    Again(Duration),
}

/// The memory of a wait.
pub(super) struct Engine {
    name: String,
    goal: Goal,
    limit: Duration,
    grace: Duration,
    begin: Instant,
    looks: u32,
    pause: Duration,
    last: Option<Server>,
    trouble: Option<Error>,
    was_in_maintenance: bool,
    behind: u32,
}

impl Engine {
    pub(super) fn new(name: String, goal: Goal, limit: Duration, grace: Duration) -> Self {
        Self {
            name,
            goal,
            limit,
            grace,
            begin: Instant::now(),
            looks: 0,
            pause: SHORTEST_PAUSE,
            last: None,
            trouble: None,
            was_in_maintenance: false,
            behind: 0,
        }
    }

    /// When the wait ends whatever happens.
    pub(super) fn deadline(&self) -> Instant {
        self.begin + self.limit
    }

    /// Takes in what a look gave.
    pub(super) fn judge(&mut self, look: Result<Server, Error>) -> Step {
        self.looks += 1;
        match look {
            Ok(server) => self.seen(server),
            Err(error) if error.is_not_found() => self.not_found(error),
            // The server may be well although the network or the service is not.
            Err(error) if error.is_transient() => {
                self.trouble = Some(error);
                self.again()
            }
            Err(error) => Step::Failed(error),
        }
    }

    /// The error for a wait whose time is over.
    pub(super) fn over(&mut self) -> Error {
        let last = match (&self.last, &self.trouble) {
            (Some(server), None) => format!("it was {} at the last look", server.state),
            (None, None) => "it was never seen".to_owned(),
            (Some(server), Some(trouble)) => format!("it was {} when it was last seen, then: {trouble}", server.state),
            (None, Some(trouble)) => format!("it was never seen: {trouble}"),
        };
        let text = format!("server {} did not {} within {:?}; {last}", self.name, self.goal.describe(), self.limit);
        self.error(Class::Timeout, text)
    }

    fn seen(&mut self, server: Server) -> Step {
        self.trouble = None;
        let reached = match &mut self.goal {
            Goal::Reach(state) => server.state == *state,
            Goal::Leave(state) => server.state != *state,
            Goal::Meet(condition) => condition(&server),
            Goal::Vanish => false,
        };
        if reached {
            return Step::Done(Some(server));
        }
        if let Some(text) = self.hopeless(&server) {
            self.last = Some(server);
            return Step::Failed(self.error(Class::Wait, text));
        }
        // While something moves, the next news is near.
        let moved =
            self.last.as_ref().is_some_and(|last| last.state != server.state || last.progress != server.progress);
        if moved {
            self.pause = SHORTEST_PAUSE;
        }
        self.last = Some(server);
        self.again()
    }

    /// Why the goal will not be reached by waiting on, if so.
    fn hopeless(&mut self, server: &Server) -> Option<String> {
        let Goal::Reach(target) = &self.goal else { return None };
        if server.state == ServerState::Error {
            return Some(format!("server {} is in the state error, so it will not become {target}", self.name));
        }
        self.was_in_maintenance |= server.state == ServerState::Maintenance;
        let ends = [&ServerState::Started, &ServerState::Stopped];
        let is_behind = self.was_in_maintenance && ends.contains(&&server.state) && ends.contains(&target);
        self.behind = if is_behind { self.behind + 1 } else { 0 };
        (self.behind >= SEEN_BEHIND).then(|| {
            let state = &server.state;
            format!(
                "server {} left maintenance as {state}: it did not become {target}, or only between two looks",
                self.name
            )
        })
    }

    fn not_found(&mut self, error: Error) -> Step {
        if matches!(self.goal, Goal::Vanish) {
            return Step::Done(None);
        }
        if self.last.is_some() {
            let text = format!("server {} was deleted, so it will not {}", self.name, self.goal.describe());
            return Step::Failed(self.error(Class::Wait, text));
        }
        // A server that was just created may not be visible everywhere yet.
        if self.begin.elapsed() < self.grace {
            self.trouble = Some(error);
            return self.again();
        }
        Step::Failed(error)
    }

    fn again(&mut self) -> Step {
        let pause = self.pause;
        self.pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        if Instant::now() + pause >= self.deadline() {
            return Step::Failed(self.over());
        }
        Step::Again(pause)
    }

    fn error(&mut self, class: Class, text: String) -> Error {
        Error::new(class, text)
            .during(Some(Operation::GetServerDetails), true, self.begin.elapsed())
            .after(self.looks)
            .last_seen_as(self.last.take())
    }
}
