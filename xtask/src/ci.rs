//! `cargo xtask ci`: the script that the continuous integration runs, for a maintainer at his desk.

use std::{path::Path, process::Command};

const SCRIPT: &str = ".ci/run";

/// Runs the script; what it prints goes to the terminal as it comes.
pub(crate) fn run(root: &Path) -> Result<(), Vec<String>> {
    println!("Running {SCRIPT}");
    match Command::new("bash").arg(SCRIPT).current_dir(root).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(vec![format!("{SCRIPT}: ended with {status}; its last heading names the step")]),
        Err(e) => Err(vec![format!("{SCRIPT}: cannot be started: {e}")]),
    }
}
