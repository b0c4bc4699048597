//! Server groups, hosts and anti-affinity in the fake.

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;

use std::collections::HashSet;

use contract::{Watch as _, watched};
use upcloud::{
    ErrorCode, ModifyServer, StopMode,
    fake::{Fake, NATIVE_TEMPLATE, ServerSeed},
    types::{
        AddServerToGroupRequest, CreateServer, CreateServerGroup, CreateServerGroupRequest, ModifyServerGroup,
        ModifyServerGroupRequest, ServerReference, ServerState,
    },
    types::{AntiAffinity, AntiAffinityState},
};

#[tokio::test]
async fn a_groups_life() {
    let fake = watched().await;
    let api = fake.client().generated();
    let hosts = fake.hosts();
    let [a, b, c] =
        [("a", 0), ("b", 0), ("c", 1)].map(|(name, host)| fake.add_server(ServerSeed::new(name).host(hosts[host])));

    let mut group = CreateServerGroup::default();
    group.title = Some("name servers".to_owned());
    group.anti_affinity = Some(AntiAffinity::BestEffort);
    group.servers = Some(vec![a, b]);
    let made = api.create_server_group(&CreateServerGroupRequest::new(group)).await.expect("made");
    assert_eq!(made.status(), 200);
    let uuid = made.server_group.uuid;
    let status: Vec<_> = made.server_group.anti_affinity_status.iter().map(|one| (one.uuid, &one.status)).collect();
    assert_eq!(status, [(a, &AntiAffinityState::Unmet), (b, &AntiAffinityState::Unmet)]);
    assert_eq!(fake.server(a).expect("there").server_group, Some(uuid));

    let modify = async |change: &dyn Fn(&mut ModifyServerGroup)| {
        let mut body = ModifyServerGroup::default();
        change(&mut body);
        api.modify_server_group(&uuid, &ModifyServerGroupRequest::new(body)).await
    };
    let strict = |group: &mut ModifyServerGroup| group.anti_affinity = Some(AntiAffinity::Strict);
    let refused = modify(&strict).await.expect_err("two servers share a host");
    assert_eq!(refused.status().map(|status| status.as_u16()), Some(409));
    assert_eq!(api.remove_server_from_group(&uuid, &b).await.expect("removed").status(), 204);
    let modified = modify(&strict).await.expect("one server is alone");
    assert_eq!(modified.server_group.title, "name servers", "what is not named stays");
    assert_eq!(modified.server_group.anti_affinity_status[0].status, AntiAffinityState::Met);

    let add = async |server| {
        api.add_server_to_group(&uuid, &AddServerToGroupRequest::new(ServerReference::new(server))).await
    };
    assert_eq!(add(b).await.expect_err("a is on its host").status().map(|status| status.as_u16()), Some(409));
    assert_eq!(add(c).await.expect("it is elsewhere").status(), 204);
    assert_eq!(api.list_servers_in_group(&uuid).await.expect("a list").servers, [a, c]);

    let modified = modify(&|group| group.servers = Some(Vec::new())).await.expect("emptied");
    assert!(modified.server_group.servers.is_empty());
    assert_eq!(api.delete_server_group(&uuid).await.expect("deleted").status(), 204);
    assert_eq!(fake.server_groups(), []);
    assert!(fake.servers().iter().all(|server| server.server_group.is_none()));
}

#[tokio::test]
async fn strict_groups_refuse_what_shares_a_host() {
    let fake = Fake::builder().hosts(2).watched().await;
    let servers = fake.client().servers();
    let group = fake.add_server_group("apart", AntiAffinity::Strict, &[]);
    let create = |name: &str| {
        let mut server = CreateServer::from_template(name, "fi-hel1", NATIVE_TEMPLATE);
        server.server_group = Some(group);
        servers.create(server)
    };
    create("a.example.com").await.expect("a host is free");
    let second = create("b.example.com").await.expect("a host is free").uuid;
    let error = create("c.example.com").await.expect_err("no host is free");
    assert_eq!(error.code(), Some(&ErrorCode::ServerResourcesUnavailableForStrictAa));
    assert_eq!(fake.servers().len(), 2, "what is refused leaves nothing behind");
    let hosts: HashSet<_> = servers.list().await.expect("a list").iter().map(|one| one.host).collect();
    assert_eq!(hosts.len(), 2);

    // A stopped server gives its host back, and finds it taken when it comes again.
    servers.stop(second, StopMode::Hard).await.expect("stopped");
    create("c.example.com").await.expect("a host is free again");
    let error = servers.start(second).await.expect_err("no host is free");
    assert_eq!(error.code(), Some(&ErrorCode::ServerResourcesUnavailable));
}

