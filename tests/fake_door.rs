//! What the fake as a process lets in and keeps out: foreign pages and names, long bodies, too many orders, and files that it
//! must not read or write.

#![cfg(unix)]

#[allow(dead_code, reason = "the file is shared with other tests")]
mod fake_http;
#[allow(dead_code, reason = "the file is shared with other tests")]
mod fake_program;

use std::{
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use fake_http::{Answer, send_at};
use fake_program::{Process, program};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use upcloud::{Credentials, fake::Fake};

const KEY: &str = "Authorization: Bearer ucat_any\r\n";

async fn ask(fake: &Process, head: &str, headers: &str, body: &str) -> Answer {
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let request = format!("{head} HTTP/1.1\r\n{headers}Connection: close\r\n{length}\r\n{body}");
    send_at(&fake.url, request.into_bytes()).await
}

async fn servers(fake: &Process) -> usize {
    fake.client(Credentials::token("any")).servers().list().await.expect("a list").len()
}

#[tokio::test]
async fn a_foreign_name_is_not_answered() {
    let fake = Process::start(&["--servers", "1", "--allow-host", "Cloud.test"], &[]);
    let here = fake.url.replace("http://", "");
    let port = here.rsplit(':').next().expect("a port").to_owned();
    let asked = ["/_fake/state", "/1.3/server", "/metadata/v1.json", "/nothing"];
    for host in
        ["evil.example", &format!("evil.example:{port}"), "localhost.evil.example", "127.0.0.1.evil.example", "", "a b"]
    {
        for path in asked {
            let answer = ask(&fake, &format!("GET {path}"), &format!("Host: {host}\r\n{KEY}"), "").await;
            let message = answer.json()["error"]["error_message"].as_str().unwrap_or_default().to_owned();
            assert_eq!(answer.status, 421, "{host} {path}: {answer:?}");
            assert!(message.contains("--allow-host"), "{host} {path}: {message}");
        }
    }
    for headers in [String::new(), format!("Host: {here}\r\nHost: evil.example\r\n")] {
        assert_eq!(ask(&fake, "GET /_fake/state", &headers, "").await.status, 421, "{headers:?}");
    }
    let both = ask(&fake, "GET http://evil.example/_fake/state", &format!("Host: {here}\r\n"), "").await;
    assert_eq!(both.status, 421);
    for host in ["localhost", "LOCALHOST.", "api.localhost:1", "[::1]:80", "10.1.2.3:8080", "cloud.test.", &here] {
        for (path, status) in asked.into_iter().zip([200, 200, 404, 404]) {
            let answer = ask(&fake, &format!("GET {path}"), &format!("Host: {host}\r\n{KEY}"), "").await;
            assert_eq!(answer.status, status, "{host} {path}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_page_of_another_origin_controls_nothing() {
    let fake = Process::start(&["--servers", "1"], &[]);
    let host = format!("Host: {}\r\n", fake.url.replace("http://", ""));
    fake.order("/fill", json!({ "servers": 2 })).await;
    for origin in ["https://evil.example", "null", "http://localhost:1", "http://127.0.0.1", "file://"] {
        let headers = format!("{host}Origin: {origin}\r\nContent-Type: text/plain\r\n");
        for (head, body) in
            [("POST /_fake/reset", ""), ("POST /_fake/fill", "{\"servers\": 1}"), ("GET /_fake/state", "")]
        {
            let answer = ask(&fake, head, &headers, body).await;
            assert_eq!(answer.status, 403, "{origin} {head}: {answer:?}");
        }
    }
    assert_eq!(servers(&fake).await, 3, "nothing was reset or filled");
    // The controls' own page may use them, and the API asks for credentials, which no page sends without being allowed to.
    let own = format!("{host}Origin: {}\r\n", fake.url);
    assert_eq!(ask(&fake, "POST /_fake/reset", &own, "").await.status, 204);
    let answer = ask(&fake, "GET /1.3/zone", &format!("{host}{KEY}Origin: http://localhost:3000\r\n"), "").await;
    assert!(answer.status == 200 && !answer.headers.contains_key("access-control-allow-origin"), "{answer:?}");
    assert_eq!(
        ask(&fake, "OPTIONS /1.3/server", &format!("{host}Origin: https://evil.example\r\n"), "").await.status,
        401
    );
}

#[tokio::test]
async fn the_mocks_behind_the_fake_are_not_offered() {
    let fake = Process::start(&[], &[]);
    let host = format!("Host: {}\r\n{KEY}", fake.url.replace("http://", ""));
    ask(&fake, "GET /1.3/zone", &host, "").await;
    for head in ["POST /__httpmock__/verify", "DELETE /__httpmock__/mocks", "GET /__httpmock__/ping"] {
        let answer = ask(&fake, head, &host, "{\"path\": \"/nothing\"}").await;
        assert!(answer.status == 404 && !answer.text.contains("ucat_any"), "{head}: {answer:?}");
    }
    assert_eq!(ask(&fake, "GET /1.3/zone", &host, "").await.status, 200);
}

/// The memory of a process in MiB, where the system tells.
fn memory(process: u32) -> Option<usize> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<usize>().ok().map(|kib| kib / 1024)
}

#[tokio::test]
async fn long_bodies_do_not_stay_in_memory() {
    let fake = Process::start(&[], &[]);
    let host = format!("Host: {}\r\n{KEY}", fake.url.replace("http://", ""));
    let before = memory(fake.id());
    let long = "x".repeat(200 << 20);
    for _ in 0..3 {
        let answer = ask(&fake, "POST /1.3/server", &host, &long).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]["error_code"]),
            (413, &json!("INVALID_REQUEST")),
            "{answer:?}"
        );
    }
    // Without a word on its length before.
    let mut chunked =
        format!("POST /1.3/server HTTP/1.1\r\n{host}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
            .into_bytes();
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 20, &long[..1 << 20]);
    chunked.extend(chunk.repeat(20).into_bytes());
    chunked.extend(b"0\r\n\r\n");
    assert_eq!(send_at(&fake.url, chunked).await.status, 413);
    // As long as is taken, again and again.
    let body = json!({ "server": { "user_data": "x".repeat(Fake::MOST_BODY - 40) } }).to_string();
    for _ in 0..30 {
        assert_eq!(ask(&fake, "POST /1.3/server", &host, &body).await.status, 400);
    }
    if let (Some(before), Some(after)) = (before, memory(fake.id())) {
        // The 64 MiB of bodies that it tells of, and what the system has not been given back yet.
        assert!(after < before + 160, "{before} MiB before, {after} MiB after");
    }
    // A state is longer than any request.
    fake.order("/fill", json!({ "servers": 8000 })).await;
    let (_, state) = fake.control(Method::GET, "/state", Value::Null).await;
    let answer = ask(&fake, "PUT /_fake/state", &host, &state).await;
    assert!(state.len() > Fake::MOST_BODY && answer.status == 204, "{} bytes: {answer:?}", state.len());
    assert_eq!(servers(&fake).await, 8000);
}

