//! `cargo xtask foreign`: what others wrote, against the fake as a process. What may live here: the command; the clients, the
//! table of what they can do and schemathesis have files of their own.

mod clients;
mod schemathesis;
mod table;

use std::{fs, path::Path};

use crate::fake_process::FakeProgram;

/// The pins of the Python tools.
const TOOLS: &str = "foreign";
/// Where logs and reports go.
const WORK: &str = "target/foreign";
/// What the fake of a run accepts; it is nobody's.
const TOKEN: &str = "ucat_foreign";
const USERNAME: &str = "foreign";
const PASSWORD: &str = "not-a-secret";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Run only these
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// Write nothing; fail if xtask/foreign.md is stale
    #[arg(long)]
    check: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
enum Part {
    /// Other people's clients, each through a server's life and a group's life
    Clients,
    /// schemathesis, which makes requests up from openapi.yaml and looks for an answer that is not as described
    Schemathesis,
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<(), Vec<String>> {
    let wanted = |part| arguments.only.is_none_or(|only| only == part);
    let fake = FakeProgram::build(root)?;
    let tools = crate::tools::python(root, TOOLS)?;
    let mut findings = Vec::new();
    if wanted(Part::Clients) {
        let done = clients::run(root, &fake, &tools).and_then(|table| refresh(root, &table, arguments.check));
        findings.extend(done.err().into_iter().flatten());
    }
    if wanted(Part::Schemathesis) {
        findings.extend(schemathesis::run(root, &fake, &tools).err().into_iter().flatten());
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

fn refresh(root: &Path, fresh: &str, check: bool) -> Result<(), Vec<String>> {
    let path = root.join(table::FILE);
    if fs::read_to_string(&path).is_ok_and(|committed| committed == fresh) {
        return Ok(());
    }
    if check {
        let sentence = "stale: run `cargo xtask foreign --only clients` and commit what it writes";
        return Err(vec![format!("{}:1: {sentence}", table::FILE)]);
    }
    fs::write(&path, fresh).map_err(|e| vec![format!("{}: cannot be written: {e}", table::FILE)])?;
    println!("Wrote {}", table::FILE);
    Ok(())
}
