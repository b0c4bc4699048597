//! Any other endpoint of the UpCloud API, with the same credentials and errors.

use std::{fmt, sync::Arc, time::Duration};

use http::Method;
use progenitor_client::{ClientHooks as _, ClientInfo as _, OperationInfo, ResponseValue};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use url::Url;

use crate::{
    call::{Behavior, Call, Options, Running, Sent, call},
    error::Error,
    model::{Idempotency, Operation},
    transport::{Api, Connection, ENDPOINT, base_url::VERSION},
    wire::{Outgoing, Unknown},
};

/// How much of a path is shown.
const SHOWN: usize = 200;

/// A call of an endpoint that the description does not have, from [`Client::endpoint`](crate::Client::endpoint).
#[derive(Clone)]
#[must_use = "a call does nothing until it is awaited"]
pub struct EndpointCall {
    options: Options,
    method: Method,
    path: String,
    /// Or why there is none.
    body: Arc<Result<Option<Value>, String>>,
    idempotency: Idempotency,
    running: Running<Result<Value, Error>>,
}

impl EndpointCall {
    pub(crate) fn new(connection: &Connection, method: Method, path: String) -> Self {
        let idempotency = match method {
            ref method if method.is_safe() => Idempotency::Safe,
            Method::PUT | Method::DELETE => Idempotency::Idempotent,
            _ => Idempotency::Creates,
        };
        let (options, body, running) = (Options::new(connection), Arc::new(Ok(None)), Running::default());
        Self { options, method, path, body, idempotency, running }
    }

    /// Sends this along as JSON, with the text of its [secrets](crate::Secret). A value that is no JSON, or one that holds
    /// `[redacted]` because it was read from a log, is a [configuration error](Error::is_configuration) of the call.
    pub fn json(mut self, body: &(impl Serialize + ?Sized)) -> Self {
        let body = serde_json::to_value(Outgoing(body)).map(Some).map_err(|e| format!("the body is no JSON: {e}"));
        self.body = Arc::new(body);
        self
    }

    /// What a second request would do, where the method does not say it: a `POST` counts as one that
    /// [creates](Idempotency::Creates), and is never tried again after it may have arrived.
    pub fn idempotency(mut self, idempotency: Idempotency) -> Self {
        self.idempotency = idempotency;
        self
    }

    /// Makes the call and reads the answer into a type of yours.
    ///
    /// # Errors
    ///
    /// Those of the call; and [`is_decode`](Error::is_decode) where the answer does not fit, with what was expected and without
    /// what was found.
    ///
    /// ```
    /// use http::Method;
    /// #[derive(serde::Deserialize)]
    /// struct Zones {
    ///     zones: serde_json::Value,
    /// }
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// let answer: Zones = upcloud.endpoint(Method::GET, "/zone").decode().await?;
    /// assert!(answer.zones["zone"].is_array());
    /// # Ok(()) }
    /// ```
    pub async fn decode<T: DeserializeOwned>(self) -> Result<T, Error> {
        let (idempotency, name) = (self.idempotency, self.name());
        let value = self.await?;
        T::deserialize(value).map_err(|e| {
            let reads = idempotency == Idempotency::Safe;
            let error = Error::undecodable(&e).during(None, reads, Duration::ZERO);
            error.repeating(idempotency).named(name)
        })
    }
}

call!(EndpointCall => Value);

impl fmt::Debug for EndpointCall {
    /// Without the body and a query, which may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointCall")
            .field("options", &self.options)
            .field("method", &self.method)
            .field("path", &format_args!("{}", shown(&self.path)))
            .finish_non_exhaustive()
    }
}

/// A path for people: on one line, not too long, and without what may be a query.
fn shown(path: &str) -> String {
    let end = path.find(['?', '#']).unwrap_or(path.len());
    let mut text: String = path[..end].escape_debug().take(SHOWN).collect();
    if text.len() >= SHOWN || end < path.len() {
        text.push_str("...");
    }
    text
}

/// The address of a path below the base URL, or what is wrong with it.
fn address(base: &str, path: &str) -> Result<Url, String> {
    let wrong = |what: &str| {
        Err(format!(
            "the path {what}: it begins with a slash, stays below the version, and has no query (add one with `query`)"
        ))
    };
    if !path.starts_with('/') {
        return wrong("does not begin with a slash");
    }
    if path.contains(['?', '#']) {
        return wrong("has a query or a fragment");
    }
    let path = match path.strip_prefix('/').and_then(|path| path.strip_prefix(VERSION)) {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => rest,
        _ => path,
    };
    let Ok(base) = Url::parse(base) else { return wrong("has no base URL") };
    below(&base, path).or_else(wrong)
}

