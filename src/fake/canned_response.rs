//! Answers that a test orders: whatever a server, a gateway or a network may come up with.

use std::time::Duration;

use serde::Serialize;

use super::answer::{JSON, PROBLEM, Reply};
use crate::{model::Operation, wire::Exposed};

/// The longest delay: no clock can hold all, and nobody waits for a year.
const LONGEST_DELAY: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// An answer to be given in place of the proper one, once or [several times](Self::times), see
/// [`Fake::answer_next`](super::Fake::answer_next).
///
/// ```
/// use std::time::Duration;
/// use upcloud::fake::CannedResponse;
///
/// let busy = CannedResponse::status(429).header("Retry-After", "2");
/// let gateway = CannedResponse::html(502, "<h1>Bad Gateway</h1>");
/// let slow = CannedResponse::slow(Duration::from_secs(2));
/// ```
#[derive(Clone, Debug)]
#[must_use = "give it to `Fake::answer_next`"]
pub struct CannedResponse {
    pub(super) action: Action,
    /// Before anything else happens.
    pub(super) delay: Option<Duration>,
    /// Between what happens and the answer.
    pub(super) late: Option<Duration>,
    /// How often it is given: a number, so that a large one costs nothing.
    pub(super) times: u32,
}

#[derive(Clone, Debug)]
pub(super) enum Action {
    /// The operation is not carried out; this is the answer.
    Reply(Reply),
    /// The operation is refused with an error of its own.
    Refuse(Reply),
    /// The operation is carried out as ever, and these headers are added to its answer.
    Proper(Vec<(String, String)>),
    /// The connection is closed without an answer, before or after the operation is carried out.
    Drop { after: bool },
}

/// An answer and what it is for; `None` fits every request.
#[derive(Clone, Debug)]
pub(super) struct Armed {
    pub(super) operation: Option<Operation>,
    pub(super) canned: CannedResponse,
}

impl CannedResponse {
    fn of(action: Action) -> Self {
        Self { action, delay: None, late: None, times: 1 }
    }

    pub(super) fn refusal(reply: Reply) -> Self {
        Self::of(Action::Refuse(reply))
    }

    fn reply(status: u16, content_type: Option<&str>, body: String) -> Self {
        assert!((200..=999).contains(&status), "no whole answer has the status {status}: 200 to 999 are possible");
        let headers = content_type.map(|kind| ("Content-Type".to_owned(), kind.to_owned())).into_iter().collect();
        Self::of(Action::Reply(Reply { status, headers, body }))
    }

    /// A status without a body.
    ///
    /// # Panics
    ///
    /// When the status is not from 200 to 999.
    pub fn status(status: u16) -> Self {
        Self::reply(status, None, String::new())
    }

    /// 401 as the API answers it to credentials that it does not know.
    pub fn unauthorized() -> Self {
        Self::of(Action::Reply(Reply::unauthorized()))
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
        let seconds = retry_after.as_secs().saturating_add(u64::from(retry_after.subsec_nanos() > 0));
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
    /// When the value cannot be written as JSON, or the status is not from 200 to 999.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        Self::reply(status, Some(JSON), serde_json::to_string(&Exposed(body)).expect("a value that is JSON"))
    }

    /// An error in the form of newer endpoints and gateways; `code` is the end of its `type`.
    ///
    /// # Panics
    ///
    /// When the status is not from 200 to 999.
    pub fn problem(status: u16, code: &str, title: &str) -> Self {
        let kind = format!("https://developers.upcloud.com/1.3/errors#ERROR_{code}");
        let body = serde_json::json!({ "status": status, "title": title, "type": kind });
        Self::reply(status, Some(PROBLEM), body.to_string())
    }

    /// A page for people, as gateways send them.
    ///
    /// # Panics
    ///
    /// When the status is not from 200 to 999.
    pub fn html(status: u16, body: impl Into<String>) -> Self {
        Self::reply(status, Some("text/html; charset=utf-8"), body.into())
    }

    /// Nothing happens for so long; then the operation is carried out and answered. See [`delay`](Self::delay).
    pub fn slow(delay: Duration) -> Self {
        Self::of(Action::Proper(Vec::new())).delay(delay)
    }

    /// The operation is carried out at once, and its proper answer comes so much later: with a delay beyond the time limit
    /// of the call this is the commonest loss, timed out but made. A delay of more than a year is one of a year.
    ///
    /// ```
    /// use std::time::Duration;
    /// use upcloud::{CreateServer, calls::Operation, fake::{CannedResponse, Fake}};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # tokio::time::pause();
    /// let fake = Fake::start().await;
    /// fake.answer_next(Operation::CreateServer, CannedResponse::late(Duration::from_secs(90)));
    ///
    /// let server = CreateServer::from_template("web-1.example.net", "de-fra1", upcloud::fake::NATIVE_TEMPLATE);
    /// let error = fake.client().servers().create(server).attempt_timeout(Duration::from_secs(60)).await.unwrap_err();
    /// assert!(error.is_timeout() && error.is_lost_create());
    /// assert_eq!(fake.servers().len(), 1);
    /// # }
    /// ```
    pub fn late(delay: Duration) -> Self {
        Self { late: Some(delay.min(LONGEST_DELAY)), ..Self::of(Action::Proper(Vec::new())) }
    }

    /// No answer: the connection is closed and the operation is not carried out.
    pub fn dropped() -> Self {
        Self::of(Action::Drop { after: false })
    }

    /// No answer: the operation is carried out, then the connection is closed.
    pub fn dropped_after() -> Self {
        Self::of(Action::Drop { after: true })
    }

    /// Adds a header to the answer.
    ///
    /// # Panics
    ///
    /// When the connection is closed instead of an answer.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let header = (name.into(), value.into());
        match &mut self.action {
            Action::Reply(reply) | Action::Refuse(reply) => reply.headers.push(header),
            Action::Proper(headers) => headers.push(header),
            Action::Drop { .. } => {
                panic!("there is no answer to have the header {}: the connection is closed", header.0)
            }
        }
        self
    }

    /// Waits before anything else happens. A client of the [same process](super::Fake::client) waits by the clock of its runtime,
    /// which a test may have paused. A delay of more than a year is one of a year.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = Some(delay.min(LONGEST_DELAY));
        self
    }

    /// Gives it to so many requests instead of one; to none with 0. A large number takes no more memory than a small one.
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }
}
