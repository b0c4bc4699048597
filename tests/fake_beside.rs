//! What tools ask for around a server's life: each exchange is held against `src/fake/beside.yaml`, and its state against that
//! of the servers.

#[allow(dead_code, clippy::unwrap_used, reason = "the file is shared with other tests")]
#[path = "support/schema.rs"]
mod schema;
#[allow(dead_code, clippy::unwrap_used, reason = "the file is shared with other tests")]
mod support;

use std::collections::BTreeSet;

use http::Request;
use schema::Validators;
use serde_json::{Value, json};
use support::escape;
use upcloud::{
    ServerState,
    fake::{CDROM, Fake, NATIVE_TEMPLATE, ServerSeed, Snapshot},
    types::{BackupDeletion, Uuid},
};

/// A fake with the description of what is beside the chapter.
struct Tool {
    fake: Fake,
    description: Value,
    validators: Validators,
    /// The operations that succeeded.
    used: BTreeSet<String>,
}

impl Tool {
    fn new(fake: Fake) -> Self {
        let description: Value = yaml_serde::from_str(include_str!("../src/fake/beside.yaml")).expect("a description");
        let validators = Validators::new(&description, true);
        Self { fake, description, validators, used: BTreeSet::new() }
    }

    /// The operation of a path; one without parameters goes first.
    fn operation(&self, method: &str, path: &str) -> Option<Value> {
        let asked: Vec<&str> = path.trim_matches('/').split('/').collect();
        let paths = self.description["paths"].as_object().expect("paths");
        let fits = |template: &str| {
            let parts: Vec<&str> = template.trim_matches('/').split('/').collect();
            let is_of_kind = parts == ["storage", "{kind}"];
            parts.len() == asked.len()
                && parts.iter().zip(&asked).all(|(part, asked)| part == asked || part.starts_with('{'))
                && (parts[0] != "storage" || parts.len() == 1 || is_of_kind == (asked[1].len() != 36))
        };
        let found = paths.iter().find(|(template, item)| fits(template) && item[method.to_lowercase()].is_object());
        found.map(|(_, item)| item[method.to_lowercase()].clone())
    }

    async fn ask(&mut self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let sent = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let request =
            Request::builder().method(method).uri(format!("/1.3{path}")).header("Authorization", "Bearer ucat_x");
        let response = self.fake.respond(request.body(sent).expect("a request")).await.expect("an answer");
        let (status, answer) =
            (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap_or_default());
        if status < 300 {
            let operation = self.operation(method, path.split('?').next().unwrap_or_default());
            let operation = operation.unwrap_or_else(|| panic!("{method} {path} is not described"));
            self.used.insert(operation["operationId"].as_str().expect("an id").to_owned());
            let mut described = &operation["responses"][status.to_string()];
            assert!(described.is_object(), "{method} {path}: {status} is not described");
            if let Some(at) = described["$ref"].as_str() {
                described = self.description.pointer(at.trim_start_matches('#')).expect("a response");
            }
            let schema = described.pointer(&format!("/content/{}/schema", escape("application/json"))).cloned();
            if let Some(schema) = schema {
                let faults = self.validators.faults(&schema, &answer);
                assert!(faults.is_empty(), "{method} {path}: {faults:?}\n{answer}");
            }
        }
        (status, answer)
    }

