//! The seam under every call of the generated client: authorization, headers, the record of what happened. Nothing here
//! knows an operation.

pub(crate) mod api;
mod attempt;
pub(crate) mod base_url;
mod body;
pub(crate) mod hooks;
pub(crate) mod network;
pub(crate) mod settings;

use std::{future::Future, pin::Pin, sync::Arc};

use http::{
    HeaderValue,
    header::{ACCEPT, AUTHORIZATION, USER_AGENT},
};
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};
use tracing::Span;

pub use api::Client as Api;
pub use attempt::Attempt;
pub(crate) use attempt::OnAttempt;
pub(crate) use body::{bounded, max_response_size};
pub(crate) use hooks::{Hooks, Query, Shared};

/// What an endpoint that the description does not have is called where others have their operationId.
pub(crate) const ENDPOINT: &str = "endpoint";

#[allow(clippy::declare_interior_mutable_const, reason = "a static text has nothing to change inside")]
const JSON: HeaderValue = HeaderValue::from_static("application/json");

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

/// What takes requests in the place of the network.
pub(crate) trait InProcess: Send + Sync {
    fn send(
        &self,
        request: reqwest::Request,
    ) -> Pin<Box<dyn Future<Output = reqwest::Result<reqwest::Response>> + Send>>;
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
    async fn exec(&self, mut request: reqwest::Request, _: &OperationInfo) -> reqwest::Result<reqwest::Response> {
        let call = self.inner();
        goes_to(&call.span, request.url());
        if let Some(query) = &call.query {
            request.url_mut().query_pairs_mut().extend_pairs(query.iter());
        }
        let headers = request.headers_mut();
        // Whatever is asked for, an error has a body, and the API knows XML too.
        headers.insert(ACCEPT, JSON);
        headers.insert(AUTHORIZATION, call.shared.authorization.clone());
        if let Some(user_agent) = &call.shared.user_agent {
            headers.insert(USER_AGENT, user_agent.clone());
        }
        call.is_sent(&request);
        let mut response = match &call.shared.in_process {
            // A request to nowhere is only built, see `call::sending`.
            Some(service) if request.url().scheme() == "http" => service.send(request).await?,
            _ => self.client().execute(request).await?,
        };
        call.keep(&mut response);
        let size = call.max_response_size(response.status());
        let kept = call.place_of_body(response.status());
        Ok(bounded(response, size, kept, call.seen.clone()))
    }
}
