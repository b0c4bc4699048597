//! Another size for a server: hot where the server allows it, with a stop where that is needed and allowed.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people talks to the terminal")]

mod common;

use std::time::Duration;

use upcloud::{
    CreateServer, Error, Server, Servers, StopMode,
    fake::{Fake, Timing},
    types::BackupDeletion,
};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let does = "Gives a server a larger and then again its smaller size.";
    let costs = "One server is created, runs with four cores for a while, and is deleted at the end.";
    let place = common::open(does, costs, Fake::builder().timing(Timing::Polls(2))).await?;
    let servers = place.upcloud.servers();
    let template = place.upcloud.catalog().templates().await?[0].uuid;
    let wanted =
        CreateServer::from_template("resize.example.net", &place.zone, template).plan(&place.plan).metadata(true);
    let wanted = wanted.ssh_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLE resize");
    let server = servers.create(wanted).and_wait().await?;
    show("created", &server);

    let result = there_and_back(&servers, &server, &place.plan).await;
    servers.ensure_deleted(server.uuid, Some(BackupDeletion::Delete)).await?;
    println!("deleted");
    result
}

async fn there_and_back(servers: &Servers, server: &Server, plan: &str) -> Result<(), Error> {
    // More can be had while it runs, if the server is made for it.
    let larger = servers.resize(server.uuid, "4xCPU-8GB");
    match larger.await {
        Ok(server) => show("larger, without a stop", &server),
        Err(error) if error.needs_stop() => println!("a stop is needed: {error}"),
        Err(error) => return Err(error),
    }
    // Less needs a stop, and a stop needs leave.
    match servers.resize(server.uuid, plan).await {
        Err(error) if error.needs_stop() => println!("refused without leave to stop"),
        other => drop(other?),
    }
    let gently = StopMode::SoftThenHard(Duration::from_secs(120));
    let mut last = None;
    let resize = servers.resize(server.uuid, plan).allow_stop(gently).on_update(move |server| {
        if last.as_ref() != Some(&server.state) {
            println!("  {}", server.state);
            last = Some(server.state.clone());
        }
    });
    show("smaller, with a stop", &resize.await?);
    Ok(())
}

fn show(what: &str, server: &Server) {
    println!("{what}: {} is {} with {}", server.hostname, server.state, server.plan.as_deref().unwrap_or("no plan"));
}
