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
