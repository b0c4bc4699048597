//! Bad input and wrong states: what the fake refuses by itself, with its status and its code.

#![allow(clippy::too_many_lines, clippy::type_complexity, reason = "a table is long and has wide rows")]

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;
#[allow(dead_code, reason = "the file is shared with other tests")]
mod fake_http;

use contract::watched;
use fake_http::raw;
use serde_json::{Value, json};
use upcloud::{
    CreateServer, ErrorCode, ServerState,
    fake::{CDROM, Fake, NATIVE_TEMPLATE, SECOND_CDROM, ServerSeed, WINDOWS_TEMPLATE},
    types::AntiAffinity,
};
use uuid::Uuid;

/// Changes to a request that is accepted, and what comes of them.
type Row = (Vec<(String, Value)>, u16, &'static str);

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// A request that is accepted, with one change: a JSON pointer below `server` and a new value, `null` to take it away.
fn create_with(changes: &[(&str, Value)]) -> String {
    let mut body = json!({ "server": {
        "hostname": "web-1.example.com",
        "title": "web 1",
        "zone": "fi-hel1",
        "storage_devices": { "storage_device": [
            { "action": "clone", "storage": NATIVE_TEMPLATE, "title": "disk 1", "size": 20, "tier": "maxiops" },
        ]},
        "networking": { "interfaces": { "interface": [
            { "type": "public", "ip_addresses": { "ip_address": [{ "family": "IPv4" }] } },
        ]}},
        "login_user": {},
    }});
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let parent = body.pointer_mut(&format!("/server{parent}")).expect("the parent is there");
        match parent {
            Value::Object(members) if value.is_null() => drop(members.remove(name)),
            Value::Object(members) => drop(members.insert(name.to_owned(), value.clone())),
            Value::Array(items) if name == "-" => items.push(value.clone()),
            other => panic!("{other} has no members"),
        }
    }
    body.to_string()
}

fn disk(action: &str, storage: Uuid) -> Value {
    json!({ "action": action, "storage": storage, "title": "another" })
}

async fn check(fake: &Fake, method: &str, path: &str, body: &str, status: u16, code: &str) {
    let answer = raw(fake, method, path, body).await;
    let seen = answer.json()["error"]["error_code"].as_str().unwrap_or_default().to_owned();
    assert_eq!((answer.status, seen.as_str()), (status, code), "{method} {path} {body}: {}", answer.text);
    let message = answer.json()["error"]["error_message"].as_str().map_or(0, str::len);
    assert!(message > 10, "people get no message: {}", answer.text);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "it is one table")]
