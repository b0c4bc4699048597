//! What a create needs to know first: the small catalogue of the fake. Plans, zones and time zones are those of recordings; the
//! titles of storages are like those that tools look for, their identifiers and sizes are made up.

use serde_json::{Map, Value};
use uuid::{Uuid, uuid};

use super::answer::Reply;
use crate::{
    model::{
        StorageAccess, StorageState, StorageTier, StorageType, TemplateType,
        types::{Plan, ServerSize, Storage, Zone},
    },
    wire::Extra,
};

/// A Linux template that the platform sets up by itself, with a password or SSH keys.
pub const NATIVE_TEMPLATE: Uuid = uuid!("01000000-0000-4000-8000-000020060100");
/// A Linux template that cloud-init sets up: SSH keys only, and `metadata` must be on.
pub const CLOUD_INIT_TEMPLATE: Uuid = uuid!("01000000-0000-4000-8000-000030240200");
/// A Windows template.
pub const WINDOWS_TEMPLATE: Uuid = uuid!("01000000-0000-4000-8000-000010080300");
/// An installation CD-ROM.
pub const CDROM: Uuid = uuid!("01000000-0000-4000-8000-000020010301");
/// Another installation CD-ROM.
pub const SECOND_CDROM: Uuid = uuid!("01000000-0000-4000-8000-000020020302");

pub(super) const MAX_CORES: u64 = 20;
pub(super) const MAX_MEMORY: u64 = 131_072;
const MEMORY_STEP: u64 = 1024;
const MEMORY_PER_CORE: u64 = 16_384;

const PLANS: &[(&str, u64, u64, u64, u64)] = &[
    ("1xCPU-1GB", 1, 1024, 25, 1024),
    ("1xCPU-2GB", 1, 2048, 50, 2048),
    ("2xCPU-4GB", 2, 4096, 80, 4096),
    ("4xCPU-8GB", 4, 8192, 160, 5120),
    ("6xCPU-16GB", 6, 16_384, 320, 6144),
    ("8xCPU-32GB", 8, 32_768, 640, 7168),
    ("12xCPU-48GB", 12, 49_152, 960, 9216),
    ("16xCPU-64GB", 16, 65_536, 1280, 10_240),
    ("20xCPU-96GB", 20, 98_304, 1920, 12_288),
    ("20xCPU-128GB", 20, 131_072, 2048, 24_576),
];

const ZONES: &[(&str, &str)] = &[
    ("de-fra1", "Frankfurt #1"),
    ("fi-hel1", "Helsinki #1"),
    ("fi-hel2", "Helsinki #2"),
    ("nl-ams1", "Amsterdam #1"),
    ("sg-sin1", "Singapore #1"),
    ("uk-lon1", "London #1"),
    ("us-chi1", "Chicago #1"),
    ("us-nyc1", "New York #1"),
    ("us-sjo1", "San Jose #1"),
];

/// One per line.
const TIMEZONES: &str = include_str!("timezones.txt");

pub(super) fn sizes() -> Reply {
    let of_cores = |cores: u64| {
        let most = most_memory(cores);
        (1..=most / MEMORY_STEP).map(move |step| ServerSize {
            core_number: cores,
            memory_amount: step * MEMORY_STEP,
            ..ServerSize::new(0, 0)
        })
    };
    Reply::list("server_sizes", "server_size", (1..=MAX_CORES).flat_map(of_cores).collect::<Vec<_>>())
}

pub(super) fn is_size(cores: u64, memory: u64) -> bool {
    memory.is_multiple_of(MEMORY_STEP) && memory <= most_memory(cores)
}

/// The cores may come from a saved state, and so be any number.
fn most_memory(cores: u64) -> u64 {
    MAX_MEMORY.min(cores.saturating_mul(MEMORY_PER_CORE))
}

/// Cores, memory and storage of a plan.
pub(super) fn plan(name: &str) -> Option<(u64, u64, u64)> {
    PLANS.iter().find(|plan| plan.0 == name).map(|plan| (plan.1, plan.2, plan.3))
}

pub(super) fn plans() -> Reply {
    let plan = |&(name, core_number, memory_amount, storage_size, public_traffic_out): &(&str, _, _, _, _)| Plan {
        core_number: Some(core_number),
        current_offering: None,
        family: None,
        gpu_amount: None,
        gpu_model: None,
        memory_amount: Some(memory_amount),
        name: name.to_owned(),
        public_traffic_out: Some(public_traffic_out),
        storage_size: Some(storage_size),
        storage_tier: Some("maxiops".to_owned()),
        ..Plan::new("")
    };
    Reply::list("plans", "plan", PLANS.iter().map(plan).collect::<Vec<_>>())
}

pub(super) fn zones() -> Reply {
    let zone = |(id, description): &(&str, &str)| Zone {
        description: Some((*description).to_owned()),
        id: (*id).to_owned(),
        parent_zone: None,
        public: Some(true),
        ..Zone::new("")
    };
    Reply::list("zones", "zone", ZONES.iter().map(zone).collect::<Vec<_>>())
}

pub(super) fn zone_names() -> impl Iterator<Item = &'static str> {
    ZONES.iter().map(|(id, _)| *id)
}

pub(super) fn timezones() -> Reply {
    Reply::list("timezones", "timezone", TIMEZONES.lines().collect::<Vec<_>>())
}

pub(super) fn is_timezone(name: &str) -> bool {
    TIMEZONES.lines().any(|known| known == name)
}

/// The public storages that are there from the beginning.
pub(super) fn storages() -> Vec<Storage> {
    let public = |uuid, title: &str, type_, size, license, template_type| Storage {
        access: Some(StorageAccess::Public),
        created: None,
        encrypted: None,
        labels: Vec::new(),
        license: Some(license),
        origin: None,
        part_of_plan: None,
        progress: None,
        size: Some(size),
        state: Some(StorageState::Online),
        template_type,
        tier: None,
        title: title.to_owned(),
        type_: Some(type_),
        uuid,
        zone: None,
        extra: Extra::from(Map::<String, Value>::new()),
    };
    vec![
        public(
            NATIVE_TEMPLATE,
            "Debian GNU/Linux 11 (Bullseye)",
            StorageType::Template,
            5,
            0.0,
            Some(TemplateType::Native),
        ),
        public(
            CLOUD_INIT_TEMPLATE,
            "Ubuntu Server 24.04 LTS (Noble Numbat)",
            StorageType::Template,
            5,
            0.0,
            Some(TemplateType::CloudInit),
        ),
        public(
            WINDOWS_TEMPLATE,
            "Windows Server 2022 Standard",
            StorageType::Template,
            40,
            3.5,
            Some(TemplateType::Native),
        ),
        public(CDROM, "Debian GNU/Linux 12.5.0 netinst", StorageType::Cdrom, 1, 0.0, None),
        public(SECOND_CDROM, "SystemRescue 11.01", StorageType::Cdrom, 1, 0.0, None),
    ]
}

/// A disk of the account that no server has.
pub(super) fn detached(uuid: Uuid, title: String, size: u64, tier: StorageTier, zone: String) -> Storage {
    Storage {
        access: Some(StorageAccess::Private),
        created: None,
        encrypted: None,
        labels: Vec::new(),
        license: Some(0.0),
        origin: None,
        part_of_plan: None,
        progress: None,
        size: Some(size),
        state: Some(StorageState::Online),
        template_type: None,
        tier: Some(tier),
        title,
        type_: Some(StorageType::Normal),
        uuid,
        zone: Some(zone),
        ..Storage::new(uuid, "")
    }
}
