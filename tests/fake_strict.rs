//! The fake takes what the real API takes and refuses what it refuses: each recorded request and each example of the
//! description as it is, with an attribute that nobody knows, with a value of another kind, and without what must be there.

#![allow(clippy::print_stdout, reason = "a test over everything says how much that was")]

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;

use std::{collections::BTreeSet, env, fs, path::Path};

use contract::watched;
use http::Request;
use serde_json::{Value, json};
use upcloud::{
    ErrorCode, ServerState,
    calls::Operation,
    fake::{CDROM, Fake, NATIVE_TEMPLATE, ServerSeed},
    types::AntiAffinity,
};

/// What the description demands and the fake does without: the vendor's Go client sends no `networking` where none was set, and
/// an address without a family is one of `IPv4`.
const NOT_MISSED: [&str; 2] = ["/server/networking", "/family"];

/// A request as somebody has sent it.
#[derive(Clone, Debug)]
struct Sent {
    from: String,
    operation: Operation,
    body: Value,
}

fn operation(id: &str) -> Operation {
    *Operation::ALL.iter().find(|operation| operation.id() == id).unwrap_or_else(|| panic!("no operation {id}"))
}

fn description() -> Value {
    yaml_serde::from_str(include_str!("../openapi.yaml")).expect("the description")
}

fn examples(description: &Value) -> Vec<Sent> {
    let resolve = |value: &Value| match value["$ref"].as_str() {
        Some(at) => description.pointer(at.trim_start_matches('#')).expect("what is referred to").clone(),
        None => value.clone(),
    };
    let paths = description["paths"].as_object().expect("paths").values();
    let operations = paths.flat_map(|item| item.as_object().into_iter().flatten()).map(|(_, operation)| operation);
    let mut all = Vec::new();
    for of in operations.filter(|operation| operation["requestBody"].is_object()) {
        let examples = of["requestBody"]["content"]["application/json"]["examples"].as_object().into_iter().flatten();
        for (name, example) in examples {
            let body = resolve(example)["value"].clone();
            all.push(Sent {
                from: format!("example {name}"),
                operation: operation(of["operationId"].as_str().expect("an id")),
                body,
            });
        }
    }
    all
}

fn recorded() -> Vec<Sent> {
    let Some(folder) = env::var_os("UPCLOUD_RECORDINGS").filter(|folder| !folder.is_empty()) else { return Vec::new() };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut all = Vec::new();
    for entry in fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let recording: Value = serde_json::from_slice(&fs::read(&entry).expect("a file")).expect("JSON");
        for exchange in recording["exchanges"].as_array().expect("a list") {
            let succeeded = exchange["status"].as_u64().is_some_and(|status| status < 300);
            if !exchange["request"].is_object() || !succeeded {
                continue;
            }
            let id = exchange["operation"].as_str().expect("an id");
            all.push(Sent {
                from: format!("{}: {id}", entry.file_name().unwrap_or_default().display()),
                operation: operation(id),
                body: exchange["request"].clone(),
            });
        }
    }
    all
}

/// What there is in the fake to say something about.
struct World {
    fake: Fake,
    server: String,
    other: String,
    group: String,
}

async fn world(operation: Operation) -> World {
    let fake = Fake::start().await;
    let state = if operation == Operation::StartServer { ServerState::Stopped } else { ServerState::Started };
    let server = fake.add_server(ServerSeed::new("a.example.net").state(state));
    // A server that is stopped can be changed in every way.
    if operation == Operation::ModifyServer {
        fake.set_state(server, ServerState::Stopped);
    }
    let other = fake.add_server("b.example.net");
    let group = fake.add_server_group("group", AntiAffinity::None, &[]);
    World { server: server.to_string(), other: other.to_string(), group: group.to_string(), fake }
}

impl World {
    /// The request with identifiers of what is there.
    fn body(&self, sent: &Sent) -> Value {
        let mut body = sent.body.clone();
        self.place(&mut body, "", &Value::Null);
        body
    }

    fn place(&self, value: &mut Value, name: &str, around: &Value) {
        match value {
            Value::Object(members) => {
                let around = Value::Object(members.clone());
                members.iter_mut().for_each(|(name, value)| self.place(value, name, &around));
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.place(item, name, around)),
            Value::String(text) => match name {
                "storage" if !text.is_empty() && around["type"] == "cdrom" => *text = CDROM.to_string(),
                "storage" if !text.is_empty() => *text = NATIVE_TEMPLATE.to_string(),
                "server_group" if !text.is_empty() => self.group.clone_into(text),
                "server" | "uuid" => self.other.clone_into(text),
                _ => {}
            },
            Value::Number(_) if name == "host" || name == "avoid_host" => *value = self.fake.hosts()[1].into(),
            _ => {}
        }
    }

