//! Real exchanges against the client. `UPCLOUD_RECORDINGS` names a folder of recordings (relative to the package); for
//! every exchange in every `*.json` of it the recorded answer is served on loopback, the client makes the recorded call,
//! and nothing may be lost on either way. What "lost" means is in `support/compare.rs`, how a call is made in
//! `support/replay.rs`. Unset, the test says that it did nothing.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]
#![allow(clippy::print_stdout, reason = "a test over a folder says what it read, or that it read nothing")]

#[path = "support/compare.rs"]
mod compare;
#[path = "support/replay.rs"]
mod replay;
#[path = "support/mod.rs"]
mod support;

use std::{env, fs, path::Path};

use compare::differences;
use replay::{Exchange, Recording, Replay};
use serde_json::{Value, json};
use support::escape;

#[tokio::test(flavor = "multi_thread")]
async fn every_recording_of_the_folder_passes() {
    let Some(folder) = env::var_os("UPCLOUD_RECORDINGS").filter(|folder| !folder.is_empty()) else {
        println!("UPCLOUD_RECORDINGS is not set: no recording was replayed");
        return;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} holds no *.json", folder.display());

    let mut replay = Replay::start().await;
    let mut faults = Vec::new();
    let mut exchanges = 0;
    for path in &files {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let recording = fs::read(path).map_err(|e| e.to_string());
        match recording.and_then(|text| serde_json::from_slice::<Recording>(&text).map_err(|e| e.to_string())) {
            Ok(recording) => {
                for (n, exchange) in recording.exchanges.iter().enumerate() {
                    exchanges += 1;
                    let place = format!("{file}: exchange {n}: {}", exchange.operation);
                    let found = replay.run(exchange).await;
                    faults.extend(found.into_iter().map(|fault| format!("{place}: {fault}")));
                }
            }
            Err(e) => faults.push(format!("{file}: this is no recording: {e}")),
        }
    }
    for note in &replay.notes {
        println!("note: {note}");
    }
    assert!(faults.is_empty(), "{} faults in {}:\n{}", faults.len(), folder.display(), faults.join("\n"));
    println!("{} files with {exchanges} exchanges passed", files.len());
}

const UUID: &str = "00c4f3ab-7d5c-4b4e-9a8b-0d6f1f2e3a4b";

#[allow(clippy::needless_pass_by_value, reason = "the callers write the values where they use them")]
fn exchange(operation: &str, method: &str, path: &str, request: Value, status: u16, response: Value) -> Exchange {
    let exchange = json!({"operation": operation, "method": method, "path": format!("/1.3{path}"), "query": [],
        "request": request, "status": status, "content_type": "application/json; charset=UTF-8", "response": response});
    serde_json::from_value(exchange).unwrap()
}

fn group(changes: &Value) -> Value {
    let mut group = json!({"anti_affinity": "no", "servers": {"server": [UUID]}, "title": "Spare", "uuid": UUID});
    for (key, value) in changes.as_object().unwrap() {
        group[key] = value.clone();
    }
    json!({"server_group": group})
}

