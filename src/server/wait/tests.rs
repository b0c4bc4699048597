//! The rules of a wait, on paused time and without a network.

use std::time::Duration;

use proptest::{collection::vec, prelude::*};
use serde_json::json;
use tokio::time::{Instant, advance};
use uuid::Uuid;

use super::{
    Goal, PollOptions,
    engine::{Engine, Step},
};
use crate::{Error, ErrorCode, ServerState, error::Class, model::types::Server};

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
    Engine::new(Uuid::nil(), goal, PollOptions { limit: Duration::from_secs(limit), ..PollOptions::default() })
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
    Error::new(Class::Response, "no such server").with_status(404).with_code(ErrorCode::ServerNotFound)
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
    let mut engine = engine(Goal::Reach(ServerState::Started), 60);
    for status in [500, 501, 502, 503, 507, 511, 520, 522, 529, 530, 429] {
        pause(engine.judge(Err(Error::new(Class::Response, "sorry").with_status(status))));
    }
    pause(engine.judge(Err(Error::new(Class::Connect, "nobody there"))));
    advance(Duration::from_secs(60)).await;
    let error = failure(engine.judge(Err(Error::new(Class::Transport, "broken"))));
    assert!(error.is_timeout() && error.to_string().contains("broken"), "{error}");
    let stopped = error.accepted(Some(crate::model::Operation::StopServer), None).to_string();
    assert!(stopped.contains("broken") && !stopped.contains("try again"), "{stopped}");
    let refused = Error::new(Class::Response, "who are you").with_status(401);
    assert!(failure(super::tests::engine(Goal::Vanish, 5).judge(Err(refused))).is_authentication());
}

