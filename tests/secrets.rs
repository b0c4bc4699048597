//! A canary in every place that can hold a secret; `Debug`, `Display`, `Serialize`, errors and spans of every public type that
//! carries one must not show it.

#[path = "secrets/canaries.rs"]
mod canaries;
#[path = "secrets/errors.rs"]
mod errors;
mod scripted;
#[path = "secrets/watched.rs"]
mod watched;

use std::{collections::BTreeSet, panic::catch_unwind};

use canaries::PLAIN as CANARY;
use http::Method;
use scripted::{Reply, SPEC, Scripted};
use serde_json::{Value, json};
use upcloud::{
    Client, CreateServer, Credentials, MetadataClient, ModifyServer, Secret,
    calls::Operation,
    fake::{CannedResponse, Fake},
    types::{self, CreateServerRequest, Exposed, ModifyServerRequest},
};
use uuid::Uuid;

#[track_caller]
fn hidden(what: &str, shown: &str) {
    canaries::hidden(CANARY, what, shown);
}

/// The value with the canary in every secret member of the schema, and in a member that no schema knows.
fn with_canary(schema: &str, mut value: Value) -> Value {
    for (name, property) in SPEC["components"]["schemas"][schema]["properties"].as_object().expect("properties") {
        if is_secret(property) {
            value[name] = json!(CANARY);
        }
    }
    value["unknown_password"] = json!({"inside": CANARY});
    value
}

fn is_secret(property: &Value) -> bool {
    let own = |schema: &Value| schema["format"] == "password" || schema["x-sensitive"] == true;
    let target = property["$ref"].as_str().or_else(|| property["allOf"][0]["$ref"].as_str());
    own(property) || target.is_some_and(|target| own(SPEC.pointer(&target[1..]).expect("a target")))
}

#[test]
fn every_type_with_a_secret_member() {
    let secret: BTreeSet<&str> = SPEC["components"]["schemas"]
        .as_object()
        .expect("schemas")
        .iter()
        .filter(|(_, schema)| schema["properties"].as_object().is_some_and(|all| all.values().any(is_secret)))
        .map(|(name, _)| name.as_str())
        .collect();
    let mut shown = BTreeSet::new();
    let example = |name: &str, key: &str| SPEC["components"]["examples"][name]["value"][key].clone();
    macro_rules! check {
        ($name:literal, $type:ty, $value:expr) => {{
            let value = with_canary($name, $value);
            let typed: $type = serde_json::from_value(value.clone()).expect($name);
            hidden($name, &format!("{typed:?}"));
            hidden($name, &format!("{typed:#?}"));
            hidden($name, &format!("{:?}", Exposed(&typed)));
            let exposed = serde_json::to_value(Exposed(&typed)).expect($name);
            assert_eq!(serde_json::from_value::<$type>(exposed.clone()).expect($name), typed, "a round trip");
            for (name, member) in value.as_object().expect("an object") {
                assert_eq!(*member == CANARY, exposed[name] == CANARY, "{name} of {exposed}");
            }
            // An unknown member is serialized as it came.
            let mut known = value;
            known.as_object_mut().expect("an object").remove("unknown_password");
            let known: $type = serde_json::from_value(known).expect($name);
            let logged = serde_json::to_value(&known).expect($name);
            hidden($name, &logged.to_string());
            assert_eq!(
                logged.to_string().matches("[redacted]").count(),
                exposed.to_string().matches(CANARY).count() - 1
            );
            shown.insert($name);
        }};
    }
    check!("Server", types::Server, example("ServerStarted", "server"));
    check!("CreateServer", types::CreateServer, example("CreateFromTemplate", "server"));
    check!("ModifyServer", types::ModifyServer, example("Modify", "server"));
    check!("Metadata", types::Metadata, SPEC["components"]["examples"]["Metadata"]["value"].clone());
    assert_eq!(shown, secret, "the description has other types with secrets than this test shows");
}

