//! State-aware actions on the fake: they wait out `maintenance`, meet a server that moves in between, wait for what becomes
//! of it, and keep one limit.

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;

use std::time::{Duration, Instant};

use contract::{Watch as _, Watched, watched};
use upcloud::{
    Client, CreateServer, ErrorCode, ModifyServer, ServerState, StopMode,
    calls::Operation,
    fake::{CannedResponse, Fake, NATIVE_TEMPLATE, ServerSeed, Timing},
    types::BackupDeletion,
};
use uuid::Uuid;

const SHORT: Duration = Duration::from_millis(1);
/// What a busy machine may take for calls to loopback that should take milliseconds.
const LONG: Duration = Duration::from_secs(20);

/// How often the operation was asked for.
fn asked(fake: &Fake, operation: Operation) -> usize {
    fake.requests().iter().filter(|request| request.operation == Some(operation)).count()
}

fn new_server() -> CreateServer {
    CreateServer::from_template("a.example.net", "de-fra1", NATIVE_TEMPLATE).plan("1xCPU-1GB")
}

/// A fake with a server that is in `maintenance`, as its timing has it.
async fn creating(timing: Timing) -> (Watched, Client, Uuid) {
    let fake = Fake::builder().timing(timing).watched().await;
    let upcloud = fake.client();
    let uuid = upcloud.servers().create(new_server()).await.expect("created").uuid;
    (fake, upcloud, uuid)
}

#[tokio::test]
async fn maintenance_is_waited_out_before_the_action() {
    let (fake, upcloud, uuid) = creating(Timing::Polls(3)).await;
    let servers = upcloud.servers();
    servers.stop(uuid, StopMode::Hard).await.expect_err("without waiting it is refused");
    let server = servers.stop(uuid, StopMode::Hard).when_ready().poll_every(SHORT, SHORT).await.expect("stopping");
    assert_eq!(server.state, ServerState::Started, "the answer of the stop");
    assert_eq!(asked(&fake, Operation::StopServer), 2);
    assert_eq!(asked(&fake, Operation::GetServer), 4, "three looks see maintenance, the fourth does not");
}

#[tokio::test]
async fn a_server_that_moves_between_look_and_action_is_met_again() {
    let fake = watched().await;
    let servers = fake.client().servers();
    let uuid = fake.add_server("a.example.net");
    for _ in 0..4 {
        fake.fail_next(Operation::RestartServer, ErrorCode::ServerStateIllegal);
    }
    servers.restart(uuid, StopMode::Hard).when_ready().poll_every(SHORT, SHORT).await.expect("the fifth time");
    assert_eq!(asked(&fake, Operation::RestartServer), 5);

    // A storage may be busy however long; the state of the server does not tell.
    servers.ensure_stopped(uuid, StopMode::Hard).poll_every(SHORT, SHORT).await.expect("stopped");
    for _ in 0..6 {
        fake.fail_next(Operation::DeleteServer, ErrorCode::StorageStateIllegal);
    }
    servers.delete(uuid).with_storages().when_ready().poll_every(SHORT, SHORT).await.expect("the seventh time");
    assert_eq!(asked(&fake, Operation::DeleteServer), 7);
}

#[tokio::test]
async fn a_server_at_rest_in_the_wrong_state_is_refused_at_once() {
    let fake = watched().await;
    let servers = fake.client().servers();
    let down = fake.add_server(ServerSeed::new("a.example.net").state(ServerState::Stopped));
    let up = fake.add_server("b.example.net");
    let broken = fake.add_server(ServerSeed::new("c.example.net").state(ServerState::Error));
    let begin = Instant::now();
    for error in [
        servers.stop(down, StopMode::Soft).when_ready().limit(LONG).await.expect_err("it is stopped"),
        servers.start(up).when_ready().limit(LONG).await.expect_err("it is started"),
        servers.delete(up).when_ready().limit(LONG).await.expect_err("it runs"),
        servers.restart(broken, StopMode::Hard).when_ready().limit(LONG).await.expect_err("it is broken"),
    ] {
        assert_eq!(error.code(), Some(&ErrorCode::ServerStateIllegal));
    }
    for operation in [Operation::StopServer, Operation::StartServer, Operation::DeleteServer, Operation::RestartServer]
    {
        assert_eq!(asked(&fake, operation), 1, "{operation}");
    }
    assert!(begin.elapsed() < LONG);
}

