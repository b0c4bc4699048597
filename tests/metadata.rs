//! The client of the metadata service: what it never does, how often it tries, and the odd forms of the document.

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;
mod scripted;

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    time::{Duration, Instant},
};

use httpmock::MockServer;
use scripted::SPEC;
use serde_json::{Value, json};
use upcloud::{Error, MetadataClient, calls::Operation, types::Metadata};

fn client(base: impl Into<String>) -> MetadataClient {
    MetadataClient::builder().base_url(base).pause(Duration::from_millis(1)).build().expect("a client")
}

async fn document(body: Value) -> Result<Metadata, Error> {
    let mock = MockServer::start_async().await;
    mock.mock_async(|when, then| {
        when.path("/metadata/v1.json");
        then.status(200).json_body(body);
    })
    .await;
    client(mock.base_url()).get().await
}

#[tokio::test]
async fn no_credentials_and_no_redirect() {
    let elsewhere = MockServer::start_async().await;
    let caught = elsewhere
        .mock_async(|when, then| {
            when.any_request();
            then.status(200).body("caught");
        })
        .await;
    let mock = MockServer::start_async().await;
    let target = elsewhere.url("/metadata/v1/region");
    let asked = mock
        .mock_async(move |when, then| {
            when.header_missing("authorization").header_missing("cookie").header_missing("referer");
            then.status(302).header("location", target);
        })
        .await;
    let error = client(mock.base_url()).field("region").await.expect_err("a redirect is no answer");
    assert_eq!(error.status().map(|status| status.as_u16()), Some(302));
    assert_eq!((asked.calls_async().await, caught.calls_async().await), (1, 0));
}

#[tokio::test]
async fn trouble_is_tried_again_a_few_times_and_refusals_are_not() {
    for (status, attempts) in [(503, 3), (500, 3), (404, 1), (400, 1)] {
        let mock = MockServer::start_async().await;
        let asked = mock
            .mock_async(move |when, then| {
                when.any_request();
                then.status(status);
            })
            .await;
        let error = client(mock.base_url()).get().await.expect_err("no metadata");
        assert_eq!(asked.calls_async().await, attempts, "{status}");
        assert_eq!(error.attempts() as usize, attempts, "{status}");
        assert_eq!(error.operation(), Some(Operation::GetMetadata));
        assert_eq!(error.is_not_found(), status == 404);
        assert!(!error.may_have_taken_effect());
    }
}

/// A server with these pages, of this content type, and 404 for all else.
async fn serving(content_type: &'static str, pages: &[(&'static str, &'static str)]) -> MockServer {
    let mock = MockServer::start_async().await;
    for (path, body) in pages.iter().copied() {
        mock.mock_async(move |when, then| {
            when.path(path);
            then.status(200).header("content-type", content_type).body(body);
        })
        .await;
    }
    mock
}

#[tokio::test]
async fn availability_is_found_out_quickly() {
    let mock = MockServer::start_async().await;
    let asked = mock
        .mock_async(|when, then| {
            when.path("/metadata/v1/cloud_name");
            then.status(200).body("upcloud\n");
        })
        .await;
    assert!(client(mock.base_url()).is_available().await);
    assert_eq!(asked.calls_async().await, 1);

    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let silent = MetadataClient::builder().base_url(format!("http://{address}")).build().expect("a client");
    let begin = Instant::now();
    assert!(!silent.is_available().await, "nobody answers");
    assert!(begin.elapsed() >= Duration::from_secs(1), "it waits for a second");
    drop(listener);
    assert!(!client(format!("http://{address}")).is_available().await, "nobody listens");
}

const INDEX: &str = "id\nhostname\nregion\nuser-data\n";
const LOGIN: &str = "<!doctype html><title>Log in to the network</title>";

