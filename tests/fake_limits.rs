//! The limits of the fake itself: what it takes, how long the largest takes, and that it lives on afterwards.

#[allow(dead_code, reason = "the file is shared with other tests")]
mod fake_http;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Duration, Instant},
};

use fake_http::{Answer, raw};
use serde_json::{Value, json};
use upcloud::{
    Client, CreateServer, ErrorCode, RetryPolicy,
    calls::Operation,
    fake::{CannedResponse, Fake, NATIVE_TEMPLATE, Snapshot},
    types::AntiAffinity,
};

/// More than any of these takes on a busy machine, and less than loops over loops take.
const SOON: Duration = Duration::from_secs(3);

fn wanted() -> CreateServer {
    CreateServer::from_template("web-1.example.com", "fi-hel1", NATIVE_TEMPLATE).plan("1xCPU-1GB")
}

fn impatient(fake: &Fake) -> Client {
    let builder = Client::builder().token("ucat_any").base_url(fake.base_url());
    builder.retry(RetryPolicy::off()).build().expect("a client")
}

fn code(answer: &Answer) -> Value {
    answer.json()["error"]["error_code"].clone()
}

/// A body for a create, with something long in it.
fn body(long: usize) -> String {
    json!({ "server": { "user_data": "x".repeat(long) } }).to_string()
}

/// A create with 30,000 labels.
fn labelled(key: impl Fn(usize) -> String) -> String {
    let labels: Vec<_> = (0..30_000).map(|number| json!({ "key": key(number), "value": "x" })).collect();
    json!({ "server": {
        "hostname": "a", "title": "a", "zone": "fi-hel1", "labels": { "label": labels },
        "storage_devices": { "storage_device": [{ "action": "create", "size": 10, "title": "a" }] },
    }})
    .to_string()
}

#[tokio::test]
async fn long_bodies_are_refused_and_forgotten() {
    let fake = Fake::start().await;
    let fits = raw(&fake, "POST", "/1.3/server", &body(Fake::MOST_BODY - 40)).await;
    assert_eq!((fits.status, code(&fits)), (400, json!("ZONE_MISSING")));
    let answer = raw(&fake, "POST", "/1.3/server", &body(Fake::MOST_BODY)).await;
    assert_eq!((answer.status, code(&answer)), (413, json!("INVALID_REQUEST")));
    assert_eq!(fake.requests().last().map(|request| (request.status, request.body())), Some((413, Value::Null)));
    impatient(&fake).servers().create(wanted()).await.expect("it lives on");
}

#[tokio::test]
async fn orders_are_counted_and_not_copied() {
    let fake = Fake::start().await;
    let begin = Instant::now();
    fake.fail_times(Operation::StopServer, ErrorCode::ServerForbidden, 0);
    fake.answer_next(Operation::ListZones, CannedResponse::status(503).times(u32::MAX));
    fake.answer_next(
        Operation::ListPlans,
        CannedResponse::slow(Duration::from_millis(1)).header("X-Late", "1").times(2),
    );
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    assert_eq!(fake.armed_faults(), 2);
    for _ in 0..3 {
        let error = impatient(&fake).catalog().zones().await.expect_err("ordered");
        assert_eq!(error.status().map(|status| status.as_u16()), Some(503));
    }
    let mut late = Vec::new();
    for _ in 0..3 {
        late.push(impatient(&fake).catalog().plans().send().await.expect("late").headers.contains_key("x-late"));
    }
    assert_eq!((late, fake.armed_faults()), (vec![true, true, false], 1), "a late one is gone when it was given");

    while fake.armed_faults() < Fake::MOST_FAULTS {
        fake.answer_next(Operation::ListTimezones, CannedResponse::status(500));
    }
    for canned in [CannedResponse::status(500), CannedResponse::status(500).delay(Duration::from_secs(1))] {
        let refused = catch_unwind(AssertUnwindSafe(|| fake.answer_next(Operation::ListZones, canned)));
        let said = refused.expect_err("too many").downcast_ref::<String>().cloned().unwrap_or_default();
        assert_eq!(said, "more than 1000 orders cannot wait");
    }
    fake.load(fake.save());
    assert_eq!(fake.armed_faults(), 0);
    impatient(&fake).catalog().zones().await.expect("it lives on");
}

