//! Mocks of httpmock that a test lays over the fake. There is a server of httpmock only if a test lays one; every request
//! then goes there first.

use std::sync::{Mutex, OnceLock, PoisonError};

use http::{Request, Response, header};
use httpmock::{Mock, MockServer, Then, When};
use hyper::body::Bytes;

use super::{Fake, requests::Sent, routing::operation};
use crate::model::Operation;

/// What httpmock answers to a request that no mock is for.
const PASSED: &str = "x-upcloud-fake-passed";

#[derive(Default)]
pub(super) struct Mocks(OnceLock<Over>);

struct Over {
    server: MockServer,
    /// Mocks are tried in the order of their making, so the one that passes everything on is made anew after others.
    last: Mutex<usize>,
    http: reqwest::Client,
}

fn pass_on(_: When, then: Then) {
    then.status(204).header(PASSED, "yes");
}

impl Mocks {
    fn over(&self) -> &Over {
        self.0.get_or_init(|| {
            let server = MockServer::start();
            let last = Mutex::new(server.mock(pass_on).id());
            // Without kept connections, because requests may come from several runtimes.
            let http = reqwest::Client::builder().no_proxy().pool_max_idle_per_host(0);
            let http = http.redirect(reqwest::redirect::Policy::none());
            Over { server, last, http: http.build().expect("a client without TLS needs nothing") }
        })
    }

    fn lay(&self, configure: impl FnOnce(When, Then)) -> Mock<'_> {
        let Over { server, last, .. } = self.over();
        let mock = server.mock(configure);
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        let newer = server.mock(pass_on).id();
        Mock::new(*last, server).delete();
        *last = newer;
        mock
    }

    /// The answer of a mock, if there is one for this request; `Some(None)` if it closed the connection.
    pub(super) async fn answer(&self, request: &Request<Sent>) -> Option<Option<Response<Bytes>>> {
        let Over { server, http, .. } = self.0.get()?;
        let Sent::Whole(body) = request.body() else { return None };
        let path = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let mut headers = request.headers().clone();
        for name in [header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH, header::EXPECT] {
            headers.remove(name);
        }
        let asked = http.request(request.method().clone(), format!("{}{path}", server.base_url()));
        let Ok(answer) = asked.headers(headers).body(body.clone()).send().await else { return Some(None) };
        if answer.headers().contains_key(PASSED) {
            return None;
        }
        let (status, mut headers) = (answer.status(), answer.headers().clone());
        headers.remove(header::TRANSFER_ENCODING);
        let Ok(body) = answer.bytes().await else { return Some(None) };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Some(Some(response))
    }
}

impl Fake {
    /// Lays a mock of httpmock over the fake: what it matches does not reach the fake. Works within an async runtime too.
    ///
    /// A mock answers over a connection of its own, so it does not go with a paused clock;
    /// [`answer_next`](Self::answer_next) does. Up to 25 fakes of a process can have mocks at the same time (the environment
    /// variable `HTTPMOCK_MAX_SERVERS` sets another number); the next one waits until another is dropped.
    pub fn mock(&self, configure: impl FnOnce(When, Then)) -> Mock<'_> {
        self.shared.mocks().lay(configure)
    }

    /// Lays a mock over one operation: method and path are matched already, whatever identifiers stand in the path.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// use upcloud::{calls::Operation, fake::Fake};
    ///
    /// let fake = Fake::start().await;
    /// let mock = fake.mock_operation(Operation::ListServers, |when, then| {
    ///     when.query_param("label", "env=prod");
    ///     then.status(200).header("Content-Type", "application/json").body(r#"{"servers": {"server": []}}"#);
    /// });
    /// fake.fill(3);
    /// assert!(fake.client().servers().list().label("env", "prod").await?.is_empty());
    /// mock.assert_calls(1);
    /// # Ok(()) }
    /// ```
    pub fn mock_operation(&self, of: Operation, configure: impl FnOnce(When, Then)) -> Mock<'_> {
        // The typed mocks that progenitor generates from the description are not offered: their paths lack the `/1.3` that
        // every client sends, they cannot match the repeated `label` of a list, a test would need whole values of types
        // that are not exhaustive, and each build would generate and compile 1,244 lines more, and regex.
        self.mock(|when, then| {
            let is_asked_for = move |request: &httpmock::HttpMockRequest| {
                operation(request.method_str(), request.uri().path()) == Some(of)
            };
            configure(when.is_true(is_asked_for), then);
        })
    }
}