    async fn answer(&self, operation: Operation, body: &Value) -> (u16, Value) {
        let path = format!("/1.3{}", operation.path());
        let path = if path.contains("server-group") {
            path.replacen("{uuid}", &self.group, 1)
        } else {
            path.replacen("{uuid}", &self.server, 1)
        };
        let request = Request::builder().method(operation.method()).uri(path).header("Authorization", "Bearer ucat_x");
        let request = request.body(body.to_string().into_bytes()).expect("a request");
        let response = self.fake.respond(request).await.expect("an answer");
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or_default())
    }
}

/// What became of a request in a world of its own.
async fn outcome(sent: &Sent, change: impl FnOnce(&mut Value)) -> (u16, String, String) {
    let world = world(sent.operation).await;
    let mut body = world.body(sent);
    change(&mut body);
    let (status, answer) = world.answer(sent.operation, &body).await;
    let text = |key: &str| answer["error"][key].as_str().unwrap_or_default().to_owned();
    (status, text("error_code"), text("error_message"))
}

/// The pointers of all objects and of all other values but lists.
fn places(value: &Value, at: &str, objects: &mut Vec<String>, values: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            objects.push(at.to_owned());
            members.iter().for_each(|(name, value)| places(value, &format!("{at}/{name}"), objects, values));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| places(item, &format!("{at}/{n}"), objects, values));
        }
        _ => values.push(at.to_owned()),
    }
}

/// The required attributes that are there, by the description.
fn required(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let mut schema = schema;
    while let Some(reference) = schema["$ref"].as_str().or_else(|| schema["allOf"][0]["$ref"].as_str()) {
        schema = root.pointer(reference.trim_start_matches('#')).expect("what is referred to");
    }
    match value {
        Value::Object(members) => {
            let names: BTreeSet<&str> =
                schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            for (name, value) in members {
                let at = format!("{at}/{name}");
                if names.contains(name.as_str()) {
                    found.push(at.clone());
                }
                required(root, &schema["properties"][name], value, &at, found);
            }
        }
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                required(root, &schema["items"], item, &format!("{at}/{n}"), found);
            }
        }
        _ => {}
    }
}

fn is_documented(operation: Operation, status: u16, code: &str) -> bool {
    let code = ErrorCode::from(code);
    // Known from the wire, so in no table of an operation.
    let general = [
        ErrorCode::InvalidRequest,
        ErrorCode::UnknownAttribute,
        ErrorCode::InvalidHostId,
        ErrorCode::SourceIpFilteringInvalid,
    ];
    // A host and a group are refused in the words of other operations, where their own has none.
    let of_others = code.documented_for().any(|(_, of)| of == status);
    code.documented_for().any(|row| row == (operation, status))
        || of_others
        || (status == 400 && general.contains(&code))
}

#[tokio::test]
async fn what_was_sent_is_taken_and_what_is_wrong_is_refused() {
    let description = description();
    let mut faults = Vec::new();
    let (mut taken, mut unknown, mut other_kind, mut missing) = (0, 0, 0, 0);
    let recorded = recorded();
    let (records, all) = (recorded.len(), recorded.into_iter().chain(examples(&description)).collect::<Vec<_>>());
    for (number, sent) in all.iter().enumerate() {
        let (status, code, message) = outcome(sent, |_| {}).await;
        if status >= 300 {
            // What the real one took has to be taken. An example may need more than is there.
            if number < records {
                faults.push(format!("{}: {status} {code}: {message}", sent.from));
            }
            continue;
        }
        taken += 1;
        let (mut objects, mut values) = (Vec::new(), Vec::new());
        places(&sent.body, "", &mut objects, &mut values);
        for at in objects {
            let (status, code, message) = outcome(sent, |body| {
                let object = body.pointer_mut(&at).and_then(Value::as_object_mut);
                object.expect("an object").insert("nonsense".to_owned(), 1.into());
            })
            .await;
            unknown += 1;
            if (status, code.as_str()) != (400, "UNKNOWN_ATTRIBUTE") || !message.contains("nonsense") {
                faults.push(format!("{}: an unknown attribute in {at:?}: {status} {code}: {message}", sent.from));
            }
        }
        for at in values {
            let (status, code, message) =
                outcome(sent, |body| *body.pointer_mut(&at).expect("a value") = json!([{"odd": true}])).await;
            other_kind += 1;
            if !is_documented(sent.operation, status, &code) {
                faults.push(format!("{}: {at} of another kind: {status} {code}: {message}", sent.from));
            }
        }
        let schema = description["paths"].as_object().expect("paths").values();
        let schema = schema.flat_map(|item| item.as_object().into_iter().flatten()).map(|(_, of)| of);
        let schema = schema.filter(|of| of["operationId"] == sent.operation.id());
        let schema = schema.map(|of| &of["requestBody"]["content"]["application/json"]["schema"]).next();
        let mut needed = Vec::new();
        required(&description, schema.expect("a schema"), &sent.body, "", &mut needed);
        // A start may have an empty object, or no body at all.
        needed.retain(|at| !(at == "/server" && sent.operation == Operation::StartServer));
        needed.retain(|at| !NOT_MISSED.iter().any(|end| at.ends_with(end)));
        for at in needed {
            let (status, code, message) = outcome(sent, |body| {
                let (around, name) = at.rsplit_once('/').expect("a pointer");
                body.pointer_mut(around).and_then(Value::as_object_mut).expect("an object").remove(name);
            })
            .await;
            missing += 1;
            if !is_documented(sent.operation, status, &code) {
                faults.push(format!("{}: without {at}: {status} {code}: {message}", sent.from));
            }
        }
    }
    println!(
        "{taken} of {} requests taken ({records} recorded), refused: {unknown} with an unknown attribute, {other_kind} with a \
         value of another kind, {missing} without what is required",
        all.len()
    );
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert!(taken * 10 >= all.len() * 8, "{taken} of {} are taken", all.len());
    assert!(unknown > 50 && other_kind > 100 && missing > 50, "{unknown} {other_kind} {missing}");
}

