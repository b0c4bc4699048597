//! The fake as its users see it: a server's life, timing, ordered trouble. Groups and bad input are in files of their own.

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;
mod fake_http;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use upcloud::{
    Credentials, ErrorCode, StopMode,
    calls::Operation,
    fake::{CLOUD_INIT_TEMPLATE, CannedResponse, Fake, NATIVE_TEMPLATE, ServerSeed, Timing},
    types::{
        BackupDeletion, CreateServer, ModifyServer, ModifyServerRequest, RestartServer, RestartServerRequest,
        ServerState, StopServer, StopServerRequest, StopType, TimeoutAction,
    },
};
use uuid::Uuid;

use contract::{Watch as _, watched, watched_blocking};
use fake_http::{raw, without_credentials};

fn small(hostname: &str) -> CreateServer {
    CreateServer::from_template(hostname, "fi-hel1", NATIVE_TEMPLATE).plan("1xCPU-1GB")
}

async fn state(fake: &Fake, uuid: Uuid) -> ServerState {
    fake.client().servers().get(uuid).await.expect("the server is there").state
}

#[tokio::test]
async fn a_servers_life() {
    let fake = watched().await;
    let servers = fake.client().servers();

    let created = servers.create(small("web-1.example.com").label("env", "prod")).send().await.expect("created");
    assert_eq!(created.status, 202);
    let created = created.value;
    assert_eq!(created.state, ServerState::Maintenance);
    assert_eq!((created.progress, created.username.as_deref(), created.host), (Some(0), Some("root"), None));
    assert!(created.password.is_some(), "a native template without keys makes a password");
    let uuid = created.uuid;

    let seen = servers.get(uuid).await.expect("there");
    assert_eq!(seen.state, ServerState::Started);
    assert!(seen.host.expect("a running server has a host") > i64::from(u32::MAX));
    assert_eq!((seen.password, seen.progress), (None, None), "only the answer to the create has them");

    let stopped = servers.stop(uuid, StopMode::Soft).send().await.expect("stopped");
    assert_eq!((stopped.status.as_u16(), &stopped.value.state), (200, &ServerState::Started));
    let seen = servers.get(uuid).await.expect("there");
    assert_eq!((seen.state, seen.host), (ServerState::Stopped, None));

    let started = servers.start(uuid).await.expect("started");
    assert_eq!(started.state, ServerState::Started);
    let error = servers.delete(uuid).await.expect_err("it runs");
    assert_eq!(error.code(), Some(&ErrorCode::ServerStateIllegal));

    servers.stop(uuid, StopMode::Hard).await.expect("stopped");
    let deleted = servers.delete(uuid).with_storages().send().await.expect("deleted");
    assert_eq!(deleted.status, 204);
    let error = servers.get(uuid).await.expect_err("it is gone");
    assert_eq!(error.code(), Some(&ErrorCode::ServerNotFound));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn starts_in_a_runtime_with_threads() {
    let (one, other) = (watched().await, watched_blocking());
    one.fill(2);
    assert_eq!(one.client().servers().list().await.expect("a list").len(), 2);
    assert_eq!(other.client().servers().list().await.expect("a list").len(), 0);
}

#[test]
fn starts_without_a_runtime() {
    let fake = watched_blocking();
    fake.fill(3);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    assert_eq!(runtime.block_on(async { fake.client().servers().list().await }).expect("a list").len(), 3);
}

#[test]
fn waits_without_a_runtime() {
    let fake = watched_blocking();
    fake.fill(3);
    let upcloud = fake.client();
    let uuid = fake.servers()[0].uuid;
    assert_eq!(fake.block_on(upcloud.servers().list()).expect("a list").len(), 3);
    fake.block_on(async { upcloud.servers().stop(uuid, StopMode::Hard).await }).expect("stopped");
    assert_eq!(fake.block_on(upcloud.servers().get(uuid)).expect("there").state, ServerState::Stopped);
}

#[tokio::test]
async fn the_lent_runtime_may_end_within_another() {
    let fake = tokio::task::spawn_blocking(|| {
        let fake = watched_blocking();
        fake.block_on(fake.client().servers().list()).expect("a list");
        fake
    });
    let fake = fake.await.expect("no panic");
    assert_eq!(fake.client().servers().list().await.expect("a list").len(), 0);
}

#[tokio::test]
async fn pace_by_looks() {
    let fake = Fake::builder().timing(Timing::Polls(3)).watched().await;
    let servers = fake.client().servers();
    let uuid = servers.create(small("web-1.example.com")).await.expect("created").uuid;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let server = servers.get(uuid).await.expect("there");
        seen.push((server.state, server.progress));
    }
    // A list is a look as well.
    seen.push((servers.list().await.expect("a list")[0].state.clone(), None));
    let server = servers.get(uuid).await.expect("there");
    seen.push((server.state, server.progress));
    let maintenance = ServerState::Maintenance;
    let expected = [
        (maintenance.clone(), Some(0)),
        (maintenance.clone(), Some(85)),
        (maintenance, None),
        (ServerState::Started, None),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn pace_by_hand() {
    let fake = Fake::builder().timing(Timing::Manual).watched().await;
    let servers = fake.client().servers();
    let uuid = servers.create(small("web-1.example.com")).await.expect("created").uuid;
    let other = servers.create(small("web-2.example.com")).await.expect("created").uuid;
    for _ in 0..5 {
        assert_eq!(state(&fake, uuid).await, ServerState::Maintenance);
    }
    fake.finish(uuid);
    assert_eq!(state(&fake, uuid).await, ServerState::Started);
    assert_eq!(state(&fake, other).await, ServerState::Maintenance);
    fake.finish_all();
    assert_eq!(state(&fake, other).await, ServerState::Started);
}

#[test]
fn pace_by_a_stopped_clock() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let fake = runtime.block_on(Fake::builder().timing(Timing::Takes(Duration::from_secs(60))).watched());
    let uuid = runtime.block_on(async {
        let uuid = fake.client().servers().create(small("web-1.example.com")).await.expect("created").uuid;
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(50)).await;
        tokio::time::resume();
        assert_eq!(state(&fake, uuid).await, ServerState::Maintenance);
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(11)).await;
        tokio::time::resume();
        uuid
    });
    assert_eq!(runtime.block_on(state(&fake, uuid)), ServerState::Started);
}

