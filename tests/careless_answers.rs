//! Careless answers, of the service or of what stands before it, lead to no harm: nothing counts as deleted, overwritten or
//! not made on the word of an answer that does not say so.

mod scripted;

use std::time::Duration;

use http::Method;
use scripted::{Reply, SERVER, Scripted};
use serde_json::json;
use upcloud::{
    CreateServer, Error, ErrorCode, ModifyServer, RetryPolicy, ServerState, calls::Operation, error::ErrorBuilder,
};
use uuid::Uuid;

const JSON: &str = "application/json";
const SHORT: Duration = Duration::from_millis(20);

fn page(status: u16) -> Reply {
    Reply(status, "text/html", "<html><title>404 Not Found</title></html>".to_owned())
}

#[tokio::test]
async fn the_404_of_a_gateway_is_no_deletion() {
    let service = Scripted::start().await;
    let servers = service.client().servers();
    service.answer(page(404));
    let error = servers.get(SERVER).await.expect_err("a page");
    assert!(!error.is_not_found() && error.status().is_some_and(|status| status == 404), "{error}");
    servers.ensure_deleted(SERVER, None).limit(SHORT).await.expect_err("nobody said that it is gone");
    servers.wait_until_deleted(SERVER).limit(SHORT).await.expect_err("nobody said that it is gone");
    for (_, outcome) in servers.wait_all_until_deleted([SERVER]).limit(SHORT).await {
        outcome.expect_err("nobody said that it is gone");
    }
    service.answer(Reply::error(404, "SERVER_NOT_FOUND"));
    assert!(servers.get(SERVER).await.expect_err("gone").is_not_found());
    servers.wait_until_deleted(SERVER).limit(SHORT).await.expect("it is gone");
}

#[tokio::test]
async fn an_answer_about_another_thing_is_not_taken() {
    let service = Scripted::start().await;
    let client = service.client();
    let (servers, groups) = (client.servers(), client.server_groups());
    let other = Uuid::from_u128(7);
    service.answer(Reply(200, JSON, json!({"server": {"uuid": other, "state": "stopped", "labels": []}}).to_string()));
    for error in [
        servers.get(SERVER).await.expect_err("another server"),
        servers.start(SERVER).await.expect_err("another server"),
        servers.modify(SERVER, ModifyServer::default()).await.expect_err("another server"),
        servers.set_label(SERVER, "env", "prod").await.expect_err("another server"),
    ] {
        assert!(error.is_decode() && error.to_string().contains("something else than was asked for"), "{error}");
        let reads = matches!(error.operation(), Some(Operation::GetServer));
        assert_eq!(error.may_have_taken_effect(), !reads, "{error}");
    }
    let waited = servers.wait_until(SERVER, ServerState::Stopped).limit(SHORT).await.expect_err("another server");
    assert!(waited.is_timeout(), "{waited}");
    service.answer(Reply(200, JSON, json!({"server_group": {"uuid": other, "labels": []}}).to_string()));
    groups.get(SERVER).await.expect_err("another group");
    groups.set_label(SERVER, "env", "prod").await.expect_err("another group");
    let changed = service.asked().iter().filter(|asked| asked.method == "PUT" || asked.method == "PATCH").count();
    assert_eq!(changed, 1, "labels of another thing are not written back");
}

#[tokio::test]
async fn labels_that_an_answer_does_not_tell_are_not_removed() {
    let service = Scripted::start().await;
    let client = service.client();
    for labels in [json!(null), json!(""), json!("x"), json!({}), json!({"label": null})] {
        let server = json!({"server": {"uuid": SERVER, "labels": labels}});
        service.answer(Reply(200, JSON, server.to_string()));
        let error = client.servers().set_label(SERVER, "env", "prod").await.expect_err("not told");
        assert!(error.is_decode() && !error.is_configuration(), "{labels}: {error}");
        let group = json!({"server_group": {"uuid": SERVER, "labels": labels}});
        service.answer(Reply(200, JSON, group.to_string()));
        client.server_groups().remove_label(SERVER, "env").await.expect_err("not told");
    }
    service.answer(Reply(200, JSON, json!({"server": {"uuid": SERVER}}).to_string()));
    client.servers().set_label(SERVER, "env", "prod").await.expect_err("not told");
    assert!(service.asked().iter().all(|asked| asked.method == "GET"), "nothing was changed");
    for labels in [json!([]), json!({"label": []})] {
        service.answer(Reply(200, JSON, json!({"server": {"uuid": SERVER, "labels": labels}}).to_string()));
        client.servers().set_label(SERVER, "env", "prod").await.expect("told");
    }
}