#[test]
fn credentials_clients_and_requests() {
    for credentials in [Credentials::token(CANARY), Credentials::basic("ann", CANARY)] {
        hidden("Credentials", &format!("{credentials:?}"));
        let builder = Client::builder().credentials(credentials).base_url("http://127.0.0.1:9");
        hidden("ClientBuilder", &format!("{builder:?}"));
        let client = builder.build().expect("a client");
        hidden("Client", &format!("{client:?}"));
        hidden("the generated client", &format!("{:?}", client.generated()));
        hidden("Servers", &format!("{:?}", client.servers()));
        hidden("Wait", &format!("{:?}", client.servers().wait_until_deleted(Uuid::nil())));
        let server = CreateServer::from_template("a.example.net", "de-fra1", Uuid::nil())
            .user_data(CANARY)
            .remote_access_password(CANARY);
        hidden("CreateServer", &format!("{server:?}"));
        hidden("CreateServerRequest", &format!("{:?}", CreateServerRequest::new(server.clone())));
        hidden("CreateServerCall", &format!("{:?}", client.servers().create(server)));
        let changes = ModifyServer::default().remote_access_password(CANARY);
        hidden("ModifyServerRequest", &format!("{:?}", ModifyServerRequest::new(changes.clone())));
        hidden("ModifyServerCall", &format!("{:?}", client.servers().modify(Uuid::nil(), changes)));
        let endpoint = client.endpoint(http::Method::POST, "/x").json(&json!({"password": CANARY}));
        hidden("EndpointCall", &format!("{endpoint:?}"));
        let query = client.servers().list().query("password", CANARY);
        hidden("the query of a request", &format!("{query:?} {query:#?}"));
        let query = client.servers().list().query("token", CANARY);
        hidden("ListServersCall", &format!("{query:?} {query:#?}"));
        let path = client.endpoint(http::Method::GET, format!("/x?token={CANARY}#{CANARY}"));
        hidden("EndpointCall", &format!("{path:?} {path:#?}"));
        let extra = client.servers().start(Uuid::nil()).field("password", CANARY);
        hidden("StartServerCall", &format!("{extra:?}"));
    }
    let secret = Secret::new(CANARY);
    hidden("Secret", &format!("{secret} {secret:?}"));
    hidden("MetadataClient", &format!("{:?}", MetadataClient::new().expect("a client")));
    for base in [
        format!("http://ann:{CANARY}@127.0.0.1:9"),
        format!("http://{CANARY}@127.0.0.1:9"),
        format!("http://127.0.0.1:9?token={CANARY}"),
        format!("http://127.0.0.1:9/x#{CANARY}"),
        format!("ann:{CANARY}@127.0.0.1"),
        format!("http://ann:{CANARY}@ 127.0.0.1"),
    ] {
        let builder = Client::builder().token("t").base_url(&base);
        hidden("ClientBuilder", &format!("{builder:?} {builder:#?}"));
        let error = builder.build().expect_err("refused");
        hidden("the error of a base URL", &format!("{error} {error:?}"));
        let builder = MetadataClient::builder().base_url(&base);
        hidden("MetadataClientBuilder", &format!("{builder:?} {builder:#?}"));
        let error = builder.build().expect_err("refused");
        hidden("the error of an address of metadata", &format!("{error} {error:?}"));
    }
}

#[tokio::test]
async fn answers() {
    let server = Scripted::start().await;
    let mut body: Value = SPEC["components"]["examples"]["ServerCreated"]["value"].clone();
    body["server"]["password"] = json!(CANARY);
    body["server"]["remote_access_password"] = json!(CANARY);
    server.answer(Reply(202, "application/json; canary17", body.to_string()));
    let uuid = body["server"]["uuid"].as_str().and_then(|uuid| uuid.parse().ok()).expect("an identifier");
    let answer = server.client().servers().get(uuid).send().await.expect("an answer");
    assert_eq!(answer.value.password.as_ref().map(Secret::expose), Some(CANARY));
    hidden("Answer<Server>", &format!("{answer:?} {answer:#?}"));
}

/// Every place of a value, as JSON pointers; of a list the first element.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| pointers(member, &format!("{at}/{name}"), found));
        }
        Value::Array(items) => items.iter().take(1).for_each(|item| pointers(item, &format!("{at}/0"), found)),
        _ => {}
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_understood_is_not_quoted_wherever_it_breaks() {
    let server = Scripted::start().await;
    let mut asked = 0;
    for (turn, operation) in Operation::ALL.iter().copied().enumerate() {
        let Reply(status, content_type, body) = Reply::success(operation);
        let Ok(body @ Value::Object(_)) = serde_json::from_str(&body) else { continue };
        let (mut places, mut failed) = (Vec::new(), 0);
        pointers(&body, "", &mut places);
        for (number, place) in places.iter().enumerate() {
            // One kind for each place: the operations share most of their places.
            let kinds = [json!(format!("{CANARY}, expected {CANARY}")), json!([CANARY]), json!({CANARY: CANARY})];
            let mut broken = body.clone();
            *broken.pointer_mut(place).expect("a place") = kinds[(number + turn) % kinds.len()].clone();
            server.answer(Reply(status, content_type, broken.to_string()));
            if let Err(error) = server.call(operation).await {
                hidden(&format!("{operation} at {place}"), &canaries::shown(&error));
                failed += 1;
            }
        }
        // What does not identify a thing is read as absent, so few places break an answer; the outermost does always.
        assert!(failed > 0, "{operation} never failed");
        asked += places.len();
    }
    assert!(asked > 200, "{asked} places");
}

