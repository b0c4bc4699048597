//! The tokens that the calls of a client share, so that an outage is not multiplied by retries.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Retries take tokens out, calls that succeed put them back.
#[derive(Debug)]
pub(crate) struct Budget {
    tokens: AtomicU32,
    capacity: u32,
}

impl Budget {
    pub(crate) fn new(capacity: u32) -> Self {
        Self { tokens: AtomicU32::new(capacity), capacity }
    }

    /// Takes `cost` tokens out, all or none.
    pub(crate) fn take(&self, cost: u32) -> Option<Taken<'_>> {
        let taken = self.tokens.fetch_update(Relaxed, Relaxed, |tokens| tokens.checked_sub(cost));
        taken.ok().map(|_| Taken { budget: self, cost })
    }

    /// Puts one token back, unless it is full.
    pub(crate) fn put_back(&self) {
        self.add(1);
    }

    fn add(&self, more: u32) {
        let capacity = self.capacity;
        // A full budget is the normal case, which writes nothing.
        let _ = self.tokens.fetch_update(Relaxed, Relaxed, |tokens| {
            (tokens < capacity).then(|| tokens.saturating_add(more).min(capacity))
        });
    }

    #[cfg(test)]
    pub(crate) fn tokens(&self) -> u32 {
        self.tokens.load(Relaxed)
    }
}

/// The tokens for a retry that is not sent yet. A call that is dropped before that gives them back: else callers who give
/// up early would use up a budget that nobody has had anything of.
#[derive(Debug)]
#[must_use = "tokens that are not spent go back"]
pub(crate) struct Taken<'a> {
    budget: &'a Budget,
    cost: u32,
}

impl Taken<'_> {
    /// The retry is sent.
    pub(crate) fn spend(mut self) {
        self.cost = 0;
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if self.cost > 0 {
            self.budget.add(self.cost);
        }
    }
}
