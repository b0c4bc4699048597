//! What becomes of a create whose answer was lost: what a naive program does next, and what `find_lost` says of lists that
//! are filtered, unfiltered, endless, slow, or tell another time; and what an answer that broke off has told.

#[path = "lost/wire.rs"]
mod wire;

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use contract::watched;
use httpmock::{HttpMockRequest, HttpMockResponse, MockServer};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use upcloud::{
    Client, CreateServer, Error, ErrorKind, RetryPolicy, Secret, Server,
    calls::Operation,
    fake::{CannedResponse, NATIVE_TEMPLATE},
    types::CreateServerGroup,
};
use uuid::Uuid;
use wire::wire;

const SERVER: Uuid = Uuid::from_u128(7);
const OTHER: Uuid = Uuid::from_u128(8);
const HOSTNAME: &str = "a.example.net";
const LABEL: &str = "upcloud-rust-create";

/// The time of the service.
#[derive(Clone, Copy)]
enum Clock {
    /// So many seconds off ours.
    Off(i64),
    /// Its answers do not tell.
    Untold,
}

impl Clock {
    fn now(self) -> i64 {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
        i64::try_from(now).expect("a small number") + if let Self::Off(seconds) = self { seconds } else { 0 }
    }

    fn header(self) -> String {
        let Self::Off(_) = self else { return "once upon a time".to_owned() };
        httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(self.now().unsigned_abs()))
    }
}

/// A thing in a list; `created` is in seconds before now, `label` the value of our label.
#[derive(Clone, Debug)]
struct Item {
    uuid: Uuid,
    name: &'static str,
    ago: Option<i64>,
    label: Option<Label>,
    members: Vec<Uuid>,
}

#[derive(Clone, Debug)]
enum Label {
    /// What the create carried.
    Ours,
    Pair(&'static str, &'static str),
}

fn item(uuid: Uuid, name: &'static str) -> Item {
    Item { uuid, name, ago: None, label: None, members: Vec::new() }
}

/// A service that loses the create, ignores every filter and lists these things.
async fn service(clock: Clock, items: Vec<Item>) -> (MockServer, Client) {
    let mock = MockServer::start_async().await;
    let trace: Arc<Mutex<String>> = Arc::default();
    mock.mock_async(move |when, then| {
        when.any_request();
        then.respond_with(move |request: &HttpMockRequest| {
            let answer = |status: u16, body: &Value| {
                let response = HttpMockResponse::builder().status(status).header("date", clock.header());
                response.header("content-type", "application/json").body(body.to_string()).build()
            };
            if request.method_str() == "POST" {
                let body: Value = serde_json::from_slice(request.body_ref()).expect("JSON");
                let text = body.to_string();
                let value = text.split_once(LABEL).and_then(|(_, rest)| rest.split('"').nth(4).map(str::to_owned));
                *trace.lock().expect("a lock") = value.unwrap_or_default();
                return answer(502, &Value::Null);
            }
            let labels = |item: &Item| match &item.label {
                Some(Label::Ours) => json!([{"key": LABEL, "value": *trace.lock().expect("a lock")}]),
                Some(Label::Pair(key, value)) => json!([{"key": key, "value": value}]),
                None => json!([]),
            };
            let server = |item: &Item| {
                json!({
                    "boot_order": "disk", "core_number": "1", "created": item.ago.map(|ago| clock.now() - ago),
                    "firewall": "on", "hostname": item.name, "ip_addresses": [], "labels": {"label": labels(item)},
                    "license": 0, "memory_amount": "1024", "nic_model": "virtio", "plan": "custom",
                    "plan_ipv4_bytes": "0", "plan_ipv6_bytes": "0", "remote_access_enabled": "no",
                    "remote_access_password": "", "state": "started", "storage_devices": [], "tags": [],
                    "timezone": "UTC", "title": "a", "uuid": item.uuid, "video_model": "vga", "zone": "de-fra1",
                })
            };
            let path = request.uri().path().to_owned();
            let all = items.iter();
            if path.ends_with("/server-group") {
                let groups: Vec<Value> = all
                    .map(|item| {
                        json!({
                            "uuid": item.uuid, "title": item.name, "labels": {"label": labels(item)},
                            "servers": {"server": item.members}, "anti_affinity": "no", "anti_affinity_status": [],
                        })
                    })
                    .collect();
                answer(200, &json!({"server_groups": {"server_group": groups}}))
            } else if path.ends_with("/server") {
                answer(200, &json!({"servers": {"server": all.map(server).collect::<Vec<_>>()}}))
            } else {
                let one = items.iter().find(|item| path.ends_with(&item.uuid.to_string())).expect("a listed one");
                answer(200, &json!({"server": server(one)}))
            }
        });
    })
    .await;
    let client = Client::builder().token("t").base_url(mock.base_url()).retry(RetryPolicy::off()).build();
    (mock, client.expect("a client"))
}

