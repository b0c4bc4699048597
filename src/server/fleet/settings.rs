//! What a caller can say of a fleet, whatever is done with it.

use std::{fmt, future::Future, pin::Pin, time::Duration};

use super::outcome::Progress;
use crate::{
    RetryPolicy,
    error::Error,
    model::{ErrorCode, ErrorKind},
    server::wait::PollOptions,
};

/// How many requests are under way unless it is said.
const IN_FLIGHT: usize = 8;
/// How long a fleet may take unless it is said.
const LIMIT: Duration = Duration::from_secs(60 * 60);

/// Which refusals a fleet waits out, and how long the pauses are.
///
/// A refusal is waited out by the whole fleet: nothing is sent during the pause, then one request, and with each success one
/// more at the same time. Pauses grow by half and more with each refusal, from two seconds to a minute, with half of each left
/// to chance; a `Retry-After` makes one longer.
///
/// From a refusal with [`ServerCreatingLimitReached`](ErrorCode::ServerCreatingLimitReached) the fleet learns how many servers
/// may be in creation at the same time, and keeps to it: it sends no more creates than the list shows places for, and tries
/// one more now and then.
///
/// Whatever the rule says, trouble that passes by itself ([`is_transient`](Error::is_transient)) is waited out: no
/// connection, 429. What shows that no request can succeed ends the sending, whatever the rule says: credentials that are not
/// accepted, a certificate that is not trusted, an account that is out of credits or must do something first.
///
/// ```
/// use std::time::Duration;
/// use upcloud::fleet::Refusals;
///
/// let patient = Refusals::wait_out_limits().and_capacity().pauses_of(Duration::from_secs(10), Duration::from_secs(120));
/// assert_ne!(patient, Refusals::default());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "pass it to `when_refused` of a fleet"]
pub struct Refusals {
    limits: bool,
    capacity: bool,
    first: Duration,
    longest: Duration,
}

/// [`wait_out_limits`](Refusals::wait_out_limits).
impl Default for Refusals {
    fn default() -> Self {
        Self::wait_out_limits()
    }
}

impl Refusals {
    /// Waits out [`ServerCreatingLimitReached`](ErrorCode::ServerCreatingLimitReached), which passes by itself when other
    /// servers are ready. This is the default.
    pub fn wait_out_limits() -> Self {
        Self { limits: true, capacity: false, first: Duration::from_secs(2), longest: Duration::from_secs(60) }
    }

    /// Waits out nothing: a request that is refused has failed.
    pub fn fail() -> Self {
        Self { limits: false, ..Self::wait_out_limits() }
    }

    /// Waits for room in the zone as well ([`is_capacity`](Error::is_capacity)). Nobody knows when there will be some, so
    /// set a [limit](super::CreateAll::limit) that suits.
    pub fn and_capacity(mut self) -> Self {
        self.capacity = true;
        self
    }

    /// How long the first pause is at most, and each later one; 2 and 60 seconds by default. Less than a millisecond counts
    /// as one, and `longest` is never less than `first`.
    pub fn pauses_of(mut self, first: Duration, longest: Duration) -> Self {
        self.first = first.max(Duration::from_millis(1));
        self.longest = longest.max(self.first);
        self
    }

    pub(super) fn pauses(self) -> RetryPolicy {
        RetryPolicy::default().first_wait(self.first).longest_wait(self.longest).shortest_wait(Duration::ZERO)
    }

    /// Whether to wait and send it again.
    pub(super) fn waits_for(self, error: &Error) -> bool {
        if error.may_have_taken_effect() {
            return false;
        }
        match error.code() {
            Some(ErrorCode::ServerCreatingLimitReached) => self.limits,
            _ if error.told_kind() == ErrorKind::Capacity => self.capacity,
            _ => error.is_transient(),
        }
    }
}

/// Whether no other request can succeed either.
pub(super) fn ends_all(error: &Error) -> bool {
    matches!(
        error.told_kind(),
        ErrorKind::Authentication | ErrorKind::Certificate | ErrorKind::Credits | ErrorKind::AccountNeeded
    )
}

pub(super) type Stop = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The settings of all fleets.
pub(super) struct Settings {
    pub(super) in_flight: usize,
    pub(super) refusals: Refusals,
    pub(super) limit: Duration,
    pub(super) poll: PollOptions,
    pub(super) stop: Option<Stop>,
    pub(super) stop_on_failure: bool,
    pub(super) observer: Observer,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            in_flight: IN_FLIGHT,
            refusals: Refusals::default(),
            limit: LIMIT,
            poll: PollOptions::default(),
            stop: None,
            stop_on_failure: false,
            observer: Observer::default(),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("in_flight", &self.in_flight)
            .field("refusals", &self.refusals)
            .field("limit", &self.limit)
            .field("stops", &self.stop.is_some())
            .field("stop_on_failure", &self.stop_on_failure)
            .finish_non_exhaustive()
    }
}