#[tokio::test]
async fn guests_that_ignore_the_signal() {
    let fake = watched().await;
    let client = fake.client();
    let (servers, api) = (client.servers(), client.generated());
    let uuid = fake.add_server("deaf.example.com");
    fake.ignore_acpi(uuid, true);

    servers.stop(uuid, StopMode::Soft).await.expect("the signal is sent");
    assert_eq!(state(&fake, uuid).await, ServerState::Started, "without a timeout nothing happens");
    servers.stop(uuid, StopMode::SoftThenHard(Duration::from_secs(30))).await.expect("the signal is sent");
    assert_eq!(state(&fake, uuid).await, ServerState::Stopped, "with a timeout the power is cut");

    servers.start(uuid).await.expect("started");
    fake.set_timing(Timing::Manual);
    for (action, during) in
        [(TimeoutAction::Ignore, ServerState::Started), (TimeoutAction::Destroy, ServerState::Maintenance)]
    {
        let mut restart = RestartServer::default();
        restart.stop_type = Some(StopType::Soft);
        restart.timeout = Some(60);
        restart.timeout_action = Some(action);
        let answer = api.restart_server(&uuid, &RestartServerRequest::new(restart)).await.expect("accepted");
        assert_eq!((answer.status().as_u16(), &answer.server.state), (200, &ServerState::Started));
        assert_eq!(state(&fake, uuid).await, during);
    }
    fake.finish(uuid);
    assert_eq!(state(&fake, uuid).await, ServerState::Started);
}

#[tokio::test]
async fn modifies_hot_and_cold() {
    let fake = watched().await;
    let api = fake.client().generated();
    let uuid = fake.add_server(ServerSeed::new("web-1.example.com").plan("2xCPU-4GB").label("env", "test"));
    let modify = async |change: &dyn Fn(&mut ModifyServer)| {
        let mut body = ModifyServer::default();
        change(&mut body);
        api.modify_server(&uuid, &ModifyServerRequest::new(body)).await
    };

    let answer = modify(&|server| {
        server.title = Some("Front".to_owned());
        server.core_number = Some(4);
        server.memory_amount = Some(8192);
    });
    let answer = answer.await.expect("growing is possible while it runs");
    assert_eq!(answer.status(), 202);
    let server = &answer.server;
    assert_eq!((server.title.as_str(), server.plan.as_deref(), server.core_number), ("Front", Some("custom"), Some(4)));
    assert_eq!(server.labels.len(), 1, "what is not named stays");
    assert!(server.host.is_some(), "it still runs");

    let shrink = |server: &mut ModifyServer| server.memory_amount = Some(4096);
    let refused = modify(&shrink).await.expect_err("shrinking is not");
    assert_eq!(refused.status().map(|status| status.as_u16()), Some(409));
    fake.set_state(uuid, ServerState::Stopped);
    let answer = modify(&shrink).await.expect("shrinking is possible while it is stopped");
    assert_eq!(answer.server.memory_amount, Some(4096));

    let answer = modify(&|server| server.labels = Some(Vec::new())).await.expect("modified");
    assert!(answer.server.labels.is_empty(), "labels are replaced as a whole");
}