#[tokio::test]
async fn only_the_service_of_upcloud_counts() {
    let index =
        [("/metadata/v1/", INDEX), ("/metadata/v1/region", "nyc3"), ("/metadata/v1.json", r#"{"droplet_id": 1}"#)];
    let name = [
        ("/metadata/v1/cloud_name", "other"),
        ("/metadata/v1/region", "nyc3"),
        ("/metadata/v1.json", r#"{"cloud_name": "other"}"#),
    ];
    let others = [serving("text/plain", &index).await, serving("text/plain", &name).await];
    let pages = MockServer::start_async().await;
    pages
        .mock_async(|when, then| {
            when.any_request();
            then.status(200).header("content-type", "text/html").body(LOGIN);
        })
        .await;
    let plain = MockServer::start_async().await;
    plain
        .mock_async(|when, then| {
            when.any_request();
            then.status(200).body("ok");
        })
        .await;
    for mock in others.iter().chain([&pages, &plain]) {
        let service = client(mock.base_url());
        for _ in 0..2 {
            assert!(!service.is_available().await);
            let errors = [
                service.get().await.map(drop).expect_err("another service"),
                service.field("region").await.map(drop).expect_err("another service"),
                service.field("user_data").await.map(drop).expect_err("another service"),
                service.folder("").await.map(drop).expect_err("another service"),
            ];
            for error in errors {
                assert!(error.is_decode() && !error.is_transient(), "{error:?}");
                let text = format!("what answers at {} is not UpCloud's metadata service", mock.address());
                assert_eq!(error.message(), text);
            }
        }
    }
}

#[tokio::test]
async fn a_page_that_comes_up_later_is_not_handed_over() {
    let pages = [
        ("/metadata/v1/cloud_name", "upcloud"),
        ("/metadata/v1/region", LOGIN),
        ("/metadata/v1/user_data", "<html>of the user</html>"),
    ];
    for content_type in ["text/html", "text/plain"] {
        let mock = serving(content_type, &pages).await;
        let service = client(mock.base_url());
        for _ in 0..2 {
            let error = service.field("region").await.expect_err("a page");
            assert!(error.is_decode() && error.message().contains("not UpCloud's"), "{error}");
            // What a user wrote may be a page.
            assert_eq!(service.field("user_data").await.expect("user data"), "<html>of the user</html>");
        }
    }
}

#[tokio::test]
async fn the_name_of_the_cloud_is_asked_for_once() {
    let mock = serving("text/plain", &[("/metadata/v1/region", "de-fra1")]).await;
    let asked = mock
        .mock_async(|when, then| {
            when.path("/metadata/v1/cloud_name");
            then.status(200).body("upcloud");
        })
        .await;
    let service = client(mock.base_url());
    for service in [service.clone(), service.clone(), service] {
        assert_eq!(service.field("region").await.expect("a field"), "de-fra1");
    }
    assert_eq!(asked.calls_async().await, 1);

    // Where there is no tree, the document tells.
    let document = serving("text/plain", &[("/metadata/v1.json", r#"{"cloud_name": "upcloud"}"#)]).await;
    let service = client(document.base_url());
    assert!(service.is_available().await);
    let error = service.field("nothing").await.expect_err("no such field");
    assert!(error.is_not_found() && error.message().starts_with("there is no such field"), "{error}");
}

#[tokio::test]
async fn what_is_not_there_has_a_reason() {
    let nothing = serving("text/plain", &[]).await;
    let refusing = |code: &'static str| async move {
        let server = MockServer::start_async().await;
        server
            .mock_async(move |when, then| {
                when.any_request();
                then.status(404).json_body(json!({"error": {"error_code": code, "error_message": "It is off."}}));
            })
            .await;
        server
    };
    let (off, unknown) = (refusing("RESOURCE_NOT_FOUND").await, refusing("METADATA_DISABLED").await);
    let fake = contract::watched().await;
    let switched_off = fake.add_server(upcloud::fake::ServerSeed::new("web-1.example.net"));
    fake.metadata_for(switched_off);
    for (base, text) in [
        (nothing.base_url(), "they are switched off for this server (its `metadata`), or it is no UpCloud server"),
        (
            off.base_url(),
            "the metadata service is switched off for this server, switch on its `metadata`: Nothing exists",
        ),
        // A code that the description does not have may be anybody's.
        (unknown.base_url(), "they are switched off for this server (its `metadata`), or it is no UpCloud server"),
        (fake.base_url(), "they are switched off for this server (its `metadata`), or it is no UpCloud server"),
    ] {
        let service = client(base);
        assert!(!service.is_available().await);
        let errors = [
            service.get().await.map(drop).expect_err("off"),
            service.field("region").await.map(drop).expect_err("off"),
            service.folder("").await.map(drop).expect_err("off"),
        ];
        for error in errors {
            assert!(error.is_not_found() && error.message().contains(text), "{error}");
            assert!(
                !error.to_string().contains("It is off"),
                "the document has secrets, so nothing is quoted: {error}"
            );
        }
    }
}

#[tokio::test]
async fn no_answer_names_the_address() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = listener.local_addr().expect("an address").to_string();
    let builder = MetadataClient::builder().base_url(format!("http://{place}")).attempts(1);
    let silent = builder.timeout(Duration::from_millis(20)).build().expect("a client");
    for error in
        [silent.get().await.map(drop).expect_err("nobody"), silent.field("region").await.map(drop).expect_err("nobody")]
    {
        let text = format!("no answer of the metadata service at {place}, this may be no UpCloud server: ");
        assert!(error.message().starts_with(&text), "{error}");
        assert!(error.is_timeout() && !error.is_connect(), "{error:?}");
    }
    drop(listener);
    let error = silent.get().await.expect_err("nobody");
    assert!(error.is_connect() && error.message().contains("may be no UpCloud server"), "{error}");
}

#[tokio::test]
async fn no_path_leaves_the_tree() {
    let mock = MockServer::start_async().await;
    let asked = mock
        .mock_async(|when, then| {
            when.any_request();
            then.status(200).body("upcloud");
        })
        .await;
    let service = client(mock.base_url());
    for path in [
        "../../../etc/passwd",
        "/../v2",
        "..",
        ".",
        "a/../../b",
        "%2e%2e/x",
        ".%2E/x",
        "a%2f..%2f..%2fb",
        "..\\x",
        "a\\b",
        ".\t./x",
        ".\n./x",
        "\r../x",
        "user\n_data",
        "user_data\r\n",
        "a\u{0}",
    ] {
        for error in [service.field(path).await.expect_err(path), service.folder(path).await.expect_err(path)] {
            assert!(error.is_configuration() && error.attempts() == 0, "{path:?}: {error:?}");
            assert!(!error.to_string().contains(char::is_control), "{path:?}: {error}");
        }
    }
    assert_eq!(asked.calls_async().await, 0);
}

/// Answers the first request with this status and `Retry-After`, and all others with the document.
fn busy(status: u16, retry_after: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let document = SPEC["components"]["examples"]["Metadata"]["value"].to_string();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let (status, body) = if number == 0 { (status, "") } else { (200, &*document) };
            let head = format!("HTTP/1.1 {status} X\r\nRetry-After: {retry_after}\r\nConnection: close\r\n");
            if stream.read(&mut request).is_ok() {
                let answer = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
                stream.write_all(answer.as_bytes()).ok();
            }
        }
    });
    format!("http://{address}")
}

#[tokio::test]
async fn retry_after_is_obeyed() {
    for status in [429, 503] {
        let begin = Instant::now();
        client(busy(status, "1")).get().await.expect("the second time");
        assert!(begin.elapsed() >= Duration::from_secs(1), "{:?}", begin.elapsed());
    }
    // Longer than anybody waits for metadata.
    for wait in ["61", "18446744073709551615", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let begin = Instant::now();
        let error = client(busy(503, wait)).get().await.expect_err("too long");
        assert_eq!((error.attempts(), error.status().map(|status| status.as_u16())), (1, Some(503)), "{wait}");
        assert!(error.retry_after().is_some_and(|wait| wait > Duration::from_secs(60)), "{error:?}");
        assert!(begin.elapsed() < Duration::from_secs(30), "{wait}");
    }
}

#[tokio::test]
async fn fields_and_folders_of_the_tree() {
    let mock = serving(
        "text/plain",
        &[
            ("/metadata/v1/", "cloud_name\nnetwork/\n"),
            ("/metadata/v1/cloud_name", "upcloud"),
            ("/metadata/v1/storage/disks/1/tier", "maxiops"),
            ("/metadata/v1/a%3Fb", "odd"),
        ],
    )
    .await;
    let service = client(mock.base_url());
    assert_eq!(service.folder("").await.expect("a folder"), ["cloud_name", "network/"]);
    assert_eq!(service.field("storage/disks/1/tier").await.expect("a field"), "maxiops");
    assert_eq!(service.field("/storage/disks/1/tier").await.expect("a field"), "maxiops");
    assert_eq!(service.field("a?b").await.expect("no character begins a query"), "odd");
}

#[tokio::test]
async fn the_document_in_its_odd_forms() {
    let example = &SPEC["components"]["examples"]["Metadata"]["value"];
    let whole = document(example.clone()).await.expect("the example");
    assert_eq!(serde_json::to_value(&whole).expect("JSON")["network"]["interfaces"][0]["type"], "public");
    assert_eq!(whole.network.unwrap().interfaces[0].ip_addresses[0].dhcp, Some(true));
    assert_eq!(whole.user_data.unwrap().expose(), "echo ready");

    let mut odd = example.clone();
    odd["tags"] = json!([]);
    odd["network"]["dns"] = json!(null);
    odd["network"]["interfaces"][0]["index"] = json!("1");
    odd["network"]["interfaces"][0]["ip_addresses"][0]["dhcp"] = json!("yes");
    odd["storage"]["disks"][0]["size"] = json!(10240);
    odd["new"] = json!({"from": "tomorrow"});
    let odd = document(odd).await.expect("still understood");
    let network = odd.network.unwrap();
    assert!(odd.tags.is_empty() && network.dns.is_empty());
    assert_eq!(network.interfaces[0].index, Some(1));
    assert_eq!(odd.storage.unwrap().disks[0].size, Some(10240));
    assert_eq!(odd.extra["new"]["from"], "tomorrow");

    let error = document(json!({"cloud_name": "upcloud"})).await.expect_err("too little");
    assert!(error.is_decode(), "{error}");
}

#[test]
fn addresses_that_are_none() {
    for base in [
        "",
        "169.254.169.254",
        "ftp://169.254.169.254",
        "http://",
        "http:///169.254.169.254",
        "http:169.254.169.254",
        "http://ann:pw@169.254.169.254",
        "http://ann@169.254.169.254",
        "http://169.254.169.254?x",
        "http://169.254.169.254#x",
    ] {
        let error = MetadataClient::builder().base_url(base).build().expect_err(base);
        assert!(error.is_configuration(), "{base}: {error}");
        assert!(!error.to_string().contains("pw"), "{base}: {error}");
    }
}