fn new_server() -> CreateServer {
    CreateServer::from_template(HOSTNAME, "de-fra1", Uuid::nil())
}

async fn lost_server(clock: Clock, traceable: bool, items: Vec<Item>) -> Result<Option<Server>, Error> {
    let (_mock, client) = service(clock, items).await;
    let create = client.servers().create(new_server());
    let create = if traceable { create.traceable() } else { create };
    let error = create.await.expect_err("lost");
    assert!(error.is_lost_create());
    client.servers().find_lost(&error).limit(Duration::ZERO).await
}

/// Nobody who sees this creates again.
fn still_lost(error: &Error) {
    assert!(error.is_lost_create() && error.may_have_taken_effect() && !error.is_transient(), "{error}");
    assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error}");
}

#[tokio::test]
async fn somebody_elses_server_is_never_handed_back() {
    let young = |uuid, label| Item { ago: Some(0), label, ..item(uuid, HOSTNAME) };
    let others = [
        vec![young(OTHER, None)],
        vec![young(OTHER, Some(Label::Pair(LABEL, "another create")))],
        vec![young(OTHER, Some(Label::Pair("env", "prod"))), item(SERVER, "b.example.net")],
        vec![],
    ];
    for others in others {
        let found = lost_server(Clock::Off(0), true, others.clone()).await.expect("the label decides");
        assert_eq!(found, None, "{others:?}");
        let ours = Item { label: Some(Label::Ours), ..item(SERVER, "renamed.example.net") };
        let found = lost_server(Clock::Untold, true, [vec![ours], others].concat()).await.expect("by its label");
        assert_eq!(found.map(|server| server.uuid), Some(SERVER));
    }
}

#[tokio::test]
async fn without_a_label_only_the_clock_of_the_service_counts() {
    let made = |ago| Item { ago: Some(ago), ..item(SERVER, HOSTNAME) };
    for off in [0, -600, 600, -86_400, 86_400] {
        let clock = Clock::Off(off);
        let found = lost_server(clock, false, vec![made(0), item(OTHER, "b.example.net")]).await.expect("a young one");
        assert_eq!(found.map(|server| server.uuid), Some(SERVER), "{off}");
        assert_eq!(lost_server(clock, false, vec![made(3600)]).await.expect("an old one"), None, "{off}");
        assert_eq!(lost_server(clock, false, vec![]).await.expect("none"), None, "{off}");
        // Somewhere in between, without an age, or beside another one: nobody knows.
        for items in [
            vec![made(60)],
            vec![made(600)],
            vec![made(-600)],
            vec![item(SERVER, HOSTNAME)],
            vec![made(0), Item { uuid: OTHER, ..made(0) }],
            vec![made(0), Item { uuid: OTHER, ..made(60) }],
        ] {
            let error = lost_server(clock, false, items.clone()).await.expect_err("nobody knows");
            assert!(error.is_undecided() && error.to_string().contains(&SERVER.to_string()), "{items:?}: {error}");
            still_lost(&error);
        }
    }
    for ago in [0, 60, 3600, 86_400] {
        let error = lost_server(Clock::Untold, false, vec![made(ago)]).await.expect_err("nobody knows");
        assert!(error.is_undecided(), "{ago}: {error}");
    }
    assert_eq!(lost_server(Clock::Untold, false, vec![item(OTHER, "b.example.net")]).await.expect("none"), None);
}

#[tokio::test]
async fn groups_are_checked_too() {
    let group =
        |title: &'static str, members: &[Uuid], label| Item { members: members.to_vec(), label, ..item(SERVER, title) };
    let ours = Some(Label::Ours);
    let foreign = Some(Label::Pair(LABEL, "another create"));
    for (traceable, members, items, found) in [
        (true, vec![], vec![group("web", &[], None)], Ok(None)),
        (true, vec![], vec![group("web", &[], foreign)], Ok(None)),
        (true, vec![], vec![group("renamed", &[], ours)], Ok(Some(SERVER))),
        (false, vec![OTHER], vec![group("web", &[OTHER], None)], Ok(Some(SERVER))),
        (false, vec![OTHER], vec![group("web", &[], None)], Err(())),
        (false, vec![], vec![group("web", &[], None)], Err(())),
        (false, vec![], vec![group("db", &[], None)], Ok(None)),
    ] {
        let (_mock, client) = service(Clock::Off(0), items.clone()).await;
        let groups = client.server_groups();
        let create = groups.create(CreateServerGroup::titled("web").servers(members));
        let error = if traceable { create.traceable().await } else { create.await }.expect_err("lost");
        match groups.find_lost(&error).limit(Duration::ZERO).await {
            Ok(group) => assert_eq!(Ok(group.map(|group| group.uuid)), found, "{items:?}"),
            Err(error) => {
                assert!(error.is_undecided() && found.is_err(), "{items:?}: {error}");
                still_lost(&error);
            }
        }
        let wrong = client.servers().find_lost(&error).await.expect_err("it was no server");
        assert!(wrong.is_configuration(), "{wrong}");
    }
}

