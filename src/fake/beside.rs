//! What tools ask for around a server's life and the chapter does not have: storages, addresses, firewall rules, tags, prices.
//! Known from clients and their recordings, not from documentation, and described in `beside.yaml` in the smallest honest
//! form. What is not here is answered as what it is: something that this fake does not have.

use http::StatusCode;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    answer::{Fault, Outcome, Reply, to_json},
    catalog,
    input::{self, Block},
    state::{State, whole},
};
use crate::{
    ErrorCode,
    model::{
        ServerState, StorageDeviceType, StorageState, StorageTier, StorageType,
        types::{Server, Storage, StorageDevice},
    },
};

/// What else the API has at its root, as clients of it know: no error of the caller, but nothing of this fake.
const ELSEWHERE: [&str; 22] = [
    "account",
    "audit-logs",
    "certificate",
    "database",
    "device",
    "gateway",
    "host",
    "ip_address",
    "kubernetes",
    "load-balancer",
    "network",
    "network-peering",
    "object-storage",
    "object-storage-2",
    "partner",
    "permission",
    "price",
    "router",
    "server",
    "storage",
    "tag",
    "zone",
];

/// A request beside the chapter.
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a [(String, String)],
    pub(super) body: Result<Value, Fault>,
}

/// A storage with the servers that have it.
struct Held {
    storage: Storage,
    servers: Vec<Uuid>,
}

#[allow(clippy::unnecessary_wraps, reason = "it ends what may fail")]
fn ok(key: &str, value: Value) -> Outcome {
    Ok(Reply::json(StatusCode::OK, key, value))
}

fn wrong(text: &str) -> Fault {
    Fault::because(ErrorCode::InvalidRequest, text)
}

impl State {
    /// Answers what the chapter does not have; `None` if nobody has it.
    pub(super) fn beside(&mut self, asked: Asked<'_>) -> Option<Outcome> {
        let Asked { method, path, query, body } = asked;
        let body = body.map(without_nulls);
        let below = path.strip_prefix("/1.3/")?;
        let parts: Vec<&str> = below.strip_suffix('/').unwrap_or(below).split('/').collect();
        // The API answers 404 to a doubled slash, wherever it is.
        if !ELSEWHERE.contains(parts.first()?) || parts.iter().any(|part| part.is_empty()) {
            return None;
        }
        Some(match (method, parts.as_slice()) {
            ("GET", ["account"]) => ok("account", account()),
            ("GET", ["price"]) => ok("prices", prices()),
            ("GET", ["storage"]) => self.storages_of("all"),
            ("GET", ["storage", kind]) if kind.len() != 36 => self.storages_of(kind),
            ("GET", ["storage", uuid]) => self.storage(uuid),
            ("PUT" | "PATCH", ["storage", uuid]) => body.and_then(|body| self.modify_storage(uuid, &body)),
            ("DELETE", ["storage", uuid]) => self.delete_storage(uuid),
            ("GET", ["ip_address"]) => ok("ip_addresses", json!({ "ip_address": self.addresses() })),
            ("GET", ["ip_address", address]) => self.address_of(address),
            ("GET", ["network"]) => self.networks(query),
            ("GET", ["network", uuid]) => self.network(uuid),
            ("GET", ["tag"]) => ok("tags", json!({ "tag": self.tags() })),
            ("POST", ["tag"]) => body.and_then(|body| self.create_tag(&body)),
            ("PUT", ["tag", name]) => body.and_then(|body| self.modify_tag(name, &body)),
            ("DELETE", ["tag", name]) => self.delete_tag(name),
            ("POST", ["server", uuid, "tag", tags]) => self.tag(uuid, tags, true),
            ("POST", ["server", uuid, "untag", tags]) => self.tag(uuid, tags, false),
            ("GET", ["server", uuid, "firewall_rule"]) => self.firewall(uuid),
            ("PUT", ["server", uuid, "firewall_rule"]) => body.and_then(|body| self.replace_firewall(uuid, &body)),
            ("POST", ["server", uuid, "firewall_rule"]) => body.and_then(|body| self.add_to_firewall(uuid, &body)),
            ("DELETE", ["server", uuid, "firewall_rule", position]) => self.remove_from_firewall(uuid, position),
            ("GET", ["server", uuid, "networking"]) => self.networking(uuid),
            ("POST", ["server", uuid, "storage", "attach"]) => body.and_then(|body| self.attach(uuid, &body)),
            ("POST", ["server", uuid, "storage", "detach"]) => body.and_then(|body| self.detach(uuid, &body)),
            ("POST", ["server", uuid, "cdrom", "load"]) => body.and_then(|body| self.load_cdrom(uuid, &body)),
            ("POST", ["server", uuid, "cdrom", "eject"]) => self.eject_cdrom(uuid),
            _ => Err(Fault::not_here(method, path)),
        })
    }

