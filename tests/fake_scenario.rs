//! The fake as a process: scenarios from a file, exchanges that are recorded, and recordings that are answered from.

#[allow(dead_code, reason = "the file is shared with other tests")]
mod fake_http;
#[allow(dead_code, reason = "the file is shared with other tests")]
mod fake_program;

use std::{fs, path::Path, process::Command, time::Duration};

use fake_program::{Process, program};
use serde_json::Value;
use upcloud::{CreateServer, Credentials, ErrorCode, RetryPolicy, ServerState, fake::NATIVE_TEMPLATE, types::Uuid};

const SCENARIO: &str = "
timing: 2
seed: 7
servers:
  - {hostname: web-1.example.net, title: Front, zone: de-fra1, plan: 2xCPU-4GB, labels: {env: prod}, metadata: true}
  - {hostname: web-2.example.net, state: stopped}
groups:
  - {title: web, anti_affinity: strict, members: [web-1.example.net, web-2.example.net]}
faults:
  - {operation: createServer, error_code: SERVER_CREATING_LIMIT_REACHED}
  - {at: 0s, operation: listServers, status: 503}
  - {at: 300ms, server: web-1.example.net, state: error}
";

fn any() -> Credentials {
    Credentials::token("ucat_any_will_do")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a text")
}

#[tokio::test]
async fn a_scenario_is_the_beginning_and_the_trouble_to_come() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("scenario.yaml");
    fs::write(&path, SCENARIO).expect("a file");
    let fake = Process::start(&["--scenario", text(&path)], &[]);
    let servers = fake.client(any()).servers();
    let once = servers.list().retry(RetryPolicy::off()).await.expect_err("ordered");
    assert_eq!(once.status().map(|status| status.as_u16()), Some(503));
    let all = servers.list().await.expect("a list");
    assert_eq!(
        all.iter().map(|server| server.hostname.as_str()).collect::<Vec<_>>(),
        ["web-1.example.net", "web-2.example.net"]
    );
    assert_eq!(
        (all[0].title.as_str(), all[0].label("env"), &all[1].state),
        ("Front", Some("prod"), &ServerState::Stopped)
    );
    let groups = fake.client(any()).server_groups().list().await.expect("groups");
    assert_eq!((groups[0].title.as_str(), groups[0].servers.len()), ("web", 2));
    let wanted = || CreateServer::from_template("web-3.example.net", "de-fra1", NATIVE_TEMPLATE);
    let refused = servers.create(wanted()).await.expect_err("ordered");
    assert_eq!(refused.code(), Some(&ErrorCode::ServerCreatingLimitReached));
    assert_eq!(servers.create(wanted()).await.expect("created").state, ServerState::Maintenance);
    let error = servers.wait_until(all[0].uuid, ServerState::Error);
    error.poll_every(Duration::from_millis(20), Duration::from_millis(50)).await.expect("it comes");
}

#[test]
fn a_wrong_scenario_is_told_with_its_place_and_starts_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("wrong.yaml");
    for (wrong, told) in [
        ("servers: [{hostnam: x}]", "servers[0]: unknown field `hostnam`, expected one of `hostname`"),
        ("servers: [{hostname: x, state: odd}]", "servers[0].state: \"odd\" is no state of a server"),
        ("servers: [{hostname: x}, {hostname: x}]", "servers[1].hostname: there are two servers x"),
        ("groups: [{title: a, anti_affinity: often}]", "groups[0].anti_affinity: \"often\" is none of"),
        ("groups: [{title: a, anti_affinity: yes, members: [b]}]", "there is no server b in the scenario"),
        ("faults: [{operation: createServer, error_code: NO}]", "faults[0]: NO is not documented for createServer"),
        ("faults: [{operation: nothing, status: 503}]", "faults[0]: there is no operation nothing"),
        ("faults: [{at: 5, status: 503}]", "faults[0]"),
        ("faults: [{status: 503, nonsense: 1}]", "faults[0]: unknown field `nonsense`"),
        ("timing: never", "timing: \"never\" is none of"),
        ("servers: [", "wrong.yaml: "),
    ] {
        fs::write(&path, wrong).expect("a file");
        let output = Command::new(program()).args(["--scenario", text(&path)]).output().expect("it runs");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && output.stdout.is_empty(), "{wrong}: {error}");
        assert!(error.contains(told) && error.contains("wrong.yaml"), "{wrong}: {error}");
    }
    let output = Command::new(program()).args(["--scenario", "/nowhere.yaml"]).output().expect("it runs");
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nowhere.yaml cannot be read"));
}

#[tokio::test]
async fn what_is_recorded_is_answered_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.json");
    let (hostname, uuid) = {
        let fake = Process::start(&["--record", text(&path), "--servers", "2"], &[]);
        let servers = fake.client(any()).servers();
        let wanted = CreateServer::from_template("web-1.example.net", "de-fra1", NATIVE_TEMPLATE);
        let made = servers.create(wanted.user_data("canary-of-the-user-data")).await.expect("created");
        assert!(made.password.is_some());
        servers.get(Uuid::nil()).await.expect_err("no such server");
        servers.list().await.expect("a list");
        // Whole at any time, also while it runs.
        let so_far: Value = serde_json::from_str(&fs::read_to_string(&path).expect("a file")).expect("whole");
        assert_eq!(so_far["exchanges"].as_array().map(Vec::len), Some(3));
        (made.hostname, made.uuid)
    };
    let recording = fs::read_to_string(&path).expect("a file");
    assert!(!recording.contains("canary"), "{recording}");
    let parsed: Value = serde_json::from_str(&recording).expect("JSON");
    assert_eq!(parsed.pointer("/exchanges/0/response/server/password"), Some(&Value::from("redacted")));

    let replay = Process::start(&["--replay", text(&path)], &[]);
    let servers = replay.client(any()).servers();
    let wanted = CreateServer::from_template("web-1.example.net", "de-fra1", NATIVE_TEMPLATE);
    let made = servers.create(wanted.clone().user_data("anything")).await.expect("as it was");
    assert_eq!((made.hostname, made.uuid), (hostname, uuid));
    assert_eq!(servers.get(Uuid::nil()).await.expect_err("as it was").code(), Some(&ErrorCode::ServerNotFound));
    for _ in 0..3 {
        assert_eq!(servers.list().await.expect("as it was").len(), 3);
    }
    for (error, told) in [
        (servers.create(wanted).await.expect_err("once only"), "no further answer"),
        (servers.get(uuid).await.expect_err("never asked"), "no such request"),
    ] {
        assert_eq!(error.status().map(|status| status.as_u16()), Some(501));
        assert!(error.to_string().contains(told), "{error}");
    }
}

#[test]
fn what_is_no_recording_and_what_would_be_lost_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let (kept, wrong) = (folder.path().join("kept.json"), folder.path().join("wrong.json"));
    fs::write(&kept, "precious").expect("a file");
    fs::write(&wrong, "{\"exchanges\": [{\"method\": \"GET\"}]}").expect("a file");
    for (arguments, told) in [
        (["--record", text(&kept)], "kept.json cannot be made for the exchanges"),
        (["--replay", text(&kept)], "it is no recording"),
        (["--replay", text(&wrong)], "missing field `path`"),
        (["--replay", "/nowhere.json"], "/nowhere.json cannot be read"),
    ] {
        let output = Command::new(program()).args(arguments).output().expect("it runs");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && error.contains(told), "{arguments:?}: {error}");
    }
    assert_eq!(fs::read_to_string(&kept).expect("a file"), "precious");
}
