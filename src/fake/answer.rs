//! What the fake answers, right or wrong, and how that looks on the wire.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use http::{HeaderName, HeaderValue, Response, StatusCode};
use hyper::body::Bytes;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    model::{ErrorCode, Operation, is_sensitive},
    shown::Names,
    wire::Exposed,
};

pub(super) const JSON: &str = "application/json; charset=UTF-8";
pub(super) const PROBLEM: &str = "application/problem+json";

/// No header can tell a later year.
const YEAR_9999: Duration = Duration::from_secs(253_370_764_800);

/// A whole answer. It may hold secrets, so `Debug` shows neither its body nor what its headers say.
#[derive(Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("headers", &Names(&self.headers))
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Reply {
    fn new(status: StatusCode, content_type: &str, body: String) -> Self {
        Self { status: status.as_u16(), headers: vec![("Content-Type".to_owned(), content_type.to_owned())], body }
    }

    /// A JSON body in one envelope.
    pub(super) fn json(status: StatusCode, key: &str, value: impl Serialize) -> Self {
        Self::new(status, JSON, text(&Envelope(key, value)))
    }

    pub(super) fn list(outer: &str, inner: &str, items: impl Serialize) -> Self {
        Self::json(StatusCode::OK, outer, Envelope(inner, items))
    }

    /// A JSON body without an envelope.
    pub(super) fn bare(value: &impl Serialize) -> Self {
        Self::new(StatusCode::OK, "application/json", text(value))
    }

    pub(super) fn text(status: StatusCode, text: impl Into<String>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text.into())
    }

    pub(super) fn empty() -> Self {
        Self { status: StatusCode::NO_CONTENT.as_u16(), headers: Vec::new(), body: String::new() }
    }

    /// What clients of the API get when their credentials are not accepted, on every path.
    pub(super) fn unauthorized() -> Self {
        let body = json!({
            "correlation_id": "01FAKEFAKEFAKEFAKEFAKEFAKE",
            "status": 401,
            "title": "The credentials are missing or not accepted.",
            "type": "https://developers.upcloud.com/1.3/errors#ERROR_AUTHENTICATION_FAILED",
        });
        Self::new(StatusCode::UNAUTHORIZED, PROBLEM, body.to_string())
    }

    pub(super) fn content_type(&self) -> Option<&str> {
        let header = self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        header.map(|(_, value)| value.as_str())
    }

    /// The same with the header `Date`, which tells how old a server is, unless a test has set one.
    pub(super) fn dated(mut self, now: i64) -> Self {
        let now = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(now.unsigned_abs()));
        if let Some(now) = now.filter(|now| *now < SystemTime::UNIX_EPOCH + YEAR_9999)
            && !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("date"))
        {
            self.headers.push(("Date".to_owned(), httpdate::fmt_http_date(now)));
        }
        self
    }

    /// What no HTTP can carry is left out: a test may order any text.
    pub(super) fn into_response(self) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(self.body));
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

/// One key around a value. Written as it is read, because a list of the fake may have a hundred thousand items.
struct Envelope<'a, T>(&'a str, T);

impl<T: Serialize> Serialize for Envelope<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.0, &self.1)])
    }
}

/// A server whose `server_group` is `null` if it is in none, as the API writes it; elsewhere `null` is left out.
#[derive(Serialize)]
pub(super) struct Grouped<T> {
    #[serde(flatten)]
    server: T,
    #[serde(rename = "server_group", skip_serializing_if = "Option::is_some")]
    nowhere: Option<Uuid>,
}

impl<T> Grouped<T> {
    pub(super) fn new(server: T, group: Option<Uuid>) -> Self {
        Self { server, nowhere: group }
    }
}

/// The types of the fake have no keys or numbers that JSON cannot hold.
pub(super) fn text(value: &impl Serialize) -> String {
    serde_json::to_string(&Exposed(value)).expect("what the fake answers is JSON")
}

/// A refusal.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    status: u16,
    code: ErrorCode,
    message: String,
    /// The methods that the path does have, if that is what was wrong.
    allow: Option<String>,
}

impl Fault {
    /// The error with the status that the documentation gives for this operation.
    pub(super) fn armed(operation: Operation, code: ErrorCode) -> Option<Self> {
        let (_, status) = code.documented_for().find(|(documented, _)| *documented == operation)?;
        Some(Self { status, message: sentence(&code), code, allow: None })
    }