#[tokio::test]
async fn the_controls_take_any_number() {
    let fake = Process::start(&["--servers", "1", "--timing", "20s"], &[]);
    let begin = Instant::now();
    let many = json!({ "operation": "listZones", "error_code": "SERVER_FORBIDDEN", "times": u32::MAX });
    let (status, text) = fake.control(Method::POST, "/fail_next", many).await;
    assert!(status == StatusCode::NO_CONTENT || text.contains("not documented"), "{text}");
    for body in [
        json!({ "operation": "stopServer", "status": 503, "times": u32::MAX }),
        json!({ "operation": "startServer", "delay_ms": u64::MAX }),
        json!({ "operation": "startServer", "delay_ms": u64::MAX, "times": u32::MAX, "status": 500 }),
        json!({ "operation": "startServer", "drop": "before", "times": 0 }),
    ] {
        fake.order("/answer_next", body).await;
    }
    fake.order("/advance", json!({ "seconds": 1.8e19 })).await;
    fake.order("/fill", json!({ "servers": 0 })).await;
    for (path, body, part) in [
        ("/advance", json!({ "seconds": 1e300 }), "seconds: "),
        ("/fill", json!({ "servers": 10_000_000 }), "there can be 200000 at most, and there is room for 199999"),
        ("/fill", json!({ "servers": u64::MAX }), "there can be 200000 at most"),
        ("/answer_next", json!({ "status": 65_536 }), "u16"),
        ("/answer_next", json!({ "status": 500, "times": u64::MAX }), "u32"),
        ("/answer_next", json!({ "drop": "after", "headers": { "a": "b" } }), "no headers"),
        ("/timing", json!({ "timing": "99999999999s" }), "a number of looks"),
    ] {
        let (status, text) = fake.control(Method::POST, path, body).await;
        assert!(status == StatusCode::BAD_REQUEST && text.contains(part), "{path}: {status} {text}");
    }
    let mut orders = 0;
    while fake.control(Method::POST, "/answer_next", json!({ "operation": "listPlans", "status": 500 })).await.0
        == StatusCode::NO_CONTENT
    {
        orders += 1;
    }
    assert!((990..Fake::MOST_FAULTS).contains(&orders), "{orders}");
    assert!(begin.elapsed() < Duration::from_secs(60), "{:?}", begin.elapsed());
    assert_eq!(servers(&fake).await, 1, "it lives on");
    let refused = Command::new(program()).args(["--servers", "200001"]).output().expect("it runs");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("200001"), "{refused:?}");
}

