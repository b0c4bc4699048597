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
    pub(crate) fn take(&self, cost: u32) -> bool {
        self.tokens.fetch_update(Relaxed, Relaxed, |tokens| tokens.checked_sub(cost)).is_ok()
    }

    /// Puts one token back, unless it is full.
    pub(crate) fn put_back(&self) {
        let capacity = self.capacity;
        // A full budget is the normal case, which writes nothing.
        let _ = self.tokens.fetch_update(Relaxed, Relaxed, |tokens| (tokens < capacity).then_some(tokens + 1));
    }
}
