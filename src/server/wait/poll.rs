//! How long a wait lasts and how often it asks: the same for every kind of wait.

use std::time::Duration;

use tokio::time::Instant;

use crate::call::{Pauses, after};

/// What the only poll has of a wait without time.
const ONE_LOOK: Duration = Duration::from_secs(30);
/// A pause of nothing would be a busy loop.
const LEAST_PAUSE: Duration = Duration::from_millis(1);

#[derive(Clone, Copy, Debug)]
pub(in crate::server) struct PollOptions {
    /// How long the wait may last.
    pub(in crate::server) limit: Duration,
    /// When that time began, if before the wait: what came before it counts.
    pub(super) since: Option<Instant>,
    /// How long a server that was never seen may be missing.
    pub(in crate::server) grace: Duration,
    pub(in crate::server) first: Duration,
    pub(in crate::server) longest: Duration,
}

impl Default for PollOptions {
    fn default() -> Self {
        Self {
            limit: Duration::from_secs(15 * 60),
            since: None,
            grace: Duration::from_secs(30),
            first: Duration::from_millis(500),
            longest: Duration::from_secs(5),
        }
    }
}

impl PollOptions {
    pub(in crate::server) fn every(&mut self, first: Duration, longest: Duration) {
        self.first = first.max(LEAST_PAUSE);
        self.longest = longest.max(self.first);
    }

    /// The same for the waits within something that begins now.
    pub(in crate::server) fn begun(self) -> Self {
        Self { since: self.since.or_else(|| Some(Instant::now())), ..self }
    }

    /// Nothing is forgiven for not being there yet.
    pub(in crate::server) fn without_grace(self) -> Self {
        Self { grace: Duration::ZERO, ..self }
    }

    /// When a wait that began then ends whatever happens.
    pub(in crate::server) fn deadline(&self, begin: Instant) -> Instant {
        let limit = if self.limit.is_zero() { ONE_LOOK } else { self.limit };
        after(self.since.unwrap_or(begin), limit)
    }

    /// The pauses of a wait that began then.
    pub(in crate::server) fn pauses(&self, begin: Instant) -> Pauses {
        Pauses::new(self.first, self.longest, self.deadline(begin), self.limit.is_zero())
    }
}

/// The setters of everything that waits; the type has the fields `poll` and `observer`.
macro_rules! poll_setters {
    (limits) => {
        /// How long it may take as a whole, 15 minutes by default. When that is over it ends in an error that
        /// [`is_timeout`](crate::Error::is_timeout); that of a wait has the [last state](crate::Error::last_state) that was
        /// seen.
        ///
        /// With [`Duration::ZERO`](std::time::Duration::ZERO) nothing is waited for: the server is looked at once (and what
        /// is to be done is tried once), within 30 seconds. [`Duration::MAX`](std::time::Duration::MAX) is no limit.
        pub fn limit(mut self, limit: ::std::time::Duration) -> Self {
            self.poll.limit = limit;
            self
        }

        /// How long the pauses between two requests are: at first, and whenever something has moved; and at most. Half a
        /// second and five seconds by default; less than a millisecond counts as one, and `longest` is never less than
        /// `first`. Short pauses suit tests against a fake; longer ones suit waits where nobody is in a hurry. An answer that
        /// asks for a longer pause by `Retry-After` gets it. A pause that would outlive the [limit](Self::limit) is not
        /// begun.
        pub fn poll_every(mut self, first: ::std::time::Duration, longest: ::std::time::Duration) -> Self {
            self.poll.every(first, longest);
            self
        }
    };
    () => {
        $crate::server::wait::poll_setters!(limits);

        /// Calls this with the server each time it was looked at, for progress bars.
        pub fn on_update(mut self, update: impl FnMut(&Server) + Send + 'static) -> Self {
            self.observer.set(update);
            self
        }
    };
}

pub(in crate::server) use poll_setters;
