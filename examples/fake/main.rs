//! The fake as a process, for tests in any language: `cargo run --example fake -- --port 8080`, `--help` tells the rest.

#![allow(clippy::print_stderr, reason = "a program for people talks to the terminal")]

mod control;
mod log;
mod options;
mod relay;

use std::{
    io::{self, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
    sync::Arc,
};

use clap::Parser as _;
use tokio::{net::TcpListener, sync::Notify};
use upcloud::fake::Fake;

use log::Log;
use options::Options;

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
    let place = SocketAddr::new(options.address, options.port);
    let door = TcpListener::bind(place).await.map_err(|e| format!("cannot listen on {place}: {e}"))?;
    let place = door.local_addr().map_err(|e| format!("cannot tell where it listens: {e}"))?;
    // Before the first line is printed, because a script may signal as soon as it has read it.
    let end = end()?;

    let log = Arc::new(Log::start());
    let mut builder = Fake::builder()
        .seed(options.seed)
        .pace(options.pace.0)
        .hosts(options.hosts)
        .keep_requests(options.keep_requests);
    for credentials in options.credentials() {
        builder = builder.credentials(credentials);
    }
    if !options.quiet {
        let log = Arc::clone(&log);
        builder = builder.on_request(move |request| log.request(request));
    }
    let fake = Arc::new(builder.start().await);
    fake.fill(options.servers);
    control::install(&fake, (!options.quiet).then(|| Arc::clone(&log)));

    let url = format!("http://{}", reachable(place));
    writeln!(io::stdout(), "{url}").and_then(|()| io::stdout().flush()).map_err(|e| format!("cannot tell: {e}"))?;
    log.line(welcome(&options, &url));

    let behind = fake.base_url().trim_start_matches("http://").parse().map_err(|e| format!("no address: {e}"))?;
    tokio::select! {
        () = relay::relay(door, behind) => {}
        () = end.notified() => {}
    }
    log.end();
    Ok(())
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

fn welcome(options: &Options, url: &str) -> String {
    let accepted = if options.credentials().is_empty() { "any" } else { "only the given" };
    let mut text = format!(
        "A fake UpCloud with {} servers is at {url}; it accepts {accepted} credentials.\n\
         Use it:      export UPCLOUD_DEBUG_API_BASE_URL={url}\n\
         Control it:  curl {url}/_fake\n\
         Stop it:     Ctrl-C",
        options.servers
    );
    if !options.address.is_loopback() {
        text.push_str("\nBeware: everybody who reaches this machine can use it and its controls, over plain HTTP.");
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
