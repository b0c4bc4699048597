//! The fake without a socket: one clock for everything, many fakes at once, and the same answers as over the port.

use std::time::Duration;

use tokio::time::Instant;
use upcloud::{
    Client, CreateServer, RetryPolicy, ServerState, StopMode,
    calls::Operation,
    fake::{CannedResponse, Fake, NATIVE_TEMPLATE, Timing},
};

fn wanted() -> CreateServer {
    CreateServer::from_template("web-1.example.net", "de-fra1", NATIVE_TEMPLATE)
}

fn with_time(seconds: u64) -> Fake {
    Fake::builder().timing(Timing::Takes(Duration::from_secs(seconds))).start_blocking()
}

#[tokio::test(start_paused = true)]
async fn sleeps_waits_retries_and_the_fake_have_one_clock() {
    let fake = with_time(600);
    let upcloud = fake.client();
    let begin = Instant::now();
    fake.answer_next(Operation::CreateServer, CannedResponse::too_many_requests(Duration::from_secs(30)));
    let created = upcloud.servers().create(wanted()).await.expect("created");
    assert!(begin.elapsed() >= Duration::from_secs(30), "the retry waits as it was told to: {:?}", begin.elapsed());

    let made = Instant::now();
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!(fake.server(created.uuid).expect("a server").state, ServerState::Maintenance);
    let server = upcloud.servers().wait_until(created.uuid, ServerState::Started).await.expect("started");
    assert_eq!(server.state, ServerState::Started);
    let took = made.elapsed();
    assert!((Duration::from_secs(600)..Duration::from_secs(606)).contains(&took), "{took:?}");
    fake.advance(Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_the_client_ends_a_wait_of_the_fake() {
    let fake = with_time(3600);
    let uuid = fake.add_server("web-1.example.net");
    let begin = Instant::now();
    let stop = fake.client().servers().stop(uuid, StopMode::Soft).and_wait().limit(Duration::from_secs(120)).await;
    assert!(stop.expect_err("an hour is too long").is_timeout());
    assert!(begin.elapsed() <= Duration::from_secs(121), "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_was_carried_out_and_answered_late_is_a_lost_create() {
    let fake = Fake::start().await;
    fake.answer_next(Operation::CreateServer, CannedResponse::late(Duration::from_secs(3600)));
    let begin = Instant::now();
    let create = fake.client().servers().create(wanted()).attempt_timeout(Duration::from_secs(20));
    let error = create.await.expect_err("no answer in time");
    assert!(error.is_timeout() && error.is_lost_create(), "{error:?}");
    assert_eq!((begin.elapsed().as_secs(), fake.servers().len()), (20, 1));

    // Nothing has happened yet where the delay comes first.
    fake.answer_next(Operation::CreateServer, CannedResponse::slow(Duration::from_secs(3600)));
    let create = fake.client().servers().create(wanted()).attempt_timeout(Duration::from_secs(20));
    create.await.expect_err("no answer in time");
    assert_eq!(fake.servers().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_closed_connection_is_one() {
    let fake = Fake::start().await;
    for (canned, made) in [(CannedResponse::dropped(), 0), (CannedResponse::dropped_after(), 1)] {
        fake.answer_next(Operation::CreateServer, canned);
        let error = fake.client().servers().create(wanted()).await.expect_err("no answer");
        assert!(error.is_lost_create() && error.message().contains("broke before the answer"), "{error}");
        assert_eq!(fake.servers().len(), made);
    }
}

/// What is said does not depend on the way.
#[tokio::test]
async fn the_port_says_the_same() {
    let fake = Fake::start().await;
    let uuid = fake.add_server("web-1.example.net");
    let over_the_port = Client::builder().token("ucat_over_the_port").base_url(fake.base_url());
    let over_the_port = over_the_port.build().expect("a client");
    let within = fake.client();
    let (one, other) = (within.servers().get(uuid).send().await, over_the_port.servers().get(uuid).send().await);
    let (one, other) = (one.expect("an answer"), other.expect("an answer"));
    assert_eq!((one.value, one.status), (other.value, other.status));
    for name in ["content-type", "date"] {
        assert_eq!(one.headers[name], other.headers[name], "{name}");
    }
    let absent = upcloud::types::Uuid::nil();
    let (one, other) = (within.servers().get(absent).await, over_the_port.servers().get(absent).await);
    assert_eq!(one.expect_err("none").to_string(), other.expect_err("none").to_string());
    let requests = fake.requests();
    assert_eq!(requests.len(), 4, "nothing else is asked, whatever an error wants to know");
    let (first, second) = (&requests[0], &requests[1]);
    assert_eq!((&first.path, &first.query, first.status), (&second.path, &second.query, second.status));
}

#[test]
fn a_client_goes_from_one_runtime_to_the_next() {
    let fake = Fake::start_blocking();
    let upcloud = fake.client();
    for _ in 0..3 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        assert_eq!(runtime.block_on(async { upcloud.servers().list().await }).expect("an answer"), []);
    }
}

#[tokio::test]
async fn another_address_is_another_service() {
    let fake = Fake::start().await;
    let builder = fake.client_builder().retry(RetryPolicy::off());
    let elsewhere = builder.base_url("http://127.0.0.1:1").build().expect("a client");
    assert!(elsewhere.servers().list().await.expect_err("nobody").is_connect());
    assert_eq!(fake.requests(), []);
}

/// Each with a port of its own, and each asked over it.
#[tokio::test]
async fn two_hundred_fakes_in_one_process() {
    let mut fakes = Vec::new();
    for number in 0..200 {
        let fake = Fake::start().await;
        fake.fill(number % 3);
        fakes.push(fake);
    }
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    for (number, fake) in fakes.iter().enumerate() {
        let client = Client::builder().token("ucat_x").base_url(fake.base_url()).http_client(http.clone());
        let client = client.build().expect("a client");
        assert_eq!(client.servers().list().await.expect("an answer").len(), number % 3);
    }
    let places: std::collections::HashSet<String> = fakes.iter().map(Fake::base_url).collect();
    assert_eq!(places.len(), 200);
}

/// A fake that is gone leaves nothing behind that answers.
#[tokio::test]
async fn a_port_is_closed_with_its_fake() {
    let fake = Fake::start().await;
    let client = Client::builder().token("ucat_x").base_url(fake.base_url()).retry(RetryPolicy::off());
    let client = client.build().expect("a client");
    client.servers().list().await.expect("an answer");
    drop(fake);
    let begin = std::time::Instant::now();
    while client.servers().list().await.is_ok() {
        assert!(begin.elapsed() < Duration::from_secs(10), "it still answers");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A mock goes before the fake for both kinds of clients.
#[tokio::test]
async fn mocks_lie_over_both_ways() {
    let fake = Fake::start().await;
    fake.fill(2);
    let over_the_port = Client::builder().token("ucat_x").base_url(fake.base_url()).build().expect("a client");
    let mock = fake.mock_operation(Operation::ListServers, |when, then| {
        when.query_param("label", "env=prod").header("authorization", "Bearer ucat_fake");
        then.status(200).header("Content-Type", "application/json").body(r#"{"servers": {"server": []}}"#);
    });
    assert_eq!(fake.client().servers().list().label("env", "prod").await.expect("an answer"), []);
    assert_eq!(fake.client().servers().list().await.expect("an answer").len(), 2);
    over_the_port.servers().list().label("env", "prod").await.expect("an answer");
    mock.assert_calls(1);
}
