//! The loop around the attempts of one call: time limits, waits, looks. What is done in an attempt is the caller's, so the
//! rules can be tried on paused time without a network.
//!
//! The loop stands around the generated client and not below it, in `ClientHooks::exec`: below it nobody knows of a body
//! that broke off, of the class of the operation, or of the options of the call.

#[cfg(test)]
mod tests;

use std::{future::Future, pin::pin, time::Duration};

use tokio::time::{Instant, timeout_at};

use super::pause::{after, rest};
use crate::{
    error::{Error, Failure},
    model::Idempotency,
    retry::{Budget, Decision, RetryPolicy, decide},
};

/// What was found out about a request whose answer was lost.
#[derive(Debug)]
pub(crate) enum Verified<T> {
    /// It was done; what the answer would have told.
    Done(T),
    /// It was not done.
    NotDone,
    /// It cannot be told.
    Unknown,
}

/// What one call does in its attempts.
pub(crate) trait Tries {
    type Output;

    /// Sends the request, for the `number`th time.
    fn attempt(&mut self, number: u32) -> impl Future<Output = Result<Self::Output, Error>> + Send;

    /// The error of an attempt that was given up after this time.
    fn timed_out(&self, limit: Duration) -> Error;

    /// Whether [`verify`](Self::verify) can find anything out.
    fn can_verify(&self) -> bool;

    /// Asks whether the request was done.
    fn verify(&mut self) -> impl Future<Output = Verified<Self::Output>> + Send;

    /// What a refusal means after an attempt that may have taken effect.
    fn done_by(&self, refusal: &Error) -> Option<Self::Output>;
}

/// The rules for one call.
pub(crate) struct Rules<'a> {
    pub(crate) policy: &'a RetryPolicy,
    pub(crate) budget: &'a Budget,
    pub(crate) idempotency: Idempotency,
    /// How long one attempt may take.
    pub(crate) attempt: Duration,
    /// When the call ends whatever happens.
    pub(crate) deadline: Instant,
    /// Gives numbers from 0 to 1.
    pub(crate) chance: fn() -> f64,
}

/// Makes the attempts of a call. The error tells how many there were.
pub(crate) async fn drive<T: Tries + Send>(rules: &Rules<'_>, tries: &mut T) -> Result<T::Output, Error> {
    let mut attempts = 0;
    // Whether any attempt so far may have taken effect.
    let mut in_doubt = false;
    let error = loop {
        attempts += 1;
        let begin = Instant::now();
        let end = after(begin, rules.attempt).min(rules.deadline);
        let in_time = timeout_at(end, pin!(tries.attempt(attempts))).await;
        let error = match in_time {
            Ok(Ok(output)) => {
                rules.budget.put_back();
                return Ok(output);
            }
            Ok(Err(error)) => error,
            Err(_) => tries.timed_out(end.saturating_duration_since(begin)),
        };
        let failure = Failure::of(&error);
        if in_doubt && failure == Failure::Other {
            // The request may have met its own effect.
            if let Some(output) = tries.done_by(&error) {
                return Ok(output);
            }
            if let Verified::Done(output) = verify(rules, tries).await {
                return Ok(output);
            }
            break error;
        }
        in_doubt |= error.may_have_taken_effect();
        let decision = decide(failure, rules.idempotency);
        let futile = match decision {
            Decision::Again => false,
            Decision::Never => true,
            Decision::VerifyFirst => !tries.can_verify(),
        };
        if futile || !rules.policy.allows_more_than(attempts) {
            break error;
        }
        let wait = rules.policy.wait(attempts, (rules.chance)(), error.retry_after());
        if after(Instant::now(), wait) >= rules.deadline {
            break error;
        }
        let Some(tokens) = rules.budget.take(rules.policy.cost()) else { break error };
        tracing::debug!(upcloud.attempt = attempts, upcloud.wait_ms = millis(wait), "the attempt failed, waiting");
        if !rest(wait, rules.deadline).await {
            break error;
        }
        tokens.spend();
        if decision == Decision::VerifyFirst {
            match verify(rules, tries).await {
                Verified::Done(output) => return Ok(output),
                Verified::NotDone => {}
                Verified::Unknown => break error,
            }
        }
    };
    Err(if in_doubt { error.after(attempts).in_doubt() } else { error.after(attempts) })
}

/// Verifies within the limits of an attempt; what cannot be had tells nothing.
async fn verify<T: Tries + Send>(rules: &Rules<'_>, tries: &mut T) -> Verified<T::Output> {
    if !tries.can_verify() {
        return Verified::Unknown;
    }
    let end = after(Instant::now(), rules.attempt).min(rules.deadline);
    timeout_at(end, tries.verify()).await.unwrap_or(Verified::Unknown)
}

fn millis(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}
