//! Errors of every kind, of requests that carry a secret in every place that a request has, to answers that repeat it.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use http::Method;
use httpmock::{HttpMockResponse, MockServer};
use serde_json::json;
use tracing::Instrument as _;
use upcloud::{Client, CreateServer, Credentials, Error, MetadataClient, ModifyServer, RetryPolicy};
use uuid::Uuid;

use crate::{
    canaries::{self, Echo, PAIRS, echoes, hidden, shown},
    watched::Watched,
};

type Failing = Pin<Box<dyn Future<Output = Option<Error>> + Send>>;

/// A server that gives one answer to whatever it is asked.
struct Echoing {
    server: MockServer,
    answer: Arc<Mutex<Echo>>,
}

impl Echoing {
    async fn start() -> Self {
        let server = MockServer::start_async().await;
        let first = Echo { what: "", status: 500, headers: Vec::new(), body: String::new() };
        let answer = Arc::new(Mutex::new(first));
        let next = Arc::clone(&answer);
        server
            .mock_async(move |when, then| {
                when.any_request();
                then.respond_with(move |_| {
                    let Echo { status, headers, body, .. } = &*next.lock().expect("a lock");
                    let response = HttpMockResponse::builder().status(*status).headers(headers.clone());
                    response.body(body.clone()).build()
                });
            })
            .await;
        Self { server, answer }
    }

    fn build(&self, credentials: Credentials) -> Result<Client, Error> {
        let builder = Client::builder().credentials(credentials).base_url(self.server.base_url());
        builder.retry(RetryPolicy::off()).timeout(Duration::from_secs(20)).build()
    }

    fn client(&self) -> Client {
        self.build(Credentials::token("ucat_other")).expect("a client")
    }

    fn set(&self, answer: Echo) {
        *self.answer.lock().expect("a lock") = answer;
    }

    /// The clients for a secret, which are not cheap to make. That no client is made with a secret that cannot be sent must
    /// not show it either.
    fn callers(&self, secret: &str) -> Callers {
        let accepted = |made: Result<Client, Error>| made.map_err(|e| hidden(secret, "a client", &shown(&e))).ok();
        Callers {
            basic: accepted(self.build(Credentials::basic("ann", secret))),
            token: accepted(self.build(Credentials::token(secret))),
            other: self.client(),
        }
    }
}

/// Clients with the secret among their credentials, where it can be there, and one with another secret.
struct Callers {
    basic: Option<Client>,
    token: Option<Client>,
    other: Client,
}

