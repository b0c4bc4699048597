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
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use tracing::Span;

use crate::{Credentials, RetryPolicy, generated, request::goes_to, retry::Budget};

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
    /// The rules of the client; a call may say otherwise.
    pub(crate) retry: RetryPolicy,
    pub(crate) total: Option<Duration>,
    pub(crate) attempt: Option<Duration>,
    pub(crate) budget: Budget,
}

/// What the generated client carries through one call.
#[derive(Clone)]
pub struct Call {
    pub(crate) shared: Arc<Shared>,
    query: Option<Query>,
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
        Self { shared, query: None, span: Span::none(), record: None }
    }

    /// The same settings for one request within this span, whose record can be taken.
    pub(crate) fn again(&self, query: Option<Query>, span: Span) -> Self {
        Self { shared: Arc::clone(&self.shared), query, span, record: Some(Arc::default()) }
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
        Ok(response)
    }
}
