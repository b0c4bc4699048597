//! Any other endpoint of the UpCloud API, with the same credentials and errors.

use std::fmt;

use http::Method;
use progenitor_client::{ClientHooks as _, ClientInfo as _, OperationInfo, ResponseValue};
use serde_json::Value;
use url::Url;

use crate::{
    Client, Error, OperationClass,
    client::VERSION,
    generated::{self, Operation},
    request::{Prepared, Request, Sent},
    secret::{Outgoing, Unknown},
    transport::ENDPOINT,
};

/// How much of a path is shown.
const SHOWN: usize = 200;

/// A call of an endpoint that the description does not have, from [`Client::endpoint`].
#[derive(Clone)]
pub struct Endpoint {
    method: Method,
    path: String,
    body: Option<Value>,
}

impl Client {
    /// Calls any endpoint of the API: `path` begins with a slash and stands below the version, which it may begin with:
    /// `/account` and `/1.3/account` are the same. The answer is JSON, `null` where there is none. `GET` and other safe
    /// methods are [retried](crate::RetryPolicy) as reads, `PUT` and `DELETE` as repeatable requests, and the rest as
    /// creates. Errors begin with method and path.
    ///
    /// The path is sent as it is given, with characters encoded that a URL cannot hold. A path that would leave the version
    /// (`..` in any spelling), that has a backslash or a control character, or that has a query or a fragment is a
    /// [configuration error](Error::is_configuration) of the call, and nothing is sent;
    /// [`without_checks`](Request::without_checks) does not change that. A query is added with [`query`](Request::query).
    ///
    /// ```
    /// use http::Method;
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// let zones = upcloud.endpoint(Method::GET, "/zone").await?;
    /// assert!(zones["zones"]["zone"].is_array());
    /// # Ok(()) }
    /// ```
    pub fn endpoint(&self, method: Method, path: impl Into<String>) -> Request<Endpoint> {
        Request::new(self, Endpoint { method, path: path.into(), body: None })
    }
}

impl Request<Endpoint> {
    /// Sends this JSON along. A value of this crate with a [`Secret`](crate::Secret) has to be [`Exposed`](crate::Exposed) on
    /// its way into JSON; a body that holds `[redacted]` is refused.
    pub fn json(mut self, body: Value) -> Self {
        self.prepared.body = Some(body);
        self
    }
}

impl fmt::Debug for Endpoint {
    /// Without the body and a query, which may hold a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
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

impl Prepared for Endpoint {
    type Answer = Value;
    type Body = Value;
    const OPERATION: Option<Operation> = None;

    fn class(&self) -> OperationClass {
        match self.method {
            ref method if method.is_safe() => OperationClass::Read,
            Method::PUT | Method::DELETE => OperationClass::Repeatable,
            _ => OperationClass::Create,
        }
    }

    fn method(&self) -> &str {
        self.method.as_str()
    }

    fn settled(&self, refusal: &Error) -> Option<Value> {
        (self.method == Method::DELETE && refusal.is_not_found()).then_some(Value::Null)
    }

    fn name(&self) -> Option<String> {
        Some(format!("{} {}", self.method, shown(&self.path)))
    }

    async fn send(self, api: generated::Client) -> Sent<Value> {
        // Here and not among the checks, which a caller can switch off: the credentials go along.
        let url = address(api.baseurl(), &self.path).map_err(progenitor_client::Error::InvalidRequest)?;
        let mut request = api.client().request(self.method, url);
        if let Some(body) = &self.body {
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

    fn unwrap(body: Value) -> Value {
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
