//! What a server learns about itself: the metadata service, asked from inside. On the fake it stands at another address.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people talks to the terminal")]

mod common;

use upcloud::{
    Error, MetadataClient,
    fake::{Fake, ServerSeed},
};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let does = "Reads the metadata of a server, as a program on it would.";
    let costs = "Nothing is created: it has to run on an UpCloud server.";
    let place = common::open(does, costs, Fake::builder()).await?;
    let service = match &place.fake {
        Some(fake) => {
            let uuid = fake.add_server(ServerSeed::new("web-1.example.net").metadata());
            fake.metadata_for(uuid);
            MetadataClient::builder().base_url(fake.base_url()).build()?
        }
        None => MetadataClient::new()?,
    };
    if !service.is_available().await {
        println!("There is no metadata service: this is no UpCloud server, or its metadata is switched off.");
        return Ok(());
    }
    let metadata = service.get().await?;
    println!("{} in {}", metadata.hostname, metadata.region);
    println!("id {}", metadata.instance_id);
    println!("hostname, asked for by itself: {}", service.field("hostname").await?);
    for name in service.folder("network/interfaces/").await? {
        println!("interface {name}");
    }
    Ok(())
}
