//! Trouble that a test orders: how each kind reaches a caller, and that the fake is itself again afterwards.

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;

use std::time::Duration;

use contract::{Watch as _, watched};
use upcloud::{
    Client, CreateServer, Error, RetryPolicy, ServerState, StopMode,
    calls::Operation,
    fake::{CannedResponse, Fake, NATIVE_TEMPLATE, Timing},
};

/// What is ordered, the status that comes of it, and what the error must say of itself.
type Row = (CannedResponse, u16, fn(&Error) -> bool);

fn impatient(fake: &Fake) -> Client {
    let builder = Client::builder().token("ucat_any").base_url(fake.base_url());
    builder.retry(RetryPolicy::off()).build().expect("a client")
}

/// One line each, as `fail_next` is.
#[tokio::test]
async fn trouble_that_belongs_to_no_operation() {
    let fake = watched().await;
    let rows: [Row; 7] = [
        (CannedResponse::unauthorized(), 401, Error::is_authentication),
        (CannedResponse::forbidden(), 403, Error::is_authentication),
        (CannedResponse::not_found(), 404, Error::is_not_found),
        (CannedResponse::too_many_requests(Duration::from_millis(1500)), 429, Error::is_transient),
        (CannedResponse::status(500), 500, Error::is_transient),
        (CannedResponse::bad_gateway(), 502, Error::is_transient),
        (CannedResponse::unavailable(), 503, Error::is_transient),
    ];
    for (canned, status, holds) in rows {
        let said = format!("{canned:?}");
        fake.answer_next(Operation::ListServers, canned);
        let error = impatient(&fake).servers().list().await.expect_err("ordered");
        assert_eq!(error.status().map(|seen| seen.as_u16()), Some(status), "{said}: {error}");
        assert!(holds(&error), "{said}: {error}");
        impatient(&fake).servers().list().await.expect("once only");
    }
    fake.answer_next(None, CannedResponse::too_many_requests(Duration::from_millis(1500)));
    let error = impatient(&fake).catalog().zones().await.expect_err("ordered");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(2)), "whole seconds, and none too few");
}

#[tokio::test]
async fn time_passes_when_the_test_says_so() {
    let fake = Fake::builder().timing(Timing::Takes(Duration::from_secs(60))).watched().await;
    let servers = impatient(&fake).servers();
    let wanted = CreateServer::from_template("web-1.example.com", "fi-hel1", NATIVE_TEMPLATE).plan("1xCPU-1GB");
    let uuid = servers.create(wanted).await.expect("created").uuid;
    let state = async || servers.get(uuid).await.expect("there").state;
    assert_eq!(state().await, ServerState::Maintenance);
    fake.advance(Duration::from_secs(59));
    assert_eq!(state().await, ServerState::Maintenance);
    fake.advance(Duration::from_secs(1));
    assert_eq!(state().await, ServerState::Started);

    // A deaf guest is cut off after its timeout, however long other operations take.
    fake.ignore_acpi(uuid, true);
    servers.stop(uuid, StopMode::SoftThenHard(Duration::from_secs(300))).await.expect("the signal is sent");
    fake.advance(Duration::from_secs(299));
    assert_eq!(state().await, ServerState::Started);
    fake.advance(Duration::from_secs(1));
    assert_eq!(state().await, ServerState::Stopped);

    // What runs keeps the timing with which it began.
    fake.set_timing(Timing::Manual);
    servers.start(uuid).asynchronous().await.expect("accepted");
    fake.set_timing(Timing::Polls(0));
    assert_eq!(state().await, ServerState::Maintenance);
    fake.finish(uuid);
    assert_eq!(state().await, ServerState::Started);
}
