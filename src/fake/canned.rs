//! Answers that a test orders: whatever a server, a gateway or a network may come up with.

use std::time::Duration;

use serde::Serialize;

use super::answer::{JSON, PROBLEM, Reply};
use crate::{Exposed, Operation};

/// An answer to be given once in place of the proper one, see [`Fake::answer_next`](super::Fake::answer_next).
///
/// ```
/// use std::time::Duration;
/// use upcloud::fake::Canned;
///
/// let busy = Canned::status(429).header("Retry-After", "2");
/// let gateway = Canned::html(502, "<h1>Bad Gateway</h1>");
/// let slow = Canned::slow(Duration::from_secs(2));
/// ```
#[derive(Clone, Debug)]
#[must_use = "give it to `Fake::answer_next`"]
pub struct Canned {
    pub(super) action: Action,
    pub(super) delay: Option<Duration>,
}

#[derive(Clone, Debug)]
pub(super) enum Action {
    /// The operation is not carried out; this is the answer.
    Reply(Reply),
    /// The operation is refused with an error of its own.
    Refuse(Reply),
    /// The operation is carried out as ever.
    Proper,
    /// The connection is closed without an answer, before or after the operation is carried out.
    Drop { after: bool },
}

/// An answer and what it is for; `None` fits every request.
#[derive(Clone, Debug)]
pub(super) struct Armed {
    pub(super) operation: Option<Operation>,
    pub(super) action: Action,
}

impl Canned {
    fn reply(status: u16, content_type: Option<&str>, body: String) -> Self {
        let headers = content_type.map(|kind| ("Content-Type".to_owned(), kind.to_owned())).into_iter().collect();
        Self { action: Action::Reply(Reply { status, headers, body }), delay: None }
    }

    /// A status without a body.
    pub fn status(status: u16) -> Self {
        Self::reply(status, None, String::new())
    }

    /// 401 as the API answers it to credentials that it does not know.
    pub fn unauthorized() -> Self {
        Self { action: Action::Reply(Reply::unauthorized()), delay: None }
    }

    /// 403 as the API answers it to an account whose access is switched off.
    pub fn forbidden() -> Self {
        Self::problem(403, "AUTHENTICATION_FAILED", "The account may not use the API.")
    }

    /// 404 for a path that nothing answers.
    pub fn not_found() -> Self {
        Self::problem(404, "RESOURCE_NOT_FOUND", "There is nothing under this path.")
    }

    /// 429 with a `Retry-After` header in whole seconds, rounded up.
    pub fn too_many_requests(retry_after: Duration) -> Self {
        let seconds = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
        Self::status(429).header("Retry-After", seconds.to_string())
    }

    /// 502 with a page for people, from a gateway in front of the API.
    pub fn bad_gateway() -> Self {
        Self::html(502, "<html><body><h1>502 Bad Gateway</h1></body></html>")
    }

    /// 503 with an error of the service behind the API.
    pub fn unavailable() -> Self {
        Self::problem(503, "SERVICE_ERROR", "The service is not available at the moment.")
    }

    /// A JSON body, with the text of the [secrets](crate::Secret) in it.
    ///
    /// # Panics
    ///
    /// When the value cannot be written as JSON.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        Self::reply(status, Some(JSON), serde_json::to_string(&Exposed(body)).expect("a value that is JSON"))
    }

    /// An error in the form of newer endpoints and gateways; `code` is the end of its `type`.
    pub fn problem(status: u16, code: &str, title: &str) -> Self {
        let kind = format!("https://developers.upcloud.com/1.3/errors#ERROR_{code}");
        let body = serde_json::json!({ "status": status, "title": title, "type": kind });
        Self::reply(status, Some(PROBLEM), body.to_string())
    }

    /// A page for people, as gateways send them.
    pub fn html(status: u16, body: impl Into<String>) -> Self {
        Self::reply(status, Some("text/html; charset=utf-8"), body.into())
    }

    /// The proper answer, late.
    pub fn slow(delay: Duration) -> Self {
        Self { action: Action::Proper, delay: Some(delay) }
    }

    /// No answer: the connection is closed and the operation is not carried out.
    pub fn dropped() -> Self {
        Self { action: Action::Drop { after: false }, delay: None }
    }

    /// No answer: the operation is carried out, then the connection is closed.
    pub fn dropped_after() -> Self {
        Self { action: Action::Drop { after: true }, delay: None }
    }

    /// Adds a header, if there is an answer to add it to.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Action::Reply(reply) = &mut self.action {
            reply.headers.push((name.into(), value.into()));
        }
        self
    }

    /// Waits before anything else happens, by the real clock.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = Some(delay);
        self
    }
}
