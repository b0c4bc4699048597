//! An endpoint outside the chapter, with types of one's own and the errors of the crate.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people talks to the terminal")]

mod common;

use serde::Deserialize;
use upcloud::{
    Error,
    calls::Operation,
    fake::{CannedResponse, Fake},
    types::Method,
};

#[derive(Debug, Deserialize)]
struct Prices {
    prices: Zones,
}

#[derive(Debug, Deserialize)]
struct Zones {
    zone: Vec<Zone>,
}

#[derive(Debug, Deserialize)]
struct Zone {
    name: String,
    server_core: Option<Price>,
}

#[derive(Debug, Deserialize)]
struct Price {
    amount: f64,
    price: f64,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let does = "Reads the prices, which are in another chapter of the API.";
    let place = common::open(does, "Nothing is created: it only reads.", Fake::builder()).await?;
    if let Some(fake) = &place.fake {
        // What a fake does not have, a test orders.
        let prices = serde_json::json!({ "prices": { "zone": [
            { "name": "de-fra1", "server_core": { "amount": 1, "price": 1.3 } },
            { "name": "fi-hel1" },
        ] } });
        fake.answer_next(None::<Operation>, CannedResponse::json(200, &prices));
    }
    let answer: Prices = place.upcloud.endpoint(Method::GET, "/price").decode().await?;
    for zone in answer.prices.zone {
        match zone.server_core {
            Some(price) => println!("{}: {} for {} core(s)", zone.name, price.price, price.amount),
            None => println!("{}: no price", zone.name),
        }
    }
    Ok(())
}
