//! Certificates that cannot be trusted, and other ways in which TLS fails: told apart, and tried again only where that can
//! help.

#![cfg(any(feature = "default-tls", feature = "native-tls"))]
#![allow(clippy::print_stdout, reason = "a child tells its parent that it is done")]

mod child;
mod tls;

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    time::Duration,
};

use child::{DONE, run, told};
use tls::{Authority, TlsServer};
use upcloud::{Client, CreateServer, Error, RetryPolicy};
use uuid::Uuid;

const TOKEN: &str = "ucat_canary_5512";

fn client(base: &str) -> Client {
    let millisecond = Duration::from_millis(1);
    let quick = RetryPolicy::default().attempts(3).first_wait(millisecond).shortest_wait(millisecond);
    Client::builder().token(TOKEN).base_url(base).retry(quick).build().expect("a client")
}

async fn refused(base: &str) -> Error {
    let new = CreateServer::from_template("a.example.net", "de-fra1", Uuid::nil()).plan("1xCPU-1GB");
    client(base).servers().create(new).await.expect_err("no TLS")
}

#[track_caller]
fn is_refused_once(error: &Error, part: &str) {
    assert!(error.is_certificate(), "{error:?}");
    assert!(!error.is_connect() && !error.is_transient() && !error.is_lost_create(), "{error:?}");
    assert!(!error.may_have_taken_effect() && !error.is_configuration(), "{error:?}");
    assert_eq!(error.attempts(), 1, "{error}");
    assert!(error.to_string().contains("is not trusted: ") && error.to_string().contains(part), "{error}");
    assert!(!error.to_string().contains("example.org"), "what the certificate says is not quoted: {error}");
}

#[tokio::test]
async fn a_certificate_that_nobody_has_signed() {
    let server = TlsServer::self_signed("localhost").await;
    let error = refused(&format!("https://localhost:{}", server.port)).await;
    is_refused_once(&error, "SSL_CERT_FILE");
    assert!(error.to_string().contains(&format!("localhost:{}", server.port)), "{error}");
    assert_eq!((server.connections(), server.requests()), (1, String::new()));
}

/// A CA that the machine trusts is needed to see the other faults, so they are seen by a child.
#[tokio::test(flavor = "multi_thread")]
async fn each_fault_of_a_certificate_has_a_name() {
    let authority = Authority::new();
    let good = authority.server("localhost", [2020, 2100]).await;
    let expired = authority.server("localhost", [2020, 2021]).await;
    let early = authority.server("localhost", [2090, 2100]).await;
    let other = authority.server("example.org", [2020, 2100]).await;
    let port = |server: &TlsServer| server.port.to_string();
    let ports = [port(&good), port(&expired), port(&early), port(&other)].join(",");
    let file = authority.file();
    let variables = [("SSL_CERT_FILE", file.to_str().expect("a text")), ("TEST_PORTS", &ports)];
    tokio::task::block_in_place(|| run("child_with_a_ca", &variables));
    assert!(good.requests().contains(TOKEN), "{}", good.requests());
    for server in [expired, early, other] {
        assert_eq!((server.connections(), server.requests()), (1, String::new()));
    }
}

#[tokio::test]
#[ignore = "a part of each_fault_of_a_certificate_has_a_name, which starts it"]
async fn child_with_a_ca() {
    let ports = told("TEST_PORTS");
    let bases: Vec<String> = ports.split(',').map(|port| format!("https://localhost:{port}")).collect();
    assert_eq!(client(&bases[0]).servers().list().await.expect("the CA is trusted"), []);
    is_refused_once(&refused(&bases[1]).await, "check the clock");
    is_refused_once(&refused(&bases[2]).await, "check the clock");
    is_refused_once(&refused(&bases[3]).await, "for another host");
    println!("{DONE}");
}

#[tokio::test]
async fn a_certificate_that_the_program_trusts() {
    let authority = Authority::new();
    let server = authority.server("localhost", [2020, 2100]).await;
    let builder = || Client::builder().token(TOKEN).base_url(format!("https://localhost:{}", server.port));
    let strangers = builder().root_certificate(Authority::new().pem()).build().expect("a client");
    let error = strangers.servers().list().await.expect_err("another CA");
    is_refused_once(&error, "root_certificate");
    let known = builder().root_certificate(Authority::new().pem()).root_certificate(authority.pem());
    assert_eq!(known.build().expect("a client").servers().list().await.expect("an answer"), []);
}

