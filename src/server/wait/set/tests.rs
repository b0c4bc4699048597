//! The rules of a wait for many, on paused time and without a network.

use std::time::Duration;

use proptest::{collection::vec, prelude::*};
use serde_json::json;
use tokio::time::advance;

use super::*;
use crate::{ErrorCode, ServerState, error::Class, model::types::ServerSummary};

const LIMIT: Duration = Duration::from_secs(600);

fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn summary(number: u128, state: &str) -> ServerSummary {
    serde_json::from_value(json!({
        "core_number": "1", "hostname": "a.example.net", "license": 0, "memory_amount": "1024", "plan": "custom",
        "state": state, "tags": [], "title": "a", "uuid": uuid(number), "zone": "de-fra1",
    }))
    .expect("a server")
}

fn server(number: u128, state: &str) -> Status {
    summary(number, state).into()
}

fn set(numbers: impl IntoIterator<Item = u128>, goal: impl Fn() -> Goal<Status>) -> Set {
    let uuids: Vec<Uuid> = numbers.into_iter().map(uuid).collect();
    Set::new(&uuids, goal, PollOptions { limit: LIMIT, ..PollOptions::default() })
}

fn started() -> Goal<Status> {
    Goal::Reach(ServerState::Started)
}

fn failed(class: Class, status: u16) -> Error {
    let error = Error::new(class, "scripted").with_status(status);
    if status == 404 { error.with_code(ErrorCode::ServerNotFound) } else { error }
}

/// The servers of the events, with what became of them: the state, `gone`, or the beginning of the error.
fn told(events: Vec<Event>) -> Vec<(u128, String)> {
    let tell = |outcome: Result<Option<Status>, Error>| match outcome {
        Ok(Some(server)) => server.state.to_string(),
        Ok(None) => "gone".to_owned(),
        Err(error) => error.to_string(),
    };
    events.into_iter().map(|(uuid, outcome)| (uuid.as_u128(), tell(outcome))).collect()
}

/// The set sees a list of these servers.
fn look<const N: usize>(set: &mut Set, servers: [(u128, &str); N]) -> Vec<Event> {
    set.listed(Ok(servers.into_iter().map(|(number, state)| server(number, state)).collect()))
}

#[tokio::test(start_paused = true)]
async fn each_server_ends_alone() {
    let mut set = set(1..=4, started);
    let events = look(&mut set, [(1, "started"), (2, "error"), (3, "maintenance"), (4, "maintenance")]);
    let events = told(events);
    assert_eq!(events[0], (1, "started".to_owned()));
    assert!(events[1].0 == 2 && events[1].1.contains("state error"), "{events:?}");
    assert_eq!(events.len(), 2, "the others go on");
    assert_eq!(told(look(&mut set, [(4, "started"), (3, "maintenance")])), [(4, "started".to_owned())]);
    assert!(!set.is_done());
    assert_eq!(told(look(&mut set, [(3, "started")])), [(3, "started".to_owned())]);
    assert!(set.is_done());
}

#[tokio::test(start_paused = true)]
async fn a_server_that_was_never_seen_is_forgiven_for_a_while() {
    let mut set = set([1, 2], started);
    let gone = |set: &mut Set, number| set.asked(vec![(uuid(number), Err(failed(Class::Response, 404)))]);
    assert!(look(&mut set, []).is_empty());
    assert_eq!(set.unsure(8), [uuid(1)], "one is asked for, to tell whether the list is whole");
    assert!(gone(&mut set, 1).is_empty() && !set.by_pages());
    assert!(look(&mut set, []).is_empty());
    assert!(set.unsure(8).is_empty(), "they may not be visible yet");
    advance(Duration::from_secs(31)).await;
    assert!(look(&mut set, []).is_empty());
    assert_eq!(set.unsure(8), [uuid(1), uuid(2)], "closer looks decide");
    for number in [1, 2] {
        let events = gone(&mut set, number);
        assert!(events[0].1.as_ref().is_err_and(Error::is_not_found));
    }
    assert!(set.is_done());
}

