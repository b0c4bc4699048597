//! The state of the fake: saved, loaded, and as good as before.

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;

use std::time::Duration;

use contract::{Watch as _, watched};
use upcloud::{
    Client, CreateServer, MetadataClient, ServerState, StopMode,
    calls::Operation,
    fake::{CLOUD_INIT_TEMPLATE, CannedResponse, Fake, NATIVE_TEMPLATE, ServerSeed, Snapshot, Timing},
    types::AntiAffinity,
};

async fn create(upcloud: &Client, hostname: &str) -> upcloud::Server {
    let server = CreateServer::from_template(hostname, "fi-hel1", NATIVE_TEMPLATE).plan("1xCPU-1GB");
    upcloud.servers().create(server).await.expect("created")
}

#[tokio::test]
async fn a_loaded_state_goes_on_where_the_saved_one_was() {
    let old = Fake::builder().seed(7).timing(Timing::Takes(Duration::from_secs(60))).hosts(3).watched().await;
    old.fill(12);
    let kept = old.servers()[9].uuid;
    let upcloud = old.client();
    upcloud.servers().delete(kept).await.expect("deleted without its disk");
    let [a, b] = ["a", "b"].map(|name| old.add_server(ServerSeed::new(name)));
    old.add_server_group("apart", AntiAffinity::Strict, &[a, b]);
    old.ignore_acpi(a, true);
    let inside = CreateServer::from_template("inside.example.com", "fi-hel1", CLOUD_INIT_TEMPLATE)
        .metadata(true)
        .ssh_key("ssh-ed25519 AAAA ops")
        .user_data("#!/bin/sh\nexit 0\n");
    let inside = upcloud.servers().create(inside).await.expect("created").uuid;
    old.metadata_for(inside);

    let saved = old.save();
    let read = Snapshot::from_json(&saved.to_json()).expect("it reads what it wrote");
    assert_eq!(read, saved, "nothing is lost");
    let new = Fake::builder().timing(Timing::Takes(Duration::from_secs(60))).state(read).watched().await;
    assert_eq!(new.servers(), old.servers());
    assert_eq!(new.server_groups(), old.server_groups());
    assert_eq!(new.hosts(), old.hosts());

    let metadata = async |fake: &Fake| {
        let client = MetadataClient::builder().base_url(fake.base_url()).build().expect("a client");
        client.get().await.expect("the document")
    };
    assert_eq!(metadata(&new).await, metadata(&old).await);
    // The next identifiers and passwords are the same, and the running operation goes on.
    let (one, other) = (create(&old.client(), "next").await, create(&new.client(), "next").await);
    assert_eq!(one, other);
    for fake in [&old, &new] {
        assert_eq!(fake.server(inside).expect("there").state, ServerState::Maintenance);
        fake.advance(Duration::from_secs(60));
        assert_eq!(fake.server(inside).expect("there").state, ServerState::Started);
        fake.client().servers().stop(a, StopMode::Soft).await.expect("the guest hears nothing");
        assert_eq!(fake.client().servers().get(a).await.expect("there").state, ServerState::Started);
    }
}

#[tokio::test]
async fn loading_is_like_a_new_start() {
    let fake = watched().await;
    fake.fill(2);
    let beginning = fake.save();
    let first = create(&fake.client(), "web-1.example.com").await;
    fake.answer_next(Operation::ListServers, CannedResponse::unavailable());
    fake.answer_next(Operation::ListServers, CannedResponse::unavailable().delay(Duration::from_millis(1)));
    fake.load(beginning);
    assert_eq!(fake.requests().len(), 0);
    assert_eq!(fake.client().servers().list().await.expect("nothing is ordered any more").len(), 2);
    assert_eq!(create(&fake.client(), "web-1.example.com").await, first);
}

#[tokio::test]
async fn states_that_contradict_themselves_are_refused() {
    let fake = watched().await;
    let server = fake.add_server("a");
    fake.add_server_group("one", AntiAffinity::None, &[server]);
    let text = fake.save().to_json();
    let host = fake.server(server).expect("there").host.expect("it runs").to_string();
    let list = fake.hosts().iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    for (old, new, part) in [
        ("\"version\":1", "\"version\":2", "has version 2, this crate reads version 1"),
        (list.as_str(), "", "has no hosts"),
        (&format!("\"servers\":[\"{server}\"]"), "\"servers\":[]", "contradicts itself on the server group"),
        (&format!("\"host\":{host},\"running\""), "\"host\":1,\"running\"", "on the unknown host 1"),
        ("\"next_host\"", "\"next\"", "belong there: cannot be read from line 1, column"),
    ] {
        let changed = text.replacen(old, new, 1);
        assert_ne!(changed, text, "{old}");
        let error = Snapshot::from_json(&changed).expect_err(part);
        assert!(error.is_configuration() && error.to_string().contains(part), "{part}: {error}");
    }
}

#[tokio::test]
async fn the_debug_form_of_a_state_shows_no_secret() {
    let fake = watched().await;
    let wanted = CreateServer::from_template("a.example.com", "fi-hel1", NATIVE_TEMPLATE)
        .plan("1xCPU-1GB")
        .metadata(true)
        .user_data("canary-user-data")
        .remote_access_password("canaryPw");
    fake.client().servers().create(wanted).await.expect("created");
    let saved = fake.save();
    let shown = format!("{saved:?}");
    assert!(saved.to_json().contains("canary-user-data") && saved.to_json().contains("canaryPw"));
    assert!(!shown.contains("canary"), "{shown}");
    // Nor does the message about a state that cannot be read quote from it.
    let broken = saved.to_json().replace("\"ignores_acpi\":false", "\"ignores_acpi\":\"canaryPw\"");
    let error = Snapshot::from_json(&broken).expect_err("no switch");
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
}
