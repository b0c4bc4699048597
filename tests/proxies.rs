//! What the environment says of proxies. It belongs to a process, so each case is a child of this program, and the proxy is
//! a real one that remembers what it was sent.

#![allow(clippy::print_stdout, reason = "a child tells its parent that it is done")]

mod child;
mod tls;

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use child::{DONE, run, told};
use tls::Authority;
use upcloud::{
    Client, Error, MetadataClient, RetryPolicy,
    fake::{Fake, ServerSeed},
};

const TOKEN: &str = "ucat_canary_8120";
const PASSWORD: &str = "canary-of-the-proxy";

/// A proxy on loopback that sends every tunnel to one port, whatever its target is called.
struct Proxy {
    port: u16,
    /// All that came from clients.
    seen: Arc<Mutex<Vec<u8>>>,
}

impl Proxy {
    /// Without a target it refuses.
    fn start(target: Option<u16>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let seen = Arc::clone(&all);
                thread::spawn(move || serve(stream, target, &seen));
            }
        });
        Self { port, seen }
    }

    fn url(&self) -> String {
        format!("http://ann:{PASSWORD}@127.0.0.1:{}", self.port)
    }

    fn seen(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().expect("a lock")).into_owned()
    }
}

fn serve(mut client: TcpStream, target: Option<u16>, seen: &Mutex<Vec<u8>>) {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte).is_ok_and(|length| length == 1) {
        head.push(byte[0]);
    }
    seen.lock().expect("a lock").extend(&head);
    let tunnel = target.filter(|_| head.starts_with(b"CONNECT ")).map(|port| TcpStream::connect(("127.0.0.1", port)));
    let Some(Ok(mut server)) = tunnel else {
        client.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n").ok();
        return;
    };
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").expect("a client");
    let (mut from, mut to) = (server.try_clone().expect("a stream"), client.try_clone().expect("a stream"));
    thread::spawn(move || {
        std::io::copy(&mut from, &mut to).ok();
        to.shutdown(Shutdown::Both).ok();
    });
    let mut part = [0; 4096];
    while let Ok(length @ 1..) = client.read(&mut part) {
        seen.lock().expect("a lock").extend(&part[..length]);
        if server.write_all(&part[..length]).is_err() {
            return;
        }
    }
    server.shutdown(Shutdown::Both).ok();
}

const VARIABLES: [&str; 6] = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

#[test]
fn nothing_for_loopback_goes_through_a_proxy() {
    for variable in VARIABLES {
        let proxy = Proxy::start(None);
        run("child_on_loopback", &[(variable, &proxy.url())]);
        assert_eq!(proxy.seen(), "", "{variable}");
    }
    let proxy = Proxy::start(None);
    let url = proxy.url();
    run("child_on_loopback", &VARIABLES.map(|variable| (variable, url.as_str())));
    assert_eq!(proxy.seen(), "");
}

#[tokio::test]
#[ignore = "a part of nothing_for_loopback_goes_through_a_proxy, which starts it"]
async fn child_on_loopback() {
    let fake = Fake::start().await;
    let uuid = fake.add_server(ServerSeed::new("web-1.example.net").metadata());
    fake.metadata_for(uuid);
    fake.client().servers().list().await.expect("the fake answers");
    let local = fake.base_url().replace("127.0.0.1", "localhost");
    assert!(local.contains("localhost"), "{local}");
    for base in [&local, &fake.base_url()] {
        let client = Client::builder().token(TOKEN).base_url(base).build().expect("a client");
        client.servers().list().await.expect("the fake answers");
        client.generated().list_servers(None, None, None, None, None, None, None).await.expect("the fake answers");
        let service = MetadataClient::builder().base_url(base).build().expect("a client");
        assert_eq!(service.get().await.expect("metadata").hostname, "web-1.example.net");
        assert!(service.is_available().await);
    }
    // Where nobody listens, nobody else is asked.
    for base in
        ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1", "https://127.0.0.1:1", "https://localhost:1"]
    {
        let error = failure(base).await;
        assert!(error.is_connect(), "{base}: {error}");
    }
    let nowhere = format!("http://{}.invalid", "x".repeat(64));
    let service = MetadataClient::builder().base_url(nowhere).attempts(1).build().expect("a client");
    service.get().await.expect_err("no such host");
    println!("{DONE}");
}

async fn failure(base: &str) -> Error {
    let client = Client::builder().token(TOKEN).base_url(base).retry(RetryPolicy::off()).build().expect("a client");
    client.servers().list().await.expect_err("nobody there")
}

#[cfg(any(feature = "default-tls", feature = "native-tls"))]
#[tokio::test(flavor = "multi_thread")]
async fn https_goes_through_a_proxy_and_the_credentials_inside_tls() {
    let authority = Authority::new();
    let server = authority.server("api.upcloud.test", [2020, 2100]).await;
    let file = authority.file();
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let proxy = Proxy::start(Some(server.port));
        let variables = [(variable, &*proxy.url()), ("SSL_CERT_FILE", file.to_str().expect("a text"))];
        tokio::task::block_in_place(|| run("child_with_https", &variables));
        let seen = proxy.seen();
        assert!(seen.starts_with("CONNECT api.upcloud.test:443 HTTP/1.1\r\n"), "{variable}: {seen:?}");
        assert!(!seen.contains(TOKEN) && !seen.contains("/1.3/server"), "{variable}: {seen:?}");
        assert_eq!(server.connections(), 1, "{variable}");
    }
    assert!(server.requests().contains(TOKEN));
}

