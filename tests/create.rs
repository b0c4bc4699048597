//! What the builders of a new server and of a modification make of the documentation's samples: the JSON that is sent.

use std::net::Ipv6Addr;

use serde_json::{Value, json};
use upcloud::{
    CreateServer, ModifyServer, SimpleBackup,
    types::{
        AddressFamily, BootDevice, CreateInterface, CreateIpAddress, CreateServerRequest, CreateStorageDevice, Exposed,
        ModifyServerRequest, NicModel, PasswordDelivery, RemoteAccessType, StorageTier, VideoModel,
    },
};
use uuid::{Uuid, uuid};

const TEMPLATE: Uuid = uuid!("01000000-0000-4000-8000-000030240200");
const CDROM: Uuid = uuid!("01000000-0000-4000-8000-000020070101");
const DISK: Uuid = uuid!("01f4a5d2-6a3e-4d4b-9c4e-0a1b2c3d4e5f");
const NETWORK: Uuid = uuid!("03a9d0c4-51e7-4c55-b2bb-1c2f7e0f9d11");
const GROUP: Uuid = uuid!("0b9c1e52-3f0d-4a59-8a35-5d8f7b1e2c64");

fn body(server: CreateServer) -> Value {
    serde_json::to_value(Exposed(&CreateServerRequest::new(server.with_default_interfaces()))).expect("JSON")
}

fn default_interfaces() -> Vec<Value> {
    vec![
        json!({"type": "public", "ip_addresses": {"ip_address": [{"family": "IPv4"}]}}),
        json!({"type": "utility", "ip_addresses": {"ip_address": [{"family": "IPv4"}]}}),
        json!({"type": "public", "ip_addresses": {"ip_address": [{"family": "IPv6"}]}}),
    ]
}

#[test]
fn untouched_builder_sends_the_required_members() {
    assert_eq!(
        body(CreateServer::from_template("app-1.example.net", "de-fra1", TEMPLATE)),
        json!({"server": {
            "hostname": "app-1.example.net",
            "title": "app-1.example.net",
            "zone": "de-fra1",
            "storage_devices": {"storage_device": [
                {"action": "clone", "storage": TEMPLATE, "title": "app-1.example.net disk 1"},
            ]},
            "networking": {"interfaces": {"interface": default_interfaces()}},
        }})
    );
    let nothing = serde_json::to_value(ModifyServerRequest::new(ModifyServer::default())).expect("JSON");
    assert_eq!(nothing, json!({"server": {}}));
}

#[test]
fn sample_from_template() {
    let disk = CreateStorageDevice::clone_of(TEMPLATE)
        .title("System disk of app-1")
        .size(40)
        .tier(StorageTier::Maxiops)
        .label("team", "payments");
    let server = CreateServer::with_storage_devices("app-1.example.net", "de-fra1", [disk])
        .title("Application server one")
        .label("canary", "")
        .plan("4xCPU-8GB")
        .with_default_interfaces()
        .interface(
            CreateInterface::private(NETWORK)
                .ip(CreateIpAddress::at([10, 20, 30, 40]).dhcp_provided(true))
                .address([10, 20, 30, 41]),
        )
        .username("deploy")
        .ssh_keys([
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLE1 ops",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLE2 ci",
        ]);
    let mut interfaces = default_interfaces();
    interfaces.push(json!({
        "type": "private",
        "network": NETWORK,
        "ip_addresses": {"ip_address": [
            {"family": "IPv4", "address": "10.20.30.40", "dhcp_provided": "yes"},
            {"family": "IPv4", "address": "10.20.30.41"},
        ]},
    }));
    assert_eq!(
        body(server),
        json!({"server": {
            "zone": "de-fra1",
            "title": "Application server one",
            "hostname": "app-1.example.net",
            "labels": {"label": [{"key": "canary", "value": ""}]},
            "plan": "4xCPU-8GB",
            "storage_devices": {"storage_device": [{
                "action": "clone",
                "labels": [{"key": "team", "value": "payments"}],
                "storage": TEMPLATE,
                "title": "System disk of app-1",
                "size": 40,
                "tier": "maxiops",
            }]},
            "networking": {"interfaces": {"interface": interfaces}},
            "login_user": {
                "username": "deploy",
                "ssh_keys": {"ssh_key": [
                    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLE1 ops",
                    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLE2 ci",
                ]},
            },
        }})
    );
}