/// New servers on every page, each page a little late.
#[tokio::test]
async fn a_search_ends_at_its_limit_whatever_the_service_does() {
    for delay in [Duration::from_millis(5), Duration::from_secs(20)] {
        let mock = MockServer::start_async().await;
        let lists = mock
            .mock_async(move |when, then| {
                when.method("GET");
                then.delay(delay).respond_with(|_: &HttpMockRequest| {
                    let page: Vec<Value> = (0..100)
                        .map(|_| {
                            json!({
                                "core_number": "1", "hostname": "x", "labels": [], "license": 0, "memory_amount": "1024",
                                "plan": "custom", "state": "started", "tags": [], "title": "",
                                "uuid": Uuid::from_u128(fastrand::u128(..)), "zone": "de-fra1",
                            })
                        })
                        .collect();
                    let body = json!({"servers": {"server": page}}).to_string();
                    HttpMockResponse::builder().status(200).header("content-type", "application/json").body(body).build()
                });
            })
            .await;
        mock.mock_async(|when, then| {
            when.method("POST");
            then.status(503);
        })
        .await;
        let client = Client::builder().token("t").base_url(mock.base_url()).build().expect("a client");
        for traceable in [true, false] {
            let create = client.servers().create(new_server());
            let error = if traceable { create.traceable().await } else { create.await }.expect_err("lost");
            let begin = Instant::now();
            let limit = Duration::from_secs(1);
            let error = client.servers().find_lost(&error).limit(limit).await.expect_err("no end");
            assert!(begin.elapsed() < 10 * limit, "{delay:?}: {:?}", begin.elapsed());
            assert!(error.is_timeout(), "{error}");
            still_lost(&error);
        }
        assert!(lists.calls_async().await > 0);
    }
}

/// The loops that people write.
#[tokio::test]
async fn a_naive_loop_makes_no_second_server() {
    let loops: [fn(&Error) -> bool; 4] = [
        Error::is_transient,
        Error::is_unavailable,
        |error| error.kind() == ErrorKind::Unavailable,
        Error::is_safe_to_repeat,
    ];
    for canned in [
        CannedResponse::dropped_after(),
        CannedResponse::slow(Duration::from_secs(60)),
        CannedResponse::status(503),
        CannedResponse::status(522),
    ] {
        for again in loops {
            let fake = watched().await;
            let client =
                Client::builder().token("t").base_url(fake.base_url()).timeout(Duration::from_millis(500)).build();
            let servers = client.expect("a client").servers();
            fake.answer_next(Operation::CreateServer, canned.clone());
            let new = || CreateServer::from_template(HOSTNAME, "de-fra1", NATIVE_TEMPLATE).plan("1xCPU-1GB");
            let error = loop {
                match servers.create(new()).await {
                    Err(error) if again(&error) => {}
                    Err(error) => break error,
                    Ok(_) => panic!("a second create was sent: {canned:?}"),
                }
            };
            still_lost(&error);
            let text = error.to_string();
            assert!(text.starts_with("createServer: the request may have taken effect: do not repeat it"), "{text}");
        }
    }
}

#[tokio::test]
async fn what_the_fake_has_made_is_found() {
    let fake = watched().await;
    let servers = fake.client().servers();
    let new = || CreateServer::from_template(HOSTNAME, "de-fra1", NATIVE_TEMPLATE).plan("1xCPU-1GB");
    fake.answer_next(Operation::CreateServer, CannedResponse::dropped());
    let error = servers.create(new()).await.expect_err("lost");
    assert!(servers.find_lost(&error).limit(Duration::ZERO).await.expect("nothing was made").is_none());
    fake.answer_next(Operation::CreateServer, CannedResponse::dropped_after());
    let error = servers.create(new()).await.expect_err("lost");
    let found = servers.find_lost(&error).await.expect("an answer").expect("it was made");
    assert_eq!(found.hostname, HOSTNAME);
}

const WHOLE: &str = r#"{"server":{"hostname":"a","password":"hunter2","username":"root","uuid":"00000000-0000-0000-0000-000000000007","zone":"de-fra1"}}"#;
const GROUP: &str = r#"{"server_group":{"title":"web","uuid":"00000000-0000-0000-0000-000000000007"}}"#;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Broken,
    Late,
    Unread,
}

