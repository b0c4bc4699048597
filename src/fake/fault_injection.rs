//! What a test orders: errors and answers.

use super::{CannedResponse, Fake, answer::Fault, canned_response::Armed};
use crate::model::{ErrorCode, Operation};

impl Fake {
    /// How many orders of [`fail_next`](Self::fail_next) and [`answer_next`](Self::answer_next) can wait for their requests
    /// at the same time. One that is for several requests counts once.
    pub const MOST_FAULTS: usize = 1000;

    /// How many orders of [`fail_next`](Self::fail_next) and [`answer_next`](Self::answer_next) wait for their requests.
    #[must_use]
    pub fn armed_faults(&self) -> usize {
        self.shared.state().armed.len()
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
        let canned = CannedResponse { times, ..CannedResponse::refusal(fault.into_reply()) };
        self.order(Some(operation), canned);
    }

    /// Answers the next request for this operation, or the next one at all, in this way; so many of them as
    /// [`CannedResponse::times`] says. Several are given in their order.
    ///
    /// # Panics
    ///
    /// When [`MOST_FAULTS`](Self::MOST_FAULTS) wait already.
    pub fn answer_next(&self, operation: impl Into<Option<Operation>>, canned: CannedResponse) {
        self.order(operation.into(), canned);
    }

    fn order(&self, operation: Option<Operation>, canned: CannedResponse) {
        if canned.times == 0 {
            return;
        }
        assert!(self.armed_faults() < Self::MOST_FAULTS, "more than {} orders cannot wait", Self::MOST_FAULTS);
        self.shared.state().armed.push(Armed { operation, canned });
    }
}
