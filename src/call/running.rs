//! A call or a wait under way, inside what describes it: so that what describes it is a future itself, and can be spawned or
//! joined as it is.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
};

/// Something under way, in a box.
pub(crate) type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What is under way, if it has begun. A clone has not. The lock is never taken: it makes of a future that may be sent
/// to another thread one that may be looked at from there.
pub(crate) struct Running<T>(Mutex<Option<Boxed<T>>>);

impl<T> Running<T> {
    /// Goes on, or begins.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, begin: impl FnOnce() -> Boxed<T>) -> Poll<T> {
        let running = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        running.get_or_insert_with(begin).as_mut().poll(cx)
    }
}

impl<T> Default for Running<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Clone for Running<T> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<T> fmt::Debug for Running<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a call")
    }
}
