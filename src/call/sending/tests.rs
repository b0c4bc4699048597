//! The time limits of each operation, as the documentation of `Client` lists them, and who goes before whom.

use uuid::Uuid;

use super::*;
use crate::{Client, CreateServer, ModifyServer, StopMode};

fn client() -> crate::ClientBuilder {
    Client::builder().token("t").base_url("http://127.0.0.1:9")
}

fn of<C: Behavior>(call: &C) -> (u64, u64) {
    let (attempt, total) = limits(call.options(), call.options().connection.shared(), call.patience());
    (attempt.as_secs(), total.as_secs())
}

#[test]
fn each_operation_has_limits_that_suit_it() {
    let client = client().build().expect("a client");
    let (servers, groups, uuid) = (client.servers(), client.server_groups(), Uuid::nil());
    let seconds = Duration::from_secs;
    let new = CreateServer::from_template("a.example.net", "de-fra1", uuid);
    for usual in [
        of(&servers.list()),
        of(&servers.get(uuid)),
        of(&servers.create(new)),
        of(&servers.modify(uuid, ModifyServer::default())),
        of(&servers.stop(uuid, StopMode::Soft)),
        of(&servers.stop(uuid, StopMode::Hard)),
        of(&servers.cancel(uuid)),
        of(&servers.delete(uuid)),
        of(&groups.list()),
        of(&groups.add_server(uuid, uuid)),
    ] {
        assert_eq!(usual, (60, 300));
    }
    assert_eq!(of(&servers.start(uuid)), (300, 360));
    assert_eq!(of(&servers.restart(uuid, StopMode::Hard)), (300, 360));
    assert_eq!(of(&servers.restart(uuid, StopMode::Soft).give_up_after(seconds(90))), (390, 450));
    assert_eq!(of(&servers.stop(uuid, StopMode::SoftThenHard(seconds(90)))), (150, 300));
    assert_eq!(of(&servers.stop(uuid, StopMode::SoftThenHard(seconds(600)))), (660, 720));
    assert_eq!(of(&servers.start(uuid).asynchronous()), (60, 300), "its answer comes at once");
}

#[test]
fn the_call_goes_before_the_client_and_the_client_before_the_operation() {
    let seconds = Duration::from_secs;
    let client = client().timeout(seconds(20)).attempt_timeout(seconds(10)).build().expect("a client");
    let start = client.servers().start(Uuid::nil());
    assert_eq!(of(&start), (10, 20));
    assert_eq!(of(&start.clone().timeout(seconds(7))), (10, 7));
    assert_eq!(of(&start.clone().attempt_timeout(seconds(3))), (3, 20));
    assert_eq!(of(&start.attempt_timeout(seconds(3)).timeout(seconds(7))), (3, 7));
}
