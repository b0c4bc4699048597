//! The seam under every call of the generated client: authorization, headers, the record of what happened. Nothing here
//! knows an operation.

use std::{
    fmt, mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use http::{
    HeaderValue, StatusCode,
    header::{ACCEPT, AUTHORIZATION, HeaderMap},
};
use http_body_util::Limited;
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use reqwest::ResponseBuilderExt as _;
use tracing::Span;

use crate::{Credentials, RetryPolicy, error::Place, generated, request::goes_to, retry::Budget};

/// What an endpoint that the description does not have is called where others have their operationId.
pub(crate) const ENDPOINT: &str = "endpoint";

#[allow(clippy::declare_interior_mutable_const, reason = "a static text has nothing to change inside")]
const JSON: HeaderValue = HeaderValue::from_static("application/json");

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
}

impl Shared {
    pub(crate) fn place(&self) -> Place<'_> {
        Place { host: &self.address, port: self.port, proxy: self.proxy }
    }
}

/// What the generated client carries through one call.
#[derive(Clone)]
pub struct Call {
    pub(crate) shared: Arc<Shared>,
    query: Option<Query>,
    /// How large an answer of this call may be, where the client does not decide it.
    size: Option<u64>,
    span: Span,
    record: Option<Arc<Mutex<Record>>>,
}

/// Query pairs that the generated client does not know.
pub(crate) type Query = Arc<[(String, String)]>;

/// What is known of the answer even if its body could not be read.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) status: Option<StatusCode>,
    pub(crate) headers: HeaderMap,
}

impl Call {
    /// For calls that keep no record: their answers have their headers.
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, query: None, size: None, span: Span::none(), record: None }
    }

    /// The same settings for one request within this span, whose record can be taken.
    pub(crate) fn again(&self, query: Option<Query>, size: Option<u64>, span: Span) -> Self {
        Self { shared: Arc::clone(&self.shared), query, size, span, record: Some(Arc::default()) }
    }

    /// How large the body of an answer with this status may be.
    pub(crate) fn max_response_size(&self, status: StatusCode) -> u64 {
        max_response_size(self.size.unwrap_or(self.shared.max_response_size), status)
    }

    /// What has been recorded so far; it is not there a second time.
    pub(crate) fn take_record(&self) -> Record {
        self.record.as_deref().map(|record| mem::take(&mut *lock(record))).unwrap_or_default()
    }

    /// The status, if an answer has come and its record was not taken.
    pub(crate) fn status(&self) -> Option<StatusCode> {
        lock(self.record.as_deref()?).status
    }

    /// Keeps status and headers. Those of a success are moved here instead of copied, for nobody reads them in the answer.
    fn keep(&self, response: &mut reqwest::Response) {
        let Some(record) = self.record.as_deref() else { return };
        let status = response.status();
        let headers = if status.is_success() { mem::take(response.headers_mut()) } else { response.headers().clone() };
        *lock(record) = Record { status: Some(status), headers };
    }
}

fn lock(record: &Mutex<Record>) -> MutexGuard<'_, Record> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("credentials", &self.shared.credentials).finish_non_exhaustive()
    }
}

impl ClientHooks<Call> for generated::Client {
    async fn exec(&self, mut request: reqwest::Request, info: &OperationInfo) -> reqwest::Result<reqwest::Response> {
        let call = self.inner();
        if info.operation_id != ENDPOINT {
            goes_to(&call.span, request.url());
        }
        if let Some(query) = &call.query {
            request.url_mut().query_pairs_mut().extend_pairs(query.iter());
        }
        let headers = request.headers_mut();
        // Whatever is asked for, an error has a body, and the API knows XML too.
        headers.insert(ACCEPT, JSON);
        headers.insert(AUTHORIZATION, call.shared.authorization.clone());
        let mut response = self.client().execute(request).await?;
        call.keep(&mut response);
        let size = call.max_response_size(response.status());
        Ok(bounded(response, size))
    }
}

/// What failures have to say is short.
const FAILURE_SIZE: u64 = 1024 * 1024;

/// How large the body of an answer with this status may be, where a success may have so many bytes.
pub(crate) fn max_response_size(success: u64, status: StatusCode) -> u64 {
    if status.is_success() { success } else { success.min(FAILURE_SIZE) }
}

/// The answer with a body that fails, with a [`LengthLimitError`](http_body_util::LengthLimitError) as its cause, before
/// more than `most` bytes of it are read. An answer that says its length, as nearly all do, is left as it is.
pub(crate) fn bounded(response: reqwest::Response, most: u64) -> reqwest::Response {
    let most = match response.content_length() {
        Some(length) if length <= most => return response,
        // Nothing of it need be read.
        Some(_) => 0,
        None => most,
    };
    let url = response.url().clone();
    let (mut parts, body) = http::Response::from(response).into_parts();
    let body = reqwest::Body::wrap(Limited::new(body, usize::try_from(most).unwrap_or(usize::MAX)));
    // The address of an answer is kept in a place that only a builder can fill.
    if let Ok(place) = http::response::Builder::new().url(url).body(()) {
        parts.extensions.extend(place.into_parts().0.extensions);
    }
    http::Response::from_parts(parts, body).into()
}
