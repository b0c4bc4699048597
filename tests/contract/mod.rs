//! Holds what a fake was asked and what it answered against `openapi.yaml`, in which members that are not described are
//! forbidden here. Nothing in this file says what an answer should be, only whether it is described. `watched` is what
//! tests start a fake with.

#[allow(dead_code, clippy::unwrap_used, reason = "the file is shared with other tests")]
#[path = "../support/schema.rs"]
mod schema;
#[allow(dead_code, clippy::unwrap_used, reason = "the file is shared with other tests")]
#[path = "../support/mod.rs"]
mod support;
mod watched;

pub(crate) use watched::{Line, Watch, Watched, file, watched, watched_blocking};

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{LazyLock, Mutex},
};

use schema::{Validators, resolve};
use serde_json::Value;
use support::escape;
use upcloud::{
    calls::Operation,
    fake::{Fake, RecordedRequest},
};

pub(crate) static DESCRIPTION: LazyLock<Value> = LazyLock::new(support::description);
static CLOSED: LazyLock<Mutex<Validators>> = LazyLock::new(|| Mutex::new(Validators::new(&DESCRIPTION, true)));

/// Codes of the whole API, which the chapter does not list operation by operation; `default` describes their form.
const GENERAL: [&str; 4] = ["AUTHENTICATION_FAILED", "INVALID_REQUEST", "METHOD_NOT_ALLOWED", "UNKNOWN_ATTRIBUTE"];

/// The documentation lists no error about the group that a create or a modification names, nor about source IP filtering; what
/// they do is as of their neighbours.
const UNLISTED: [(Operation, &str); 7] = [
    (Operation::CreateServer, "GROUP_INVALID"),
    (Operation::CreateServer, "GROUP_NOT_FOUND"),
    (Operation::CreateServer, "SOURCE_IP_FILTERING_INVALID"),
    (Operation::ModifyServer, "ALREADY_IN_SERVER_GROUP"),
    (Operation::ModifyServer, "GROUP_INVALID"),
    (Operation::ModifyServer, "GROUP_NOT_FOUND"),
    (Operation::ModifyServer, "STRICT_ANTI_AFFINITY_NOT_MET"),
];

/// Of a longer list so many items are looked at.
const ITEMS: usize = 200;

/// What was validated.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) exchanges: usize,
    /// Answers that a test ordered as they are, and connections that it had closed: not the fake's own words.
    pub(crate) canned: usize,
    /// Operations with how often they succeeded.
    pub(crate) succeeded: BTreeMap<Operation, usize>,
    /// Requests with a body that were accepted.
    pub(crate) bodies: usize,
    /// (operation, status, code).
    pub(crate) refused: BTreeSet<(Operation, u16, String)>,
}

impl Seen {
    pub(crate) fn add(&mut self, other: Self) {
        self.exchanges += other.exchanges;
        self.canned += other.canned;
        self.bodies += other.bodies;
        self.refused.extend(other.refused);
        for (operation, times) in other.succeeded {
            *self.succeeded.entry(operation).or_default() += times;
        }
    }
}

/// Validates all that the fake remembers.
///
/// # Panics
///
/// When something is not as described.
pub(crate) fn check(fake: &Fake) -> Seen {
    let (seen, faults) = look(&fake.requests(), true);
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    seen
}

/// What was said and what is wrong with it; ordered answers count only with `canned`.
pub(crate) fn look(requests: &[RecordedRequest], canned: bool) -> (Seen, Vec<String>) {
    let mut seen = Seen::default();
    let mut faults = Vec::new();
    for request in requests {
        if request.status == 0 || (request.canned && !canned) {
            seen.canned += 1;
            continue;
        }
        let Some(operation) = request.operation else {
            seen.exchanges += 1;
            let found = answered(&DESCRIPTION["components"]["responses"]["Unexpected"], request);
            faults.extend(found.into_iter().map(|fault| format!("{} {}: {fault}", request.method, request.path)));
            continue;
        };
        let place = format!("{operation} {} {}", request.path, request.status);
        let found = exchange(operation, request, &mut seen);
        faults.extend(found.into_iter().map(|fault| format!("{place}: {fault}")));
    }
    (seen, faults)
}

