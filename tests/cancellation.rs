//! Calls that are dropped at any await: the client is none the worse, and its budget of retries neither.

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;

use std::{
    future::{Future, IntoFuture as _, poll_fn},
    pin::Pin,
    task::Poll,
    time::Duration,
};

use contract::{Watch as _, watched};
use upcloud::{
    Client, CreateServer, Error, ModifyServer, RetryPolicy, ServerState, StopMode,
    calls::Operation,
    fake::{CannedResponse, Fake, NATIVE_TEMPLATE, ServerSeed, Timing},
    types::BackupDeletion,
};
use uuid::Uuid;

const SHORT: Duration = Duration::from_millis(1);
/// More polls than any of the calls needs.
const MOST_POLLS: u32 = 12;

type Call = Pin<Box<dyn Future<Output = ()> + Send>>;

fn boxed<T>(call: impl Future<Output = T> + Send + 'static) -> Call {
    Box::pin(async move { drop(call.await) })
}

/// Every kind of future that the crate gives.
fn calls(upcloud: &Client, up: Uuid, down: Uuid) -> Vec<(&'static str, Call)> {
    let (servers, groups) = (upcloud.servers(), upcloud.server_groups());
    let new = || CreateServer::from_template("a.example.net", "de-fra1", NATIVE_TEMPLATE).plan("1xCPU-1GB");
    let mut looks = servers.wait_until(up, ServerState::Stopped).poll_every(SHORT, SHORT);
    let mut outcomes = servers.wait_all_until([up, down], ServerState::Stopped).poll_every(SHORT, SHORT);
    let mut pages = servers.list().stream();
    vec![
        ("list", boxed(servers.list().into_future())),
        ("create", boxed(servers.create(new()).into_future())),
        ("modify", boxed(servers.modify(up, ModifyServer::default().title("new")).into_future())),
        ("start", boxed(servers.start(down).into_future())),
        ("stop", boxed(servers.stop(up, StopMode::Soft).into_future())),
        ("groups", boxed(groups.list().into_future())),
        ("endpoint", boxed(upcloud.endpoint(http::Method::GET, "/plan").into_future())),
        ("wait", boxed(servers.wait_until(up, ServerState::Stopped).poll_every(SHORT, SHORT).into_future())),
        ("wait for all", boxed(servers.wait_all_until_deleted([up, down]).poll_every(SHORT, SHORT).into_future())),
        ("looks", boxed(async move { while looks.next().await.is_some() {} })),
        ("outcomes", boxed(async move { while outcomes.next().await.is_some() {} })),
        ("pages", boxed(async move { while pages.next().await.is_some() {} })),
        ("ready", boxed(servers.restart(up, StopMode::Hard).when_ready().and_wait().into_future())),
        ("ensured", boxed(servers.ensure_stopped(up, StopMode::Hard).poll_every(SHORT, SHORT).into_future())),
        ("deleted", boxed(servers.ensure_deleted(down, Some(BackupDeletion::Keep)).into_future())),
    ]
}

/// Polls a call so often, and drops it if it is not done then.
async fn polled(mut call: Call, times: u32) {
    let mut left = times;
    let polls = poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        call.as_mut().poll(cx)
    });
    // A call that nobody wakes is dropped as well.
    let _ = tokio::time::timeout(Duration::from_millis(20), polls).await;
}

#[tokio::test]
async fn every_future_can_be_dropped_at_any_await() {
    let fake = Fake::builder().timing(Timing::Polls(2)).watched().await;
    let upcloud = fake.client();
    let names: Vec<_> = calls(&upcloud, Uuid::nil(), Uuid::nil()).into_iter().map(|(name, _)| name).collect();
    for (kind, name) in names.iter().enumerate() {
        for polls in 0..MOST_POLLS {
            let up = fake.add_server("up.example.net");
            let down = fake.add_server(ServerSeed::new("down.example.net").state(ServerState::Stopped));
            polled(calls(&upcloud, up, down).swap_remove(kind).1, polls).await;
            let again: Result<_, Error> = upcloud.servers().get(Uuid::nil()).await;
            assert!(again.expect_err("not there").is_not_found(), "the client works after {name} and {polls} polls");
        }
    }
}

#[tokio::test]
async fn a_retry_that_was_never_sent_costs_nothing() {
    let fake = watched().await;
    let long = RetryPolicy::default().first_wait(Duration::from_secs(60)).longest_wait(Duration::from_secs(60));
    let quick = RetryPolicy::default().first_wait(SHORT).shortest_wait(SHORT);
    // As much as one retry costs.
    let upcloud = Client::builder().token("t").base_url(fake.base_url()).retry(long).retry_budget(5).build();
    let upcloud = upcloud.expect("a client");
    for _ in 0..5 {
        fake.answer_next(Operation::ListServers, CannedResponse::status(503));
        let call = upcloud.servers().list().into_future();
        let seen = tokio::time::timeout(Duration::from_millis(100), call).await;
        assert!(seen.is_err(), "it waits for its second attempt");
    }
    assert_eq!(fake.requests().len(), 5);
    fake.answer_next(Operation::ListServers, CannedResponse::status(503));
    let list = upcloud.servers().list().retry(quick).await.expect("the budget still has a retry");
    assert!(list.unreadable().is_empty());
}
