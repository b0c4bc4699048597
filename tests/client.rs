//! The client against a scripted server: what it sends, and what becomes of answers that no fake would give.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    time::Duration,
};

use httpmock::MockServer;
use serde_json::json;
use upcloud::{
    Client, Credentials, Error, ErrorCode, ErrorKind, RetryPolicy, StopMode,
    calls::{Idempotency, Operation},
};
use uuid::Uuid;

const TOKEN: &str = "ucat_canary_7391";

fn client(base: String) -> Client {
    Client::builder()
        .retry(RetryPolicy::off())
        .token(TOKEN)
        .base_url(base)
        .timeout(Duration::from_secs(5))
        .build()
        .expect("a client")
}

/// Answers every connection with these bytes after reading a request, then closes it.
fn raw_server(answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            if stream.read(&mut request).is_ok() {
                stream.write_all(answer).ok();
            }
        }
    });
    format!("http://{address}")
}

async fn failure(status: u16, content_type: &str, body: &str) -> Error {
    let server = MockServer::start_async().await;
    let (content_type, body) = (content_type.to_owned(), body.to_owned());
    server
        .mock_async(move |when, then| {
            when.any_request();
            then.status(status).header("content-type", content_type).body(body);
        })
        .await;
    client(server.base_url()).servers().get(Uuid::nil()).await.expect_err("a failure")
}

#[tokio::test]
async fn requests_carry_what_the_api_wants_and_nothing_else() {
    let server = MockServer::start_async().await;
    let mock = server
        .mock_async(|when, then| {
            when.method("GET")
                .path("/1.3/server")
                .query_param("label", "env=a&b=c%;+ ü")
                .query_param("label", "team")
                .query_param("search", "x y")
                .header("authorization", format!("Bearer {TOKEN}"))
                .header("accept", "application/json")
                .header("user-agent", format!("my-tool/1.2 upcloud-rust/{}", env!("CARGO_PKG_VERSION")))
                .header_missing("api-version")
                .header_missing("referer");
            then.status(200).json_body(json!({"servers": {"server": []}}));
        })
        .await;
    let upcloud = Client::builder()
        .retry(RetryPolicy::off())
        .token(TOKEN)
        .base_url(server.base_url())
        .user_agent("my-tool/1.2")
        .build()
        .expect("a client");
    let servers = upcloud.servers().list().label("env", "a&b=c%;+ ü").label_key("team").query("search", "x y").await;
    assert_eq!(servers.expect("an empty list"), []);
    assert_eq!(mock.calls_async().await, 1);
}

#[tokio::test]
async fn basic_credentials() {
    let server = MockServer::start_async().await;
    let mock = server
        .mock_async(|when, then| {
            when.header("authorization", "Basic YW5uOnNlY3JldA==");
            then.status(204);
        })
        .await;
    let upcloud = Client::builder()
        .credentials(Credentials::basic("ann", "secret"))
        .base_url(server.base_url())
        .build()
        .expect("a client");
    upcloud.servers().delete(Uuid::nil()).await.expect("deleted");
    assert_eq!(mock.calls_async().await, 1);
}

#[tokio::test]
async fn both_error_bodies_whatever_the_content_type_says() {
    let legacy = r#"{"error":{"error_code":"SERVER_NOT_FOUND","error_message":"There is no such server."}}"#;
    let problem = r#"{"type":"https://developers.upcloud.com/1.3/errors#ERROR_SERVER_NOT_FOUND","title":"There is no such server.","status":404,"correlation_id":"01JX"}"#;
    for content_type in ["application/json; charset=UTF-8", "application/problem+json", "text/html"] {
        for body in [legacy, problem] {
            let error = failure(404, content_type, body).await;
            assert_eq!(error.status().map(|s| s.as_u16()), Some(404));
            assert_eq!(error.code(), Some(&ErrorCode::ServerNotFound));
            assert_eq!(error.operation(), Some(Operation::GetServer));
            assert_eq!(error.message(), "There is no such server.");
            assert!(error.is_not_found());
            assert!(!error.is_transient());
            assert_eq!(error.attempts(), 1);
        }
    }
    assert_eq!(failure(404, "application/problem+json", problem).await.correlation_id(), Some("01JX"));
}