    fn named(&self, uuid: &str) -> Result<(Uuid, &Server), Fault> {
        let uuid = input::uuid(uuid, ErrorCode::ServerInvalid)?;
        Ok((uuid, &self.machine(uuid)?.view))
    }

    /// All storages: those that no server has, and the disks of servers.
    fn held(&self) -> Vec<Held> {
        let of_servers = |uuid: Uuid| -> Vec<Uuid> {
            let has = |server: &Server| server.storage_devices.iter().any(|device| device.storage == Some(uuid));
            self.machines().map(|machine| &machine.view).filter(|view| has(view)).map(|view| view.uuid).collect()
        };
        let free =
            self.storages.iter().map(|storage| Held { storage: storage.clone(), servers: of_servers(storage.uuid) });
        let mut all: Vec<Held> = free.collect();
        for machine in self.machines() {
            let view = &machine.view;
            for device in &view.storage_devices {
                let Some(uuid) = device.storage.filter(|uuid| all.iter().all(|held| held.storage.uuid != *uuid)) else {
                    continue;
                };
                all.push(Held { storage: stored(uuid, device, view), servers: vec![view.uuid] });
            }
        }
        all
    }

    fn find_storage(&self, uuid: &str) -> Result<Held, Fault> {
        let uuid = input::uuid(uuid, ErrorCode::StorageInvalid)?;
        let held = self.held().into_iter().find(|held| held.storage.uuid == uuid);
        held.ok_or_else(|| ErrorCode::StorageNotFound.into())
    }

    fn storages_of(&self, kind: &str) -> Outcome {
        let word = |storage: &Storage| {
            let access = storage.access.as_ref().map(AsRef::as_ref);
            let of_type = storage.type_.as_ref().map(AsRef::as_ref);
            kind == "all" || access == Some(kind) || of_type == Some(kind)
        };
        if !["all", "public", "private", "normal", "backup", "cdrom", "template", "favorite"].contains(&kind) {
            return Err(wrong(&format!("There is no kind of storages {kind}.")));
        }
        let found: Vec<Value> =
            self.held().iter().filter(|held| word(&held.storage)).map(|held| listed(&held.storage)).collect();
        ok("storages", json!({ "storage": found }))
    }

    fn storage(&self, uuid: &str) -> Outcome {
        ok("storage", detailed(&self.find_storage(uuid)?))
    }

    fn modify_storage(&mut self, uuid: &str, body: &Value) -> Outcome {
        let held = self.changeable(uuid)?;
        let block = Block::of_body(body, "storage")?;
        let title = block.text("title", ErrorCode::StorageTitleInvalid)?.map(str::to_owned);
        let size = block.number("size", ErrorCode::SizeInvalid)?;
        if size < held.storage.size && size.is_some() {
            return Err(Fault::of_attribute(ErrorCode::SizeInvalid, "size", &json!(size)));
        }
        let uuid = held.storage.uuid;
        if let Some(storage) = self.storages.iter_mut().find(|storage| storage.uuid == uuid) {
            storage.title = title.clone().unwrap_or_else(|| storage.title.clone());
            storage.size = size.or(storage.size);
        }
        for server in held.servers {
            for device in &mut self.machine_mut(server)?.view.storage_devices {
                if device.storage == Some(uuid) {
                    device.storage_title = title.clone().or_else(|| device.storage_title.clone());
                    device.storage_size = size.or(device.storage_size);
                }
            }
        }
        let held = self.find_storage(&uuid.to_string())?;
        Ok(Reply::json(StatusCode::ACCEPTED, "storage", detailed(&held)))
    }

    fn delete_storage(&mut self, uuid: &str) -> Outcome {
        let held = self.changeable(uuid)?;
        if let Some(server) = held.servers.first() {
            let text = format!("The storage {uuid} is attached to the server {server}.");
            return Err(Fault::because(ErrorCode::StorageStateIllegal, text));
        }
        self.storages.retain(|storage| storage.uuid != held.storage.uuid);
        Ok(Reply::empty())
    }

