//! Filling the fake without requests.

use uuid::Uuid;

use super::{Fake, catalog, ids::Kind, machine::Machine, placement::Wish, state::State};
use crate::{
    ErrorCode,
    model::{
        AddressAccess, AddressFamily, AntiAffinity, NetworkType, ServerState, StorageDeviceType, StorageTier,
        TemplateType,
        types::{InterfaceIpAddress, IpAddress, Label, LabelInput, ServerInterface, Storage, StorageDevice},
    },
};

/// A server that [`Fake::add_server`] puts into the fake: started, with one disk and one public address.
///
/// ```
/// # #[tokio::main] async fn main() {
/// use upcloud::{fake::{ServerSeed, Fake}, ServerState};
///
/// let fake = Fake::start().await;
/// let uuid = fake.add_server(ServerSeed::new("db-1.example.com").label("env", "prod").state(ServerState::Stopped));
/// assert_eq!(fake.server(uuid).map(|server| server.hostname).as_deref(), Some("db-1.example.com"));
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "give it to `Fake::add_server`"]
pub struct ServerSeed {
    hostname: String,
    title: Option<String>,
    zone: String,
    plan: String,
    labels: Vec<Label>,
    state: ServerState,
    metadata: bool,
    host: Option<i64>,
    disks: u8,
}

impl ServerSeed {
    /// A started server in `fi-hel1` with the plan `1xCPU-1GB`.
    pub fn new(hostname: impl Into<String>) -> Self {
        Self {
            hostname: hostname.into(),
            title: None,
            zone: "fi-hel1".to_owned(),
            plan: "1xCPU-1GB".to_owned(),
            labels: Vec::new(),
            state: ServerState::Started,
            metadata: false,
            host: None,
            disks: 1,
        }
    }

    /// With this title; it is the hostname unless it is said.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// In this zone.
    pub fn zone(mut self, zone: impl Into<String>) -> Self {
        self.zone = zone.into();
        self
    }

    /// With this plan.
    pub fn plan(mut self, plan: impl Into<String>) -> Self {
        self.plan = plan.into();
        self
    }

    /// With a label.
    pub fn label(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.push(super::input::to_label(LabelInput::new(key.into(), value.into())));
        self
    }

    /// In this state.
    pub fn state(mut self, state: ServerState) -> Self {
        self.state = state;
        self
    }

    /// With the metadata service.
    pub fn metadata(mut self) -> Self {
        self.metadata = true;
        self
    }

    /// On this host, one of [`Fake::hosts`].
    pub fn host(mut self, host: i64) -> Self {
        self.host = Some(host);
        self
    }

    /// Without a disk, so that it cannot start.
    pub fn diskless(mut self) -> Self {
        self.disks = 0;
        self
    }
}

impl From<&str> for ServerSeed {
    fn from(hostname: &str) -> Self {
        Self::new(hostname)
    }
}

impl From<String> for ServerSeed {
    fn from(hostname: String) -> Self {
        Self::new(hostname)
    }
}

impl Fake {
    /// How many servers a fake can have: each takes about 3 KiB of memory.
    pub const MOST_SERVERS: usize = 200_000;

    /// Puts a server into the fake; a hostname will do.
    ///
    /// # Panics
    ///
    /// When there is no such plan or host, or there are [`MOST_SERVERS`](Self::MOST_SERVERS) already.
    pub fn add_server(&self, server: impl Into<ServerSeed>) -> Uuid {
        self.shared.state().add_server(server.into())
    }

    /// Puts so many servers into the fake, `server-1.example.com` and so on: each tenth one is stopped, each second one has
    /// the label `env` with the value `prod`, each other one with `test`.
    ///
    /// # Panics
    ///
    /// When there would be more than [`MOST_SERVERS`](Self::MOST_SERVERS), and before any is made.
    pub fn fill(&self, servers: usize) {
        let zones: Vec<_> = catalog::zone_names().collect();
        let mut state = self.shared.state();
        let room = Self::MOST_SERVERS.saturating_sub(state.machines().count());
        assert!(servers <= room, "a fake has at most {} servers, there is room for {room}", Self::MOST_SERVERS);
        for number in 1..=servers {
            let server = ServerSeed::new(format!("server-{number}.example.com"))
                .zone(zones[number % zones.len()])
                .label("env", if number.is_multiple_of(2) { "prod" } else { "test" })
                .state(if number.is_multiple_of(10) { ServerState::Stopped } else { ServerState::Started });
            state.add_server(server);
        }
    }