#[tokio::test]
async fn a_gateway_that_asks_for_a_certificate() {
    let authority = Authority::new();
    let server = authority.server_for_known_clients("localhost").await;
    let base = format!("https://localhost:{}", server.port);
    let builder = || Client::builder().token(TOKEN).base_url(&base).root_certificate(authority.pem());
    let (certificate, key) = authority.client("robot");
    let unknown = builder().retry(RetryPolicy::off()).build().expect("a client");
    let error = unknown.servers().list().await.expect_err("no certificate");
    assert!(!error.is_certificate(), "it is not theirs that is wrong: {error}");
    assert_eq!(server.requests(), "");

    let known = builder().client_certificate(&certificate, key.as_str());
    assert!(!format!("{known:?}").contains("PRIVATE KEY"));
    assert_eq!(known.build().expect("a client").servers().list().await.expect("an answer"), []);
    assert!(server.requests().contains(TOKEN));
}

#[test]
fn what_is_no_certificate_is_told_when_the_client_is_made() {
    let builder = || Client::builder().token(TOKEN).base_url("https://localhost:1");
    let (certificate, key) = Authority::new().client("robot");
    for (builder, setter) in [
        (builder().root_certificate(""), "root_certificate"),
        (builder().root_certificate("canary"), "root_certificate"),
        (builder().root_certificate(&key), "root_certificate"),
        (builder().client_certificate("canary", "canary"), "client_certificate"),
        (builder().client_certificate(&certificate, "canary"), "client_certificate"),
        (builder().client_certificate("canary", key.as_str()), "client_certificate"),
    ] {
        let error = builder.build().expect_err(setter);
        assert!(error.is_configuration() && error.message().contains(setter), "{error}");
        assert!(!error.to_string().contains("canary"), "{error}");
    }
}

/// Whoever sets the variable gets what it says, with a warning, and nobody else does.
#[tokio::test(flavor = "multi_thread")]
async fn a_variable_switches_the_checks_off() {
    let server = TlsServer::self_signed("localhost").await;
    let base = format!("https://localhost:{}", server.port);
    let variables = |value| {
        [
            ("UPCLOUD_DEBUG_SKIP_CERTIFICATE_VERIFY", value),
            ("UPCLOUD_DEBUG_API_BASE_URL", &*base),
            ("UPCLOUD_TOKEN", TOKEN),
        ]
    };
    tokio::task::block_in_place(|| run("child_that_checks_nothing", &variables("1")));
    assert!(server.requests().contains(TOKEN));
    for value in ["0", "", "true"] {
        tokio::task::block_in_place(|| run("child_that_checks", &variables(value)));
    }
}

#[tokio::test]
#[ignore = "a part of a_variable_switches_the_checks_off, which starts it"]
async fn child_that_checks_nothing() {
    let warnings = Warnings::default();
    let guard = tracing::subscriber::set_default(warnings.clone());
    let client = Client::from_env().expect("a client");
    drop(guard);
    let told = warnings.0.lock().expect("a lock").clone();
    assert!(told.len() == 1 && told[0].contains("certificates are not checked"), "{told:?}");
    assert_eq!(client.servers().list().await.expect("an answer"), []);
    is_refused_once(&refused(&std::env::var("UPCLOUD_DEBUG_API_BASE_URL").expect("set")).await, "SSL_CERT_FILE");
    println!("{DONE}");
}

#[tokio::test]
#[ignore = "a part of a_variable_switches_the_checks_off, which starts it"]
async fn child_that_checks() {
    let error = Client::from_env().expect("a client").servers().list().await.expect_err("not trusted");
    is_refused_once(&error, "SSL_CERT_FILE");
    println!("{DONE}");
}

/// The messages of warnings.
#[derive(Clone, Default)]
struct Warnings(std::sync::Arc<std::sync::Mutex<Vec<String>>>);

impl tracing::Subscriber for Warnings {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::WARN
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        struct Message(String);
        impl tracing::field::Visit for Message {
            fn record_debug(&mut self, _: &tracing::field::Field, value: &dyn std::fmt::Debug) {
                self.0 = format!("{value:?}");
            }
        }
        let mut message = Message(String::new());
        event.record(&mut message);
        self.0.lock().expect("a lock").push(message.0);
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn what_is_no_tls_is_no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = listener.local_addr().expect("an address").to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut hello = [0; 4096];
            if stream.read(&mut hello).is_ok() {
                stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").ok();
            }
        }
    });
    let error = refused(&format!("https://{place}")).await;
    assert!(error.is_connect() && !error.is_certificate() && !error.may_have_taken_effect(), "{error:?}");
    assert_eq!(error.attempts(), 3);
    assert!(error.message().starts_with(&format!("no TLS with {place}: ")), "{error}");
}
