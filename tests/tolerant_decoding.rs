//! Answers are read whatever form they come in and whatever they lack, and requests hold nothing but what the caller set.
//! Every answer of the description and of the recordings (`UPCLOUD_RECORDINGS` names their folder) is spoilt in one place at
//! a time, in every place and every way; only where what identifies the thing is spoilt may it be refused.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]
#![allow(clippy::print_stdout, reason = "a test over many mutants says how many there were")]

#[path = "support/answers.rs"]
mod answers;
#[path = "support/compare.rs"]
mod compare;
#[path = "support/mutants.rs"]
mod mutants;
#[path = "support/mod.rs"]
mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use answers::Known;
use compare::differences;
use httpmock::{HttpMockRequest, HttpMockResponse, MockServer};
use mutants::{Change, Mutant, moved, mutants};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use support::escape;
use upcloud::{
    Client, ErrorCode, List, RetryPolicy, ServerState,
    types::{self, AntiAffinity, Exposed, StorageTier},
};

const UUID: &str = "00c4f3ab-7d5c-4b4e-9a8b-0d6f1f2e3a4b";

/// An answer with one server, changed at some JSON pointers below it; `Value::Null` as a change means absence.
fn server(changes: &[(&str, Value)]) -> Value {
    let mut server = json!({
        "boot_order": "disk", "core_number": "4", "firewall": "on", "hostname": "app-1.example.net",
        "ip_addresses": {"ip_address": [{"access": "public", "address": "192.0.2.17", "family": "IPv4"}]},
        "license": 0, "memory_amount": "8192", "nic_model": "virtio", "plan": "custom", "plan_ipv4_bytes": "0",
        "plan_ipv6_bytes": "0", "remote_access_enabled": "no", "remote_access_password": "Zx81qL0m", "state": "started",
        "storage_devices": {"storage_device": [{"address": "virtio:0", "boot_disk": "1", "part_of_plan": "yes",
            "storage": UUID, "storage_size": 40, "storage_title": "System", "type": "disk"}]},
        "tags": {"tag": ["STAGING"]}, "timezone": "UTC", "title": "One", "uuid": UUID, "video_model": "vga",
        "zone": "de-fra1"
    });
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        server.pointer_mut(parent).unwrap()[key] = value.clone();
    }
    json!({"server": server})
}

fn decode(answer: Value) -> types::Server {
    serde_json::from_value::<types::ServerResponse>(answer).unwrap().server
}

/// What became of an answer: as it is written again, and where elements of its list were left out.
type Read = Result<(Value, Vec<String>), String>;

fn read<T: DeserializeOwned + Serialize>(answer: &Value, left_out: fn(&T) -> Vec<String>) -> Read {
    let read: T = serde_json::from_value(answer.clone()).map_err(|e| e.to_string())?;
    Ok((serde_json::to_value(Exposed(&read)).unwrap(), left_out(&read)))
}

fn left_out<T>(list: &List<T>) -> Vec<String> {
    list.unreadable().iter().map(ToString::to_string).collect()
}

/// Reads an answer as the type of its schema.
fn read_as(schema: &str, answer: &Value) -> Read {
    include!(concat!(env!("OUT_DIR"), "/answers.rs"))
}

