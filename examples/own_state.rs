//! A program that keeps in a file of its own which servers it has made, and finds what has changed since. Its tests run on the
//! fake, with a mock where the service shall say something odd.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people talks to the terminal")]

mod common;

use std::{collections::BTreeMap, fs, io, path::Path};

use serde::{Deserialize, Serialize};
use upcloud::{
    Client, Error, Server, Servers,
    fake::{Fake, ServerSeed},
    types::{Exposed, Uuid},
};

/// What the program knows of its servers.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Inventory {
    servers: BTreeMap<Uuid, Server>,
}

impl Inventory {
    fn read(path: &Path) -> io::Result<Self> {
        match fs::read_to_string(path) {
            Ok(text) => Ok(serde_json::from_str(&text)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// With the one-time passwords, because this file is where they are kept. Without `Exposed` they would be `[redacted]`.
    fn write(&self, path: &Path) -> io::Result<()> {
        fs::write(path, serde_json::to_string_pretty(&Exposed(self))?)
    }

    /// What is not as it was, in words.
    async fn changes(&self, servers: &Servers) -> Result<Vec<String>, Error> {
        let now: BTreeMap<_, _> = servers.list().await?.into_iter().map(|server| (server.uuid, server)).collect();
        let told = self.servers.iter().filter_map(|(uuid, kept)| match now.get(uuid) {
            None => Some(format!("{} is gone", kept.hostname)),
            Some(server) if server.title != kept.title => Some(format!("{} is now {:?}", kept.hostname, server.title)),
            Some(_) => None,
        });
        Ok(told.collect())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let does = "Keeps servers in a file, and tells what has changed since.";
    let place = common::open(does, "Nothing is created: it only reads.", Fake::builder()).await?;
    let path = std::env::temp_dir().join(format!("upcloud-inventory-{}.json", std::process::id()));
    if let Some(fake) = &place.fake {
        fake.add_server(ServerSeed::new("web-1.example.net"));
        fake.add_server(ServerSeed::new("web-2.example.net"));
    }
    let mut inventory = Inventory::read(&path)?;
    for server in place.upcloud.servers().list().await? {
        let server = place.upcloud.servers().get(server.uuid).await?;
        inventory.servers.insert(server.uuid, server);
    }
    inventory.write(&path)?;
    println!("{} servers are kept.", inventory.servers.len());

    if let Some(fake) = &place.fake {
        meddle(&fake.client(), &inventory).await?;
    }
    let changes = Inventory::read(&path)?.changes(&place.upcloud.servers()).await?;
    for change in &changes {
        println!("{change}");
    }
    println!("{} changes.", changes.len());
    fs::remove_file(&path)?;
    Ok(())
}

/// Somebody else is at work too.
async fn meddle(upcloud: &Client, inventory: &Inventory) -> Result<(), Error> {
    let mut uuids = inventory.servers.values().map(|server| server.uuid);
    let (Some(first), Some(second)) = (uuids.next(), uuids.next()) else { return Ok(()) };
    upcloud.servers().modify(first, upcloud::ModifyServer::default().title("Renamed")).await?;
    upcloud.servers().ensure_deleted(second, None).await
}

#[cfg(test)]
mod tests {
    use upcloud::calls::Operation;

    use super::*;

    #[tokio::test]
    async fn what_is_kept_is_read_again() {
        let fake = Fake::start().await;
        let uuid = fake.add_server("web-1.example.net");
        let server = fake.client().servers().get(uuid).await.expect("a server");
        let path = std::env::temp_dir().join(format!("upcloud-inventory-test-{}.json", std::process::id()));
        Inventory { servers: [(uuid, server.clone())].into() }.write(&path).expect("a file");
        assert_eq!(Inventory::read(&path).expect("the file").servers[&uuid], server);
        fs::remove_file(&path).expect("the file");
        assert!(Inventory::read(&path).expect("no file is no servers").servers.is_empty());
    }

    #[tokio::test]
    async fn what_the_service_does_not_tell_is_gone() {
        let fake = Fake::start().await;
        let uuid = fake.add_server("web-1.example.net");
        let server = fake.client().servers().get(uuid).await.expect("a server");
        let inventory = Inventory { servers: [(uuid, server)].into() };
        assert_eq!(inventory.changes(&fake.client().servers()).await.expect("an answer"), [""; 0]);
        let mock = fake.mock_operation(Operation::ListServers, |_, then| {
            then.status(200).header("Content-Type", "application/json").body(r#"{"servers": {"server": []}}"#);
        });
        let changes = inventory.changes(&fake.client().servers()).await.expect("an answer");
        assert_eq!(changes, ["web-1.example.net is gone"]);
        mock.assert_calls(1);
    }
}
