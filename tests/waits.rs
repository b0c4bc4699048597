//! Waits and state-aware actions on the fake: what they see, what they cost, and that they are safe to call twice.

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;

use std::time::Duration;

use contract::{Watch as _, watched};
use upcloud::{
    Client, CreateServer, ServerState, StopMode,
    calls::Operation,
    fake::{Fake, NATIVE_TEMPLATE, ServerSeed, Timing},
    types::BackupDeletion,
};
use uuid::Uuid;

const SHORT: Duration = Duration::from_millis(1);

fn asked(fake: &Fake, operation: Operation) -> usize {
    fake.requests().iter().filter(|request| request.operation == Some(operation)).count()
}

async fn create(upcloud: &Client, hostname: &str) -> Uuid {
    let server = CreateServer::from_template(hostname, "de-fra1", NATIVE_TEMPLATE).plan("1xCPU-1GB");
    upcloud.servers().create(server).await.expect("created").uuid
}

#[tokio::test]
async fn a_thousand_servers_cost_one_list_per_tick() {
    let fake = watched().await;
    let upcloud = fake.client();
    fake.fill(1000);
    let uuids: Vec<Uuid> = fake.servers().iter().map(|server| server.uuid).collect();
    assert_eq!(uuids.len(), 1000);
    // Five looks see them as they are; then the test lets all but the broken one arrive.
    for uuid in &uuids {
        fake.set_state(*uuid, ServerState::Maintenance);
    }
    fake.set_state(uuids[17], ServerState::Error);
    let before = asked(&fake, Operation::ListServers);
    let mut outcomes = upcloud.servers().wait_all_until(uuids.clone(), ServerState::Started).poll_every(SHORT, SHORT);
    let (uuid, first) = outcomes.next().await.expect("the broken one is known at the first look");
    assert_eq!(uuid, uuids[17]);
    assert!(first.expect_err("it will not start").is_wait_failed());
    assert_eq!(asked(&fake, Operation::ListServers) - before, 1);

    for uuid in uuids.iter().filter(|uuid| **uuid != uuids[17]) {
        fake.set_state(*uuid, ServerState::Started);
    }
    let mut started = 0;
    while let Some((_, outcome)) = outcomes.next().await {
        assert_eq!(outcome.expect("one failure hides no other").state, ServerState::Started);
        started += 1;
    }
    assert_eq!(started, 999);
    assert_eq!(asked(&fake, Operation::ListServers) - before, 2, "two ticks are two lists");
    assert_eq!(asked(&fake, Operation::GetServer), 0, "no server is asked for by itself");
}

#[tokio::test]
async fn ticks_and_requests_are_the_same_number() {
    let fake = Fake::builder().timing(Timing::Polls(4)).watched().await;
    let upcloud = fake.client();
    let mut uuids = Vec::new();
    for number in 0..20 {
        uuids.push(create(&upcloud, &format!("host-{number}.example.net")).await);
    }
    let results = upcloud.servers().wait_all_until(uuids.clone(), ServerState::Started).poll_every(SHORT, SHORT).await;
    let order: Vec<Uuid> = results.iter().map(|(uuid, _)| *uuid).collect();
    assert_eq!(order, uuids);
    assert!(results.iter().all(|(_, outcome)| outcome.as_ref().is_ok_and(|s| s.state == ServerState::Started)));
    assert_eq!(asked(&fake, Operation::ListServers), 5, "four looks see them moving, the fifth sees them started");
    assert_eq!(asked(&fake, Operation::GetServer), 0);
}

#[tokio::test]
async fn the_limit_gives_every_server_an_error_of_its_own() {
    let fake = Fake::builder().timing(Timing::Manual).watched().await;
    let upcloud = fake.client();
    let uuids = [create(&upcloud, "a.example.net").await, create(&upcloud, "b.example.net").await];
    let limit = Duration::from_millis(30);
    let results =
        upcloud.servers().wait_all_until(uuids, ServerState::Started).limit(limit).poll_every(SHORT, SHORT).await;
    assert_eq!(results.len(), 2);
    for (_, outcome) in results {
        let error = outcome.expect_err("nothing finishes by itself");
        assert!(error.is_timeout() && error.to_string().contains("maintenance"), "{error}");
    }
}

