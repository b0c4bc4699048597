//! A hundred thousand servers in one fake: how long a filtered list takes, and what they weigh.

#![cfg(target_os = "linux")]
#![allow(clippy::print_stdout, reason = "what was measured is told")]

use std::{
    fs,
    time::{Duration, Instant},
};

use upcloud::fake::{AddServer, Fake};

const SERVERS: usize = 100_000;

/// The memory of this process, in MiB.
fn memory() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line for it");
    line.split_whitespace().next().and_then(|number| number.parse::<usize>().ok()).expect("a number") / 1024
}

#[test]
fn a_hundred_thousand_servers() {
    let fake = Fake::builder().keep_requests(0).start_blocking();
    let before = memory();
    let begin = Instant::now();
    fake.fill(SERVERS);
    println!("{SERVERS} servers: filled in {:.1?}, {} MiB of memory", begin.elapsed(), memory() - before);
    for number in 0..10 {
        fake.add_server(AddServer::new(format!("needle-{number}")).label("role", "needle"));
    }

    let servers = fake.client().servers();
    fake.block_on(servers.list().limit(1)).expect("a connection is open");
    let begin = Instant::now();
    let found = fake.block_on(servers.list().label("role", "needle")).expect("a list");
    let rare = begin.elapsed();
    assert_eq!(found.len(), 10);
    let begin = Instant::now();
    let found = fake.block_on(servers.list().label("env", "prod").limit(100)).expect("a list");
    let page = begin.elapsed();
    assert_eq!(found.len(), 100);
    println!(
        "a list with a label filter: {rare:.1?} for 10 of them, {page:.1?} for the first 100 of the half that fits"
    );
    let begin = Instant::now();
    let found = fake.block_on(servers.list().label("env", "prod")).expect("a list");
    println!("{:.1?} for all {} of that half, read by the client as well", begin.elapsed(), found.len());
    assert!(rare < Duration::from_secs(1) && page < Duration::from_secs(1), "{rare:?} {page:?}");
}