/// What an exchange must be reported with, or nothing if it must pass.
async fn check(exchange: &Exchange, expected: &[&str]) {
    let mut replay = Replay::start().await;
    let faults = replay.run(exchange).await;
    assert_eq!(faults.len(), expected.len(), "{exchange:#?}: {faults:#?}");
    for (fault, expected) in faults.iter().zip(expected) {
        assert!(fault.contains(expected), "{fault:?} does not tell {expected:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_but_harmless_answers_pass() {
    let at = format!("/server-group/{UUID}");
    for changes in [
        json!({}),
        json!({"anti_affinity": 0}),
        json!({"anti_affinity": "1"}),
        json!({"labels": null}),
        json!({"labels": []}),
        json!({"labels": [{"key": "team", "value": "payments"}]}),
        json!({"labels": {"label": [{"key": "team", "value": 7}]}}),
        json!({"servers": null}),
        json!({"servers": [UUID]}),
        json!({"of_tomorrow": {"deep": [1, null, {"yes": true}]}}),
        json!({"anti_affinity_status": [{"uuid": UUID, "status": "pondering", "why": "unknown"}]}),
    ] {
        check(&exchange("getServerGroup", "GET", &at, Value::Null, 200, group(&changes)), &[]).await;
    }
    let delete = exchange("deleteServerGroup", "DELETE", &format!("{at}/"), Value::Null, 204, Value::Null);
    check(&delete, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_failure_passes() {
    let at = format!("/server-group/{UUID}");
    let html = json!({"$raw": "<html><body><h1>502 Bad Gateway</h1></body></html>"});
    let legacy = json!({"error": {"error_code": "GROUP_NOT_FOUND", "error_message": "There is no such group."}});
    let newer = json!({"error": {"code": "OF_TOMORROW", "message": "What is this?"}});
    let problem = json!({"correlation_id": "01JEXAMPLE", "status": 401, "title": "Authentication failed.",
        "type": "https://developers.upcloud.com/1.3/errors#ERROR_AUTHENTICATION_FAILED"});
    let params = json!({"invalid_params": [{"name": "a.b", "reason": "Too long."}], "title": "Invalid.",
        "type": "https://developers.upcloud.com/1.3/errors#ERROR_INVALID_REQUEST"});
    for (status, body) in [
        (404, legacy),
        (418, newer),
        (401, problem),
        (400, params),
        (502, html.clone()),
        (503, Value::Null),
        (511, json!(["odd"])),
        (307, Value::Null),
        (200, html),
        (200, Value::Null),
    ] {
        check(&exchange("getServerGroup", "GET", &at, Value::Null, status, body), &[]).await;
    }
    // A body that the client's types cannot hold passes only where the API refused it as well.
    let refusal = json!({"error": {"error_code": "ZONE_MISSING", "error_message": "A zone is missing."}});
    let incomplete = json!({"server": {"title": "No zone"}});
    check(&exchange("createServer", "POST", "/server", incomplete.clone(), 400, refusal.clone()), &[]).await;
    check(&exchange("createServer", "POST", "/server", incomplete, 202, refusal), &["the request does not decode"])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_and_bodies_are_sent_as_recorded() {
    let mut delete = exchange("deleteServer", "DELETE", &format!("/server/{UUID}/"), Value::Null, 204, Value::Null);
    for query in [vec![], vec![("storages", "1"), ("backups", "keep_latest")], vec![("storages", "0"), ("new", "x")]] {
        delete.query = query.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        check(&delete, &[]).await;
    }
    let mut list = exchange("listServers", "GET", "/server", Value::Null, 200, json!({"servers": {"server": []}}));
    list.query =
        [("label", "a"), ("label", "b=c&d"), ("limit", "10")].map(|(n, v)| (n.to_owned(), v.to_owned())).into();
    check(&list, &[]).await;

    let clear = json!({"server_group": {"servers": {"server": []}}});
    let at = format!("/server-group/{UUID}");
    check(&exchange("modifyServerGroup", "PATCH", &at, clear, 200, group(&json!({}))), &[]).await;
    let timeout = json!({"stop_server": {"stop_type": "hard", "timeout": 900, "of_tomorrow": 1}});
    let refusal = json!({"error": {"error_code": "SERVER_STATE_ILLEGAL", "error_message": "It is stopped."}});
    check(&exchange("stopServer", "POST", "/server/invalid/stop", timeout, 409, refusal), &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_replayed_fails() {
    let answer = json!({"servers": {"server": []}});
    for (operation, method, path, complaint) in [
        ("relocateServer", "POST", "/server/x/relocate", "the client has no operation"),
        ("getMetadata", "GET", "/metadata/v1.json", "the client has no operation"),
        ("listServers", "GET", "/server-group", "is not the path /server"),
        ("listServers", "POST", "/server", "the client sends GET"),
    ] {
        check(&exchange(operation, method, path, Value::Null, 200, answer.clone()), &[complaint]).await;
    }
    let undecodable = json!({"servers": 7});
    check(&exchange("listServers", "GET", "/server", Value::Null, 200, undecodable), &["does not decode"]).await;
    assert!(serde_json::from_str::<Recording>(r#"{"name": "x", "exchanges": [{"operation": "listZones"}]}"#).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_with_content_where_the_client_expects_none_is_a_loss() {
    let at = format!("/server-group/{UUID}");
    let answer = json!({"server_group": {"uuid": UUID}});
    check(&exchange("deleteServerGroup", "DELETE", &at, Value::Null, 200, answer), &["/server_group: lost"]).await;
}

/// A comparison that cannot fail would prove nothing: every member of a rich answer is taken out and changed in turn.
#[test]
fn the_comparison_notices_every_loss_and_every_change() {
    let whole = &support::description()["components"]["examples"]["ServerStarted"]["value"];
    assert_eq!(differences(whole, whole), Vec::<String>::new());
    let mut pointers = Vec::new();
    leaves(whole, "", &mut pointers);
    assert!(pointers.len() > 80, "{}", pointers.len());
    for pointer in pointers {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let mut lost = whole.clone();
        match lost.pointer_mut(parent).unwrap() {
            Value::Object(object) => drop(object.remove(key).unwrap()),
            Value::Array(items) => drop(items.remove(key.parse().unwrap())),
            _ => unreachable!(),
        }
        assert!(!differences(whole, &lost).is_empty(), "{pointer}: the loss was not noticed");
        assert!(!differences(&lost, whole).is_empty(), "{pointer}: the addition was not noticed");

        let mut changed = whole.clone();
        *changed.pointer_mut(&pointer).unwrap() = json!("something else");
        let places = differences(whole, &changed);
        assert!(places.len() == 1 && places[0].starts_with(&format!("{pointer}: ")), "{pointer}: {places:?}");
    }
}

fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, of) in object {
                leaves(of, &format!("{at}/{}", escape(key)), found);
            }
        }
        Value::Array(items) => {
            for (n, of) in items.iter().enumerate() {
                leaves(of, &format!("{at}/{n}"), found);
            }
        }
        _ => found.push(at.to_owned()),
    }
}

#[test]
fn the_comparison_knows_what_says_the_same() {
    for (recorded, found) in [
        (json!({"a": null}), json!({})),
        (json!({"a": []}), json!({})),
        (json!({"a": {"label": []}}), json!({"a": []})),
        (json!({}), json!({"a": {"label": []}})),
        (json!({"a": [1]}), json!({"a": {"label": ["1"]}})),
        (json!("3000"), json!(3000)),
        (json!("3.36"), json!(3.36)),
        (json!(0), json!(0.0)),
        (json!(true), json!("yes")),
        (json!(0), json!("off")),
        (json!({"a": null}), json!({"a": ""})),
    ] {
        assert_eq!(differences(&recorded, &found), Vec::<String>::new(), "{recorded} and {found}");
    }
    for (recorded, found) in [
        (json!({"a": ""}), json!({})),
        (json!({"a": 0}), json!({})),
        (json!({"a": {"b": 1}}), json!({})),
        (json!({}), json!({"a": "x"})),
        (json!([1, 2]), json!([1])),
        (json!("3000"), json!(3001)),
        (json!("yes"), json!("on")),
        (json!("yes"), json!(2)),
        (json!(true), json!("no")),
        (json!("x"), json!(2)),
        (json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_992_u64)),
    ] {
        assert_eq!(differences(&recorded, &found).len(), 1, "{recorded} and {found}");
    }
}