/// Where an answer may be refused, and where an element of a list may be left out, and no other place: what an answer is
/// about, and what identifies that, as the description has it.
fn identity(description: &Value) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut refused, mut left_out) = (BTreeSet::new(), BTreeSet::new());
    let schemas = &description["components"]["schemas"];
    let of = |schema: &Value| {
        schema["$ref"]
            .as_str()
            .or(schema["allOf"][0]["$ref"].as_str())
            .map(|to| to.rsplit('/').next().unwrap().to_owned())
    };
    let identifies = |name: &str| {
        let names = schemas[name]["x-identity"].as_array().into_iter().flatten();
        names.map(|name| name.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for answer in answers::examples(description).iter().map(|known| &known.schema) {
        for member in identifies(answer) {
            let place = format!("{answer}/{member}");
            let inner = of(&schemas[answer]["properties"][&member]).unwrap_or_default();
            if inner.ends_with("List") {
                left_out.insert(format!("{place}/*"));
                let list = schemas[&inner]["properties"].as_object().unwrap().values().next().unwrap();
                let element = of(&list["items"]).unwrap_or_default();
                left_out.extend(identifies(&element).iter().map(|name| format!("{place}/*/{name}")));
            } else {
                refused.extend(identifies(&inner).iter().map(|name| format!("{place}/{name}")));
            }
            refused.insert(place);
        }
    }
    (refused, left_out)
}

/// The place without the names of envelopes and with a star for each position, and the same as errors write it.
fn place(known: &Known, at: &str) -> (String, String) {
    let (mut place, mut path) = (known.schema.clone(), String::new());
    let mut before = &known.body;
    for key in at.split('/').skip(1) {
        let here = before.get(key).or_else(|| before.get(key.parse::<usize>().ok()?)).unwrap();
        match before {
            Value::Array(_) => {
                place.push_str("/*");
                path.extend(["[", key, "]"]);
            }
            // An envelope around a list, below the top.
            before if here.is_array() && before.as_object().is_some_and(|o| o.len() == 1) && !path.is_empty() => {}
            _ => {
                place.extend(["/", key]);
                path.push_str(if path.is_empty() { "" } else { "." });
                path.push_str(key);
            }
        }
        before = here;
    }
    (place, path)
}

/// Counts of what became of the mutants, and what should not have become of them.
#[derive(Default)]
struct Tally {
    tried: usize,
    refused: usize,
    left_out: usize,
    places_refused: BTreeSet<String>,
    places_left_out: BTreeSet<String>,
    faults: Vec<String>,
}

impl Tally {
    fn judge(&mut self, known: &Known, mutant: &Mutant) {
        self.tried += 1;
        let (place, path) = place(known, &mutant.at);
        let mut fault = |text: String| {
            let Known { from, schema, .. } = known;
            self.faults.push(format!("{from} ({schema}): {}: {:?}: {text}", mutant.at, mutant.change));
        };
        match read_as(&known.schema, &mutant.document) {
            Err(error) => {
                self.refused += 1;
                if !(error.starts_with(&path) && error.contains(": expected ")) {
                    fault(format!("refused without the path {path}: {error}"));
                }
                self.places_refused.insert(place);
            }
            Ok((encoded, left_out)) => {
                let in_envelope =
                    mutant.change == Change::Joined && place.matches('/').count() < mutant.at.matches('/').count();
                let lost = differences(&mutant.document, &encoded);
                // What stands beside a list in its envelope has no place.
                let is_moved =
                    || moved(&mutant.document, &mutant.at).iter().any(|doc| differences(doc, &encoded).is_empty());
                if !lost.is_empty() && !in_envelope && !is_moved() {
                    fault(format!("written again, it is another: {lost:?}"));
                }
                if let Some(text) = left_out.first() {
                    self.left_out += 1;
                    if left_out.len() > 1 || !(text.starts_with(&path) && text.contains(": expected ")) {
                        fault(format!("left out without the path {path}: {left_out:?}"));
                    }
                    self.places_left_out.insert(place);
                }
            }
        }
    }
}

#[test]
fn an_answer_with_one_thing_spoilt_is_read() {
    let description = support::description();
    let mut known = answers::examples(&description);
    match answers::recordings(&description) {
        Some(recorded) => known.extend(recorded),
        None => println!("UPCLOUD_RECORDINGS is not set: no recording was spoilt"),
    }
    let mut tally = Tally::default();
    let mut answers = BTreeMap::new();
    for known in &known {
        *answers.entry(known.schema.as_str()).or_insert(0) += 1;
        let whole = read_as(&known.schema, &known.body).unwrap();
        assert_eq!((differences(&known.body, &whole.0), whole.1), (vec![], vec![]), "{}", known.from);
        for mutant in mutants(&known.body) {
            tally.judge(known, &mutant);
        }
    }
    println!(
        "{} answers {answers:?}: {} mutants, {} refused, {} elements left out",
        known.len(),
        tally.tried,
        tally.refused,
        tally.left_out
    );
    println!("refused at {:#?}\nleft out at {:#?}", tally.places_refused, tally.places_left_out);
    let faults = &tally.faults;
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults[..40.min(faults.len())].join("\n"));
    assert!(tally.tried > 10_000, "only {} mutants", tally.tried);
    let (refused, left_out) = identity(&support::description());
    assert!(refused.len() >= 14 && left_out.len() >= 15, "{refused:?} {left_out:?}");
    assert_eq!(tally.places_refused, refused);
    assert_eq!(tally.places_left_out, left_out);
}

