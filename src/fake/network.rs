//! The interfaces and addresses of a new server.

use serde_json::{Value, json};
use uuid::{Uuid, uuid};

use super::{answer::Fault, ids::Kind, input::Block, state::State};
use crate::{
    ErrorCode,
    checks::limits,
    model::{
        AddressAccess, AddressFamily, NetworkType,
        types::{InterfaceIpAddress, IpAddress, Networking, Server, ServerInterface},
    },
    wire::Extra,
};

const PUBLIC_IPV6: Uuid = uuid!("03000000-0000-4000-8046-000000000000");

fn wrong(text: &str) -> Fault {
    Fault::because(ErrorCode::InvalidRequest, text)
}

/// What a server gets that is made without a word on its networking.
fn usual_networking() -> Value {
    let interface = |kind, family| json!({"type": kind, "ip_addresses": {"ip_address": [{"family": family}]}});
    let usual = [interface("public", "IPv4"), interface("utility", "IPv4"), interface("public", "IPv6")];
    json!({"interfaces": {"interface": usual}})
}

impl State {
    /// Gives the server the interfaces that the request asks for.
    pub(super) fn connect(&mut self, block: Block<'_>, server: &mut Server) -> Result<(), Fault> {
        // The documentation wants it, and the vendor's Python client leaves it out where its user does.
        let usual = usual_networking();
        let networking = block.get("networking").unwrap_or(&usual);
        let asked = Block::of(networking, ErrorCode::InvalidRequest)?
            .list("interfaces", "interface", ErrorCode::InvalidRequest)?
            .ok_or_else(|| wrong("networking has no interfaces."))?;
        let most = limits::CREATE_INTERFACE_LIST_INTERFACE_MAX_ITEMS;
        if !(1..=most).contains(&asked.len()) {
            return Err(wrong(&format!("A server has from 1 to {most} interfaces.")));
        }
        let mut interfaces = Vec::new();
        for (position, item) in asked.iter().enumerate() {
            let interface = self.interface(Block::of(item, ErrorCode::InvalidRequest)?, position as u64 + 1)?;
            server.ip_addresses.extend(interface.ip_addresses.iter().map(|address| IpAddress {
                access: interface.type_.as_ref().map(|network| AddressAccess::from(network.as_str())),
                address: address.address.clone(),
                family: address.family.clone(),
                ..IpAddress::new("")
            }));
            interfaces.push(interface);
        }
        server.networking = Some(Networking { interfaces, extra: Extra::default() });
        Ok(())
    }

    fn interface(&mut self, block: Block<'_>, position: u64) -> Result<ServerInterface, Fault> {
        let kinds = ["public", "utility", "private"];
        let kind = block.one_of("type", &kinds, ErrorCode::TypeInvalid)?.ok_or(ErrorCode::TypeInvalid)?;
        let network = block.uuid("network", ErrorCode::InvalidRequest)?;
        if kind == "private" && network.is_none() {
            return Err(wrong("A private interface needs a network."));
        }
        let filtering = block.switch("source_ip_filtering", ErrorCode::SourceIpFilteringInvalid)?.unwrap_or(true);
        if !filtering && kind != "private" {
            return Err(Fault::of_attribute(ErrorCode::SourceIpFilteringInvalid, "source_ip_filtering", &"no".into()));
        }
        let items = block
            .list("ip_addresses", "ip_address", ErrorCode::InvalidRequest)?
            .filter(|items| !items.is_empty())
            .ok_or_else(|| wrong("An interface needs IP addresses."))?;
        let mut addresses = Vec::new();
        for (number, item) in items.iter().enumerate() {
            addresses.push(self.address(Block::with_nulls(item, ErrorCode::InvalidRequest)?, kind, number == 0)?);
        }
        let network = match (network, &addresses[0].family) {
            (Some(network), _) => network,
            (None, Some(AddressFamily::IPv6)) => PUBLIC_IPV6,
            (None, _) => self.ids.uuid(Kind::Network),
        };
        Ok(ServerInterface {
            bootable: Some(block.switch("bootable", ErrorCode::InvalidRequest)?.unwrap_or(false)),
            index: Some(block.number("index", ErrorCode::InvalidRequest)?.unwrap_or(position)),
            ip_addresses: addresses,
            mac: Some(self.ids.mac()),
            network: Some(network),
            source_ip_filtering: Some(filtering),
            type_: Some(NetworkType::from(kind)),
            ..ServerInterface::default()
        })
    }

    fn address(&mut self, block: Block<'_>, kind: &str, first: bool) -> Result<InterfaceIpAddress, Fault> {
        let family = block.one_of("family", &["IPv4", "IPv6"], ErrorCode::InvalidRequest)?.unwrap_or("IPv4");
        if family == "IPv6" && kind != "public" {
            return Err(wrong("IPv6 is for public interfaces only."));
        }
        let given = block.text("address", ErrorCode::InvalidRequest)?;
        if given.is_some_and(|text| text.parse::<std::net::IpAddr>().is_err()) {
            return Err(wrong("An address is no IP address."));
        }
        let address = match (given, kind, family) {
            (Some(text), ..) => text.to_owned(),
            (None, "public", "IPv6") => self.ids.public_ipv6(),
            (None, "public", _) => self.ids.public_ipv4(),
            (None, ..) => self.ids.private_ipv4(),
        };
        Ok(InterfaceIpAddress {
            address,
            dhcp_provided: Some(block.switch("dhcp_provided", ErrorCode::InvalidRequest)?.unwrap_or(first)),
            family: Some(AddressFamily::from(family)),
            floating: Some(false),
            release_policy: None,
            ..InterfaceIpAddress::new("")
        })
    }
}
