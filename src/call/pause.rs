//! Pauses between two tries of anything, and what ends them.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// A point in time that no limit or pause can overflow; what is longer than thirty years never ends.
pub(crate) fn after(begin: Instant, limit: Duration) -> Instant {
    const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    begin + limit.min(FAR)
}

/// Sleeps so long; a pause that would reach the deadline is not begun. Tells whether there was one.
pub(crate) async fn rest(pause: Duration, deadline: Instant) -> bool {
    let end = after(Instant::now(), pause);
    if end >= deadline {
        return false;
    }
    sleep_until(end).await;
    true
}

/// Pauses that grow, and are short again when something moves, until a deadline.
#[derive(Clone, Debug)]
pub(crate) struct Pauses {
    first: Duration,
    longest: Duration,
    next: Duration,
    deadline: Instant,
    /// There is one try and no pause.
    once: bool,
}

impl Pauses {
    pub(crate) fn new(first: Duration, longest: Duration, deadline: Instant, once: bool) -> Self {
        Self { first, longest, next: first, deadline, once }
    }

    /// While something moves, the next news is near.
    pub(crate) fn hurry(&mut self) {
        self.next = self.first;
    }

    /// The next pause, not shorter than an answer has asked for; `None` if it would reach the deadline.
    pub(crate) fn next(&mut self, asked: Option<Duration>) -> Option<Duration> {
        let pause = self.next.max(asked.unwrap_or_default());
        self.next = self.next.saturating_mul(3).checked_div(2).unwrap_or(self.next).min(self.longest);
        (!self.once && after(Instant::now(), pause) < self.deadline).then_some(pause)
    }

    /// Sleeps for the next pause; tells whether there was one.
    pub(crate) async fn rest(&mut self, asked: Option<Duration>) -> bool {
        match self.next(asked) {
            Some(pause) => rest(pause, self.deadline).await,
            None => false,
        }
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }
}
