//! All that the fake does, held against `openapi.yaml`: the states that a server and a group can be in, look-ups,
//! metadata, and each row of the documented errors. What counts as described is in `contract/mod.rs`.

#![allow(clippy::print_stdout, reason = "a test over everything says how much that was")]

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;
#[allow(dead_code, reason = "the file is shared with other tests")]
mod fake_http;

use std::{collections::BTreeSet, time::Duration};

use contract::{DESCRIPTION, Line, Seen, Watch as _, check, look, watched};
use fake_http::raw;
use serde_json::{Value, json};
use upcloud::{
    CreateServer, ErrorCode, MetadataClient, ModifyServer, ServerState, SimpleBackup, StopMode,
    calls::{Idempotency, Operation},
    fake::{
        CDROM, CLOUD_INIT_TEMPLATE, CannedResponse, Fake, NATIVE_TEMPLATE, SECOND_CDROM, ServerSeed, Timing,
        WINDOWS_TEMPLATE,
    },
    types::{
        AddressFamily, AntiAffinity, BackupDeletion, BootDevice, CreateInterface, CreateServerGroup,
        CreateStorageDevice, ModifyServerGroup, NicModel, PasswordDelivery, RemoteAccessType, StorageTier,
    },
};

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// Creates of each kind, with each attribute that there is.
async fn creates() -> Seen {
    let fake = watched().await;
    let servers = fake.client().servers();
    let group = fake.add_server_group("apart", AntiAffinity::BestEffort, &[]);
    let full = CreateServer::from_template("app-1.example.net", "fi-hel1", NATIVE_TEMPLATE)
        .title("Application server")
        .plan("2xCPU-4GB")
        .labels([("team", "red & blue"), ("canary", "")])
        .server_group(group)
        .boot_order([BootDevice::Disk, BootDevice::Network])
        .firewall(true)
        .metadata(true)
        .nic_model(NicModel::E1000)
        .timezone("Europe/Berlin")
        .simple_backup(SimpleBackup::weeklies(2, 15).expect("a time of day"))
        .remote_access(true)
        .remote_access_type(RemoteAccessType::Vnc)
        .remote_access_password("Zx81qL0m")
        .password_delivery(PasswordDelivery::None)
        .username("robot")
        .ssh_key("ssh-ed25519 AAAA robot")
        .user_data("#!/bin/sh\ntrue\n")
        .host(fake.hosts()[1])
        .disk_size(30)
        .disk_tier(StorageTier::Maxiops)
        .storage_device(CreateStorageDevice::create(10).title("data").tier(StorageTier::Hdd).label("use", "data"))
        .storage_device(CreateStorageDevice::cdrom(CDROM))
        .interface(CreateInterface::public(AddressFamily::IPv4))
        .interface(CreateInterface::public(AddressFamily::IPv6))
        .interface(CreateInterface::utility().source_ip_filtering(true).bootable(false));
    let first = servers.create(full).await.expect("created");
    let disk = first.storage_devices[0].storage.expect("a disk");
    servers.get(first.uuid).await.expect("there");
    let others = [
        CreateServer::from_template("a.example.net", "fi-hel1", CLOUD_INIT_TEMPLATE)
            .metadata(true)
            .ssh_key("ssh-rsa A"),
        CreateServer::from_template("b.example.net", "de-fra1", WINDOWS_TEMPLATE).plan("4xCPU-8GB"),
        CreateServer::from_template("c.example.net", "fi-hel1", NATIVE_TEMPLATE)
            .cores_and_memory(3, 5120)
            .password(true),
        CreateServer::clone_of("d.example.net", "fi-hel1", disk).with_default_interfaces(),
        CreateServer::from_scratch("e.example.net", "fi-hel1", 50, SECOND_CDROM).avoid_host(fake.hosts()[0]),
    ];
    for server in others {
        let created = servers.create(server).await.expect("created").uuid;
        servers.get(created).await.expect("there");
    }
    servers.list().await.expect("a list");
    servers.list().label("team", "red & blue").label_key("canary").limit(1).offset(0).await.expect("a list");
    check(&fake)
}

