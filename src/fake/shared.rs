//! What the requests of one fake share, and how each is answered, whichever way it came.

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use http::{HeaderMap, HeaderValue, Request, Response, header::AUTHORIZATION};
use hyper::body::Bytes;
use serde_json::Value;
use tokio::time::sleep;

use super::{
    Fake,
    answer::{Fault, Reply},
    beside::Asked,
    canned_response::{Action, CannedResponse},
    mocks::Mocks,
    requests::{Observer, RecordedRequest, Sent},
    routing::{Input, METADATA, operation, route},
    state::State,
    strict,
};
use crate::model::ErrorCode;

/// What the requests of one fake share.
pub(super) struct Shared {
    state: Mutex<State>,
    /// The `Authorization` headers that are accepted; any, if there are none.
    accepted: Vec<HeaderValue>,
    keep_requests: usize,
    observer: Observer,
    /// The mocks that a test lays over the fake; most lay none.
    mocks: OnceLock<Mocks>,
}

impl Fake {
    /// The longest request body that the fake takes, in bytes; a longer one is answered with 413. That is more than any
    /// request needs that the documentation allows.
    pub const MOST_BODY: usize = 8 << 20;
}

impl Shared {
    pub(super) fn new(state: State, accepted: Vec<HeaderValue>, keep_requests: usize, observer: Observer) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(state), accepted, keep_requests, observer, mocks: OnceLock::new() })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state after all that is over by now.
    pub(super) fn caught_up(&self) -> MutexGuard<'_, State> {
        let mut state = self.state();
        state.settle();
        state
    }

    pub(super) fn mocks(&self) -> &Mocks {
        self.mocks.get_or_init(Mocks::default)
    }

    /// Answers a request, at the time that a test has ordered. `None` means that the connection is closed instead.
    pub(super) async fn answer(&self, request: Request<Sent>) -> Option<Response<Bytes>> {
        if let Some(mocks) = self.mocks.get()
            && let Some(answer) = mocks.answer(&request).await
        {
            return answer;
        }
        let operation = operation(request.method().as_str(), request.uri().path());
        let order = self.state().take_armed(operation);
        let order = order.map(|order| order.canned);
        let (before, after) = order.as_ref().map_or((None, None), |order| (order.delay, order.late));
        if let Some(delay) = before {
            sleep(delay).await;
        }
        let reply = self.respond(&request, order.as_ref());
        if let Some(delay) = after {
            sleep(delay).await;
        }
        reply.map(Reply::into_response)
    }

    fn respond(&self, request: &Request<Sent>, order: Option<&CannedResponse>) -> Option<Reply> {
        let (method, path) = (request.method().as_str(), request.uri().path());
        let query = url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
        let query: Vec<(String, String)> = query.into_owned().collect();
        let (route, body) = match request.body() {
            Sent::Whole(body) => (route(method, path), String::from_utf8_lossy(body).into_owned()),
            Sent::TooLong => (Err(Fault::too_long(Fake::MOST_BODY)), String::new()),
        };
        let operation = route.as_ref().ok().map(|(operation, _)| *operation);
        // Before the state is locked, because a long body takes its time.
        let json = json(&body);

        let mut state = self.caught_up();
        let proper = Action::Proper(Vec::new());
        let action = order.map_or(&proper, |order| &order.action);
        let open = path.starts_with(METADATA);
        let (reply, dropped) = match action {
            Action::Reply(reply) | Action::Refuse(reply) => (reply.clone(), false),
            Action::Drop { after: false } => (Reply::empty(), true),
            Action::Proper(_) | Action::Drop { after: true } => {
                let mut reply = if open || self.is_authorized(request.headers()) {
                    let outcome = match route {
                        Ok((operation, ids)) => strict::check_query(operation, &query).and_then(|()| {
                            let json =
                                json.and_then(|mut body| strict::check_body(operation, &mut body).map(|()| body));
                            state.carry_out(operation, &Input { body: json, query: &query, ids: &ids, path })
                        }),
                        Err(fault) if fault.is_of_no_path() => {
                            state.beside(Asked { method, path, query: &query, body: json }).unwrap_or(Err(fault))
                        }
                        Err(fault) => Err(fault),
                    };
                    outcome.unwrap_or_else(|fault| fault.with_value(&body).into_reply())
                } else {
                    Reply::unauthorized()
                };
                if let Action::Proper(headers) = action {
                    reply.headers.extend(headers.iter().cloned());
                }
                (reply, matches!(action, Action::Drop { .. }))
            }
        };
        let date = state.date();
        drop(state);
        let record = RecordedRequest {
            operation,
            method: method.to_owned(),
            path: path.to_owned(),
            query,
            status: if dropped { 0 } else { reply.status },
            content_type: reply.content_type().filter(|_| !dropped).map(str::to_owned),
            canned: matches!(action, Action::Reply(_)),
            sent: body,
            answered: if dropped { String::new() } else { reply.body.clone() },
        };
        // Without the lock, so that who looks on may use the fake.
        self.observer.tell(&record);
        self.state().record(record, self.keep_requests);
        (!dropped).then(|| reply.dated(date))
    }

    fn is_authorized(&self, headers: &HeaderMap) -> bool {
        let Some(given) = headers.get(AUTHORIZATION) else { return false };
        let scheme = given.to_str().unwrap_or_default();
        let known = scheme.starts_with("Bearer ") || scheme.starts_with("Basic ");
        known && (self.accepted.is_empty() || self.accepted.contains(given))
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

/// The value of a body; none is `null`.
fn json(body: &str) -> Result<Value, Fault> {
    if body.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(body).map_err(|_| Fault::because(ErrorCode::InvalidRequest, "The body is no JSON."))
}
