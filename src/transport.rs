//! The seam under every call of the generated client: authorization, headers, the record of what happened. Nothing here
//! knows an operation.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
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
    query: Arc<[(String, String)]>,
    span: Span,
    record: Arc<Mutex<Record>>,
}

/// What is known of the answer even if its body could not be read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) status: Option<StatusCode>,
    pub(crate) headers: HeaderMap,
}

impl Call {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, query: Arc::default(), span: Span::none(), record: Arc::default() }
    }

    /// The same settings for another call, with query pairs that the generated client does not know, and with its span.
    pub(crate) fn again(&self, query: Vec<(String, String)>, span: Span) -> Self {
        Self { shared: Arc::clone(&self.shared), query: query.into(), span, record: Arc::default() }
    }

    /// What has been recorded so far.
    pub(crate) fn record(&self) -> Record {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
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
        if !call.query.is_empty() {
            request.url_mut().query_pairs_mut().extend_pairs(call.query.iter());
        }
        let headers = request.headers_mut();
        headers.remove("api-version");
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(AUTHORIZATION, call.shared.authorization.clone());
        let response = self.client().execute(request).await?;
        *call.record.lock().unwrap_or_else(PoisonError::into_inner) =
            Record { status: Some(response.status()), headers: response.headers().clone() };
        Ok(response)
    }
}