/// Each action, seen before, while and after it is carried out.
async fn lives() -> Seen {
    let fake = Fake::builder().timing(Timing::Manual).watched().await;
    let servers = fake.client().servers();
    let look = async |uuid| {
        servers.get(uuid).await.expect("there");
        servers.list().await.expect("a list");
        fake.finish_all();
        servers.get(uuid).await.expect("there").state
    };
    let wanted = || CreateServer::from_template("web-1.example.net", "fi-hel1", NATIVE_TEMPLATE);
    let uuid = servers.create(wanted()).await.expect("created").uuid;
    assert_eq!(look(uuid).await, ServerState::Started);
    for how in [
        StopMode::Hard,
        StopMode::Soft, /* give_up_after(Duration::from_secs(60)) */
        StopMode::SoftThenHard(Duration::from_secs(60)),
    ] {
        for deaf in [false, true] {
            fake.ignore_acpi(uuid, deaf);
            servers.restart(uuid, how).await.expect("restarted");
            assert_eq!(look(uuid).await, ServerState::Started);
        }
    }
    let host = fake.hosts()[2];
    servers.restart(uuid, StopMode::Hard).host(host).await.expect("restarted");
    look(uuid).await;
    servers.stop(uuid, StopMode::Soft).await.expect("the guest hears nothing");
    assert_eq!(look(uuid).await, ServerState::Started);
    for how in 0..3 {
        fake.ignore_acpi(uuid, how > 0);
        let mode = match how {
            0 => StopMode::Soft,
            1 => StopMode::SoftThenHard(Duration::from_secs(30)),
            _ => StopMode::Hard,
        };
        servers.stop(uuid, mode).await.expect("stopped");
        assert_eq!(look(uuid).await, ServerState::Stopped);
        let start = servers.start(uuid);
        let start = match how {
            0 => start,
            1 => start.host(host),
            _ => start.avoid_host(host).asynchronous(),
        };
        start.await.expect("started");
        assert_eq!(look(uuid).await, ServerState::Started);
    }
    fake.set_state(uuid, ServerState::Error);
    look(uuid).await;

    let cancelled = servers.create(wanted()).await.expect("created").uuid;
    servers.cancel(cancelled).await.expect("cancelled");
    assert_eq!(look(cancelled).await, ServerState::Stopped);
    servers.delete(cancelled).await.expect("deleted");
    for backups in [None, Some(BackupDeletion::Keep), Some(BackupDeletion::KeepLatest), Some(BackupDeletion::Delete)] {
        let uuid = fake.add_server(ServerSeed::new("gone.example.net").state(ServerState::Stopped));
        let delete = servers.delete(uuid);
        match backups {
            None => delete.with_storages().await,
            Some(backups) => delete.with_storages_and_backups(backups).await,
        }
        .expect("deleted");
        servers.get(uuid).await.expect_err("it is gone");
    }
    check(&fake)
}

/// Modifications of a running server and of a stopped one, and what a wrong state refuses.
async fn modifications() -> Seen {
    let fake = watched().await;
    let servers = fake.client().servers();
    let uuid = fake.add_server(ServerSeed::new("web-1.example.net").plan("2xCPU-4GB").label("env", "test"));
    let hot = ModifyServer::default()
        .title("Front")
        .hostname("web-2.example.net")
        .cores_and_memory(4, 8192)
        .firewall(true)
        .metadata(true)
        .boot_order([BootDevice::Cdrom, BootDevice::Disk])
        .nic_model(NicModel::Virtio)
        .timezone("Asia/Tokyo")
        .simple_backup(SimpleBackup::daily(4, 0).expect("a time of day"))
        .remote_access(true)
        .remote_access_password("Zx81qL0m")
        .server_group(fake.add_server_group("some", AntiAffinity::None, &[]));
    servers.modify(uuid, hot).await.expect("modified");
    servers.set_label(uuid, "team", "blue").await.expect("labelled");
    servers.remove_label(uuid, "env").await.expect("no longer labelled");
    let cold = || {
        ModifyServer::default()
            .plan("1xCPU-1GB")
            .remote_access_type(RemoteAccessType::Vnc)
            .simple_backup(SimpleBackup::off())
    };
    servers.modify(uuid, cold()).await.expect_err("it runs");
    servers.start(uuid).await.expect_err("it runs");
    servers.delete(uuid).await.expect_err("it runs");
    servers.cancel(uuid).await.expect_err("nothing to cancel");
    servers.stop(uuid, StopMode::Hard).await.expect("stopped");
    servers.stop(uuid, StopMode::Soft).await.expect_err("it is stopped");
    servers.restart(uuid, StopMode::Hard).await.expect_err("it is stopped");
    servers.modify(uuid, cold().no_labels()).await.expect("modified");
    servers.get(uuid).await.expect("there");
    check(&fake)
}

