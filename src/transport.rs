//! The seam under every call of the generated client: authorization, headers, the record of what happened. Nothing here
//! knows an operation.

pub(crate) mod api;
pub(crate) mod base_url;
pub(crate) mod settings;

use std::{
    error::Error as StdError,
    fmt, mem,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, ready},
    time::Duration,
};

use http::{
    HeaderValue, StatusCode,
    header::{ACCEPT, AUTHORIZATION},
};
use http_body::{Body, Frame};
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use reqwest::ResponseBuilderExt as _;
use tracing::Span;

use crate::{
    credentials::Credentials,
    error::{Place, Received, TooLarge},
    retry::{Budget, RetryPolicy},
};
pub use api::Client as Api;

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

/// The generated client with the settings and the connections of a client of ours. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Connection(Arc<Api>);

impl Connection {
    pub(crate) fn new(api: Api) -> Self {
        Self(Arc::new(api))
    }

    /// What all calls share.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0.inner.shared
    }

    /// The generated client for one request within this span, whose answers may have this size.
    pub(crate) fn api(&self, query: Option<Query>, size: Option<u64>, span: Span) -> Api {
        let Api { baseurl, client, inner } = &*self.0;
        Api { baseurl: baseurl.clone(), client: client.clone(), inner: inner.again(query, size, span) }
    }

    /// The generated client as it is.
    pub(crate) fn generated(&self) -> Api {
        Api::clone(&self.0)
    }
}

/// What the generated client carries through one call.
#[derive(Clone)]
pub struct Hooks {
    pub(crate) shared: Arc<Shared>,
    query: Option<Query>,
    /// How large an answer of this call may be, where the client does not decide it.
    size: Option<u64>,
    span: Span,
    received: Option<Arc<Mutex<Received>>>,
    /// Whether what has come of the body of a success is kept if the rest of it does not come.
    pub(crate) keeps_body: bool,
}

/// Query pairs that the generated client does not know.
pub(crate) type Query = Arc<[(String, String)]>;

impl Hooks {
    /// For calls that keep no record: their answers have their headers.
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, query: None, size: None, span: Span::none(), received: None, keeps_body: false }
    }

    /// The same settings for one request within this span, whose record can be taken.
    pub(crate) fn again(&self, query: Option<Query>, size: Option<u64>, span: Span) -> Self {
        let (shared, received) = (Arc::clone(&self.shared), Some(Arc::default()));
        Self { shared, query, size, span, received, keeps_body: false }
    }

    /// How large the body of an answer with this status may be.
    fn max_response_size(&self, status: StatusCode) -> u64 {
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
    fn keep(&self, response: &mut reqwest::Response) {
        let Some(record) = self.received.as_deref() else { return };
        let status = response.status();
        let headers = if status.is_success() { mem::take(response.headers_mut()) } else { response.headers().clone() };
        *lock(record) = Received { status: Some(status), headers, ..Received::default() };
    }

    /// Where the body of an answer with this status is kept if it does not come as a whole.
    fn place_of_body(&self, status: StatusCode) -> Option<Arc<Mutex<Received>>> {
        self.received.as_ref().filter(|_| self.keeps_body && status.is_success()).map(Arc::clone)
    }
}

fn lock(record: &Mutex<Received>) -> MutexGuard<'_, Received> {
    record.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").field("credentials", &self.shared.credentials).finish_non_exhaustive()
    }
}

/// Tells the span of the attempt where the request goes: without the query, which is the caller's.
fn goes_to(span: &Span, url: &url::Url) {
    if span.is_disabled() {
        return;
    }
    let mut url = url.clone();
    url.set_query(None);
    span.record("url.full", url.as_str());
}

impl ClientHooks<Hooks> for Api {
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
        let kept = call.place_of_body(response.status());
        Ok(bounded(response, size, kept))
    }
}

/// What failures have to say is short.
const FAILURE_SIZE: u64 = 1024 * 1024;

/// How large the body of an answer with this status may be, where a success may have so many bytes.
pub(crate) fn max_response_size(success: u64, status: StatusCode) -> u64 {
    if status.is_success() { success } else { success.min(FAILURE_SIZE) }
}

/// Below this a body may come in pieces as small as its sender likes.
const SMALL: u64 = 1024 * 1024;

/// So much of a body that is to be kept is read even if it is larger than it may be: the answer of a create is smaller, and
/// its identifier may stand at its end.
const KEPT: usize = 64 * 1024;

/// The answer with a body that fails with [`TooLarge`] before more than `most` bytes of it are read. A small answer that
/// says its length, as nearly all do, is left as it is. A body that does not come as a whole is `kept` there.
pub(crate) fn bounded(response: reqwest::Response, most: u64, kept: Option<Arc<Mutex<Received>>>) -> reqwest::Response {
    let length = response.content_length();
    if kept.is_none() && length.is_some_and(|length| length <= most.min(SMALL)) {
        return response;
    }
    let url = response.url().clone();
    let (mut parts, body) = http::Response::from(response).into_parts();
    let too_large = length.is_some_and(|length| length > most);
    let body = reqwest::Body::wrap(Bounded { body: Some(body), read: Vec::new(), most, too_large, kept });
    // The address of an answer is kept in a place that only a builder can fill.
    if let Ok(place) = http::response::Builder::new().url(url).body(()) {
        parts.extensions.extend(place.into_parts().0.extensions);
    }
    http::Response::from_parts(parts, body).into()
}

/// A body that is read as a whole: whoever collects its pieces would pay for each of them, and a piece may be one byte.
struct Bounded {
    body: Option<reqwest::Body>,
    read: Vec<u8>,
    most: u64,
    /// May be known before anything is read.
    too_large: bool,
    kept: Option<Arc<Mutex<Received>>>,
}

