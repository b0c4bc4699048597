//! What the fake was asked and what it answered, for tests to look at.

use std::fmt;

use serde_json::Value;

use crate::Operation;

/// A request that the fake got, with its answer. Headers, and so credentials, are not kept. The bodies may hold passwords;
/// `Debug` does not show them.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// Which operation it is; `None` if it is none of the chapter.
    pub operation: Option<Operation>,
    /// The HTTP method in capitals.
    pub method: String,
    /// The path, with the version.
    pub path: String,
    /// The query, decoded, in its order.
    pub query: Vec<(String, String)>,
    /// The status of the answer.
    pub status: u16,
    /// The `Content-Type` of the answer, if it had one.
    pub content_type: Option<String>,
    pub(super) sent: String,
    pub(super) answered: String,
}

impl RecordedRequest {
    /// The JSON that was sent: `null` if there was none.
    #[must_use]
    pub fn body(&self) -> Value {
        serde_json::from_str(&self.sent).unwrap_or_default()
    }

    /// The JSON that was answered: `null` if there was none.
    #[must_use]
    pub fn response(&self) -> Value {
        serde_json::from_str(&self.answered).unwrap_or_default()
    }

    /// The text that was answered.
    #[must_use]
    pub fn response_text(&self) -> &str {
        &self.answered
    }

    pub(super) fn bytes(&self) -> usize {
        self.sent.len() + self.answered.len()
    }
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedRequest")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("path", &self.path)
            .field("query", &self.query)
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}