#[tokio::test]
async fn the_status_survives_any_body() {
    for (status, kind, transient) in [
        (400, ErrorKind::InvalidInput, false),
        (401, ErrorKind::Authentication, false),
        (402, ErrorKind::Credits, false),
        (403, ErrorKind::Forbidden, false),
        // Whoever answers 404 without a code is not the API, and says nothing about what it has.
        (404, ErrorKind::UnexpectedAnswer, false),
        (409, ErrorKind::Conflict, false),
        (418, ErrorKind::UnexpectedAnswer, false),
        (429, ErrorKind::Unavailable, true),
        (500, ErrorKind::Unavailable, true),
        (503, ErrorKind::Unavailable, true),
        (501, ErrorKind::Unavailable, true),
        (505, ErrorKind::Unavailable, true),
        (507, ErrorKind::Unavailable, true),
        (511, ErrorKind::Unavailable, true),
        (520, ErrorKind::Unavailable, true),
        (530, ErrorKind::Unavailable, true),
        (304, ErrorKind::UnexpectedAnswer, false),
        (999, ErrorKind::UnexpectedAnswer, false),
    ] {
        for body in ["", "<html><h1>Sorry</h1></html>", r#"{"error":{"error_co"#, "null", "{}"] {
            let error = failure(status, "text/html", body).await;
            assert_eq!(error.status().map(|s| s.as_u16()), Some(status), "{body}");
            assert_eq!(error.kind(), kind, "{status} {body}");
            assert_eq!(error.is_transient(), transient, "{status} {body}");
            assert_eq!(error.code(), None);
        }
    }
}

#[tokio::test]
async fn redirects_are_errors_and_credentials_stay_here() {
    let elsewhere = MockServer::start_async().await;
    let caught = elsewhere
        .mock_async(|when, then| {
            when.any_request();
            then.status(200).json_body(json!({"servers": {"server": []}}));
        })
        .await;
    let server = MockServer::start_async().await;
    let target = elsewhere.url("/1.3/server");
    server
        .mock_async(move |when, then| {
            when.any_request();
            then.status(307).header("location", target);
        })
        .await;
    let error = client(server.base_url()).servers().list().await.expect_err("no answer");
    assert_eq!(error.status().map(|s| s.as_u16()), Some(307));
    assert_eq!(caught.calls_async().await, 0);
}

