//! A create whose answer is lost: the server is there, and nobody was told. It is found, and not created a second time.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people talks to the terminal")]

mod common;

use std::time::Duration;

use upcloud::{
    CreateServer, Error,
    calls::Operation,
    fake::{CannedResponse, Fake},
    types::BackupDeletion,
};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let does = "Loses the answer to a create, and finds the server that was made.";
    let costs = "One server is created, and deleted at the end.";
    let place = common::open(does, costs, Fake::builder()).await?;
    if let Some(fake) = &place.fake {
        // Carried out at once, answered too late.
        fake.answer_next(Operation::CreateServer, CannedResponse::late(Duration::from_secs(5)));
    }
    let servers = place.upcloud.servers();
    let template = place.upcloud.catalog().templates().await?[0].uuid;
    let wanted =
        CreateServer::from_template("lost.example.net", &place.zone, template).plan(&place.plan).metadata(true);
    let wanted = wanted.ssh_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLE lost");
    // A label with a value of its own tells this create from every other.
    let create = servers.create(wanted).traceable().attempt_timeout(Duration::from_secs(2));
    let server = match create.await {
        Ok(server) => Some(server),
        Err(error) if error.is_lost_create() => {
            println!("Lost: {error}");
            servers.find_lost(&error).await?
        }
        Err(error) => return Err(error),
    };
    match server {
        Some(server) => {
            println!("It was made: {} is {}", server.hostname, server.state);
            servers.ensure_deleted(server.uuid, Some(BackupDeletion::Delete)).await?;
            println!("Deleted. Servers of this name: {}", named(&place.upcloud, "lost.example.net").await?);
        }
        None => println!("Nothing was made, so it may be created again."),
    }
    Ok(())
}

async fn named(upcloud: &upcloud::Client, hostname: &str) -> Result<usize, Error> {
    Ok(upcloud.servers().list().await?.iter().filter(|server| server.hostname == hostname).count())
}