/// Whatever a body says, the status is told and nothing panics.
#[tokio::test(flavor = "multi_thread")]
async fn an_error_with_one_thing_spoilt_keeps_its_status() {
    let description = support::description();
    let mut known = answers::examples(&description);
    known.extend(answers::recordings(&description).unwrap_or_default());
    // One of each form: the codes make no difference.
    let mut forms = BTreeSet::new();
    known.retain(|known| {
        known.status >= 300 && forms.insert(known.body.as_object().unwrap().keys().cloned().collect::<Vec<_>>())
    });
    assert!(known.len() >= 2, "{known:?}");
    let mock = MockServer::start_async().await;
    let answer: Arc<Mutex<(u16, String)>> = Arc::default();
    let shared = Arc::clone(&answer);
    mock.mock_async(|when, then| {
        when.any_request();
        then.respond_with(move |_: &HttpMockRequest| {
            let (status, body) = shared.lock().unwrap().clone();
            HttpMockResponse::builder().status(status).header("content-type", "application/json").body(body).build()
        });
    })
    .await;
    let client =
        Client::builder().token("ucat_test").base_url(mock.base_url()).retry(RetryPolicy::off()).build().unwrap();
    let mut tried = 0;
    for known in &known {
        for mutant in mutants(&known.body) {
            *answer.lock().unwrap() = (known.status, mutant.document.to_string());
            let error = client.servers().get(UUID.parse().unwrap()).await.unwrap_err();
            assert_eq!(error.status().map(|status| status.as_u16()), Some(known.status), "{mutant:?}: {error}");
            assert!(!error.is_decode() && !error.to_string().is_empty(), "{mutant:?}: {error}");
            tried += 1;
        }
    }
    println!("{tried} mutants of {} error bodies, every status told", known.len());
    assert!(tried > 30, "{tried}");
}

#[test]
fn unknown_values_of_enums_survive() {
    let answer =
        server(&[("/state", json!("resting")), ("/storage_devices/storage_device/0/storage_tier", json!("tape"))]);
    let server = decode(answer.clone());
    assert_eq!(server.state, ServerState::Unknown("resting".to_owned()));
    assert_eq!(server.state.as_str(), "resting");
    assert_eq!(server.storage_devices[0].storage_tier, Some(StorageTier::Unknown("tape".to_owned())));

    let encoded = serde_json::to_value(&server).unwrap();
    assert_eq!(encoded["state"], "resting");
    assert_eq!(encoded["storage_devices"]["storage_device"][0]["storage_tier"], "tape");
    assert_eq!(decode(self::server(&[])).state, ServerState::Started);
}

#[test]
fn unknown_fields_are_kept_and_sent_back() {
    let new = json!({"deep": [1, null, "x"]});
    let server = decode(server(&[
        ("/of_tomorrow", new.clone()),
        ("/storage_devices/storage_device/0/of_tomorrow", json!(7)),
        ("/ip_addresses/ip_address/0/of_tomorrow", json!(null)),
    ]));
    assert_eq!(server.extra["of_tomorrow"], new);
    assert_eq!(server.storage_devices[0].extra["of_tomorrow"], 7);
    assert_eq!(server.extra.len(), 1, "what the crate knows is no extra");

    let encoded = serde_json::to_value(&server).unwrap();
    assert_eq!(encoded["of_tomorrow"], new);
    assert_eq!(encoded["storage_devices"]["storage_device"][0]["of_tomorrow"], 7);
}

