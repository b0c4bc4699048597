//! What may be tried again, and when: pure functions of the failure, the operation and the policy, and the budget that
//! the calls of a client share. Nothing here sends anything; `request/attempts.rs` does what is decided here.

mod budget;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::{error::Failure, model::Idempotency};
pub(crate) use budget::Budget;

/// What follows from a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Send it again after a wait.
    Again,
    /// The failure is the result.
    Never,
    /// Verify whether it was done, and send it again only if it was not.
    VerifyFirst,
}

/// The table that [`RetryPolicy`] shows.
pub(crate) fn decide(failure: Failure, idempotency: Idempotency) -> Decision {
    use Idempotency::{Creates, Idempotent, Safe, StateDependent};

    match (failure, idempotency) {
        (Failure::NeverSent | Failure::Busy, _)
        | (Failure::Unanswered | Failure::RequestTimeout | Failure::Server, Safe | Idempotent) => Decision::Again,
        (Failure::Unanswered | Failure::RequestTimeout | Failure::Server, StateDependent | Creates) => {
            Decision::VerifyFirst
        }
        (Failure::Other, _) => Decision::Never,
    }
}

/// What is tried again, how often, and after which waits. For all calls of a client with
/// [`ClientBuilder::retry`](crate::ClientBuilder::retry), for one with its `retry`.
///
/// Whether a failed request may be sent again depends on how it failed and on what a second one would do
/// ([`Idempotency`](crate::calls::Idempotency)):
///
/// | failure | safe: reads | idempotent: modify, delete, change a group | state-dependent: start, stop, restart, cancel, add or remove a member | creates |
/// | --- | --- | --- | --- | --- |
/// | never sent: no connection | again | again | again | again |
/// | sent, and no whole answer came back | again | again | verify first | verify first |
/// | 408 | again | again | verify first | verify first |
/// | 429 | again | again | again | again |
/// | 5xx | again | again | verify first | verify first |
/// | anything else | never | never | never | never |
///
/// *429* was refused before anybody looked at it; *408* does not say how far the request came, so it counts as unanswered.
/// *5xx* is every status from 500 to 599, those of networks for content delivery (520 to 530) among them, unless the answer
/// has an [`ErrorCode`](crate::ErrorCode) of a meaning of its own (any [kind](crate::ErrorCode::kind) but
/// [`Unavailable`](crate::ErrorKind::Unavailable)): that one is a refusal and counts as *anything else*. The same rule
/// decides what a wait rides out and what [`is_transient`](crate::Error::is_transient) says. 1xx, 3xx and statuses from 600 up are
/// of no API: they are not tried again, and a request that changes something may have taken effect.
///
/// *Verify first* asks the API whether the effect is there. A start, a hard stop and a change of members can be seen: if it is
/// there, the call succeeds with what was seen; if not, the request is sent again. A soft stop is known to be done once the
/// server is stopped. A restart, a cancellation and a create cannot be seen this way, so the call ends in an error for which
/// [`may_have_taken_effect`](crate::Error::may_have_taken_effect) is true. **A create is never sent again after it may have
/// arrived**; [`Servers::find_lost`](crate::Servers::find_lost) and
/// [`ServerGroups::find_lost`](crate::ServerGroups::find_lost) find what became of it.
///
/// Requests that are sent again may meet their own effect. A delete that is answered with 404 after an unanswered attempt has
/// succeeded; a state-dependent action that is refused after an unanswered attempt is verified before the refusal is believed.
///
/// Waits grow by a factor up to the longest wait, with half of each left to chance. `Retry-After` makes a wait longer, never
/// shorter. A wait that would go past the total time limit of the call (`timeout` of a call) is
/// not begun: the call ends with the error at hand.
///
/// So that an outage is not multiplied, all clones of a client share a budget: a retry takes tokens out, a call that
/// succeeds puts one back, and with too few tokens nothing is tried again. See
/// [`ClientBuilder::retry_budget`](crate::ClientBuilder::retry_budget).
///
/// ```
/// use std::time::Duration;
/// use upcloud::{Client, RetryPolicy};
///
/// let patient = RetryPolicy::default().attempts(10).longest_wait(Duration::from_secs(60));
/// let upcloud = Client::builder().token("ucat_example").retry(patient).build()?;
/// let request = upcloud.servers().list().retry(RetryPolicy::off());
/// # drop(request);
/// # Ok::<(), upcloud::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "pass it to `retry` of a client or a request"]
pub struct RetryPolicy {
    attempts: u32,
    first: Duration,
    factor: u32,
    longest: Duration,
    shortest: Duration,
    cost: u32,
}

/// 5 attempts; waits of 0.5, 1, 2 and 4 seconds at most.
impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 5,
            first: Duration::from_millis(500),
            factor: 2,
            longest: Duration::from_secs(20),
            shortest: Duration::from_millis(100),
            cost: 5,
        }
    }
}

impl RetryPolicy {
    /// Every call is sent once.
    pub fn off() -> Self {
        Self::default().attempts(1)
    }

    /// How often a call is sent at most, 5 times by default; 1 switches retries off, and 0 counts as 1.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The longest that the first wait can be, 0.5 seconds by default.
    pub fn first_wait(mut self, wait: Duration) -> Self {
        self.first = wait;
        self
    }

    /// By how much waits grow, twofold by default; 1 keeps them equal, and 0 counts as 1.
    pub fn factor(mut self, factor: u32) -> Self {
        self.factor = factor.max(1);
        self
    }

    /// No wait is longer, 20 seconds by default, unless `Retry-After` asks for it. Any duration is allowed:
    /// [`Duration::MAX`] is no limit, and a wait that would go past the total time limit of the call is never begun.
    pub fn longest_wait(mut self, wait: Duration) -> Self {
        self.longest = wait;
        self
    }

    /// No wait is shorter, 0.1 seconds by default. It goes before [`longest_wait`](Self::longest_wait).
    pub fn shortest_wait(mut self, wait: Duration) -> Self {
        self.shortest = wait;
        self
    }

    /// How many tokens of the client's budget a retry takes, 5 by default; 0 goes past the budget, and more than the budget
    /// can hold means that nothing is tried again.
    pub fn budget_cost(mut self, tokens: u32) -> Self {
        self.cost = tokens;
        self
    }

    pub(crate) fn cost(&self) -> u32 {
        self.cost
    }

    /// Whether something may be sent after this many attempts.
    pub(crate) fn allows_more_than(&self, attempts: u32) -> bool {
        attempts < self.attempts
    }

    /// The longest that the wait after this many attempts can be without `Retry-After`.
    pub(crate) fn envelope(&self, attempts: u32) -> Duration {
        let grown = self.factor.checked_pow(attempts.saturating_sub(1)).and_then(|by| self.first.checked_mul(by));
        grown.unwrap_or(Duration::MAX).min(self.longest).max(self.shortest)
    }

    /// The wait after this many attempts: half of the envelope for sure, a part of the other half by `chance` (0 to 1), and
    /// never less than what the answer asked for.
    pub(crate) fn wait(&self, attempts: u32, chance: f64, asked: Option<Duration>) -> Duration {
        let half = self.envelope(attempts) / 2;
        let wait = half.saturating_add(half.mul_f64(chance.clamp(0.0, 1.0)));
        wait.max(self.shortest).max(asked.unwrap_or_default())
    }
}
