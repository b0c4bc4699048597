//! `cargo xtask`: what maintainers of the crate run. What may live here: the command line; each command has a file of
//! its own, and the rules of `lint` have the folder `rules`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people talks to the terminal")]

mod bodies;
mod cargo;
mod ci;
mod clients;
// The build script and the tests share this module; each uses a part of it.
#[allow(dead_code, reason = "written for three includers, none of which uses all of it")]
#[path = "../../src/codegen/mod.rs"]
mod codegen;
mod cold_build;
mod coverage;
mod diff;
mod difference;
mod docs;
mod export;
mod extensions;
mod fake_process;
mod foreign;
mod git;
mod layers;
mod lint;
mod linters;
mod listing;
mod order;
mod overhead;
#[cfg(test)]
mod planted;
mod regenerate;
mod register;
mod rules;
mod samples;
#[cfg(test)]
#[allow(dead_code, reason = "shared with the tests of the program, which use more of it")]
mod scratch;
mod surface;
mod tls;
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
    /// The repository, if it is not the one that this program was built in
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Regenerate(regenerate::Arguments),
    /// Check openapi.yaml by the rules of this repository; one line per finding: file, line, JSON pointer, sentence
    Lint(lint::Arguments),
    /// Write the API as one HTML page that needs no network; with --check, look at it in a browser
    Docs(docs::Arguments),
    Diff(diff::Arguments),
    /// Check that each file of src imports only from its own layer and those before it, and that none import in a circle
    Layers,
    /// Count the instructions of a call against the same call written by hand on reqwest (needs valgrind)
    Overhead,
    /// Build and run small programs with TLS of their own, with this crate and without: none may come to harm
    Tls,
    /// Measure the first build of a program on this crate, beside that of one on bare reqwest with the same TLS
    ColdBuild(cold_build::Arguments),
    /// Run other people's clients, and schemathesis, against the fake; one line per finding
    Foreign(foreign::Arguments),
    Export(export::Arguments),
    Clients(clients::Arguments),
    /// Do all that the continuous integration does, by running .ci/run
    Ci,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let root = arguments.root.unwrap_or_else(root);
    let done = match arguments.command {
        Command::Regenerate(arguments) => regenerate::run(&root, &arguments),
        Command::Overhead => overhead::run(&root),
        Command::ColdBuild(arguments) => cold_build::run(&root, &arguments),
        Command::Tls => tls::run(&root),
        Command::Layers => layers::run(&root),
        Command::Lint(arguments) => lint::run(&root, &arguments),
        Command::Docs(arguments) => docs::run(&root, &arguments),
        Command::Diff(arguments) => diff::run(&root, &arguments),
        Command::Foreign(arguments) => foreign::run(&root, &arguments),
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
