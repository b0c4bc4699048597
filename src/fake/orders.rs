//! What a test orders: errors, answers, and mocks of its own over the fake.

use std::sync::{Arc, PoisonError};

use httpmock::{Mock, Then, When};

use super::{
    Canned, Fake,
    answer::Fault,
    canned::{Action, Armed},
    routing::{self, Shared},
};
use crate::{ErrorCode, Operation};

/// The mock that hands every request to the fake.
pub(super) fn catch_all(shared: &Arc<Shared>) -> impl FnOnce(When, Then) + use<> {
    let shared = Arc::clone(shared);
    move |_, then| drop(then.respond_with(move |request| shared.respond(request, None)))
}

impl Fake {
    /// Refuses the next request for this operation with this error, in the documented form and with the documented status.
    /// Several are given in their order.
    ///
    /// # Panics
    ///
    /// When the documentation does not list the error for the operation; see [`answer_next`](Self::answer_next) for others.
    pub fn fail_next(&self, operation: Operation, code: impl Into<ErrorCode>) {
        let code = code.into();
        let Some(fault) = Fault::armed(operation, code.clone()) else {
            panic!("{} is not a documented error of {operation}", code.as_str());
        };
        let armed = Armed { operation: Some(operation), action: Action::Refuse(fault.into_reply()) };
        self.shared.state().armed.push(armed);
    }

    /// Answers the next request for this operation, or the next one at all, in this way. Several are given in their order,
    /// but those with a delay before those without.
    pub fn answer_next(&self, operation: impl Into<Option<Operation>>, canned: Canned) {
        let operation = operation.into();
        let Canned { action, delay } = canned;
        let Some(delay) = delay else {
            self.shared.state().armed.push(Armed { operation, action });
            return;
        };
        let shared = Arc::clone(&self.shared);
        let mock = self.mock(move |when, then| {
            when.is_true(move |request| operation.is_none() || routing::operation(request) == operation);
            then.delay(delay).up_to_n_times(1).respond_with(move |request| shared.respond(request, Some(&action)));
        });
        self.late.lock().unwrap_or_else(PoisonError::into_inner).push(mock.id());
    }

    /// Lays a mock of httpmock over the fake: what it matches does not reach the fake. Works within an async runtime too.
    pub fn mock(&self, configure: impl FnOnce(When, Then)) -> Mock<'_> {
        let mock = self.server.mock(configure);
        let mut id = self.catch_all.lock().unwrap_or_else(PoisonError::into_inner);
        let newer = self.server.mock(catch_all(&self.shared)).id();
        Mock::new(*id, &self.server).delete();
        *id = newer;
        mock
    }

    /// Lays a mock over one operation: method and path are matched already, whatever identifiers stand in the path.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// use upcloud::{Operation, fake::Fake};
    ///
    /// let fake = Fake::start().await;
    /// let mock = fake.mock_operation(Operation::ListServers, |when, then| {
    ///     when.query_param("label", "env=prod");
    ///     then.status(200).header("Content-Type", "application/json").body(r#"{"servers": {"server": []}}"#);
    /// });
    /// fake.fill(3);
    /// assert!(fake.client().servers().list().label("env", "prod").await?.is_empty());
    /// mock.assert_calls(1);
    /// # Ok(()) }
    /// ```
    pub fn mock_operation(&self, operation: Operation, configure: impl FnOnce(When, Then)) -> Mock<'_> {
        // The typed mocks that progenitor generates from the description are not offered: their paths lack the `/1.3` that
        // every client sends, they cannot match the repeated `label` of a list, a test would need whole values of types
        // that are not exhaustive, and each build would generate and compile 1,244 lines more, and regex.
        self.mock(|when, then| {
            configure(when.is_true(move |request| routing::operation(request) == Some(operation)), then);
        })
    }
}
