//! The fake as a process, for tests in any language: `cargo run --example fake -- --port 8080`, `--help` tells the rest.

#![allow(clippy::print_stderr, reason = "a program for people talks to the terminal")]

mod control;
mod door;
mod exchanges;
mod file;
mod guard;
mod log;
mod options;
mod scenario;

use std::{
    io::{self, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    process::ExitCode,
    sync::Arc,
};

use clap::Parser as _;
use tokio::{net::TcpListener, sync::Notify};
use upcloud::fake::Fake;

use control::Controls;
use door::Door;
use exchanges::{Recorder, Replay};
use guard::Guard;
use log::Log;
use options::Options;
use scenario::Scenario;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), String> {
    let scenario = options.scenario.as_deref().map(Scenario::read).transpose()?;
    let about = |e| format!("{}: {e}", options.scenario.as_deref().unwrap_or(Path::new("")).display());
    let timing = scenario.as_ref().map(Scenario::timing).transpose().map_err(about)?.flatten();
    let timing = options.timing(timing);
    let replay = options.replay.as_deref().map(Replay::read).transpose()?;
    let recorder = options.record.as_deref().map(Recorder::create).transpose()?;
    let saved = options.state.as_deref().map(file::load).transpose()?.flatten();
    let place = SocketAddr::new(options.address, options.port);
    let listener = TcpListener::bind(place).await.map_err(|e| format!("cannot listen on {place}: {e}"))?;
    let place = listener.local_addr().map_err(|e| format!("cannot tell where it listens: {e}"))?;
    // Before the first line is printed, because a script may signal as soon as it has read it.
    let end = end()?;

    let log = Arc::new(Log::start());
    let mut builder = Fake::builder()
        .seed(options.seed(scenario.as_ref().and_then(|scenario| scenario.seed)))
        .timing(timing)
        .hosts(options.hosts(scenario.as_ref().and_then(|scenario| scenario.hosts)))
        .keep_requests(options.keep_requests);
    for credentials in options.credentials() {
        builder = builder.credentials(credentials);
    }
    if !options.quiet {
        let log = Arc::clone(&log);
        builder = builder.on_request(move |request| log.request(request));
    }
    if let Some(recorder) = recorder {
        let log = Arc::clone(&log);
        builder = builder.on_request(move |request| {
            if let Err(message) = recorder.write(request) {
                log.text(message);
            }
        });
    }
    let fresh = saved.is_none();
    if let Some(saved) = saved {
        builder = builder.state(saved);
    }
    let fake = Arc::new(builder.start().await);
    if fresh {
        fake.fill(options.servers);
    }
    if let Some(scenario) = scenario {
        let plan = scenario.begin(&fake).map_err(about)?;
        let log = Arc::clone(&log);
        plan.start(&fake, move |message| log.text(message));
    }
    let guard = Arc::new(Guard::new(&options.allow_host));
    let requests = (!options.quiet).then(|| Arc::clone(&log));
    let controls = Controls::new(&fake, timing, &guard, requests.clone());

    let url = format!("http://{}", reachable(place));
    writeln!(io::stdout(), "{url}").and_then(|()| io::stdout().flush()).map_err(|e| format!("cannot tell: {e}"))?;
    let replayed = replay.as_ref().map(Replay::len);
    log.text(welcome(&options, &url, fake.servers().len(), replayed));

    tokio::select! {
        () = Door { fake: Arc::clone(&fake), controls, guard, log: requests, replay }.open(listener) => {}
        () = end.notified() => {}
    }
    log.end();
    match &options.state {
        Some(path) => file::save(path, &fake.save()),
        None => Ok(()),
    }
}

/// Where a client of this machine finds what listens there.
fn reachable(place: SocketAddr) -> SocketAddr {
    let ip = match place.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, place.port())
}

fn welcome(options: &Options, url: &str, servers: usize, replayed: Option<usize>) -> String {
    let accepted = if options.credentials().is_empty() { "any" } else { "only the given" };
    let what = match replayed {
        Some(exchanges) => format!("The answers of {exchanges} recorded exchanges are at {url}, for any credentials."),
        None => format!("A fake UpCloud with {servers} servers is at {url}; it accepts {accepted} credentials."),
    };
    let mut text = format!(
        "{what}\n\
         Use it:      export UPCLOUD_DEBUG_API_BASE_URL={url}\n\
         Control it:  curl {url}/_fake\n\
         Stop it:     Ctrl-C"
    );
    if !options.address.is_loopback() {
        text.push_str(
            "\nBeware: everybody who reaches this machine can use it and its controls, over plain HTTP.\n\
             It answers to addresses and localhost; --allow-host adds a name.",
        );
    }
    text
}

/// Ctrl-C, or the polite signal of an init system or a container.
fn end() -> Result<Arc<Notify>, String> {
    let end = Arc::new(Notify::new());
    let told = Arc::clone(&end);
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let refused = |e: io::Error| format!("cannot wait for signals: {e}");
        let mut interrupt = signal(SignalKind::interrupt()).map_err(refused)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(refused)?;
        tokio::spawn(async move {
            tokio::select! { _ = interrupt.recv() => {} _ = terminate.recv() => {} }
            told.notify_one();
        });
    }
    #[cfg(not(unix))]
    tokio::spawn(async move {
        let _ = tokio::signal::ctrl_c().await;
        told.notify_one();
    });
    Ok(end)
}
