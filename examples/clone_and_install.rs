//! Servers that begin otherwise: as the copy of a disk, from an installation CD-ROM, and in a private network.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people talks to the terminal")]

mod common;

use upcloud::{
    CreateServer, Error, Servers,
    fake::{Fake, Timing},
    types::{BackupDeletion, CreateInterface, Uuid},
};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLE ops";

#[tokio::main]
async fn main() -> Result<(), Error> {
    let does = "Clones a disk, installs from a CD-ROM, and joins a private network.";
    let costs = "Three servers are created, and deleted at the end.";
    let place = common::open(does, costs, Fake::builder().timing(Timing::Polls(2))).await?;
    let mut made = Vec::new();
    let result = all(&place, &mut made).await;
    for uuid in made {
        place.upcloud.servers().ensure_deleted(uuid, Some(BackupDeletion::Delete)).await?;
    }
    println!("deleted");
    result
}

async fn all(place: &common::Place, made: &mut Vec<Uuid>) -> Result<(), Error> {
    let (servers, catalog) = (place.upcloud.servers(), place.upcloud.catalog());
    let templates = catalog.templates().await?;
    let template = templates.first().expect("a template");
    let original = CreateServer::from_template("original.example.net", &place.zone, template).plan(&place.plan);
    let original = servers.create(original.metadata(true).ssh_key(KEY)).await?;
    made.push(original.uuid);

    // Its disk is not ready yet, which the create waits for.
    let disk = original.storage_devices[0].storage.expect("a disk");
    let twin = CreateServer::clone_of("twin.example.net", &place.zone, disk).plan(&place.plan);
    // In a network of its own beside the usual ones, where one is there to join.
    let network = private_network(&servers).await?;
    let twin = match network {
        Some(network) => twin.with_default_interfaces().interface(CreateInterface::private(network)),
        None => twin,
    };
    let twin = servers.create(twin).when_ready().and_wait().await?;
    made.push(twin.uuid);
    println!("{} is {}, with {} interfaces", twin.hostname, twin.state, twin.interfaces().len());

    let cdroms = catalog.cdroms().await?;
    let cdrom = cdroms.first().expect("an installation CD-ROM");
    let bare = CreateServer::from_scratch("bare.example.net", &place.zone, 30, cdrom.uuid).plan(&place.plan);
    let bare = servers.create(bare.remote_access(true)).and_wait().await?;
    made.push(bare.uuid);
    let console = bare.remote_access_host.as_deref().unwrap_or("nowhere");
    println!("{} is {}; install it over {console}:{}", bare.hostname, bare.state, bare.remote_access_port.unwrap_or(0));
    Ok(())
}

/// The first private network that any server of the account is in.
async fn private_network(servers: &Servers) -> Result<Option<Uuid>, Error> {
    for server in servers.list().await? {
        let server = servers.get(server.uuid).await?;
        let private = server.interfaces().iter().find(|interface| {
            interface.type_.as_ref().is_some_and(|kind| *kind == upcloud::types::NetworkType::Private)
        });
        if let Some(network) = private.and_then(|interface| interface.network) {
            return Ok(Some(network));
        }
    }
    Ok(None)
}