type Tell = Box<dyn FnMut(&Progress) + Send>;

/// Whoever wants to know how far it is.
#[derive(Default)]
pub(super) struct Observer {
    tell: Option<Tell>,
    told: Option<Progress>,
}

impl Observer {
    pub(super) fn set(&mut self, tell: impl FnMut(&Progress) + Send + 'static) {
        self.tell = Some(Box::new(tell));
    }

    /// Tells what is new.
    pub(super) fn tell(&mut self, progress: &Progress) {
        if let Some(tell) = self.tell.as_mut().filter(|_| self.told.as_ref() != Some(progress)) {
            tell(progress);
            self.told = Some(progress.clone());
        }
    }
}

/// The setters of all fleets; the type has a field `settings`.
macro_rules! fleet_setters {
    () => {
        /// How many requests are under way at the same time, 8 by default and 1 at least. Memory grows with this number, and
        /// with the results.
        pub fn in_flight(mut self, most: usize) -> Self {
            self.settings.in_flight = most.max(1);
            self
        }

        /// Which refusals are waited out, and how long the pauses are.
        pub fn when_refused(mut self, refusals: $crate::server::fleet::Refusals) -> Self {
            self.settings.refusals = refusals;
            self
        }

        /// How often the list is asked for while servers are waited for: the pause at first, and whenever something has
        /// moved; and at most. Half a second and five seconds by default; less than a millisecond counts as one, and
        /// `longest` is never less than `first`.
        pub fn poll_every(mut self, first: ::std::time::Duration, longest: ::std::time::Duration) -> Self {
            self.settings.poll.every(first, longest);
            self
        }

        /// Calls this whenever a number of the [`Progress`](crate::fleet::Progress) has changed.
        pub fn on_progress(mut self, tell: impl FnMut(&$crate::server::fleet::Progress) + Send + 'static) -> Self {
            self.settings.observer.set(tell);
            self
        }

        /// Stops when this future is ready, whatever it gives: `tokio::signal::ctrl_c()`, for example. No request is begun
        /// after that, and waits are given up; requests that are under way are waited for, within their own time limits. The
        /// outcome then lists everything, so that nothing is left without the program knowing of it.
        ///
        /// A program that drops the fleet instead loses what was under way: a request that was sent may be carried out, and
        /// nobody hears of it.
        pub fn stop_on<F>(mut self, stop: F) -> Self
        where
            F: ::std::future::Future + Send + 'static,
        {
            self.settings.stop = Some(::std::boxed::Box::pin(async move {
                stop.await;
            }));
            self
        }

        /// Begins nothing more once a request has failed, or is in doubt for good.
        pub fn stop_on_failure(mut self) -> Self {
            self.settings.stop_on_failure = true;
            self
        }
    };
}

pub(super) use fleet_setters;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{calls::Operation, error::ErrorBuilder};

    #[test]
    fn what_is_waited_out() {
        let refused =
            |status, code| ErrorBuilder::refused(status).code(code).operation(Operation::CreateServer).build();
        let limit = refused(409, ErrorCode::ServerCreatingLimitReached);
        let room = refused(409, ErrorCode::ServerResourcesUnavailable);
        let wrong = refused(400, ErrorCode::HostnameInvalid);
        let busy = ErrorBuilder::refused(429).operation(Operation::CreateServer).build();
        let lost = ErrorBuilder::lost_create("web-1.example.net").build();
        let rule = |rule: Refusals| [&limit, &room, &wrong, &busy, &lost].map(|error| rule.waits_for(error));
        assert_eq!(rule(Refusals::default()), [true, false, false, true, false]);
        assert_eq!(rule(Refusals::fail()), [false, false, false, true, false]);
        assert_eq!(rule(Refusals::default().and_capacity()), [true, true, false, true, false]);
    }

    #[test]
    fn what_ends_all() {
        let refused = |status| ErrorBuilder::refused(status).operation(Operation::CreateServer).build();
        assert!(ends_all(&refused(401)) && ends_all(&refused(402)));
        assert!(!ends_all(&refused(409)) && !ends_all(&refused(403)));
    }
}
