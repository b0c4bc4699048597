//! What a test of another language does to the fake while it runs: paths under `/_fake`, in front of the fake.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use http::{HeaderValue, Response, StatusCode, header, request::Parts};
use hyper::body::Bytes;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use upcloud::{
    ErrorCode, ServerState,
    calls::Operation,
    fake::{CannedResponse, Fake, RecordedRequest, Snapshot, Timing},
};
use uuid::Uuid;

use crate::{
    guard::{Guard, values},
    log::{Line, Log},
    options::TimingText,
};

const HELP: &str = "\
Controls of the fake. Bodies are JSON; a wrong one is answered with 400 and what is wrong. They are for programs of this
machine: a request with the Origin of a web page is answered with 403, one to a foreign Host with 421.

GET    /_fake               this text
GET    /_fake/operations    each operation: id, method, path, and its documented errors as code and status
POST   /_fake/fail_next     {\"operation\": \"createServer\", \"error_code\": \"INSUFFICIENT_CREDITS\"}
                            refuses the next request for the operation with one of its documented errors
POST   /_fake/answer_next   {\"operation\": \"listServers\", \"status\": 429, \"headers\": {\"Retry-After\": \"2\"}}
                            answers the next request for the operation, or the next at all if none is named, with a status
                            and, if you like, headers and one of: json (any value), html (text),
                            problem ({\"code\": \"..\", \"title\": \"..\"}, the form of newer errors)
                            {\"operation\": \"createServer\", \"drop\": \"before\"}  closes the connection without an answer, \"before\"
                            or \"after\" the operation is carried out
                            {\"delay_ms\": 500}  begins late; goes with all of the above
                            {\"late_ms\": 500}  carries the operation out at once, and answers late
                            fail_next and answer_next take \"times\": 3 as well; 1000 orders can wait at the same time
POST   /_fake/finish        {\"uuid\": \"..\"} ends the running operation of a server; {} or nothing those of all
POST   /_fake/timing          {\"timing\": \"3\"} how long operations take from now on: as --timing of the command line
POST   /_fake/fill          {\"servers\": 3} adds so many servers; 200000 is the most that there can be
POST   /_fake/set_state     {\"uuid\": \"..\", \"state\": \"error\"} puts a server into a state
POST   /_fake/ignore_acpi   {\"uuid\": \"..\", \"ignore\": true} its guest ignores the signal to power off
POST   /_fake/metadata_for  {\"uuid\": \"..\"} the server that the metadata service describes
POST   /_fake/advance       {\"seconds\": 60} lets time pass for operations that take a time
GET    /_fake/state         all that the fake keeps, as JSON, with the secrets in it
PUT    /_fake/state         puts such a JSON in its place
POST   /_fake/reset         goes back to the beginning: servers, groups and identifiers as when the program started, nothing
                            ordered, no requests
GET    /_fake/requests      the requests so far, oldest first, with their bodies and answers, and the secrets in them
";

/// The control whose body may be longer than that of any request.
pub(crate) const STATE: &str = "/_fake/state";

const JSON: &str = "application/json";

/// How an answer of the controls begins and ends.
type Outcome = Result<Response<Bytes>, Refusal>;

/// What a reset goes back to.
struct Beginning {
    state: Snapshot,
    timing: Timing,
}

struct Refusal {
    status: u16,
    message: String,
}

fn wrong(message: impl Into<String>) -> Refusal {
    Refusal { status: 400, message: message.into() }
}

/// The controls of a fake.
pub(crate) struct Controls {
    fake: Arc<Fake>,
    beginning: Beginning,
    guard: Arc<Guard>,
    log: Option<Arc<Log>>,
}

impl Controls {
    /// A reset goes back to what the fake has now.
    pub(crate) fn new(fake: &Arc<Fake>, timing: Timing, guard: &Arc<Guard>, log: Option<Arc<Log>>) -> Self {
        let beginning = Beginning { state: fake.save(), timing };
        Self { fake: Arc::clone(fake), beginning, guard: Arc::clone(guard), log }
    }

    pub(crate) fn answer(&self, request: &Parts, body: &[u8]) -> Response<Bytes> {
        let reply = check(&self.guard, request)
            .and_then(|()| answer(&self.fake, &self.beginning, request, body))
            .unwrap_or_else(|refusal| reply(refusal.status, &json!({ "error": refusal.message })));
        if let Some(log) = &self.log {
            let status = reply.status().as_u16();
            log.line(Line::of(&request.method, request.uri.path(), status));
        }
        reply
    }
}

fn check(guard: &Guard, request: &Parts) -> Result<(), Refusal> {
    let headers = &request.headers;
    guard.check_host(values(headers, header::HOST)).map_err(|message| Refusal { status: 421, message })?;
    let host = values(headers, header::HOST).next().unwrap_or_default();
    Guard::check_origin(host, values(headers, header::ORIGIN)).map_err(|message| Refusal { status: 403, message })
}

pub(crate) fn is_control(path: &str) -> bool {
    path == "/_fake" || path.starts_with("/_fake/")
}

fn respond(status: u16, kind: &'static str, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn reply(status: u16, body: &Value) -> Response<Bytes> {
    respond(status, JSON, format!("{body}\n"))
}

fn done() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

fn answer(fake: &Fake, beginning: &Beginning, request: &Parts, body: &[u8]) -> Outcome {
    let (method, uri) = (request.method.as_str(), &request.uri);
    let name = uri.path().trim_start_matches("/_fake").trim_matches('/');
    let allowed: &[&str] = match name {
        "" | "operations" | "requests" => &["GET"],
        "state" => &["GET", "PUT"],
        "advance" | "answer_next" | "fail_next" | "fill" | "finish" | "ignore_acpi" | "metadata_for" | "timing"
        | "reset" | "set_state" => &["POST"],
        _ => {
            return Err(Refusal { status: 404, message: format!("there is no control {name}; GET /_fake lists them") });
        }
    };
    if !allowed.contains(&method) {
        return Err(Refusal { status: 405, message: format!("/_fake/{name} takes {}", allowed.join(" and ")) });
    }
    match name {
        "" => Ok(respond(200, "text/plain; charset=utf-8", HELP)),
        "operations" => Ok(reply(200, &operations())),
        "requests" => Ok(reply(200, &fake.requests().iter().map(shown).collect())),
        "state" if method == "GET" => Ok(respond(200, JSON, fake.save().to_json())),
        "state" => {
            let text = str::from_utf8(body).map_err(|_| wrong("the state is no text"))?;
            fake.load(Snapshot::from_json(text).map_err(|e| wrong(e.to_string()))?);
            Ok(done())
        }
        "reset" => {
            fake.load(beginning.state.clone());
            fake.set_timing(beginning.timing);
            Ok(done())
        }
        "advance" => {
            let Advance { seconds } = read(body)?;
            fake.advance(Duration::try_from_secs_f64(seconds).map_err(|e| wrong(format!("seconds: {e}")))?);
            Ok(done())
        }
        "fail_next" => fail_next(fake, &read(body)?),
        "answer_next" => answer_next(fake, &read(body)?),
        "finish" => finish(fake, &read(body)?),
        "timing" => {
            let NewTiming { timing } = read(body)?;
            let timing: TimingText = timing.parse().map_err(wrong)?;
            fake.set_timing(timing.0);
            Ok(done())
        }
        "fill" => {
            let Fill { servers } = read(body)?;
            let room = Fake::MOST_SERVERS.saturating_sub(fake.servers().len());
            if servers > room {
                let most = Fake::MOST_SERVERS;
                return Err(wrong(format!("servers: there can be {most} at most, and there is room for {room}")));
            }
            fake.fill(servers);
            Ok(done())
        }
        "set_state" => {
            let SetState { uuid, state } = read(body)?;
            fake.set_state(there(fake, uuid)?, ServerState::from(state.as_str()));
            Ok(done())
        }
        "ignore_acpi" => {
            let IgnoreAcpi { uuid, ignore } = read(body)?;
            fake.ignore_acpi(there(fake, uuid)?, ignore);
            Ok(done())
        }
        _ => {
            let Named { uuid } = read(body)?;
            fake.metadata_for(there(fake, uuid)?);
            Ok(done())
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FailNext {
    operation: String,
    error_code: String,
    #[serde(default = "once")]
    times: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerNext {
    operation: Option<String>,
    status: Option<u16>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    json: Option<Value>,
    html: Option<String>,
    problem: Option<Problem>,
    drop: Option<Drop>,
    delay_ms: Option<u64>,
    late_ms: Option<u64>,
    #[serde(default = "once")]
    times: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Problem {
    code: String,
    title: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Drop {
    Before,
    After,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Finish {
    uuid: Option<Uuid>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewTiming {
    timing: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fill {
    servers: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetState {
    uuid: Uuid,
    state: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IgnoreAcpi {
    uuid: Uuid,
    ignore: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    uuid: Uuid,
}

fn once() -> u32 {
    1
}

/// No body means an empty object.
fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let body = if body.trim_ascii().is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|e| wrong(e.to_string()))
}

fn operation(id: &str) -> Result<Operation, Refusal> {
    let known = Operation::ALL.iter().copied().find(|operation| operation.id() == id);
    known.ok_or_else(|| wrong(format!("there is no operation {id}; GET /_fake/operations lists them")))
}

fn there(fake: &Fake, uuid: Uuid) -> Result<Uuid, Refusal> {
    let server = fake.server(uuid);
    server.map(|server| server.uuid).ok_or_else(|| wrong(format!("there is no server {uuid}")))
}

/// What is wrong with an order, if anything is.
pub(crate) fn check_fail(wanted: &FailNext) -> Result<(), String> {
    documented(wanted).map(drop).map_err(|refusal| refusal.message)
}

pub(crate) fn check_answer(wanted: &AnswerNext) -> Result<(), String> {
    let check = || {
        wanted.operation.as_deref().map(operation).transpose()?;
        canned(wanted).map(drop)
    };
    check().map_err(|refusal: Refusal| refusal.message)
}

pub(crate) fn order_fail(fake: &Fake, wanted: &FailNext) -> Result<(), String> {
    fail_next(fake, wanted).map(drop).map_err(|refusal| refusal.message)
}

pub(crate) fn order_answer(fake: &Fake, wanted: &AnswerNext) -> Result<(), String> {
    answer_next(fake, wanted).map(drop).map_err(|refusal| refusal.message)
}

fn documented(wanted: &FailNext) -> Result<(Operation, ErrorCode), Refusal> {
    let operation = operation(&wanted.operation)?;
    let code = ErrorCode::from(wanted.error_code.as_str());
    if !code.documented_for().any(|(documented, _)| documented == operation) {
        let all: Vec<_> = errors_of(operation).map(|(code, _)| code.to_string()).collect();
        let all = if all.is_empty() { "none".to_owned() } else { all.join(", ") };
        let message =
            format!("{code} is not documented for {}, which has: {all}. answer_next takes any", operation.id());
        return Err(wrong(message));
    }
    Ok((operation, code))
}

fn fail_next(fake: &Fake, wanted: &FailNext) -> Outcome {
    let (operation, code) = documented(wanted)?;
    has_room(fake)?;
    fake.fail_times(operation, code, wanted.times);
    Ok(done())
}

fn answer_next(fake: &Fake, wanted: &AnswerNext) -> Outcome {
    let operation = wanted.operation.as_deref().map(operation).transpose()?;
    let canned = canned(wanted)?.times(wanted.times);
    has_room(fake)?;
    fake.answer_next(operation, canned);
    Ok(done())
}

fn has_room(fake: &Fake) -> Result<(), Refusal> {
    let most = Fake::MOST_FAULTS;
    if fake.armed_faults() < most {
        Ok(())
    } else {
        Err(wrong(format!("{most} orders wait already, which is the limit")))
    }
}

fn canned(wanted: &AnswerNext) -> Result<CannedResponse, Refusal> {
    let AnswerNext { status, json, html, problem, drop, .. } = wanted;
    let bodies = [json.is_some(), html.is_some(), problem.is_some()].into_iter().filter(|given| *given).count();
    if bodies > 1 {
        return Err(wrong("give one of json, html and problem"));
    }
    for (name, value) in &wanted.headers {
        http::HeaderName::try_from(name).map_err(|_| wrong(format!("{name:?} is no name of a header")))?;
        http::HeaderValue::try_from(value).map_err(|_| wrong(format!("{value:?} is no value of a header")))?;
    }
    if status.is_some_and(|status| !(200..=599).contains(&status)) {
        return Err(wrong("status must be from 200 to 599"));
    }
    if drop.is_some() && !wanted.headers.is_empty() {
        return Err(wrong("a dropped connection has no headers"));
    }
    let delay = wanted.delay_ms.map(Duration::from_millis);
    let late = wanted.late_ms.map(Duration::from_millis);
    if late.is_some() && (status.is_some() || drop.is_some()) {
        return Err(wrong("late_ms is for the proper answer, without status and drop"));
    }
    let mut canned = match (status, drop, delay) {
        (None, None, _) if bodies == 0 && late.is_some() => CannedResponse::late(late.unwrap_or_default()),
        (None, None, Some(delay)) if bodies == 0 => CannedResponse::slow(delay),
        (None, Some(Drop::Before), _) if bodies == 0 => CannedResponse::dropped(),
        (None, Some(Drop::After), _) if bodies == 0 => CannedResponse::dropped_after(),
        (Some(status), None, _) => match (json, html, problem) {
            (Some(json), ..) => CannedResponse::json(*status, json),
            (_, Some(html), _) => CannedResponse::html(*status, html),
            (.., Some(problem)) => CannedResponse::problem(*status, &problem.code, &problem.title),
            (None, None, None) => CannedResponse::status(*status),
        },
        _ => return Err(wrong("give one of status (a body needs one), drop, delay_ms and late_ms")),
    };
    if let Some(delay) = delay {
        canned = canned.delay(delay);
    }
    Ok(wanted.headers.iter().fold(canned, |canned, (name, value)| canned.header(name, value)))
}

fn finish(fake: &Fake, wanted: &Finish) -> Outcome {
    match wanted.uuid {
        Some(uuid) => fake.finish(there(fake, uuid)?),
        None => fake.finish_all(),
    }
    Ok(done())
}

fn errors_of(operation: Operation) -> impl Iterator<Item = (&'static ErrorCode, u16)> {
    ErrorCode::known().iter().filter_map(move |code| {
        let (_, status) = code.documented_for().find(|(documented, _)| *documented == operation)?;
        Some((code, status))
    })
}

fn operations() -> Value {
    let operation = |operation: &Operation| {
        let errors: Vec<_> =
            errors_of(*operation).map(|(code, status)| json!({ "error_code": code, "status": status })).collect();
        json!({ "id": operation.id(), "method": operation.method(), "path": operation.path(), "errors": errors })
    };
    Operation::ALL.iter().map(operation).collect()
}

fn shown(request: &RecordedRequest) -> Value {
    json!({
        "operation": request.operation.map(Operation::id),
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "status": if request.status == 0 { None } else { Some(request.status) },
        "error_code": request.error_code(),
        "body": request.body(),
        "response": request.response(),
    })
}
