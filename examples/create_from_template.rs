//! A first server: a cloud-init template that is looked up, a key, and the address to connect to.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people talks to the terminal")]

mod common;

use upcloud::{
    CreateServer, Error, Server, Servers,
    fake::{Fake, Timing},
    types::BackupDeletion,
};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLE ops";
const SCRIPT: &str = "#cloud-config\npackages: [nginx]\n";

#[tokio::main]
async fn main() -> Result<(), Error> {
    let does = "Creates a server from a cloud-init template, and says where to connect to.";
    let costs = "One server is created, and deleted at the end.";
    let place = common::open(does, costs, Fake::builder().timing(Timing::Polls(2))).await?;
    let templates = place.upcloud.catalog().templates().await?;
    let template = templates.iter().find(|template| template.is_cloud_init()).expect("a cloud-init template");

    // The template itself says that it needs metadata, so it is switched on.
    let wanted = CreateServer::from_template("first.example.net", &place.zone, template)
        .plan(&place.plan)
        .username("deploy")
        .ssh_key(KEY)
        .user_data(SCRIPT)
        .label("example", "first");
    let servers = place.upcloud.servers();
    let server = servers.create(wanted).and_wait().await?;
    let result = greet(&servers, &server).await;
    servers.ensure_deleted(server.uuid, Some(BackupDeletion::Delete)).await?;
    println!("deleted");
    result
}

async fn greet(servers: &Servers, server: &Server) -> Result<(), Error> {
    println!("{} is {}", server.hostname, server.state);
    match server.address() {
        Some(address) => println!("ssh deploy@{address}"),
        None => println!("it has no address"),
    }
    // Another program finds it by what it knows of it.
    let found = servers.find().hostname("first.example.net").label("example", "first").one().await?;
    println!("found again: {}", found.uuid == server.uuid);
    Ok(())
}
