//! How long a wait lasts and how often it looks: the same for every kind of wait.

use std::time::Duration;

use tokio::time::Instant;

use crate::request::after;

/// What the only look has of a wait without time.
const ONE_LOOK: Duration = Duration::from_secs(30);
/// A pause of nothing would be a busy loop.
const LEAST_PAUSE: Duration = Duration::from_millis(1);

#[derive(Clone, Copy, Debug)]
pub(in crate::server) struct Terms {
    /// How long the wait may last.
    pub(in crate::server) limit: Duration,
    /// When that time began, if before the wait: what came before it counts.
    pub(in crate::server) since: Option<Instant>,
    /// How long a server that was never seen may be missing.
    pub(in crate::server) grace: Duration,
    pub(in crate::server) first: Duration,
    pub(in crate::server) longest: Duration,
}

impl Default for Terms {
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

impl Terms {
    pub(in crate::server) fn pauses(&mut self, first: Duration, longest: Duration) {
        self.first = first.max(LEAST_PAUSE);
        self.longest = longest.max(self.first);
    }

    /// The same terms for the waits within something that begins now.
    pub(in crate::server) fn begun(self) -> Self {
        Self { since: self.since.or_else(|| Some(Instant::now())), ..self }
    }

    /// When a wait that began then ends whatever happens.
    pub(in crate::server) fn deadline(&self, begin: Instant) -> Instant {
        after(self.since.unwrap_or(begin), self.time())
    }

    /// How long it really lasts.
    pub(in crate::server) fn time(&self) -> Duration {
        if self.limit.is_zero() { ONE_LOOK } else { self.limit }
    }
}

/// The pauses between looks: growing, and short again when something moves.
#[derive(Debug)]
pub(in crate::server) struct Pace {
    first: Duration,
    longest: Duration,
    pause: Duration,
    deadline: Instant,
    /// There is one look and no pause.
    once: bool,
}

impl Pace {
    pub(in crate::server) fn new(terms: &Terms, begin: Instant) -> Self {
        let (deadline, once) = (terms.deadline(begin), terms.limit.is_zero());
        Self { first: terms.first, longest: terms.longest, pause: terms.first, deadline, once }
    }

    /// While something moves, the next news is near.
    pub(in crate::server) fn hurry(&mut self) {
        self.pause = self.first;
    }

    /// The next pause, not shorter than an answer has asked for; `None` if it would outlive the wait.
    pub(in crate::server) fn pause(&mut self, asked: Option<Duration>) -> Option<Duration> {
        let pause = self.pause.max(asked.unwrap_or_default());
        self.pause = self.pause.saturating_mul(3).checked_div(2).unwrap_or(self.pause).min(self.longest);
        (!self.once && after(Instant::now(), pause) < self.deadline).then_some(pause)
    }

    pub(in crate::server) fn deadline(&self) -> Instant {
        self.deadline
    }
}

/// The setters of everything that waits; the type has a field `terms`.
macro_rules! terms_setters {
    () => {
        /// How long it may take as a whole, 15 minutes by default. When that is over it ends in an error that
        /// [`is_timeout`](crate::Error::is_timeout); that of a wait has the [last state](crate::Error::last_state) that was
        /// seen.
        ///
        /// With [`Duration::ZERO`](std::time::Duration::ZERO) nothing is waited for: there is one look (and one try of what
        /// is to be done), within 30 seconds. [`Duration::MAX`](std::time::Duration::MAX) is no limit.
        pub fn limit(mut self, limit: ::std::time::Duration) -> Self {
            self.terms.limit = limit;
            self
        }

        /// How long the pauses between two looks are: at first, and whenever something has moved; and at most. Half a
        /// second and five seconds by default; less than a millisecond counts as one, and `longest` is never less than
        /// `first`. Short pauses suit tests against a fake; longer ones suit waits where nobody is in a hurry. An answer that
        /// asks for a longer pause by `Retry-After` gets it. A pause that would outlive the [limit](Self::limit) is not
        /// begun.
        pub fn poll_every(mut self, first: ::std::time::Duration, longest: ::std::time::Duration) -> Self {
            self.terms.pauses(first, longest);
            self
        }
    };
}

pub(in crate::server) use terms_setters;
