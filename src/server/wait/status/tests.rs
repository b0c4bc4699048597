//! What a wait reads of a list, and what that costs.

use allocation_counter::measure;
use serde_json::{Value, json};

use super::{super::set::Set, *};
use crate::{
    model::types::ServersResponse,
    server::wait::{Goal, PollOptions},
};

fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn wanted(numbers: impl IntoIterator<Item = u128>, whole: bool) -> Wanted {
    Wanted { uuids: Arc::new(numbers.into_iter().map(uuid).collect()), whole }
}

/// A server as a list tells of it.
fn server(number: u128, state: &str) -> Value {
    json!({
        "core_number": "1", "created": 1_700_000_000_u64, "host": 7_653_311_107_u64, "hostname": "web-1.example.net",
        "labels": {"label": [{"key": "env", "value": "prod"}]}, "license": 0, "memory_amount": "1024",
        "plan": "1xCPU-1GB", "plan_ipv4_bytes": "0", "plan_ipv6_bytes": "0", "simple_backup": "no", "state": state,
        "tags": {"tag": ["a"]}, "title": "web", "uuid": uuid(number), "zone": "de-fra1",
    })
}

fn answer(servers: &[Value]) -> Vec<u8> {
    json!({"servers": {"server": servers}}).to_string().into_bytes()
}

fn told(list: &List) -> Vec<(u128, &str)> {
    list.statuses.iter().map(|status| (status.uuid.as_u128(), status.state.as_str())).collect()
}

/// What becomes of servers that are done.
fn done(list: List) -> Vec<Outcome> {
    let events = list.statuses.into_iter().map(|status| (status.uuid, Ok(Some(status)))).collect();
    Bodies(vec![list.body]).complete(events)
}

fn read(body: &[u8], wanted: &Wanted) -> Result<List, serde_json::Error> {
    Ok(List { body: body.to_vec(), ..reading::list(body, wanted)? })
}

