//! A canary in every place that can hold a secret; Debug, Display and errors of every public type that carries one must
//! not show it.

mod scripted;

use std::collections::BTreeSet;

use scripted::{Reply, SPEC, Scripted};
use serde_json::{Value, json};
use upcloud::{
    Client, CreateServer, Credentials, MetadataClient, ModifyServer, Operation, Secret,
    types::{self, CreateServerRequest, ModifyServerRequest},
};
use uuid::Uuid;

const CANARY: &str = "canary17";

#[track_caller]
fn hidden(what: &str, shown: &str) {
    assert!(!shown.contains(CANARY), "{what} shows the secret: {shown}");
    assert!(!shown.is_empty(), "{what} shows nothing at all");
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
            let again = serde_json::to_value(&typed).expect($name).to_string();
            assert!(again.contains(CANARY), "a secret must still be sent: {again}");
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
        hidden("Wait", &format!("{:?}", client.servers().wait(Uuid::nil())));
        let server = CreateServer::from_template("a.example.net", "de-fra1", Uuid::nil())
            .user_data(CANARY)
            .remote_access_password(CANARY);
        hidden("CreateServer", &format!("{server:?}"));
        hidden("CreateServerRequest", &format!("{:?}", CreateServerRequest::new(server.clone())));
        hidden("Request<CreateServer>", &format!("{:?}", client.servers().create(server)));
        let changes = ModifyServer::default().remote_access_password(CANARY);
        hidden("ModifyServerRequest", &format!("{:?}", ModifyServerRequest::new(changes.clone())));
        hidden("Request<ModifyServer>", &format!("{:?}", client.servers().modify(Uuid::nil(), changes)));
        let endpoint = client.endpoint(http::Method::POST, "/x").json(json!({"password": CANARY}));
        hidden("Request<Endpoint>", &format!("{endpoint:?}"));
        let extra = client.servers().start(Uuid::nil()).body_field("password", CANARY);
        hidden("Request<StartServer>", &format!("{extra:?}"));
    }
    let secret = Secret::new(CANARY);
    hidden("Secret", &format!("{secret} {secret:?}"));
    hidden("MetadataClient", &format!("{:?}", MetadataClient::new().expect("a client")));
}

#[tokio::test]
async fn answers_and_errors() {
    let server = Scripted::start().await;
    let mut body: Value = SPEC["components"]["examples"]["ServerCreated"]["value"].clone();
    body["server"]["password"] = json!(CANARY);
    body["server"]["remote_access_password"] = json!(CANARY);
    server.answer(Reply(202, "application/json", body.to_string()));
    let answer = server.client().servers().get(Uuid::nil()).send().await.expect("an answer");
    assert_eq!(answer.value.password.as_ref().map(Secret::expose), Some(CANARY));
    hidden("Answer<Server>", &format!("{answer:?}"));

    // An answer that cannot be understood is quoted by no error, whatever is in it.
    body["server"]["uuid"] = json!(["many", CANARY]);
    server.answer(Reply(200, "application/json", body.to_string()));
    let error = server.client().servers().get(Uuid::nil()).await.expect_err("a list is no UUID");
    hidden("a decode error", &format!("{error} {error:?}"));
    body["server"]["uuid"] = json!(CANARY);
    server.answer(Reply(200, "application/json", body.to_string()));
    let error = server.client().servers().get(Uuid::nil()).await.expect_err("a word is no UUID");
    hidden("a decode error", &format!("{error} {error:?}"));
    body["server"]["uuid"] = json!(Uuid::nil());
    body["server"]["core_number"] = json!(["many", CANARY]);
    server.answer(Reply(200, "application/json", body.to_string()));
    let odd = server.client().servers().get(Uuid::nil()).await.expect("an answer with an odd member");
    hidden("an odd member", &format!("{odd:?}"));

    // The API may repeat what it was sent.
    for basic in [false, true] {
        let credentials = if basic { Credentials::basic("ann", CANARY) } else { Credentials::token(CANARY) };
        let client = Client::builder().credentials(credentials).base_url(server.base_url()).build().expect("a client");
        let echoed = "Basic YW5uOmNhbmFyeTE3";
        for text in [format!("no {CANARY}"), format!("<b>{CANARY}</b>"), format!("sent {echoed}")] {
            server.answer(Reply(401, "text/html", text.clone()));
            let error = client.servers().list().await.expect_err("refused");
            hidden("an error with an echo", &format!("{error} {error:?}"));
            if basic {
                assert!(!format!("{error} {error:?}").contains("YW5uOmNhbmFyeTE3"), "{error}");
            }
            server.answer(Reply::error(401, &format!("X_{CANARY}")));
            let error = client.servers().list().await.expect_err("refused");
            hidden("an error with an echo in its code", &format!("{error} {error:?}"));
        }
    }

    // User data is in the metadata, so the document is not quoted either.
    let mut document: Value = SPEC["components"]["examples"]["Metadata"]["value"].clone();
    document["user_data"] = json!(CANARY);
    document["instance_id"] = json!(CANARY);
    server.answer(Reply(200, "application/json", document.to_string()));
    let error = server.call(Operation::GetMetadata).await.expect_err("a word is no UUID");
    hidden("a metadata error", &format!("{error} {error:?}"));
}
