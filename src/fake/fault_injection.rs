//! What a test orders: errors, answers, and mocks of its own over the fake.

use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};

use httpmock::{Mock, MockServer, Then, When};

use super::{
    CannedResponse, Fake,
    answer::Fault,
    canned_response::{Action, Armed},
    routing::{self, Shared},
};
use crate::model::{ErrorCode, Operation};

/// The mock that hands every request to the fake.
pub(super) fn catch_all(shared: &Arc<Shared>) -> impl FnOnce(When, Then) + use<> {
    let shared = Arc::clone(shared);
    move |_, then| drop(then.respond_with(move |request| shared.respond(request, None)))
}

/// An order that is late, and so a mock: it alone can wait without stopping other requests.
pub(super) struct Late {
    mock: usize,
    times: usize,
}

impl Late {
    /// Whether there are requests left for it; it is taken away if not, because each request is held against all mocks.
    fn is_left(&self, server: &MockServer) -> bool {
        let left = Mock::new(self.mock, server).calls() < self.times;
        if !left {
            self.take_away(server);
        }
        left
    }

    pub(super) fn take_away(&self, server: &MockServer) {
        Mock::new(self.mock, server).delete();
    }
}

impl Fake {
    /// How many orders of [`fail_next`](Self::fail_next) and [`answer_next`](Self::answer_next) can wait for their requests
    /// at the same time. One that is for several requests counts once.
    pub const MOST_FAULTS: usize = 1000;

    /// How many orders of [`fail_next`](Self::fail_next) and [`answer_next`](Self::answer_next) wait for their requests.
    #[must_use]
    pub fn armed_faults(&self) -> usize {
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        late.retain(|order| order.is_left(&self.server));
        let late = late.len();
        self.shared.state().armed.len() + late
    }

    /// Refuses the next request for this operation with this error, in the documented form and with the documented status.
    /// Several are given in their order.
    ///
    /// # Panics
    ///
    /// When the documentation does not list the error for the operation, see [`answer_next`](Self::answer_next) for others;
    /// and when [`MOST_FAULTS`](Self::MOST_FAULTS) wait already.
    pub fn fail_next(&self, operation: Operation, code: impl Into<ErrorCode>) {
        self.fail_times(operation, code, 1);
    }

    /// Refuses so many requests for this operation with this error, as [`fail_next`](Self::fail_next) does with one. A large
    /// number takes no more memory than a small one; 0 orders nothing.
    ///
    /// # Panics
    ///
    /// As [`fail_next`](Self::fail_next) does.
    pub fn fail_times(&self, operation: Operation, code: impl Into<ErrorCode>, times: u32) {
        let code = code.into();
        let Some(fault) = Fault::armed(operation, code.clone()) else {
            panic!("{} is not a documented error of {operation}", code.as_str());
        };
        self.order(Armed { operation: Some(operation), action: Action::Refuse(fault.into_reply()), times }, None);
    }

    /// Answers the next request for this operation, or the next one at all, in this way; so many of them as
    /// [`CannedResponse::times`] says. Several are given in their order, but those with a delay before those without.
    ///
    /// # Panics
    ///
    /// When [`MOST_FAULTS`](Self::MOST_FAULTS) wait already.
    pub fn answer_next(&self, operation: impl Into<Option<Operation>>, canned: CannedResponse) {
        let CannedResponse { action, delay, times } = canned;
        self.order(Armed { operation: operation.into(), action, times }, delay);
    }

    fn order(&self, order: Armed, delay: Option<Duration>) {
        if order.times == 0 {
            return;
        }
        assert!(self.armed_faults() < Self::MOST_FAULTS, "more than {} orders cannot wait", Self::MOST_FAULTS);
        let Some(delay) = delay else {
            self.shared.state().armed.push(order);
            return;
        };
        let Armed { operation, action, times } = order;
        let times = usize::try_from(times).unwrap_or(usize::MAX);
        let shared = Arc::clone(&self.shared);
        let mock = self.mock(move |when, then| {
            when.is_true(move |request| operation.is_none() || routing::operation(request) == operation);
            then.delay(delay).up_to_n_times(times).respond_with(move |request| shared.respond(request, Some(&action)));
        });
        let late = Late { mock: mock.id(), times };
        self.late.lock().unwrap_or_else(PoisonError::into_inner).push(late);
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
    /// use upcloud::{calls::Operation, fake::Fake};
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
