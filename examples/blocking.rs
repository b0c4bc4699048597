//! Without async: a runtime makes a blocking call of each call.

#![allow(clippy::print_stdout, reason = "a program for people talks to the terminal")]

use upcloud::{Client, fake::Fake};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // On an account: `let upcloud = Client::from_env()?;`
    let fake = Fake::start_blocking();
    fake.fill(3);
    let upcloud: Client = fake.client();

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for server in runtime.block_on(upcloud.servers().list())? {
        println!("{} is {}", server.hostname, server.state);
    }
    Ok(())
}
