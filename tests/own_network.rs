//! HTTP clients of the program's own, HTTP/2 and gzip, and what is told of attempts.

mod tls;

use std::{
    convert::Infallible,
    io::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use http::{HeaderMap, Request, Response, Version, header};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    body::{Bytes, Incoming},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tls::Authority;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use upcloud::{
    Client, CreateServer, ErrorCode, RetryPolicy,
    calls::Operation,
    fake::{CannedResponse, Fake, NATIVE_TEMPLATE},
};

const TOKEN: &str = "ucat_canary_2307";
const LIST: &str = r#"{"servers":{"server":[]}}"#;

/// What a server was asked.
type Asked = Arc<Mutex<Vec<(Version, HeaderMap)>>>;

/// A server of HTTP/1.1, and of HTTP/2 for who asks for it within TLS. It answers with gzip to who takes it.
async fn server(tls: Option<&Authority>) -> (u16, Asked) {
    let acceptor = tls.map(|authority| {
        let mut config = authority.config("localhost", [2020, 2100]);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let asked = Asked::default();
    let all = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, all) = (acceptor.clone(), Arc::clone(&all));
            let service = service_fn(move |request| answer(request, Arc::clone(&all)));
            tokio::spawn(async move {
                let Some(acceptor) = acceptor else {
                    let http = hyper::server::conn::http1::Builder::new();
                    return drop(http.serve_connection(TokioIo::new(stream), service).await);
                };
                let Ok(stream) = acceptor.accept(stream).await else { return };
                if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                    let http = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                    drop(http.serve_connection(TokioIo::new(stream), service).await);
                } else {
                    let http = hyper::server::conn::http1::Builder::new();
                    drop(http.serve_connection(TokioIo::new(stream), service).await);
                }
            });
        }
    });
    (port, asked)
}

async fn answer(request: Request<Incoming>, all: Asked) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    body.collect().await.ok();
    let takes_gzip = parts.headers.get(header::ACCEPT_ENCODING).is_some_and(|value| value == "gzip");
    all.lock().expect("a lock").push((parts.version, parts.headers));
    let answer = Response::builder().header(header::CONTENT_TYPE, "application/json");
    Ok(if takes_gzip {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(LIST.as_bytes()).expect("memory");
        let body = gzip.finish().expect("memory").into();
        answer.header(header::CONTENT_ENCODING, "gzip").body(Full::new(body)).expect("an answer")
    } else {
        answer.body(Full::new(LIST.into())).expect("an answer")
    })
}

#[cfg(any(feature = "default-tls", feature = "native-tls"))]
#[tokio::test]
async fn http2_is_spoken_with_its_feature_only() {
    let authority = Authority::new();
    let (port, asked) = server(Some(&authority)).await;
    let builder = Client::builder().token(TOKEN).base_url(format!("https://localhost:{port}"));
    let client = builder.root_certificate(authority.pem()).build().expect("a client");
    let (one, two) = tokio::join!(client.servers().list(), client.servers().list());
    assert_eq!((one.expect("an answer"), two.expect("an answer")), (vec![].into(), vec![].into()));
    let expected = if cfg!(feature = "http2") { Version::HTTP_2 } else { Version::HTTP_11 };
    let asked = asked.lock().expect("a lock");
    assert_eq!(asked.iter().map(|(version, _)| *version).collect::<Vec<_>>(), [expected; 2]);
}

#[tokio::test]
async fn gzip_is_asked_for_with_its_feature_only() {
    let (port, asked) = server(None).await;
    let sizes = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&sizes);
    let builder = Client::builder().token(TOKEN).base_url(format!("http://127.0.0.1:{port}"));
    let builder = builder.on_attempt(move |attempt| told.lock().expect("a lock").push(attempt.response_size()));
    assert_eq!(builder.build().expect("a client").servers().list().await.expect("an answer"), []);
    let asked = asked.lock().expect("a lock");
    let encodings = asked[0].1.get(header::ACCEPT_ENCODING).map(|value| value.to_str().expect("a text").to_owned());
    assert_eq!(encodings, cfg!(feature = "gzip").then(|| "gzip".to_owned()));
    assert_eq!(*sizes.lock().expect("a lock"), [Some(LIST.len())], "the size is that of what was read");
}

#[tokio::test]
async fn a_ready_client_is_taken_as_it_is() {
    let (port, asked) = server(None).await;
    let http = reqwest::Client::builder().user_agent("somebody else").default_headers(HeaderMap::from_iter([(
        header::HeaderName::from_static("x-gateway"),
        header::HeaderValue::from_static("yes"),
    )]));
    let http = http.build().expect("a client");
    let builder =
        || Client::builder().token(TOKEN).base_url(format!("http://127.0.0.1:{port}")).http_client(http.clone());
    let client = builder().user_agent("tool/1").build().expect("a client");
    assert_eq!(client.servers().list().await.expect("an answer"), []);
    {
        let asked = asked.lock().expect("a lock");
        let headers = &asked[0].1;
        assert_eq!(headers["x-gateway"], "yes");
        assert!(headers["user-agent"].to_str().expect("a text").starts_with("tool/1 upcloud-rust/"), "{headers:?}");
        assert_eq!(headers["authorization"], format!("Bearer {TOKEN}"));
    }
    for (builder, setter) in [
        (builder().root_certificate("x"), "root_certificate"),
        (builder().client_certificate("x", "x"), "client_certificate"),
        (builder().proxy("http://127.0.0.1:1"), "proxy"),
        (builder().no_proxy(), "no_proxy"),
    ] {
        let error = builder.build().expect_err(setter);
        assert!(error.is_configuration() && error.message().contains(&format!("::{setter}`")), "{error}");
    }
}