    async fn get(&mut self, path: &str) -> Value {
        let (status, answer) = self.ask("GET", path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    fn devices(&self, server: Uuid) -> Vec<(String, Option<Uuid>)> {
        let server = self.fake.server(server).expect("a server");
        server.storage_devices.into_iter().map(|device| (device.address, device.storage)).collect()
    }
}

fn uuids(list: &Value) -> Vec<String> {
    list.as_array().expect("a list").iter().map(|item| item["uuid"].as_str().expect("a UUID").to_owned()).collect()
}

#[tokio::test]
async fn everything_that_is_described_is_there_and_goes_with_the_servers() {
    let mut tool = Tool::new(Fake::start().await);
    let server = tool.fake.add_server(ServerSeed::new("web-1.example.net"));
    let other = tool.fake.add_server(ServerSeed::new("web-2.example.net"));
    assert_eq!(tool.get("/account").await["account"]["username"], "fake");
    assert!(tool.get("/price").await["prices"]["zone"].as_array().expect("zones").len() > 5);

    // Storages: public ones, and the disks of servers.
    let disk = tool.devices(server)[0].1.expect("a disk").to_string();
    let all = uuids(&tool.get("/storage").await["storages"]["storage"]);
    assert!(all.contains(&disk) && all.contains(&NATIVE_TEMPLATE.to_string()), "{all:?}");
    let private = uuids(&tool.get("/storage/private").await["storages"]["storage"]);
    assert!(private.len() == 2 && private.contains(&disk), "{private:?}");
    let details = tool.get(&format!("/storage/{disk}")).await;
    assert_eq!(details["storage"]["servers"]["server"], json!([server]));
    let change = json!({ "storage": { "title": "data", "size": 60 } });
    assert_eq!(tool.ask("PUT", &format!("/storage/{disk}"), change).await.0, 202);
    let seen = tool.fake.server(server).expect("a server").storage_devices.swap_remove(0);
    assert_eq!((seen.storage_title.as_deref(), seen.storage_size), (Some("data"), Some(60)));
    for (path, status, code) in [
        (disk.clone(), 409, "STORAGE_STATE_ILLEGAL"),
        (NATIVE_TEMPLATE.to_string(), 403, "STORAGE_FORBIDDEN"),
        (Uuid::nil().to_string(), 404, "STORAGE_NOT_FOUND"),
    ] {
        let (found, answer) = tool.ask("DELETE", &format!("/storage/{path}"), Value::Null).await;
        assert_eq!((found, &answer["error"]["error_code"]), (status, &json!(code)), "{path}");
    }

    // Detached, it is a storage of the account; attached, a device of another server.
    let detach = json!({ "storage_device": { "address": tool.devices(server)[0].0 } });
    assert_eq!(tool.ask("POST", &format!("/server/{server}/storage/detach"), detach).await.0, 200);
    assert!(tool.devices(server).is_empty());
    assert_eq!(tool.get(&format!("/storage/{disk}")).await["storage"]["servers"]["server"], json!([]));
    let attach = json!({ "storage_device": { "storage": disk, "type": "disk" } });
    assert_eq!(tool.ask("POST", &format!("/server/{other}/storage/attach"), attach.clone()).await.0, 200);
    assert_eq!(tool.devices(other).len(), 2);
    assert_eq!(tool.ask("POST", &format!("/server/{server}/storage/attach"), attach).await.0, 409, "it is in use");
    let drive = json!({ "storage_device": { "storage": CDROM, "type": "cdrom" } });
    assert_eq!(tool.ask("POST", &format!("/server/{server}/storage/attach"), drive.clone()).await.0, 200);
    assert_eq!(tool.ask("POST", &format!("/server/{server}/cdrom/eject"), Value::Null).await.0, 200);
    assert_eq!(tool.devices(server)[0].1, None);
    let load = json!({ "storage_device": { "storage": CDROM } });
    assert_eq!(tool.ask("POST", &format!("/server/{server}/cdrom/load"), load).await.0, 200);
    assert_eq!(tool.devices(server)[0].1, Some(CDROM));

    // Addresses and networks are those of the servers.
    let networking = tool.get(&format!("/server/{server}/networking")).await;
    let address = networking.pointer("/networking/interfaces/interface/0/ip_addresses/ip_address/0/address");
    let address = address.and_then(Value::as_str).expect("an address").to_owned();
    assert_eq!(tool.get(&format!("/ip_address/{address}")).await["ip_address"]["server"], json!(server));
    let network = tool.get("/network?zone=fi-hel1").await["networks"]["network"][0]["uuid"].clone();
    tool.get(&format!("/network/{}", network.as_str().expect("a UUID"))).await;
    assert_eq!(tool.get("/network?zone=de-fra1").await["networks"]["network"], json!([]));

    // Tags.
    let tag = json!({ "tag": { "name": "web", "description": "front", "servers": { "server": [server] } } });
    assert_eq!(tool.ask("POST", "/tag", tag).await.0, 201);
    assert_eq!(tool.fake.client().servers().list().tag("web").await.expect("an answer").len(), 1);
    assert_eq!(tool.ask("POST", &format!("/server/{other}/tag/web"), Value::Null).await.0, 200);
    assert_eq!(tool.get("/tag").await["tags"]["tag"][0]["servers"]["server"], json!([server, other]));
    assert_eq!(tool.ask("POST", &format!("/server/{server}/untag/web"), Value::Null).await.0, 200);
    assert_eq!(tool.ask("PUT", "/tag/web", json!({ "tag": { "description": "x" } })).await.0, 200);
    let renamed = tool.ask("PUT", "/tag/web", json!({ "tag": { "name": "front", "description": null } })).await;
    assert_eq!((renamed.0, &renamed.1["tag"]["servers"]["server"]), (200, &json!([other])));
    assert_eq!(tool.ask("DELETE", "/tag/web", Value::Null).await.0, 404);
    assert_eq!(tool.ask("DELETE", "/tag/front", Value::Null).await.0, 204);
    assert!(tool.fake.server(other).expect("a server").tags.is_empty());

    // Firewall rules, in their order.
    let rules = format!("/server/{server}/firewall_rule");
    let one = |port: &str| json!({ "direction": "in", "action": "accept", "protocol": "tcp", "destination_port_start": port });
    let both = json!({ "firewall_rules": { "firewall_rule": [one("22"), one("80")] } });
    assert_eq!(tool.ask("PUT", &rules, both).await.0, 204);
    let mut first = one("443");
    first["position"] = "1".into();
    assert_eq!(tool.ask("POST", &rules, json!({ "firewall_rule": first })).await.0, 201);
    let ports = |answer: &Value| -> Vec<String> {
        let all = answer["firewall_rules"]["firewall_rule"].as_array().expect("rules");
        all.iter().map(|rule| format!("{} {}", rule["position"], rule["destination_port_start"])).collect()
    };
    assert_eq!(ports(&tool.get(&rules).await), ["\"1\" \"443\"", "\"2\" \"22\"", "\"3\" \"80\""]);
    assert_eq!(tool.ask("DELETE", &format!("{rules}/2"), Value::Null).await.0, 204);
    let kept = ports(&tool.get(&rules).await);
    assert_eq!(kept, ["\"1\" \"443\"", "\"2\" \"80\""]);
    assert_eq!(tool.ask("POST", &rules, json!({ "firewall_rule": { "action": "accept" } })).await.0, 400);

    // What is saved is there again.
    let saved = Snapshot::from_json(&tool.fake.save().to_json()).expect("what was saved");
    tool.fake.load(saved);
    assert_eq!(ports(&tool.get(&rules).await), kept);

    // A server that goes frees its addresses, and takes its storages along if it is told so.
    tool.fake.client().servers().ensure_deleted(other, Some(BackupDeletion::Delete)).await.expect("deleted");
    assert_eq!(tool.ask("GET", &format!("/storage/{disk}"), Value::Null).await.0, 404);
    tool.fake.client().servers().ensure_deleted(server, None).await.expect("deleted");
    assert_eq!(tool.get("/ip_address").await["ip_addresses"]["ip_address"], json!([]));
    assert_eq!(tool.ask("GET", &rules, Value::Null).await.0, 404);

    // A disk that was left is deleted by itself, as tools do at the end.
    let third = tool.fake.add_server(ServerSeed::new("web-3.example.net").state(ServerState::Stopped));
    let left = tool.devices(third)[0].1.expect("a disk");
    tool.fake.client().servers().delete(third).await.expect("deleted");
    assert_eq!(tool.ask("DELETE", &format!("/storage/{left}"), Value::Null).await.0, 204);
    assert_eq!(tool.get("/storage/private").await["storages"]["storage"], json!([]));

    let paths = tool.description["paths"].as_object().expect("paths").values();
    let described = paths.flat_map(|item| item.as_object().into_iter().flatten());
    let described: BTreeSet<String> =
        described.filter_map(|(_, of)| of["operationId"].as_str().map(str::to_owned)).collect();
    assert_eq!(tool.used, described, "everything that is described was used");
}

#[tokio::test]
async fn what_the_fake_does_not_have_says_so() {
    let mut tool = Tool::new(Fake::start().await);
    let server = tool.fake.add_server("web-1.example.net");
    let interface = format!("/server/{server}/networking/interface");
    for (method, path) in [
        ("GET", "/kubernetes"),
        ("GET", "/database/x"),
        ("POST", interface.as_str()),
        ("DELETE", "/ip_address/192.0.2.1"),
    ] {
        let (status, answer) = tool.ask(method, path, Value::Null).await;
        let message = answer["error"]["error_message"].as_str().expect("a message");
        assert_eq!(status, 501, "{method} {path}: {answer}");
        assert!(message.contains(&format!("This fake does not have {method} /1.3{path}")), "{message}");
    }
    for path in ["/nonsense", "/accounts", ""] {
        assert_eq!(tool.ask("GET", path, Value::Null).await.0, 404, "{path}");
    }
    assert_eq!(tool.ask("PATCH", &format!("/server/{server}"), Value::Null).await.0, 405, "a path of the chapter");
}
