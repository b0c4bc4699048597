//! Ten thousand calls through a network that fails in every way: no create is applied twice, no call outlives its deadline,
//! every failure is a typed error that tells the truth, nothing hangs, memory does not grow, and what a lost create has made
//! is found. The faults follow a seed.

#![allow(clippy::print_stdout, reason = "the counts are printed")]

mod bad_network;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use bad_network::{BadNetwork, Fault, Made};
use tokio::{task::JoinSet, time::sleep};
use upcloud::{
    Client, CreateServer, Error, ModifyServer, RetryPolicy, StopMode,
    types::{CreateServerGroup, ModifyServerGroup},
};
use uuid::Uuid;

const CALLS: u64 = 10_000;
const AT_ONCE: u64 = 64;
/// Two stalls are longer than a call may take, so that the deadline has something to do.
const TOTAL: Duration = Duration::from_millis(400);
const ATTEMPT: Duration = Duration::from_millis(250);
/// What a call may take beyond its deadline, in addition to what the machine itself was seen to be late.
const SLACK: Duration = Duration::from_millis(50);
/// So many lost creates of each kind are looked for.
const LOOKED_FOR: usize = 30;

/// What became of one call.
struct Outcome {
    number: u64,
    result: Result<(), Error>,
    elapsed: Duration,
}

/// The kinds of calls take turns.
async fn one(client: Client, number: u64) -> Outcome {
    let begin = Instant::now();
    let (servers, groups, nil) = (client.servers(), client.server_groups(), Uuid::nil());
    let server = || CreateServer::from_template(name(number), "de-fra1", nil);
    let group = || CreateServerGroup::titled(name(number)).servers([Uuid::from_u128(u128::from(number))]);
    let result = match number % 16 {
        0 => servers.create(server()).traceable().await.map(drop),
        1 => servers.create(server()).await.map(drop),
        2 => groups.create(group()).traceable().await.map(drop),
        3 => groups.create(group()).await.map(drop),
        4 => servers.list().await.map(drop),
        5 => servers.get(nil).await.map(drop),
        6 => servers.delete(nil).await,
        7 => servers.start(nil).await.map(drop),
        8 => servers.stop(nil, StopMode::Hard).await.map(drop),
        9 => servers.modify(nil, ModifyServer::default().title("new")).await.map(drop),
        10 => groups.modify(nil, ModifyServerGroup::default().title("new")).await.map(drop),
        11 => groups.add_server(nil, nil).await,
        12 => groups.remove_server(nil, nil).await,
        13 => groups.list().await.map(drop),
        14 => groups.servers(nil).await.map(drop),
        _ => groups.delete(nil).await,
    };
    Outcome { number, result, elapsed: begin.elapsed() }
}

fn name(number: u64) -> String {
    format!("host-{number}.example.net")
}

/// One word for an error; every one has to have one.
fn kind(error: &Error) -> String {
    assert!(error.operation().is_some() && error.attempts() > 0 && error.elapsed() > Duration::ZERO, "{error:?}");
    match error.status() {
        _ if error.is_connect() => "no connection".to_owned(),
        _ if error.is_timeout() => "time limit".to_owned(),
        _ if error.is_decode() => "not understood".to_owned(),
        Some(status) if status.is_success() => "cut off".to_owned(),
        Some(status) => format!("status {}", status.as_u16()),
        None if error.is_transient() || error.may_have_taken_effect() => "broken".to_owned(),
        None => panic!("an error of no kind: {error:?}"),
    }
}

fn resident_kilobytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    text.split(' ').nth(1)?.parse::<u64>().ok().map(|pages| pages * 4)
}

/// By how much the machine itself is late, found out by short sleeps as long as it is wanted.
struct Lateness {
    worst: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
}

impl Lateness {
    fn watch() -> Self {
        let this = Self { worst: Arc::default(), over: Arc::default() };
        let (worst, over) = (Arc::clone(&this.worst), Arc::clone(&this.over));
        tokio::spawn(async move {
            let nap = Duration::from_millis(5);
            while !over.load(Relaxed) {
                let begin = Instant::now();
                sleep(nap).await;
                let late = begin.elapsed().saturating_sub(nap).as_millis();
                worst.fetch_max(u64::try_from(late).unwrap_or(u64::MAX), Relaxed);
            }
        });
        this
    }

    fn end(&self) -> Duration {
        self.over.store(true, Relaxed);
        Duration::from_millis(self.worst.load(Relaxed))
    }
}

fn client(base: String) -> Client {
    let millisecond = Duration::from_millis(1);
    let quick = RetryPolicy::default().first_wait(millisecond).longest_wait(5 * millisecond).shortest_wait(millisecond);
    let builder = Client::builder().token("t").base_url(base).retry(quick).retry_budget(1000);
    builder.timeout(TOTAL).attempt_timeout(ATTEMPT).build().expect("a client")
}