#[tokio::test]
async fn a_modification_that_the_state_forbids_is_tried_three_times() {
    let fake = watched().await;
    let servers = fake.client().servers();
    let uuid = fake.add_server("a.example.net");
    let modify = || servers.modify(uuid, ModifyServer::default().title("new")).when_ready().poll_every(SHORT, SHORT);
    for _ in 0..2 {
        fake.fail_next(Operation::ModifyServer, ErrorCode::ServerStateIllegal);
    }
    assert_eq!(modify().and_wait().await.expect("the third time").title, "new");
    for _ in 0..3 {
        fake.fail_next(Operation::ModifyServer, ErrorCode::ServerStateIllegal);
    }
    assert!(modify().await.expect_err("three times").is_state());
    assert_eq!(asked(&fake, Operation::ModifyServer), 6);
    fake.fail_next(Operation::ModifyServer, ErrorCode::HotResizeUnavailable);
    modify().await.expect_err("another refusal is final");
    assert_eq!(asked(&fake, Operation::ModifyServer), 7);
}

#[tokio::test]
async fn the_limit_ends_it_before_during_and_after_the_action() {
    let (fake, upcloud, uuid) = creating(Timing::Manual).await;
    let servers = upcloud.servers();
    let limit = Duration::from_millis(40);
    // Before: it stays in maintenance.
    let stop = || servers.stop(uuid, StopMode::Hard).when_ready().limit(limit).poll_every(SHORT, SHORT);
    let error = stop().await.expect_err("never ready");
    assert!(error.is_timeout() && !error.may_have_taken_effect(), "{error}");
    assert_eq!(error.last_state(), Some(&ServerState::Maintenance));
    assert_eq!(asked(&fake, Operation::StopServer), 0);
    // It is refused as long as it is tried.
    fake.finish(uuid);
    for _ in 0..1000 {
        fake.fail_next(Operation::StopServer, ErrorCode::ServerStateIllegal);
    }
    let error = stop().await.expect_err("refused for ever");
    assert!(error.is_state() || error.is_timeout(), "{error}");
    let tries = asked(&fake, Operation::StopServer);
    assert!((2..1000).contains(&tries), "{tries}");
    // During: the answer does not come.
    let late = fake.add_server("b.example.net");
    let begin = Instant::now();
    fake.answer_next(Operation::StartServer, CannedResponse::slow(Duration::from_secs(3)));
    fake.set_state(late, ServerState::Stopped);
    let error = servers.start(late).and_wait().limit(limit).await.expect_err("too late");
    assert!(error.is_timeout() && error.may_have_taken_effect(), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(3), "the limit of the whole is the limit of the action");
    // After: it does not get there.
    let other = fake.add_server("c.example.net");
    let error = servers.restart(other, StopMode::Hard).and_wait().limit(limit).poll_every(SHORT, SHORT).await;
    let error = error.expect_err("it is never finished");
    assert!(error.is_timeout() && error.may_have_taken_effect(), "{error}");
    assert_eq!(error.operation(), Some(Operation::RestartServer));
    assert!(error.elapsed() >= limit / 2 && error.elapsed() < LONG, "{:?}", error.elapsed());
}

#[tokio::test]
async fn after_a_create_the_server_is_started_and_has_its_password() {
    let fake = Fake::builder().timing(Timing::Polls(2)).watched().await;
    let servers = fake.client().servers();
    let server = servers.create(new_server()).and_wait().poll_every(SHORT, SHORT).await.expect("started");
    assert_eq!(server.state, ServerState::Started);
    assert!(server.password.is_some() && server.username.is_some(), "only the answer to the create has them");
    assert!(servers.get(server.uuid).await.expect("there").password.is_none());
}

