//! Other people's clients: how each is started, and what came of it.

use std::{fs, path::Path, process::Command, thread};

use super::{PASSWORD, TOKEN, USERNAME, WORK, table};
use crate::{
    cargo,
    fake_process::{FakeProgram, Request},
    tools::{self, Tools},
};

/// The package that drives the Rust clients, and the script that drives the one in Python.
const PACKAGE: &str = "xtask/foreign/Cargo.toml";
const LOCK: &str = "xtask/foreign/Cargo.lock";
const SCRIPT: &str = "xtask/foreign/official.py";
const PYTHON_PINS: &str = "xtask/tools/foreign/requirements.txt";

/// A client under test.
struct Client {
    name: &'static str,
    language: &'static str,
    /// How the fake paces operations: the Rust clients do not wait long between looks.
    timing: &'static str,
}

const CLIENTS: [Client; 3] = [
    Client { name: "upcloud-api", language: "Python, the vendor's own", timing: "0" },
    Client { name: "upcloud-api", language: "Rust", timing: "1" },
    Client { name: "upcloud-sdk", language: "Rust", timing: "1" },
];

impl Client {
    fn is_rust(&self) -> bool {
        self.language == "Rust"
    }

    /// The pinned version, which is what the table is about.
    fn version(&self, root: &Path) -> Result<String, String> {
        let pins = if self.is_rust() { LOCK } else { PYTHON_PINS };
        let text = fs::read_to_string(root.join(pins)).map_err(|e| format!("{pins}: cannot be read: {e}"))?;
        let before = if self.is_rust() {
            format!("name = \"{}\"\nversion = \"", self.name)
        } else {
            format!("{}==", self.name.replace('-', "_"))
        };
        let after = text.split_once(&before).map(|(_, after)| after);
        let version = after.and_then(|after| after.split(['"', '\n']).next());
        version.map(str::to_owned).ok_or_else(|| format!("{pins}: there is no {}", self.name))
    }
}

/// Runs each client against a fake of its own, all at once, and gives the table of what they can do.
pub(super) fn run(root: &Path, fake: &FakeProgram, python: &Tools) -> Result<String, Vec<String>> {
    println!("Building the drivers of the Rust clients");
    let target = root.join("target");
    let build = ["build", "--quiet", "--locked", "--manifest-path", PACKAGE, "--target-dir"];
    tools::run(cargo::command(root).args(build).arg(&target)).map_err(|e| vec![e])?;

    println!("Taking a server and a group through their lives with {} clients", CLIENTS.len());
    let program = target.join("debug/foreign");
    let command = |client: &Client| {
        if client.is_rust() {
            let mut command = Command::new(&program);
            command.arg(client.name);
            command
        } else {
            let mut command = python.program("python");
            command.arg(root.join(SCRIPT));
            command
        }
    };
    let outcomes: Vec<_> = thread::scope(|scope| {
        let running = CLIENTS.iter().map(|client| scope.spawn(|| drive(fake, client, command(client))));
        let running: Vec<_> = running.collect();
        running
            .into_iter()
            .map(|one| one.join().unwrap_or_else(|_| Err(vec!["a driver panicked".to_owned()])))
            .collect()
    });

    let (mut findings, mut columns, mut calls) = (Vec::new(), Vec::new(), 0);
    for (client, outcome) in CLIENTS.iter().zip(outcomes) {
        let title = client.version(root).map(|version| format!("`{}` {version} ({})", client.name, client.language));
        let column = outcome.and_then(|(said, requests)| {
            let column = table::Column::read(title.map_err(|e| vec![e])?, &said)?;
            println!("{}: {} requests", column.summary(), requests.len());
            calls += requests.len();
            Ok(column)
        });
        match column {
            Ok(column) => columns.push(column),
            Err(sentences) => {
                let who = format!("{} ({})", client.name, client.language);
                findings
                    .extend(sentences.iter().map(|sentence| format!("{who}: {}", shortened(root, client, sentence))));
            }
        }
    }
    println!("Requests that the fake saw from foreign clients: {calls}");
    if findings.is_empty() { Ok(table::render(&columns)) } else { Err(findings) }
}

/// What a driver said, and what the fake saw of it.
fn drive(fake: &FakeProgram, client: &Client, mut command: Command) -> Result<(String, Vec<Request>), Vec<String>> {
    let accepted = ["--token", TOKEN, "--username", USERNAME, "--password", PASSWORD];
    let fake = fake.start(&[&accepted[..], &["--timing", client.timing]].concat())?;
    command
        .env("UPCLOUD_DEBUG_API_BASE_URL", fake.base_url())
        .env("UPCLOUD_TOKEN", TOKEN)
        .env("UPCLOUD_USERNAME", USERNAME)
        .env("UPCLOUD_PASSWORD", PASSWORD)
        .env("NO_PROXY", "127.0.0.1");
    let said = tools::output(&mut command);
    let requests = fake.stop()?;
    said.map(|said| (said, requests)).map_err(|complaint| vec![complaint])
}

/// Keeps what a driver said where a person can read it, and gives its last line, which says what was wrong.
fn shortened(root: &Path, client: &Client, complaint: &str) -> String {
    let Some(last) = complaint.lines().rfind(|line| !line.trim().is_empty()) else { return String::new() };
    if last == complaint {
        return complaint.to_owned();
    }
    let log = format!("{WORK}/{}-{}.log", client.name, if client.is_rust() { "rust" } else { "python" });
    let kept = fs::create_dir_all(root.join(WORK)).and_then(|()| fs::write(root.join(&log), complaint));
    if kept.is_ok() { format!("{last} (all that it said: {log})") } else { complaint.to_owned() }
}