#[tokio::test(start_paused = true)]
async fn servers_on_another_page_are_not_waited_for() {
    let mut set = set([1, 2, 3], started);
    look(&mut set, [(1, "maintenance")]);
    assert_eq!(set.unsure(8), [uuid(2)]);
    let events = set.asked(vec![(uuid(2), Ok(server(2, "started")))]);
    assert_eq!(told(events), [(2, "started".to_owned())]);
    assert!(set.by_pages(), "at once, not after half a minute");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_vanishes_from_the_list_is_looked_at_closely_and_at_once() {
    let mut set = set([1, 2], started);
    look(&mut set, [(1, "maintenance"), (2, "maintenance")]);
    assert!(look(&mut set, [(2, "maintenance")]).is_empty());
    assert_eq!(set.unsure(8), [uuid(1)]);
    let events = told(set.asked(vec![(uuid(1), Err(failed(Class::Response, 404)))]));
    assert!(events.len() == 1 && events[0].1.contains("was deleted"), "{events:?}");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_not_whole_is_read_by_pages_from_then_on() {
    let mut set = set(1..=20, || Goal::Vanish);
    assert!(!set.by_pages());
    look(&mut set, [(1, "stopped")]);
    let first = set.unsure(8);
    assert_eq!(first.len(), 8, "so many at the same time and no more");
    let looks = first.iter().map(|uuid| (*uuid, Ok(server(uuid.as_u128(), "stopped")))).collect();
    assert!(set.asked(looks).is_empty());
    assert!(set.by_pages(), "the list lacked servers that are there");
    assert!(set.unsure(8).is_empty(), "what else it lacked says nothing");
    // A whole list that lacks one: a closer look, and only for that one.
    let whole = (1..=19).map(|number| server(number, "stopped")).collect();
    set.listed(Ok(whole));
    assert_eq!(set.unsure(8), [uuid(20)]);
    assert_eq!(told(set.asked(vec![(uuid(20), Err(failed(Class::Response, 404)))])), [(20, "gone".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn trouble_is_ridden_out_and_named_when_time_is_over() {
    let mut set = set([1, 2], started);
    look(&mut set, [(1, "maintenance")]);
    for status in [429, 500, 502, 503, 504] {
        assert!(set.listed(Err(failed(Class::Response, status))).is_empty(), "{status}");
    }
    assert!(set.listed(Err(Error::new(Class::Connect, "nobody there"))).is_empty());
    let events = told(set.over());
    assert_eq!(events.len(), 2);
    assert!(events[0].1.contains("it was maintenance when it was last seen") && events[0].1.contains("nobody there"));
    assert!(events[1].1.contains("it was never seen") && events[1].1.contains("nobody there"), "{events:?}");
    assert!(set.is_done());
}

#[tokio::test(start_paused = true)]
async fn what_ends_for_all_is_said_once_and_counts_its_looks() {
    let mut set = set(1..=1000, started);
    for status in [501, 507, 522, 529] {
        assert!(set.listed(Err(failed(Class::Response, status))).is_empty(), "{status}");
    }
    assert!(set.listed(Err(failed(Class::Decode, 200))).is_empty(), "one garbled answer ends nothing");
    let trouble = Error::new(Class::Response, "x".repeat(1 << 20)).with_status(503);
    set.listed(Err(trouble));
    let events = set.over();
    assert_eq!(events.len(), 1000);
    for (_, outcome) in &events {
        let error = outcome.as_ref().expect_err("nobody was seen");
        assert_eq!(error.attempts(), 6, "so many lists were asked for");
        assert!(error.message().len() < 200, "the trouble is shared");
    }
    let mut set = super::tests::set(1..=1000, started);
    let refusal = Error::new(Class::Response, "x".repeat(1 << 20)).with_status(403);
    for (_, outcome) in set.listed(Err(refusal.clone())) {
        let error = outcome.expect_err("refused");
        assert!(error.is_forbidden() && std::ptr::eq(error.message(), refusal.message()), "one text for all");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_may_ask_for_a_longer_pause() {
    let mut set = set([1], started);
    let asks = |seconds| failed(Class::Response, 503).with_retry_after(Duration::from_secs(seconds));
    set.listed(Err(asks(40)));
    assert_eq!(set.pause(), Some(Duration::from_secs(40)));
    set.listed(Err(asks(0)));
    assert_eq!(set.pause(), Some(Duration::from_millis(750)), "never a shorter one");
    set.asked(vec![(uuid(1), Err(asks(9)))]);
    assert_eq!(set.pause(), Some(Duration::from_secs(9)));
    set.listed(Err(asks(u64::MAX)));
    assert_eq!(set.pause(), None, "not beyond the limit");
}

#[tokio::test(start_paused = true)]
async fn trouble_of_a_closer_look_decides_nothing() {
    let mut set = set([1], || Goal::Vanish);
    look(&mut set, []);
    assert_eq!(set.unsure(8), [uuid(1)]);
    assert!(set.asked(vec![(uuid(1), Err(failed(Class::Response, 503)))]).is_empty());
    look(&mut set, []);
    assert_eq!(set.unsure(8), [uuid(1)], "it is asked again after the next list");
}

#[tokio::test(start_paused = true)]
async fn credentials_that_are_not_accepted_end_the_wait_for_all() {
    let mut set = set([1, 2], started);
    let events = set.listed(Err(failed(Class::Response, 401)));
    assert_eq!(events.len(), 2);
    assert!(events.iter().all(|(_, outcome)| outcome.as_ref().is_err_and(Error::is_authentication)));
    assert!(set.is_done());
}

#[tokio::test(start_paused = true)]
async fn any_condition_can_be_waited_for() {
    let mut set =
        set([1, 2], || Goal::Meet(Box::new(|server| server.server().is_some_and(|server| server.host.is_some()))));
    let on_host = ServerSummary { host: Some(7), ..summary(1, "error") }.into();
    let events = set.listed(Ok(vec![on_host, server(2, "error")]));
    assert_eq!(told(events), [(1, "error".to_owned())], "the state is the condition's business");
}

#[tokio::test(start_paused = true)]
async fn one_that_moves_shortens_the_pauses_of_all() {
    let mut set = set([1, 2], started);
    let mut pauses = Vec::new();
    for _ in 0..10 {
        look(&mut set, [(1, "maintenance"), (2, "maintenance")]);
        pauses.extend(set.pause());
    }
    assert_eq!((pauses[0], pauses[9]), (Duration::from_millis(500), Duration::from_secs(5)));
    look(&mut set, [(1, "started"), (2, "maintenance")]);
    assert_eq!(set.pause(), Some(Duration::from_millis(500)));
}

proptest! {
    #[test]
    fn every_server_ends_once_and_in_time_whatever_the_lists_tell(
        ticks in vec(prop_oneof![
            1 => Just(None),
            4 => vec(prop::sample::select(vec!["started", "stopped", "maintenance", "error", "new", "absent"]), 6).prop_map(Some),
        ], 0..40),
        closer in vec(prop::sample::select(vec![200_u16, 404, 503]), 40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime").block_on(async {
            let begin = Instant::now();
            let mut set = set(0..6, started);
            let mut ended = Vec::new();
            let mut closer = closer.into_iter().cycle();
            let mut ticks = ticks.into_iter().chain(std::iter::repeat(Some(vec!["maintenance"; 6])));
            while !set.is_done() {
                let events = match ticks.next().flatten() {
                    None => set.listed(Err(failed(Class::Response, 503))),
                    Some(states) => {
                        let there = (0..).zip(states).filter(|(_, state)| *state != "absent");
                        set.listed(Ok(there.map(|(number, state)| server(number, state)).collect()))
                    }
                };
                ended.extend(events.into_iter().map(|(uuid, _)| uuid));
                let unsure = set.unsure(8).into_iter().map(|uuid| match closer.next() {
                    Some(200) => (uuid, Ok(server(uuid.as_u128(), "maintenance"))),
                    Some(status) => (uuid, Err(failed(Class::Response, status))),
                    None => unreachable!("it cycles"),
                });
                let unsure = unsure.collect();
                ended.extend(set.asked(unsure).into_iter().map(|(uuid, _)| uuid));
                match set.pause() {
                    Some(pause) => advance(pause).await,
                    None => ended.extend(set.over().into_iter().map(|(uuid, _)| uuid)),
                }
            }
            prop_assert!(begin.elapsed() <= LIMIT, "{:?}", begin.elapsed());
            ended.sort();
            prop_assert_eq!(ended, (0..6).map(uuid).collect::<Vec<_>>());
            Ok(())
        })?;
    }
}