#[tokio::test]
async fn a_failed_wait_after_a_create_keeps_what_was_made() {
    let fake = Fake::builder().timing(Timing::Manual).watched().await;
    let servers = fake.client().servers();
    let limit = Duration::from_millis(30);
    let create = || servers.create(new_server()).and_wait().limit(limit).poll_every(SHORT, SHORT);
    let seen = create().await.expect_err("never started");
    let mut mock = fake.mock(|when, then| {
        when.method("GET");
        then.status(404).body(r#"{"error":{"error_code":"SERVER_NOT_FOUND","error_message":"not yet"}}"#);
    });
    let unseen = create().await.expect_err("never seen");
    mock.delete();
    for error in [seen, unseen] {
        assert!(error.is_timeout() && error.may_have_taken_effect() && !error.is_lost_create(), "{error}");
        assert_eq!(error.operation(), Some(Operation::CreateServer));
        let server = error.last_seen().expect("the answer at least");
        assert!(server.password.is_some());
        assert!(fake.server(server.uuid).is_some());
        assert_eq!(error.last_state(), Some(&ServerState::Maintenance));
        let shown = format!("{error} {error:?} {server:?}");
        assert!(!shown.contains(server.password.as_ref().expect("a password").expose()), "{shown}");
    }
}

#[tokio::test]
async fn every_action_waits_for_what_it_brings() {
    for looks in [0, 1, 3] {
        let fake = Fake::builder().timing(Timing::Polls(looks)).watched().await;
        let servers = fake.client().servers();
        let uuid = fake.add_server("a.example.net");
        let soft = StopMode::SoftThenHard(Duration::from_secs(60));

        let server = servers.stop(uuid, StopMode::Soft).and_wait().poll_every(SHORT, SHORT).await.expect("stopped");
        assert_eq!(server.state, ServerState::Stopped, "{looks}");
        let server = servers.start(uuid).asynchronous().and_wait().poll_every(SHORT, SHORT).await.expect("started");
        assert_eq!(server.state, ServerState::Started, "{looks}");
        // A restart that is over before the first look is still known to have happened.
        let server = servers.restart(uuid, StopMode::Hard).and_wait().poll_every(SHORT, SHORT).await;
        assert_eq!(server.expect("restarted").state, ServerState::Started, "{looks}");
        if looks > 0 {
            let server = servers.restart(uuid, soft).and_wait().poll_every(SHORT, SHORT).await;
            assert_eq!(server.expect("restarted").state, ServerState::Started, "{looks}");
        }
        let changes = ModifyServer::default().title("new");
        let server = servers.modify(uuid, changes).and_wait().poll_every(SHORT, SHORT).await.expect("modified");
        assert_eq!((server.state, server.title.as_str()), (ServerState::Started, "new"), "{looks}");
        servers.stop(uuid, StopMode::Hard).when_ready().and_wait().poll_every(SHORT, SHORT).await.expect("stopped");
        servers.delete(uuid).when_ready().and_wait().poll_every(SHORT, SHORT).await.expect("gone");
        assert!(fake.server(uuid).is_none());
    }
}

#[tokio::test]
async fn a_deletion_is_waited_for_until_the_server_is_gone() {
    let fake = watched().await;
    let servers = fake.client().servers();
    let uuid = fake.add_server(ServerSeed::new("a.example.net").state(ServerState::Stopped));
    let there = serde_json::json!({"server": fake.server(uuid).expect("there")});
    for _ in 0..3 {
        // The API shows a deleted server for some time.
        fake.answer_next(Operation::GetServer, CannedResponse::json(200, &there));
    }
    servers.delete(uuid).and_wait().poll_every(SHORT, SHORT).await.expect("gone");
    assert_eq!(asked(&fake, Operation::GetServer), 4);
}

#[tokio::test]
async fn a_lost_answer_of_an_action_is_made_good_by_the_state() {
    let fake = Fake::builder().timing(Timing::Polls(2)).watched().await;
    let servers = fake.client().servers();
    let uuid = fake.add_server(ServerSeed::new("a.example.net").state(ServerState::Stopped));
    fake.answer_next(Operation::StartServer, CannedResponse::dropped_after());
    let server = servers.ensure_started(uuid).poll_every(SHORT, SHORT).await.expect("it was done");
    assert_eq!(server.state, ServerState::Started);
    assert_eq!(asked(&fake, Operation::StartServer), 1, "what was done is not asked for again");
    fake.answer_next(Operation::StopServer, CannedResponse::dropped());
    servers.ensure_stopped(uuid, StopMode::Soft).poll_every(SHORT, SHORT).await.expect("the second time");
    assert_eq!(asked(&fake, Operation::StopServer), 2);
}

#[tokio::test]
async fn what_is_ensured_has_one_limit() {
    let (fake, upcloud, uuid) = creating(Timing::Manual).await;
    let servers = upcloud.servers();
    let limit = Duration::from_millis(40);
    let error = servers.ensure_started(uuid).limit(limit).poll_every(SHORT, SHORT).await.expect_err("still creating");
    assert!(error.is_timeout() && error.elapsed() < LONG, "{error}");
    let error = servers.ensure_deleted(uuid, None).limit(limit).poll_every(SHORT, SHORT).await.expect_err("the same");
    assert!(error.is_timeout() && error.last_state() == Some(&ServerState::Maintenance), "{error}");

    fake.finish(uuid);
    fake.ignore_acpi(uuid, true);
    let error = servers.ensure_stopped(uuid, StopMode::Soft).limit(limit).poll_every(SHORT, SHORT).await;
    let error = error.expect_err("nobody listens");
    assert!(error.is_timeout() && error.last_state() == Some(&ServerState::Started), "{error}");
    assert_eq!(asked(&fake, Operation::StopServer), 1, "an accepted stop is not repeated");
}

#[tokio::test]
async fn an_ensured_start_is_asynchronous_and_tells_of_full_zones_at_once() {
    let fake = watched().await;
    let servers = fake.client().servers();
    let uuid = fake.add_server(ServerSeed::new("a.example.net").state(ServerState::Stopped));
    fake.fail_next(Operation::StartServer, ErrorCode::ServerResourcesUnavailable);
    assert!(servers.ensure_started(uuid).await.expect_err("no room").is_capacity());
    assert_eq!(asked(&fake, Operation::StartServer), 1);
    servers.ensure_started(uuid).poll_every(SHORT, SHORT).await.expect("started");
    let requests = fake.requests();
    let start = requests.iter().rfind(|request| request.operation == Some(Operation::StartServer)).expect("asked");
    assert_eq!(start.body()["server"]["start_type"], "async");
}

#[tokio::test]
async fn a_deletion_meets_whatever_happens_in_between() {
    let fake = watched().await;
    let servers = fake.client().servers();
    // Gone while it is waited for.
    let gone = fake.add_server("a.example.net");
    let there = serde_json::json!({"server": fake.server(gone).expect("there")});
    servers.ensure_deleted(gone, None).poll_every(SHORT, SHORT).await.expect("gone");
    fake.answer_next(Operation::GetServer, CannedResponse::json(200, &there));
    servers.ensure_deleted(gone, None).poll_every(SHORT, SHORT).await.expect("gone at the second look");
    // Refused for a while.
    let busy = fake.add_server("b.example.net");
    for _ in 0..5 {
        fake.fail_next(Operation::DeleteServer, ErrorCode::ServerStateIllegal);
    }
    servers.ensure_deleted(busy, Some(BackupDeletion::Keep)).poll_every(SHORT, SHORT).await.expect("gone");
    assert!(fake.servers().is_empty());
}
