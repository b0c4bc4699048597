//! Finding servers by what people know of them, whether or not the service honours a filter.

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;

use std::net::{IpAddr, Ipv4Addr};

use contract::{Watched, watched};
use serde_json::json;
use upcloud::{
    ServerState,
    calls::Operation,
    fake::{CannedResponse, ServerSeed},
    types::Uuid,
};

/// Six servers, two of them prod.
async fn several() -> (Watched, Vec<Uuid>) {
    let fake = watched().await;
    let seed = |name: &str| ServerSeed::new(name);
    let uuids = vec![
        fake.add_server(seed("web-1.example.net").title("Front").label("env", "prod").label("team", "red")),
        fake.add_server(seed("web-2.example.net").title("Front").label("Env", "prod").state(ServerState::Stopped)),
        fake.add_server(seed("web-3.example.net").title("front").label("env", "test")),
        fake.add_server(seed("db-1.example.net").title("Database")),
        fake.add_server(seed("db-2.example.net").title("Database 2")),
        fake.add_server(seed("db-1.example.net").title("Old").state(ServerState::Error)),
    ];
    (fake, uuids)
}

#[tokio::test]
async fn each_way_and_all_together() {
    let (fake, uuids) = several().await;
    let find = || fake.client().servers().find();
    let every: Vec<usize> = (0..6).collect();
    for (search, expected) in [
        (find(), every.as_slice()),
        (find().hostname("WEB-2.example.net"), &[1]),
        (find().hostname("web"), &[]),
        (find().hostname("db-1.example.net"), &[3, 5]),
        (find().hostname("db-1.example.net").state(ServerState::Started), &[3]),
        (find().title("Front"), &[0, 1]),
        (find().title("Fron"), &[]),
        (find().state(ServerState::Stopped), &[1]),
        (find().label("env", "prod"), &[0, 1]),
        (find().label("ENV", "prod").label("team", "red"), &[0]),
        (find().label("env", "pro"), &[]),
        (find().label_key("env"), &[0, 1, 2]),
        (find().label_key("env").title("Front").state(ServerState::Started), &[0]),
    ] {
        let shown = format!("{search:?}");
        let found: Vec<Uuid> = search.await.expect("an answer").iter().map(|server| server.uuid).collect();
        let expected: Vec<Uuid> = expected.iter().map(|at| uuids[*at]).collect();
        assert_eq!(found, expected, "{shown}");
    }
}

#[tokio::test]
async fn one_is_one() {
    let (fake, uuids) = several().await;
    let find = || fake.client().servers().find();
    assert_eq!(find().hostname("db-2.example.net").one().await.expect("one").uuid, uuids[4]);
    let none = find().hostname("mail.example.net").label("env", "prod").one().await.expect_err("none");
    assert!(none.is_not_found() && !none.is_transient(), "{none:?}");
    let told = "there is no server with the hostname \"mail.example.net\" and the label \"env=prod\"";
    assert!(none.to_string().contains(told), "{none}");
    let several = find().hostname("db-1.example.net").one().await.expect_err("two");
    assert!(several.is_conflict() && !several.is_not_found() && !several.may_have_taken_effect(), "{several:?}");
    assert!(several.message().starts_with("there are 2 servers with the hostname \"db-1.example.net\": "), "{several}");
    assert_eq!(several.advice(), Some("say more of the one that is meant"));
    assert!(several.message().contains(&uuids[3].to_string()) && several.message().contains(&uuids[5].to_string()));
}

#[tokio::test]
async fn many_are_not_all_named() {
    let fake = watched().await;
    fake.fill(12);
    let error = fake.client().servers().find().one().await.expect_err("twelve");
    assert!(
        error.message().starts_with("there are 12 servers: ") && error.message().ends_with(" and 2 more"),
        "{error}"
    );
}

/// A service that does not honour a label gives every server, and may give them in any page.
#[tokio::test]
async fn a_filter_that_is_not_honoured_does_not_matter() {
    let (fake, uuids) = several().await;
    let all = fake.client().endpoint(http::Method::GET, "/server").await.expect("a list");
    fake.answer_next(Operation::ListServers, CannedResponse::json(200, &all));
    let found = fake.client().servers().find().label("env", "prod").await.expect("an answer");
    assert_eq!(found.iter().map(|server| server.uuid).collect::<Vec<_>>(), uuids[..2]);
}

#[tokio::test]
async fn what_cannot_be_read_may_be_the_one() {
    let (fake, _) = several().await;
    let body = json!({ "servers": { "server": [{ "uuid": "nonsense", "hostname": "web-1.example.net" }] } });
    fake.answer_next(Operation::ListServers, CannedResponse::json(200, &body));
    let error = fake.client().servers().find().hostname("x.example.net").await.expect_err("it may be it");
    assert!(error.is_decode(), "{error:?}");
}

#[tokio::test]
async fn an_address_is_in_the_details() {
    let (fake, uuids) = several().await;
    let details = fake.client().servers().get(uuids[4]).await.expect("a server");
    let address: IpAddr = details.address().expect("an address");
    let found = fake.client().servers().find().address(address).one().await.expect("one");
    assert_eq!(found.uuid, uuids[4]);
    let count = |operation| fake.requests().iter().filter(|request| request.operation == Some(operation)).count();
    assert_eq!(
        (count(Operation::ListServers), count(Operation::GetServer)),
        (2, 7),
        "a page that is not full is asked for again"
    );
    // What fits otherwise is asked alone.
    let search = fake.client().servers().find().hostname("db-2.example.net").address(address);
    assert_eq!(search.await.expect("an answer").len(), 1);
    assert_eq!(count(Operation::GetServer), 8);
    let nobody = fake.client().servers().find().address(Ipv4Addr::new(192, 0, 2, 1)).await;
    assert_eq!(nobody.expect("an answer"), []);
}

/// The filters of the list that are not in the documentation: what is sent, and what the fake makes of it.
#[tokio::test]
async fn filters_of_the_list() {
    let (fake, uuids) = several().await;
    let list = || fake.client().servers().list();
    let host = fake.servers()[0].host.expect("a host");
    for (call, sent, expected) in [
        (list().state(ServerState::Stopped), ("state", "stopped".to_owned()), vec![uuids[1]]),
        (list().search("DATA"), ("search", "DATA".to_owned()), vec![uuids[3], uuids[4]]),
        (list().tag("none"), ("tag", "none".to_owned()), vec![]),
    ] {
        let found: Vec<Uuid> = call.await.expect("an answer").iter().map(|server| server.uuid).collect();
        assert_eq!(found, expected, "{sent:?}");
        let query = fake.requests().last().expect("a request").query.clone();
        assert_eq!(query, [(sent.0.to_owned(), sent.1)]);
    }
    let on_host = list().host(host).await.expect("an answer");
    assert!(on_host.iter().any(|server| server.uuid == uuids[0]) && on_host.len() < 6, "{}", on_host.len());
    let mut pages = list().search("example").limit(2).stream();
    let mut seen = Vec::new();
    while let Some(server) = pages.next().await {
        seen.push(server.expect("a server").uuid);
    }
    assert_eq!(seen, uuids);
    assert!(fake.requests().iter().all(|request| request.status == 200));
}