/// The URL of a path below this one, or why there is none. A path that a parser, a gateway or a server may take for
/// another one is refused, and what the parser has made of it is looked at.
pub(crate) fn below(base: &Url, path: &str) -> Result<Url, &'static str> {
    if path.contains(|c: char| c.is_control()) {
        return Err("has a control character");
    }
    if path.contains('\\') {
        return Err("has a backslash");
    }
    let spelled = path.to_ascii_lowercase().replace("%2e", ".").replace("%2f", "/").replace("%5c", "/");
    // Some servers take what stands behind a semicolon for a parameter, and drop blanks.
    let name = |part: &str| part.split(';').next().unwrap_or_default().replace("%20", " ").trim().to_owned();
    if spelled.split('/').any(|part| matches!(name(part).as_str(), "." | "..")) {
        return Err("has a part `.` or `..`");
    }
    let mut url = base.clone();
    let root = base.path().trim_end_matches('/');
    // Set as a path, so that no character of it can begin a query or a host.
    url.set_path(&format!("{root}{path}"));
    let inside = url.path().strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let same = |url: &Url| (url.scheme().to_owned(), url.host_str().map(str::to_owned), url.port());
    if inside && same(&url) == same(base) && url.query().is_none() && url.fragment().is_none() {
        Ok(url)
    } else {
        Err("leaves the base URL")
    }
}

impl Behavior for EndpointCall {
    fn idempotency(&self) -> Idempotency {
        self.idempotency
    }

    fn method(&self) -> &str {
        self.method.as_str()
    }

    fn done_by(&self, refusal: &Error) -> Option<Value> {
        (self.method == Method::DELETE && refusal.is_not_found()).then_some(Value::Null)
    }

    fn name(&self) -> Option<String> {
        Some(format!("{} {}", self.method, shown(&self.path)))
    }
}

impl Call for EndpointCall {
    type Body = Value;
    type Output = Value;
    const OPERATION: Option<Operation> = None;

    fn options(&self) -> &Options {
        &self.options
    }

    fn options_mut(&mut self) -> &mut Options {
        &mut self.options
    }

    async fn send(&self, api: Api) -> Sent<Value> {
        // Here and not among the checks, which a caller can switch off: the credentials go along.
        let url = address(api.baseurl(), &self.path).map_err(progenitor_client::Error::InvalidRequest)?;
        let mut request = api.client().request(self.method.clone(), url);
        let body = (*self.body).as_ref().map_err(|reason| progenitor_client::Error::InvalidRequest(reason.clone()))?;
        if let Some(body) = body {
            request = request.json(&Outgoing(&Unknown(body)));
        }
        let response = api.exec(request.build()?, &OperationInfo { operation_id: ENDPOINT }).await?;
        if !response.status().is_success() {
            return Err(progenitor_client::Error::UnexpectedResponse(response));
        }
        let status = response.status();
        let body = response.bytes().await.map_err(progenitor_client::Error::ResponseBodyError)?;
        let value = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&body).map_err(|e| progenitor_client::Error::InvalidResponsePayload(body, e))?
        };
        Ok(ResponseValue::new(value, status, http::HeaderMap::new()))
    }

    fn output(body: Value) -> Value {
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_leaves_the_version() {
        for base in ["https://api.upcloud.com/1.3", "https://gateway.example.net/upcloud/1.3"] {
            for path in [
                "account",
                "",
                "https://elsewhere.example.net/1.3/account",
                "//../account",
                "/../1.2/account",
                "/..",
                "/.",
                "/a/./b",
                "/a/../b",
                "/%2e%2e/account",
                "/%2E%2e/account",
                "/.%2e/account",
                "/%2e./account",
                "/%2e/account",
                "/..%2faccount",
                "/a%2F..%2Faccount",
                "/..%5caccount",
                "/..\\account",
                "/\\..\\..\\admin",
                "/.\t./account",
                "/.\n./account",
                "/.\r./account",
                "/\t../account",
                "/a\u{0}b",
                "/a\u{7f}b",
                "/a\u{85}b",
                "/\taccount",
                "/account\n",
                "/account?x=1",
                "/account#x",
                "/1.3/../1.2/account",
                "/1.3?x",
            ] {
                let error = address(base, path).expect_err(path);
                assert!(error.ends_with("(add one with `query`)"), "{path:?}: {error}");
            }
        }
    }

    #[test]
    fn every_other_path_is_sent_as_it_is_given() {
        for (path, sent) in [
            ("/account", "/account"),
            ("/", "/"),
            ("/1.3/account", "/account"),
            ("/1.3", ""),
            ("/1.3/", "/"),
            ("/1.3.1/account", "/1.3.1/account"),
            ("/1.2/account", "/1.2/account"),
            ("/a//b", "/a//b"),
            ("//elsewhere.example.net/x", "//elsewhere.example.net/x"),
            ("/@elsewhere.example.net", "/@elsewhere.example.net"),
            ("/a b ", "/a%20b%20"),
            ("/ü", "/%C3%BC"),
            ("/...", "/..."),
            ("/a..b/.c", "/a..b/.c"),
            ("/a%20b%2Fc", "/a%20b%2Fc"),
            ("/%252e%252e/x", "/%252e%252e/x"),
        ] {
            let url = address("https://api.upcloud.com/1.3", path).expect(path);
            assert_eq!(url.as_str(), format!("https://api.upcloud.com/1.3{sent}"), "{path}");
        }
    }

    #[test]
    fn a_path_for_people() {
        assert_eq!(shown("/account"), "/account");
        assert_eq!(shown("/a\nb\u{1b}[0m\u{202e}"), "/a\\nb\\u{1b}[0m\\u{202e}");
        assert_eq!(shown("/account?token=hunter2"), "/account...");
        let long = shown(&"/x".repeat(1000));
        assert!(long.len() == SHOWN + 3 && long.ends_with("..."), "{long}");
    }
}