#[tokio::test]
async fn cancels_what_is_running() {
    let fake = Fake::builder().timing(Timing::Manual).watched().await;
    let client = fake.client();
    let uuid = client.servers().create(small("web-1.example.com")).await.expect("created").uuid;
    let answer = client.generated().cancel_server_operation(&uuid).await.expect("cancelled");
    assert_eq!(answer.status(), 204);
    assert_eq!(state(&fake, uuid).await, ServerState::Stopped);
    let refused = client.generated().cancel_server_operation(&uuid).await.expect_err("nothing runs");
    assert_eq!(refused.status().map(|status| status.as_u16()), Some(409));
}

#[tokio::test]
async fn deleted_servers_leave_their_storages() {
    let fake = watched().await;
    let servers = fake.client().servers();
    for (kept, uuid) in [(true, fake.add_server("a.example.com")), (false, fake.add_server("b.example.com"))] {
        let disk = fake.server(uuid).expect("there").storage_devices[0].storage.expect("a disk");
        fake.set_state(uuid, ServerState::Stopped);
        let delete = servers.delete(uuid);
        let delete = if kept { delete } else { delete.with_storages_and_backups(BackupDeletion::Delete) };
        delete.await.expect("deleted");
        let body = json!({"server": {
            "hostname": "c.example.com", "title": "c", "zone": "fi-hel1",
            "storage_devices": {"storage_device": [{"action": "attach", "storage": disk}]},
            "networking": {"interfaces": {"interface": [
                {"type": "utility", "ip_addresses": {"ip_address": [{"family": "IPv4"}]}},
            ]}},
        }});
        let answer = raw(&fake, "POST", "/1.3/server", &body.to_string()).await;
        assert_eq!(answer.status, if kept { 202 } else { 404 }, "{answer:?}");
    }
}

#[tokio::test]
async fn label_filters() {
    let fake = watched().await;
    fake.add_server(ServerSeed::new("a.example.com").label("env", "prod").label("Team", "red & blue"));
    fake.add_server(ServerSeed::new("b.example.com").label("env", "prod").label("team", "a=b"));
    fake.add_server(ServerSeed::new("c.example.com").label("env", ""));
    for (filters, found) in [
        (&[][..], "abc"),
        (&["env"], "abc"),
        (&["ENV=prod"], "ab"),
        (&["env=Prod"], ""),
        (&["env="], "c"),
        (&["env=prod", "team=red & blue"], "a"),
        (&["team=a=b"], "b"),
        (&["tea"], ""),
    ] {
        let filters: Vec<String> = filters.iter().map(|&filter| filter.to_owned()).collect();
        let api = fake.client().generated();
        let list = api.list_servers(None, Some(&filters), None, None, None, None, None).await.expect("a list");
        let names: String = list.servers.iter().map(|server| &server.hostname[..1]).collect();
        assert_eq!(names, found, "{filters:?}");
    }
    let page =
        fake.client().generated().list_servers(None, None, Some(1), Some(1), None, None, None).await.expect("a list");
    assert_eq!(page.servers.iter().map(|server| &server.hostname[..1]).collect::<String>(), "b");
}

#[tokio::test]
async fn credentials() {
    let fake = Fake::builder().credentials(Credentials::basic("robot", "right")).watched().await;
    fake.client().servers().list().await.expect("the fake's own client has the right ones");
    for credentials in [Credentials::basic("robot", "wrong"), Credentials::token("right")] {
        let client = upcloud::Client::builder().credentials(credentials).base_url(fake.base_url()).build();
        let error = client.expect("a client").servers().list().await.expect_err("not accepted");
        assert_eq!(error.code(), Some(&ErrorCode::AuthenticationFailed));
    }
    let fake = watched().await;
    let answer = without_credentials(&fake, "/1.3/server").await;
    assert_eq!(answer.status, 401, "some credentials are needed even if any will do");
    assert_eq!(answer.content_type(), "application/problem+json");
}