/// What was told of one attempt.
#[derive(Debug, PartialEq)]
struct Told {
    what: String,
    number: u32,
    status: Option<u16>,
    failed: bool,
    sizes: (Option<usize>, Option<usize>),
    bodies: (Option<String>, Option<String>),
}

fn watched(fake: &Fake, bodies: bool) -> (Client, Arc<Mutex<Vec<Told>>>) {
    let all = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&all);
    let builder = fake.client_builder().attempt_bodies(bodies).on_attempt(move |attempt| {
        assert!(!format!("{attempt:?}").contains("canary"), "{attempt:?}");
        let template = attempt.url_template().unwrap_or_default();
        told.lock().expect("a lock").push(Told {
            what: format!("{} {template}", attempt.method()),
            number: attempt.number(),
            status: attempt.status().map(|status| status.as_u16()),
            failed: attempt.error().is_some(),
            sizes: (attempt.request_size(), attempt.response_size()),
            bodies: (attempt.request_body(), attempt.response_body()),
        });
    });
    (builder.build().expect("a client"), all)
}

#[tokio::test(start_paused = true)]
async fn every_attempt_is_told() {
    let fake = Fake::start().await;
    let (client, told) = watched(&fake, false);
    fake.answer_next(Operation::ListZones, CannedResponse::unavailable());
    fake.answer_next(Operation::ListZones, CannedResponse::dropped());
    fake.answer_next(Operation::ListZones, CannedResponse::slow(Duration::from_secs(61)));
    client.catalog().zones().await.expect("the fourth");
    let all = std::mem::take(&mut *told.lock().expect("a lock"));
    let seen: Vec<_> = all.iter().map(|told| (told.number, told.status, told.failed)).collect();
    assert_eq!(seen, [(1, Some(503), true), (2, None, true), (3, None, true), (4, Some(200), false)]);
    assert!(all.iter().all(|told| told.what == "GET /1.3/zone" && told.bodies == (None, None)), "{all:?}");
    assert_eq!(all[1].sizes, (Some(0), None));
    assert!(all[3].sizes.1.is_some_and(|size| size > 100), "{all:?}");

    client.endpoint(http::Method::GET, "/zone").await.expect("an answer");
    client.servers().get(upcloud::types::Uuid::nil()).retry(RetryPolicy::off()).await.expect_err("no such server");
    let all = std::mem::take(&mut *told.lock().expect("a lock"));
    assert_eq!((all[0].what.as_str(), all[0].status), ("GET ", Some(200)));
    assert_eq!((all[1].what.as_str(), all[1].status), ("GET /1.3/server/{uuid}", Some(404)));
    assert!(all[1].sizes.1.is_some_and(|size| size > 10), "{all:?}");
}

#[tokio::test]
async fn bodies_are_told_on_request_and_without_secrets() {
    let fake = Fake::start().await;
    let (client, told) = watched(&fake, true);
    let new = CreateServer::from_template("web-1.example.net", "de-fra1", NATIVE_TEMPLATE)
        .user_data("echo canary-of-the-user-data")
        .remote_access_password("Canary77");
    let created = client.servers().create(new.clone()).await.expect("created");
    let password = created.password.expect("a one-time password").expose().to_owned();
    let body =
        serde_json::json!({ "error": { "error_code": "ZONE_INVALID", "error_message": "no canary-of-the-user-data" } });
    fake.answer_next(Operation::CreateServer, CannedResponse::json(400, &body));
    let error = client.servers().create(new).await.expect_err("refused");
    assert_eq!(error.code(), Some(&ErrorCode::ZoneInvalid));

    let all = told.lock().expect("a lock");
    let (sent, answered) = &all[0].bodies;
    let (sent, answered) = (sent.as_deref().expect("a body"), answered.as_deref().expect("a body"));
    assert!(sent.contains("web-1.example.net") && answered.contains("web-1.example.net"), "{sent} {answered}");
    assert!(sent.contains(r#""user_data":"[redacted]""#), "{sent}");
    assert!(answered.contains(r#""password":"[redacted]""#) && !answered.contains(&password), "{answered}");
    assert!(all[1].bodies.1.as_deref().expect("a body").contains("ZONE_INVALID"), "{all:?}");
    let text = format!("{all:?}").to_lowercase();
    assert!(!text.contains("canary"), "{text}");
}