    /// Puts a server group into the fake, with these servers.
    ///
    /// # Panics
    ///
    /// When a server is not there or is in a group already, or the policy is strict and two of them share a host.
    #[expect(clippy::needless_pass_by_value, reason = "a caller has a policy of its own to give, not one to keep")]
    pub fn add_server_group(&self, title: &str, policy: AntiAffinity, servers: &[Uuid]) -> Uuid {
        let body = serde_json::json!({ "server_group": {
            "title": title, "anti_affinity": policy, "servers": { "server": servers },
        }});
        let mut state = self.shared.state();
        let made = state.create_group(&body);
        assert!(made.is_ok(), "the server group {title} is not possible: {made:?}");
        state.groups.last().map(|group| group.uuid).unwrap_or_default()
    }

    /// Puts a public template into the fake, for requests that name one it does not have.
    pub fn add_template(&self, uuid: Uuid, title: &str, size: u64, kind: TemplateType) {
        let mut state = self.shared.state();
        state.storages.retain(|storage| storage.uuid != uuid);
        let native = state.storages.iter().find(|storage| storage.uuid == catalog::NATIVE_TEMPLATE).cloned();
        if let Some(native) = native {
            let title = title.to_owned();
            state.storages.push(Storage { uuid, title, size: Some(size), template_type: Some(kind), ..native });
        }
    }
}

impl State {
    fn add_server(&mut self, wanted: ServerSeed) -> Uuid {
        assert!(!self.is_full(), "a fake has at most {} servers", Fake::MOST_SERVERS);
        let plan = catalog::plan(&wanted.plan);
        let (cores, memory, storage) = plan.unwrap_or_else(|| panic!("there is no plan {}", wanted.plan));
        let mut view = self.blank(wanted.hostname, wanted.zone);
        if let Some(title) = wanted.title {
            view.title = title;
        }
        (view.core_number, view.memory_amount) = (Some(cores), Some(memory));
        view.plan = Some(wanted.plan);
        view.labels = wanted.labels;
        view.metadata = Some(wanted.metadata);
        view.state = wanted.state;
        let address = self.ids.public_ipv4();
        view.ip_addresses = vec![IpAddress {
            access: Some(AddressAccess::Public),
            address: address.clone(),
            family: Some(AddressFamily::IPv4),
            ..IpAddress::new("")
        }];
        if let Some(networking) = &mut view.networking {
            networking.interfaces = vec![self.public_interface(address)];
        }
        view.storage_devices = (0..wanted.disks)
            .map(|number| StorageDevice {
                address: format!("virtio:{number}"),
                boot_disk: Some(false),
                labels: Vec::new(),
                part_of_plan: None,
                storage: Some(self.ids.uuid(Kind::Storage)),
                storage_encrypted: None,
                storage_size: Some(storage),
                storage_tier: Some(StorageTier::Maxiops),
                storage_title: Some(format!("{} disk {}", view.hostname, number + 1)),
                type_: Some(StorageDeviceType::Disk),
                ..StorageDevice::new("")
            })
            .collect();
        let uuid = view.uuid;
        let wish = Wish { host: wanted.host, avoid: None };
        let placed = self.place(uuid, None, wish, ErrorCode::ServerResourcesUnavailable);
        let host = placed.unwrap_or_else(|_| panic!("there is no host {:?}", wanted.host));
        let host = Some(host).filter(|_| view.state != ServerState::Stopped);
        self.insert(Machine { host, ..Machine::new(view) });
        uuid
    }

    fn public_interface(&mut self, address: String) -> ServerInterface {
        ServerInterface {
            bootable: Some(false),
            index: Some(1),
            ip_addresses: vec![InterfaceIpAddress {
                address,
                dhcp_provided: Some(true),
                family: Some(AddressFamily::IPv4),
                floating: Some(false),
                release_policy: None,
                ..InterfaceIpAddress::new("")
            }],
            mac: Some(self.ids.mac()),
            network: Some(self.ids.uuid(Kind::Network)),
            source_ip_filtering: Some(true),
            type_: Some(NetworkType::Public),
            ..ServerInterface::default()
        }
    }
}