#[tokio::test]
async fn ordered_errors() {
    let fake = watched().await;
    let servers = fake.client().servers();
    fake.fail_next(Operation::CreateServer, ErrorCode::InsufficientCredits);
    servers.list().await.expect("another operation is not concerned");
    let error = servers.create(small("a.example.com")).await.expect_err("ordered");
    assert_eq!(
        (error.code(), error.status().map(|status| status.as_u16())),
        (Some(&ErrorCode::InsufficientCredits), Some(402))
    );
    servers.create(small("a.example.com")).await.expect("once only");

    fake.answer_next(None, CannedResponse::status(429).header("Retry-After", "2"));
    fake.answer_next(Operation::ListServers, CannedResponse::html(502, "<h1>Bad Gateway</h1>"));
    let (busy, gateway) = (raw(&fake, "GET", "/1.3/zone", "").await, raw(&fake, "GET", "/1.3/server", "").await);
    assert_eq!((busy.status, busy.headers["retry-after"].as_str()), (429, "2"));
    assert_eq!((gateway.status, gateway.content_type()), (502, "text/html; charset=utf-8"));
    servers.list().await.expect("all is well again");
}

/// Each row of the documentation can be ordered, and comes with its status and code.
#[tokio::test]
async fn every_documented_error_can_be_ordered() {
    let fake = watched().await;
    let uuid = "00000000-0000-4000-8000-000000000000";
    let mut rows = 0;
    for code in ErrorCode::known() {
        for (operation, status) in code.documented_for() {
            fake.fail_next(operation, code.clone());
            let path = operation.path().replace("{uuid}", uuid).replace("{server_uuid}", uuid);
            let answer = raw(&fake, operation.method(), &format!("/1.3{path}"), "").await;
            assert_eq!((answer.status, &answer.json()["error"]["error_code"]), (status, &json!(code)), "{operation}");
            assert_eq!(answer.content_type(), "application/json; charset=UTF-8");
            rows += 1;
        }
    }
    assert!(rows > 200, "only {rows} rows");
}

#[tokio::test]
#[should_panic(expected = "HOST_NOT_FOUND is not a documented error of stopServer")]
async fn errors_that_are_not_documented_are_not_ordered() {
    Fake::start().await.fail_next(Operation::StopServer, ErrorCode::HostNotFound);
}

#[tokio::test]
async fn dropped_connections_and_delays() {
    let fake = watched().await;
    let servers = fake.client().servers();
    fake.answer_next(Operation::CreateServer, CannedResponse::dropped());
    servers.create(small("a.example.com")).await.expect_err("no answer");
    assert_eq!(fake.servers().len(), 0);
    fake.answer_next(Operation::CreateServer, CannedResponse::dropped_after());
    servers.create(small("a.example.com")).await.expect_err("no answer");
    assert_eq!(fake.servers().len(), 1, "the server is there although nobody was told");

    fake.answer_next(Operation::ListServers, CannedResponse::slow(Duration::from_millis(300)));
    let begin = Instant::now();
    let (slow, quick) = tokio::join!(async { (servers.list().await.map(|list| list.len()), begin.elapsed()) }, async {
        (raw(&fake, "GET", "/1.3/zone", "").await.status, begin.elapsed())
    },);
    assert_eq!((slow.0.expect("a list"), quick.0), (1, 200));
    assert!(slow.1 >= Duration::from_millis(300) && quick.1 < slow.1, "only one answer is late");
    assert_eq!(fake.requests().iter().filter(|request| request.operation == Some(Operation::ListServers)).count(), 1);
}

#[tokio::test]
async fn mocks_of_ones_own_come_first() {
    let fake = watched().await;
    fake.fill(1);
    let mock = fake.mock(|when, then| {
        when.path("/1.3/zone");
        then.status(418);
    });
    assert_eq!(raw(&fake, "GET", "/1.3/zone", "").await.status, 418);
    assert_eq!(fake.client().servers().list().await.expect("a list").len(), 1, "all else is the fake's");
    mock.assert_calls(1);
}

#[tokio::test]
async fn requests_are_recorded_without_credentials() {
    let fake = watched().await;
    let servers = fake.client().servers();
    servers.create(small("a.example.com").label("env", "prod")).await.expect("created");
    servers.list().label("env", "prod").await.expect("a list");
    let requests = fake.requests();
    let [create, list] = &requests[..] else { panic!("{requests:?}") };
    assert_eq!((create.operation, create.status), (Some(Operation::CreateServer), 202));
    assert_eq!(create.body()["server"]["labels"], json!({"label": [{"key": "env", "value": "prod"}]}));
    assert_eq!(create.response()["server"]["core_number"], "1");
    for server in [&create.response()["server"], &list.response()["servers"]["server"][0]] {
        assert_eq!(server.get("server_group"), Some(&Value::Null), "as the API says that there is none");
    }
    assert_eq!((list.method.as_str(), list.path.as_str()), ("GET", "/1.3/server"));
    assert_eq!(list.query, [("label".to_owned(), "env=prod".to_owned())]);
    let password = create.response()["server"]["password"].as_str().expect("a password").to_owned();
    let shown = format!("{requests:?} {:?}", *fake);
    assert!(!shown.contains(&password) && !shown.contains("ucat_fake"), "{shown}");
}

