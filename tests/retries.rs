//! What is tried again, against a server that follows a script: requests are counted, waits are a millisecond.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use httpmock::{HttpMockRequest, HttpMockResponse, MockServer};
use serde_json::{Value, json};
use upcloud::{Client, CreateServer, RetryPolicy, ServerState};
use uuid::Uuid;

const SERVER: Uuid = Uuid::from_u128(7);

struct Script {
    server: MockServer,
    asked: Arc<Mutex<Vec<String>>>,
}

/// Answers in this order, and with 500 when the script is over. Each answer: status, headers, body.
async fn script(answers: impl IntoIterator<Item = (u16, &'static [(&'static str, &'static str)], Value)>) -> Script {
    let server = MockServer::start_async().await;
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let answers: Mutex<VecDeque<_>> = Mutex::new(answers.into_iter().collect());
    server
        .mock_async(move |when, then| {
            when.any_request();
            then.respond_with(move |request: &HttpMockRequest| {
                let line = format!("{} {}", request.method_str(), request.uri().path());
                seen.lock().expect("a lock").push(line);
                let answer = answers.lock().expect("a lock").pop_front();
                let (status, headers, body) = answer.unwrap_or((500, &[], Value::Null));
                let response = HttpMockResponse::builder().status(status).header("content-type", "application/json");
                let response = headers.iter().fold(response, |response, (name, value)| response.header(*name, *value));
                if status == 204 { response.build() } else { response.body(body.to_string()).build() }
            });
        })
        .await;
    Script { server, asked }
}

impl Script {
    fn client(&self) -> Client {
        self.client_with(|policy| policy)
    }

    fn client_with(&self, change: impl FnOnce(RetryPolicy) -> RetryPolicy) -> Client {
        let quick = RetryPolicy::default().first_wait(MS).longest_wait(MS).shortest_wait(MS);
        let builder = Client::builder().token("t").base_url(self.server.base_url()).retry(change(quick));
        builder.build().expect("a client")
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().expect("a lock"))
    }
}

const MS: Duration = Duration::from_millis(1);

fn empty_list() -> Value {
    json!({"servers": {"server": []}})
}

fn refused(code: &str) -> Value {
    json!({"error": {"error_code": code, "error_message": "about it"}})
}

fn details(state: &str) -> Value {
    json!({"server": {
        "boot_order": "disk", "core_number": "1", "firewall": "on", "hostname": "a.example.net", "ip_addresses": [],
        "license": 0, "memory_amount": "1024", "nic_model": "virtio", "plan": "custom", "plan_ipv4_bytes": "0",
        "plan_ipv6_bytes": "0", "remote_access_enabled": "no", "remote_access_password": "", "state": state,
        "storage_devices": [], "tags": [], "timezone": "UTC", "title": "a", "uuid": SERVER, "video_model": "vga",
        "zone": "de-fra1",
    }})
}

fn new_server() -> CreateServer {
    CreateServer::from_template("a.example.net", "de-fra1", Uuid::nil())
}

#[tokio::test]
async fn reads_and_repeatable_writes_ride_out_trouble() {
    for status in [408, 429, 500, 501, 502, 503, 504, 505, 507, 511, 520, 522, 529, 530] {
        let script =
            script([(status, &[][..], Value::Null), (status, &[], Value::Null), (200, &[], empty_list())]).await;
        script.client().servers().list().await.expect("the third time");
        assert_eq!(script.asked().len(), 3, "{status}");
    }
    let script = script([(503, &[][..], Value::Null), (204, &[], Value::Null)]).await;
    script.client().servers().delete(SERVER).await.expect("the second time");
    assert_eq!(script.asked().len(), 2);
}

#[tokio::test]
async fn refusals_are_final() {
    for status in [400, 401, 402, 403, 404, 409, 418] {
        let script = script([(status, &[][..], refused("X"))]).await;
        let error = script.client().servers().list().await.expect_err("refused");
        assert_eq!((error.attempts(), script.asked().len()), (1, 1), "{status}");
    }
}