    fn changeable(&self, uuid: &str) -> Result<Held, Fault> {
        let held = self.find_storage(uuid)?;
        if held.storage.zone.is_none() { Err(ErrorCode::StorageForbidden.into()) } else { Ok(held) }
    }

    fn addresses(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for machine in self.machines() {
            let view = &machine.view;
            let networking = view.networking.iter().flat_map(|networking| &networking.interfaces);
            for interface in networking {
                for address in &interface.ip_addresses {
                    all.push(json!({
                        "access": interface.type_,
                        "address": address.address,
                        "dhcp_provided": switch(address.dhcp_provided),
                        "family": address.family,
                        "floating": switch(address.floating),
                        "mac": interface.mac,
                        "part_of_plan": "yes",
                        "ptr_record": "",
                        "server": view.uuid,
                        "zone": view.zone,
                    }));
                }
            }
        }
        all
    }

    fn address_of(&self, address: &str) -> Outcome {
        let found = self.addresses().into_iter().find(|known| known["address"] == address);
        ok("ip_address", found.ok_or_else(|| nothing("IP address", address))?)
    }

    /// The networks that servers are in.
    fn all_networks(&self) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        for machine in self.machines() {
            let view = &machine.view;
            for interface in view.networking.iter().flat_map(|networking| &networking.interfaces) {
                let Some(network) = interface.network.map(|uuid| uuid.to_string()) else { continue };
                let server = json!({ "uuid": view.uuid, "title": view.title });
                if let Some(known) = all.iter_mut().find(|known| known["uuid"] == *network) {
                    let servers = known.pointer_mut("/servers/server").and_then(Value::as_array_mut);
                    servers
                        .into_iter()
                        .filter(|servers| !servers.contains(&server))
                        .for_each(|servers| servers.push(server.clone()));
                    continue;
                }
                let kind = interface.type_.as_ref().map_or("public", AsRef::as_ref);
                all.push(json!({
                    "name": format!("{kind} network of {}", view.zone),
                    "type": kind,
                    "uuid": network,
                    "zone": view.zone,
                    "ip_networks": { "ip_network": [] },
                    "servers": { "server": [server] },
                }));
            }
        }
        all
    }

    fn networks(&self, query: &[(String, String)]) -> Outcome {
        let zone = query.iter().find(|(name, _)| name == "zone").map(|(_, zone)| zone.as_str());
        let mut all = self.all_networks();
        all.retain(|network| zone.is_none_or(|zone| network["zone"] == zone));
        ok("networks", json!({ "network": all }))
    }

    fn network(&self, uuid: &str) -> Outcome {
        let found = self.all_networks().into_iter().find(|network| network["uuid"] == uuid);
        ok("network", found.ok_or_else(|| nothing("network", uuid))?)
    }

    fn networking(&self, uuid: &str) -> Outcome {
        let (_, view) = self.named(uuid)?;
        ok("networking", to_json(&view.networking))
    }

    fn tags(&self) -> Vec<Value> {
        let tagged = |name: &str| -> Vec<Uuid> {
            let all = self.machines().map(|machine| &machine.view);
            all.filter(|view| view.tags.iter().any(|tag| tag == name)).map(|view| view.uuid).collect()
        };
        let shown = |(name, description): (&String, &String)| json!({ "name": name, "description": description, "servers": { "server": tagged(name) } });
        self.beside.tags.iter().map(shown).collect()
    }

    fn shown_tag(&self, name: &str, status: StatusCode) -> Outcome {
        let found = self.tags().into_iter().find(|tag| tag["name"] == name);
        Ok(Reply::json(status, "tag", found.ok_or_else(|| nothing("tag", name))?))
    }

    fn create_tag(&mut self, body: &Value) -> Outcome {
        let block = Block::of_body(body, "tag")?;
        let name = block.text("name", ErrorCode::InvalidRequest)?.filter(|name| is_tag(name));
        let name = name.ok_or_else(|| wrong("A tag has a name of 1 to 32 letters, digits and `_`."))?.to_owned();
        if self.beside.tags.contains_key(&name) {
            return Err(wrong(&format!("There is a tag {name} already.")));
        }
        let description = block.text("description", ErrorCode::InvalidRequest)?.unwrap_or_default().to_owned();
        self.beside.tags.insert(name.clone(), description);
        self.tag_servers(&name, block)?;
        self.shown_tag(&name, StatusCode::CREATED)
    }

    fn modify_tag(&mut self, name: &str, body: &Value) -> Outcome {
        let block = Block::of_body(body, "tag")?;
        let description = block.text("description", ErrorCode::InvalidRequest)?.map(str::to_owned);
        let kept = self.beside.tags.get_mut(name).ok_or_else(|| nothing("tag", name))?;
        *kept = description.unwrap_or_else(|| kept.clone());
        let new = block.text("name", ErrorCode::InvalidRequest)?.filter(|new| *new != name);
        if let Some(new) = new {
            self.rename_tag(name, new)?;
        }
        let name = new.unwrap_or(name);
        self.tag_servers(name, block)?;
        self.shown_tag(name, StatusCode::OK)
    }

    fn rename_tag(&mut self, name: &str, new: &str) -> Result<(), Fault> {
        if !is_tag(new) || self.beside.tags.contains_key(new) {
            return Err(Fault::of_attribute(ErrorCode::InvalidRequest, "name", &new.into()));
        }
        let description = self.beside.tags.remove(name).unwrap_or_default();
        self.beside.tags.insert(new.to_owned(), description);
        let tagged =
            self.machines().map(|machine| &machine.view).filter(|view| view.tags.iter().any(|tag| tag == name));
        let tagged: Vec<Uuid> = tagged.map(|view| view.uuid).collect();
        for uuid in tagged {
            self.set_tag(uuid, name, false)?;
            self.set_tag(uuid, new, true)?;
        }
        Ok(())
    }

    /// The servers that a tag names take the place of those that had it.
    fn tag_servers(&mut self, name: &str, block: Block<'_>) -> Result<(), Fault> {
        let Some(named) = block.list("servers", "server", ErrorCode::ServerInvalid)? else { return Ok(()) };
        let named = named.iter().map(|uuid| input::uuid(uuid.as_str().unwrap_or_default(), ErrorCode::ServerInvalid));
        let named = named.collect::<Result<Vec<Uuid>, _>>()?;
        named.iter().try_for_each(|uuid| self.machine(*uuid).map(drop))?;
        let all: Vec<Uuid> = self.machines().map(|machine| machine.view.uuid).collect();
        for uuid in all {
            self.set_tag(uuid, name, named.contains(&uuid))?;
        }
        Ok(())
    }

    fn set_tag(&mut self, uuid: Uuid, name: &str, on: bool) -> Result<(), Fault> {
        let tags = &mut self.machine_mut(uuid)?.view.tags;
        tags.retain(|tag| tag != name);
        if on {
            tags.push(name.to_owned());
        }
        Ok(())
    }

    fn delete_tag(&mut self, name: &str) -> Outcome {
        self.beside.tags.remove(name).ok_or_else(|| nothing("tag", name))?;
        let all: Vec<Uuid> = self.machines().map(|machine| machine.view.uuid).collect();
        all.into_iter().try_for_each(|uuid| self.set_tag(uuid, name, false))?;
        Ok(Reply::empty())
    }

    fn tag(&mut self, uuid: &str, tags: &str, on: bool) -> Outcome {
        let (uuid, _) = self.named(uuid)?;
        for name in tags.split(',') {
            if !self.beside.tags.contains_key(name) {
                return Err(nothing("tag", name));
            }
            self.set_tag(uuid, name, on)?;
        }
        Ok(whole(StatusCode::OK, &self.machine(uuid)?.show()))
    }

    fn rules(&self, uuid: Uuid) -> Vec<Value> {
        let rules = self.beside.firewall.get(&uuid).into_iter().flatten();
        let numbered = |(number, rule): (usize, &Map<String, Value>)| {
            let mut rule = rule.clone();
            rule.insert("position".to_owned(), (number + 1).to_string().into());
            Value::Object(rule)
        };
        rules.enumerate().map(numbered).collect()
    }

    fn firewall(&self, uuid: &str) -> Outcome {
        let (uuid, _) = self.named(uuid)?;
        ok("firewall_rules", json!({ "firewall_rule": self.rules(uuid) }))
    }

    fn replace_firewall(&mut self, uuid: &str, body: &Value) -> Outcome {
        let (uuid, _) = self.named(uuid)?;
        let block = Block::of_body(body, "firewall_rules")?;
        let none = Vec::new();
        let items = block.get("firewall_rule").map_or(Some(&none), Value::as_array);
        let items = items.ok_or_else(|| wrong("firewall_rule is no list."))?;
        let rules = items.iter().map(rule).collect::<Result<Vec<_>, _>>()?;
        self.beside.firewall.insert(uuid, rules);
        Ok(Reply::empty())
    }

    fn add_to_firewall(&mut self, uuid: &str, body: &Value) -> Outcome {
        let (uuid, _) = self.named(uuid)?;
        let new = rule(body.get("firewall_rule").ok_or_else(|| wrong("The body has no firewall_rule."))?)?;
        let rules = self.beside.firewall.entry(uuid).or_default();
        let wanted = new
            .get("position")
            .and_then(|position| position.as_str().map_or_else(|| position.as_u64(), |text| text.parse().ok()));
        let at = wanted.and_then(|position| usize::try_from(position).ok()?.checked_sub(1)).unwrap_or(rules.len());
        let at = at.min(rules.len());
        rules.insert(at, new);
        let shown = self.rules(uuid).swap_remove(at);
        Ok(Reply::json(StatusCode::CREATED, "firewall_rule", shown))
    }

    fn remove_from_firewall(&mut self, uuid: &str, position: &str) -> Outcome {
        let (uuid, _) = self.named(uuid)?;
        let rules = self.beside.firewall.entry(uuid).or_default();
        let at = position.parse::<usize>().ok().and_then(|position| position.checked_sub(1));
        let at = at.filter(|at| *at < rules.len()).ok_or_else(|| nothing("firewall rule", position))?;
        rules.remove(at);
        Ok(Reply::empty())
    }

    fn attach(&mut self, uuid: &str, body: &Value) -> Outcome {
        let (uuid, view) = self.named(uuid)?;
        let (zone, has) = (view.zone.clone(), view.storage_devices.clone());
        self.machine_in(uuid, &[ServerState::Started, ServerState::Stopped])?;
        let mut wanted = body.get("storage_device").and_then(Value::as_object).cloned();
        let wanted = wanted.as_mut().ok_or_else(|| wrong("The body has no storage_device."))?;
        wanted.insert("action".to_owned(), "attach".into());
        let device = self.attached(&Value::Object(wanted.clone()), &zone, has)?;
        let storage = device.storage;
        self.machine_mut(uuid)?.view.storage_devices.push(device);
        self.storages.retain(|free| free.zone.is_none() || Some(free.uuid) != storage);
        Ok(whole(StatusCode::OK, &self.machine(uuid)?.show()))
    }

    fn detach(&mut self, uuid: &str, body: &Value) -> Outcome {
        let (uuid, _) = self.named(uuid)?;
        self.machine_in(uuid, &[ServerState::Started, ServerState::Stopped])?;
        let block = Block::of_body(body, "storage_device")?;
        let address = block.text("address", ErrorCode::StorageDeviceInvalid)?;
        let storage = block.uuid("storage", ErrorCode::StorageInvalid)?;
        let view = &mut self.machine_mut(uuid)?.view;
        let fits = |device: &StorageDevice| {
            address.is_some_and(|address| device.address == address) || (storage.is_some() && device.storage == storage)
        };
        let at = view.storage_devices.iter().position(fits);
        let at = at.ok_or_else(|| nothing("storage device", address.unwrap_or("of this storage")))?;
        let device = view.storage_devices.remove(at);
        if let Some(disk) = device.storage.filter(|_| device.type_ == Some(StorageDeviceType::Disk)) {
            let kept = stored(disk, &device, view);
            self.storages.push(kept);
        }
        Ok(whole(StatusCode::OK, &self.machine(uuid)?.show()))
    }

    fn load_cdrom(&mut self, uuid: &str, body: &Value) -> Outcome {
        let (uuid, _) = self.named(uuid)?;
        let block = Block::of_body(body, "storage_device")?;
        let storage = block.uuid("storage", ErrorCode::StorageInvalid)?.ok_or(ErrorCode::StorageMissing)?;
        let found = self.find_storage(&storage.to_string())?.storage;
        if found.type_ != Some(StorageType::Cdrom) {
            return Err(ErrorCode::StorageTypeIllegal.into());
        }
        let drive = self.drive(uuid)?;
        (drive.storage, drive.storage_size) = (Some(storage), found.size);
        drive.storage_title = Some(found.title);
        Ok(whole(StatusCode::OK, &self.machine(uuid)?.show()))
    }

    fn eject_cdrom(&mut self, uuid: &str) -> Outcome {
        let (uuid, _) = self.named(uuid)?;
        let drive = self.drive(uuid)?;
        (drive.storage, drive.storage_size, drive.storage_title) = (None, Some(0), Some(String::new()));
        Ok(whole(StatusCode::OK, &self.machine(uuid)?.show()))
    }

    fn drive(&mut self, uuid: Uuid) -> Result<&mut StorageDevice, Fault> {
        let devices = &mut self.machine_mut(uuid)?.view.storage_devices;
        let drive = devices.iter_mut().find(|device| device.type_ == Some(StorageDeviceType::Cdrom));
        drive.ok_or_else(|| nothing("CD-ROM device", "of the server"))
    }
}

