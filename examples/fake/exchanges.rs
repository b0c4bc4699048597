//! Exchanges in a file: written while the fake runs, and answered from, so that what went wrong somewhere can be had elsewhere.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use http::{HeaderValue, Method, Response, StatusCode, Uri, header};
use hyper::body::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use upcloud::{calls::Operation, fake::RecordedRequest};
use url::form_urlencoded;

/// What stands behind the last exchange, so that the file is whole at any time.
const END: &str = "\n]}\n";
/// What stands in the place of a secret.
const REDACTED: &str = "redacted";
/// The attributes whose values are not written.
const SECRETS: [&str; 4] = ["password", "remote_access_password", "user_data", "vendor_data"];

/// One request with its answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    #[serde(default)]
    operation: Option<String>,
    method: String,
    path: String,
    #[serde(default)]
    query: Vec<(String, String)>,
    #[serde(default)]
    request: Value,
    status: u16,
    #[serde(default)]
    content_type: Option<String>,
    #[serde(default)]
    response: Value,
}

#[derive(Deserialize)]
struct Recording {
    exchanges: Vec<Exchange>,
}

/// A file that exchanges are written to.
pub(crate) struct Recorder {
    path: PathBuf,
    file: Mutex<(File, bool)>,
}

impl Recorder {
    /// A file that is there already is not touched: it may be the only record of something.
    pub(crate) fn create(path: &Path) -> Result<Self, String> {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let begin = || {
            let mut file = options.open(path)?;
            write!(file, "{{\"name\": {}, \"exchanges\": [{END}", json!(name))?;
            Ok::<_, std::io::Error>(file)
        };
        let file = begin().map_err(|e| format!("{} cannot be made for the exchanges: {e}", path.display()))?;
        Ok(Self { path: path.to_owned(), file: Mutex::new((file, false)) })
    }

    /// Without the secrets in it. A connection that was closed has no answer to write.
    pub(crate) fn write(&self, request: &RecordedRequest) -> Result<(), String> {
        if request.status == 0 {
            return Ok(());
        }
        let text = request.response_text();
        let response = match serde_json::from_str::<Value>(text) {
            Ok(value) => value,
            Err(_) if text.is_empty() => Value::Null,
            Err(_) => json!({ "$raw": text }),
        };
        let mut exchange = json!(Exchange {
            operation: request.operation.map(|operation| Operation::id(operation).to_owned()),
            method: request.method.clone(),
            path: request.path.clone(),
            query: request.query.clone(),
            request: request.body(),
            status: request.status,
            content_type: request.content_type.clone(),
            response,
        });
        redact(&mut exchange["request"]);
        redact(&mut exchange["response"]);
        let mut guard = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, has_some) = &mut *guard;
        let mut append = || {
            file.seek(SeekFrom::End(-i64::try_from(END.len()).unwrap_or_default()))?;
            write!(file, "{}\n{exchange}{END}", if *has_some { "," } else { "" })
        };
        append().map_err(|e| format!("{} cannot be written: {e}", self.path.display()))?;
        *has_some = true;
        Ok(())
    }
}

fn redact(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if SECRETS.contains(&name.as_str()) && value.is_string() {
                    *value = REDACTED.into();
                } else {
                    redact(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(redact),
        _ => {}
    }
}

/// A file that requests are answered from.
pub(crate) struct Replay {
    exchanges: Vec<Exchange>,
    /// How often each was given.
    given: Mutex<BTreeMap<usize, usize>>,
}

impl Replay {
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|e| format!("{} cannot be read: {e}", path.display()))?;
        let recording: Recording = serde_json::from_str(&text).map_err(|e| {
            format!("{}: {e}; it is no recording, which has the form {{\"exchanges\": [..]}}", path.display())
        })?;
        let wrong = recording.exchanges.iter().position(|exchange| StatusCode::from_u16(exchange.status).is_err());
        if let Some(at) = wrong {
            let status = recording.exchanges[at].status;
            return Err(format!("{}: exchange {} has the status {status}, which is none", path.display(), at + 1));
        }
        Ok(Self { exchanges: recording.exchanges, given: Mutex::default() })
    }

    pub(crate) fn len(&self) -> usize {
        self.exchanges.len()
    }

    /// The answer to the first exchange with this request that was not given yet; of a request that only reads, the last one
    /// once more. Identifiers and bodies have to be those of the recording; a body that is another one is taken if none fits.
    pub(crate) fn answer(&self, method: &Method, uri: &Uri, body: &[u8]) -> Response<Bytes> {
        let query: Vec<(String, String)> =
            form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let mut body: Value = serde_json::from_slice(body).unwrap_or_default();
        redact(&mut body);
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |exchange: &Exchange| {
            exchange.method == method.as_str() && exchange.path == uri.path() && exchange.query == query
        };
        let same: Vec<usize> = (0..self.exchanges.len()).filter(|at| fits(&self.exchanges[*at])).collect();
        let left = || same.iter().copied().filter(|at| !given.contains_key(at));
        let with_body = left().find(|at| self.exchanges[*at].request == body);
        let again = same.last().copied().filter(|_| method.is_safe());
        let Some(at) = with_body.or_else(|| left().next()).or(again) else {
            let known = if same.is_empty() { "has no such request" } else { "has no further answer to this request" };
            let message = format!("The recording {known}: {method} {uri}");
            let error = json!({ "error": { "error_code": "NOT_RECORDED", "error_message": message } });
            return respond(StatusCode::NOT_IMPLEMENTED, Some("application/json"), error.to_string());
        };
        *given.entry(at).or_default() += 1;
        let Exchange { status, content_type, response, .. } = &self.exchanges[at];
        let text = match response {
            Value::Null => String::new(),
            Value::Object(members) if members.len() == 1 && members.contains_key("$raw") => {
                members["$raw"].as_str().unwrap_or_default().to_owned()
            }
            json => json.to_string(),
        };
        respond(StatusCode::from_u16(*status).unwrap_or_default(), content_type.as_deref(), text)
    }
}

fn respond(status: StatusCode, kind: Option<&str>, body: String) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    if let Some(kind) = kind.and_then(|kind| HeaderValue::from_str(kind).ok()) {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}
