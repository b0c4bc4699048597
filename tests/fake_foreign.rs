//! What other people's clients send beside the description, and what the fake makes of it.

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;
#[allow(dead_code, reason = "the file is shared with other tests")]
mod fake_http;

use serde_json::json;
use upcloud::{
    ServerState, StopMode,
    fake::{Fake, NATIVE_TEMPLATE},
};

use contract::watched;
use fake_http::raw;

/// The examples of the vendor's Python client create servers this way.
#[tokio::test]
async fn a_server_without_networking_gets_the_usual_interfaces() {
    // On purpose no request that the description allows, so nobody holds it against the description.
    let fake = Fake::builder().start().await;
    let body = json!({"server": {
        "hostname": "c.example.com", "title": "c", "zone": "fi-hel1",
        "storage_devices": {"storage_device": [{"action": "clone", "storage": NATIVE_TEMPLATE, "title": "disk"}]},
    }});
    let answer = raw(&fake, "POST", "/1.3/server", &body.to_string()).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let networking = fake.servers()[0].networking.clone().expect("it is connected");
    let kinds: Vec<&str> =
        networking.interfaces.iter().filter_map(|interface| interface.type_.as_ref()).map(AsRef::as_ref).collect();
    assert_eq!(kinds, ["public", "utility", "public"]);
}

#[tokio::test]
async fn what_other_clients_send_is_understood() {
    let fake = Fake::start().await;
    let uuid = fake.add_server("web-1.example.com");
    let on = |rest: &str| format!("/1.3/server/{uuid}{rest}");

    let console = json!({"server": {"remote_access_enabled": "yes", "remote_access_type": "vnc"}}).to_string();
    assert_eq!(raw(&fake, "PUT", &on(""), &console).await.status, 202, "a type that stays the same is no change");
    let listed = raw(&fake, "GET", "/1.3/server/?label=nobody", "").await;
    assert_eq!((listed.status, listed.json()), (200, json!({"servers": {"server": []}})));
    let beyond = raw(&fake, "GET", "/1.3/server?offset=20289094737533606622335891407837855744", "").await;
    assert_eq!((beyond.status, beyond.json()), (200, json!({"servers": {"server": []}})));
    fake.client().servers().stop(uuid, StopMode::Hard).await.expect("stopped");
    for body in ["", "{}", r#"{"server": {}}"#] {
        fake.set_state(uuid, ServerState::Stopped);
        assert_eq!(raw(&fake, "POST", &on("/start"), body).await.status, 200, "{body}");
    }
    fake.set_state(uuid, ServerState::Stopped);
    assert_eq!(raw(&fake, "DELETE", &on("/?storages=1"), "").await.status, 204);
    assert_eq!(fake.servers().len(), 0);
}

#[tokio::test]
async fn a_method_that_a_path_lacks_is_answered_with_those_it_has() {
    let fake = watched().await;
    let uuid = fake.add_server("web-1.example.com");
    for (path, methods) in [
        (format!("/1.3/server/{uuid}"), "GET, PUT, DELETE"),
        ("/1.3/plan".to_owned(), "GET"),
        ("/metadata/v1.json".to_owned(), "GET"),
    ] {
        let answer = raw(&fake, "PATCH", &path, "").await;
        assert_eq!(answer.status, 405);
        let mut allowed: Vec<&str> = answer.headers["allow"].split(", ").collect();
        let mut expected: Vec<&str> = methods.split(", ").collect();
        allowed.sort_unstable();
        expected.sort_unstable();
        assert_eq!(allowed, expected, "{path}");
    }
}
