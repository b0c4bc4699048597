//! How fast a fleet goes: how many requests may be under way, and the pause of all after a refusal. No I/O here, so the
//! rules can be tried on paused time.

use std::time::Duration;

use tokio::time::Instant;

use super::settings::Refusals;
use crate::{RetryPolicy, call::after};

/// The pace that all requests of a fleet share.
#[derive(Debug)]
pub(super) struct Pace {
    most: usize,
    /// How many may be under way now: one after a refusal, one more after each success.
    width: usize,
    /// Grows with each refusal. What was sent in an earlier round says nothing about this one.
    round: u64,
    refused_in_a_row: u32,
    pauses: RetryPolicy,
    until: Option<Instant>,
}

impl Pace {
    pub(super) fn new(most: usize, refusals: Refusals) -> Self {
        Self { most, width: most, round: 0, refused_in_a_row: 0, pauses: refusals.pauses(), until: None }
    }

    pub(super) fn round(&self) -> u64 {
        self.round
    }

    /// When the pause ends that all make now; `None` if there is none.
    pub(super) fn pause(&self, now: Instant) -> Option<Instant> {
        self.until.filter(|until| *until > now)
    }

    /// Whether one more may be sent beside those that are under way.
    pub(super) fn has_room(&self, under_way: usize, now: Instant) -> bool {
        under_way < self.width && self.pause(now).is_none()
    }

    /// A request of this round succeeded.
    pub(super) fn went_well(&mut self, round: u64) {
        if round == self.round {
            self.refused_in_a_row = 0;
            self.width = self.width.saturating_add(1).min(self.most);
        }
    }

    /// All wait so long, and go on as before.
    pub(super) fn rest(&mut self, pause: Duration, now: Instant) {
        self.until = self.until.max(Some(after(now, pause)));
    }

    /// A request of this round was refused; the answer asked to wait so long. Many that were under way together are refused
    /// together, which is one reason to wait and not many.
    pub(super) fn refused(&mut self, round: u64, asked: Option<Duration>, now: Instant) {
        if round == self.round {
            self.round += 1;
            self.refused_in_a_row = self.refused_in_a_row.saturating_add(1);
            self.width = 1;
            self.until = Some(after(now, self.pauses.wait(self.refused_in_a_row, fastrand::f64(), asked)));
        } else if let Some(asked) = asked {
            self.rest(asked, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn pace() -> Pace {
        Pace::new(16, Refusals::default().pauses_of(SECOND, SECOND * 8))
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_of_one_round_are_one_reason_to_wait() {
        let (mut pace, now) = (pace(), Instant::now());
        for _ in 0..16 {
            pace.refused(0, None, now);
        }
        let until = pace.pause(now).expect("a pause");
        assert!(until <= now + SECOND, "the first pause is the shortest: {:?}", until - now);
        assert!(!pace.has_room(0, now) && pace.has_room(0, until) && !pace.has_room(1, until));
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_and_are_short_again_after_a_success() {
        let (mut pace, now) = (pace(), Instant::now());
        for round in 0..6 {
            pace.refused(round, None, now);
        }
        assert!(pace.pause(now).expect("a pause") >= now + SECOND * 4, "half of the longest at least");
        pace.went_well(5);
        assert_eq!(pace.width, 1, "what was sent before the refusal says nothing");
        pace.went_well(6);
        assert_eq!(pace.width, 2);
        pace.refused(6, None, now);
        assert!(pace.pause(now).expect("a pause") <= now + SECOND);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_may_ask_for_more() {
        let (mut pace, now) = (pace(), Instant::now());
        pace.refused(0, Some(SECOND * 60), now);
        assert_eq!(pace.pause(now), Some(now + SECOND * 60));
        pace.refused(0, Some(SECOND * 90), now);
        assert_eq!(pace.pause(now), Some(now + SECOND * 90));
    }
}