/// What the vendor's Go client sends for whatever a program has not set.
#[tokio::test]
async fn null_and_nothing_are_absence() {
    let fake = Fake::start().await;
    let server = json!({
        "hostname": "a.example.net", "title": "a", "zone": "fi-hel1", "networking": null, "labels": null,
        "server_group": null, "user_data": null, "login_user": null, "plan": "", "timezone": "", "simple_backup": "",
        "remote_access_password": "", "boot_order": null,
        "storage_devices": {"storage_device": [{
            "action": "create", "storage": "", "title": "d", "size": 20, "tier": "", "address": "", "backup_rule": null,
            "encrypted": "yes",
        }]},
    });
    let body = json!({ "server": server }).to_string().into_bytes();
    let request = Request::post("/1.3/server").header("Authorization", "Bearer ucat_x").body(body).expect("a request");
    let response = fake.respond(request).await.expect("an answer");
    let answer: Value = serde_json::from_slice(response.body()).expect("JSON");
    assert_eq!(response.status(), 202, "{answer}");
    let device = &answer["server"]["storage_devices"]["storage_device"][0];
    assert_eq!((&device["storage_encrypted"], &device["storage_size"]), (&json!("yes"), &json!(20)));
    assert_eq!(answer["server"]["plan"], "custom");
}

#[tokio::test]
async fn an_error_names_what_was_wrong() {
    let fake = Fake::start().await;
    let wrong = |change: Value| {
        let mut server = json!({
            "hostname": "a.example.net", "title": "a", "zone": "fi-hel1",
            "networking": {"interfaces": {"interface": [{"type": "public", "ip_addresses": {"ip_address": [{"family": "IPv4"}]}}]}},
            "storage_devices": {"storage_device": [{"action": "create", "title": "d", "size": 20}]},
        });
        server.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        Request::post("/1.3/server")
            .header("Authorization", "Bearer ucat_x")
            .body(json!({ "server": server }).to_string().into_bytes())
            .expect("a request")
    };
    for (change, code, told) in [
        (json!({"nic_model": "ne2000"}), "NIC_MODEL_INVALID", "The attribute nic_model was \"ne2000\"."),
        (json!({"firewall": 7}), "FIREWALL_INVALID", "The attribute firewall was 7."),
        (json!({"user_data": [1]}), "USER_DATA_INVALID", "The attribute user_data is not accepted."),
        (
            json!({"networking": {"interfaces": {"interface": [{
                "type": "public", "source_ip_filtering": "no", "ip_addresses": {"ip_address": [{"family": "IPv4"}]},
            }]}}}),
            "SOURCE_IP_FILTERING_INVALID",
            "on private interfaces only, and this one is public",
        ),
        (json!({"zone": "mars"}), "ZONE_INVALID", "The attribute zone was \"mars\"."),
        (json!({"simple_backup": "often"}), "SIMPLE_BACKUP_INVALID", "The attribute simple_backup was \"often\"."),
        (json!({"remote_access_password": "canary"}), "VNC_PASSWORD_INVALID", "is not accepted."),
        (json!({"titel": "a"}), "UNKNOWN_ATTRIBUTE", "The attribute server.titel is not known."),
        (
            json!({"labels": {"label": [{"key": "a", "value": "b", "vlaue": "c"}]}}),
            "UNKNOWN_ATTRIBUTE",
            "The attribute server.labels.label.vlaue is not known.",
        ),
    ] {
        let response = fake.respond(wrong(change.clone())).await.expect("an answer");
        let answer: Value = serde_json::from_slice(response.body()).expect("JSON");
        assert_eq!((response.status().as_u16(), &answer["error"]["error_code"]), (400, &json!(code)), "{change}");
        let message = answer["error"]["error_message"].as_str().expect("a message");
        assert!(message.contains(told), "{change}: {message}");
    }
}