#[tokio::test]
async fn hosts_are_chosen_and_avoided() {
    let fake = Fake::builder().hosts(2).watched().await;
    let servers = fake.client().servers();
    let uuid = fake.add_server(ServerSeed::new("a").state(ServerState::Stopped));
    for host in fake.hosts() {
        for avoid in [false, true] {
            let start = servers.start(uuid);
            let start = if avoid { start.avoid_host(host) } else { start.host(host) };
            let seen = start.await.expect("started").host;
            assert_eq!(seen == Some(host), !avoid, "{host} {avoid} {seen:?}");
            fake.set_state(uuid, ServerState::Stopped);
        }
    }
    let error = servers.start(uuid).host(4_711).await.expect_err("no such host");
    assert_eq!(error.code(), Some(&ErrorCode::HostNotFound));
    assert_eq!(servers.start(uuid).asynchronous().await.expect("accepted").state, ServerState::Maintenance);
    assert_eq!(servers.get(uuid).await.expect("there").state, ServerState::Started);
}

/// A server that joins while it runs stays where it is; a restart is what moves it.
#[tokio::test]
async fn a_restart_brings_servers_of_a_group_apart() {
    let fake = Fake::builder().hosts(2).watched().await;
    let (client, hosts) = (fake.client(), fake.hosts());
    let (servers, groups) = (client.servers(), client.server_groups());
    let [a, b, c] =
        [("a", 0), ("b", 0), ("c", 0)].map(|(name, host)| fake.add_server(ServerSeed::new(name).host(hosts[host])));
    let group = fake.add_server_group("apart", AntiAffinity::BestEffort, &[a]);
    let unmet = async || -> Vec<uuid::Uuid> {
        let status = groups.get(group).await.expect("there").anti_affinity_status;
        status.into_iter().filter(|one| one.status == AntiAffinityState::Unmet).map(|one| one.uuid).collect()
    };
    assert!(unmet().await.is_empty());
    groups.add_server(group, b).await.expect("best effort takes everybody");
    assert_eq!(unmet().await, [a, b]);
    servers.restart(b, StopMode::Hard).await.expect("restarted");
    assert!(unmet().await.is_empty());
    assert_eq!(fake.server(b).expect("there").host, Some(hosts[1]));

    // Nobody is in its way, so a further restart leaves it where it is; and with two hosts the third one has no room.
    servers.restart(b, StopMode::Hard).await.expect("restarted");
    assert_eq!(fake.server(b).expect("there").host, Some(hosts[1]));
    groups.add_server(group, c).await.expect("best effort takes everybody");
    servers.restart(c, StopMode::Hard).await.expect("restarted");
    assert_eq!(unmet().await.len(), 2, "it shares one host or the other");
}

#[tokio::test]
async fn running_servers_join_a_strict_group_only_if_they_are_alone() {
    let fake = Fake::builder().hosts(3).watched().await;
    let (client, hosts) = (fake.client(), fake.hosts());
    let (servers, groups) = (client.servers(), client.server_groups());
    let [a, b, stopped] = ["a", "b", "stopped"].map(|name| fake.add_server(ServerSeed::new(name).host(hosts[0])));
    fake.set_state(stopped, ServerState::Stopped);
    let group = fake.add_server_group("apart", AntiAffinity::Strict, &[a]);

    let error = groups.add_server(group, b).await.expect_err("they share a host");
    assert_eq!(error.code(), Some(&ErrorCode::StrictAntiAffinityNotMet));
    let joins = ModifyServer::default().server_group(group);
    let error = servers.modify(b, joins).await.expect_err("the other way in is as narrow");
    assert_eq!(error.code(), Some(&ErrorCode::StrictAntiAffinityNotMet));
    assert_eq!(fake.server(b).expect("there").server_group, None);
    groups.add_server(group, stopped).await.expect("a stopped server is on no host");
    servers.restart(b, StopMode::Hard).host(hosts[1]).await.expect("moved");
    groups.add_server(group, b).await.expect("now they are apart");

    // No way leads back to a host that is taken, and what is refused moves nobody.
    let error = servers.restart(b, StopMode::Hard).host(hosts[0]).await.expect_err("a is there");
    assert_eq!(error.code(), Some(&ErrorCode::HostForbidden));
    let error = servers.start(stopped).host(hosts[1]).await.expect_err("b is there");
    assert_eq!(error.code(), Some(&ErrorCode::ServerResourcesUnavailable));
    let error = servers.start(stopped).avoid_host(hosts[2]).await.expect_err("no other host is free");
    assert_eq!(error.code(), Some(&ErrorCode::ServerResourcesUnavailable));
    assert_eq!(servers.start(stopped).await.expect("one host is free").host, Some(hosts[2]));
    let seen = groups.get(group).await.expect("there");
    assert_eq!(seen.anti_affinity_status.len(), 3);
    assert!(seen.anti_affinity_status.iter().all(|one| one.status == AntiAffinityState::Met));

    // A server belongs to one group only, and must leave it before it can join another.
    let other = fake.add_server_group("another", AntiAffinity::None, &[]);
    let error = groups.add_server(other, b).await.expect_err("it is in a group");
    assert_eq!(error.code(), Some(&ErrorCode::AlreadyInServerGroup));
    groups.remove_server(group, b).await.expect("removed");
    groups.add_server(other, b).await.expect("added");
}