#[tokio::test]
async fn what_a_list_does_not_tell_is_not_taken_for_nothing() {
    let service = Scripted::start().await;
    let client = service.client();
    service.answer(page(504));
    let wanted = CreateServer::from_template("web-1.example.net", "de-fra1", Uuid::from_u128(1));
    let lost = client.servers().create(wanted.clone()).retry(RetryPolicy::off()).await.expect_err("a gateway");
    let traced = client.servers().create(wanted).traceable().retry(RetryPolicy::off()).await.expect_err("a gateway");
    assert!(lost.is_lost_create() && traced.is_lost_create());
    for answer in [
        json!({"servers": null}),
        json!({"servers": {}}),
        json!({"servers": {"server": null}}),
        json!({"servers": {"message": null}}),
        json!({"servers": {"server": [{"uuid": "broken"}]}}),
        json!({"servers": {"server": [{"uuid": SERVER}]}}),
    ] {
        service.answer(Reply(200, JSON, answer.to_string()));
        for error in [&lost, &traced] {
            let found = client.servers().find_lost(error).limit(Duration::ZERO).await;
            assert!(found.as_ref().is_err_and(Error::is_lost_create), "{answer}: {found:?}");
        }
    }
    service.answer(Reply(200, JSON, json!({"servers": {"server": []}}).to_string()));
    assert_eq!(client.servers().find_lost(&lost).limit(Duration::ZERO).await.expect("told"), None);
}

#[tokio::test]
async fn a_refusal_that_says_why_is_no_doubt() {
    let service = Scripted::start().await;
    service.answer(Reply::error(511, "HOTPLUG_FAILED"));
    let changes = ModifyServer::default().plan("2xCPU-4GB");
    let error = service.client().servers().modify(SERVER, changes).await.expect_err("refused");
    assert!(error.needs_stop() && !error.may_have_taken_effect(), "{error}");
    assert!(error.advice().is_some_and(|advice| advice.contains("stop the server")), "{error}");
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn a_secret_of_another_kind_is_still_one() {
    let service = Scripted::start().await;
    let odd = json!({"server": {"uuid": SERVER, "state": "started", "password": ["hunter2"], "of_tomorrow": 1}});
    service.answer(Reply(200, JSON, odd.to_string()));
    let server = service.client().servers().get(SERVER).await.expect("read");
    let shown = serde_json::to_string(&server).expect("JSON");
    assert!(!shown.contains("hunter2") && shown.contains("of_tomorrow"), "{shown}");
    let all = serde_json::to_string(&upcloud::types::Exposed(&server)).expect("JSON");
    assert!(all.contains(r#""password":["hunter2"]"#), "{all}");
}

#[test]
fn what_is_made_by_hand_is_bounded_too() {
    let error = ErrorBuilder::refused(404).code(ErrorCode::ServerNotFound).message("a\n".repeat(100_000)).build();
    assert!(error.to_string().len() < 5_000 && !error.to_string().contains('\n'));
    let state = ServerState::from("x".repeat(200_000));
    let error = ErrorBuilder::wait_failed(state).operation(Operation::GetServer).build();
    assert!(format!("{error:?}{error:#?}").len() < 5_000);
}

#[tokio::test]
async fn parts_that_some_servers_take_for_others_leave_no_version() {
    let service = Scripted::start().await;
    for path in ["/..;/account", "/..%20/account", "/x/.;a=1/y"] {
        let error = service.client().endpoint(Method::GET, path).await.expect_err(path);
        assert!(error.is_configuration(), "{path}: {error}");
    }
    assert_eq!(service.asked(), []);
}