#[tokio::test]
async fn a_stream_sees_what_happens_and_ends_with_the_goal() {
    let fake = Fake::builder().timing(Timing::Polls(3)).watched().await;
    let upcloud = fake.client();
    let uuid = create(&upcloud, "a.example.net").await;
    let mut looks = upcloud.servers().wait_until(uuid, ServerState::Started).poll_every(SHORT, SHORT);
    let mut states = Vec::new();
    while let Some(server) = looks.next().await {
        states.push(server.expect("a look").state);
    }
    let maintenance = ServerState::Maintenance;
    assert_eq!(states, [maintenance.clone(), maintenance.clone(), maintenance, ServerState::Started]);
}

#[tokio::test]
async fn dropping_a_wait_ends_it() {
    let fake = Fake::builder().timing(Timing::Manual).watched().await;
    let upcloud = fake.client();
    let uuid = create(&upcloud, "a.example.net").await;
    let wait = upcloud.servers().wait_until(uuid, ServerState::Started).poll_every(SHORT, SHORT);
    assert!(tokio::time::timeout(Duration::from_millis(50), wait.into_future()).await.is_err());
    let after_drop = asked(&fake, Operation::GetServer);
    assert!(after_drop > 0);
    tokio::time::timeout(Duration::from_millis(50), std::future::pending::<()>()).await.expect_err("time passes");
    assert_eq!(asked(&fake, Operation::GetServer), after_drop);
}

#[tokio::test]
async fn ensured_states_from_any_state_and_twice() {
    let fake = watched().await;
    let servers = fake.client().servers();
    for state in [ServerState::Started, ServerState::Stopped] {
        let uuid = fake.add_server(ServerSeed::new("a.example.net").state(state));
        for _ in 0..2 {
            let server = servers.ensure_started(uuid).await.expect("started");
            assert_eq!(server.state, ServerState::Started);
        }
        for how in [StopMode::Hard, StopMode::Soft, StopMode::SoftThenHard(Duration::from_secs(60))] {
            assert_eq!(servers.ensure_stopped(uuid, how).await.expect("stopped").state, ServerState::Stopped);
        }
        for _ in 0..2 {
            servers.ensure_deleted(uuid, Some(BackupDeletion::Keep)).await.expect("gone");
        }
        assert!(servers.get(uuid).await.expect_err("gone").is_not_found());
    }
    let uuid = create(&fake.client(), "new.example.net").await;
    assert_eq!(servers.ensure_stopped(uuid, StopMode::Hard).await.expect("stopped").state, ServerState::Stopped);

    let broken = fake.add_server(ServerSeed::new("b.example.net").state(ServerState::Error));
    assert!(servers.ensure_started(broken).await.expect_err("broken").is_wait_failed());
    assert!(servers.ensure_stopped(broken, StopMode::Hard).await.expect_err("broken").is_wait_failed());
}

#[tokio::test]
async fn a_server_that_moves_in_between_is_met_again() {
    let fake = watched().await;
    let servers = fake.client().servers();
    let uuid = fake.add_server(ServerSeed::new("a.example.net").state(ServerState::Stopped));
    fake.fail_next(Operation::StartServer, upcloud::ErrorCode::ServerStateIllegal);
    assert_eq!(servers.ensure_started(uuid).await.expect("started").state, ServerState::Started);
    assert_eq!(asked(&fake, Operation::StartServer), 2);
}

