//! A fleet of 50 servers: made 8 at a time, waited for, shown in a table, and deleted. Ctrl-C at any time stops it, and then
//! nothing is left, or what is left is listed. On the built-in fake unless told otherwise.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people talks to the terminal")]

mod common;

use std::{
    error::Error,
    io::{IsTerminal as _, stdout},
    process::exit,
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use upcloud::{
    CreateServer, ErrorCode,
    calls::Operation,
    fake::{Fake, Timing},
    fleet::Progress,
    types::BackupDeletion,
};

const COUNT: usize = 50;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let fake = Fake::builder().timing(Timing::Takes(Duration::from_millis(300)));
    let place = common::open("Makes 50 servers and deletes them.", "50 servers, until it ends.", fake).await?;
    if let Some(fake) = &place.fake {
        // What real accounts meet: a limit that passes by itself.
        fake.fail_next(Operation::CreateServer, ErrorCode::ServerCreatingLimitReached);
    }
    let servers = place.upcloud.servers();
    let templates = place.upcloud.catalog().templates().await?;
    let template = templates.iter().find(|template| template.is_cloud_init()).ok_or("there is no template")?;

    let wanted = (1..=COUNT).map(|number| {
        CreateServer::from_template(format!("fleet-{number:02}.example.net"), &place.zone, template.uuid)
            .plan(&place.plan)
            .metadata(true)
            .ssh_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLE fleet")
            .label("example", "fleet")
    });
    println!("Making {COUNT} servers.");
    let mut bar = Bar::new("made", COUNT);
    let outcome = servers
        .create_all(wanted)
        .on_progress(move |progress| bar.show(progress, progress.done))
        .stop_on(tokio::signal::ctrl_c())
        .and_wait()
        .await;

    let rows: Vec<String> = outcome.made().map(|server| format!("{:<22} {}", server.hostname, server.state)).collect();
    for two in rows.chunks(2) {
        match two {
            [left, right] => println!("  {left:<36}{right}"),
            rest => println!("  {}", rest.concat()),
        }
    }
    for (request, error) in outcome.failed() {
        println!("  {:<22} not made: {error}", request.hostname);
    }
    for (request, error) in outcome.in_doubt() {
        println!("  {:<22} perhaps made, look for it by its label: {error}", request.hostname);
    }
    let summary = outcome.to_string();
    println!("{summary}.");

    println!("Deleting {} servers.", outcome.uuids().len());
    let mut bar = Bar::new("deleted", outcome.uuids().len());
    let deleted = servers
        .delete_all(outcome.uuids(), Some(BackupDeletion::Delete))
        .on_progress(move |progress| bar.show(progress, progress.done))
        .stop_on(tokio::signal::ctrl_c())
        .await;
    for (uuid, error) in deleted.not_done() {
        println!("  {uuid} is left: {}", error.map_or("it was not begun".to_owned(), ToString::to_string));
    }
    println!("{} servers are left.", deleted.not_done().count());
    if !deleted.is_done() || !outcome.is_done() {
        exit(1);
    }
    Ok(())
}

/// A bar on a terminal, and a line for every ten elsewhere.
struct Bar {
    what: &'static str,
    drawn: Option<ProgressBar>,
    told: usize,
}

impl Bar {
    fn new(what: &'static str, count: usize) -> Self {
        let drawn = stdout().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(count as u64), ProgressDrawTarget::stdout());
            let style = ProgressStyle::with_template("  {bar:40} {pos} of {len} {msg}");
            bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        Self { what, drawn, told: 0 }
    }

    fn show(&mut self, progress: &Progress, done: usize) {
        if let Some(bar) = &self.drawn {
            bar.set_position(done as u64);
            bar.set_message(match (progress.end, progress.pause) {
                (Some(_), _) if progress.left > 0 => format!("{}, stopping", self.what),
                (None, Some(_)) => format!("{}, waiting for the API", self.what),
                _ => format!("{}, {} ready, {} failed", self.what, progress.ready, progress.failed),
            });
        } else if done / 10 > self.told / 10 {
            println!("  {} of {} {}", done / 10 * 10, progress.total, self.what);
            self.told = done;
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.drawn {
            bar.abandon();
        }
    }
}