#[tokio::test]
async fn the_fake_shows_no_secret_but_answers_and_saves_them() {
    let fake = Fake::start().await;
    let uuid = fake.add_server("web-1.example.net");
    let mut server = fake.server(uuid).expect("there");
    server.password = Some(CANARY.into());
    let canned = CannedResponse::json(200, &json!({"server": Exposed(&server)})).header("X-Secret", CANARY);
    hidden("CannedResponse", &format!("{canned:?} {canned:#?}"));
    fake.answer_next(Operation::GetServer, canned);
    let client = fake.client();
    let read = client.servers().get(uuid).query("password", CANARY).await.expect("an answer");
    assert_eq!(read.password.as_ref().map(Secret::expose), Some(CANARY));
    fake.answer_next(Operation::GetServer, CannedResponse::json(200, &wrapped(&server)));
    assert_eq!(client.servers().get(uuid).await.expect("an answer").password, read.password, "secrets as they are");

    let template = client.catalog().templates().await.expect("templates")[0].uuid;
    let wanted = CreateServer::from_template("a.example.net", "de-fra1", template).metadata(true).user_data(CANARY);
    let created = client.servers().create(wanted.remote_access_password("canary17")).await.expect("created");
    let saved = fake.save();
    let password = created.password.as_ref().expect("a password").expose();
    for shown in [format!("{saved:?}"), format!("{fake:?}"), format!("{:?}", fake.requests())] {
        hidden("the fake", &shown);
        assert!(!shown.contains(password), "{shown}");
    }
    let text = saved.to_json();
    assert_eq!(text.matches(CANARY).count(), 2, "user data and the console password: {text}");
    assert!(!text.contains("[redacted]"), "{text}");
    assert!(!serde_json::to_string(&saved).expect("JSON").contains(CANARY));
    assert_eq!(created.remote_access_password.as_ref().expect("a password").expose(), CANARY);
}

fn wrapped(server: &types::Server) -> types::ServerResponse {
    serde_json::from_value(json!({"server": Exposed(server)})).expect("a server")
}

#[tokio::test]
async fn what_a_log_shows_is_never_sent() {
    let fake = Fake::start().await;
    let client = fake.client();
    let read = |schema: &str, example: &str, name: &str| {
        let mut value = SPEC["components"]["examples"][example]["value"]["server"].clone();
        for (other, property) in SPEC["components"]["schemas"][schema]["properties"].as_object().expect("properties") {
            if is_secret(property) {
                value.as_object_mut().expect("an object").remove(other);
            }
        }
        value[name] = json!("[redacted]");
        value
    };
    let mut refused = Vec::new();
    for (schema, example) in [("CreateServer", "CreateFromTemplate"), ("ModifyServer", "Modify")] {
        for (name, property) in SPEC["components"]["schemas"][schema]["properties"].as_object().expect("properties") {
            if !is_secret(property) {
                continue;
            }
            let (value, servers) = (read(schema, example, name), client.servers());
            let (method, path) =
                if schema == "CreateServer" { (Method::POST, "/server") } else { (Method::PUT, "/server/x") };
            let endpoint = client.endpoint(method, path).json(&json!({"server": value})).await.map(drop);
            let errors = if schema == "CreateServer" {
                let wanted: CreateServer = serde_json::from_value(value).expect(schema);
                let checked = servers.create(wanted.clone()).await.map(drop);
                [checked, servers.create(wanted).without_checks().await.map(drop), endpoint]
            } else {
                let wanted: ModifyServer = serde_json::from_value(value).expect(schema);
                let checked = servers.modify(Uuid::nil(), wanted.clone()).await.map(drop);
                [checked, servers.modify(Uuid::nil(), wanted).without_checks().await.map(drop), endpoint]
            };
            refused.extend(errors.map(|outcome| (name, outcome)));
        }
    }
    let extra = client.servers().start(Uuid::nil()).field("token", "[redacted]").await.map(drop);
    let token = "token".to_owned();
    refused.push((&token, extra));
    assert_eq!(refused.len(), 10, "three for each secret of the two requests, and one more");
    for (name, outcome) in refused {
        let error = outcome.expect_err(name);
        assert!(error.is_configuration(), "{error:?}");
        assert!(
            error.to_string().contains(name.as_str()) && error.to_string().contains("[redacted]"),
            "{name}: {error}"
        );
        assert_eq!(error.attempts(), 0, "{error}");
    }
    assert_eq!(fake.requests(), [], "nothing was sent");
}

#[test]
fn a_panic_inside_does_not_leave_secrets_exposed() {
    struct Panics;

    impl serde::Serialize for Panics {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("a fault of somebody else");
        }
    }

    catch_unwind(|| serde_json::to_string(&Exposed(&Panics)).is_ok()).expect_err("a panic");
    hidden("Secret", &serde_json::to_string(&Secret::new(CANARY)).expect("JSON"));
    let both = (Exposed(&Secret::new("inner")), Secret::new(CANARY));
    assert_eq!(serde_json::to_string(&both).expect("JSON"), r#"["inner","[redacted]"]"#);
}
