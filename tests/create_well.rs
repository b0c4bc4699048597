//! Creates that say what their template needs, and that wait for the storages they copy.

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;

use std::time::Duration;

use contract::{Watch as _, watched};
use serde_json::json;
use tokio::time::Instant;
use upcloud::{
    CreateServer, ErrorCode, ServerState,
    calls::Operation,
    fake::{CLOUD_INIT_TEMPLATE, CannedResponse, Fake, NATIVE_TEMPLATE, Timing},
};

const KEY: &str = "ssh-ed25519 AAAA ops";

#[tokio::test]
async fn a_template_that_was_looked_up_says_what_it_needs() {
    let fake = watched().await;
    let templates = fake.client().catalog().templates().await.expect("templates");
    for template in &templates {
        let server = CreateServer::from_template("web-1.example.net", "de-fra1", template);
        assert_eq!(server.metadata, template.is_cloud_init().then_some(true), "{}", template.title);
        let by_uuid = CreateServer::from_template("web-1.example.net", "de-fra1", template.uuid);
        assert_eq!(by_uuid.metadata, None);
        assert_eq!(server.metadata(false), by_uuid.metadata(false), "what the caller says goes before it");
    }
    assert!(templates.iter().any(upcloud::types::Storage::is_cloud_init));
    let template = templates.into_iter().find(|template| template.uuid == CLOUD_INIT_TEMPLATE).expect("it");
    let server = CreateServer::from_template("web-1.example.net", "de-fra1", template).ssh_key(KEY);
    fake.client().servers().create(server).await.expect("all that it needs");
}

#[tokio::test]
async fn a_refusal_says_what_is_missing() {
    let fake = watched().await;
    let server = CreateServer::from_template("web-1.example.net", "de-fra1", CLOUD_INIT_TEMPLATE).ssh_key(KEY);
    let error = fake.client().servers().create(server).await.expect_err("no metadata");
    assert_eq!(error.code(), Some(&ErrorCode::MetadataDisabledOnCloudInit));
    assert!(error.to_string().contains(".metadata(true)"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_clone_waits_for_the_disk_of_a_server_that_is_made() {
    let fake = Fake::builder().timing(Timing::Takes(Duration::from_secs(120))).watched().await;
    let servers = fake.client().servers();
    let first = CreateServer::from_template("web-1.example.net", "de-fra1", NATIVE_TEMPLATE);
    let first = servers.create(first).await.expect("created");
    let disk = first.storage_devices[0].storage.expect("a disk");
    let twin = || CreateServer::clone_of("web-2.example.net", "de-fra1", disk);

    let error = servers.create(twin()).await.expect_err("its disk is not ready");
    assert_eq!(error.code(), Some(&ErrorCode::StorageStateIllegal));
    assert!(error.to_string().contains("when_ready"), "the advice names it: {error}");

    let begin = Instant::now();
    let made = servers.create(twin()).when_ready().await.expect("made");
    assert!((119..130).contains(&begin.elapsed().as_secs()), "{:?}", begin.elapsed());
    assert_eq!(made.state, ServerState::Maintenance);
    let third = servers.create(twin()).when_ready().and_wait().await.expect("made and started");
    assert_eq!((third.state, fake.servers().len()), (ServerState::Started, 3));
}

#[tokio::test(start_paused = true)]
async fn what_does_not_pass_is_not_waited_for() {
    let fake = watched().await;
    let servers = fake.client().servers();
    let wanted = || CreateServer::from_template("web-1.example.net", "de-fra1", NATIVE_TEMPLATE);
    let refusal = |message: &str| {
        let error = json!({ "error_code": "STORAGE_STATE_ILLEGAL", "error_message": message });
        CannedResponse::json(409, &json!({ "error": error }))
    };
    fake.answer_next(Operation::CreateServer, refusal("The storage is in state 'error'."));
    let error = servers.create(wanted()).when_ready().await.expect_err("an error stays");
    assert!(error.is_state() && !error.is_transient(), "{error:?}");

    // Nothing is sent again that may have made a server.
    fake.answer_next(Operation::CreateServer, refusal("The storage is in state 'maintenance'."));
    fake.answer_next(Operation::CreateServer, CannedResponse::dropped_after());
    let error = servers.create(wanted()).when_ready().await.expect_err("lost");
    assert!(error.is_lost_create(), "{error:?}");
    assert_eq!(fake.servers().len(), 1);

    // And the limit holds, for a state that is not told as well.
    fake.answer_next(Operation::CreateServer, refusal("The storage is not ready.").times(10_000));
    let begin = Instant::now();
    let limited = servers.create(wanted()).when_ready().limit(Duration::from_secs(60)).await;
    assert_eq!(limited.expect_err("never ready").code(), Some(&ErrorCode::StorageStateIllegal));
    assert!(begin.elapsed() <= Duration::from_secs(60), "{:?}", begin.elapsed());
}
