//! Errors made by hand, for programs that have a stand-in of their own for this crate in their tests.

use std::time::Duration;

use http::StatusCode;

use super::{Class, Error};
use crate::{
    error::LostCreate,
    model::{ErrorCode, Operation, ServerState, types::Server},
    shown,
};

/// Makes an [`Error`] as a call would fail with it, for the tests of programs that use this crate.
///
/// ```
/// use upcloud::{ErrorCode, calls::Operation, error::ErrorBuilder};
///
/// let error = ErrorBuilder::refused(404).code(ErrorCode::ServerNotFound).operation(Operation::GetServer).build();
/// assert!(error.is_not_found() && !error.may_have_taken_effect());
///
/// let error = ErrorBuilder::lost_create("web-1.example.net").build();
/// assert!(error.is_timeout() && error.is_lost_create());
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ErrorBuilder(Error);

impl ErrorBuilder {
    /// An answer with a status that tells of failure.
    ///
    /// # Panics
    ///
    /// When the number is no HTTP status.
    pub fn refused(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or_else(|_| panic!("{status} is no HTTP status"));
        let mut made = Self::of(Class::Response, "the API refused the request");
        made.0.0.status = Some(status);
        made
    }

    /// No answer within the time.
    pub fn timeout() -> Self {
        Self::of(Class::Timeout, "no answer within the time")
    }

    /// No connection, so that nothing was sent.
    pub fn no_connection() -> Self {
        Self::of(Class::Connect, "no connection to the API")
    }

    /// A connection that broke before the answer was complete.
    pub fn broken_connection() -> Self {
        Self::of(Class::Transport, "the connection broke before the answer was complete")
    }

    /// An answer that tells of success and cannot be understood.
    pub fn unreadable() -> Self {
        let mut made = Self::of(Class::Decode, "the answer cannot be understood");
        made.0.0.status = Some(StatusCode::OK);
        made
    }

    /// A request that was refused before it was sent.
    pub fn configuration(message: impl Into<String>) -> Self {
        Self(Error::configuration(message))
    }

    /// A wait that ended without what it waited for, because the server was in this state.
    pub fn wait_failed(last_state: ServerState) -> Self {
        let mut made = Self::of(Class::Wait, "the server did not become what was waited for");
        made.0.0.last_state = Some(last_state);
        made
    }

    /// A create whose answer did not come.
    pub(crate) fn losing(lost: LostCreate) -> Self {
        let mut made = Self::timeout().operation(lost.operation);
        made.0.0.lost = Some(lost);
        made
    }

    fn of(class: Class, message: &str) -> Self {
        let mut error = Error::new(class, message);
        error.0.attempts = 1;
        Self(error)
    }

    /// The operation that failed.
    pub fn operation(mut self, operation: Operation) -> Self {
        self.0.0.operation = Some(operation);
        self.0.0.idempotency = operation.idempotency();
        self
    }

    /// The error code of the answer.
    pub fn code(mut self, code: ErrorCode) -> Self {
        self.0.0.code = Some(code);
        self
    }

    /// What went wrong, in the words of the API.
    pub fn message(mut self, message: impl Into<String>) -> Self {
        self.0.0.message = shown::line(&message.into(), shown::TEXT).into_owned();
        self
    }

    /// How often the request was sent; once unless told otherwise.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.0.0.attempts = attempts;
        self
    }

    /// How long the answer asked to wait.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.0.retry_after = Some(wait);
        self
    }

    /// The server as a wait saw it last.
    pub fn last_seen(mut self, server: Server) -> Self {
        self.0.0.last_state = Some(server.state.clone());
        self.0.0.last_seen = Some(Box::new(server));
        self
    }

    /// The error.
    #[must_use]
    pub fn build(self) -> Error {
        self.0
    }
}

impl From<ErrorBuilder> for Error {
    fn from(made: ErrorBuilder) -> Self {
        made.build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_for_mocks_are_like_those_of_calls() {
        let refused = ErrorBuilder::refused(409)
            .code(ErrorCode::ServerStateIllegal)
            .operation(Operation::StopServer)
            .message("It is in maintenance.")
            .build();
        assert!(refused.is_state() && !refused.may_have_taken_effect(), "{refused}");
        assert_eq!(refused.message(), "It is in maintenance.");
        let busy = ErrorBuilder::refused(429).retry_after(Duration::from_secs(7)).build();
        assert_eq!((busy.retry_after(), busy.is_transient()), (Some(Duration::from_secs(7)), true));
        let lost = ErrorBuilder::lost_create("web-1").build();
        assert!(lost.is_lost_create() && lost.may_have_taken_effect() && lost.is_timeout(), "{lost}");
        let read = ErrorBuilder::timeout().operation(Operation::ListServers).build();
        assert!(read.is_timeout() && !read.may_have_taken_effect(), "{read}");
        for (made, is) in [
            (ErrorBuilder::no_connection(), Error::is_connect as fn(&Error) -> bool),
            (ErrorBuilder::broken_connection(), Error::is_transient),
            (ErrorBuilder::unreadable(), Error::is_decode),
            (ErrorBuilder::configuration("no token"), Error::is_configuration),
            (ErrorBuilder::wait_failed(ServerState::Error), Error::is_wait_failed),
        ] {
            let error = Error::from(made);
            assert!(is(&error), "{error}");
        }
    }
}
