//! Ten thousand calls through a network that fails in every way: no create is applied twice, no call outlives its deadline,
//! every failure is a typed error, nothing hangs, memory does not grow. The faults follow a seed.

#![allow(clippy::print_stdout, reason = "the counts are printed")]

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use upcloud::{Client, CreateServer, Error, RetryPolicy};
use uuid::Uuid;

const CALLS: u64 = 10_000;
const AT_ONCE: u64 = 64;
const TOTAL: Duration = Duration::from_millis(1500);
const ATTEMPT: Duration = Duration::from_millis(150);
/// What a busy machine may add to a deadline.
const SLACK: Duration = Duration::from_secs(3);

/// Numbers that follow a seed (splitmix64).
struct Dice(AtomicU64);

impl Dice {
    fn roll(&self, sides: u64) -> u64 {
        let mut x = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Relaxed);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % sides
    }
}

#[derive(Default)]
struct World {
    /// How often each hostname was created.
    created: HashMap<String, u32>,
    started: bool,
    requests: u64,
    faults: u64,
}

fn details() -> Value {
    json!({"server": {
        "boot_order": "disk", "core_number": "1", "firewall": "on", "hostname": "a.example.net", "ip_addresses": [],
        "license": 0, "memory_amount": "1024", "nic_model": "virtio", "plan": "custom", "plan_ipv4_bytes": "0",
        "plan_ipv6_bytes": "0", "remote_access_enabled": "no", "remote_access_password": "", "state": "started",
        "storage_devices": [], "tags": [], "timezone": "UTC", "title": "a", "uuid": Uuid::nil(), "video_model": "vga",
        "zone": "de-fra1",
    }})
}

/// Carries a request out, and gives status and body of the answer.
fn apply(world: &Mutex<World>, line: &str, body: &[u8]) -> (u16, String) {
    let mut world = world.lock().expect("a lock");
    match line.split(' ').next().unwrap_or_default() {
        "POST" if line.contains("/start ") || line.contains("/stop ") => {
            let start = line.contains("/start ");
            if world.started == start {
                let error = json!({"error": {"error_code": "SERVER_STATE_ILLEGAL", "error_message": "no"}});
                return (409, error.to_string());
            }
            world.started = start;
            (200, details().to_string())
        }
        "POST" => {
            let body: Value = serde_json::from_slice(body).expect("a whole body");
            let hostname = body["server"]["hostname"].as_str().expect("a hostname").to_owned();
            *world.created.entry(hostname).or_default() += 1;
            (202, details().to_string())
        }
        "DELETE" => (204, String::new()),
        _ if line.contains("/1.3/server ") => (200, json!({"servers": {"server": []}}).to_string()),
        _ => (200, details().to_string()),
    }
}

async fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut data = Vec::new();
    loop {
        let end = data.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&data[..end]).into_owned();
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
            if data.len() >= end + 4 + length.unwrap_or(0) {
                return Some((head.lines().next().unwrap_or_default().to_owned(), data[end + 4..].to_vec()));
            }
        }
        if stream.read_buf(&mut data).await.ok()? == 0 {
            return None;
        }
    }
}

async fn serve(mut stream: TcpStream, dice: Arc<Dice>, world: Arc<Mutex<World>>) {
    loop {
        let fault = dice.roll(24);
        if fault == 0 {
            // Reset before the request is read: lingering for no time turns the close into a reset.
            world.lock().expect("a lock").faults += 1;
            return;
        }
        let Some((line, body)) = read(&mut stream).await else { return };
        {
            let mut world = world.lock().expect("a lock");
            world.requests += 1;
            world.faults += u64::from(fault < 10);
        }
        let (status, text) = match fault {
            1 => return,
            2 => (429, String::new()),
            3 => (503, "<html>busy</html>".to_owned()),
            4 => {
                tokio::time::sleep(ATTEMPT * 2).await;
                return;
            }
            _ => apply(&world, &line, &body),
        };
        let (status, text) = match fault {
            5 => return,
            6 => (502, "<html>bad gateway</html>".to_owned()),
            7 => {
                let head = format!("HTTP/1.1 {status} OK\r\nContent-Length: {}\r\n\r\n", text.len() + 9);
                stream.write_all((head + &text).as_bytes()).await.ok();
                return;
            }
            8 => {
                tokio::time::sleep(ATTEMPT * 2).await;
                return;
            }
            9 => {
                tokio::time::sleep(Duration::from_millis(20)).await;
                (status, text)
            }
            _ => (status, text),
        };
        let retry = if status == 429 { "Retry-After: 0\r\n" } else { "" };
        let head = format!("HTTP/1.1 {status} X\r\n{retry}Content-Length: {}\r\n\r\n", text.len());
        if stream.write_all((head + &text).as_bytes()).await.is_err() {
            return;
        }
    }
}

