//! Where the examples run: on the built-in fake, unless `--live` says to use a real account.

#![allow(dead_code, reason = "no example needs all of it")]

use std::{process::exit, time::Duration};

use upcloud::{
    Client, Error,
    fake::{Fake, FakeBuilder},
};

/// An API to run on, and what to order there.
pub struct Place {
    pub upcloud: Client,
    /// `None` on a real account.
    pub fake: Option<Fake>,
    pub zone: String,
    pub plan: String,
}

/// Reads the command line of an example: what it `does`, in one sentence, and what it `costs` on a real account. The fake is
/// started as `fake` says.
pub async fn open(does: &str, costs: &str, fake: FakeBuilder) -> Result<Place, Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => {
            let fake = fake.start().await;
            println!("On the built-in fake at {}: no account, no cost.", fake.base_url());
            let (zone, plan) = ("de-fra1".to_owned(), "1xCPU-1GB".to_owned());
            Ok(Place { upcloud: fake.client(), fake: Some(fake), zone, plan })
        }
        ["--live", zone, plan] => {
            println!("On a REAL account. {costs}\nStarting in 10 seconds; Ctrl-C stops it.");
            tokio::time::sleep(Duration::from_secs(10)).await;
            Ok(Place { upcloud: Client::from_env()?, fake: None, zone: (*zone).to_owned(), plan: (*plan).to_owned() })
        }
        ["--help" | "-h"] => {
            println!("{}", help(does, costs));
            exit(0);
        }
        other => {
            eprintln!("this example does not understand `{}`\n\n{}", other.join(" "), help(does, costs));
            exit(2);
        }
    }
}

fn help(does: &str, costs: &str) -> String {
    format!(
        "{does}

  (nothing)          runs on the built-in fake: no account, no network, no cost
  --live ZONE PLAN   runs on a REAL account: {costs} The credentials come from UPCLOUD_TOKEN, or UPCLOUD_USERNAME and
                     UPCLOUD_PASSWORD
  --help             this text"
    )
}
