//! The fake as a process, as a script or a test of another language starts it: first line, log, controls, end.

#![cfg(unix)]

#[allow(dead_code, reason = "the file is shared with other tests")]
mod fake_http;
#[allow(dead_code, reason = "the file is shared with other tests")]
mod fake_program;

use std::{path::PathBuf, process::Command};

use fake_program::{Process, program};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use upcloud::{CreateServer, Credentials, ErrorCode, ServerState, calls::Operation, fake::NATIVE_TEMPLATE};

#[tokio::test]
async fn a_life_from_the_command_line() {
    let fake = Process::start(&["--servers", "3", "--timing", "manual", "--token", "right", "--seed", "7"], &[]);
    assert!(fake.url.starts_with("http://127.0.0.1:"), "{}", fake.url);
    let error = fake.client(Credentials::token("canary-wrong")).servers().list().await.expect_err("not accepted");
    assert_eq!(error.code(), Some(&ErrorCode::AuthenticationFailed));
    let client = fake.client(Credentials::token("right"));
    client.endpoint(Method::GET, "/nowhere").query("key", "canary-key").await.expect_err("no such path");
    let servers = client.servers();
    assert_eq!(servers.list().label("env", "prod").await.expect("a list").len(), 1);
    let wanted = CreateServer::from_template("web-1.example.com", "fi-hel1", NATIVE_TEMPLATE).plan("1xCPU-1GB");
    let created = servers.create(wanted.metadata(true).user_data("canary-data")).await.expect("created");
    let password = created.password.expect("a native template makes one");
    assert_eq!(servers.get(created.uuid).await.expect("there").state, ServerState::Maintenance);
    fake.order("/finish", json!({ "uuid": created.uuid })).await;
    assert_eq!(servers.get(created.uuid).await.expect("there").state, ServerState::Started);

    let url = fake.url.clone();
    let (status, log) = fake.end("-TERM");
    assert_eq!(status, Some(0));
    for line in [
        &format!("UPCLOUD_DEBUG_API_BASE_URL={url}"),
        " GET /1.3/server 401 listServers AUTHENTICATION_FAILED",
        " GET /1.3/server?label=env%3Dprod 200 listServers -",
        " GET /1.3/nowhere?key=.. 404 - RESOURCE_NOT_FOUND",
        " POST /1.3/server 202 createServer -",
        " POST /_fake/finish 204 - -",
    ] {
        assert!(log.lines().any(|seen| seen.ends_with(line)), "{line:?} is not in\n{log}");
    }
    for secret in ["right", "canary", password.expose()] {
        assert!(!log.contains(secret), "{secret} is in\n{log}");
    }
}