#[tokio::test]
async fn what_is_too_much_is_refused_at_once() {
    let fake = Fake::start().await;
    fake.fill(20_000);
    let uuids: Vec<_> = fake.servers().iter().map(|server| server.uuid).collect();
    let upcloud = impatient(&fake);

    let begin = Instant::now();
    let answer = raw(&fake, "POST", "/1.3/server", &labelled(|number| format!("key-{number}"))).await;
    assert_eq!((answer.status, code(&answer)), (409, json!("LABEL_LIMIT_REACHED")));
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
    let begin = Instant::now();
    let answer = raw(&fake, "POST", "/1.3/server", &labelled(|_| "key".to_owned())).await;
    assert_eq!((answer.status, answer.json()["server"]["labels"]["label"].as_array().map(Vec::len)), (202, Some(1)));
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());

    // A group of all servers, which is shown with where each of them stands.
    let begin = Instant::now();
    let group = fake.add_server_group("all", AntiAffinity::BestEffort, &uuids);
    let shown = upcloud.server_groups().get(group).await.expect("there");
    assert_eq!(shown.anti_affinity_status.len(), uuids.len());
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());

    // A query with as many filters as fit into a request.
    let begin = Instant::now();
    let query = "label=env&".repeat(6_000);
    let answer = raw(&fake, "GET", &format!("/1.3/server?{query}limit=1"), "").await;
    assert_eq!(answer.status, 200);
    assert!(begin.elapsed() < SOON, "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_saved_state_may_hold_any_number() {
    let fake = Fake::start().await;
    let first = fake.client().servers().create(wanted()).await.expect("created");
    let mut saved: Value = serde_json::from_str(&fake.save().to_json()).expect("JSON");
    saved["created"] = json!(u64::MAX);
    saved["ids"] = json!({ "state": u64::MAX, "addresses": u32::MAX });
    saved["next_host"] = json!(u64::MAX);
    saved["servers"][0]["server"]["core_number"] = json!(u64::MAX);
    saved["servers"][0]["server"]["memory_amount"] = json!(1024);
    saved["servers"][0]["running"] =
        json!({ "goal": "stopped", "looks": u32::MAX, "ends": { "in_milliseconds": u64::MAX } });
    fake.load(Snapshot::from_json(&saved.to_string()).expect("a state"));
    let upcloud = impatient(&fake);
    for _ in 0..2 {
        upcloud.servers().create(wanted()).await.expect("created");
    }
    fake.finish_all();
    let path = format!("/1.3/server/{}", first.uuid);
    let answer = raw(&fake, "PUT", &path, r#"{"server": {"memory_amount": 2048}}"#).await;
    assert!(answer.status == 202 || answer.status == 400, "{answer:?}");
    assert_eq!(upcloud.servers().list().await.expect("it lives on").len(), 3);

    for (number, reason) in [("18446744073709551616", "does not belong"), ("-1", "does not belong"), ("", "no JSON")] {
        let text =
            fake.save().to_json().replacen(&format!("\"created\":{}", u64::MAX), &format!("\"created\":{number}"), 1);
        let error = Snapshot::from_json(&text).expect_err(number).to_string();
        assert!(error.contains(reason) && error.contains("line 1, column "), "{number}: {error}");
    }
}

#[tokio::test]
async fn a_dropped_connection_has_no_headers() {
    let said = catch_unwind(|| CannedResponse::dropped().header("X-None", "1")).expect_err("no answer to have it");
    let said = said.downcast_ref::<String>().cloned().unwrap_or_default();
    assert!(said.contains("X-None"), "{said}");
}
