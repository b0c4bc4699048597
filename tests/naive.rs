//! What a naive program meets: refusals for a state, trouble in a wait, limits below a second, and what `main` prints.

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;

use std::time::Duration;

use contract::{Watch as _, watched};
use upcloud::{
    Client, Error, ErrorCode, ModifyServer, RetryPolicy, ServerState, StopMode,
    calls::Operation,
    fake::{CannedResponse, Fake, RecordedRequest, ServerSeed, Timing},
};

const SHORT: Duration = Duration::from_millis(1);

fn once(fake: &Fake) -> Client {
    Client::builder().token("t").base_url(fake.base_url()).retry(RetryPolicy::off()).build().expect("a client")
}

#[tokio::test]
async fn a_state_that_stays_is_not_transient() {
    let fake = Fake::builder().timing(Timing::Manual).watched().await;
    let servers = fake.client().servers();
    let (up, down) = (fake.add_server("a.example.net"), ServerSeed::new("b.example.net").state(ServerState::Stopped));
    let down = fake.add_server(down);
    for (error, needs_stop) in [
        (servers.stop(down, StopMode::Soft).await.expect_err("it is stopped"), false),
        (servers.restart(down, StopMode::Hard).await.expect_err("it is stopped"), false),
        (servers.start(up).await.expect_err("it is started"), false),
        (servers.delete(up).await.expect_err("it is started"), true),
        (servers.stop(down, StopMode::Soft).when_ready().await.expect_err("it is stopped"), false),
        (servers.delete(up).when_ready().await.expect_err("it is started"), true),
    ] {
        assert!(error.is_state() && !error.is_transient() && error.is_safe_to_repeat(), "{error}");
        assert_eq!(error.needs_stop(), needs_stop, "{error}");
    }
    let busy = fake.add_server(ServerSeed::new("c.example.net").state(ServerState::Maintenance));
    for error in [
        servers.stop(busy, StopMode::Soft).await.expect_err("it moves"),
        servers.start(busy).await.expect_err("it moves"),
        servers.delete(busy).await.expect_err("it moves"),
        servers.modify(busy, ModifyServer::default().title("x")).await.expect_err("it moves"),
    ] {
        assert!(error.is_transient(), "{error}");
    }
    // Nobody says which state it is: the look before the action does.
    fake.fail_next(Operation::StopServer, ErrorCode::ServerStateIllegal);
    assert!(!servers.stop(up, StopMode::Soft).await.expect_err("refused").is_transient());
}

#[tokio::test]
async fn waits_ride_out_what_is_trouble_of_the_service() {
    let fake = watched().await;
    let servers = once(&fake).servers();
    let uuid = fake.add_server("a.example.net");
    for status in [500, 501, 505, 507, 511, 520, 522, 524, 529, 530] {
        fake.answer_next(Operation::GetServer, CannedResponse::status(status));
        let wait = servers.wait_until(uuid, ServerState::Started).poll_every(SHORT, SHORT);
        wait.await.unwrap_or_else(|error| panic!("{status}: {error}"));
        fake.answer_next(Operation::ListServers, CannedResponse::status(status));
        for (_, outcome) in servers.wait_all_until([uuid], ServerState::Started).poll_every(SHORT, SHORT).await {
            outcome.unwrap_or_else(|error| panic!("{status}: {error}"));
        }
    }
    fake.answer_next(Operation::GetServer, CannedResponse::html(200, "<h1>hello</h1>"));
    servers.wait_until(uuid, ServerState::Started).poll_every(SHORT, SHORT).await.expect("one garbled answer");
}

#[tokio::test]
async fn a_wait_without_time_is_one_look() {
    let fake = watched().await;
    let servers = fake.client().servers();
    let (up, busy) =
        (fake.add_server("a.example.net"), ServerSeed::new("b.example.net").state(ServerState::Maintenance));
    let busy = fake.add_server(busy);
    let zero = Duration::ZERO;
    servers.wait_until(up, ServerState::Started).limit(zero).await.expect("it is");
    servers.ensure_started(up).limit(zero).await.expect("it is");
    servers.ensure_stopped(up, StopMode::Hard).limit(zero).await.map_or_else(|e| assert!(e.is_timeout(), "{e}"), drop);
    let error = servers.wait_until(busy, ServerState::Started).limit(zero).await.expect_err("it is not");
    assert!(error.is_timeout() && error.last_state() == Some(&ServerState::Maintenance), "{error}");
    let results = servers.wait_all_until_not([up, busy], ServerState::Maintenance).limit(zero).await;
    assert_eq!(results.iter().map(|(_, outcome)| outcome.is_ok()).collect::<Vec<_>>(), [true, false]);
    for (first, longest, limit) in [
        (Duration::MAX, Duration::MAX, Duration::MAX),
        (Duration::ZERO, Duration::MAX, Duration::from_secs(60)),
        (Duration::MAX, Duration::ZERO, Duration::from_secs(60)),
    ] {
        servers.wait_until_met(up, |_| true).poll_every(first, longest).limit(limit).await.expect("it is there");
        let wait =
            servers.wait_until(busy, ServerState::Started).poll_every(first, longest).limit(Duration::from_millis(20));
        assert!(wait.await.expect_err("it stays").is_timeout());
        let all = servers.wait_all_until([busy], ServerState::Started).poll_every(first, longest);
        assert!(all.limit(Duration::from_millis(20)).await[0].1.is_err());
    }
}

#[tokio::test]
async fn a_limit_below_a_second_is_not_sent_as_none() {
    let fake = watched().await;
    let servers = fake.client().servers();
    for (limit, sent) in [
        (Duration::ZERO, "1"),
        (Duration::from_millis(1), "1"),
        (Duration::from_secs(1), "1"),
        (Duration::from_millis(1001), "2"),
    ] {
        let uuid = fake.add_server("a.example.net");
        servers.restart(uuid, StopMode::SoftThenHard(limit)).await.ok();
        servers.ensure_stopped(uuid, StopMode::SoftThenHard(limit)).limit(Duration::ZERO).await.ok();
        servers.stop(uuid, StopMode::SoftThenHard(limit)).await.ok();
        let requests = fake.requests();
        let of_server = requests.iter().filter(|request| request.path.contains(&uuid.to_string()));
        let bodies: Vec<_> = of_server.map(RecordedRequest::body).filter(|body| !body.is_null()).collect();
        assert!(bodies.len() >= 2, "{bodies:?}");
        for body in bodies {
            let told = body.pointer("/stop_server/timeout").or(body.pointer("/restart_server/timeout"));
            assert_eq!(told, Some(&sent.into()), "{limit:?}: {body}");
        }
    }
    let longest = servers.restart(fake.add_server("a"), StopMode::Soft).give_up_after(Duration::MAX);
    assert!(format!("{longest:?}").contains(&u64::MAX.to_string()));
}

#[tokio::test]
async fn main_prints_the_line() {
    let fake = watched().await;
    fake.answer_next(Operation::ListServers, CannedResponse::status(503));
    let error: Error = once(&fake).servers().list().await.expect_err("ordered");
    assert_eq!(format!("{error:?}"), error.to_string());
    assert!(error.to_string().starts_with("listServers: 503 "), "{error}");
}