/// Every third of the places, from another one in each turn: each place meets each answer with some secret, and each secret
/// meets each answer, without all combinations of the three. They are asked at the same time.
async fn some(turn: usize, places: Vec<(&'static str, Failing)>) -> Vec<(&'static str, Option<Error>)> {
    let asked = places.into_iter().enumerate().filter(|(number, _)| (number + turn).is_multiple_of(3));
    let asked = asked.map(|(_, (place, call))| (place, tokio::spawn(call.instrument(tracing::info_span!("call")))));
    let mut outcomes = Vec::new();
    for (place, call) in asked.collect::<Vec<_>>() {
        outcomes.push((place, call.await.expect("no panic")));
    }
    outcomes
}

/// The places of a request where a caller puts a secret, each with a call that has it there.
fn places(callers: &Callers, secret: &str) -> Vec<(&'static str, Failing)> {
    macro_rules! call {
        ($request:expr) => {{
            let request = $request;
            let call: Failing = Box::pin(async move { request.await.err() });
            call
        }};
    }
    let other = &callers.other;
    let wanted = || CreateServer::from_template("a.example.net", "de-fra1", Uuid::nil());
    let mut places = vec![
        ("user data", call!(other.servers().create(wanted().user_data(secret)))),
        (
            "the console password of a create",
            call!(other.servers().create(wanted().remote_access_password(secret)).without_checks()),
        ),
        (
            "the console password of a modification",
            call!(
                other
                    .servers()
                    .modify(Uuid::nil(), ModifyServer::default().remote_access_password(secret))
                    .without_checks()
            ),
        ),
        ("a query", call!(other.servers().list().query("password", secret))),
        ("an unknown member", call!(other.servers().start(Uuid::nil()).field("password", secret))),
        (
            "an unknown object",
            call!(other.servers().create(wanted().field("more", json!({"list": [{"secret": secret}]})))),
        ),
        (
            "the body of an endpoint",
            call!(other.endpoint(Method::POST, "/account").json(&json!({"account": {"password": secret}}))),
        ),
    ];
    if let Some(basic) = &callers.basic {
        places.push(("the password of the account", call!(basic.servers().get(Uuid::nil()))));
        places.push(("the password of the account, of an endpoint", call!(basic.endpoint(Method::GET, "/account"))));
    }
    if let Some(token) = &callers.token {
        places.push(("the token", call!(token.servers().list())));
    }
    places
}

#[tokio::test]
async fn no_error_and_no_span_repeats_a_secret() {
    let server = Echoing::start().await;
    let watched = Watched::default();
    let mut errors = 0;
    for (turn, secret) in canaries::all().into_iter().enumerate() {
        let callers = server.callers(&secret);
        for (number, spelled) in canaries::spellings(&secret).iter().enumerate() {
            // How it is spelled matters for words alone.
            let echoes = echoes(spelled).into_iter().enumerate();
            for (at, echo) in echoes.filter(|(_, echo)| number == 0 || echo.what == "a message") {
                let (what, status) = (echo.what, echo.status);
                server.set(echo);
                let _guard = tracing::subscriber::set_default(watched.clone());
                let outcomes = some(turn + at + number, places(&callers, &secret)).await;
                hidden(&secret, "tracing", &watched.take());
                for (place, error) in outcomes {
                    let text = error.as_ref().map(shown).unwrap_or_default();
                    hidden(&secret, &format!("{place}, {what} with {status}"), &format!("{text}\n"));
                    assert!(error.is_some() || status < 400, "{place}, {what} with {status}");
                    errors += usize::from(error.is_some());
                }
            }
        }
    }
    assert!(errors > 700, "{errors} errors were seen");
}

#[tokio::test]
async fn what_is_shown_does_not_depend_on_a_short_secret() {
    let server = Echoing::start().await;
    for (turn, (one, other)) in PAIRS.into_iter().enumerate() {
        let mut shown_for = Vec::new();
        for secret in [one, other] {
            let (mut all, callers) = (Vec::new(), server.callers(secret));
            for (at, echo) in echoes(secret).into_iter().enumerate() {
                let what = format!("{} with {}", echo.what, echo.status);
                server.set(echo);
                for (place, error) in some(turn + at, places(&callers, secret)).await {
                    let text = error.map(|error| {
                        let params = error.invalid_params().to_vec();
                        (error.to_string(), error.code().cloned(), error.correlation_id().map(str::to_owned), params)
                    });
                    all.push((format!("{what}, {place}"), text));
                }
            }
            shown_for.push(all);
        }
        let (second, first) = (shown_for.pop().expect("two"), shown_for.pop().expect("two"));
        // The token is a place of the one and not of the other where only one fits into a header.
        for (what, text) in &first {
            let same = second.iter().find(|(other, _)| other == what);
            assert!(
                same.is_none_or(|(_, other)| other == text),
                "{what}: {text:?} for {one:?}, {same:?} for {other:?}"
            );
        }
    }
}

#[tokio::test]
async fn harmless_words_are_still_shown() {
    let server = Echoing::start().await;
    let callers = server.callers("a secret of its own");
    for echo in echoes("the server is not there").into_iter().filter(|echo| echo.what == "a message") {
        server.set(echo);
        for (place, call) in places(&callers, "a secret of its own") {
            let error = call.await.expect("refused");
            assert!(error.to_string().contains("no such the server is not there"), "{place}: {error}");
        }
    }
}

#[tokio::test]
async fn no_error_of_the_metadata_service_quotes_it() {
    let server = Echoing::start().await;
    let metadata = MetadataClient::builder().base_url(server.server.base_url()).attempts(1).build().expect("a client");
    let mut errors = 0;
    for secret in canaries::all() {
        for echo in echoes(&secret) {
            let what = format!("{} with {}", echo.what, echo.status);
            server.set(echo);
            let field = metadata.field("user_data").await.map(drop);
            for error in [metadata.get().await.map(drop), field].into_iter().filter_map(Result::err) {
                hidden(&secret, &what, &shown(&error));
                errors += 1;
            }
        }
    }
    assert!(errors > 100, "{errors}");
}

#[tokio::test]
async fn texts_of_a_server_are_cut_and_escaped() {
    let server = Echoing::start().await;
    let client = server.client();
    let long = "\u{202e}line\n\u{1b}[31m".repeat(2000);
    for text in [long.clone(), long.repeat(20)] {
        for echo in echoes(&text) {
            server.set(echo);
            if let Err(error) = client.servers().get(Uuid::nil()).await {
                shown(&error);
                assert!(!error.to_string().contains('\u{202e}'), "{error}");
                assert!(format!("{error:?}").len() < 16 * 1024);
            }
        }
    }
}