#[tokio::test(start_paused = true)]
async fn one_garbled_answer_ends_nothing_and_is_told_in_the_end() {
    let mut engine = engine(Goal::Reach(ServerState::Started), 60);
    pause(engine.judge(Err(Error::new(Class::Decode, "garbled").with_status(200))));
    advance(Duration::from_secs(60)).await;
    let error = failure(engine.judge(Err(Error::new(Class::Decode, "garbled").with_status(200))));
    assert!(error.is_timeout() && error.to_string().contains("garbled"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_answer_may_ask_for_a_longer_pause_within_the_limit() {
    let asks = |seconds| {
        Err(Error::new(Class::Response, "busy").with_status(429).with_retry_after(Duration::from_secs(seconds)))
    };
    let mut engine = engine(Goal::Reach(ServerState::Started), 60);
    assert_eq!(pause(engine.judge(asks(20))), Duration::from_secs(20));
    assert_eq!(pause(engine.judge(asks(0))), Duration::from_millis(750), "never a shorter one");
    assert!(failure(engine.judge(asks(3600))).is_timeout(), "a pause beyond the limit is not begun");
}

#[tokio::test(start_paused = true)]
async fn no_time_is_one_look_and_the_longest_time_is_no_limit() {
    for (limit, pauses) in [(Duration::ZERO, false), (Duration::from_nanos(1), false), (Duration::MAX, true)] {
        let begin = Instant::now();
        let mut engine = Engine::new(
            Uuid::nil(),
            Goal::Reach(ServerState::Started),
            PollOptions { limit, ..PollOptions::default() },
        );
        assert!(limit.is_zero() == (engine.deadline() - begin == Duration::from_secs(30)), "{limit:?}");
        match engine.judge(Ok(server("maintenance", None))) {
            Step::Again(_) => assert!(pauses, "{limit:?}"),
            Step::Failed(error) => {
                assert!(!pauses && error.is_timeout(), "{error}");
                assert_eq!((error.attempts(), error.last_state()), (1, Some(&ServerState::Maintenance)));
            }
            Step::Done(_) => panic!("done"),
        }
    }
    let mut seen = super::tests::engine(Goal::Reach(ServerState::Started), 0);
    assert!(matches!(seen.judge(Ok(server("started", None))), Step::Done(Some(_))));
}

#[tokio::test(start_paused = true)]
async fn no_duration_is_too_long_or_too_short() {
    let durations =
        [Duration::ZERO, Duration::from_nanos(1), Duration::MAX.saturating_sub(Duration::from_nanos(1)), Duration::MAX];
    for first in durations {
        for longest in durations {
            for limit in durations {
                let mut poll = PollOptions { limit, ..PollOptions::default() };
                poll.every(first, longest);
                let mut engine = Engine::new(Uuid::nil(), Goal::Leave(ServerState::Maintenance), poll.begun());
                let asked = Error::new(Class::Response, "").with_status(503).with_retry_after(longest);
                for look in [Ok(server("maintenance", None)), Err(asked), Ok(server("maintenance", None))] {
                    if let Step::Again(pause) = engine.judge(look) {
                        assert!(pause >= Duration::from_millis(1), "no busy loop: {pause:?}");
                    }
                }
                assert!(engine.over().is_timeout());
            }
        }
    }
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

fn restart(begins_within: u64, surely: bool) -> Engine {
    engine(Goal::Restart { begins_within: Duration::from_secs(begins_within), surely }, 600)
}

#[tokio::test(start_paused = true)]
async fn a_restart_is_over_when_the_server_was_something_else_in_between() {
    for surely in [true, false] {
        let mut engine = restart(90, surely);
        // The first looks may come before it begins.
        pause(engine.judge(Ok(server("started", None))));
        advance(Duration::from_secs(60)).await;
        pause(engine.judge(Ok(server("started", None))));
        pause(engine.judge(Ok(server("maintenance", None))));
        assert!(matches!(engine.judge(Ok(server("started", None))), Step::Done(Some(_))));
    }
    assert!(failure(restart(0, true).judge(Ok(server("error", None)))).is_wait_failed());
    let mut stays_down = restart(0, true);
    pause(stays_down.judge(Ok(server("maintenance", None))));
    pause(stays_down.judge(Ok(server("stopped", None))));
    assert!(failure(stays_down.judge(Ok(server("stopped", None)))).is_wait_failed());
}

#[tokio::test(start_paused = true)]
async fn a_restart_that_no_look_sees_has_happened_only_if_nothing_could_prevent_it() {
    for (within, surely) in [(0, true), (90, true), (90, false)] {
        let mut engine = restart(within, surely);
        let begin = Instant::now();
        let end = loop {
            match engine.judge(Ok(server("started", None))) {
                Step::Again(pause) => advance(pause).await,
                end => break end,
            }
        };
        let waited = begin.elapsed().as_secs();
        assert!((within + 10..within + 16).contains(&waited), "two of the longest pauses more: {waited}");
        match end {
            Step::Done(Some(_)) => assert!(surely),
            Step::Failed(error) => {
                assert!(!surely && error.is_wait_failed(), "{error}");
                assert_eq!(error.last_state(), Some(&ServerState::Started));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_came_before_a_wait_can_count() {
    let poll = PollOptions { limit: Duration::from_secs(10), ..PollOptions::default() }.begun();
    advance(Duration::from_secs(8)).await;
    let mut engine = Engine::new(Uuid::nil(), Goal::Reach(ServerState::Started), poll);
    let begin = Instant::now();
    assert_eq!(engine.deadline() - begin, Duration::from_secs(2));
    let error = loop {
        match engine.judge(Ok(server("maintenance", None))) {
            Step::Again(pause) => advance(pause).await,
            Step::Failed(error) => break error,
            Step::Done(_) => panic!("done"),
        }
    };
    assert!(begin.elapsed() < Duration::from_secs(2));
    assert!(error.to_string().contains("within 10s"), "the limit as the caller said it: {error}");
}

/// What a look gives.
#[derive(Clone, Copy, Debug)]
enum Gives {
    State(&'static str, Option<u64>),
    Status(u16),
    Broken,
}

fn gives() -> impl Strategy<Value = Gives> {
    let states = prop::sample::select(vec!["started", "stopped", "maintenance", "maintenance", "error", "new"]);
    prop_oneof![
        5 => (states, prop::option::of(0..100_u64)).prop_map(|(state, progress)| Gives::State(state, progress)),
        2 => prop::sample::select(vec![404, 429, 500, 503, 401]).prop_map(Gives::Status),
        1 => Just(Gives::Broken),
    ]
}

fn goals() -> impl Strategy<Value = fn() -> Goal<Server>> {
    let goals: Vec<fn() -> Goal<Server>> = vec![
        || Goal::Reach(ServerState::Started),
        || Goal::Reach(ServerState::Stopped),
        || Goal::Leave(ServerState::Maintenance),
        || Goal::Meet(Box::new(|server| server.progress == Some(50))),
        || Goal::Restart { begins_within: Duration::from_secs(9), surely: true },
        || Goal::Restart { begins_within: Duration::from_secs(9), surely: false },
        || Goal::Vanish,
    ];
    prop::sample::select(goals)
}

proptest! {
    #[test]
    fn no_wait_outlives_its_limit_whatever_it_sees(
        goal in goals(),
        looks in vec(gives(), 1..30),
        limit in prop_oneof![4 => 0..600_000_u64, 1 => any::<u64>()],
        first in any::<u64>(),
        longest in any::<u64>(),
    ) {
        let mut poll = PollOptions { limit: Duration::from_millis(limit), ..PollOptions::default() };
        poll.every(Duration::from_millis(first % 10_000), Duration::from_millis(longest % 60_000));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(async {
            let begin = Instant::now();
            let mut engine = Engine::new(Uuid::nil(), goal(), poll);
            let mut before = Duration::ZERO;
            for look in looks {
                let look = match look {
                    Gives::State(state, progress) => Ok(server(state, progress)),
                    Gives::Status(status) => Err(Error::new(Class::Response, "scripted").with_status(status)),
                    Gives::Broken => Err(Error::new(Class::Transport, "scripted")),
                };
                match engine.judge(look) {
                    Step::Again(pause) => {
                        prop_assert!(pause >= poll.first && pause <= poll.longest, "{pause:?}");
                        prop_assert!(pause >= before || pause == poll.first, "only what moves makes pauses shorter");
                        before = pause;
                        advance(pause).await;
                        prop_assert!(begin.elapsed() < poll.limit);
                    }
                    Step::Failed(error) => {
                        prop_assert!(error.attempts() > 0 || error.status().is_some());
                        break;
                    }
                    Step::Done(_) => break,
                }
            }
            Ok(())
        })?;
    }
}