#[tokio::test]
async fn a_create_is_sent_once_unless_it_was_not_looked_at() {
    for status in [302, 307, 408, 500, 502, 503, 504, 522, 999] {
        let script = script([(status, &[][..], Value::Null)]).await;
        let error = script.client().servers().create(new_server()).await.expect_err("lost");
        assert_eq!(script.asked(), ["POST /1.3/server"], "{status}");
        assert!(error.may_have_taken_effect() && error.is_lost_create(), "{error}");
        assert!(error.to_string().contains("find_lost"), "{error}");
    }
    let script = script([(429, &[][..], Value::Null), (202, &[], details("maintenance"))]).await;
    script.client().servers().create(new_server()).await.expect("429 is a refusal before anything was done");
    assert_eq!(script.asked().len(), 2);
}

#[tokio::test]
async fn guarded_actions_look_before_they_are_sent_again() {
    let start = "POST /1.3/server/00000000-0000-0000-0000-000000000007/start";
    let look = "GET /1.3/server/00000000-0000-0000-0000-000000000007";
    // It was done although the answer was lost.
    let done = script([(502, &[][..], Value::Null), (200, &[], details("started"))]).await;
    let server = done.client().servers().start(SERVER).await.expect("the look shows it");
    assert_eq!(server.state, ServerState::Started);
    assert_eq!(done.asked(), [start, look]);
    // It was not.
    let not_done =
        script([(502, &[][..], Value::Null), (200, &[], details("stopped")), (200, &[], details("started"))]).await;
    not_done.client().servers().start(SERVER).await.expect("the second time");
    assert_eq!(not_done.asked(), [start, look, start]);
    // Nobody can tell.
    let unknown = script([(502, &[][..], Value::Null), (200, &[], details("maintenance"))]).await;
    let error = unknown.client().servers().start(SERVER).await.expect_err("in doubt");
    assert!(error.may_have_taken_effect(), "{error}");
    assert_eq!(unknown.asked(), [start, look]);
}

#[tokio::test]
async fn a_delete_that_meets_its_own_effect_has_succeeded() {
    let lost = script([(502, &[][..], Value::Null), (404, &[], refused("SERVER_NOT_FOUND"))]).await;
    lost.client().servers().delete(SERVER).await.expect("it is gone, as was wanted");
    let first = script([(404, &[][..], refused("SERVER_NOT_FOUND"))]).await;
    assert!(first.client().servers().delete(SERVER).await.expect_err("it was never there").is_not_found());
}

#[tokio::test]
async fn one_switch_and_every_call_of_its_own() {
    let script = script([]).await;
    let client = script.client();
    let error = client.servers().list().await.expect_err("500 for ever");
    assert_eq!((error.attempts(), script.asked().len()), (5, 5));
    client.servers().list().retry(RetryPolicy::off()).await.expect_err("500");
    assert_eq!(script.asked().len(), 1);
    script.client_with(|_| RetryPolicy::off()).servers().list().await.expect_err("500");
    assert_eq!(script.asked().len(), 1);
}

#[tokio::test]
async fn retry_after_is_waited_for_unless_the_time_is_over_before() {
    let asked = script([(429, &[("retry-after", "1")][..], Value::Null), (200, &[], empty_list())]).await;
    let begin = Instant::now();
    asked.client().servers().list().await.expect("the second time");
    assert!(begin.elapsed() >= Duration::from_secs(1));

    let long = script([(503, &[("retry-after", "3600")][..], Value::Null)]).await;
    let error = long.client().servers().list().await.expect_err("an hour is too long");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
    assert_eq!((error.attempts(), error.status().map(|status| status.as_u16())), (1, Some(503)));
    assert!(error.elapsed() < Duration::from_secs(60), "a wait that would outlive the call is not begun");
}

#[tokio::test]
async fn clones_share_a_budget() {
    let script = script([]).await;
    let quick = RetryPolicy::default().first_wait(MS).longest_wait(MS).shortest_wait(MS);
    let client = Client::builder()
        .token("t")
        .base_url(script.server.base_url())
        .retry(quick)
        .retry_budget(20)
        .build()
        .expect("a client");
    for _ in 0..10 {
        client.clone().servers().list().await.expect_err("500 for ever");
    }
    assert_eq!(script.asked().len(), 10 + 4, "20 tokens are four retries");
}