async fn groups() -> Seen {
    let fake = Fake::builder().hosts(2).watched().await;
    let groups = fake.client().server_groups();
    let hosts = fake.hosts();
    let [a, b, c] =
        [("a", 0), ("b", 0), ("c", 1)].map(|(name, host)| fake.add_server(ServerSeed::new(name).host(hosts[host])));
    groups.list().await.expect("an empty list");
    groups.create(CreateServerGroup::default()).await.expect("all is optional");
    let wanted = CreateServerGroup::titled("apart").anti_affinity(AntiAffinity::BestEffort).servers([a, b]);
    let uuid = groups.create(wanted.label("env", "prod")).await.expect("created").uuid;
    groups.get(uuid).await.expect("there");
    groups.list().label("env", "prod").label_key("ENV").await.expect("a list");
    groups.servers(uuid).await.expect("a list");
    let strict = || ModifyServerGroup::default().anti_affinity(AntiAffinity::Strict);
    groups.modify(uuid, strict()).await.expect_err("two share a host");
    groups.remove_server(uuid, b).await.expect("removed");
    groups.modify(uuid, strict().title("strictly apart").label("env", "test")).await.expect("modified");
    groups.add_server(uuid, b).await.expect_err("a is there");
    groups.add_server(uuid, c).await.expect("added");
    groups.get(uuid).await.expect("there");
    fake.client().servers().list().await.expect("a list");
    groups.modify(uuid, ModifyServerGroup::default().servers([]).no_labels()).await.expect("emptied");
    groups.servers(uuid).await.expect("an empty list");
    groups.delete(uuid).await.expect("deleted");
    groups.get(uuid).await.expect_err("it is gone");
    check(&fake)
}

async fn look_ups_and_metadata() -> Seen {
    let fake = watched().await;
    let client = fake.client();
    client.servers().sizes().await.expect("sizes");
    let catalog = client.catalog();
    catalog.templates().await.expect("templates");
    catalog.cdroms().await.expect("CD-ROMs");
    catalog.plans().await.expect("plans");
    // And whatever else there is to ask for without saying which.
    for operation in Operation::ALL {
        if operation.idempotency() == Idempotency::Safe && !operation.path().contains(['{', '.']) {
            client.endpoint(upcloud::types::Method::GET, operation.path()).await.ok();
        }
    }

    let inside = MetadataClient::builder().base_url(fake.base_url()).attempts(1).build().expect("a client");
    inside.get().await.expect_err("no server is chosen");
    fake.metadata_for(fake.add_server(ServerSeed::new("plain.example.net").metadata()));
    inside.get().await.expect("the document");
    let full = CreateServer::from_template("web-1.example.net", "fi-hel1", CLOUD_INIT_TEMPLATE)
        .metadata(true)
        .ssh_key("ssh-ed25519 AAAA ops")
        .user_data("https://example.net/setup")
        .interface(CreateInterface::public(AddressFamily::IPv6))
        .interface(CreateInterface::utility());
    fake.metadata_for(client.servers().create(full).await.expect("created").uuid);
    inside.get().await.expect("the document");
    for path in ["hostname", "public_keys", "storage/disks/1/size", "network/interfaces/2/ip_addresses/0/dhcp"] {
        inside.field(path).await.expect("a field");
    }
    inside.folder("network/").await.expect("a folder");
    inside.folder("").await.expect("the top");
    inside.field("nothing").await.expect_err("no such field");
    check(&fake)
}

/// The bodies that the description shows, sent as they stand but for the identifiers in them.
async fn described_examples() -> Seen {
    let mut all = Seen::default();
    for operation in Operation::ALL.iter().copied() {
        let described = &DESCRIPTION["paths"][operation.path()][operation.method().to_lowercase()];
        let examples = &described["requestBody"]["content"]["application/json"]["examples"];
        for name in examples.as_object().into_iter().flatten().map(|(name, _)| name) {
            let fake = watched().await;
            let cold = [Operation::StartServer, Operation::ModifyServer].contains(&operation);
            let state = if cold { ServerState::Stopped } else { ServerState::Started };
            let server = fake.add_server(ServerSeed::new("a").state(state));
            let other = fake.add_server(ServerSeed::new("b").state(ServerState::Stopped));
            let group = fake.add_server_group("some", AntiAffinity::None, &[]);
            let mut body = DESCRIPTION["components"]["examples"][name]["value"].clone();
            let disk = fake.server(server).expect("there").storage_devices[0].storage.expect("a disk");
            let known = [other.to_string(), group.to_string(), disk.to_string()];
            localize(&mut body, "", &known, &fake.hosts());
            let uuid = if operation.path().starts_with("/server-group") { group } else { server };
            let path = format!("/1.3{}", operation.path().replace("{uuid}", &uuid.to_string()));
            let answer = raw(&fake, operation.method(), &path, &body.to_string()).await;
            assert!(answer.status < 300, "{name} {body}: {}", answer.text);
            all.add(check(&fake));
        }
    }
    all
}