#[test]
fn sample_clone() {
    let server = CreateServer::clone_of("app-2.example.net", "de-fra1", DISK)
        .title("Application server two")
        .cores_and_memory(2, 4096)
        .interfaces([
            CreateInterface::public(AddressFamily::IPv4),
            CreateInterface::utility(),
            CreateInterface::public(AddressFamily::IPv6),
            CreateInterface::private(NETWORK).addresses([[10, 20, 30, 42]]),
        ]);
    let mut interfaces = default_interfaces();
    interfaces.push(json!({
        "type": "private",
        "network": NETWORK,
        "ip_addresses": {"ip_address": [{"family": "IPv4", "address": "10.20.30.42"}]},
    }));
    assert_eq!(
        body(server),
        json!({"server": {
            "zone": "de-fra1",
            "title": "Application server two",
            "hostname": "app-2.example.net",
            "core_number": "2",
            "memory_amount": "4096",
            "storage_devices": {"storage_device": [
                {"action": "clone", "storage": DISK, "title": "app-2.example.net disk 1"},
            ]},
            "networking": {"interfaces": {"interface": interfaces}},
        }})
    );
}

#[test]
fn sample_from_scratch() {
    let server = CreateServer::from_scratch("app-3.example.net", "de-fra1", 30, CDROM)
        .disk_tier(StorageTier::Maxiops)
        .avoid_host(5_302_410_115)
        .cores_and_memory(2, 4096)
        .simple_backup(SimpleBackup::monthlies(3, 45).expect("a time of day"));
    assert_eq!(
        body(server),
        json!({"server": {
            "zone": "de-fra1",
            "title": "app-3.example.net",
            "hostname": "app-3.example.net",
            "avoid_host": 5_302_410_115_i64,
            "core_number": "2",
            "memory_amount": "4096",
            "storage_devices": {"storage_device": [
                {"action": "create", "size": 30, "tier": "maxiops", "title": "app-3.example.net disk 1"},
                {"action": "attach", "storage": CDROM, "type": "cdrom"},
            ]},
            "simple_backup": "0345,monthlies",
            "networking": {"interfaces": {"interface": default_interfaces()}},
        }})
    );
}

#[test]
fn every_other_attribute_of_a_new_server() {
    let server = CreateServer::from_template("app-1.example.net", "de-fra1", TEMPLATE)
        .disk_size(50)
        .storage_device(CreateStorageDevice::attach(DISK).address("virtio:1").boot_disk(true))
        .storage_device(CreateStorageDevice::create(10).boot_disk(false))
        .labels([("team", "payments"), ("env", "prod")])
        .label("canary", "")
        .host(5_302_410_115)
        .server_group(GROUP)
        .boot_order([BootDevice::Network, BootDevice::Disk, BootDevice::Network])
        .firewall(false)
        .metadata(true)
        .nic_model(NicModel::E1000)
        .video_model(VideoModel::Cirrus)
        .timezone("Europe/Berlin")
        .simple_backup(SimpleBackup::off())
        .remote_access(true)
        .remote_access_type(RemoteAccessType::Vnc)
        .remote_access_password("Zx81qL0m")
        .password(true)
        .password_delivery(PasswordDelivery::Sms)
        .user_data("#!/bin/sh\n")
        .field("tomorrow", json!({"a": 1}))
        .interface(CreateInterface::private(NETWORK).index(2).bootable(true).source_ip_filtering(false))
        .interface(CreateInterface::public(AddressFamily::IPv6).address(Ipv6Addr::LOCALHOST));
    assert_eq!(
        body(server),
        json!({"server": {
            "zone": "de-fra1",
            "title": "app-1.example.net",
            "hostname": "app-1.example.net",
            "labels": {"label": [
                {"key": "team", "value": "payments"},
                {"key": "env", "value": "prod"},
                {"key": "canary", "value": ""},
            ]},
            "host": 5_302_410_115_i64,
            "server_group": GROUP,
            "boot_order": "network,disk",
            "firewall": "off",
            "metadata": "yes",
            "nic_model": "e1000",
            "video_model": "cirrus",
            "timezone": "Europe/Berlin",
            "simple_backup": "no",
            "remote_access_enabled": "yes",
            "remote_access_type": "vnc",
            "remote_access_password": "Zx81qL0m",
            "login_user": {"create_password": "yes"},
            "password_delivery": "sms",
            "user_data": "#!/bin/sh\n",
            "tomorrow": {"a": 1},
            "storage_devices": {"storage_device": [
                {"action": "clone", "storage": TEMPLATE, "title": "app-1.example.net disk 1", "size": 50},
                {"action": "attach", "storage": DISK, "address": "virtio:1", "boot_disk": "1"},
                {"action": "create", "size": 10, "title": "app-1.example.net disk 2", "boot_disk": "0"},
            ]},
            "networking": {"interfaces": {"interface": [
                {
                    "type": "private",
                    "network": NETWORK,
                    "index": 2,
                    "bootable": "yes",
                    "source_ip_filtering": "no",
                    "ip_addresses": {"ip_address": [{"family": "IPv4"}]},
                },
                {
                    "type": "public",
                    "ip_addresses": {"ip_address": [{"family": "IPv6"}, {"family": "IPv6", "address": "::1"}]},
                },
            ]}},
        }})
    );
}

