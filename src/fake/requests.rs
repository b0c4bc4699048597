//! What the fake was asked and what it answered, for tests to look at.

use std::{fmt, sync::Arc};

use hyper::body::Bytes;
use serde_json::Value;

use super::Fake;
use crate::{
    model::{ErrorCode, Operation},
    shown::Names,
};

/// A request that the fake got, with its answer. Headers, and so credentials, are not kept. The bodies may hold passwords;
/// `Debug` shows neither them nor the values of the query.
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
    /// The status of the answer; 0 if the connection was closed without one.
    pub status: u16,
    /// The `Content-Type` of the answer, if it had one.
    pub content_type: Option<String>,
    /// Whether the answer is one that [`Fake::answer_next`](super::Fake::answer_next) ordered in the place of the fake's
    /// own.
    pub canned: bool,
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

    /// The error code that was answered, in either of the two forms that errors have.
    #[must_use]
    pub fn error_code(&self) -> Option<ErrorCode> {
        if self.status < 400 {
            return None;
        }
        let body = self.response();
        let older = body.pointer("/error/error_code").and_then(Value::as_str);
        let newer = || body.get("type")?.as_str()?.rsplit_once("#ERROR_").map(|(_, code)| code);
        older.or_else(newer).map(ErrorCode::from)
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
            .field("query", &Names(&self.query))
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

/// The body of a request, as far as it is wanted.
#[derive(Debug)]
pub(super) enum Sent {
    Whole(Bytes),
    TooLong,
}

impl Sent {
    pub(super) fn of(bytes: Bytes) -> Self {
        if bytes.len() > Fake::MOST_BODY { Self::TooLong } else { Self::Whole(bytes) }
    }
}

type Look = dyn Fn(&RecordedRequest) + Send + Sync;

/// Who is told of each request, in the order in which they asked for it.
#[derive(Clone, Default)]
pub(super) struct Observer(Vec<Arc<Look>>);

impl Observer {
    pub(super) fn add(&mut self, look: impl Fn(&RecordedRequest) + Send + Sync + 'static) {
        self.0.push(Arc::new(look));
    }

    pub(super) fn tell(&self, request: &RecordedRequest) {
        for look in &self.0 {
            look(request);
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} observers", self.0.len())
    }
}
