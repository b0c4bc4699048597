//! Time limits on a real connection: of an attempt, of a call, of connecting. How they are counted is tried on paused time
//! beside the code.

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;

use std::time::{Duration, Instant};

use contract::watched;
use upcloud::{
    Client, CreateServer, MetadataClient, RetryPolicy,
    calls::Operation,
    fake::{CannedResponse, NATIVE_TEMPLATE},
};

const SHORT: Duration = Duration::from_millis(1);
const LIMIT: Duration = Duration::from_millis(60);
/// Much longer than the limits, and what a busy machine may take.
const LATE: Duration = Duration::from_secs(10);

fn quick() -> RetryPolicy {
    RetryPolicy::default().first_wait(SHORT).longest_wait(SHORT).shortest_wait(SHORT)
}

#[tokio::test]
async fn an_attempt_that_takes_too_long_is_given_up_and_the_next_one_answers() {
    let fake = watched().await;
    let servers = fake.client().servers();
    fake.answer_next(Operation::ListServers, CannedResponse::slow(LATE));
    let begin = Instant::now();
    servers.list().retry(quick()).attempt_timeout(Duration::from_secs(1)).await.expect("the second time");
    assert!(begin.elapsed() >= Duration::from_secs(1) && begin.elapsed() < LATE);
}

#[tokio::test]
async fn a_call_ends_with_its_limit_and_says_what_it_knows() {
    let fake = watched().await;
    let servers = fake.client().servers();
    fake.answer_next(Operation::ListServers, CannedResponse::slow(LATE));
    let error = servers.list().timeout(LIMIT).await.expect_err("too late");
    assert!(error.is_timeout() && !error.may_have_taken_effect(), "{error}");
    assert!(error.elapsed() >= LIMIT && error.elapsed() < LATE, "{:?}", error.elapsed());

    fake.answer_next(Operation::CreateServer, CannedResponse::slow(LATE));
    let new = CreateServer::from_template("a.example.net", "de-fra1", NATIVE_TEMPLATE).plan("1xCPU-1GB");
    let error = servers.create(new).timeout(LIMIT).await.expect_err("too late");
    assert!(error.is_timeout() && error.is_lost_create(), "{error}");
    assert_eq!(error.attempts(), 1);
}

/// A port that takes no further connection, because it is never accepted and its queue is full.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_connection_that_takes_too_long_was_never_sent_anything() {
    use tokio::net::{TcpSocket, TcpStream};

    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
    let listener = socket.listen(1).expect("a listener");
    let address = listener.local_addr().expect("an address");
    let mut queue = Vec::new();
    while let Ok(stream) = tokio::time::timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
        queue.push(stream);
        assert!(queue.len() < 100, "the queue is never full");
    }
    let upcloud =
        Client::builder().token("t").base_url(format!("http://{address}")).connect_timeout(LIMIT).retry(quick());
    let upcloud = upcloud.build().expect("a client");
    let new = CreateServer::from_template("a.example.net", "de-fra1", NATIVE_TEMPLATE).plan("1xCPU-1GB");
    let error = upcloud.servers().create(new).await.expect_err("no connection");
    assert!(error.is_connect() && !error.may_have_taken_effect() && !error.is_lost_create(), "{error:?}");
    assert_eq!(error.attempts(), 5, "a create that was never sent is tried again");
    assert!(error.elapsed() < LATE, "{:?}", error.elapsed());
}

#[tokio::test]
async fn no_time_and_no_limit() {
    let fake = watched().await;
    let asked = fake.requests().len();
    let builder = || Client::builder().token("t").base_url(fake.base_url());
    let metadata = || MetadataClient::builder().base_url(fake.base_url());
    let zero = Duration::ZERO;
    let servers = fake.client().servers();
    for (setter, error) in [
        ("ClientBuilder::timeout`", builder().timeout(zero).build().err()),
        ("ClientBuilder::attempt_timeout`", builder().attempt_timeout(zero).build().err()),
        ("ClientBuilder::connect_timeout`", builder().connect_timeout(zero).build().err()),
        ("ClientBuilder::max_response_size`", builder().max_response_size(0).build().err()),
        ("timeout` of the call", servers.list().timeout(zero).await.err()),
        ("attempt_timeout` of the call", servers.list().without_checks().attempt_timeout(zero).await.err()),
        ("max_response_size` of the call", servers.list().max_response_size(0).await.err()),
        ("MetadataClientBuilder::timeout`", metadata().timeout(zero).build().err()),
        ("MetadataClientBuilder::max_response_size`", metadata().max_response_size(0).build().err()),
        ("MetadataClientBuilder::pause`", metadata().pause(Duration::MAX).build().err()),
    ] {
        let error = error.expect(setter);
        assert!(error.is_configuration() && error.message().contains(&format!("`{setter} is ")), "{error}");
        assert_eq!(error.attempts(), 0);
    }
    assert_eq!(fake.requests().len(), asked, "nothing was sent");

    let uuid = fake.add_server(upcloud::fake::ServerSeed::new("web-1.example.net").metadata());
    fake.metadata_for(uuid);
    let second = Duration::from_secs(1);
    for limit in [Duration::MAX, Duration::MAX.saturating_sub(second), Duration::from_secs(u64::MAX), Duration::MAX / 2]
    {
        let client = builder().timeout(limit).attempt_timeout(limit).connect_timeout(limit).max_response_size(u64::MAX);
        let servers = client.build().expect("a client").servers();
        servers.list().timeout(limit).attempt_timeout(limit).max_response_size(u64::MAX).await.expect("an answer");
        let service = metadata().timeout(limit).pause(zero).max_response_size(u64::MAX).build().expect("a client");
        service.get().await.expect("metadata");
        service.field("region").await.expect("a field");
        assert!(service.is_available().await);
    }
    let tiny = Duration::from_nanos(1);
    // Timers are exact to a millisecond, in which the fake has answered; this one never does.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address");
    let builder = || Client::builder().token("t").base_url(format!("http://{address}"));
    let client = builder().timeout(tiny).attempt_timeout(tiny).connect_timeout(tiny).build().expect("a client");
    let error = client.servers().list().await.expect_err("no time");
    assert!(error.is_timeout() || error.is_connect(), "{error:?}");
}