/// The answer after its status line, whether the connection is closed then, how large it may be, what kind of failure that
/// is, and whether the identifier has come.
type Case = (String, bool, Option<u64>, Kind, bool);

async fn cut_create((answer, closes, most, kind, told): Case) {
    let is_group = answer.contains("server_group");
    // A stall takes its time, and nothing else is to be taken for one.
    let limit = Duration::from_secs(if closes { 60 } else { 2 });
    let base = wire(format!("HTTP/1.1 202 Accepted\r\n{answer}"), closes);
    let client = Client::builder().token("t").base_url(base).attempt_timeout(limit);
    let client = client.max_response_size(most.unwrap_or(1 << 20)).build().expect("a client");
    let error = if is_group {
        client.server_groups().create(CreateServerGroup::titled("web")).await.expect_err("no whole answer")
    } else {
        client.servers().create(new_server()).await.expect_err("no whole answer")
    };
    let case = format!("{answer:?}, {closes}: {error}");
    let found = match (error.is_timeout(), error.is_decode()) {
        (true, false) => Kind::Late,
        (false, true) => Kind::Unread,
        _ => Kind::Broken,
    };
    assert_eq!((found, error.status().map(|status| status.as_u16())), (kind, Some(202)), "{case}");
    still_lost(&error);
    assert_eq!((error.created().is_some(), error.attempts()), (told, 1), "{case}");
    let advice = if told { "`created` tells what was made" } else { "`find_lost` finds" };
    assert!(error.advice().is_some_and(|text| text.contains(advice)), "{case}");
    if let Some(created) = error.created() {
        assert_eq!(created.uuid, SERVER, "{case}");
        let once = created.username.as_deref().zip(created.password.as_ref().map(Secret::expose));
        assert_eq!(once, (!is_group).then_some(("root", "hunter2")), "{case}");
    }
    assert!(!format!("{error} {error:?} {error:#?} {:?}", error.created()).contains("hunter2"), "{case}");
}

/// Whatever happens to the answer after the identifier has come, the error tells what was made.
#[tokio::test]
async fn a_create_whose_answer_is_cut_on_the_wire_tells_what_it_made() {
    let short = |body: &str, more: u64| format!("Content-Length: {}\r\n\r\n{body}", body.len() as u64 + more);
    let chunked = |body: &str| format!("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n", body.len());
    let (first, rest) = WHOLE.split_at(20);
    let pieces = format!("{}{:x}\r\n{rest}\r\n0\r\n\r\n", chunked(first), rest.len());
    let huge = 1 << 40;
    let cut = &WHOLE[..WHOLE.find(r#","zone"#).expect("in it")];
    let early = &WHOLE[..WHOLE.find(r#"","zone"#).expect("in it")];
    let cases = [
        (short(WHOLE, 1), true, None, Kind::Broken, true),
        (short(cut, 100), true, None, Kind::Broken, true),
        (short(early, 100), true, None, Kind::Broken, false),
        (short("", 100), true, None, Kind::Broken, false),
        (chunked(WHOLE), true, None, Kind::Broken, true),
        (chunked(GROUP), true, None, Kind::Broken, true),
        (short(WHOLE, 1), false, None, Kind::Late, true),
        (short(GROUP, 1), false, None, Kind::Late, true),
        (chunked(WHOLE), false, None, Kind::Late, true),
        (short(early, 100), false, None, Kind::Late, false),
        (short(WHOLE, 0), true, Some(50), Kind::Unread, true),
        (short(GROUP, 0), true, Some(50), Kind::Unread, true),
        (pieces, true, Some(50), Kind::Unread, true),
        (chunked(WHOLE), true, Some(50), Kind::Unread, true),
        (chunked(WHOLE), false, Some(50), Kind::Unread, true),
        (short(WHOLE, huge), true, None, Kind::Unread, true),
        (short(WHOLE, huge), false, None, Kind::Unread, true),
        (short(early, huge), false, None, Kind::Unread, false),
    ];
    let mut checks = JoinSet::new();
    for case in cases {
        checks.spawn(cut_create(case));
    }
    while let Some(check) = checks.join_next().await {
        check.expect("as the case says");
    }

    // What others answer with was there before.
    for closes in [true, false] {
        let base = wire(format!("HTTP/1.1 200 OK\r\n{}", short(WHOLE, 1)), closes);
        let client = Client::builder().token("t").base_url(base).attempt_timeout(Duration::from_millis(200));
        let servers = client.retry(RetryPolicy::off()).build().expect("a client").servers();
        for error in [servers.get(SERVER).await.expect_err("cut"), servers.start(SERVER).await.expect_err("cut")] {
            assert!(error.created().is_none() && !error.is_lost_create(), "{error}");
        }
    }
}
