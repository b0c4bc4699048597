//! How many servers may be in creation at the same time. The API tells that only by a refusal, so it is learned from one,
//! and kept to afterwards. No I/O here, so the rules can be tried without a network.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use tokio::time::Instant;
use uuid::Uuid;

use crate::model::ServerState;

/// A new server that no list shows counts as in creation for so long.
const UNSEEN: Duration = Duration::from_secs(60);
/// After so many times what fits, one more is tried.
const ROUNDS: usize = 4;

/// The places for servers in creation.
#[derive(Debug, Default)]
pub(super) struct Slots {
    /// Servers of this fleet that may be in creation, and since when.
    taken: HashMap<Uuid, Instant>,
    /// How many there may be; `None` until the API has refused one more.
    most: Option<usize>,
    /// How many there were at the same time, as far as that was looked at.
    proven: usize,
    /// How many were made since `most` changed.
    made: usize,
    /// Nobody can see which places are taken, so none are counted.
    blind: bool,
}

impl Slots {
    /// A server is made, and in creation.
    pub(super) fn take(&mut self, uuid: Uuid, now: Instant) {
        self.taken.insert(uuid, now);
        let Some(most) = &mut self.most else { return };
        self.made += 1;
        self.proven = self.proven.max(self.taken.len());
        let higher = if *most < self.proven && self.made >= *most {
            // There was room for more, so somebody else has taken it for a while.
            most.saturating_mul(2).min(self.proven)
        } else if self.made >= most.saturating_mul(ROUNDS) {
            *most + 1
        } else {
            return;
        };
        *most = higher;
        self.made = 0;
    }

    /// The API refused one more than there are, `under_way` beside it.
    pub(super) fn refused(&mut self, under_way: usize) {
        if self.blind {
            return;
        }
        let there = self.taken.len().saturating_add(under_way).max(1);
        // One refusal may have reasons of its own, so it takes half of what is known at most.
        let most = self.most.map_or(there, |most| most.min(there.max(most / 2)));
        self.most = Some(most);
        self.proven = most.midpoint(self.proven.max(most));
        self.made = 0;
    }

    /// Whether there is a place for one more beside so many that are under way.
    pub(super) fn is_free(&self, under_way: usize) -> bool {
        self.most.is_none_or(|most| self.taken.len().saturating_add(under_way) < most)
    }

    /// The servers that are to be looked at.
    pub(super) fn taken(&self) -> HashSet<Uuid> {
        self.taken.keys().copied().collect()
    }

    /// Takes in what a list shows. Tells whether a place has become free.
    pub(super) fn looked(&mut self, states: &HashMap<Uuid, ServerState>, now: Instant) -> bool {
        let before = self.taken.len();
        self.taken.retain(|uuid, since| match states.get(uuid) {
            Some(state) => *state == ServerState::Maintenance,
            None => now.duration_since(*since) < UNSEEN,
        });
        self.taken.len() < before
    }

    /// There is no list to see them in.
    pub(super) fn give_up(&mut self) {
        *self = Self { blind: true, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uuid(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[tokio::test(start_paused = true)]
    async fn what_fits_is_learned_and_tried_again() {
        let (mut slots, now) = (Slots::default(), Instant::now());
        for number in 0..5 {
            assert!(slots.is_free(100), "nothing is known yet");
            slots.take(uuid(number), now);
        }
        slots.refused(0);
        assert!(!slots.is_free(0));
        let mut states: HashMap<_, _> = (0..5).map(|number| (uuid(number), ServerState::Maintenance)).collect();
        assert!(!slots.looked(&states, now) && !slots.is_free(0));
        states.insert(uuid(1), ServerState::Started);
        states.insert(uuid(2), ServerState::Error);
        assert!(slots.looked(&states, now));
        assert!(slots.is_free(1) && !slots.is_free(2), "two places, one of which is to be taken");
        let later = now + UNSEEN;
        for number in 5..24 {
            slots.take(uuid(number), now);
            slots.looked(&HashMap::new(), later);
        }
        assert!(slots.is_free(4) && !slots.is_free(5));
        slots.take(uuid(24), now);
        slots.looked(&HashMap::new(), later);
        assert!(slots.is_free(5) && !slots.is_free(6), "one more place is tried");
        slots.refused(5);
        assert!(slots.is_free(4) && !slots.is_free(5), "and is not there");
    }

    #[tokio::test(start_paused = true)]
    async fn places_that_others_have_taken_for_a_while_are_soon_tried_again() {
        let (mut slots, now) = (Slots { most: Some(32), ..Slots::default() }, Instant::now());
        for number in 0..32 {
            slots.take(uuid(number), now);
        }
        slots.looked(&HashMap::new(), now + UNSEEN);
        for most in [16, 8, 4, 2, 1] {
            assert!(slots.is_free(most), "a refusal takes half at most");
            slots.refused(0);
            assert!(!slots.is_free(most));
        }
        let mut sent = 0;
        while !slots.is_free(1) {
            slots.take(uuid(100 + sent), now);
            slots.looked(&HashMap::new(), now + UNSEEN);
            sent += 1;
        }
        assert_eq!(sent, 1, "the first success doubles it");
        assert!((2..32).contains(&slots.proven), "what others have may stay theirs");
    }

    #[tokio::test(start_paused = true)]
    async fn one_may_always_be_tried() {
        let mut slots = Slots::default();
        slots.refused(0);
        assert!(slots.is_free(0) && !slots.is_free(1), "all places are taken by others");
        slots.give_up();
        slots.refused(0);
        assert!(slots.is_free(100), "what cannot be seen is not counted");
    }

    #[tokio::test(start_paused = true)]
    async fn what_no_list_shows_takes_a_place_for_a_while() {
        let (mut slots, now) = (Slots::default(), Instant::now());
        slots.take(uuid(1), now);
        slots.refused(0);
        assert!(!slots.looked(&HashMap::new(), now + Duration::from_secs(59)));
        assert!(slots.looked(&HashMap::new(), now + Duration::from_secs(60)) && slots.is_free(0));
    }
}
