//! Network settings of one's own: a company's CA, a proxy, limits of time, and what is told of each attempt.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people talks to the terminal")]

mod common;

use std::{env, fs, time::Duration};

use upcloud::{ClientBuilder, fake::Fake};

/// What a company's machines need, from variables of their own.
fn settings(mut builder: ClientBuilder) -> Result<ClientBuilder, Box<dyn std::error::Error>> {
    if let Some(path) = env::var_os("COMPANY_CA") {
        builder = builder.root_certificate(fs::read(path)?);
    }
    if let Ok(proxy) = env::var("COMPANY_PROXY") {
        builder = builder.proxy(proxy);
    }
    Ok(builder
        .user_agent("inventory/1.0")
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(60))
        .attempt_bodies(true)
        .on_attempt(|attempt| {
            let status = attempt.status().map_or("no answer".to_owned(), |status| status.as_u16().to_string());
            let template = attempt.url_template().unwrap_or_default();
            println!("attempt {}: {} {template} {status}", attempt.number(), attempt.method());
            let body = attempt.response_body().unwrap_or_default();
            println!("  {}", body.chars().take(60).collect::<String>());
        }))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let does = "Lists zones through a network with settings of its own.";
    let place = common::open(does, "Nothing is created: it only reads.", Fake::builder()).await?;
    let builder = match &place.fake {
        Some(fake) => fake.client_builder(),
        None => upcloud::Client::builder(),
    };
    let upcloud = settings(builder)?.build()?;
    println!("{} zones", upcloud.catalog().zones().await?.len());
    Ok(())
}
