//! The metadata service, as the one server sees it that the test has chosen.

use http::StatusCode;
use serde_json::Value;

use super::{
    answer::{Reply, to_json},
    machine::Machine,
    state::State,
};
use crate::{
    Secret,
    model::{
        AddressFamily, NetworkType, StorageTier,
        types::{
            InterfaceIpAddress, Metadata, MetadataDisk, MetadataInterface, MetadataIpAddress, MetadataNetwork,
            MetadataStorage,
        },
    },
    wire::Extra,
};

const DNS_V4: [&str; 2] = ["198.19.255.1", "198.19.255.2"];
const DNS_V6: [&str; 2] = ["2001:db8:53::1", "2001:db8:53::2"];

impl State {
    /// What is under `/metadata/`, the rest of the path given.
    pub(super) fn metadata(&self, path: &str) -> Reply {
        let nothing = || Reply::text(StatusCode::NOT_FOUND, "Not Found");
        let Some(machine) = self.metadata_machine().filter(|machine| machine.view.metadata == Some(true)) else {
            return nothing();
        };
        let document = document(machine);
        if path == "v1.json" {
            return Reply::bare(&document);
        }
        let Some(rest) = path.strip_prefix("v1").filter(|rest| rest.is_empty() || rest.starts_with('/')) else {
            return nothing();
        };
        let root = to_json(&document);
        let (mut here, mut list) = (Some(&root), "");
        for name in rest.split('/').filter(|name| !name.is_empty()) {
            here = here.and_then(|value| match value {
                Value::Object(members) => members.get(name),
                Value::Array(items) => items.get(name.parse::<usize>().ok()?.checked_sub(first(list))?),
                _ => None,
            });
            list = name;
        }
        here.map_or_else(nothing, |value| Reply::text(StatusCode::OK, text(value, first(list))))
    }
}

/// The number of the first item of a list: the vendor's guide counts interfaces from one, and their addresses from zero.
fn first(list: &str) -> usize {
    usize::from(list != "ip_addresses")
}

/// A folder as the names in it, a list of texts as its lines, all else as it is.
fn text(value: &Value, first: usize) -> String {
    let is_folder = |value: &Value| match value {
        Value::Object(_) => true,
        Value::Array(items) => items.iter().any(Value::is_object),
        _ => false,
    };
    let lines: Vec<String> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| if is_folder(member) { format!("{name}/") } else { name.clone() })
            .collect(),
        Value::Array(items) if is_folder(value) => {
            (first..first + items.len()).map(|number| format!("{number}/")).collect()
        }
        Value::Array(items) => items.iter().map(|item| text(item, first)).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Null => Vec::new(),
        other => vec![other.to_string()],
    };
    lines.join("\n")
}

fn document(machine: &Machine) -> Metadata {
    let view = &machine.view;
    let interfaces = view.networking.iter().flat_map(|networking| &networking.interfaces);
    let interface = |interface: &crate::model::types::ServerInterface| MetadataInterface {
        index: interface.index,
        ip_addresses: interface
            .ip_addresses
            .iter()
            .map(|address| ip_address(address, interface.type_.as_ref()))
            .collect(),
        mac: interface.mac.clone(),
        network_id: interface.network,
        type_: interface.type_.clone(),
        ..MetadataInterface::default()
    };
    let disks = view.storage_devices.iter().filter_map(|device| {
        let id = device.storage?;
        Some(MetadataDisk {
            id: Some(id),
            serial: Some(id.simple().to_string()[..20].to_owned()),
            size: device.storage_size,
            tier: device.storage_tier.clone().or(Some(StorageTier::Hdd)),
            type_: device.type_.clone(),
            ..MetadataDisk::default()
        })
    });
    Metadata {
        cloud_name: "upcloud".to_owned(),
        hostname: view.hostname.clone(),
        instance_id: view.uuid,
        network: Some(MetadataNetwork {
            dns: DNS_V4.map(str::to_owned).into(),
            interfaces: interfaces.map(interface).collect(),
            ..MetadataNetwork::default()
        }),
        platform: Some("servers".to_owned()),
        public_keys: machine.ssh_keys.clone(),
        region: view.zone.clone(),
        storage: Some(MetadataStorage { disks: disks.collect(), extra: Extra::default() }),
        subplatform: Some("metadata (http://169.254.169.254)".to_owned()),
        tags: view.tags.clone(),
        user_data: Some(machine.user_data.clone()),
        vendor_data: Some(Secret::new("")),
        ..Metadata::new(view.uuid, "", "", "")
    }
}

fn ip_address(address: &InterfaceIpAddress, network: Option<&NetworkType>) -> MetadataIpAddress {
    let v6 = address.family == Some(AddressFamily::IPv6);
    let (gateway, range) = match address.address.parse() {
        Ok(std::net::IpAddr::V4(ip)) => {
            let [a, b, c, _] = ip.octets();
            (format!("{a}.{b}.{c}.1"), format!("{a}.{b}.{c}.0/24"))
        }
        Ok(std::net::IpAddr::V6(ip)) => {
            let [a, b, c, d, ..] = ip.segments();
            (format!("{a:x}:{b:x}:{c:x}:{d:x}::1"), format!("{a:x}:{b:x}:{c:x}:{d:x}::/64"))
        }
        Err(_) => (String::new(), String::new()),
    };
    let dns = if network == Some(&NetworkType::Public) { if v6 { &DNS_V6[..] } else { &DNS_V4[..] } } else { &[] };
    MetadataIpAddress {
        address: address.address.clone(),
        dhcp: Some(address.dhcp_provided.unwrap_or(false)),
        dns: dns.iter().map(|name| (*name).to_owned()).collect(),
        family: address.family.clone(),
        floating: address.floating,
        gateway: Some(gateway),
        network: Some(range),
        ..MetadataIpAddress::new("")
    }
}
