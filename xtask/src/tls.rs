//! `cargo xtask tls`: what adding this crate does to the TLS of somebody's program. What may live here: building and running
//! the programs of `xtask/tls` and the table; what is expected of each, and the trees of dependencies, have files of their own.

mod cases;
mod tree;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{cargo, tools};
use cases::{CASES, CONTROLS, Case, Run};

/// The package of the programs, from the root of the repository, and what it is made of.
const PACKAGE: &str = "xtask/tls";
const FILES: [&str; 3] = ["Cargo.toml", "src/main.rs", "src/ours.rs"];
/// Where it is built, as deep in the repository as the package itself.
const WORK: &str = "target/tls";
const PROGRAM: &str = "tls-programs";
/// What would change where the programs send their calls, or to whom.
const REMOVED: [&str; 11] = [
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "UPCLOUD_DEBUG_API_BASE_URL",
    "UPCLOUD_TOKEN",
    "UPCLOUD_USERNAME",
];

pub(crate) fn run(root: &Path) -> Result<(), Vec<String>> {
    let home = prepare(root).map_err(|sentence| vec![sentence])?;
    let mut findings = tree::findings(&home).unwrap_or_else(|sentence| vec![sentence]);
    println!("{:<45} {:<33} what happens", "the program", "with features of upcloud");
    for case in CONTROLS.iter().chain(&CASES) {
        let wrong = check(root, &home, case).unwrap_or_else(|sentence| vec![sentence]);
        let happens = if wrong.is_empty() { case.end.shown() } else { "WRONG" };
        println!("{:<45} {:<33} {happens}", case.program.name, case.upcloud.unwrap_or("(without upcloud)"));
        findings.extend(wrong);
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

/// Puts the package beside the lock file of the repository, and what that lacks into it.
fn prepare(root: &Path) -> Result<PathBuf, String> {
    let home = root.join(WORK);
    for file in FILES {
        put(&root.join(PACKAGE).join(file), &home.join(file))?;
    }
    let lock = home.join("Cargo.lock");
    fs::copy(root.join("Cargo.lock"), &lock).map_err(|e| format!("{}: {e}", lock.display()))?;
    let fetch = |options: &[&str]| tools::run(cargo::command(&home).arg("fetch").args(options));
    fetch(&["--quiet", "--offline"]).or_else(|_| fetch(&["--quiet"]))?;
    Ok(home)
}

/// Copies a file unless it is there, for cargo builds anew what was written anew.
fn put(from: &Path, to: &Path) -> Result<(), String> {
    let io = |path: &Path, e: std::io::Error| format!("{}: {e}", path.display());
    let text = fs::read(from).map_err(|e| io(from, e))?;
    if fs::read(to).is_ok_and(|there| there == text) {
        return Ok(());
    }
    let folder = to.parent().unwrap_or(to);
    fs::create_dir_all(folder).map_err(|e| io(folder, e))?;
    fs::write(to, text).map_err(|e| io(to, e))
}

/// Builds a program and runs it in all its orders.
fn check(root: &Path, home: &Path, case: &Case) -> Result<Vec<String>, String> {
    let features = case.features();
    let target = root.join("target");
    let arguments =
        ["build", "--quiet", "--offline", "--features", &features, "--target-dir", &target.to_string_lossy()];
    let program = cargo::built(home, &arguments, PROGRAM)?;
    let mut wrong = Vec::new();
    for run in case.runs() {
        let (said, complained) = ran(&program, &run)?;
        if let Some(sentence) = run.difference(&said, &complained) {
            let steps = run.steps.join(" ");
            wrong.push(format!("{features}: {steps}: {sentence}; it said:\n{said}{complained}"));
        }
    }
    Ok(wrong)
}

/// What a run wrote to each of its outputs; whether it ended well can be seen in them.
fn ran(program: &Path, run: &Run) -> Result<(String, String), String> {
    let mut command = Command::new(program);
    for name in REMOVED {
        command.env_remove(name);
    }
    command.env("RUST_BACKTRACE", "0").envs(run.environment.iter().copied()).args(&run.steps).stdin(Stdio::null());
    let done = command.output().map_err(|e| format!("{}: cannot be run: {e}", program.display()))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((text(&done.stdout), text(&done.stderr)))
}