async fn creates_that_are_refused() {
    let fake = watched().await;
    let other = fake.server(fake.add_server(ServerSeed::new("other").zone("de-fra1"))).expect("there");
    let taken = other.storage_devices[0].storage.expect("a disk");
    fake.set_state(fake.add_server("busy"), ServerState::Maintenance);
    let busy = fake.servers()[1].storage_devices[0].storage.expect("a disk");
    let with_cdrom = json!({ "action": "attach", "storage": CDROM, "type": "cdrom" });
    let accepted = create_with(&[("/storage_devices/storage_device/-", with_cdrom)]);
    assert_eq!(raw(&fake, "POST", "/1.3/server", &accepted).await.status, 202);
    let before = fake.servers().len();

    let device = "/storage_devices/storage_device/0";
    let at = |name: &str| format!("{device}/{name}");
    let more = "/storage_devices/storage_device/-";
    let cloud = |key: &str, value: Value| (format!("/login_user/{key}"), value);
    let long = "x".repeat(256);
    let labels = |key: &str, value: &str| json!({ "label": [{ "key": key, "value": value }] });
    let many: Vec<Value> = (0..256).map(|n| json!({ "key": format!("k{n}"), "value": "" })).collect();
    let seventeen: Vec<Value> =
        (0..17).map(|n| json!({"action": "create", "title": format!("{n}"), "size": 10})).collect();
    let rows: Vec<Row> = vec![
        (vec![("/hostname".into(), Value::Null)], 400, "HOSTNAME_MISSING"),
        (vec![("/hostname".into(), json!("Web.example.com"))], 400, "HOSTNAME_INVALID"),
        (vec![("/hostname".into(), json!("a".repeat(129)))], 400, "HOSTNAME_INVALID"),
        (vec![("/title".into(), Value::Null)], 400, "SERVER_TITLE_MISSING"),
        (vec![("/title".into(), json!(long))], 400, "SERVER_TITLE_INVALID"),
        (vec![("/zone".into(), Value::Null)], 400, "ZONE_MISSING"),
        (vec![("/zone".into(), json!("Helsinki 1"))], 400, "ZONE_INVALID"),
        (vec![("/zone".into(), json!("xx-nil1"))], 404, "ZONE_NOT_FOUND"),
        (vec![("/networking".into(), json!({}))], 400, "INVALID_REQUEST"),
        (vec![("/storage_devices".into(), Value::Null)], 400, "STORAGE_DEVICES_MISSING"),
        (vec![("/storage_devices".into(), json!("none"))], 400, "STORAGE_DEVICES_INVALID"),
        (vec![("/storage_devices".into(), json!({"storage_device": []}))], 400, "STORAGE_DEVICE_MISSING"),
        (vec![("/storage_devices".into(), json!({"storage_device": [1]}))], 400, "STORAGE_DEVICE_INVALID"),
        (vec![("/storage_devices".into(), json!({"storage_device": seventeen}))], 409, "STORAGE_DEVICE_LIMIT_REACHED"),
        (vec![(at("action"), Value::Null)], 400, "ACTION_MISSING"),
        (vec![(at("action"), json!("copy"))], 400, "ACTION_INVALID"),
        (vec![(at("action"), json!("create")), (at("size"), Value::Null)], 400, "SIZE_MISSING"),
        (vec![(at("size"), json!(0))], 400, "SIZE_INVALID"),
        (vec![(at("size"), json!("4097"))], 400, "SIZE_INVALID"),
        (vec![(at("storage"), json!(WINDOWS_TEMPLATE))], 400, "SIZE_INVALID"),
        (vec![(at("storage"), Value::Null)], 400, "STORAGE_MISSING"),
        (vec![(at("storage"), json!("debian"))], 400, "STORAGE_INVALID"),
        (vec![(at("storage"), json!(NOBODY))], 404, "STORAGE_NOT_FOUND"),
        (vec![(at("storage"), json!(busy)), (at("size"), Value::Null)], 409, "STORAGE_STATE_ILLEGAL"),
        (vec![(at("title"), Value::Null)], 400, "STORAGE_TITLE_MISSING"),
        (vec![(at("title"), json!(long))], 400, "STORAGE_TITLE_INVALID"),
        (vec![(at("tier"), json!("floppy"))], 400, "TIER_INVALID"),
        (vec![(at("type"), json!("tape"))], 400, "TYPE_INVALID"),
        (vec![(at("address"), json!("usb:0"))], 400, "STORAGE_DEVICE_INVALID"),
        (vec![(at("action"), json!("attach"))], 409, "PUBLIC_STORAGE_ATTACH"),
        (vec![(more.into(), disk("attach", SECOND_CDROM))], 409, "STORAGE_TYPE_ILLEGAL"),
        (vec![(more.into(), disk("attach", CDROM))], 409, "STORAGE_ATTACHED_AS_CDROM"),
        (
            vec![(more.into(), json!({"action": "attach", "storage": taken, "type": "cdrom"}))],
            409,
            "STORAGE_ATTACHED_AS_DISK",
        ),
        (vec![(more.into(), disk("clone", NATIVE_TEMPLATE))], 409, "STORAGE_IN_USE"),
        (vec![(more.into(), disk("clone", WINDOWS_TEMPLATE))], 409, "MULTIPLE_TEMPLATES"),
        (
            vec![
                (at("boot_disk"), json!("1")),
                (more.into(), json!({"action": "create", "title": "b", "size": 10, "boot_disk": "1"})),
            ],
            409,
            "TOO_MANY_BOOT_DISKS",
        ),
        (
            vec![
                (at("address"), json!("virtio:3")),
                (more.into(), json!({"action": "create", "title": "b", "size": 10, "address": "virtio:3"})),
            ],
            409,
            "DEVICE_ADDRESS_IN_USE",
        ),
        (
            vec![
                (more.into(), json!({"action": "attach", "storage": CDROM, "type": "cdrom"})),
                (more.into(), json!({"action": "attach", "storage": SECOND_CDROM, "type": "cdrom"})),
            ],
            409,
            "CDROM_DEVICE_IN_USE",
        ),
        (vec![("/core_number".into(), json!("many"))], 400, "CORE_NUMBER_INVALID"),
        (vec![("/memory_amount".into(), json!(-1))], 400, "MEMORY_AMOUNT_INVALID"),
        (
            vec![("/core_number".into(), json!("1")), ("/memory_amount".into(), json!("131072"))],
            400,
            "CORE_MEMORY_UNSUPPORTED",
        ),
        (
            vec![("/plan".into(), json!("2xCPU-4GB")), ("/core_number".into(), json!(3))],
            403,
            "PLAN_CORE_NUMBER_ILLEGAL",
        ),
        (
            vec![("/plan".into(), json!("2xCPU-4GB")), ("/memory_amount".into(), json!(8192))],
            403,
            "PLAN_MEMORY_AMOUNT_ILLEGAL",
        ),
        (vec![("/firewall".into(), json!("maybe"))], 400, "FIREWALL_INVALID"),
        (vec![("/nic_model".into(), json!("ne2000"))], 400, "NIC_MODEL_INVALID"),
        (vec![("/video_model".into(), json!("ega"))], 400, "VIDEO_MODEL_INVALID"),
        (vec![("/timezone".into(), json!("Mars/Olympus"))], 400, "TIMEZONE_INVALID"),
        (vec![("/boot_order".into(), json!("disk,tape"))], 400, "BOOT_ORDER_INVALID"),
        (vec![("/user_data".into(), json!(" "))], 400, "USER_DATA_INVALID"),
        (vec![("/simple_backup".into(), json!("2460,daily"))], 400, "SIMPLE_BACKUP_INVALID"),
        (vec![("/password_delivery".into(), json!("pigeon"))], 400, "PASSWORD_DELIVERY_INVALID"),
        (vec![("/remote_access_type".into(), json!("rdp"))], 400, "VNC_INVALID"),
        (vec![("/remote_access_password".into(), json!("short"))], 400, "VNC_PASSWORD_INVALID"),
        (vec![("/labels".into(), labels("_own", ""))], 400, "INVALID_LABEL_KEY"),
        (vec![("/labels".into(), labels("a\tb", ""))], 400, "INVALID_LABEL_KEY"),
        (vec![("/labels".into(), labels("a", &long))], 400, "INVALID_LABEL_VALUE"),
        (vec![("/labels".into(), json!({"label": many}))], 409, "LABEL_LIMIT_REACHED"),
        (
            vec![cloud("create_password", json!("yes")), cloud("ssh_keys", json!({"ssh_key": ["ssh-ed25519 A"]}))],
            400,
            "CREATE_PASSWORD_INVALID",
        ),
        (vec![cloud("username", json!("daemon"))], 409, "INVALID_USERNAME"),
        (vec![("/host".into(), json!(1))], 404, "HOST_NOT_FOUND"),
        (vec![("/avoid_host".into(), json!(1))], 404, "HOST_NOT_FOUND"),
        (vec![("/server_group".into(), json!(NOBODY))], 404, "GROUP_NOT_FOUND"),
    ];
    for (changes, status, code) in &rows {
        let changes: Vec<_> = changes.iter().map(|(pointer, value)| (pointer.as_str(), value.clone())).collect();
        check(&fake, "POST", "/1.3/server", &create_with(&changes), *status, code).await;
    }
    assert_eq!(fake.servers().len(), before, "what is refused leaves nothing behind");

    fake.set_state(other.uuid, ServerState::Stopped);
    assert_eq!(raw(&fake, "DELETE", &format!("/1.3/server/{}", other.uuid), "").await.status, 204);
    let elsewhere = create_with(&[(more, disk("attach", taken))]);
    check(&fake, "POST", "/1.3/server", &elsewhere, 409, "ZONE_MISMATCH").await;
}

