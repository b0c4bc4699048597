//! A server's whole life: created from a template, watched, stopped, refused once, deleted. On the built-in fake unless
//! told otherwise, so it needs no account and costs nothing.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people talks to the terminal")]

use std::{io::Write as _, time::Duration};

use upcloud::{
    Client, CreateServer, Error, ErrorCode, Server, ServerState, StopMode,
    fake::{Fake, Timing},
};

const HELP: &str = "\
Takes a server through its life: create, wait, stop, a refused mistake, delete.

usage: cargo run --example quickstart [-- --live ZONE PLAN]

  (nothing)          runs on the built-in fake: no account, no network, no cost
  --live ZONE PLAN   runs on a REAL account and creates a REAL server that costs credits until it is deleted; the
                     credentials come from UPCLOUD_TOKEN, or UPCLOUD_USERNAME and UPCLOUD_PASSWORD
  --help             this text";

#[tokio::main]
async fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => {
            let fake = Fake::builder().timing(Timing::Polls(3)).start().await;
            println!("Running on the built-in fake at {}: no account, no cost.\n", fake.base_url());
            life(&fake.client(), "de-fra1", "1xCPU-1GB").await
        }
        ["--live", zone, plan] => {
            println!(
                "Running on a REAL account: a real server ({plan} in {zone}) is created now and deleted at the end."
            );
            println!("Starting in 10 seconds; Ctrl-C stops it.\n");
            tokio::time::sleep(Duration::from_secs(10)).await;
            life(&Client::from_env()?, zone, plan).await
        }
        ["--help" | "-h"] => {
            println!("{HELP}");
            Ok(())
        }
        other => {
            eprintln!("quickstart does not understand {:?}\n\n{HELP}", other.join(" "));
            std::process::exit(2);
        }
    }
}

async fn life(upcloud: &Client, zone: &str, plan: &str) -> Result<(), Error> {
    println!("1. Choose a template");
    let templates = upcloud.catalog().templates().await?;
    let template =
        templates.iter().find(|t| t.is_cloud_init()).or(templates.first()).expect("a template to start from");
    println!("   {} ({})", template.title, template.uuid);

    println!("2. Create a server from it");
    let wanted = CreateServer::from_template("quickstart.example.net", zone, template.uuid)
        .plan(plan)
        .metadata(true)
        .ssh_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLE quickstart")
        .label("example", "quickstart");
    let created = upcloud.servers().create(wanted).await?;
    println!("   {} is {}", created.uuid, created.state);

    let result = watched(upcloud, &created).await;
    if result.is_err() {
        println!("   Something failed, so the server is removed before the error is shown.");
        remove(upcloud, &created).await?;
    }
    result
}

async fn watched(upcloud: &Client, created: &Server) -> Result<(), Error> {
    let servers = upcloud.servers();

    println!("3. Wait until it runs");
    let server = servers.wait_until(created.uuid, ServerState::Started).on_update(show).await?;
    let (cores, memory) = (server.core_number.unwrap_or_default(), server.memory_amount.unwrap_or_default());
    println!("\n   {} runs with {cores} core(s) and {memory} MB", server.hostname);
    for address in &server.ip_addresses {
        println!("   {}", address.address);
    }

    println!("4. Find it by its label");
    let found = servers.list().label("example", "quickstart").await?;
    println!("   {} server(s) with example=quickstart", found.len());

    println!("5. Make a mistake: start it although it runs");
    match servers.start(server.uuid).await {
        Err(error) if error.code() == Some(&ErrorCode::ServerStateIllegal) => {
            println!("   Refused, as it should be: {error}");
            println!(
                "   Nothing happened: {}; waiting may help: {}",
                !error.may_have_taken_effect(),
                error.is_transient()
            );
        }
        Err(error) => return Err(error),
        Ok(_) => println!("   Accepted, which is a surprise."),
    }

    println!("6. Stop it");
    let answer = servers.stop(server.uuid, StopMode::SoftThenHard(Duration::from_secs(60))).await?;
    println!("   Still {} in the answer; it is down when the guest is.", answer.state);
    servers.wait_until(server.uuid, ServerState::Stopped).on_update(show).await?;
    println!("\n   It is stopped.");

    println!("7. Delete it with its disk");
    servers.delete(server.uuid).with_storages().await?;
    println!("   Gone.");
    Ok(())
}

/// One line that grows while the wait goes on.
fn show(server: &Server) {
    let progress = server.progress.map_or(String::new(), |percent| format!(" {percent} %"));
    print!("   [{}{progress}]", server.state);
    std::io::stdout().flush().ok();
}

async fn remove(upcloud: &Client, server: &Server) -> Result<(), Error> {
    let servers = upcloud.servers();
    let mut state = servers.get(server.uuid).await?.state;
    if state == ServerState::Maintenance {
        state = servers.wait_until(server.uuid, ServerState::Started).await?.state;
    }
    if state == ServerState::Started {
        servers.stop(server.uuid, StopMode::Hard).await?;
        servers.wait_until(server.uuid, ServerState::Stopped).await?;
    }
    servers.delete(server.uuid).with_storages().await
}
