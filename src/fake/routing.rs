//! From a request to the operation it asks for, and from there to the answer.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    panic,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    thread,
};

use http::{StatusCode, header::AUTHORIZATION};
use httpmock::{HttpMockRequest, HttpMockResponse};
use serde_json::Value;
use uuid::Uuid;

use super::{
    Fake,
    answer::{Fault, Outcome, Reply},
    canned_response::Action,
    catalog, input,
    requests::{Observer, RecordedRequest},
    state::State,
};
use crate::{
    model::{ErrorCode, Operation},
    model::{StorageType, types::Storage},
};

/// Where the metadata service is, which asks for no credentials.
const METADATA: &str = "/metadata/";
/// Bodies above this are not left in the memory of httpmock.
const LARGE_BODY: usize = 64 << 10;

/// What the requests of one fake share.
#[derive(Debug)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// The `Authorization` headers that are accepted; any, if there are none.
    accepted: Vec<http::HeaderValue>,
    keep_requests: usize,
    observer: Observer,
    /// Where httpmock listens.
    place: OnceLock<SocketAddr>,
}

impl Fake {
    /// The longest request body that the fake takes, in bytes; a longer one is answered with 413. That is more than any
    /// request needs that the documentation allows.
    pub const MOST_BODY: usize = 8 << 20;
}

impl Shared {
    pub(super) fn new(
        state: State,
        accepted: Vec<http::HeaderValue>,
        keep_requests: usize,
        observer: Observer,
    ) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(state), accepted, keep_requests, observer, place: OnceLock::new() })
    }

    pub(super) fn is_at(&self, place: SocketAddr) {
        let _ = self.place.set(place);
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

    /// Answers a request; `ordered` is what a test wants done with it.
    pub(super) fn respond(&self, request: &HttpMockRequest, ordered: Option<&Action>) -> HttpMockResponse {
        let uri = request.uri();
        let (method, path, query) = (request.method_str(), uri.path(), request.query_params());
        let sent = request.body_ref();
        let too_long = sent.len() > Fake::MOST_BODY;
        let body = if too_long { String::new() } else { String::from_utf8_lossy(sent).into_owned() };
        if sent.len() > LARGE_BODY {
            self.forget_history();
        }
        let route = route(method, path);
        let operation = route.as_ref().ok().map(|(operation, _)| *operation);
        let route = if too_long { Err(Fault::too_long(Fake::MOST_BODY)) } else { route };
        // Before the state is locked, because a long body takes its time.
        let json = json(&body);

        let mut state = self.caught_up();
        let armed = if ordered.is_none() { state.take_armed(operation).map(|armed| armed.action) } else { None };
        let proper = Action::Proper(Vec::new());
        let action = armed.as_ref().or(ordered).unwrap_or(&proper);
        let open = path.starts_with(METADATA);
        let (reply, dropped) = match action {
            Action::Reply(reply) | Action::Refuse(reply) => (reply.clone(), false),
            Action::Drop { after: false } => (Reply::empty(), true),
            Action::Proper(_) | Action::Drop { after: true } => {
                let mut reply = if open || self.is_authorized(request) {
                    let outcome = route.and_then(|(operation, ids)| {
                        let input = Input { body: json, query: &query, ids: &ids, path };
                        state.carry_out(operation, &input)
                    });
                    outcome.unwrap_or_else(Fault::into_reply)
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
        if dropped {
            // Unwinding ends the task that serves the connection, and so the connection; unlike a panic it prints nothing.
            panic::resume_unwind(Box::new("the test wants the connection dropped"));
        }
        reply.dated(date).into_response()
    }

    /// Makes httpmock forget the last hundred requests, which it keeps whole for its messages about mocks that were not
    /// called. From a thread, because it answers when this request is answered.
    fn forget_history(&self) {
        let Some(place) = self.place.get().copied() else { return };
        thread::spawn(move || {
            let forget = || -> io::Result<()> {
                let mut stream = TcpStream::connect(place)?;
                stream.write_all(
                    b"DELETE /__httpmock__/history HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                )?;
                stream.read_to_end(&mut Vec::new()).map(drop)
            };
            // It is gone together with the fake.
            let _ = forget();
        });
    }

    fn is_authorized(&self, request: &HttpMockRequest) -> bool {
        let headers = request.headers();
        let Some(given) = headers.get(AUTHORIZATION) else { return false };
        let scheme = given.to_str().unwrap_or_default();
        let known = scheme.starts_with("Bearer ") || scheme.starts_with("Basic ");
        known && (self.accepted.is_empty() || self.accepted.contains(given))
    }
}

fn is_metadata(operation: Operation) -> bool {
    matches!(operation, Operation::GetMetadata | Operation::ListMetadataFields | Operation::GetMetadataField)
}

/// The operation that a request asks for, if it asks for one.
pub(super) fn operation(request: &HttpMockRequest) -> Option<Operation> {
    route(request.method_str(), request.uri().path()).ok().map(|(operation, _)| operation)
}

/// The operation of a path, with what stands in the place of its parameters.
fn route<'a>(method: &str, path: &'a str) -> Result<(Operation, Vec<&'a str>), Fault> {
    if let Some(rest) = path.strip_prefix(METADATA) {
        if method != "GET" {
            return Err(Fault::method_not_allowed(&["GET"]));
        }
        let operation = match rest {
            "v1.json" => Operation::GetMetadata,
            "v1/" => Operation::ListMetadataFields,
            _ => Operation::GetMetadataField,
        };
        return Ok((operation, Vec::new()));
    }
    let below = path.strip_prefix("/1.3/").ok_or(ErrorCode::ResourceNotFound)?;
    // One slash at the end does not matter to the API: the vendor's Go client sends it.
    let asked: Vec<&str> = below.strip_suffix('/').unwrap_or(below).split('/').collect();
    let mut methods = Vec::new();
    for operation in Operation::ALL.iter().copied().filter(|operation| !is_metadata(*operation)) {
        let described: Vec<&str> = operation.path().trim_start_matches('/').split('/').collect();
        let fits = |(described, asked): (&&str, &&str)| {
            described == asked || (described.starts_with('{') && !asked.is_empty())
        };
        if described.len() != asked.len() || !described.iter().zip(&asked).all(fits) {
            continue;
        }
        if operation.method() == method {
            let ids = described.iter().zip(&asked).filter(|(described, _)| described.starts_with('{'));
            return Ok((operation, ids.map(|(_, asked)| *asked).collect()));
        }
        methods.push(operation.method());
    }
    Err(if methods.is_empty() { ErrorCode::ResourceNotFound.into() } else { Fault::method_not_allowed(&methods) })
}

/// What an operation is given.
struct Input<'a> {
    body: Result<Value, Fault>,
    query: &'a [(String, String)],
    ids: &'a [&'a str],
    path: &'a str,
}

impl Input<'_> {
    fn server(&self, position: usize) -> Result<Uuid, Fault> {
        input::uuid(self.ids.get(position).copied().unwrap_or_default(), ErrorCode::ServerInvalid)
    }

    fn group(&self) -> Result<Uuid, Fault> {
        input::uuid(self.ids.first().copied().unwrap_or_default(), ErrorCode::GroupInvalid)
    }

    fn body(&self) -> Result<&Value, Fault> {
        self.body.as_ref().map_err(Clone::clone)
    }
}