#[tokio::test]
#[ignore = "a part of https_goes_through_a_proxy_and_the_credentials_inside_tls, which starts it"]
async fn child_with_https() {
    let client = Client::builder().token(TOKEN).base_url("https://api.upcloud.test").build().expect("a client");
    assert_eq!(client.servers().list().await.expect("an answer"), []);
    println!("{DONE}");
}

#[cfg(any(feature = "default-tls", feature = "native-tls"))]
#[tokio::test(flavor = "multi_thread")]
async fn what_the_program_says_goes_before_the_environment() {
    let authority = Authority::new();
    let server = authority.server("api.upcloud.test", [2020, 2100]).await;
    let (own, other) = (Proxy::start(Some(server.port)), Proxy::start(None));
    let file = authority.file();
    let variables = [
        ("HTTPS_PROXY", &*other.url()),
        ("TEST_PROXY", &own.url()),
        ("TEST_CA", file.to_str().expect("a text")),
        ("NO_PROXY", "api.upcloud.test"),
    ];
    tokio::task::block_in_place(|| run("child_with_a_proxy_of_its_own", &variables));
    assert!(own.seen().starts_with("CONNECT api.upcloud.test:443 HTTP/1.1\r\n"), "{}", own.seen());
    assert!(own.seen().to_lowercase().contains("proxy-authorization: basic "), "{}", own.seen());
    assert!(!own.seen().contains(TOKEN) && !own.seen().contains("/1.3/server"), "{}", own.seen());
    assert!(server.requests().contains(TOKEN) && !server.requests().to_lowercase().contains("proxy-auth"));
    assert_eq!(other.seen(), "");
}

#[tokio::test]
#[ignore = "a part of what_the_program_says_goes_before_the_environment, which starts it"]
async fn child_with_a_proxy_of_its_own() {
    let ca = std::fs::read(told("TEST_CA")).expect("a file");
    let builder = Client::builder().token(TOKEN).base_url("https://api.upcloud.test").root_certificate(ca);
    let client = builder.proxy(told("TEST_PROXY")).build().expect("a client");
    assert_eq!(client.servers().list().await.expect("an answer"), []);

    // A proxy that is not there is named, without its password; and nothing for this machine goes there.
    let url = format!("http://ann:{PASSWORD}@127.0.0.1:1");
    let builder = || Client::builder().token(TOKEN).retry(RetryPolicy::off()).proxy(url.as_str());
    assert!(!format!("{:?}", builder()).contains(PASSWORD));
    let client = builder().base_url("https://api.upcloud.test").build().expect("a client");
    let error = client.servers().list().await.expect_err("no proxy");
    let text = format!("{error} {error:?}");
    assert!(text.contains("ClientBuilder::proxy") && !text.contains(PASSWORD), "{text}");
    let fake = Fake::start().await;
    let client = builder().base_url(fake.base_url()).build().expect("a client");
    client.servers().list().await.expect("the fake answers");

    // With none of them there is no such host.
    let builder = Client::builder().token(TOKEN).base_url("https://api.upcloud.test").retry(RetryPolicy::off());
    let error = builder.no_proxy().build().expect("a client").servers().list().await.expect_err("no such host");
    assert!(error.is_connect() && !error.to_string().contains("proxy"), "{error}");
    println!("{DONE}");
}

#[cfg(any(feature = "default-tls", feature = "native-tls"))]
#[test]
fn a_proxy_that_refuses_is_no_connection_and_its_password_is_not_told() {
    let proxy = Proxy::start(None);
    run("child_that_is_refused", &[("HTTPS_PROXY", &proxy.url())]);
    assert!(proxy.seen().starts_with("CONNECT api.upcloud.test:443 "), "{}", proxy.seen());
    assert!(!proxy.seen().contains(TOKEN));
    run("child_that_is_refused", &[("HTTPS_PROXY", &format!("http://ann:{PASSWORD}@127.0.0.1:1"))]);
}

#[tokio::test]
#[ignore = "a part of a_proxy_that_refuses_is_no_connection_and_its_password_is_not_told, which starts it"]
async fn child_that_is_refused() {
    assert!(told("HTTPS_PROXY").contains(PASSWORD));
    let error = failure("https://api.upcloud.test").await;
    assert!(error.is_connect() && !error.may_have_taken_effect(), "{error:?}");
    let text = format!("{error} {error:?}");
    assert!(text.contains("api.upcloud.test:443"), "{text}");
    assert!(text.contains("HTTPS_PROXY"), "the message says that there may be a proxy in between: {text}");
    assert!(!text.contains(PASSWORD), "{text}");
    assert!(error.elapsed() < Duration::from_secs(10), "{error:?}");
    println!("{DONE}");
}
