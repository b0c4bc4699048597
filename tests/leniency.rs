//! Answers are read whatever form they come in, and requests hold nothing but what the caller set.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use httpmock::MockServer;
use serde_json::{Value, json};
use upcloud::{
    Client, ErrorCode,
    generated::{AntiAffinity, ServerState, StorageTier, types},
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
    assert_eq!((server.core_number, server.memory_amount), (6, 12288));
    assert!((server.license - 3.36).abs() < f64::EPSILON);
    assert_eq!((server.host, server.created), (Some(7_653_311_107), Some(1_763_899_200)));
    assert_eq!(server.storage_devices[0].storage_size, 40);
    assert_eq!(server.title, "2026");
    assert_eq!(server.remote_access_port, Some(3007));

    // Whatever came, what goes out is the documented spelling.
    let encoded = serde_json::to_value(&server).unwrap();
    assert_eq!(encoded["core_number"], "6");
    assert_eq!(encoded["storage_devices"]["storage_device"][0]["storage_size"], 40);
    assert!(serde_json::from_value::<types::ServerResponse>(self::server(&[("/core_number", json!("many"))])).is_err());
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
            assert_eq!((server.firewall, server.metadata), (value, Some(value)), "{spelling}");
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
    assert_eq!((server.state.as_str(), server.core_number, &server.extra["new"]), ("resting", 2, &json!(1)));

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
