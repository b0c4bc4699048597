//! The rules of a wait, on paused time and without a network.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, advance};
use uuid::Uuid;

use super::{
    Goal, Terms,
    engine::{Engine, Step},
};
use crate::{Error, ServerState, error::Class, generated::types::Server};

fn server(state: &str, progress: Option<u64>) -> Server {
    serde_json::from_value(json!({
        "boot_order": "disk", "core_number": "1", "firewall": "on", "hostname": "a.example.net", "ip_addresses": [],
        "license": 0, "memory_amount": "1024", "nic_model": "virtio", "plan": "custom", "plan_ipv4_bytes": "0",
        "plan_ipv6_bytes": "0", "remote_access_enabled": "no", "remote_access_password": "", "state": state,
        "storage_devices": [], "tags": [], "timezone": "UTC", "title": "a", "uuid": Uuid::nil(), "video_model": "vga",
        "zone": "de-fra1", "progress": progress,
    }))
    .expect("a server")
}

fn engine(goal: Goal<Server>, limit: u64) -> Engine {
    Engine::new(Uuid::nil(), goal, Terms { limit: Duration::from_secs(limit), ..Terms::default() })
}

fn pause(step: Step) -> Duration {
    match step {
        Step::Again(pause) => pause,
        other => panic!("no pause: {other:?}"),
    }
}

fn failure(step: Step) -> Error {
    match step {
        Step::Failed(error) => error,
        other => panic!("no failure: {other:?}"),
    }
}

fn not_found() -> Error {
    Error::new(Class::Response, "no such server").with_status(404)
}

#[tokio::test(start_paused = true)]
async fn the_goal_ends_it() {
    let mut meets = engine(Goal::Meet(Box::new(|server| server.progress == Some(85))), 60);
    pause(meets.judge(Ok(server("maintenance", Some(0)))));
    assert!(matches!(meets.judge(Ok(server("maintenance", Some(85)))), Step::Done(Some(_))));
    for (goal, state) in [
        (Goal::Reach(ServerState::Started), "started"),
        (Goal::Reach(ServerState::Error), "error"),
        (Goal::Leave(ServerState::Maintenance), "error"),
        (Goal::Leave(ServerState::Maintenance), "brand-new"),
    ] {
        assert!(matches!(engine(goal, 60).judge(Ok(server(state, None))), Step::Done(Some(_))), "{state}");
    }
    assert!(matches!(engine(Goal::Vanish, 60).judge(Err(not_found())), Step::Done(None)));
}

#[tokio::test(start_paused = true)]
async fn pauses_grow_and_shrink_when_something_moves() {
    let mut engine = engine(Goal::Reach(ServerState::Started), 600);
    let mut pauses = Vec::new();
    for _ in 0..10 {
        pauses.push(pause(engine.judge(Ok(server("maintenance", Some(0))))));
    }
    assert_eq!(pauses[0], Duration::from_millis(500));
    assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1]), "{pauses:?}");
    assert_eq!(pauses[9], Duration::from_secs(5));
    assert_eq!(pause(engine.judge(Ok(server("maintenance", Some(85))))), Duration::from_millis(500));
}

#[tokio::test(start_paused = true)]
async fn the_limit_ends_it_with_the_last_look() {
    let mut engine = engine(Goal::Reach(ServerState::Started), 10);
    let begin = Instant::now();
    let error = loop {
        match engine.judge(Ok(server("maintenance", None))) {
            Step::Again(pause) => advance(pause).await,
            Step::Failed(error) => break error,
            Step::Done(_) => panic!("done"),
        }
    };
    assert!(begin.elapsed() < Duration::from_secs(10), "no pause outlives the limit");
    assert!(error.is_timeout());
    assert_eq!(error.last_seen().map(|server| &server.state), Some(&ServerState::Maintenance));
    assert!(error.to_string().contains("did not become started within 10s; it was maintenance"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn the_state_error_is_a_failure_of_its_own() {
    let error = failure(engine(Goal::Reach(ServerState::Started), 60).judge(Ok(server("error", None))));
    assert!(error.is_wait_failed() && !error.is_timeout());
    assert_eq!(error.last_seen().map(|server| &server.state), Some(&ServerState::Error));
}

#[tokio::test(start_paused = true)]
async fn not_found_is_forgiven_for_a_while() {
    let mut engine = engine(Goal::Reach(ServerState::Started), 600);
    pause(engine.judge(Err(not_found())));
    advance(Duration::from_secs(29)).await;
    pause(engine.judge(Err(not_found())));
    advance(Duration::from_secs(2)).await;
    assert!(failure(engine.judge(Err(not_found()))).is_not_found());
}

#[tokio::test(start_paused = true)]
async fn a_deleted_server_ends_it() {
    let mut engine = engine(Goal::Reach(ServerState::Started), 600);
    pause(engine.judge(Ok(server("maintenance", None))));
    let error = failure(engine.judge(Err(not_found())));
    assert!(error.is_wait_failed(), "{error}");
    assert!(error.to_string().contains("was deleted"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn trouble_is_ridden_out_and_named_in_the_end() {
    let mut engine = engine(Goal::Reach(ServerState::Started), 5);
    for status in [500, 502, 503, 429] {
        pause(engine.judge(Err(Error::new(Class::Response, "sorry").with_status(status))));
    }
    pause(engine.judge(Err(Error::new(Class::Connect, "nobody there"))));
    advance(Duration::from_secs(5)).await;
    let error = failure(engine.judge(Err(Error::new(Class::Transport, "broken"))));
    assert!(error.is_timeout() && error.to_string().contains("broken"), "{error}");
    let refused = Error::new(Class::Response, "who are you").with_status(401);
    assert!(failure(super::tests::engine(Goal::Vanish, 5).judge(Err(refused))).is_authentication());
}

#[tokio::test(start_paused = true)]
async fn a_target_missed_between_two_looks_is_noticed() {
    let mut engine = engine(Goal::Reach(ServerState::Started), 600);
    // Stopped before anything began says nothing.
    for _ in 0..3 {
        pause(engine.judge(Ok(server("stopped", None))));
    }
    pause(engine.judge(Ok(server("maintenance", None))));
    pause(engine.judge(Ok(server("stopped", None))));
    let error = failure(engine.judge(Ok(server("stopped", None))));
    assert!(error.is_wait_failed() && error.to_string().contains("left maintenance as stopped"), "{error}");
}