#[test]
fn a_list_is_read_like_every_answer_in_whatever_form() {
    let (one, two) = (server(1, "started"), server(2, "on fire"));
    let both = json!([one, two]);
    let strange = [
        json!(null),
        json!(true),
        json!(-1),
        json!(7),
        json!(0.5),
        json!("x"),
        json!([]),
        json!([[1]]),
        json!({}),
        json!({"state": "started"}),
        json!({"uuid": null}),
        json!({"uuid": "", "state": "started"}),
        json!({"uuid": 7}),
        json!({"uuid": "no"}),
        json!({"uuid": [uuid(1)]}),
        json!({"uuid": {"uuid": uuid(1)}}),
        json!({"uuid": format!(" {} ", uuid(1)), "state": " "}),
        json!({"uuid": uuid(1).simple().to_string()}),
        json!({"uuid": uuid(1), "state": null}),
        json!({"uuid": uuid(1), "state": 5}),
        json!({"uuid": uuid(1), "state": 5.0}),
        json!({"uuid": uuid(1), "state": true}),
        json!({"uuid": uuid(1), "state": ["started"]}),
        json!({"uuid": uuid(1), "state": {"a": "started"}}),
        json!({"uuid": uuid(1), "state": "a \"quoted\" \u{e9}"}),
    ];
    let mut answers = vec![
        json!({"servers": {"server": both}}),
        json!({"servers": both}),
        json!({"servers": {"server": both, "x": [1]}}),
        json!({"servers": {"host": both}}),
        json!({"servers": {"server": null}}),
        json!({"servers": null}),
        json!({"servers": {}}),
        json!({"servers": []}),
        json!({"servers": {"server": {}}}),
        json!({"servers": ""}),
        json!({"servers": 7}),
        json!({"servers": {"server": one}}),
        json!({"servers": {"server": {"server": both}}}),
        json!({}),
        json!([]),
        both.clone(),
        json!(null),
        json!({"server": both}),
        json!({"next": [1], "servers": both}),
        json!({"servers": {"server": strange}}),
    ];
    answers.extend(strange.iter().map(|strange| json!({"servers": {"server": [one, strange, two]}})));
    let mut texts: Vec<String> = answers.iter().map(Value::to_string).collect();
    texts.extend([
        format!(r#"{{"servers":{{"server":[{one}]}},"servers":{{"server":[{two}]}}}}"#),
        format!(r#"{{"servers":{{"server":[{one}],"s\u0065rver":[{two}]}}}}"#),
        format!(r#"{{"s\u0065rvers":{{"server":[{{"u\u0075id":"{}","state":"st\u0061rted"}}]}}}}"#, uuid(1)),
        format!(r#"{{"servers":{{"server":[{one}]}}}} x"#),
        format!(r#"{{"servers":{{"server":[{one}]"#),
        String::new(),
    ]);
    let (mut good, mut bad) = (0, 0);
    for text in texts {
        let light = read(text.as_bytes(), &wanted([1, 2], false));
        let at_once = read(text.as_bytes(), &wanted([1, 2], true));
        match serde_json::from_str::<ServersResponse>(&text) {
            Ok(ServersResponse { servers, .. }) => {
                let (light, at_once) = (light.expect(&text), at_once.expect(&text));
                assert_eq!(light.unreadable, servers.unreadable().len(), "{text}");
                let states: Vec<_> =
                    servers.iter().map(|server| (server.uuid.as_u128(), server.state.as_str())).collect();
                assert_eq!(told(&light), states, "{text}");
                assert_eq!(light.uuids, at_once.uuids, "{text}");
                let seen: Vec<_> = at_once.statuses.iter().filter_map(Status::server).collect();
                assert_eq!(seen, servers.iter().collect::<Vec<_>>(), "{text}");
                let completed: Vec<_> =
                    done(light).into_iter().map(|(_, server)| server.expect("read").expect("there")).collect();
                assert_eq!(completed, servers.to_vec(), "{text}");
                good += 1;
            }
            Err(error) => {
                assert_eq!(light.expect_err(&text).to_string(), error.to_string());
                assert_eq!(at_once.expect_err(&text).to_string(), error.to_string());
                bad += 1;
            }
        }
    }
    assert!(good > 30 && bad > 8, "{good} {bad}");
}

#[test]
fn progress_is_read_where_it_is_told() {
    for (progress, read) in [
        (json!(50), Some(50)),
        (json!("50"), Some(50)),
        (json!(50.0), Some(50)),
        (json!(""), None),
        (json!(-1), None),
        (json!([1]), None),
        (json!(null), None),
    ] {
        let body = answer(&[json!({"progress": progress, "uuid": uuid(1), "state": "maintenance"})]);
        let list = reading::list(&body, &wanted([1], false)).expect("a list");
        assert_eq!(list.statuses[0].progress(), read, "{progress}");
    }
}

#[test]
fn nothing_is_kept_of_a_server_that_nobody_waits_for() {
    let body = answer(&[server(1, "started"), server(2, "started"), server(3, "error")]);
    for whole in [false, true] {
        let list = read(&body, &wanted([3, 4], whole)).expect("a list");
        assert_eq!((told(&list), list.uuids.len()), (vec![(3, "error")], 3));
        assert_eq!(list.statuses[0].server().is_some(), whole);
        assert_eq!(done(list).len(), 1);
    }
}

#[test]
fn servers_of_several_pages_are_completed_from_their_own() {
    let pages =
        [answer(&[server(1, "started"), server(2, "started")]), answer(&[server(3, "error"), server(4, "stopped")])];
    let mut events = Vec::new();
    for (number, page) in pages.iter().enumerate() {
        let list = reading::list(page, &wanted(1..=4, false)).expect("a list");
        events.extend(list.statuses.into_iter().map(|status| (status.uuid, Ok(Some(status.of(number))))));
    }
    events.swap(0, 2);
    events.push((uuid(5), Ok(None)));
    events.push((uuid(6), Err(Error::new(Class::Timeout, "late"))));
    let outcomes = Bodies(pages.into()).complete(events);
    let states: Vec<_> = outcomes
        .iter()
        .map(|(uuid, outcome)| {
            let server = outcome.as_ref().ok().and_then(Option::as_ref);
            assert!(server.is_none_or(|server| server.uuid == *uuid));
            server.map_or("", |server| server.state.as_str())
        })
        .collect();
    assert_eq!(states, ["error", "started", "started", "stopped", "", ""]);
}

#[test]
fn an_element_that_is_too_deep_disturbs_only_itself() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let text = format!(
        r#"{{"servers":{{"server":[{},{{"x":{deep},"uuid":"{}","state":"started"}},{}]}}}}"#,
        server(1, "started"),
        uuid(2),
        server(3, "started")
    );
    assert!(serde_json::from_str::<ServersResponse>(&text).is_err(), "a whole reading fails for all");
    let list = read(text.as_bytes(), &wanted([1, 3], false)).expect("a list");
    assert!(done(list).iter().all(|(_, server)| server.is_ok()));
    let list = read(text.as_bytes(), &wanted([2], false)).expect("a list");
    let [(_, outcome)] = done(list).try_into().expect("one");
    assert!(outcome.expect_err("too deep").is_decode());
}

/// How much is allocated by this.
fn cost<T>(run: impl FnOnce() -> T) -> u64 {
    let mut result = None;
    measure(|| result = Some(run())).count_total
}

#[tokio::test(start_paused = true)]
async fn a_tick_over_many_servers_costs_what_it_must() {
    const SERVERS: u64 = 10_000;
    let servers: Vec<Value> = (0..SERVERS).map(|number| server(number.into(), "maintenance")).collect();
    let body = answer(&servers);
    let before = cost(|| serde_json::from_slice::<ServersResponse>(&body).expect("a list").servers.len());
    let tick = |awaited: u64, whole: bool, goal: fn() -> Goal<Status>| {
        let numbers = 0..u128::from(awaited);
        let uuids: Vec<Uuid> = numbers.clone().map(uuid).collect();
        let wanted = wanted(numbers, whole);
        let mut set = Set::new(&uuids, goal, PollOptions::default());
        cost(|| {
            let list = reading::list(&body, &wanted).expect("a list");
            let events = set.listed(Ok(list.statuses));
            let ended = events.len();
            // The body is there anyway.
            (Bodies(vec![if ended > 0 { body.clone() } else { Vec::new() }]).complete(events), ended)
        })
    };
    let started = || Goal::Reach(ServerState::Started);
    let one = tick(1, false, started);
    let all = tick(SERVERS, false, started);
    let ended = tick(10, false, || Goal::Reach(ServerState::Maintenance));
    let met = tick(1, true, || Goal::Meet(Box::new(|status| status.server().is_none())));
    assert!(before > 10 * SERVERS, "{before}: the answer is a real one");
    assert!(one < 100 && all < 100, "{one} {all}: none per server, awaited or not");
    assert!(ended < 100 + 10 * 100, "{ended}: only servers that end are read");
    assert!(met < 200, "{met}: only servers that are awaited are read");
}
