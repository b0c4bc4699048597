//! What a caller can say of any call.

use std::{fmt, time::Duration};

use tokio::time::Instant;

use crate::{
    error::Error,
    retry::RetryPolicy,
    shown::Names,
    transport::{
        Connection,
        settings::{not_zero, size_not_zero},
    },
};

/// What a call may say differently from its client.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) connection: Connection,
    pub(crate) query: Vec<(String, String)>,
    /// Whether what the documentation never accepts is refused before it is sent.
    pub(crate) checks: bool,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) total: Option<Duration>,
    pub(crate) attempt: Option<Duration>,
    pub(crate) max_response_size: Option<u64>,
    /// When the call ends whatever its limits are, because something larger ends then.
    pub(crate) deadline: Option<Instant>,
}

impl Options {
    pub(crate) fn new(connection: &Connection) -> Self {
        Self {
            connection: connection.clone(),
            query: Vec::new(),
            checks: true,
            retry: None,
            total: None,
            attempt: None,
            max_response_size: None,
            deadline: None,
        }
    }

    /// Limits that nothing can keep are mistakes.
    pub(crate) fn check(&self) -> Result<(), Error> {
        not_zero("`timeout` of the call", self.total)?;
        not_zero("`attempt_timeout` of the call", self.attempt)?;
        size_not_zero("`max_response_size` of the call", self.max_response_size)
    }
}

impl fmt::Debug for Options {
    /// Without the values of the query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("connection", &self.connection)
            .field("query", &Names(&self.query))
            .field("checks", &self.checks)
            .field("retry", &self.retry)
            .field("timeout", &self.total)
            .field("attempt_timeout", &self.attempt)
            .field("max_response_size", &self.max_response_size)
            .finish_non_exhaustive()
    }
}