    /// The error with words of its own.
    pub(super) fn because(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { status: status(&code), code, message: message.into(), allow: None }
    }

    /// The error with the attribute that was wrong and its value, unless that is a secret.
    pub(super) fn of_attribute(code: ErrorCode, name: &str, value: &Value) -> Self {
        /// How much of a value is shown.
        const SHOWN: usize = 60;
        let mut fault = Self::from(code);
        let text = value.to_string();
        let shown: String = text.chars().take(SHOWN).collect();
        let more = if shown.len() < text.len() { "..." } else { "" };
        let was = if is_sensitive(name) { "is not accepted".to_owned() } else { format!("was {shown}{more}") };
        fault.message = format!("{} The attribute {name} {was}.", fault.message);
        fault
    }

    /// The same with the value that was wrong, if it says none yet and the body has one attribute of that name.
    pub(super) fn with_value(self, body: &str) -> Self {
        let name = self.code.attribute().filter(|_| self.status == 400 && self.message == sentence(&self.code));
        let (Some(name), Ok(body)) = (name, serde_json::from_str::<Value>(body)) else { return self };
        let mut found = Vec::new();
        named(&body, name, &mut found);
        match found.as_slice() {
            [value] if !value.is_object() && !value.is_array() => Self::of_attribute(self.code, name, value),
            _ => self,
        }
    }

    /// The path is there, but has only these methods.
    pub(super) fn method_not_allowed(methods: &[&str]) -> Self {
        Self { allow: Some(methods.join(", ")), ..ErrorCode::MethodNotAllowed.into() }
    }

    /// The API has it, as far as is known, and this fake does not.
    pub(super) fn not_here(method: &str, path: &str) -> Self {
        let message = format!(
            "This fake does not have {method} {path}: it has the chapter on servers, and of the rest what tools ask for around a \
             server's life. Order an answer for it with answer_next."
        );
        Self {
            status: StatusCode::NOT_IMPLEMENTED.as_u16(),
            ..Self::because(ErrorCode::from("NOT_IMPLEMENTED_BY_FAKE"), message)
        }
    }

    /// The body is longer than this.
    pub(super) fn too_long(most: usize) -> Self {
        let message = format!("The body is longer than {most} bytes, which is the limit of the fake.");
        Self { status: StatusCode::PAYLOAD_TOO_LARGE.as_u16(), ..Self::because(ErrorCode::InvalidRequest, message) }
    }

    /// Whether nothing answers under the path.
    pub(super) fn is_of_no_path(&self) -> bool {
        self.code == ErrorCode::ResourceNotFound
    }

    pub(super) fn into_reply(self) -> Reply {
        let body = json!({ "error": { "error_code": self.code, "error_message": self.message } });
        let mut headers = vec![("Content-Type".to_owned(), JSON.to_owned())];
        headers.extend(self.allow.map(|methods| ("Allow".to_owned(), methods)));
        Reply { status: self.status, headers, body: body.to_string() }
    }
}

impl From<ErrorCode> for Fault {
    fn from(code: ErrorCode) -> Self {
        Self { status: status(&code), message: sentence(&code), code, allow: None }
    }
}

/// The values of all attributes of this name.
fn named<'a>(value: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get(name));
            members.values().for_each(|value| named(value, name, found));
        }
        Value::Array(items) => items.iter().for_each(|item| named(item, name, found)),
        _ => {}
    }
}

/// No code is documented with two different statuses, so the first row will do.
fn status(code: &ErrorCode) -> u16 {
    let documented = code.documented_for().next().map(|(_, status)| status);
    documented.unwrap_or(match code {
        ErrorCode::ResourceNotFound => 404,
        ErrorCode::MethodNotAllowed => 405,
        _ => 400,
    })
}

fn sentence(code: &ErrorCode) -> String {
    code.description().unwrap_or("Something is wrong.").to_owned()
}

pub(super) type Outcome = Result<Reply, Fault>;

/// The value as JSON; the types of the fake have no keys or numbers that JSON cannot hold.
pub(super) fn to_json(value: impl Serialize) -> Value {
    json!(Exposed(&value))
}