/// As recorded of servers with private networks, and of answers since 2025.
#[tokio::test]
async fn answers_tell_what_recorded_ones_do() {
    let fake = watched().await;
    let interface =
        |kind: &str, family: &str| json!({"type": kind, "ip_addresses": {"ip_address": [{"family": family}]}});
    let mut private = interface("private", "IPv4");
    private["network"] = json!("03a9d0c4-51e7-4c55-b2bb-1c2f7e0f9d11");
    private["source_ip_filtering"] = json!("no");
    let interfaces = [interface("public", "IPv4"), interface("utility", "IPv4"), interface("public", "IPv6"), private];
    let devices = json!([
        {"action": "create", "title": "plain", "size": 20},
        {"action": "create", "title": "secret", "size": 20, "encrypted": "yes"},
    ]);
    let create = |interfaces: &[Value], devices: &Value| {
        let body = json!({"server": {
            "hostname": "a.example.net", "title": "a", "zone": "fi-hel1",
            "networking": {"interfaces": {"interface": interfaces}},
            "storage_devices": {"storage_device": devices},
        }});
        let request = Request::post("/1.3/server").header("Authorization", "Bearer ucat_x");
        request.body(body.to_string().into_bytes()).expect("a request")
    };
    let read = |body: &[u8]| serde_json::from_slice::<Value>(body).expect("JSON")["server"].clone();

    let made = read(fake.respond(create(&interfaces, &devices)).await.expect("an answer").body());
    fake.finish_all();
    let path = format!("/1.3/server/{}", made["uuid"].as_str().expect("a UUID"));
    let get = Request::get(path).header("Authorization", "Bearer ucat_x").body(Vec::new()).expect("a request");
    let got = read(fake.respond(get).await.expect("an answer").body());
    for server in [&made, &got] {
        let access = server["ip_addresses"]["ip_address"].as_array().expect("addresses").iter().map(|of| &of["access"]);
        assert_eq!(access.collect::<Vec<_>>(), ["public", "utility", "public"]);
        let of_interfaces = server["networking"]["interfaces"]["interface"].as_array().expect("interfaces").iter();
        let of_interfaces: Vec<&Value> = of_interfaces.map(|of| &of["ip_addresses"]["ip_address"][0]).collect();
        assert!(of_interfaces[3]["address"].is_string(), "{server}");
        let policies: Vec<Option<&str>> = of_interfaces.iter().map(|of| of["release_policy"].as_str()).collect();
        assert_eq!(policies, [Some("release"), None, None, None]);
        let disks = server["storage_devices"]["storage_device"].as_array().expect("devices").iter();
        assert_eq!(disks.map(|of| &of["storage_encrypted"]).collect::<Vec<_>>(), ["no", "yes"]);
    }

    // What is made of an encrypted disk is encrypted, if nothing else is said.
    let secret = &got["storage_devices"]["storage_device"][1]["storage"];
    let clones = json!([{"action": "clone", "title": "copy", "storage": secret}]);
    let copy = read(fake.respond(create(&interfaces, &clones)).await.expect("an answer").body());
    assert_eq!(copy["storage_devices"]["storage_device"][0]["storage_encrypted"], "yes");
}

/// A misspelt filter does not give every server.
#[tokio::test]
async fn a_query_that_nobody_knows_is_refused() {
    let fake = Fake::start().await;
    fake.fill(3);
    for query in ["labels=env%3Dprod", "limit=1&ofset=2", "x"] {
        let request = Request::get(format!("/1.3/server?{query}")).header("Authorization", "Bearer ucat_x");
        let response = fake.respond(request.body(Vec::new()).expect("a request")).await.expect("an answer");
        let text = String::from_utf8_lossy(response.body()).into_owned();
        assert!(response.status() == 400 && text.contains("INVALID_REQUEST"), "{query}: {text}");
        assert!(text.contains("is not known here, but label, limit, offset"), "{query}: {text}");
    }
}