#[test]
fn numbers_and_strings_stand_for_each_other() {
    let server = decode(server(&[
        ("/core_number", json!(6)),
        ("/memory_amount", json!("12288")),
        ("/license", json!("3.36")),
        ("/host", json!("7653311107")),
        ("/created", json!("1763899200")),
        ("/storage_devices/storage_device/0/storage_size", json!("40")),
        ("/title", json!(2026)),
        ("/remote_access_port", json!(3007)),
    ]));
    assert_eq!((server.core_number, server.memory_amount), (Some(6), Some(12288)));
    assert!((server.license.unwrap() - 3.36).abs() < f64::EPSILON);
    assert_eq!((server.host, server.created), (Some(7_653_311_107), Some(1_763_899_200)));
    assert_eq!(server.storage_devices[0].storage_size, Some(40));
    assert_eq!(server.title, "2026");
    assert_eq!(server.remote_access_port, Some(3007));

    // Whatever came, what goes out is the documented spelling.
    let encoded = serde_json::to_value(&server).unwrap();
    assert_eq!(encoded["core_number"], "6");
    assert_eq!(encoded["storage_devices"]["storage_device"][0]["storage_size"], 40);
    let odd = decode(self::server(&[("/core_number", json!("many"))]));
    assert_eq!((odd.core_number, &odd.extra["core_number"]), (None, &json!("many")));
    assert_eq!(serde_json::to_value(&odd).unwrap()["core_number"], "many");
}

#[test]
fn every_spelling_of_a_switch_is_a_bool() {
    for (yes, no) in [
        (json!("yes"), json!("no")),
        (json!("on"), json!("off")),
        (json!("1"), json!("0")),
        (json!(1), json!(0)),
        (json!(true), json!(false)),
    ] {
        let all = ["/firewall", "/metadata", "/storage_devices/storage_device/0/boot_disk"];
        for (spelling, value) in [(&yes, true), (&no, false)] {
            let server = decode(server(&all.map(|pointer| (pointer, spelling.clone()))));
            assert_eq!((server.firewall, server.metadata), (Some(value), Some(value)), "{spelling}");
            assert_eq!(server.storage_devices[0].boot_disk, Some(value), "{spelling}");
        }
    }
    let encoded =
        serde_json::to_value(decode(server(&[("/firewall", json!(true)), ("/metadata", json!(false))]))).unwrap();
    assert_eq!((&encoded["firewall"], &encoded["metadata"]), (&json!("on"), &json!("no")));
}

#[test]
fn every_form_of_a_list_is_a_list() {
    for none in [json!(null), json!([]), json!({"tag": []}), json!({"tag": null}), json!({})] {
        assert!(decode(server(&[("/tags", none.clone())])).tags.is_empty(), "{none}");
    }
    for one in [json!(["A"]), json!({"tag": ["A"]})] {
        let server = decode(server(&[("/tags", one)]));
        assert_eq!(server.tags, ["A"]);
        assert_eq!(serde_json::to_value(server).unwrap()["tags"], json!({"tag": ["A"]}));
    }
    let mut absent = server(&[]);
    let members = absent["server"].as_object_mut().unwrap();
    for list in ["tags", "ip_addresses", "storage_devices"] {
        members.remove(list).unwrap();
    }
    let server = decode(absent);
    assert!(server.tags.is_empty() && server.ip_addresses.is_empty() && server.storage_devices.is_empty());
    assert!(server.labels.is_empty());

    // The labels of a storage device come without an envelope, those of a server within one.
    let label = json!([{"key": "team", "value": "payments"}]);
    for labels in [label.clone(), json!({"label": label})] {
        let answer = self::server(&[("/labels", labels.clone()), ("/storage_devices/storage_device/0/labels", labels)]);
        let server = decode(answer);
        assert_eq!(server.labels, server.storage_devices[0].labels);
        assert_eq!(server.labels[0].value, "payments");
    }
}

#[test]
fn null_is_absence_and_an_empty_storage_is_none() {
    let server = decode(server(&[
        ("/server_group", Value::Null),
        ("/host", Value::Null),
        ("/storage_devices/storage_device/0/storage", json!("")),
    ]));
    assert_eq!((server.server_group, server.host, server.storage_devices[0].storage), (None, None, None));
}