#[tokio::test]
async fn success_with_a_body_that_cannot_be_understood() {
    for (body, part) in [
        ("", "it is empty"),
        ("<html>hello</html>", "it is no JSON but 18 bytes of application/json"),
        (r#"{"server":{"#, "it is no JSON"),
        (r#"{"servers":{}}"#, "server: expected an object, found nothing"),
        ("[]", "cannot be understood"),
    ] {
        let error = failure(200, "application/json", body).await;
        assert!(error.is_decode(), "{body}: {error}");
        assert_eq!(error.status().map(|s| s.as_u16()), Some(200), "{body}");
        assert!(error.message().contains(part), "{body}: {error}");
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_write_may_have_taken_effect() {
    let cut =
        raw_server(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\nContent-Type: application/json\r\n\r\n{\"server\":");
    let upcloud = client(cut);
    let error = upcloud.servers().start(Uuid::nil()).await.expect_err("cut off");
    assert!(error.may_have_taken_effect(), "{error}");
    assert!(error.to_string().contains("may have taken effect"), "{error}");
    let error = upcloud.servers().get(Uuid::nil()).await.expect_err("cut off");
    assert!(!error.may_have_taken_effect(), "{error}");
    assert!(error.is_transient());

    let closed = raw_server(b"");
    let error = client(closed).servers().stop(Uuid::nil(), StopMode::Soft).await.expect_err("no answer");
    assert!(error.may_have_taken_effect(), "{error}");
    assert_eq!(error.status(), None);
}

#[tokio::test]
async fn what_never_left_had_no_effect() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = listener.local_addr().expect("an address");
    drop(listener);
    let error = client(format!("http://{place}")).servers().start(Uuid::nil()).await.expect_err("nobody there");
    assert!(error.is_connect(), "{error}");
    assert!(!error.may_have_taken_effect());
    assert!(error.is_transient());
    assert_eq!(error.message(), format!("no connection to {place}: it was refused"));
}

#[tokio::test]
async fn a_connection_that_breaks_names_the_other_side() {
    let base = raw_server(b"HTTP/1.1 200");
    let place = base.trim_start_matches("http://").to_owned();
    let error = client(base).servers().get(Uuid::nil()).await.expect_err("cut off");
    assert!(error.message().starts_with(&format!("the connection to {place} broke")), "{error}");
}

#[tokio::test]
async fn sentences_join() {
    for (message, joined) in [
        ("The server is gone.", "The server is gone [attribute uuid]; "),
        ("The server is gone", "The server is gone [attribute uuid]; "),
        ("Gone...", "Gone [attribute uuid]; "),
    ] {
        let body = json!({"error": {"error_code": "SERVER_NOT_FOUND", "error_message": message}});
        let error = failure(404, "application/json", &body.to_string()).await;
        assert!(error.to_string().contains(joined) && !error.to_string().contains(".;"), "{error}");
        assert_eq!(error.message(), message);
    }
}

#[tokio::test]
async fn a_call_ends_when_its_time_is_over() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", silent.local_addr().expect("an address"));
    let upcloud = Client::builder()
        .retry(RetryPolicy::off())
        .token(TOKEN)
        .base_url(base)
        .timeout(Duration::from_millis(50))
        .build()
        .expect("a client");
    let error = upcloud.servers().start(Uuid::nil()).await.expect_err("no answer");
    assert!(error.is_timeout(), "{error}");
    assert!(error.may_have_taken_effect());
    assert!(error.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn errors_do_not_repeat_the_token() {
    for (status, body) in [
        (401, format!("<p>Bearer {TOKEN} is not welcome</p>")),
        (
            401,
            json!({"error": {"error_code": "AUTHENTICATION_FAILED", "error_message": format!("bad {TOKEN}")}})
                .to_string(),
        ),
        (200, format!("token {TOKEN}")),
        (200, json!({"server": TOKEN}).to_string()),
    ] {
        let error = failure(status, "text/plain", &body).await;
        assert!(!format!("{error} {error:?}").contains(TOKEN), "{error:?}");
    }
}

#[tokio::test]
async fn other_endpoints_with_the_same_credentials_and_errors() {
    let server = MockServer::start_async().await;
    server
        .mock_async(|when, then| {
            when.method("PUT")
                .path("/1.3/account")
                .header("authorization", format!("Bearer {TOKEN}"))
                .json_body(json!({"a": 1}));
            then.status(200).header("upcloud-cid", "cid-1").json_body(json!({"account": {}}));
        })
        .await;
    server
        .mock_async(|when, then| {
            when.method("DELETE").path("/1.3/ip_address/192.0.2.1");
            then.status(204);
        })
        .await;
    let upcloud = client(server.base_url());
    let answer =
        upcloud.endpoint(http::Method::PUT, "/account").json(&json!({"a": 1})).send().await.expect("an answer");
    assert_eq!(answer.value, json!({"account": {}}));
    assert_eq!(answer.headers["upcloud-cid"], "cid-1");
    let nothing = upcloud.endpoint(http::Method::DELETE, "/ip_address/192.0.2.1").await.expect("an answer");
    assert!(nothing.is_null());
    let error = upcloud.endpoint(http::Method::GET, "/nowhere").await.expect_err("not there");
    assert_eq!(error.status().map(|s| s.as_u16()), Some(404));
    assert_eq!(error.operation(), None);
    assert!(error.to_string().starts_with("GET /nowhere: 404 "), "{error}");
    let account = upcloud.endpoint(http::Method::PUT, "/1.3/account").json(&json!({"a": 1})).await;
    assert_eq!(account.expect("the version is not doubled"), json!({"account": {}}));
}

/// What an account answers, as a program of its own would have it.
#[derive(Debug, PartialEq, serde::Deserialize)]
struct Account {
    username: String,
    credits: f64,
}

#[tokio::test]
async fn other_endpoints_with_types_of_the_caller() {
    let server = MockServer::start_async().await;
    for (path, body) in [
        ("/1.3/account", json!({"username": "ops", "credits": 1.5})),
        ("/1.3/short", json!({"username": "ops"})),
        ("/1.3/odd", json!({"username": "ops", "credits": "canary-canary"})),
    ] {
        server
            .mock_async(|when, then| {
                when.method("GET").path(path);
                then.status(200).json_body(body);
            })
            .await;
    }
    let upcloud = client(server.base_url());
    let get = |path: &str| upcloud.endpoint(http::Method::GET, path);
    let account: Account = get("/account").decode().await.expect("an account");
    assert_eq!(account, Account { username: "ops".to_owned(), credits: 1.5 });
    let error = get("/short").decode::<Account>().await.expect_err("no credits");
    assert!(error.is_decode() && error.to_string().contains("GET /short: ") && error.message().contains("credits"));
    let error = get("/odd").decode::<Account>().await.expect_err("no number");
    assert!(error.is_decode() && !format!("{error} {error:#?}").contains("canary"), "{error}");
    assert_eq!(error.kind(), ErrorKind::Decode);
    // What has no form in JSON is refused before anything is sent.
    let odd = std::collections::HashMap::from([((1, 2), 3)]);
    let error = upcloud.endpoint(http::Method::POST, "/account").json(&odd).await.expect_err("no JSON");
    assert!(error.is_configuration() && error.attempts() == 0, "{error}");
}

#[tokio::test]
async fn the_caller_says_how_repeatable_an_endpoint_is() {
    let server = MockServer::start_async().await;
    let mock = server
        .mock_async(|when, then| {
            when.any_request();
            then.status(503);
        })
        .await;
    let quick = RetryPolicy::default().attempts(3).first_wait(Duration::ZERO).shortest_wait(Duration::ZERO);
    let upcloud = client(server.base_url());
    let post = || upcloud.endpoint(http::Method::POST, "/search").retry(quick.clone());
    let error = post().await.expect_err("busy");
    assert!(error.may_have_taken_effect() && mock.calls_async().await == 1, "{error}");
    let error = post().idempotency(Idempotency::Safe).await.expect_err("busy");
    assert!(error.is_transient() && mock.calls_async().await == 4, "{error}");
}

#[tokio::test]
async fn no_path_leaves_the_version_with_the_credentials() {
    let server = MockServer::start_async().await;
    let asked = server
        .mock_async(|when, then| {
            when.any_request();
            then.status(200).json_body(json!({}));
        })
        .await;
    let upcloud = client(server.base_url());
    for path in [
        "account",
        "/../1.2/account",
        "/account?x=1",
        "/a/./b",
        "/%2e%2e/account",
        "/.%2e/account",
        "/..\\account",
        "/\\..\\..\\admin",
        "/.\\t./account",
        "/.\t./account",
        "/.\n./account",
        "/\t../account",
        "/a\u{0}",
    ] {
        for request in [
            upcloud.endpoint(http::Method::GET, path),
            upcloud.endpoint(http::Method::GET, path).without_checks(),
            upcloud.endpoint(http::Method::POST, path).json(&json!({})),
        ] {
            let error = request.await.expect_err("refused");
            assert!(error.is_configuration() && !error.is_lost_create(), "{path:?}: {error:?}");
            assert_eq!(error.attempts(), 0, "{path:?}: {error:?}");
            assert!(!error.to_string().contains(char::is_control), "{path:?}: {error}");
        }
    }
    assert_eq!(asked.calls_async().await, 0);
    let long = upcloud.endpoint(http::Method::GET, format!("no{}\n", "/x".repeat(9999))).await.expect_err("refused");
    assert!(long.to_string().len() < 500 && long.to_string().starts_with("GET no/x/x"), "{long}");
}