impl Bounded {
    /// How much of a body that is too large is read all the same.
    fn left_to_keep(&self) -> usize {
        if self.kept.is_some() { KEPT.saturating_sub(self.read.len()) } else { 0 }
    }
}

/// Whoever gives up a body drops it, at a time limit as well. Of one that was read as a whole there is nothing left.
impl Drop for Bounded {
    fn drop(&mut self) {
        let Some(kept) = self.kept.as_deref().filter(|_| self.too_large || !self.read.is_empty()) else { return };
        let mut record = lock(kept);
        record.arrived = mem::take(&mut self.read);
        record.too_large = self.too_large.then_some(self.most);
    }
}

impl Body for Bounded {
    type Data = <reqwest::Body as Body>::Data;
    type Error = Box<dyn StdError + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        loop {
            let this = &mut *self;
            let left = this.left_to_keep();
            let Some(body) = this.body.as_mut().filter(|_| !this.too_large || left > 0) else {
                let failed = this.body.take().map(|_| Err(TooLarge(this.most).into()));
                return Poll::Ready(failed);
            };
            match ready!(Pin::new(body).poll_frame(context)) {
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else { continue };
                    let length = this.read.len().saturating_add(data.len()) as u64;
                    this.too_large |= length > this.most;
                    let wanted = if this.too_large { left.min(data.len()) } else { data.len() };
                    this.read.extend_from_slice(&data[..wanted]);
                }
                Some(Err(error)) if !this.too_large => {
                    this.body = None;
                    return Poll::Ready(Some(Err(error.into())));
                }
                None if !this.too_large => {
                    this.body = None;
                    let whole = mem::take(&mut this.read);
                    return Poll::Ready((!whole.is_empty()).then(|| Ok(Frame::data(whole.into()))));
                }
                _ => {
                    this.body = None;
                    return Poll::Ready(Some(Err(TooLarge(this.most).into())));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    /// A body of so many pieces of one byte, which says its length or not.
    struct Pieces(u64, bool);

    impl Body for Pieces {
        type Data = <reqwest::Body as Body>::Data;
        type Error = std::convert::Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
            let Some(left) = self.0.checked_sub(1) else { return Poll::Ready(None) };
            self.0 = left;
            Poll::Ready(Some(Ok(Frame::data("x".into()))))
        }

        fn size_hint(&self) -> http_body::SizeHint {
            if self.1 { http_body::SizeHint::with_exact(self.0) } else { http_body::SizeHint::default() }
        }
    }

    fn answer(pieces: Pieces) -> reqwest::Response {
        let url = url::Url::parse("http://127.0.0.1/x").expect("a URL");
        let answer = http::Response::builder().url(url).status(202).header("x-test", "kept");
        answer.body(reqwest::Body::wrap(pieces)).expect("an answer").into()
    }

    #[tokio::test]
    async fn nothing_is_read_beyond_the_limit_and_pieces_are_not_kept() {
        for (length, known, most, read, whole) in [
            (100, true, 100, true, false),
            (SMALL, true, u64::MAX, true, false),
            (SMALL + 1, true, u64::MAX, true, true),
            (100, false, 100, true, true),
            (0, false, 100, true, false),
            (100, false, u64::MAX, true, true),
            (101, true, 100, false, false),
            (101, false, 100, false, false),
            (u64::MAX, true, u64::MAX - 1, false, false),
            (u64::MAX, false, 10_000, false, false),
        ] {
            let bounded = || bounded(answer(Pieces(length, known)), most, None);
            let answer = bounded();
            assert_eq!((answer.status().as_u16(), answer.url().as_str()), (202, "http://127.0.0.1/x"));
            assert_eq!(answer.headers()["x-test"], "kept");
            let case = format!("{length} of {most}");
            match answer.bytes().await {
                Ok(body) => assert!(read && body.len() as u64 == length, "{case}"),
                Err(error) => {
                    let innermost = std::iter::successors(StdError::source(&error), |e| StdError::source(*e)).last();
                    let most_told = innermost.and_then(|e| e.downcast_ref()).map(|TooLarge(most)| *most);
                    assert!(!read && most_told == Some(most), "{case}: {error:?}");
                }
            }
            if whole {
                let mut body = http::Response::from(bounded()).into_body();
                let first = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await.expect("a piece");
                let first = first.expect("no error").into_data().expect("data");
                assert_eq!(first.len() as u64, length, "{case} comes in one piece");
            }
        }
    }

    #[tokio::test]
    async fn what_has_come_is_kept_and_nothing_of_a_whole_body() {
        let kept = KEPT as u64;
        for (length, known, most, arrived, too_large) in [
            (100, true, 100, 0, None),
            (100, false, 100, 0, None),
            (0, true, 100, 0, None),
            (100, true, 99, 100, Some(99)),
            (100, false, 99, 100, Some(99)),
            (u64::MAX, true, 99, kept, Some(99)),
            (u64::MAX, false, 99, kept, Some(99)),
            (u64::MAX, true, 2 * kept, kept, Some(2 * kept)),
            (u64::MAX, false, 2 * kept, 2 * kept, Some(2 * kept)),
        ] {
            let record = Arc::default();
            let read = bounded(answer(Pieces(length, known)), most, Some(Arc::clone(&record))).bytes().await;
            let record = lock(&record);
            let case = format!("{length} of {most}");
            assert_eq!(read.is_ok(), too_large.is_none(), "{case}");
            assert_eq!((record.arrived.len() as u64, record.too_large), (arrived, too_large), "{case}");
        }
    }
}