#[tokio::test]
async fn actions_that_are_refused() {
    let fake = watched().await;
    let running = fake.add_server("running");
    let stopped = fake.add_server(ServerSeed::new("stopped").state(ServerState::Stopped));
    let diskless = fake.add_server(ServerSeed::new("diskless").state(ServerState::Stopped).diskless());
    let busy = fake.add_server("busy");
    fake.set_state(busy, ServerState::Maintenance);
    let large = fake.add_server(ServerSeed::new("large").plan("4xCPU-8GB"));
    let stop = |settings: Value| json!({ "stop_server": settings }).to_string();
    let restart = |settings: Value| json!({ "restart_server": settings }).to_string();
    let modify = |settings: Value| json!({ "server": settings }).to_string();

    let on = |uuid: &dyn std::fmt::Display, action: &str| format!("/1.3/server/{uuid}{action}");
    let rows = [
        ("GET", on(&"web-1", ""), String::new(), 400, "SERVER_INVALID"),
        ("GET", on(&running.simple(), ""), String::new(), 400, "SERVER_INVALID"),
        ("GET", on(&NOBODY, ""), String::new(), 404, "SERVER_NOT_FOUND"),
        ("POST", on(&"invalid", "/start"), modify(json!({})), 400, "SERVER_INVALID"),
        ("POST", on(&running, "/start"), modify(json!({})), 409, "SERVER_STATE_ILLEGAL"),
        ("POST", on(&busy, "/start"), modify(json!({})), 409, "SERVER_STATE_ILLEGAL"),
        ("POST", on(&diskless, "/start"), modify(json!({})), 409, "NO_STORAGES_ATTACHED"),
        ("POST", on(&stopped, "/start"), modify(json!({"host": 5})), 404, "HOST_NOT_FOUND"),
        ("POST", on(&running, "/stop"), "{}".to_owned(), 400, "UNKNOWN_ATTRIBUTE"),
        ("POST", on(&stopped, "/start"), "{".to_owned(), 400, "INVALID_REQUEST"),
        ("POST", on(&stopped, "/stop"), stop(json!({})), 409, "SERVER_STATE_ILLEGAL"),
        ("POST", on(&running, "/stop"), stop(json!({"stop_type": "gently"})), 400, "STOP_TYPE_INVALID"),
        ("POST", on(&running, "/stop"), stop(json!({"timeout": "601"})), 400, "TIMEOUT_INVALID"),
        ("POST", on(&running, "/stop"), stop(json!({"timeout": 0})), 400, "TIMEOUT_INVALID"),
        ("POST", on(&running, "/stop"), restart(json!({})), 400, "UNKNOWN_ATTRIBUTE"),
        ("POST", on(&stopped, "/restart"), restart(json!({"timeout": 9})), 409, "SERVER_STATE_ILLEGAL"),
        ("POST", on(&running, "/restart"), restart(json!({})), 400, "TIMEOUT_MISSING"),
        ("POST", on(&running, "/restart"), restart(json!({"stop_type": "x"})), 400, "STOP_TYPE_INVALID"),
        ("POST", on(&running, "/restart"), restart(json!({"timeout": "soon"})), 400, "TIMEOUT_INVALID"),
        (
            "POST",
            on(&running, "/restart"),
            restart(json!({"timeout": 9, "timeout_action": "x"})),
            400,
            "TIMEOUT_ACTION_INVALID",
        ),
        ("POST", on(&running, "/restart"), restart(json!({"timeout": 9, "host": 5})), 404, "HOST_NOT_FOUND"),
        ("PUT", on(&running, ""), modify(json!({"title": "x".repeat(256)})), 400, "TITLE_INVALID"),
        ("PUT", on(&large, ""), modify(json!({"plan": "1xCPU-1GB"})), 409, "SERVER_STATE_ILLEGAL"),
        ("PUT", on(&busy, ""), modify(json!({"title": "x"})), 409, "SERVER_STATE_ILLEGAL"),
        ("PUT", on(&running, ""), modify(json!({"server_group": NOBODY})), 404, "GROUP_NOT_FOUND"),
        ("POST", on(&running, "/cancel"), String::new(), 409, "SERVER_STATE_ILLEGAL"),
        ("DELETE", on(&running, ""), String::new(), 409, "SERVER_STATE_ILLEGAL"),
        ("DELETE", on(&stopped, "?storages=perhaps"), String::new(), 400, "STORAGE_DELETION_POLICY_INVALID"),
        ("DELETE", on(&stopped, "?storages=1&backups=x"), String::new(), 400, "BACKUP_DELETION_POLICY_INVALID"),
        ("DELETE", on(&stopped, "?backups=delete"), String::new(), 400, "REQUEST_INVALID"),
        ("PATCH", on(&stopped, ""), String::new(), 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/1.3/nothing".to_owned(), String::new(), 404, "RESOURCE_NOT_FOUND"),
        ("GET", "/1.3//server".to_owned(), String::new(), 404, "RESOURCE_NOT_FOUND"),
        ("GET", "/server".to_owned(), String::new(), 404, "RESOURCE_NOT_FOUND"),
        ("GET", "/1.3/server//".to_owned(), String::new(), 404, "RESOURCE_NOT_FOUND"),
        ("GET", "/1.3/server?limit=few".to_owned(), String::new(), 400, "INVALID_REQUEST"),
        ("GET", "/1.3/server?limit=0".to_owned(), String::new(), 400, "INVALID_REQUEST"),
        ("GET", "/1.3/server?label=env&label=".to_owned(), String::new(), 400, "INVALID_REQUEST"),
        ("GET", "/1.3/server-group?label=".to_owned(), String::new(), 400, "INVALID_REQUEST"),
    ];
    let before = fake.servers();
    for (method, path, body, status, code) in &rows {
        check(&fake, method, path, body, *status, code).await;
    }
    assert_eq!(fake.servers(), before, "what is refused changes nothing");
}

#[tokio::test]
async fn group_requests_that_are_refused() {
    let fake = watched().await;
    let host = fake.hosts()[0];
    let [a, b, c] = ["a", "b", "c"].map(|name| fake.add_server(ServerSeed::new(name).host(host)));
    let group = fake.add_server_group("apart", AntiAffinity::Strict, &[a]);
    let other = fake.add_server_group("another", AntiAffinity::None, &[]);
    let body = |settings: Value| json!({ "server_group": settings }).to_string();
    let member = |uuid: &dyn std::fmt::Display| json!({ "server": { "uuid": uuid.to_string() } }).to_string();
    let labels = |labels: Value| body(json!({ "labels": { "label": labels } }));
    let twins = json!([{ "key": "a", "value": "1" }, { "key": "a", "value": "2" }]);

    let all = "/1.3/server-group".to_owned();
    let on = |uuid: &dyn std::fmt::Display, below: &str| format!("/1.3/server-group/{uuid}{below}");
    let rows = [
        ("GET", on(&"apart", ""), String::new(), 400, "GROUP_INVALID"),
        ("GET", on(&NOBODY, "/servers"), String::new(), 404, "GROUP_NOT_FOUND"),
        ("DELETE", on(&NOBODY, ""), String::new(), 404, "GROUP_NOT_FOUND"),
        ("POST", all.clone(), labels(twins), 400, "DUPLICATE_LABEL_KEYS"),
        ("POST", all.clone(), labels(json!([{ "key": "", "value": "1" }])), 400, "INVALID_LABEL_KEY"),
        ("POST", all.clone(), labels(json!([{ "key": "a" }])), 400, "INVALID_LABEL_VALUE"),
        ("POST", all.clone(), body(json!({"servers": {"server": ["a"]}})), 400, "SERVER_INVALID"),
        ("POST", all.clone(), body(json!({"servers": {"server": [NOBODY]}})), 404, "SERVER_NOT_FOUND"),
        (
            "POST",
            all.clone(),
            body(json!({"anti_affinity": "strict", "servers": {"server": [b, c]}})),
            409,
            "STRICT_ANTI_AFFINITY_NOT_MET",
        ),
        ("PATCH", on(&group, ""), body(json!({"servers": {"server": [a, b]}})), 409, "STRICT_ANTI_AFFINITY_NOT_MET"),
        ("PATCH", on(&other, ""), body(json!({"servers": {"server": [a]}})), 409, "ALREADY_IN_SERVER_GROUP"),
        ("PATCH", on(&group, ""), body(json!({"servers": {"server": null}})), 400, "SERVER_INVALID"),
        ("PATCH", on(&group, ""), body(json!({"servers": {}})), 400, "SERVER_INVALID"),
        ("PATCH", on(&NOBODY, ""), body(json!({})), 404, "GROUP_NOT_FOUND"),
        ("POST", on(&group, "/servers"), member(&"a"), 400, "SERVER_INVALID"),
        ("POST", on(&group, "/servers"), member(&NOBODY), 404, "SERVER_NOT_FOUND"),
        ("POST", on(&group, "/servers"), member(&b), 409, "STRICT_ANTI_AFFINITY_NOT_MET"),
        ("POST", on(&other, "/servers"), member(&a), 409, "ALREADY_IN_SERVER_GROUP"),
        ("DELETE", on(&group, &format!("/servers/{b}")), String::new(), 404, "SERVER_NOT_FOUND"),
        ("DELETE", on(&group, "/servers/b"), String::new(), 400, "SERVER_INVALID"),
        ("PUT", on(&group, ""), String::new(), 405, "METHOD_NOT_ALLOWED"),
    ];
    let before = (fake.server_groups(), fake.servers());
    for (method, path, body, status, code) in &rows {
        check(&fake, method, path, body, *status, code).await;
    }
    assert_eq!((fake.server_groups(), fake.servers()), before, "what is refused changes nothing");
}

/// The documentation knows fewer characters; the vendor's Terraform provider sends any that ASCII can print.
#[tokio::test]
async fn label_keys_of_other_clients_are_taken() {
    let fake = watched().await;
    let servers = fake.client().servers();
    let create = |key: &str| {
        let new = CreateServer::from_template("web-1.example.com", "fi-hel1", NATIVE_TEMPLATE).plan("1xCPU-1GB");
        servers.create(new.label(key, "x"))
    };
    let longest = "k".repeat(32);
    for key in ["app.kubernetes.io/name", "a b", "managedBy", "-", "~", &longest] {
        let made = create(key).await.expect(key);
        assert_eq!(made.labels[0].key, key);
    }
    for key in ["_x", "\u{e4}", "a\tb", "a\u{7f}", &"k".repeat(33)] {
        assert_eq!(create(key).await.expect_err(key).code(), Some(&ErrorCode::InvalidLabelKey), "{key}");
    }
}
