//! One server of the fake: what it shows and what happens to it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use uuid::Uuid;

use crate::{
    Secret,
    model::{
        AddressFamily, NetworkType, NicModel, RemoteAccessType, ServerState, VideoModel,
        types::{Networking, Server, ServerSummary},
    },
    wire::Extra,
};

/// How fast the operations of the fake are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Timing {
    /// So many polls at a server (each get or list that shows it) see the operation running; then it is over. With 0,
    /// the default, the answer to the operation itself shows it running and whatever is asked next finds it done.
    Polls(u32),
    /// The operation takes this long, by the clock of the tokio runtime in which the fake was started, else by the real
    /// one. A soft stop that the guest ignores takes its timeout instead. [`Fake::advance`](super::Fake::advance) lets the
    /// time pass at once. With a time that the clock cannot hold, [`Duration::MAX`] for example, it is as
    /// [`Manual`](Self::Manual).
    Takes(Duration),
    /// The operation runs until [`Fake::finish`](super::Fake::finish) or [`Fake::finish_all`](super::Fake::finish_all).
    Manual,
}

/// When an operation is over, decided by the timing at its beginning.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ends {
    AfterLooks(u32),
    At(Instant),
    WhenTold,
}

/// An operation that is running.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    /// The state of the server afterwards.
    pub(super) goal: ServerGoal,
    pub(super) looks: u32,
    pub(super) ends: Ends,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ServerGoal {
    Started,
    Stopped,
}

#[derive(Clone, Debug)]
pub(super) struct Machine {
    pub(super) view: Server,
    /// Where it runs, or is about to; the API shows it of running servers only.
    pub(super) host: Option<i64>,
    pub(super) work: Option<Work>,
    pub(super) ignores_acpi: bool,
    pub(super) ssh_keys: Vec<String>,
    pub(super) user_data: Secret,
}

impl Machine {
    pub(super) fn new(mut view: Server) -> Self {
        complete(&mut view);
        Self { view, host: None, work: None, ignores_acpi: false, ssh_keys: Vec::new(), user_data: Secret::new("") }
    }

    /// The server as the API tells it.
    pub(super) fn show(&self) -> Server {
        Server { host: self.visible_host(), ..self.view.clone() }
    }

    pub(super) fn summary(&self) -> ServerSummary {
        let view = &self.view;
        ServerSummary {
            core_number: view.core_number,
            created: view.created,
            host: self.visible_host(),
            hostname: view.hostname.clone(),
            labels: view.labels.clone(),
            license: view.license,
            memory_amount: view.memory_amount,
            plan: view.plan.clone(),
            plan_ipv4_bytes: view.plan_ipv4_bytes,
            plan_ipv6_bytes: view.plan_ipv6_bytes,
            server_group: view.server_group,
            simple_backup: view.simple_backup.clone(),
            state: view.state.clone(),
            tags: view.tags.clone(),
            title: view.title.clone(),
            uuid: view.uuid,
            zone: view.zone.clone(),
            ..ServerSummary::new(view.uuid, view.state.clone(), "", "", "")
        }
    }

    fn visible_host(&self) -> Option<i64> {
        self.host.filter(|_| self.view.state == ServerState::Started)
    }

    /// A get or a list has shown the server.
    pub(super) fn looked_at(&mut self) {
        let Some(work) = &mut self.work else { return };
        work.looks = work.looks.saturating_add(1);
        if let Some(progress) = &mut self.view.progress {
            *progress = if work.looks == 1 { 85 } else { 95 };
        }
    }

    pub(super) fn finish(&mut self) {
        let Some(work) = self.work.take() else { return };
        self.view.progress = None;
        match work.goal {
            ServerGoal::Started => self.view.state = ServerState::Started,
            ServerGoal::Stopped => {
                self.view.state = ServerState::Stopped;
                self.host = None;
            }
        }
    }
}

/// What answers tell of every disk, and of every public IPv4 address, whoever made the server.
fn complete(view: &mut Server) {
    for device in view.storage_devices.iter_mut().filter(|device| device.storage.is_some()) {
        device.storage_encrypted.get_or_insert(false);
    }
    let interfaces = view.networking.iter_mut().flat_map(|networking| &mut networking.interfaces);
    let public = interfaces.filter(|interface| interface.type_ == Some(NetworkType::Public));
    let addresses = public.flat_map(|interface| &mut interface.ip_addresses);
    for address in addresses.filter(|address| address.family == Some(AddressFamily::IPv4)) {
        address.release_policy.get_or_insert_with(|| "release".to_owned());
    }
}

/// A server with nothing but the defaults.
pub(super) fn blank(uuid: Uuid, hostname: String, zone: String, created: i64, vnc_password: String) -> Server {
    Server {
        boot_order: Some("disk".to_owned()),
        core_number: Some(1),
        created: Some(created),
        devices: Vec::new(),
        firewall: Some(false),
        host: None,
        title: hostname.clone(),
        hostname,
        ip_addresses: Vec::new(),
        labels: Vec::new(),
        license: Some(0.0),
        memory_amount: Some(1024),
        metadata: Some(false),
        networking: Some(Networking { interfaces: Vec::new(), extra: Extra::default() }),
        nic_model: Some(NicModel::Virtio),
        password: None,
        plan: Some("custom".to_owned()),
        plan_ipv4_bytes: Some(0),
        plan_ipv6_bytes: Some(0),
        progress: None,
        remote_access_enabled: Some(false),
        remote_access_host: None,
        remote_access_password: Some(Secret::new(vnc_password)),
        remote_access_port: None,
        remote_access_type: Some(RemoteAccessType::Vnc),
        server_group: None,
        simple_backup: Some("no".to_owned()),
        state: ServerState::Stopped,
        storage_devices: Vec::new(),
        tags: Vec::new(),
        timezone: Some("UTC".to_owned()),
        username: None,
        uuid,
        video_model: Some(VideoModel::Vga),
        zone,
        ..Server::new(uuid, ServerState::Stopped, "", "", "")
    }
}