#[tokio::test]
async fn a_list_that_shows_a_first_page_only_hides_nobody() {
    let fake = Fake::builder().timing(Timing::Polls(2)).watched().await;
    let upcloud = fake.client();
    let mut uuids = Vec::new();
    for number in 0..5 {
        uuids.push(create(&upcloud, &format!("host-{number}.example.net")).await);
    }
    // Who names no limit is shown nothing, as from an API whose first page has others.
    fake.mock(|when, then| {
        when.method("GET").path("/1.3/server").is_true(|request| request.query_params().is_empty());
        then.status(200).body(r#"{"servers":{"server":[]}}"#);
    });
    let limit = Duration::from_secs(20);
    let results =
        upcloud.servers().wait_all_until(uuids, ServerState::Started).limit(limit).poll_every(SHORT, SHORT).await;
    assert!(results.iter().all(|(_, outcome)| outcome.is_ok()), "{results:?}");
    assert_eq!(results.len(), 5);
    assert_eq!(asked(&fake, Operation::GetServer), 1, "one closer look was enough to know");
}

#[tokio::test]
async fn any_condition_can_be_waited_for_by_many() {
    let fake = watched().await;
    let upcloud = fake.client();
    let uuids = [fake.add_server("a.example.net"), fake.add_server("b.example.net")];
    fake.set_state(uuids[1], ServerState::Stopped);
    let met = upcloud.servers().wait_all_until_met(uuids, |server| server.host.is_some());
    let mut outcomes = met.limit(Duration::from_secs(20)).poll_every(SHORT, SHORT);
    let (first, server) = outcomes.next().await.expect("one is on a host");
    assert_eq!((first, server.expect("seen").state), (uuids[0], ServerState::Started));
    fake.set_state(uuids[1], ServerState::Started);
    let (second, server) = outcomes.next().await.expect("the other one too");
    assert_eq!((second, server.expect("seen").host.is_some()), (uuids[1], true));
    assert!(outcomes.next().await.is_none());
}

#[tokio::test]
async fn garbage_beside_uuid_and_state_disturbs_nobody() {
    let fake = watched().await;
    let upcloud = fake.client();
    let uuids = [1, 2, 3, 4].map(Uuid::from_u128);
    let garbage = serde_json::json!({"uuid": uuids[1], "state": "started", "core_number": [], "created": {"a": 1}, "host": true,
        "hostname": 7, "labels": "none", "license": [[]], "memory_amount": {}, "plan": false, "progress": "half",
        "server_group": 5, "simple_backup": [1], "tags": 9, "title": {}, "zone": ["de-fra1"], "unknown": null});
    let nobody = [serde_json::json!({"state": "started"}), serde_json::json!("x"), serde_json::json!(null)];
    let list = |awaited: &str| {
        let good =
            |uuid: Uuid, state: &str| serde_json::json!({"uuid": uuid, "state": state, "hostname": "a.example.net"});
        let mut servers = vec![garbage.clone(), good(uuids[0], awaited), good(uuids[2], "error")];
        servers.extend(nobody.clone());
        servers.push(good(uuids[3], "started"));
        serde_json::json!({"servers": {"server": servers}}).to_string()
    };
    for awaited in [vec![uuids[0], uuids[3]], uuids.to_vec()] {
        let mut first = fake.mock({
            let body = list("maintenance");
            move |when, then| {
                when.method("GET").path("/1.3/server");
                then.status(200).header("content-type", "application/json").body(body);
            }
        });
        let wait = upcloud.servers().wait_all_until(awaited.clone(), ServerState::Started);
        let mut outcomes = wait.limit(Duration::from_secs(20)).poll_every(SHORT, SHORT);
        for uuid in &awaited[1..] {
            let (ended, outcome) = outcomes.next().await.expect("ends at the first look");
            assert_eq!(ended, *uuid);
            match outcome {
                Ok(server) => assert_eq!((server.uuid, server.state), (*uuid, ServerState::Started)),
                Err(error) => assert!(error.is_wait_failed() && *uuid == uuids[2], "{error}"),
            }
        }
        first.assert_calls(1);
        first.delete();
        let mut second = fake.mock({
            let body = list("started");
            move |when, then| {
                when.method("GET").path("/1.3/server");
                then.status(200).header("content-type", "application/json").body(body);
            }
        });
        let (ended, outcome) = outcomes.next().await.expect("the last one");
        assert_eq!((ended, outcome.expect("started").hostname), (uuids[0], "a.example.net".to_owned()));
        assert!(outcomes.next().await.is_none());
        second.assert_calls(1);
        second.delete();
        assert_eq!(asked(&fake, Operation::GetServer), 0, "no closer look was needed");
    }
}