#[tokio::test]
async fn a_client_takes_odd_answers_and_unknown_error_codes() {
    let mock = MockServer::start_async().await;
    let answer =
        server(&[("/state", json!("resting")), ("/core_number", json!(2)), ("/tags", json!([])), ("/new", json!(1))]);
    mock.mock_async(|when, then| {
        when.method("GET").path(format!("/1.3/server/{UUID}"));
        then.status(200).json_body(answer);
    })
    .await;
    mock.mock_async(|when, then| {
        when.method("GET").path("/1.3/server");
        then.status(418)
            .json_body(json!({"error": {"error_code": "OF_TOMORROW", "error_message": "Sorry.", "new": 1}}));
    })
    .await;
    let client = Client::builder().token("ucat_test").base_url(mock.base_url()).build().unwrap();

    let server = client.servers().get(UUID.parse().unwrap()).await.unwrap();
    assert_eq!((server.state.as_str(), server.core_number, &server.extra["new"]), ("resting", Some(2), &json!(1)));

    let error = client.servers().list().await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::Unknown("OF_TOMORROW".to_owned())));
    assert_eq!((error.status().map(|s| s.as_u16()), error.message()), (Some(418), "Sorry."));
    assert!(error.code().unwrap().kind().is_none() && error.to_string().contains("OF_TOMORROW"), "{error}");
}

#[test]
fn a_modification_holds_nothing_but_what_was_set() {
    let body = |server| serde_json::to_value(types::ModifyServerRequest::new(server)).unwrap();
    assert_eq!(body(types::ModifyServer::default()), json!({"server": {}}));

    let mut server = types::ModifyServer::default();
    server.title = Some("Renamed".to_owned());
    assert_eq!(body(server.clone()), json!({"server": {"title": "Renamed"}}));

    server.firewall = Some(false);
    server.core_number = Some(6);
    server.labels = Some(Vec::new());
    let expected = json!({"title": "Renamed", "firewall": "off", "core_number": "6", "labels": {"label": []}});
    assert_eq!(body(server), json!({"server": expected}));
}

#[test]
fn an_empty_list_in_a_modification_is_sent() {
    let body = |group| serde_json::to_value(types::ModifyServerGroupRequest::new(group)).unwrap();
    assert_eq!(body(types::ModifyServerGroup::default()), json!({"server_group": {}}));

    let mut group = types::ModifyServerGroup::default();
    group.servers = Some(Vec::new());
    group.anti_affinity = Some(AntiAffinity::Strict);
    assert_eq!(body(group), json!({"server_group": {"anti_affinity": "strict", "servers": {"server": []}}}));
}

/// The answer to a create is cut off or spoilt; what it tells of the new server is handed out, and never shown.
#[tokio::test]
async fn a_create_hands_out_what_it_made() {
    let mut answer = server(&[("/username", json!("root")), ("/password", json!("hunter2"))]);
    let whole = answer.to_string();
    let cut = &whole[..whole.find(r#""video_model""#).unwrap()];
    for (body, path) in [(cut.to_owned(), "it is no JSON"), (whole[..whole.len() - 1].to_owned(), "it is no JSON")] {
        let mock = MockServer::start_async().await;
        mock.mock_async(|when, then| {
            when.method("POST").path("/1.3/server");
            then.status(202).body(body);
        })
        .await;
        let client = Client::builder().token("ucat_test").base_url(mock.base_url()).build().unwrap();
        let new =
            upcloud::CreateServer::from_template("app-1.example.net", "de-fra1", UUID.parse::<uuid::Uuid>().unwrap());
        let error = client.servers().create(new).await.unwrap_err();
        let created = error.created().unwrap();
        assert_eq!((created.uuid.to_string().as_str(), created.username.as_deref()), (UUID, Some("root")));
        assert_eq!(created.password.as_ref().unwrap().expose(), "hunter2");
        assert!(error.is_decode() && error.may_have_taken_effect() && !error.is_lost_create(), "{error}");
        assert!(error.to_string().contains(path) && error.to_string().contains(&format!("{UUID} was made")), "{error}");
        assert!(!format!("{error} {error:?} {created:?}").contains("hunter2"), "{error} {error:?}");
    }

    // Whatever else is odd, the server is there as always.
    let odd = answer["server"].as_object_mut().unwrap();
    for (name, value) in odd.iter_mut().filter(|(name, _)| !matches!(name.as_str(), "uuid" | "username" | "password")) {
        *value = if name.len() % 2 == 0 { json!({"odd": [1]}) } else { json!(-0.5) };
    }
    let made = decode(answer);
    assert_eq!((made.uuid.to_string().as_str(), made.username.as_deref()), (UUID, Some("root")));
    assert_eq!(made.password.unwrap().expose(), "hunter2");
}
