//! What a call costs beyond the same call written by hand on reqwest. `cargo bench --bench call` shows times, with the fake in
//! the same process; `cargo xtask overhead` counts instructions, with the fake in another, so that only the caller is counted.

#![allow(clippy::print_stdout, reason = "a bench shows what it measured")]

use std::{
    env,
    time::{Duration, Instant},
};

use reqwest::header::ACCEPT;
use upcloud::{
    Client, CreateServer,
    fake::Fake,
    types::{self, Exposed},
};
use uuid::{Uuid, uuid};

const TOKEN: &str = "ucat_fake";
/// One of the servers of the fake, whose seed always makes the same ones.
const SERVER: Uuid = uuid!("00759a96-8493-4d8c-b3a9-bce7336bd182");
const OPERATIONS: [&str; 4] = ["get", "list", "create", "refused"];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => times(),
        ["serve"] => serve(),
        [how, operation, calls, base] => drop(run(how, operation, calls.parse().expect("how many calls"), base)),
        _ => panic!("usage: call [serve | (upcloud|reqwest) OPERATION CALLS BASE], OPERATION of {OPERATIONS:?}"),
    }
}

fn fake() -> Fake {
    let fake = Fake::builder().keep_requests(0).start_blocking();
    fake.fill(100);
    assert!(fake.server(SERVER).is_some(), "the seed makes other servers now: {:?}", fake.servers()[7].uuid);
    fake
}

/// The fake alone, until it is killed. Not the example of that name: the door before its port cuts answers into pieces as it
/// happens, which the reader pays for.
fn serve() -> ! {
    let fake = fake();
    println!("{}", fake.base_url());
    loop {
        std::thread::park();
    }
}

/// The median time of a call, both ways in turn so that a drift of the machine meets both.
fn times() {
    const ROUNDS: usize = 15;
    const CALLS: u32 = 200;
    let fake = fake();
    println!("{:<8} {:>12} {:>12}", "", "upcloud", "reqwest");
    for operation in OPERATIONS {
        let mut measured = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            for (how, times) in ["upcloud", "reqwest"].iter().zip(&mut measured) {
                times.push(run(how, operation, CALLS, &fake.base_url()) / CALLS);
            }
        }
        let [ours, theirs] = measured.map(|mut times| {
            times.sort_unstable();
            times[ROUNDS / 2]
        });
        println!("{operation:<8} {:>9} µs {:>9} µs", ours.as_micros(), theirs.as_micros());
    }
}

fn run(how: &str, operation: &str, calls: u32, base: &str) -> Duration {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        match how {
            "upcloud" => with_upcloud(operation, calls, base).await,
            "reqwest" => by_hand(operation, calls, base).await,
            _ => panic!("{how} is no way to make calls"),
        }
    })
}

fn wanted() -> CreateServer {
    CreateServer::from_template("web-1.example.net", "de-fra1", upcloud::fake::NATIVE_TEMPLATE)
        .plan("1xCPU-1GB")
        .label("env", "prod")
        .with_default_interfaces()
}

async fn with_upcloud(operation: &str, calls: u32, base: &str) -> Duration {
    let client = Client::builder().token(TOKEN).base_url(base).build().expect("a client");
    let servers = client.servers();
    let begin = Instant::now();
    for _ in 0..calls {
        match operation {
            "get" => assert_eq!(servers.get(SERVER).await.expect("a server").uuid, SERVER),
            "list" => assert!(!servers.list().limit(100).await.expect("servers").is_empty()),
            "create" => drop(servers.create(wanted()).await.expect("created")),
            "refused" => {
                let error = servers.get(Uuid::nil()).await.expect_err("nobody");
                assert_eq!(error.code().map(upcloud::ErrorCode::as_str), Some("SERVER_NOT_FOUND"));
            }
            _ => panic!("{operation} is not measured"),
        }
    }
    begin.elapsed()
}

/// What a careful user writes without the crate, into the same types.
async fn by_hand(operation: &str, calls: u32, base: &str) -> Duration {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).build().expect("a client");
    let get = |path: String| http.get(path).bearer_auth(TOKEN).header(ACCEPT, "application/json");
    let begin = Instant::now();
    for _ in 0..calls {
        match operation {
            "get" => {
                let response = get(format!("{base}/1.3/server/{SERVER}")).send().await.expect("an answer");
                let response = response.error_for_status().expect("a success");
                let body: types::ServerResponse = response.json().await.expect("a server");
                assert_eq!(body.server.uuid, SERVER);
            }
            "list" => {
                let request = get(format!("{base}/1.3/server")).query(&[("limit", 100)]);
                let response = request.send().await.expect("an answer").error_for_status().expect("a success");
                let body: types::ServersResponse = response.json().await.expect("servers");
                assert!(!body.servers.is_empty());
            }
            "create" => {
                let body = types::CreateServerRequest::new(wanted());
                let request = http.post(format!("{base}/1.3/server")).bearer_auth(TOKEN);
                let request = request.header(ACCEPT, "application/json").json(&Exposed(&body));
                let response = request.send().await.expect("an answer").error_for_status().expect("a success");
                drop(response.json::<types::ServerResponse>().await.expect("a server"));
            }
            "refused" => {
                let response = get(format!("{base}/1.3/server/{}", Uuid::nil())).send().await.expect("an answer");
                assert_eq!(response.status(), 404);
                let body: types::ErrorBody = response.json().await.expect("an error");
                assert_eq!(body.error.error_code.as_ref().map(AsRef::as_ref), Some("SERVER_NOT_FOUND"));
            }
            _ => panic!("{operation} is not measured"),
        }
    }
    begin.elapsed()
}