/// What is wrong with one exchange.
fn exchange(operation: Operation, request: &RecordedRequest, seen: &mut Seen) -> Vec<String> {
    seen.exchanges += 1;
    let item = &DESCRIPTION["paths"][operation.path()];
    let described = &item[operation.method().to_lowercase()];
    let responses = &described["responses"];
    let own = responses.get(request.status.to_string());
    let mut faults = Vec::new();
    if (200..300).contains(&request.status) {
        *seen.succeeded.entry(operation).or_default() += 1;
        seen.bodies += usize::from(!request.body().is_null());
        faults.extend(sent(item, described, request));
    } else {
        let code = request.error_code();
        let code = code.as_ref().map(upcloud::ErrorCode::as_str);
        let codes = own.map(|own| resolve(&DESCRIPTION, own)["x-error-codes"].clone()).unwrap_or_default();
        let listed = |code: &str| codes.as_array().into_iter().flatten().any(|listed| listed == code);
        match code {
            Some(code) if listed(code) || GENERAL.contains(&code) || UNLISTED.contains(&(operation, code)) => {
                seen.refused.insert((operation, request.status, code.to_owned()));
            }
            Some(code) => faults.push(format!("{code} is not described")),
            None if operation.path().starts_with("/metadata/") => {}
            None => faults.push("an error without a code".to_owned()),
        }
    }
    match own.or_else(|| responses.get("default").filter(|_| request.status >= 400)) {
        Some(response) => faults.extend(answered(resolve(&DESCRIPTION, response), request)),
        None => faults.push("the status is not described".to_owned()),
    }
    faults
}

fn answered(response: &Value, request: &RecordedRequest) -> Vec<String> {
    let Some(content) = response.get("content") else {
        let empty = request.response_text().is_empty() && request.content_type.is_none();
        return if empty { Vec::new() } else { vec!["a body where none is described".to_owned()] };
    };
    let given = request.content_type.as_deref().unwrap_or_default();
    let kind = given.split(';').next().unwrap_or_default();
    let Some(media) = content.get(kind) else { return vec![format!("{given:?} is not described")] };
    let mut value = if kind == "text/plain" { request.response_text().into() } else { request.response() };
    if let Some(Value::Array(items)) = value.pointer_mut("/servers/server") {
        items.truncate(ITEMS);
    }
    CLOSED.lock().expect("no panic with the lock").faults(&media["schema"], &value)
}

/// A request that was accepted.
fn sent(item: &Value, described: &Value, request: &RecordedRequest) -> Vec<String> {
    let mut validators = CLOSED.lock().expect("no panic with the lock");
    let mut faults = Vec::new();
    let body = request.body();
    match described.get("requestBody") {
        Some(wanted) if body.is_null() => {
            if wanted["required"] == true {
                faults.push("accepted without a body".to_owned());
            }
        }
        Some(wanted) => {
            let schema = &wanted["content"]["application/json"]["schema"];
            faults.extend(validators.faults(schema, &body).into_iter().map(|fault| format!("request {fault}")));
        }
        None if body.is_null() => {}
        None => faults.push("a body was accepted where none is described".to_owned()),
    }
    let parameters: Vec<&Value> = [item, described]
        .into_iter()
        .filter_map(|place| place["parameters"].as_array())
        .flatten()
        .map(|parameter| resolve(&DESCRIPTION, parameter))
        .filter(|parameter| parameter["in"] == "query")
        .collect();
    for (name, text) in &request.query {
        let Some(parameter) = parameters.iter().find(|parameter| parameter["name"] == name.as_str()) else {
            faults.push(format!("the query parameter {name} is not described"));
            continue;
        };
        let schema = resolve(&DESCRIPTION, &parameter["schema"]);
        let schema = if schema["type"] == "array" { &schema["items"] } else { &parameter["schema"] };
        let value = text.parse::<u64>().map_or_else(|_| text.as_str().into(), Value::from);
        let as_text = validators.faults(schema, &text.as_str().into());
        if !as_text.is_empty() && !validators.faults(schema, &value).is_empty() {
            faults.extend(as_text.into_iter().map(|fault| format!("query {name}: {fault}")));
        }
    }
    faults
}