/// All calls, some at the same time; and the memory that the process had after a quarter of them.
async fn run(client: &Client) -> (Vec<Outcome>, Option<u64>) {
    let mut outcomes = Vec::new();
    let mut running: JoinSet<Outcome> = JoinSet::new();
    let mut early = None;
    for number in 0..CALLS + AT_ONCE {
        if number >= AT_ONCE {
            outcomes.push(running.join_next().await.expect("a call").expect("no panic"));
        }
        if number < CALLS {
            running.spawn(one(client.clone(), number));
        }
        if number == CALLS / 4 {
            early = resident_kilobytes();
        }
    }
    (outcomes, early)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_calls_through_a_bad_network() {
    let (network, address) = BadNetwork::start(20_261_124, ATTEMPT * 2).await;
    let base = format!("http://{address}");
    let bad = client(base.clone());
    let lateness = Lateness::watch();
    let all = tokio::time::timeout(Duration::from_secs(240), run(&bad));
    let (outcomes, early) = all.await.expect("nothing hangs");
    let (late, lateness) = (resident_kilobytes(), lateness.end());
    drop(bad);
    network.world().calm = true;
    while network.world().in_flight > 0 {
        sleep(Duration::from_millis(10)).await;
    }

    let (requests, faults, servers, groups) = {
        let world = network.world();
        (world.requests, world.faults.clone(), world.servers.clone(), world.groups.clone())
    };
    assert_eq!(outcomes.len() as u64, CALLS);
    let worst = outcomes.iter().map(|outcome| outcome.elapsed).max().expect("calls");
    let in_time = TOTAL + SLACK + 2 * lateness;
    assert!(worst <= in_time, "a call took {worst:?}, the machine was {lateness:?} late");
    let at_the_deadline = outcomes.iter().filter(|outcome| outcome.elapsed >= TOTAL).count();
    assert!(at_the_deadline > 0, "no call came to its deadline, so nothing was proved about it");

    let lost = check_creates(&outcomes, &servers, &groups);
    let mut failures: BTreeMap<String, u64> = BTreeMap::new();
    for error in outcomes.iter().filter_map(|outcome| outcome.result.as_ref().err()) {
        *failures.entry(kind(error)).or_default() += 1;
    }
    for fault in bad_network::FAULTS.into_iter().chain([Fault::Refused]) {
        assert!(faults.contains_key(&fault), "{fault:?} never happened");
    }
    if let (Some(early), Some(late)) = (early, late) {
        assert!(late < early + 32 * 1024, "memory grew from {early} to {late} kB");
    }

    let calm = Client::builder().token("t").base_url(base).build().expect("a client");
    let found = find_lost(&calm, &lost, &servers, &groups).await;
    let failed: u64 = failures.values().sum();
    println!("{CALLS} calls: {} done, {failed} failed: {failures:?}", CALLS - failed);
    println!("{requests} requests, faults: {faults:?}");
    println!(
        "made: {} servers, {} groups; lost creates: {}; looked for: {found:?}",
        servers.len(),
        groups.len(),
        lost.len()
    );
    println!(
        "the longest took {worst:?} of {TOTAL:?}, {at_the_deadline} came to their deadline, the machine was {lateness:?} late"
    );
    println!("resident {early:?}, then {late:?} kB");
}

/// Holds what each create told against what was made, and gives those that were lost.
fn check_creates<'a>(outcomes: &'a [Outcome], servers: &[Made], groups: &[Made]) -> Vec<(u64, &'a Error)> {
    let count = |made: &[Made]| {
        let mut times: HashMap<String, u32> = HashMap::new();
        for made in made {
            *times.entry(made.name.clone()).or_default() += 1;
        }
        times
    };
    let (servers, groups) = (count(servers), count(groups));
    let mut lost = Vec::new();
    for outcome in outcomes.iter().filter(|outcome| outcome.number % 16 < 4) {
        let made = if outcome.number % 16 < 2 { &servers } else { &groups };
        let times = made.get(&name(outcome.number)).copied().unwrap_or(0);
        assert!(times <= 1, "{} was made {times} times", name(outcome.number));
        match &outcome.result {
            Ok(()) => assert_eq!(times, 1, "{} was said to be made", name(outcome.number)),
            Err(error) if error.is_lost_create() => lost.push((outcome.number, error)),
            Err(error) => {
                assert!(!error.may_have_taken_effect(), "a create in doubt is a lost one: {error:?}");
                assert_eq!(times, 0, "{} was made, and the error says it was not: {error:?}", name(outcome.number));
            }
        }
    }
    lost
}

/// Looks for what lost creates of each kind have made, and holds it against what was made. Gives how many were found and
/// how many had made nothing.
async fn find_lost(client: &Client, lost: &[(u64, &Error)], servers: &[Made], groups: &[Made]) -> [(u64, u64); 4] {
    let mut counts = [(0, 0); 4];
    for kind in 0..4_usize {
        for (number, error) in lost.iter().filter(|(number, _)| number % 16 == kind as u64).take(LOOKED_FOR) {
            let made = if kind < 2 { servers } else { groups };
            let made = made.iter().find(|made| made.name == name(*number)).map(|made| made.uuid);
            let found = if kind < 2 {
                client
                    .servers()
                    .find_lost(error)
                    .limit(Duration::ZERO)
                    .await
                    .expect("an answer")
                    .map(|server| server.uuid)
            } else {
                client
                    .server_groups()
                    .find_lost(error)
                    .limit(Duration::ZERO)
                    .await
                    .expect("an answer")
                    .map(|group| group.uuid)
            };
            assert_eq!(found, made, "{}", name(*number));
            let (there, nothing) = &mut counts[kind];
            *if made.is_some() { there } else { nothing } += 1;
        }
        assert!(counts[kind].0 > 0 && counts[kind].1 > 0, "too few to prove anything: {counts:?}");
    }
    counts
}
