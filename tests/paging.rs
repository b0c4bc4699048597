//! The list as a stream, against servers that honour `limit` and `offset`, ignore them, or know only one of them.

use std::sync::{Arc, Mutex};

use httpmock::{HttpMockRequest, HttpMockResponse, MockServer};
use serde_json::{Value, json};
use upcloud::Client;
use uuid::Uuid;

fn server(number: u64) -> Value {
    json!({
        "core_number": "1", "hostname": format!("host-{number}"), "labels": {"label": []}, "license": 0,
        "memory_amount": "1024", "plan": "custom", "state": "started", "tags": {"tag": []},
        "title": "", "uuid": Uuid::from_u128(u128::from(number)), "zone": "de-fra1",
    })
}

/// A list of `count` servers on a server that honours what it is told to; gives its client and the pages asked for.
async fn listing(count: u64, honours: &'static [&'static str]) -> (MockServer, Client, Arc<Mutex<Vec<(u64, u64)>>>) {
    let mock = MockServer::start_async().await;
    let pages = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&pages);
    mock.mock_async(move |when, then| {
        when.any_request();
        then.respond_with(move |request: &HttpMockRequest| {
            let query = request.query_params();
            let number =
                |name: &str| query.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.parse().ok());
            let asked = (number("limit").unwrap_or(u64::MAX), number("offset").unwrap_or(0));
            seen.lock().expect("a lock").push(asked);
            let limit = if honours.contains(&"limit") { asked.0 } else { u64::MAX };
            let offset = if honours.contains(&"offset") { asked.1 } else { 0 };
            let end = count.min(offset.saturating_add(limit));
            let servers: Vec<Value> = (offset..end.max(offset)).map(server).collect();
            let body = json!({"servers": {"server": servers}}).to_string();
            HttpMockResponse::builder().status(200).header("content-type", "application/json").body(body).build()
        });
    })
    .await;
    let client = Client::builder().token("t").base_url(mock.base_url()).build().expect("a client");
    (mock, client, pages)
}

async fn read(client: &Client, limit: u64) -> Vec<String> {
    let mut stream = client.servers().list().limit(limit).stream();
    let mut names = Vec::new();
    while let Some(server) = stream.next().await {
        names.push(server.expect("a server").hostname);
    }
    names
}

#[tokio::test]
async fn every_server_comes_once_whatever_the_server_honours() {
    for honours in [&["limit", "offset"][..], &["limit"], &["offset"], &[]] {
        for count in [0, 1, 9, 10, 11, 20, 25] {
            let (_mock, client, pages) = listing(count, honours).await;
            let names = read(&client, 10).await;
            let expected: Vec<String> = (0..count).map(|number| format!("host-{number}")).collect();
            assert_eq!(names, expected, "{honours:?} {count}");
            let pages = pages.lock().expect("a lock").len() as u64;
            assert!(pages <= count / 10 + 2, "{honours:?} {count}: {pages} pages");
        }
    }
}

#[tokio::test]
async fn pages_follow_each_other() {
    let (_mock, client, pages) = listing(25, &["limit", "offset"]).await;
    assert_eq!(read(&client, 10).await.len(), 25);
    assert_eq!(*pages.lock().expect("a lock"), [(10, 0), (10, 10), (10, 20), (10, 25)]);
}

#[tokio::test]
async fn after_an_error_the_same_page_is_asked_for_again() {
    let mock = MockServer::start_async().await;
    let client = Client::builder().token("t").base_url(mock.base_url()).build().expect("a client");
    let refused = mock
        .mock_async(|when, then| {
            when.any_request();
            then.status(403);
        })
        .await;
    let mut stream = client.servers().list().label_key("team").stream();
    assert!(stream.next().await.expect("an item").expect_err("refused").is_forbidden());
    refused.delete_async().await;
    mock.mock_async(|when, then| {
        when.query_param("offset", "0").query_param("label", "team");
        then.status(200).json_body(json!({"servers": {"server": [server(7)]}}));
    })
    .await;
    mock.mock_async(|when, then| {
        when.query_param("offset", "1").query_param("label", "team");
        then.status(200).json_body(json!({"servers": {"server": []}}));
    })
    .await;
    assert_eq!(stream.next().await.expect("an item").expect("a server").hostname, "host-7");
    assert!(stream.next().await.is_none());
}

/// A service may have shorter pages than it is asked for.
#[tokio::test]
async fn a_short_page_is_not_taken_for_the_last() {
    let mock = MockServer::start_async().await;
    mock.mock_async(|when, then| {
        when.any_request();
        then.respond_with(|request: &HttpMockRequest| {
            let query = request.query_params();
            let offset = query.iter().find(|(key, _)| key == "offset").and_then(|(_, value)| value.parse().ok());
            let begin = offset.unwrap_or(0_u64);
            let servers: Vec<Value> = (begin..60.min(begin + 25)).map(server).collect();
            let body = json!({"servers": {"server": servers}}).to_string();
            HttpMockResponse::builder().status(200).header("content-type", "application/json").body(body).build()
        });
    })
    .await;
    let client = Client::builder().token("t").base_url(mock.base_url()).build().expect("a client");
    assert_eq!(read(&client, 100).await.len(), 60);
}

#[tokio::test]
async fn a_list_without_an_end_ends_in_an_error() {
    let mock = MockServer::start_async().await;
    mock.mock_async(|when, then| {
        when.any_request();
        // As many as are asked for, and always the same.
        then.respond_with(|request: &HttpMockRequest| {
            let query = request.query_params();
            let limit = query.iter().find(|(key, _)| key == "limit").and_then(|(_, value)| value.parse().ok());
            let servers: Vec<Value> = std::iter::repeat_n(server(7), limit.unwrap_or(1)).collect();
            let body = json!({"servers": {"server": servers}}).to_string();
            HttpMockResponse::builder().status(200).header("content-type", "application/json").body(body).build()
        });
    })
    .await;
    let client = Client::builder().token("t").base_url(mock.base_url()).build().expect("a client");
    let mut stream = client.servers().list().limit(2).stream();
    assert!(stream.next().await.expect("an item").is_ok());
    let error = stream.next().await.expect("an item").expect_err("no end");
    assert!(error.is_decode() && error.to_string().contains("has no end"), "{error}");
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn no_number_is_too_small_or_too_large() {
    for number in [0, 1, u64::MAX - 1, u64::MAX] {
        let (_mock, client, _) = listing(3, &["limit"]).await;
        for list in [client.servers().list().offset(number), client.servers().list().limit(number).offset(number)] {
            let mut stream = list.stream();
            let mut count = 0;
            while let Some(server) = stream.next().await {
                server.expect("a server");
                count += 1;
            }
            assert_eq!(count, 3, "{number}");
        }
    }
}
