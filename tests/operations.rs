//! Every operation through the hand layer: method, path, query and body, field by field.

mod scripted;

use std::collections::BTreeSet;

use scripted::{Reply, SHOWN, SPEC, Scripted, described, example};
use serde_json::{Value, json};
use upcloud::calls::Operation::{self, *};

#[tokio::test]
async fn every_operation_sends_what_the_documentation_shows() {
    let server = Scripted::start().await;
    for (operation, method, path, query, body) in SHOWN.iter().copied() {
        server.answer(Reply::success(operation));
        server.call(operation).await.unwrap_or_else(|e| panic!("{operation}: {e}"));
        let asked = server.asked();
        let [asked] = asked.as_slice() else { panic!("{operation}: one request, not {}", asked.len()) };
        assert_eq!((asked.method.as_str(), asked.path.as_str()), (method, path), "{operation}");
        let pairs: Vec<(&str, &str)> = asked.query.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(pairs, query, "{operation}");
        let expected = body.map(|name| &SPEC["components"]["examples"][name]["value"]);
        same(&operation.to_string(), asked.body.as_ref().unwrap_or(&Value::Null), expected.unwrap_or(&Value::Null));
        let is_metadata = matches!(operation, GetMetadata | ListMetadataFields | GetMetadataField);
        assert_eq!(asked.authorization.is_none(), is_metadata, "{operation}: credentials go to the API alone");
    }
}

/// Field by field, so that a difference is named.
fn same(place: &str, sent: &Value, expected: &Value) {
    match (sent, expected) {
        (Value::Object(sent), Value::Object(expected)) => {
            let keys: BTreeSet<&String> = sent.keys().chain(expected.keys()).collect();
            for key in keys {
                let missing = &Value::String("(absent)".to_owned());
                same(&format!("{place}/{key}"), sent.get(key).unwrap_or(missing), expected.get(key).unwrap_or(missing));
            }
        }
        (Value::Array(sent), Value::Array(expected)) if sent.len() == expected.len() => {
            for (n, (sent, expected)) in sent.iter().zip(expected).enumerate() {
                same(&format!("{place}/{n}"), sent, expected);
            }
        }
        _ => assert_eq!(sent, expected, "{place}"),
    }
}

#[test]
fn the_table_has_every_operation_as_the_description_has_it() {
    let listed: BTreeSet<Operation> = SHOWN.iter().map(|(operation, ..)| *operation).collect();
    assert_eq!(listed, Operation::ALL.iter().copied().collect());
    for (operation, method, path, _, body) in SHOWN.iter().copied() {
        assert_eq!(operation.method(), method, "{operation}");
        let below = path.strip_prefix("/1.3").unwrap_or(path);
        let template: Vec<&str> = operation.path().split('/').collect();
        let segments: Vec<&str> = below.splitn(template.len(), '/').collect();
        assert_eq!(template.len(), segments.len(), "{operation}");
        for (template, segment) in template.iter().zip(segments) {
            assert!(template.starts_with('{') || *template == segment, "{operation}: {template} and {segment}");
        }
        let has_body = example(&described(operation)["requestBody"]["content"]["application/json"]).is_some();
        assert_eq!(body.is_some(), has_body, "{operation}");
    }
}

#[tokio::test]
async fn unknown_query_pairs_and_body_fields_can_be_sent_with_any_call() {
    let server = Scripted::start().await;
    server.answer(Reply::success(StartServer));
    let servers = server.client().servers();
    servers
        .start(scripted::SERVER)
        .query("dry run", "a&b")
        .field("boot_to", json!({"rescue": true}))
        .await
        .expect("started");
    let asked = server.asked();
    assert_eq!(asked[0].query, [("dry run".to_owned(), "a&b".to_owned())]);
    assert_eq!(asked[0].body, Some(json!({"server": {"boot_to": {"rescue": true}}})));
}

#[tokio::test]
async fn status_headers_and_correlation_id_of_an_answer() {
    let server = Scripted::start().await;
    server.answer(Reply::success(CreateServer));
    let answer = server.client().servers().get(scripted::SERVER).send().await.expect("an answer");
    assert_eq!(answer.status, 202);
    assert_eq!(answer.headers["content-type"], "application/json; charset=UTF-8");
    server.answer(Reply::problem(404, "SERVER_NOT_FOUND"));
    let error = server.client().servers().get(scripted::SERVER).await.expect_err("not found");
    assert_eq!(error.correlation_id(), Some("01JTEST"));
}
