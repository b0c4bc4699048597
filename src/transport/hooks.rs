//! What the generated client carries through one call, and what is known of its answer.

use std::{
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::{HeaderValue, StatusCode};
use tracing::Span;

use super::{
    InProcess,
    attempt::{Exchange, OnAttempt, Seen},
    body::max_response_size,
};
use crate::{
    credentials::Credentials,
    error::{Place, Received},
    retry::{Budget, RetryPolicy},
};

/// What all calls of a client share.
pub(crate) struct Shared {
    pub(crate) credentials: Credentials,
    pub(crate) authorization: HeaderValue,
    /// The host and the port of the API, for spans.
    pub(crate) address: String,
    pub(crate) port: u16,
    /// The variable that may name a proxy.
    pub(crate) proxy: Option<&'static str>,
    /// The rules of the client; a call may say otherwise.
    pub(crate) retry: RetryPolicy,
    pub(crate) total: Option<Duration>,
    pub(crate) attempt: Option<Duration>,
    pub(crate) max_response_size: u64,
    pub(crate) budget: Budget,
    pub(crate) in_process: Option<Arc<dyn InProcess>>,
    /// Sent with each request, where the HTTP client does not do it.
    pub(crate) user_agent: Option<HeaderValue>,
    pub(crate) on_attempt: Option<OnAttempt>,
    /// Whether bodies are told of attempts.
    pub(crate) attempt_bodies: bool,
}

impl Shared {
    pub(crate) fn place(&self) -> Place<'_> {
        Place { host: &self.address, port: self.port, proxy: self.proxy }
    }
}

/// What the generated client carries through one call.
#[derive(Clone)]
pub struct Hooks {
    pub(crate) shared: Arc<Shared>,
    pub(super) query: Option<Query>,
    /// How large an answer of this call may be, where the client does not decide it.
    size: Option<u64>,
    pub(super) span: Span,
    received: Option<Arc<Mutex<Received>>>,
    /// Whether what has come of the body of a success is kept if the rest of it does not come.
    pub(crate) keeps_body: bool,
    /// What the program is told of the attempt, if it wants to be told.
    pub(super) seen: Option<Seen>,
}

/// Query pairs that the generated client does not know.
pub(crate) type Query = Arc<[(String, String)]>;

impl Hooks {
    /// For calls that keep no record: their answers have their headers.
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, query: None, size: None, span: Span::none(), received: None, keeps_body: false, seen: None }
    }

    /// The same settings for one request within this span, whose record can be taken.
    pub(crate) fn again(&self, query: Option<Query>, size: Option<u64>, span: Span) -> Self {
        let (shared, received) = (Arc::clone(&self.shared), Some(Arc::default()));
        let seen = shared.on_attempt.as_ref().map(|_| Seen::new(shared.attempt_bodies));
        Self { shared, query, size, span, received, keeps_body: false, seen }
    }

    /// How large the body of an answer with this status may be.
    pub(super) fn max_response_size(&self, status: StatusCode) -> u64 {
        max_response_size(self.size.unwrap_or(self.shared.max_response_size), status)
    }

    /// What has been recorded so far; it is not there a second time.
    pub(crate) fn take_received(&self) -> Received {
        self.received.as_deref().map(|record| mem::take(&mut *lock(record))).unwrap_or_default()
    }

    /// The status, if an answer has come and its record was not taken.
    pub(crate) fn status(&self) -> Option<StatusCode> {
        lock(self.received.as_deref()?).status
    }

    /// Keeps status and headers. Those of a success are moved here instead of copied, for nobody reads them in the answer.
    pub(super) fn keep(&self, response: &mut reqwest::Response) {
        let Some(record) = self.received.as_deref() else { return };
        let status = response.status();
        let headers = if status.is_success() { mem::take(response.headers_mut()) } else { response.headers().clone() };
        *lock(record) = Received { status: Some(status), headers, ..Received::default() };
    }

    /// What goes over the wire, for who wants to be told.
    pub(super) fn is_sent(&self, request: &reqwest::Request) {
        let Some(seen) = &self.seen else { return };
        let body = request.body().map_or(Some(&[][..]), reqwest::Body::as_bytes);
        let mut exchange = seen.exchange.lock().unwrap_or_else(PoisonError::into_inner);
        exchange.sent = body.map(<[u8]>::len);
        exchange.request = body.filter(|_| seen.bodies).map(<[u8]>::to_vec);
    }

    /// What has gone over the wire. It is not there a second time.
    pub(crate) fn take_exchange(&self) -> Exchange {
        let taken = |seen: &Seen| mem::take(&mut *seen.exchange.lock().unwrap_or_else(PoisonError::into_inner));
        self.seen.as_ref().map(taken).unwrap_or_default()
    }

    /// Where the body of an answer with this status is kept if it does not come as a whole.
    pub(super) fn place_of_body(&self, status: StatusCode) -> Option<Arc<Mutex<Received>>> {
        self.received.as_ref().filter(|_| self.keeps_body && status.is_success()).map(Arc::clone)
    }
}

pub(super) fn lock(record: &Mutex<Received>) -> MutexGuard<'_, Received> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").field("credentials", &self.shared.credentials).finish_non_exhaustive()
    }
}