#[tokio::test]
async fn controls_for_tests_of_other_languages() {
    let fake = Process::start(&["--servers", "1"], &[]);
    let client = fake.client(Credentials::token("any"));
    let servers = client.servers();
    let uuid = servers.list().await.expect("a list")[0].uuid;

    fake.order("/fail_next", json!({ "operation": "stopServer", "error_code": "SERVER_STATE_ILLEGAL" })).await;
    let error = client.endpoint(Method::POST, format!("/server/{uuid}/stop")).send().await.expect_err("ordered");
    assert_eq!(error.code(), Some(&ErrorCode::ServerStateIllegal));
    let busy = json!({ "operation": "listZones", "status": 429, "headers": { "Retry-After": "0" }, "times": 2 });
    fake.order("/answer_next", busy).await;
    fake.order("/answer_next", json!({ "operation": "listZones", "drop": "before" })).await;
    assert!(!client.catalog().zones().await.expect("tried again").is_empty());
    fake.order("/set_state", json!({ "uuid": uuid, "state": "error" })).await;
    assert_eq!(servers.get(uuid).await.expect("there").state, ServerState::Error);

    let (status, text) = fake.control(Method::GET, "/requests", Value::Null).await;
    let requests: Value = serde_json::from_str(&text).expect("JSON");
    let codes: Vec<_> = requests.as_array().expect("a list").iter().map(|one| &one["status"]).collect();
    assert_eq!(status, StatusCode::OK);
    assert_eq!(codes, [&json!(200), &json!(409), &json!(429), &json!(429), &Value::Null, &json!(200), &json!(200)]);

    let (_, state) = fake.control(Method::GET, "/state", Value::Null).await;
    fake.order("/fill", json!({ "servers": 2 })).await;
    fake.order("/reset", Value::Null).await;
    assert_eq!(servers.list().await.expect("a list")[0].state, ServerState::Started, "as at the beginning");
    let (status, _) = fake.control(Method::PUT, "/state", serde_json::from_str(&state).expect("JSON")).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(servers.list().await.expect("a list")[0].state, ServerState::Error, "as when it was saved");

    let (_, operations) = fake.control(Method::GET, "/operations", Value::Null).await;
    let operations: Vec<Value> = serde_json::from_str(&operations).expect("JSON");
    let rows: usize = operations.iter().map(|one| one["errors"].as_array().map_or(0, Vec::len)).sum();
    let documented: usize = ErrorCode::known().iter().map(|code| code.documented_for().count()).sum();
    assert_eq!((operations.len(), rows), (Operation::ALL.len(), documented));

    for (path, body, part) in [
        ("/fail_next", json!({ "operation": "stop" , "error_code": "x" }), "there is no operation stop"),
        (
            "/fail_next",
            json!({ "operation": "stopServer", "error_code": "HOST_NOT_FOUND" }),
            "which has: SERVER_FORBIDDEN",
        ),
        ("/answer_next", json!({ "stat": 1 }), "unknown field `stat`, expected one of"),
        ("/answer_next", json!({ "status": 99 }), "from 200 to 599"),
        ("/answer_next", json!({ "html": "x" }), "give one of status"),
        ("/answer_next", json!({ "status": 500, "headers": { "a b": "" } }), "no name of a header"),
        ("/timing", json!({ "timing": "soon" }), "a number of looks (3), a time (500ms, 20s, 2m), manual"),
        ("/finish", json!({ "uuid": "00000000-0000-4000-8000-000000000000" }), "there is no server"),
        ("/advance", json!({ "seconds": -1 }), "seconds: "),
    ] {
        let (status, text) = fake.control(Method::POST, path, body).await;
        assert!(status == StatusCode::BAD_REQUEST && text.contains(part), "{path}: {status} {text}");
    }
    assert_eq!(fake.control(Method::POST, "/nothing", Value::Null).await.0, StatusCode::NOT_FOUND);
    assert_eq!(fake.control(Method::POST, "/requests", Value::Null).await.0, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_state_file_outlives_the_process() {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("fake-state-{}.json", std::process::id()));
    let file = path.to_str().expect("text");
    let first = Process::start(&["--state", file, "--servers", "2", "--quiet"], &[]);
    let uuids = async |fake: &Process| {
        let list = fake.client(Credentials::token("any")).servers().list().await.expect("a list");
        list.into_iter().map(|server| server.uuid).collect::<Vec<_>>()
    };
    let before = uuids(&first).await;
    let (status, log) = first.end("-INT");
    assert_eq!((status, log.lines().filter(|line| line.contains("/1.3/")).count()), (Some(0), 0), "{log}");
    let second = Process::start(&["--state", file, "--servers", "2"], &[]);
    assert_eq!(uuids(&second).await, before);
    drop(second);

    std::fs::write(&path, "{}").expect("a file");
    let refused = Command::new(program()).args(["--state", file]).output().expect("it runs");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(1) && said.contains("cannot be read from line 1"), "{said}");
    std::fs::remove_file(&path).expect("the file goes");
}

#[tokio::test]
async fn credentials_and_port_of_ones_choice() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let refused = Command::new(program()).args(["--port", &port]).output().expect("it runs");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(refused.status.code() == Some(1) && said.contains(&format!("cannot listen on 127.0.0.1:{port}")), "{said}");
    drop(taken);

    let environment = [("UPCLOUD_FAKE_USERNAME", "ann"), ("UPCLOUD_FAKE_PASSWORD", "canary-pw")];
    let fake = Process::start(&["--port", &port], &environment);
    assert_eq!(fake.url, format!("http://127.0.0.1:{port}"));
    fake.client(Credentials::basic("ann", "canary-pw")).servers().list().await.expect("accepted");
    fake.client(Credentials::basic("ann", "other")).servers().list().await.expect_err("not accepted");
    let help = Command::new(program()).arg("--help").envs(environment).output().expect("it runs");
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    assert!(help.contains("--timing") && !help.contains("canary"), "{help}");
}
