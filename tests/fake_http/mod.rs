//! A request as bytes and an answer as bytes, so that nothing is put right on the way to the fake.

use std::{
    collections::HashMap,
    io::{Read as _, Write as _},
    net::TcpStream,
};

use serde_json::Value;
use upcloud::fake::Fake;

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// With names in lower case.
    pub(crate) headers: HashMap<String, String>,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    pub(crate) fn content_type(&self) -> &str {
        self.headers.get("content-type").map_or("", String::as_str)
    }
}

/// Asks with a token that any fake accepts.
pub(crate) async fn raw(fake: &Fake, method: &str, path: &str, body: &str) -> Answer {
    ask(fake, method, path, "Authorization: Bearer ucat_raw\r\n", body).await
}

pub(crate) async fn without_credentials(fake: &Fake, path: &str) -> Answer {
    ask(fake, "GET", path, "", "").await
}

async fn ask(fake: &Fake, method: &str, path: &str, headers: &str, body: &str) -> Answer {
    ask_at(&fake.base_url(), method, path, headers, body).await
}

pub(crate) async fn ask_at(url: &str, method: &str, path: &str, headers: &str, body: &str) -> Answer {
    let address = url.replace("http://", "");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    send_at(url, request.into_bytes()).await
}

/// Sends these bytes.
pub(crate) async fn send_at(url: &str, request: Vec<u8>) -> Answer {
    let address = url.replace("http://", "");
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).expect("the fake listens");
        stream.write_all(&request).expect("the request is sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    });
    parse(&answer.await.expect("an answer"))
}

fn parse(answer: &str) -> Answer {
    let (head, text) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status");
    let headers = lines.filter_map(|line| line.split_once(": "));
    Answer {
        status: status.parse().expect("a number"),
        headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect(),
        text: text.to_owned(),
    }
}