/// The value of a body; none is `null`.
fn json(body: &str) -> Result<Value, Fault> {
    if body.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(body).map_err(|_| Fault::because(ErrorCode::InvalidRequest, "The body is no JSON."))
}

impl State {
    fn carry_out(&mut self, operation: Operation, input: &Input<'_>) -> Outcome {
        use Operation as O;
        match operation {
            O::GetMetadata | O::ListMetadataFields | O::GetMetadataField => {
                Ok(self.metadata(input.path.strip_prefix(METADATA).unwrap_or_default()))
            }
            O::ListServerConfigurations => Ok(catalog::sizes()),
            O::ListPlans => Ok(catalog::plans()),
            O::ListZones => Ok(catalog::zones()),
            O::ListTimezones => Ok(catalog::timezones()),
            O::ListStorageTemplates => Ok(self.list_storages(&StorageType::Template)),
            O::ListStorageCdroms => Ok(self.list_storages(&StorageType::Cdrom)),
            O::ListServers => self.list(input.query),
            O::CreateServer => self.create(input.body()?),
            O::GetServer => self.get(input.server(0)?),
            O::ModifyServer => self.modify(input.server(0)?, input.body()?),
            O::DeleteServer => self.delete(input.server(0)?, input.query),
            O::StartServer => self.start(input.server(0)?, input.body()?),
            O::StopServer => self.stop(input.server(0)?, input.body()?),
            O::RestartServer => self.restart(input.server(0)?, input.body()?),
            O::CancelServerOperation => self.cancel(input.server(0)?),
            O::ListServerGroups => self.list_groups(input.query),
            O::CreateServerGroup => self.create_group(input.body()?),
            O::GetServerGroup => self.get_group(input.group()?),
            O::ModifyServerGroup => self.modify_group(input.group()?, input.body()?),
            O::DeleteServerGroup => self.delete_group(input.group()?),
            O::ListServersInGroup => self.list_members(input.group()?),
            O::AddServerToGroup => self.add_member(input.group()?, input.body()?),
            O::RemoveServerFromGroup => self.remove_member(input.group()?, input.server(1)?),
        }
    }

    fn list_storages(&self, kind: &StorageType) -> Reply {
        let storages: Vec<&Storage> =
            self.storages.iter().filter(|storage| storage.type_.as_ref() == Some(kind)).collect();
        Reply::json(StatusCode::OK, "storages", serde_json::json!({ "storage": storages }))
    }
}
