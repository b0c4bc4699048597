//! Another size for a server from any state: hot, or with a stop where that is allowed; and where it stands when it fails.

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use contract::{Watch as _, Watched};
use upcloud::{
    ErrorCode, Server, ServerState, StopMode,
    calls::Operation,
    fake::{CannedResponse, Fake, ServerSeed, Timing},
    types::{NewSize, Uuid},
};

const SMALL: &str = "1xCPU-1GB";
const LARGE: &str = "2xCPU-4GB";

async fn fake(state: ServerState, plan: &str) -> (Watched, Uuid) {
    let fake = Fake::builder().timing(Timing::Takes(Duration::from_secs(30))).watched().await;
    let uuid = fake.add_server(ServerSeed::new("web-1.example.net").state(state).plan(plan));
    (fake, uuid)
}

/// What was changed or asked to change, in order.
fn acts(fake: &Fake) -> Vec<(Operation, u16)> {
    let all = fake.requests();
    let acts = all.iter().filter(|request| request.method != "GET");
    acts.map(|request| (request.operation.expect("of the chapter"), request.status)).collect()
}

fn is(server: &Server, state: &ServerState, plan: &str) {
    assert_eq!((&server.state, server.plan.as_deref()), (state, Some(plan)));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_can_is_changed_while_it_runs() {
    let (fake, uuid) = fake(ServerState::Started, SMALL).await;
    let servers = fake.client().servers();
    is(&servers.resize(uuid, LARGE).await.expect("changed"), &ServerState::Started, LARGE);
    assert_eq!(acts(&fake), [(Operation::ModifyServer, 202)]);
    // A second time there is nothing to do.
    is(&servers.resize(uuid, LARGE).allow_stop(StopMode::Hard).await.expect("there"), &ServerState::Started, LARGE);
    assert_eq!(acts(&fake).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_smaller_size_needs_a_stop_that_the_caller_allows() {
    let (fake, uuid) = fake(ServerState::Started, LARGE).await;
    let servers = fake.client().servers();
    let error = servers.resize(uuid, SMALL).await.expect_err("not while it runs");
    assert!(error.needs_stop() && error.is_state() && !error.may_have_taken_effect(), "{error:?}");
    assert!(error.message().starts_with("the server is not changed: "), "{error}");
    is(error.last_seen().expect("seen"), &ServerState::Started, LARGE);
    assert_eq!(acts(&fake), [(Operation::ModifyServer, 409)]);

    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let resize = servers.resize(uuid, SMALL).allow_stop(StopMode::Hard);
    let resize = resize.on_update(move |server| told.lock().expect("a lock").push(server.state.clone()));
    is(&resize.await.expect("changed"), &ServerState::Started, SMALL);
    let expected = [
        (Operation::ModifyServer, 409),
        (Operation::ModifyServer, 409),
        (Operation::StopServer, 200),
        (Operation::ModifyServer, 202),
        (Operation::StartServer, 200),
    ];
    assert_eq!(acts(&fake), expected);
    assert!(seen.lock().expect("a lock").contains(&ServerState::Stopped));
}

#[tokio::test(start_paused = true)]
async fn each_code_that_says_so_leads_to_a_stop() {
    let codes = [
        (409, ErrorCode::HotResizeNotEnabled),
        (409, ErrorCode::HotResizeUnavailable),
        (511, ErrorCode::HotplugFailed),
    ];
    for (status, code) in codes {
        let (fake, uuid) = fake(ServerState::Started, SMALL).await;
        let body = serde_json::json!({ "error": { "error_code": code, "error_message": "Not while it runs." } });
        fake.answer_next(Operation::ModifyServer, CannedResponse::json(status, &body));
        let server = fake.client().servers().resize(uuid, LARGE).allow_stop(StopMode::Soft).await;
        is(&server.unwrap_or_else(|e| panic!("{code}: {e}")), &ServerState::Started, LARGE);
        assert_eq!(acts(&fake).iter().filter(|(act, _)| *act == Operation::StopServer).count(), 1, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stopped_server_stays_stopped_unless_told() {
    let (fake, uuid) = fake(ServerState::Stopped, LARGE).await;
    let servers = fake.client().servers();
    is(&servers.resize(uuid, SMALL).await.expect("changed"), &ServerState::Stopped, SMALL);
    // An earlier run did not get to its end.
    is(&servers.resize(uuid, SMALL).then_start().await.expect("started"), &ServerState::Started, SMALL);
    assert_eq!(acts(&fake), [(Operation::ModifyServer, 202), (Operation::StartServer, 200)]);
}

#[tokio::test(start_paused = true)]
async fn maintenance_is_waited_out_and_so_is_trouble() {
    let (fake, uuid) = fake(ServerState::Started, LARGE).await;
    let servers = fake.client().servers();
    servers.restart(uuid, StopMode::Hard).await.expect("accepted");
    fake.answer_next(Operation::ModifyServer, CannedResponse::unavailable().times(20));
    let resize = servers.resize(uuid, SMALL).allow_stop(StopMode::Hard);
    is(&resize.await.expect("changed"), &ServerState::Started, SMALL);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_refused_after_the_stop_leaves_a_running_server() {
    let (fake, uuid) = fake(ServerState::Started, LARGE).await;
    fake.fail_next(Operation::ModifyServer, ErrorCode::HotResizeUnavailable);
    fake.fail_next(Operation::ModifyServer, ErrorCode::PlanCoreNumberIllegal);
    let error = fake.client().servers().resize(uuid, SMALL).allow_stop(StopMode::Hard).await.expect_err("refused");
    assert_eq!(error.code(), Some(&ErrorCode::PlanCoreNumberIllegal));
    let told = "the server was stopped, is not changed, and was started again: ";
    assert!(error.message().starts_with(told), "{error}");
    is(&fake.server(uuid).expect("a server"), &ServerState::Started, LARGE);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_cannot_be_started_says_so_and_is_resumed() {
    let (fake, uuid) = fake(ServerState::Started, LARGE).await;
    fake.fail_next(Operation::StartServer, ErrorCode::ServerResourcesUnavailable);
    let servers = fake.client().servers();
    let error = servers.resize(uuid, SMALL).allow_stop(StopMode::Hard).await.expect_err("no room");
    assert!(error.is_capacity(), "{error:?}");
    assert!(error.message().starts_with("the size of the server is changed, and it is not started: "), "{error}");
    is(&servers.resize(uuid, SMALL).then_start().await.expect("started"), &ServerState::Started, SMALL);
}

#[tokio::test(start_paused = true)]
async fn a_guest_that_does_not_obey_ends_it_unchanged() {
    let (fake, uuid) = fake(ServerState::Started, LARGE).await;
    fake.ignore_acpi(uuid, true);
    let resize = fake.client().servers().resize(uuid, SMALL).allow_stop(StopMode::Soft).limit(Duration::from_secs(120));
    let error = resize.await.expect_err("it does not stop");
    assert!(error.is_timeout() && error.elapsed() <= Duration::from_secs(121), "{error:?}");
    assert!(error.message().starts_with("the server is not changed, and it may be stopped: "), "{error}");
    is(&fake.server(uuid).expect("a server"), &ServerState::Started, LARGE);
}

#[tokio::test(start_paused = true)]
async fn sizes_without_a_plan_and_sizes_that_do_not_exist() {
    let (fake, uuid) = fake(ServerState::Started, LARGE).await;
    let servers = fake.client().servers();
    let size = servers.sizes().await.expect("sizes").into_iter().find(|size| size.core_number == 4).expect("a size");
    let server = servers.resize(uuid, size.clone()).allow_stop(StopMode::Hard).await.expect("changed");
    assert_eq!((server.core_number, server.memory_amount), (Some(4), Some(size.memory_amount)));
    is(&server, &ServerState::Started, "custom");
    servers.resize(uuid, NewSize::from(size)).await.expect("nothing to do");

    let error = servers.resize(uuid, "no-such-plan").allow_stop(StopMode::Hard).await.expect_err("no such plan");
    assert!(error.is_invalid_input() && error.message().starts_with("the server is not changed: "), "{error}");
    assert_eq!(fake.server(uuid).expect("a server").state, ServerState::Started, "it was not stopped for it");
    let nobody = servers.resize(Uuid::nil(), LARGE).limit(Duration::from_secs(60)).await.expect_err("no such server");
    assert!(nobody.is_not_found(), "{nobody:?}");
}

#[tokio::test(start_paused = true)]
async fn a_look_that_fails_after_the_change_says_nothing_of_a_start() {
    let (fake, uuid) = fake(ServerState::Started, SMALL).await;
    fake.answer_next(Operation::GetServer, CannedResponse::slow(Duration::ZERO));
    fake.answer_next(Operation::GetServer, CannedResponse::unauthorized());
    let error = fake.client().servers().resize(uuid, LARGE).await.expect_err("no look");
    assert!(error.message().starts_with("the size of the server is changed: "), "{error}");
    is(&fake.server(uuid).expect("a server"), &ServerState::Started, LARGE);
}

#[tokio::test(start_paused = true)]
async fn a_limit_during_the_stop_says_that_the_server_may_be_stopped() {
    let (fake, uuid) = fake(ServerState::Started, LARGE).await;
    let resize = fake.client().servers().resize(uuid, SMALL).allow_stop(StopMode::Soft).limit(Duration::from_secs(10));
    let error = resize.await.expect_err("too short");
    assert!(error.message().starts_with("the server is not changed, and it may be stopped: "), "{error}");
    tokio::time::sleep(Duration::from_secs(60)).await;
    is(&fake.server(uuid).expect("a server"), &ServerState::Stopped, LARGE);
}

#[tokio::test(start_paused = true)]
async fn a_stop_that_is_refused_stopped_nothing() {
    let (fake, uuid) = fake(ServerState::Started, LARGE).await;
    fake.answer_next(Operation::StopServer, CannedResponse::forbidden());
    let resize = fake.client().servers().resize(uuid, SMALL).allow_stop(StopMode::Hard);
    let error = resize.await.expect_err("forbidden");
    assert!(error.message().starts_with("the server is not changed: "), "{error}");
    is(&fake.server(uuid).expect("a server"), &ServerState::Started, LARGE);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_lost_says_so_and_that_the_server_was_stopped() {
    // Carried out and answered too late, until the limit is over.
    let (fake, uuid) = self::fake(ServerState::Started, LARGE).await;
    fake.fail_next(Operation::ModifyServer, ErrorCode::HotResizeUnavailable);
    fake.answer_next(Operation::ModifyServer, CannedResponse::late(Duration::from_secs(1000)).times(100));
    let resize = fake.client().servers().resize(uuid, SMALL).allow_stop(StopMode::Hard);
    let error = resize.limit(Duration::from_secs(100)).await.expect_err("no answer");
    let told = "the server was stopped, and it is not known whether it is changed: ";
    assert!(error.message().starts_with(told) && error.may_have_taken_effect(), "{error}");

    // Carried out without an answer, and then nobody may look.
    let (fake, uuid) = self::fake(ServerState::Stopped, LARGE).await;
    fake.answer_next(Operation::GetServer, CannedResponse::slow(Duration::ZERO));
    fake.answer_next(Operation::GetServer, CannedResponse::unauthorized().times(100));
    fake.answer_next(Operation::ModifyServer, CannedResponse::late(Duration::from_secs(1000)).times(100));
    let error = fake.client().servers().resize(uuid, SMALL).await.expect_err("no look");
    assert!(error.message().starts_with("it is not known whether the server is changed: "), "{error}");
    is(&fake.server(uuid).expect("a server"), &ServerState::Stopped, SMALL);
}

#[tokio::test(start_paused = true)]
async fn a_start_that_is_not_over_in_time_is_not_told_as_none() {
    let (fake, uuid) = fake(ServerState::Stopped, SMALL).await;
    let resize = fake.client().servers().resize(uuid, SMALL).then_start().limit(Duration::from_secs(10));
    let error = resize.await.expect_err("too short");
    let told = "the size of the server is changed, and it is not known whether it is started: ";
    assert!(error.message().starts_with(told), "{error}");
}