#[test]
fn every_attribute_of_a_modification() {
    let changes = ModifyServer::default()
        .title("Application server one, larger")
        .hostname("app-1.example.net")
        .plan("custom")
        .cores_and_memory(6, 12288)
        .label("dropped", "")
        .no_labels()
        .label("team", "payments")
        .server_group(GROUP)
        .boot_order([BootDevice::Cdrom, BootDevice::Disk])
        .firewall(false)
        .metadata(true)
        .nic_model(NicModel::Virtio)
        .video_model(VideoModel::Cirrus)
        .timezone("Europe/Berlin")
        .simple_backup(SimpleBackup::off())
        .remote_access(true)
        .remote_access_type(RemoteAccessType::Vnc)
        .remote_access_password("Zx81qL0m")
        .field("tomorrow", 1);
    assert_eq!(
        serde_json::to_value(Exposed(&ModifyServerRequest::new(changes))).expect("JSON"),
        json!({"server": {
            "title": "Application server one, larger",
            "hostname": "app-1.example.net",
            "plan": "custom",
            "core_number": "6",
            "memory_amount": "12288",
            "labels": {"label": [{"key": "team", "value": "payments"}]},
            "server_group": GROUP,
            "boot_order": "cdrom,disk",
            "firewall": "off",
            "metadata": "yes",
            "nic_model": "virtio",
            "video_model": "cirrus",
            "timezone": "Europe/Berlin",
            "simple_backup": "no",
            "remote_access_enabled": "yes",
            "remote_access_type": "vnc",
            "remote_access_password": "Zx81qL0m",
            "tomorrow": 1,
        }})
    );
    let cleared = ModifyServer::default().title("").labels([("old", "")]).no_labels().boot_order([]);
    assert_eq!(serde_json::to_value(cleared).expect("JSON"), json!({"title": "", "labels": {"label": []}}));
}

#[test]
fn simple_backup_reads_what_it_writes() {
    for text in ["no", "0000,daily", "2359,dailies", "0430,weeklies", "1205,monthlies"] {
        let rule: SimpleBackup = text.parse().expect(text);
        assert_eq!(rule.to_string(), text);
        assert_eq!(rule.is_off(), text == "no");
    }
    let rule: SimpleBackup = "0430,weeklies".parse().expect("a rule");
    assert_eq!(rule.time(), Some((4, 30)));
    assert_eq!(rule, SimpleBackup::weeklies(4, 30).expect("a rule"));
    for text in ["", "off", "0430", "0430,", "430,daily", "2400,daily", "0460,daily", "+430,daily", "0430,yearly"] {
        let error = text.parse::<SimpleBackup>().expect_err(text);
        assert_eq!(error.code(), Some(&upcloud::ErrorCode::SimpleBackupInvalid), "{text}");
        assert!(error.to_string().contains(&format!("{text:?}")), "{error}");
    }
}