#[tokio::test]
async fn a_seed_decides_everything() {
    let tell = async |seed| {
        let fake = Fake::builder().seed(seed).watched().await;
        fake.fill(2);
        let created = fake.client().servers().create(small("a.example.com")).await.expect("created");
        (created.password.map(|password| password.expose().to_owned()), fake.servers())
    };
    let (first, again, other) = (tell(7).await, tell(7).await, tell(8).await);
    assert_eq!(first, again);
    assert_ne!(first, other);
    assert_ne!(first.1[0].uuid, other.1[0].uuid);
}

#[tokio::test]
async fn logins_follow_the_template() {
    let fake = watched().await;
    let servers = fake.client().servers();
    let with_key = servers.create(small("a.example.com").ssh_key("ssh-ed25519 AAAA ops")).await.expect("created");
    assert_eq!(with_key.password, None);
    let cloud_init = CreateServer::from_template("b.example.com", "fi-hel1", CLOUD_INIT_TEMPLATE);
    let error = servers.create(cloud_init.clone().ssh_key("ssh-ed25519 AAAA ops")).await.expect_err("no metadata");
    assert_eq!(error.code(), Some(&ErrorCode::MetadataDisabledOnCloudInit));
    let error = servers.create(cloud_init.clone().metadata(true)).await.expect_err("no key");
    assert_eq!(error.code(), Some(&ErrorCode::CanNotCreatePasswordForTheSelectedDistribution));
    servers.create(cloud_init.metadata(true).ssh_key("ssh-ed25519 AAAA ops")).await.expect("created");
}

#[tokio::test]
async fn metadata_of_the_chosen_server() {
    let fake = watched().await;
    let uuid = fake.add_server(ServerSeed::new("web-1.example.com").metadata());
    assert_eq!(raw(&fake, "GET", "/metadata/v1.json", "").await.status, 404, "none is chosen");
    fake.metadata_for(uuid);
    // No credentials: there are none inside a server.
    let get = async |path: &str| {
        let answer = without_credentials(&fake, path).await;
        assert_eq!(answer.status, 200, "{path}");
        answer.text
    };
    let document: Value = serde_json::from_str(&get("/metadata/v1.json").await).expect("JSON");
    assert_eq!(document["instance_id"], json!(uuid));
    assert_eq!(document["network"]["interfaces"][0]["index"], 1);
    assert_eq!(get("/metadata/v1/hostname").await, "web-1.example.com");
    assert_eq!(get("/metadata/v1/storage").await, "disks/");
    assert_eq!(get("/metadata/v1/storage/disks").await, "1/");
    assert_eq!(get("/metadata/v1/network/interfaces").await, "1/");
    assert_eq!(get("/metadata/v1/network/interfaces/1/ip_addresses").await, "0/");
    let address = get("/metadata/v1/network/interfaces/1/ip_addresses/0/address").await;
    assert_eq!(document["network"]["interfaces"][0]["ip_addresses"][0]["address"], json!(address));
    assert_eq!(get("/metadata/v1/storage/disks/1/size").await, "25");
    let root = get("/metadata/v1/").await;
    assert!(root.lines().any(|line| line == "network/") && root.lines().any(|line| line == "region"), "{root}");
    assert_eq!(raw(&fake, "GET", "/metadata/v1/nonsense", "").await.status, 404);
    fake.metadata_for(fake.add_server("without.example.com"));
    assert_eq!(raw(&fake, "GET", "/metadata/v1.json", "").await.status, 404, "it is off for this one");
}

#[tokio::test]
async fn hard_stops_take_longer_timeouts() {
    let fake = watched().await;
    let uuid = fake.add_server("a");
    let mut stop = StopServer::default();
    stop.stop_type = Some(StopType::Hard);
    stop.timeout = Some(900);
    fake.client().generated().stop_server(&uuid, &StopServerRequest::new(stop)).await.expect("as recorded");
    assert_eq!(state(&fake, uuid).await, ServerState::Stopped);
}