#[derive(Debug, Default)]
struct Counts {
    done: u64,
    failed: u64,
    lost_creates: u64,
    attempts: u64,
}

async fn one(client: Client, number: u64) -> (Result<(), Error>, Duration) {
    let begin = Instant::now();
    let servers = client.servers();
    let result = match number % 6 {
        0 | 1 => {
            let server = CreateServer::from_template(format!("host-{number}.example.net"), "de-fra1", Uuid::nil());
            servers.create(server).await.map(drop)
        }
        2 => servers.list().await.map(drop),
        3 => servers.get(Uuid::nil()).await.map(drop),
        4 => servers.delete(Uuid::nil()).await,
        _ if number % 12 == 5 => servers.start(Uuid::nil()).await.map(drop),
        _ => servers.stop(Uuid::nil()).hard().await.map(drop),
    };
    (result, begin.elapsed())
}

fn resident_kilobytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    text.split(' ').nth(1)?.parse::<u64>().ok().map(|pages| pages * 4)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_calls_through_a_bad_network() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let (dice, world) = (Arc::new(Dice(AtomicU64::new(20_261_124))), Arc::new(Mutex::new(World::default())));
    let (their_dice, their_world) = (Arc::clone(&dice), Arc::clone(&world));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&their_dice), Arc::clone(&their_world)));
        }
    });
    let millisecond = Duration::from_millis(1);
    let quick = RetryPolicy::default().first_wait(millisecond).longest_wait(5 * millisecond).shortest_wait(millisecond);
    let client = Client::builder()
        .token("t")
        .base_url(base)
        .retry(quick)
        .retry_budget(1000)
        .timeout(TOTAL)
        .attempt_timeout(ATTEMPT)
        .build()
        .expect("a client");

    let mut counts = Counts::default();
    let mut running: JoinSet<(Result<(), Error>, Duration)> = JoinSet::new();
    let mut early = None;
    let all = async {
        for number in 0..CALLS + AT_ONCE {
            if number >= AT_ONCE {
                let (result, elapsed) = running.join_next().await.expect("a call").expect("no panic");
                assert!(elapsed < TOTAL + SLACK, "a call took {elapsed:?}");
                match result {
                    Ok(()) => counts.done += 1,
                    Err(error) => {
                        let typed = error.status().is_some()
                            || error.is_connect()
                            || error.is_timeout()
                            || error.is_transient();
                        assert!(typed && error.operation().is_some() && error.attempts() > 0, "{error:?}");
                        counts.failed += 1;
                        counts.lost_creates += u64::from(error.is_lost_create());
                        counts.attempts += u64::from(error.attempts());
                    }
                }
            }
            if number < CALLS {
                running.spawn(one(client.clone(), number));
            }
            if number == CALLS / 4 {
                early = resident_kilobytes();
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(240), all).await.expect("nothing hangs");

    let world = world.lock().expect("a lock");
    let twice: Vec<_> = world.created.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "created twice: {twice:?}");
    assert_eq!(counts.done + counts.failed, CALLS);
    assert!(world.faults > CALLS / 10, "the network was too good to prove anything: {} faults", world.faults);
    assert!(counts.lost_creates > 0, "no create was lost, so nothing was proved about lost creates");
    let late = resident_kilobytes();
    if let (Some(early), Some(late)) = (early, late) {
        assert!(late < early + 64 * 1024, "memory grew from {early} to {late} kB");
    }
    println!(
        "{counts:?}, {} requests, {} faults, {} creates applied, resident {early:?} then {late:?} kB",
        world.requests,
        world.faults,
        world.created.len()
    );
}
