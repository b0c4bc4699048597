//! The answers that the description shows are those that its requests get: each request is sent to the fake as it stands, and
//! what comes back has the same members with the same values, but for what only the platform can choose.

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;
#[allow(dead_code, reason = "the file is shared with other tests")]
mod fake_http;

use std::collections::BTreeSet;

use contract::{DESCRIPTION, Watch as _};
use fake_http::raw;
use serde_json::{Value, json};
use upcloud::{
    ServerState,
    fake::{Fake, Timing},
    types::AntiAffinity,
};

/// What the platform chooses.
const CHOSEN: [&str; 12] = [
    "address",
    "created",
    "host",
    "mac",
    "network",
    "password",
    "remote_access_host",
    "remote_access_password",
    "remote_access_port",
    "server_group",
    "storage",
    "uuid",
];

/// What the documentation shows, no recording has, and the fake does not tell.
const UNTOLD: [&str; 1] = ["part_of_plan"];

fn example(name: &str) -> Value {
    DESCRIPTION["components"]["examples"][name]["value"].clone()
}

/// Where the two differ; `ip_addresses` of the server has an order of its own and repeats what `networking` says.
fn differences(shown: &Value, told: &Value, at: &str, found: &mut Vec<String>) {
    match (shown, told) {
        (Value::Object(shown), Value::Object(told)) => {
            let keys: BTreeSet<&String> = shown.keys().chain(told.keys()).collect();
            for key in keys.into_iter().filter(|key| !UNTOLD.contains(&key.as_str())) {
                let at = format!("{at}/{key}");
                match (shown.get(key), told.get(key)) {
                    (Some(_), Some(_)) if CHOSEN.contains(&key.as_str()) || at == "/server/ip_addresses" => {}
                    (Some(shown), Some(told)) => differences(shown, told, &at, found),
                    (Some(_), None) => found.push(format!("{at} is shown and not told")),
                    _ => found.push(format!("{at} is told and not shown")),
                }
            }
        }
        (Value::Array(shown), Value::Array(told)) if shown.len() == told.len() => {
            for (n, (shown, told)) in shown.iter().zip(told).enumerate() {
                differences(shown, told, &format!("{at}/{n}"), found);
            }
        }
        _ if shown == told => {}
        _ => found.push(format!("{at} is shown as {shown} and told as {told}")),
    }
}

#[track_caller]
fn same(name: &str, told: &Value) {
    let mut found = Vec::new();
    differences(&example(name), told, "", &mut found);
    assert!(found.is_empty(), "{name}:\n{}", found.join("\n"));
}

#[tokio::test]
async fn a_request_gets_the_answer_that_stands_beside_it() {
    let fake = Fake::builder().watched().await;
    for (request, answer) in
        [("CreateFromTemplate", "ServerCreated"), ("CreateWithPassword", "ServerCreatedWithPassword")]
    {
        let mut body = example(request);
        if body["server"].get("server_group").is_some() {
            body["server"]["server_group"] = json!(fake.add_server_group("some", AntiAffinity::None, &[]));
        }
        let told = raw(&fake, "POST", "/1.3/server", &body.to_string()).await;
        assert_eq!(told.status, 202, "{request}: {}", told.text);
        same(answer, &told.json());
    }
}

/// Requests that name nothing of one account can be copied as they stand.
#[tokio::test]
async fn the_usual_requests_work_word_for_word() {
    let fake = Fake::builder().watched().await;
    let usual = ["CreateFromCloudInitTemplate", "CreateWithPassword", "CreateWindows", "CreateInPrivateNetwork"];
    for request in usual {
        let body = example(request);
        assert!(body["server"].get("host").is_none(), "{request} is for private clouds only");
        let told = raw(&fake, "POST", "/1.3/server", &body.to_string()).await;
        assert_eq!(told.status, 202, "{request}: {}", told.text);
        let path = format!("/1.3/server/{}", told.json()["server"]["uuid"].as_str().expect("a UUID"));
        assert_eq!(raw(&fake, "GET", &path, "").await.json()["server"]["state"], "started", "{request}");
        for (action, name) in [("stop", "StopHard"), ("start", "Start"), ("restart", "RestartHard"), ("stop", "Stop")] {
            let told = raw(&fake, "POST", &format!("{path}/{action}"), &example(name).to_string()).await;
            assert_eq!(told.status, 200, "{name}: {}", told.text);
            raw(&fake, "GET", &path, "").await;
        }
        // A start needs no body.
        assert_eq!(raw(&fake, "POST", &format!("{path}/start"), "").await.status, 200, "{request}");
    }
}

#[tokio::test]
async fn each_state_is_shown_as_it_is_told() {
    let fake = Fake::builder().timing(Timing::Manual).watched().await;
    let mut body = example("CreateFromTemplate");
    body["server"]["server_group"] = json!(fake.add_server_group("some", AntiAffinity::None, &[]));
    let created = raw(&fake, "POST", "/1.3/server", &body.to_string()).await.json();
    let uuid = created["server"]["uuid"].as_str().expect("a UUID").parse().expect("a UUID");
    let path = format!("/1.3/server/{uuid}");
    let mut maintenance = raw(&fake, "GET", &path, "").await.json();
    // How far it has come is a matter of when one asks.
    maintenance["server"]["progress"] = json!("85");
    same("ServerInMaintenance", &maintenance);
    fake.finish_all();
    let mut started = raw(&fake, "GET", &path, "").await.json();
    // A running server has had some traffic by the time somebody looks.
    started["server"]["plan_ipv4_bytes"] = json!("81920");
    started["server"]["tags"] = json!({"tag": ["STAGING"]});
    same("ServerStarted", &started);
    fake.set_state(uuid, ServerState::Stopped);
    let mut stopped = raw(&fake, "GET", &path, "").await.json();
    stopped["server"]["plan_ipv4_bytes"] = json!("81920");
    stopped["server"]["tags"] = json!({"tag": ["STAGING"]});
    same("ServerStopped", &stopped);
}
