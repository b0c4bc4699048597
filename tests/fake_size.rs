//! A hundred thousand servers in one fake: how much work a filtered list is, and what they weigh.

#![cfg(target_os = "linux")]
#![allow(clippy::print_stdout, reason = "what was measured is told")]

use std::{fs, time::Duration};

use upcloud::fake::{Fake, ServerSeed};

const SERVERS: usize = 100_000;

/// The memory of this process, in MiB.
fn memory() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line for it");
    line.split_whitespace().next().and_then(|number| number.parse::<usize>().ok()).expect("a number") / 1024
}

/// The work that was done since `begin`.
fn since(begin: Duration) -> Duration {
    work().saturating_sub(begin)
}

/// The work that all threads of this process have done; unlike the time by the clock it does not tell what else the machine
/// does. Linux counts it in hundredths of a second.
fn work() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux tells");
    // The name of the process, which may have anything in it, ends at the last parenthesis.
    let (_, fields) = stat.rsplit_once(')').expect("a name");
    let times = fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().expect("a number"));
    Duration::from_millis(10 * times.sum::<u64>())
}

#[test]
fn a_hundred_thousand_servers() {
    let fake = Fake::builder().keep_requests(0).start_blocking();
    let before = memory();
    let begin = work();
    fake.fill(SERVERS);
    println!(
        "{SERVERS} servers: filled with {:.1?} of work, {} MiB of memory",
        since(begin),
        memory().saturating_sub(before)
    );
    for number in 0..10 {
        fake.add_server(ServerSeed::new(format!("needle-{number}")).label("role", "needle"));
    }

    let servers = fake.client().servers();
    fake.block_on(servers.list().limit(1)).expect("a connection is open");
    let begin = work();
    let found = fake.block_on(servers.list().label("role", "needle")).expect("a list");
    let rare = since(begin);
    assert_eq!(found.len(), 10);
    let begin = work();
    let found = fake.block_on(servers.list().label("env", "prod").limit(100)).expect("a list");
    let page = since(begin);
    assert_eq!(found.len(), 100);
    println!(
        "a list with a label filter: {rare:.1?} for 10 of them, {page:.1?} for the first 100 of the half that fits"
    );
    let begin = work();
    let found = fake.block_on(servers.list().label("env", "prod")).expect("a list");
    println!("{:.1?} for all {} of that half, read by the client as well", since(begin), found.len());
    assert!(rare < Duration::from_secs(1) && page < Duration::from_secs(1), "{rare:?} {page:?}");
}