/// Clients send `null` for what a program has not set.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

fn nothing(what: &str, name: &str) -> Fault {
    Fault::because(ErrorCode::ResourceNotFound, format!("There is no {what} {name}."))
}

/// A switch as these endpoints write it.
fn switch(on: Option<bool>) -> &'static str {
    if on == Some(true) { "yes" } else { "no" }
}

fn is_tag(name: &str) -> bool {
    (1..=32).contains(&name.len()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A rule has a direction and an action; what else is in it is kept as it came.
fn rule(value: &Value) -> Result<Map<String, Value>, Fault> {
    let rule = value.as_object().ok_or_else(|| wrong("A firewall rule is no object."))?;
    for (name, known) in [("direction", ["in", "out", "in"]), ("action", ["accept", "drop", "reject"])] {
        let word = rule.get(name).and_then(Value::as_str);
        if !word.is_some_and(|word| known.contains(&word)) {
            return Err(wrong(&format!("The {name} of a firewall rule is none of {}.", known.join(", "))));
        }
    }
    Ok(rule.clone())
}

/// The storage of a device of a server.
fn stored(uuid: Uuid, device: &StorageDevice, server: &Server) -> Storage {
    let tier = device.storage_tier.clone().unwrap_or(StorageTier::Hdd);
    let (title, size) = (device.storage_title.clone().unwrap_or_default(), device.storage_size.unwrap_or_default());
    let mut storage = catalog::detached(uuid, title, size, tier, server.zone.clone());
    storage.labels.clone_from(&device.labels);
    storage.encrypted = device.storage_encrypted;
    if server.state == ServerState::Maintenance {
        storage.state = Some(StorageState::Maintenance);
    }
    storage
}

fn listed(storage: &Storage) -> Value {
    let mut value = to_json(storage);
    if let Some(members) = value.as_object_mut() {
        members.entry("encrypted").or_insert_with(|| "no".into());
        members.entry("part_of_plan").or_insert_with(|| "no".into());
        members.entry("labels").or_insert_with(|| json!([]));
    }
    value
}

fn detailed(held: &Held) -> Value {
    let mut value = listed(&held.storage);
    if let Some(members) = value.as_object_mut() {
        members.insert("backup_rule".to_owned(), "".into());
        members.insert("backups".to_owned(), json!({ "backup": [] }));
        members.insert("servers".to_owned(), json!({ "server": held.servers }));
    }
    value
}

fn account() -> Value {
    json!({
        "credits": 10_000.0,
        "username": "fake",
        "resource_limits": {
            "cores": 1000, "detached_floating_ips": 10, "gpus": 10, "load_balancers": 50, "managed_object_storages": 20,
            "memory": 4_096_000, "network_peerings": 100, "networks": 100, "public_ipv4": 1000, "public_ipv6": 1000,
            "storage_hdd": 102_400, "storage_maxiops": 102_400, "storage_ssd": 102_400,
        },
    })
}

/// Made up, and the same everywhere.
fn prices() -> Value {
    let price = |amount: u64, price: f64| json!({ "amount": amount, "price": price });
    let zone = |name: &str| {
        json!({
            "name": name,
            "server_core": price(1, 1.0),
            "server_memory": price(256, 0.5),
            "storage_hdd": price(1, 0.01),
            "storage_maxiops": price(1, 0.03),
            "public_ipv4_bandwidth_out": price(1, 0.0),
        })
    };
    json!({ "zone": catalog::zone_names().map(zone).collect::<Vec<_>>() })
}
