//! `cargo xtask`: what maintainers of the crate run. What may live here: the command line; each command has a file of
//! its own, and the rules of `lint` have the folder `rules`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people talks to the terminal")]

mod ci;
mod clients;
// The build script and the tests share this module; each uses a part of it.
#[allow(dead_code, reason = "written for three includers, none of which uses all of it")]
#[path = "../../src/codegen/mod.rs"]
mod codegen;
mod coverage;
mod difference;
mod export;
mod fake_process;
mod lint;
mod listing;
#[cfg(test)]
mod planted;
mod regenerate;
mod register;
mod rules;
mod tools;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

/// The description, from the root of the repository.
const SPEC: &str = "openapi.yaml";

/// What maintainers of the upcloud crate run, from any folder of the repository.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Generate the client from openapi.yaml, refresh what is committed of it, and show what changed for a Rust user
    Regenerate(regenerate::Arguments),
    /// Check openapi.yaml by the rules of this repository; one line per finding: file, line, JSON pointer, sentence
    Lint,
    Export(export::Arguments),
    Clients(clients::Arguments),
    /// Do all that the continuous integration does, by running .ci/run
    Ci,
}

fn main() -> ExitCode {
    let root = root();
    let done = match Arguments::parse().command {
        Command::Regenerate(arguments) => regenerate::run(&root, &arguments),
        Command::Lint => lint::run(&root),
        Command::Clients(arguments) => clients::run(&root, &arguments),
        Command::Export(arguments) => export::run(&root, &arguments),
        Command::Ci => ci::run(&root),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(findings) => {
            for finding in &findings {
                eprintln!("{finding}");
            }
            ExitCode::FAILURE
        }
    }
}

/// The root of the repository: this package is a folder in it.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The text of the description.
fn spec(root: &Path) -> Result<String, Vec<String>> {
    std::fs::read_to_string(root.join(SPEC)).map_err(|e| vec![format!("{SPEC}: cannot be read: {e}")])
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn every_command_says_what_it_is_for() {
        let mut command = Arguments::command();
        command.build();
        for sub in command.get_subcommands() {
            assert!(sub.get_about().is_some(), "{} has no help", sub.get_name());
        }
        command.debug_assert();
    }
}