/// Puts what this fake knows in the place of the identifiers and hosts of an example.
fn localize(value: &mut Value, key: &str, known: &[String; 3], hosts: &[i64]) {
    let [server, group, disk] = known;
    match value {
        Value::Object(members) => {
            if members.get("type").is_some_and(|kind| kind == "cdrom") {
                members.insert("storage".to_owned(), json!(CDROM));
            }
            for (key, member) in members.iter_mut() {
                localize(member, key, known, hosts);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| localize(item, key, known, hosts)),
        Value::String(text) if text.parse::<uuid::Uuid>().is_ok() => {
            let public = [NATIVE_TEMPLATE, CLOUD_INIT_TEMPLATE, WINDOWS_TEMPLATE, CDROM, SECOND_CDROM];
            match key {
                "server_group" => text.clone_from(group),
                "storage" if public.iter().all(|uuid| uuid.to_string() != *text) => text.clone_from(disk),
                "uuid" | "server" => text.clone_from(server),
                _ => {}
            }
        }
        Value::Number(number) if key == "host" => *number = hosts[0].into(),
        Value::Number(number) if key == "avoid_host" => *number = hosts[1].into(),
        _ => {}
    }
}

/// Every documented (operation, status, code), ordered; and refusals that belong to no operation.
async fn errors() -> Seen {
    let fake = watched().await;
    for code in ErrorCode::known() {
        for (operation, _) in code.documented_for() {
            fake.fail_next(operation, code.clone());
            let path = operation.path().replace("{uuid}", NOBODY).replace("{server_uuid}", NOBODY);
            raw(&fake, operation.method(), &format!("/1.3{path}"), "").await;
        }
    }
    raw(&fake, "POST", "/1.3/server", "{").await;
    raw(&fake, "POST", "/1.3/server", "{}").await;
    raw(&fake, "GET", "/1.3/server?limit=few", "").await;
    fake_http::without_credentials(&fake, "/1.3/server-group").await;
    fake.answer_next(Operation::ListPlans, CannedResponse::problem(429, "INVALID_REQUEST", "Too many requests"));
    raw(&fake, "GET", "/1.3/plan", "").await;
    check(&fake)
}

/// (operation, status, code) of the chapter as the description has them in its operations.
fn documented() -> BTreeSet<(Operation, u16, String)> {
    let mut rows = BTreeSet::new();
    for operation in Operation::ALL.iter().copied() {
        let described = &DESCRIPTION["paths"][operation.path()][operation.method().to_lowercase()];
        for (status, response) in described["responses"].as_object().into_iter().flatten() {
            for code in response["x-error-codes"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                rows.insert((operation, status.parse().expect("a status"), code.to_owned()));
            }
        }
    }
    rows
}

#[tokio::test]
async fn everything_that_the_fake_says_is_described() {
    let mut seen = Seen::default();
    let parts = [creates().await, lives().await, modifications().await, groups().await];
    let by_state: BTreeSet<_> = parts.iter().flat_map(|part| part.refused.clone()).collect();
    for part in parts {
        seen.add(part);
    }
    for part in [look_ups_and_metadata().await, described_examples().await, errors().await] {
        seen.add(part);
    }

    let rows = documented();
    let provoked = rows.iter().filter(|row| seen.refused.contains(row)).count();
    println!("operations that succeeded: {} of {}", seen.succeeded.len(), Operation::ALL.len());
    println!("error rows provoked: {provoked} of {} ({} by a life)", rows.len(), by_state.intersection(&rows).count());
    println!("exchanges validated: {}, {} of them with an accepted body", seen.exchanges, seen.bodies);
    assert_eq!(seen.succeeded.len(), Operation::ALL.len());
    assert!(!rows.is_empty());
    assert_eq!(provoked, rows.len());
}

/// What the fakes of all tests said so far, since the file with the counts was last taken away. Run after the other tests:
/// `cargo test --test fake_contract -- --ignored --nocapture`.
#[test]
#[ignore = "it counts what the other tests did"]
fn everything_that_the_suite_saw() {
    let text = std::fs::read_to_string(contract::file()).expect("other tests ran before");
    let mut all = Line::default();
    let mut fakes = 0;
    for line in text.lines() {
        let line: Line = serde_json::from_str(line).expect("a line of counts");
        fakes += 1;
        all.exchanges += line.exchanges;
        all.bodies += line.bodies;
        all.canned += line.canned;
        all.succeeded.extend(line.succeeded);
        all.refused.extend(line.refused);
    }
    let rows: BTreeSet<_> =
        documented().into_iter().map(|(operation, status, code)| (operation.to_string(), status, code)).collect();
    let provoked = rows.intersection(&all.refused).count();
    println!("fakes: {fakes}");
    println!("operations that succeeded: {} of {}", all.succeeded.len(), Operation::ALL.len());
    println!("error rows provoked: {provoked} of {}", rows.len());
    println!("exchanges validated: {}, {} of them with an accepted body", all.exchanges, all.bodies);
    println!("answers that tests ordered word by word, and dropped connections: {}", all.canned);
    assert_eq!((all.succeeded.len(), provoked), (Operation::ALL.len(), rows.len()));
}

/// All tests start their fakes with `watched`, so that nothing that one says escapes; these have a reason not to.
#[test]
fn every_test_watches_its_fake() {
    const EXCEPT: [(&str, usize, &str); 13] = [
        ("arguments.rs", 14, "it sends numbers that no description allows, on purpose"),
        ("fake.rs", 1, "it panics before anything is said"),
        ("fake_beside.rs", 2, "it holds what it asks against another description"),
        ("fake_contract.rs", 1, "it says what is not described, on purpose"),
        ("fake_foreign.rs", 2, "they send what only other clients send, on purpose"),
        ("fake_in_process.rs", 9, "it compares two ways to the same answers"),
        ("fake_limits.rs", 4, "it sends and orders what is beyond all limits, on purpose"),
        ("fake_size.rs", 1, "it keeps no requests, because it weighs servers"),
        ("fake_strict.rs", 4, "it sends what no description allows, on purpose"),
        ("own_network.rs", 2, "it looks at what is told of requests"),
        ("proxies.rs", 2, "it is in a child, and only the way of the requests matters"),
        ("secrets.rs", 2, "it sends a query parameter that no description knows, on purpose, and nothing at all"),
        ("tracing.rs", 1, "it sends a query parameter that no description knows, on purpose"),
    ];
    // In parts, so that this file does not find itself.
    let starts = [["Fake::", "start"], [".start", "().await"], [".start_", "blocking()"]].map(|parts| parts.concat());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        if !text.contains("fake::") {
            continue;
        }
        let times = text.lines().filter(|line| starts.iter().any(|start| line.contains(start.as_str()))).count();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if times > 0 {
            found.push((name, times));
        }
    }
    found.sort();
    assert_eq!(found, EXCEPT.map(|(name, times, _)| (name.to_owned(), times)));
}

