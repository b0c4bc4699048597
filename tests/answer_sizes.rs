//! Answers without end: every call ends in an error that says so, and memory stays within what the limit allows.

#![allow(clippy::print_stdout, reason = "what was measured is told")]

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use http::Method;
use upcloud::{Client, Error, MetadataClient, RetryPolicy};
use uuid::Uuid;

const LIMIT: u64 = 8 * 1024 * 1024;
/// What a call may take, on a busy machine as well.
const LATE: Duration = Duration::from_secs(60);

/// The highest that the memory of this process has been, in kB.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Answers every request with the head, and then with the part again and again.
fn endless(head: &'static str, part: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (Ok(stream), part) = (stream, part.clone()) else { return };
            thread::spawn(move || pour(stream, head, &part));
        }
    });
    format!("http://{address}")
}

fn pour(mut stream: TcpStream, head: &str, part: &[u8]) {
    let mut request = [0; 4096];
    if stream.read(&mut request).is_ok() && stream.write_all(head.as_bytes()).is_ok() {
        while stream.write_all(part).is_ok() {}
    }
}

/// A chunk of a chunked body.
fn chunk(length: usize) -> Vec<u8> {
    let mut chunk = format!("{length:x}\r\n").into_bytes();
    chunk.resize(chunk.len() + length, b' ');
    chunk.extend(b"\r\n");
    chunk
}

fn client(base: &str) -> Client {
    let builder = Client::builder().token("t").base_url(base).retry(RetryPolicy::off());
    builder.max_response_size(LIMIT).timeout(LATE).build().expect("a client")
}

/// All ways to read an answer: a typed one, a list, any endpoint, and the generated client.
async fn each_way(base: &str) -> Vec<Error> {
    let client = client(base);
    let mut errors = vec![
        client.servers().get(Uuid::nil()).await.expect_err("no end"),
        client.servers().list().await.expect_err("no end"),
        client.endpoint(Method::GET, "/account").await.expect_err("no end"),
        client.endpoint(Method::POST, "/account").await.expect_err("no end"),
    ];
    let generated = client.generated();
    let ended = tokio::time::timeout(LATE, generated.list_servers(None, None, None, None, None, None, None))
        .await
        .expect("it ends");
    ended.expect_err("no end");
    let small = client.servers().list().max_response_size(1000).await.expect_err("no end");
    if small.is_decode() {
        assert!(small.message().contains("larger than 1000 bytes"), "{small}");
    }
    errors.push(small);
    errors
}

const OPEN: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";
const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const LONG: &str = "HTTP/1.1 200 OK\r\nContent-Length: 8388609\r\n\r\n";
const FAILED: &str = "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n";
const FAILED_LONG: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 9223372036854775807\r\n\r\n";

#[tokio::test]
async fn answers_without_end() {
    let before = peak();
    let begin = Instant::now();
    for (head, part) in [
        (OPEN, vec![b' '; 65536]),
        (CHUNKED, chunk(65536)),
        (LONG, vec![b' '; 65536]),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n", vec![b' '; 65536]),
    ] {
        for error in each_way(&endless(head, part)).await {
            assert!(error.is_decode() && !error.is_transient(), "{error:?}");
            assert_eq!(error.status().map(|status| status.as_u16()), Some(200), "{error:?}");
            assert!(error.message().contains("the limit of `max_response_size`"), "{error}");
        }
    }
    for (head, part) in [(FAILED, chunk(65536)), (FAILED_LONG, vec![b'x'; 65536])] {
        for error in each_way(&endless(head, part)).await {
            assert!(error.is_forbidden() && !error.is_decode() && !error.is_transient(), "{error:?}");
            assert!(error.message().contains("too large"), "{error}");
        }
    }
    for (head, part) in [
        ("HTTP/1.1 200 OK\r\nX-Long: ", vec![b'x'; 65536]),
        ("HTTP/1.1 200 OK\r\n", b"X-Many: 1\r\n".repeat(1000)),
        ("HTTP/1.1 200 ", vec![b'O'; 65536]),
        ("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n", vec![b' '; 65536]),
        (CHUNKED, b"1;extension=".repeat(1000)),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: 1\r\n".repeat(1000)),
    ] {
        for error in each_way(&endless(head, part)).await {
            assert!(!error.is_timeout() && !error.is_configuration() && error.attempts() == 1, "{head:?}: {error:?}");
        }
    }
    let spent = begin.elapsed();
    if let (Some(before), Some(after)) = (before, peak()) {
        println!("{LIMIT} bytes at most: {spent:.1?}, the peak grew from {before} to {after} kB");
        assert!(after - before < 5 * LIMIT / 1024, "the peak grew from {before} to {after} kB");
    }
}

#[tokio::test]
async fn metadata_without_end() {
    for (head, part, status) in [
        (OPEN, vec![b' '; 65536], 200),
        (CHUNKED, chunk(65536), 200),
        (LONG, vec![b' '; 65536], 200),
        (FAILED, chunk(65536), 403),
    ] {
        let base = endless(head, part);
        let service = MetadataClient::builder().base_url(base).attempts(1).timeout(LATE).build().expect("a client");
        for error in [
            service.get().await.expect_err("no end"),
            service.field("region").await.expect_err("no end"),
            service.folder("").await.expect_err("no end"),
        ] {
            assert_eq!(error.is_decode(), status == 200, "{error:?}");
            assert_eq!(error.is_forbidden(), status == 403, "{error:?}");
            assert!(error.message().contains("4194304 bytes") || status == 403, "{error}");
        }
        assert!(!service.is_available().await);
    }
}

#[tokio::test]
async fn an_answer_of_just_the_size_is_read() {
    let body = r#"{"servers":{"server":[]}}"#;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let length = if number % 2 == 0 { format!("Content-Length: {}\r\n", body.len()) } else { String::new() };
            if stream.read(&mut request).is_ok() {
                let head = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{length}\r\n");
                stream.write_all((head + body).as_bytes()).ok();
            }
        }
    });
    let client = client(&base);
    let size = body.len() as u64;
    for (most, read) in [(size, true), (size, true), (size - 1, false), (size - 1, false), (u64::MAX, true)] {
        let answer = client.servers().list().max_response_size(most).await;
        assert_eq!(answer.is_ok(), read, "{most}: {answer:?}");
    }
}
