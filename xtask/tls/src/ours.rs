//! What this crate is asked to do in the programs that have it.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    thread::{self, JoinHandle},
};

use upcloud::{Client, ClientBuilder, Error, MetadataClient, RetryPolicy};

/// Calls over plain HTTP, which need no TLS whatever was built in.
pub(crate) fn http() -> String {
    match calls() {
        Ok(()) => "done".to_owned(),
        Err(error) => format!("error: {error}"),
    }
}

fn calls() -> Result<(), Error> {
    let (address, server) = serve(|stream| answer(stream, "application/json", r#"{"servers":{"server":[]}}"#));
    let client = client().base_url(format!("http://{address}")).build()?;
    assert!(wait(client.servers().list())?.is_empty());
    server.join().expect("an answer");
    let (address, server) = serve(|stream| answer(stream, "text/plain", "upcloud"));
    let service = MetadataClient::builder().base_url(format!("http://{address}")).build()?;
    assert!(wait(service.is_available()), "the metadata service answers");
    server.join().expect("an answer");
    Ok(())
}

/// Begins a handshake, and tells whose it is.
pub(crate) fn https() -> String {
    if let Err(error) = client().build() {
        return format!("error: {error}");
    }
    let (address, server) = serve(|mut stream| hello(&mut stream));
    let client = client().base_url(format!("https://{address}")).build().expect("a client, as for the API itself");
    wait(client.servers().list()).expect_err("nobody shakes hands");
    server.join().expect("a greeting")
}

fn client() -> ClientBuilder {
    Client::builder().token("ucat_nobodys").retry(RetryPolicy::off())
}

fn wait<T>(future: impl IntoFuture<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(async { future.await })
}

/// Takes one connection on loopback.
fn serve<T: Send + 'static>(take: impl FnOnce(TcpStream) -> T + Send + 'static) -> (SocketAddr, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    (address, thread::spawn(move || take(listener.accept().expect("a connection").0)))
}

fn answer(mut stream: TcpStream, kind: &str, body: &str) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("a request");
        request.extend(byte);
    }
    let length = body.len();
    let head =
        format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).expect("an answer");
}

/// Whose ClientHello (RFC 8446, 4.1.2) this is, and which protocols it offers.
fn hello(stream: &mut TcpStream) -> String {
    let mut record = [0; 5];
    stream.read_exact(&mut record).expect("a record");
    assert_eq!(record[0], 22, "no handshake");
    let mut message = vec![0; usize::from(u16::from_be_bytes([record[3], record[4]]))];
    stream.read_exact(&mut message).expect("a message");
    // Before the extensions: type and length of the message, version, random, session, cipher suites, compression.
    let mut rest = &message[4 + 2 + 32..];
    for size in [1, 2, 1] {
        vector(&mut rest, size);
    }
    let mut extensions = vector(&mut rest, 2);
    let (mut openssl, mut post_quantum, mut protocols) = (false, false, String::new());
    while let [high, low, after @ ..] = extensions {
        extensions = after;
        let mut content = vector(&mut extensions, 2);
        match u16::from_be_bytes([*high, *low]) {
            // supported_groups: aws-lc-rs has X25519MLKEM768, ring has nothing like it.
            10 => post_quantum = vector(&mut content, 2).chunks(2).any(|group| group == [0x11, 0xec]),
            // application_layer_protocol_negotiation
            16 => {
                let mut names = vector(&mut content, 2);
                while !names.is_empty() {
                    protocols = format!("{protocols} {}", String::from_utf8_lossy(vector(&mut names, 1)));
                }
            }
            // encrypt_then_mac, which rustls does not know
            22 => openssl = true,
            _ => {}
        }
    }
    let whose = match (openssl, post_quantum) {
        (true, _) => "OpenSSL",
        (false, true) => "aws-lc-rs",
        (false, false) => "ring",
    };
    format!("{whose},{protocols}")
}

/// Takes what follows a length of so many bytes.
fn vector<'a>(rest: &mut &'a [u8], size: usize) -> &'a [u8] {
    let (length, after) = rest.split_at(size);
    let (taken, after) = after.split_at(length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)));
    *rest = after;
    taken
}