fn refused(file: &Path) -> String {
    let begin = Instant::now();
    let file = file.to_str().expect("text");
    let ended = Command::new("timeout").arg("60").arg(program()).args(["--state", file]).output().expect("it runs");
    assert!(begin.elapsed() < Duration::from_secs(50), "it begins to run");
    assert_eq!((ended.status.code(), ended.stdout.as_slice()), (Some(1), &[][..]), "{file}");
    String::from_utf8_lossy(&ended.stderr).into_owned()
}

#[tokio::test]
async fn a_state_file_that_cannot_serve_ends_it_at_the_beginning() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::write(at("other.json"), "precious").expect("a file");
    symlink(at("other.json"), at("link.json")).expect("a link");
    symlink(at("nothing.json"), at("dangling.json")).expect("a link");
    assert!(Command::new("mkfifo").arg(at("pipe")).status().expect("mkfifo runs").success());
    fs::write(at("cut.json"), "{\"version\": 1,").expect("a file");
    fs::write(at("old.json"), "{\"version\": 0}").expect("a file");
    fs::write(at("no-text"), [0xff, 0xfe]).expect("a file");
    for (name, reason) in [
        ("link.json", "link.json cannot be read: it is a link; name the file that it leads to"),
        ("dangling.json", "dangling.json cannot be read: it is a link"),
        ("pipe", "pipe cannot be read: it is no file"),
        (".", "cannot be read: it is no file"),
        ("missing/s.json", "missing/s.json cannot be written at the end: "),
        ("other.json/s.json", "s.json cannot be "),
        ("other.json", "other.json: the state of the fake is no JSON: cannot be read from line 1, column 1"),
        ("cut.json", "cut.json: the state of the fake ends too early: cannot be read from line 1, column 14"),
        ("old.json", "old.json: the state of the fake has something that does not belong there"),
        ("no-text", "no-text cannot be read: "),
    ] {
        let said = refused(&at(name));
        assert!(said.contains(reason), "{name}: {said}");
    }
    for (name, text) in [("other.json", "precious"), ("cut.json", "{\"version\": 1,"), ("old.json", "{\"version\": 0}")]
    {
        assert_eq!(fs::read_to_string(at(name)).expect("there"), text, "{name} is as it was");
    }
    assert!(!at("nothing.json").exists());
}

/// Root may write everywhere, so this says something only where tests run as somebody else.
#[tokio::test]
async fn a_folder_that_cannot_be_written_to_is_noticed_at_the_beginning() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o500)).expect("a mode");
    if tempfile::tempfile_in(folder.path()).is_err() {
        let said = refused(&folder.path().join("s.json"));
        assert!(said.contains("s.json cannot be written at the end: "), "{said}");
    }
}

#[tokio::test]
async fn the_state_file_is_the_owners_and_nothing_else_is_touched() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let file = at("s.json");
    // What somebody else might have laid where a file with a name that can be guessed would be written.
    fs::write(at("other"), "precious").expect("a file");
    symlink(at("other"), at("s.json.new")).expect("a link");
    let run = async |servers: &str, expected| {
        let fake = Process::start(&["--state", file.to_str().expect("text"), "--servers", servers], &[]);
        assert_eq!(self::servers(&fake).await, expected);
        let (status, log) = fake.end("-TERM");
        assert_eq!(status, Some(0), "{log}");
    };
    run("2", 2).await;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).expect("a mode");
    run("5", 2).await;
    assert_eq!(fs::metadata(&file).expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_to_string(at("other")).expect("there"), "precious");
    let mut names: Vec<_> =
        fs::read_dir(folder.path()).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
    names.sort();
    assert_eq!(names, ["other", "s.json", "s.json.new"], "nothing is left lying");

    // A link that takes its place while the fake runs is replaced, and not followed.
    let fake = Process::start(&["--state", file.to_str().expect("text")], &[]);
    fs::remove_file(&file).expect("it goes");
    symlink(at("other"), &file).expect("a link");
    assert_eq!(fake.end("-INT").0, Some(0));
    assert_eq!(fs::read_to_string(at("other")).expect("there"), "precious");
    assert!(fs::symlink_metadata(&file).expect("there").is_file());
}