/// The check itself: what is not described is found.
#[tokio::test]
async fn what_is_not_described_is_found() {
    let wrong = [
        (Operation::ListZones, CannedResponse::json(200, &json!({"zones": {"zone": []}, "more": 1}))),
        (Operation::ListZones, CannedResponse::json(200, &json!({"zones": {"zone": [{"public": "yes"}]}}))),
        (Operation::ListZones, CannedResponse::json(201, &json!({"zones": {"zone": []}}))),
        (Operation::ListZones, CannedResponse::html(200, "<p>zones</p>")),
        (Operation::ListZones, CannedResponse::html(502, "<p>Bad Gateway</p>")),
        (Operation::DeleteServer, CannedResponse::json(204, &json!({}))),
        (Operation::CreateServer, CannedResponse::json(202, &json!({}))),
        (
            Operation::ListZones,
            CannedResponse::json(404, &json!({"error": {"error_code": "SERVER_NOT_FOUND", "error_message": "No."}})),
        ),
    ];
    for (operation, canned) in wrong {
        let fake = Fake::start().await;
        let said = format!("{operation} {canned:?}");
        fake.answer_next(operation, canned);
        let path = operation.path().replace("{uuid}", NOBODY);
        raw(&fake, operation.method(), &format!("/1.3{path}"), "").await;
        assert_ne!(look(&fake.requests(), true).1, [""; 0], "{said}");
    }
}
