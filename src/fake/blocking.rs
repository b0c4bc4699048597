//! The runtime that a fake lends to tests which have none.

use std::{fmt, sync::OnceLock};

use tokio::runtime::{Builder, Runtime};

use super::Fake;

/// Made when it is first needed, and kept, because the connections of a client belong to the runtime that opened them.
#[derive(Default)]
pub(super) struct Lent(OnceLock<Runtime>);

impl Fake {
    /// Waits for a call, in a test that is not asynchronous: the fake brings the runtime.
    ///
    /// ```
    /// # fn main() -> Result<(), upcloud::Error> {
    /// use upcloud::fake::Fake;
    ///
    /// let fake = Fake::start_blocking();
    /// fake.fill(3);
    /// let servers = fake.block_on(fake.client().servers().list())?;
    /// assert_eq!(servers.len(), 3);
    /// # Ok(()) }
    /// ```
    ///
    /// # Panics
    ///
    /// Within an async runtime, where `.await` is the way; and when the operating system refuses what a runtime needs.
    pub fn block_on<F: IntoFuture>(&self, call: F) -> F::Output {
        let made = || Builder::new_current_thread().enable_all().build().expect("the system offers an event queue");
        self.lent.0.get_or_init(made).block_on(call.into_future())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        // Without waiting, so that the fake may be dropped within another runtime.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Lent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a runtime")
    }
}
