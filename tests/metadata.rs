//! The client of the metadata service: what it never does, how often it tries, and the odd forms of the document.

mod scripted;

use std::{net::TcpListener, time::Duration};

use httpmock::MockServer;
use scripted::SPEC;
use serde_json::{Value, json};
use upcloud::{Error, MetadataClient, Operation, types::Metadata};

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

#[tokio::test]
async fn availability_is_found_out_quickly() {
    let mock = MockServer::start_async().await;
    let asked = mock
        .mock_async(|when, then| {
            when.path("/metadata/v1/");
            then.status(200).body("region\n");
        })
        .await;
    assert!(client(mock.base_url()).is_available().await);
    assert_eq!(asked.calls_async().await, 1);

    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let silent = MetadataClient::builder()
        .base_url(format!("http://{address}"))
        .timeout(Duration::from_millis(20))
        .build()
        .expect("a client");
    assert!(!silent.is_available().await, "nobody answers");
    drop(listener);
    assert!(!client(format!("http://{address}")).is_available().await, "nobody listens");
}

#[tokio::test]
async fn fields_and_folders_of_the_tree() {
    let mock = MockServer::start_async().await;
    for (path, body) in [
        ("/metadata/v1/", "cloud_name\nnetwork/\n"),
        ("/metadata/v1/storage/disks/1/tier", "maxiops"),
        ("/metadata/v1/a%3Fb", "odd"),
    ] {
        mock.mock_async(move |when, then| {
            when.path(path);
            then.status(200).body(body);
        })
        .await;
    }
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
    for base in ["", "169.254.169.254", "ftp://169.254.169.254", "http://"] {
        let error = MetadataClient::builder().base_url(base).build().expect_err(base);
        assert!(error.is_configuration(), "{base}: {error}");
    }
}
