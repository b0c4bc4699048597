//! The linters of others that `cargo xtask lint --all` runs, at the versions that `xtask/tools/lint` pins. What may live
//! here: the list of them, how they are run, and the form that all their findings get; how one of them is called and read
//! has a file of its own.

mod generator;
mod redocly;
mod spec_validator;
mod spectral;
mod waivers;
mod yamllint;

use std::{
    path::Path,
    process::{Command, Output, Stdio},
    time::Instant,
};

use crate::{
    SPEC,
    codegen::{fault::Fault, spec::Spec},
    tools::{self, Tools},
};

/// The set of tools, and the folder of their settings.
const SET: &str = "lint";
/// Where the settings are, from the root of the repository.
const SETTINGS: &str = "xtask/tools/lint";

/// One finding, whoever found it.
#[derive(Clone, Debug)]
struct Finding {
    linter: &'static str,
    /// What the linter calls its rule.
    rule: String,
    fault: Fault,
}

impl Finding {
    fn line(&self) -> String {
        format!("{} ({} {})", self.fault.in_file(SPEC), self.linter, self.rule)
    }
}

/// One linter: how it is called from the root of the repository, and what its answer means.
struct Linter {
    /// As the waivers and the findings name it.
    name: &'static str,
    /// As the registry of its language names it.
    package: &'static str,
    language: Language,
    command: fn(&Tools) -> Command,
    /// From what it wrote and what it complained of.
    read: fn(&Spec, &str, &str) -> Result<Vec<Finding>, String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Language {
    Node,
    Python,
}

const ALL: [Linter; 5] =
    [redocly::LINTER, spectral::LINTER, spec_validator::LINTER, generator::LINTER, yamllint::LINTER];

/// Runs them all, side by side; one line for each finding that no waiver covers, and for each waiver without use.
pub(crate) fn findings(root: &Path, spec: &Spec) -> Result<Vec<String>, Vec<String>> {
    let waivers = waivers::read(root)?;
    let (node, python) = (tools::node(root, SET)?, tools::python(root, SET)?);
    let mut findings = Vec::new();
    let mut failed = Vec::new();
    std::thread::scope(|scope| {
        let running: Vec<_> = ALL
            .iter()
            .map(|linter| {
                let tools = if linter.language == Language::Node { &node } else { &python };
                println!("Running {} {}", linter.package, tools::version(root, SET, linter.package));
                (linter, scope.spawn(move || run(linter, tools, root, spec)))
            })
            .collect();
        for (linter, thread) in running {
            match thread.join() {
                Ok(Ok(found)) => findings.extend(found),
                Ok(Err(sentence)) => failed.push(format!("{}: {sentence}", linter.name)),
                Err(_) => {
                    failed.push(format!("{}: its answer could not be read: this is a fault of xtask", linter.name));
                }
            }
        }
    });
    let mut lines = waivers::open(&waivers, &findings);
    if failed.is_empty() {
        // Whoever did not look cannot have found what a waiver is for.
        lines.extend(waivers::unused(&waivers, &findings));
    }
    lines.extend(failed);
    println!("The linters found {} in all, {} of them waived", findings.len(), waivers::waived(&waivers, &findings));
    Ok(lines)
}

fn run(linter: &Linter, tools: &Tools, root: &Path, spec: &Spec) -> Result<Vec<Finding>, String> {
    let begun = Instant::now();
    let mut command = (linter.command)(tools);
    let output = command.current_dir(root).stdin(Stdio::null()).output().map_err(|e| format!("cannot be run: {e}"))?;
    let found = answer(linter, spec, &output)?;
    println!("{}: {} found in {:.1} s", linter.name, found.len(), begun.elapsed().as_secs_f64());
    Ok(found)
}

/// A linter that fails and names nothing was not able to look; that must not pass for a clean description.
fn answer(linter: &Linter, spec: &Spec, output: &Output) -> Result<Vec<Finding>, String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    let complaint = || format!("{text} {complaints}").split_whitespace().collect::<Vec<_>>().join(" ");
    let found = (linter.read)(spec, &text, &complaints).map_err(|e| format!("{e}: {}", complaint()))?;
    if found.is_empty() && !output.status.success() {
        return Err(format!("{}: {}", output.status, complaint()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::{Edit, REAL, line};

    /// Fails the way a tool does that cannot start.
    #[cfg(unix)]
    #[test]
    fn a_linter_that_could_not_look_is_not_content() {
        use std::os::unix::process::ExitStatusExt;
        let spec = Spec::parse(REAL).unwrap();
        for linter in &ALL {
            let output = Output {
                status: std::process::ExitStatus::from_raw(256),
                stdout: Vec::new(),
                stderr: b"no such\nthing".to_vec(),
            };
            let said = answer(linter, &spec, &output).unwrap_err();
            assert!(said.contains("no such thing"), "{}: {said}", linter.name);
        }
    }

    #[test]
    #[ignore = "needs Node.js, Python and Java; .ci/run calls it"]
    fn each_linter_finds_what_is_planted() {
        let root = crate::root();
        let (node, python) = (tools::node(&root, SET).unwrap(), tools::python(&root, SET).unwrap());
        let home = tempfile::tempdir().unwrap();
        let folder = home.path();
        std::fs::create_dir_all(folder.join(SETTINGS)).unwrap();
        for file in ["redocly.yaml", "spectral.yaml", "yamllint.yaml"] {
            std::fs::copy(root.join(SETTINGS).join(file), folder.join(SETTINGS).join(file)).unwrap();
        }
        let plant = |from: &str, to: &str| {
            let text = Edit::first(from, to).apply(REAL);
            std::fs::write(folder.join(SPEC), &text).unwrap();
            (Spec::parse(&text).ok(), line(REAL, "", from))
        };
        let misspelt = plant("maxLength: 128\n", "maxLenght: 128\n");
        for linter in ALL.iter().filter(|linter| linter.name != yamllint::LINTER.name) {
            let tools = if linter.language == Language::Node { &node } else { &python };
            let found = run(linter, tools, folder, misspelt.0.as_ref().unwrap()).unwrap();
            let lines: Vec<String> = found.iter().map(Finding::line).collect();
            assert!(
                found.iter().any(|one| one.fault.pointer.starts_with("#/components/schemas/Hostname")
                    && one.fault.line.abs_diff(misspelt.1) < 6
                    && one.line().contains("maxLenght")),
                "{}: {lines:#?}",
                linter.name
            );
        }
        let twice = plant("summary: List servers\n", "summary: List servers\n      summary: List servers\n");
        let spec = Spec::parse(REAL).unwrap();
        let found = run(&yamllint::LINTER, &python, folder, &spec).unwrap();
        assert!(found.iter().any(|one| one.rule == "key-duplicates" && one.fault.line == twice.1 + 1), "{found:#?}");
    }
}
