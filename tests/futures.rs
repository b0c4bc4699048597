//! Calls and waits as futures: spawned, joined, raced, dropped and cloned as they are.

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;

use std::{future::Future, mem::size_of_val, time::Duration};

use contract::watched;
use tokio::task::JoinSet;
use upcloud::{CreateServer, ServerState, StopMode, calls::Operation, fake::NATIVE_TEMPLATE};

fn wanted() -> CreateServer {
    CreateServer::from_template("web-1.example.net", "de-fra1", NATIVE_TEMPLATE)
}

#[tokio::test]
async fn calls_are_spawned_and_joined_as_they_are() {
    let fake = watched().await;
    let servers = fake.client().servers();
    let uuid = tokio::spawn(servers.create(wanted())).await.expect("no panic").expect("created").uuid;
    let started = tokio::spawn(servers.wait_until(uuid, ServerState::Started)).await.expect("no panic");
    assert_eq!(started.expect("started").uuid, uuid);
    let mut set: JoinSet<_> = (0..5).map(|_| servers.get(uuid)).collect();
    while let Some(server) = set.join_next().await {
        assert_eq!(server.expect("no panic").expect("a server").uuid, uuid);
    }
    let stop = servers.stop(uuid, StopMode::Hard).when_ready().and_wait();
    assert_eq!(tokio::spawn(stop).await.expect("no panic").expect("stopped").state, ServerState::Stopped);
    let all = tokio::spawn(servers.wait_all_until([uuid], ServerState::Stopped)).await.expect("no panic");
    assert!(all.len() == 1 && all[0].1.is_ok());
    tokio::spawn(servers.ensure_deleted(uuid, None)).await.expect("no panic").expect("deleted");
    let (zones, plans) = tokio::join!(fake.client().catalog().zones(), fake.client().catalog().plans());
    assert!(!zones.expect("zones").is_empty() && !plans.expect("plans").is_empty());
    let zones = fake.client().endpoint(http::Method::GET, "/zone");
    tokio::spawn(zones).await.expect("no panic").expect("an answer");
}

#[tokio::test]
async fn a_clone_is_a_call_of_its_own() {
    let fake = watched().await;
    let mut call = Box::pin(fake.client().servers().create(wanted()));
    let copy = call.as_ref().get_ref().clone();
    let first = std::future::poll_fn(|cx| call.as_mut().poll(cx)).await.expect("created");
    let of_a_begun_one = call.as_ref().get_ref().clone();
    let second = copy.await.expect("created");
    let third = of_a_begun_one.await.expect("created");
    assert!(first.uuid != second.uuid && second.uuid != third.uuid);
    assert_eq!(fake.requests().iter().filter(|r| r.operation == Some(Operation::CreateServer)).count(), 3);
}

/// What loses a race is dropped, and nothing of it goes on.
#[tokio::test(start_paused = true)]
async fn a_call_loses_a_race() {
    let fake = watched().await;
    let uuid = fake.add_server("web-1.example.net");
    let waits = fake.client().servers().wait_until(uuid, ServerState::Stopped);
    tokio::select! {
        result = waits => panic!("it does not stop: {result:?}"),
        () = tokio::time::sleep(Duration::from_secs(60)) => {}
    }
    let asked = fake.requests().len();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(fake.requests().len(), asked);
}

/// A future that is moved into a task, a set or another future is copied each time.
#[tokio::test]
async fn no_future_is_large() {
    let fake = watched().await;
    let (servers, groups) = (fake.client().servers(), fake.client().server_groups());
    let uuid = upcloud::types::Uuid::nil();
    for (what, size) in [
        ("get", size_of_val(&servers.get(uuid))),
        ("list", size_of_val(&servers.list())),
        ("create", size_of_val(&servers.create(wanted()))),
        ("create and wait", size_of_val(&servers.create(wanted()).and_wait())),
        ("stop", size_of_val(&servers.stop(uuid, StopMode::Hard))),
        ("set a label", size_of_val(&servers.set_label(uuid, "a", "b"))),
        ("wait", size_of_val(&servers.wait_until(uuid, ServerState::Started))),
        ("wait for all", size_of_val(&servers.wait_all_until([uuid], ServerState::Started))),
        ("ensure", size_of_val(&servers.ensure_started(uuid))),
        ("group", size_of_val(&groups.get(uuid))),
        ("send", size_of_val(&servers.get(uuid).send())),
    ] {
        assert!(size <= 2048, "{what} has {size} bytes");
    }
}
