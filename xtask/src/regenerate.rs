//! `cargo xtask regenerate`: from an edit of the description to what it changed for a Rust user.

use std::{fs, path::Path, process::Stdio, time::Instant};

use crate::{
    SPEC, bodies, cargo,
    codegen::{self, Generated, spec::Spec},
    coverage,
    difference::Difference,
    git, listing, surface,
};

/// What is derived and committed, with what it holds.
const CRATE: (&str, &str) = ("xtask/public-api.txt", "the public items of the crate");
const GENERATED: (&str, &str) = ("xtask/generated-api.txt", "the public items of the generated code");
/// What is built: the crate by way of the first example, which uses the hand layer and the fake. It is the build of the
/// README, so whoever tried that has the dependencies.
const BUILD: [&str; 4] = ["build", "--example", "quickstart", "--message-format=short"];

/// Check openapi.yaml, generate the client from it, build, refresh what is committed of it, and show what changed for a
/// Rust user.
///
/// What is shown: items that were added, removed or changed in the public API of the crate and of the generated code,
/// against the committed listings; and, against the last commit, generated items that kept their signature but do or say
/// something else. If the crate does not build any more, each error of the compiler is a finding and nothing is written.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing; fail if something committed is stale
    #[arg(long)]
    pub(crate) check: bool,
    /// Leave out the items of the crate that are written by hand: rustdoc has to read the whole crate to tell them
    #[arg(long)]
    pub(crate) quick: bool,
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<(), Vec<String>> {
    let started = Instant::now();
    println!("Checking {SPEC} and generating the client from it");
    let yaml = crate::spec(root)?;
    let spec = Spec::parse(&yaml).map_err(|fault| vec![fault.in_file(SPEC)])?;
    let generated = codegen::generate(&yaml).map_err(|fault| vec![fault.in_file(SPEC)])?;
    println!("Listing the generated items and tracing each section of the documentation");
    let of_generated = listing::of(&generated).map_err(|e| no_rust(&e))?;
    let mut fresh = vec![(coverage::TABLE, coverage::table(root, &spec)?), (GENERATED.0, of_generated)];
    show(root, GENERATED, &fresh[1].1)?;
    behind_the_names(root, &yaml, &generated)?;
    println!("That is what changed in generated code, told after {:.1?}", started.elapsed());
    if !arguments.check {
        build(root)?;
    }
    if !arguments.quick {
        println!("Listing the public items of the crate, as rustdoc knows them");
        let of_crate = surface::of(root)?;
        show(root, CRATE, &of_crate)?;
        fresh.push((CRATE.0, of_crate));
    }
    if arguments.check {
        let stale: Vec<String> = fresh.iter().filter_map(|(file, text)| stale(root, file, text)).collect();
        return if stale.is_empty() { Ok(()) } else { Err(stale) };
    }
    for (file, text) in &fresh {
        write(root, file, text)?;
    }
    println!("Done after {:.1?}", started.elapsed());
    Ok(())
}

fn no_rust(e: &syn::Error) -> Vec<String> {
    vec![format!("{SPEC}: the generated code is no Rust: {e}")]
}

/// Shows how a listing differs from the committed one.
fn show(root: &Path, (file, what): (&str, &str), fresh: &str) -> Result<(), Vec<String>> {
    let committed = match fs::read_to_string(root.join(file)) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(vec![format!("{file}: cannot be read: {e}")]),
    };
    let difference = Difference::between(&committed, fresh);
    println!(
        "Of {what} ({}): {} added, {} removed, {} changed",
        listing::items(fresh),
        difference.added.len(),
        difference.removed.len(),
        difference.changed.len()
    );
    print!("{difference}");
    Ok(())
}

/// Shows what is generated otherwise than at the last commit although its name and signature are the same.
fn behind_the_names(root: &Path, yaml: &str, generated: &Generated) -> Result<(), Vec<String>> {
    let Ok(head) = git::commit(root, "HEAD").and_then(|commit| git::file_at(root, &commit, SPEC)) else {
        println!("There is no commit to compare the generated code with");
        return Ok(());
    };
    if head == yaml {
        println!("{SPEC} is as it was committed, so the generated code is too");
        return Ok(());
    }
    let Ok(before) = codegen::generate(&head) else {
        println!("The committed {SPEC} cannot be generated from, so the generated code is not compared");
        return Ok(());
    };
    let bodies = bodies::changed(&before, generated).map_err(|e| no_rust(&e))?;
    println!(
        "Of the generated code since the last commit: {} items are written otherwise, {} are documented otherwise",
        bodies.code.len(),
        bodies.docs.len()
    );
    for (what, names) in [("code     ", &bodies.code), ("docs     ", &bodies.docs)] {
        for name in names {
            println!("{what}{name}");
        }
    }
    Ok(())
}

/// Builds the crate; each error of the compiler is a finding.
fn build(root: &Path) -> Result<(), Vec<String>> {
    println!("Building the crate: cargo {}", BUILD.join(" "));
    let built = cargo::command(root).args(BUILD).stdin(Stdio::null()).output();
    let built = built.map_err(|e| vec![format!("cargo cannot be run: {e}")])?;
    if built.status.success() {
        return Ok(());
    }
    let mut findings = errors(&String::from_utf8_lossy(&built.stderr));
    findings.push("the crate does not build, so nothing was written".to_owned());
    Err(findings)
}

/// What cargo complains of: the errors that have a place, or those of cargo itself where there are none.
pub(crate) fn errors(said: &str) -> Vec<String> {
    let placed = said.lines().filter(|line| line.contains(": error"));
    let mut found: Vec<String> = placed.map(str::to_owned).collect();
    if found.is_empty() {
        found.extend(said.lines().filter(|line| line.starts_with("error")).map(str::to_owned));
    }
    found.dedup();
    found
}

/// Says that a committed file is not what it should be, and where it begins to differ.
fn stale(root: &Path, file: &str, fresh: &str) -> Option<String> {
    let committed = fs::read_to_string(root.join(file)).unwrap_or_default();
    if committed == fresh {
        return None;
    }
    let same = committed.lines().zip(fresh.lines()).take_while(|(old, new)| old == new).count();
    let (old, new) = (committed.lines().nth(same), fresh.lines().nth(same));
    let line = same + 1;
    let what = match (old, new) {
        (Some(old), Some(new)) => format!("it has \"{old}\" where \"{new}\" should be"),
        (None, Some(new)) => format!("it lacks \"{new}\""),
        (Some(old), None) => format!("it has \"{old}\", which is no more"),
        (None, None) => "its last line has another ending".to_owned(),
    };
    Some(format!("{file}:{line}: stale: {what}: run `cargo xtask regenerate` and commit what it writes"))
}

fn write(root: &Path, file: &str, fresh: &str) -> Result<(), Vec<String>> {
    let path = root.join(file);
    if fs::read_to_string(&path).is_ok_and(|committed| committed == fresh) {
        return Ok(());
    }
    fs::write(&path, fresh).map_err(|e| vec![format!("{file}: cannot be written: {e}")])?;
    println!("Wrote {file}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    const CHECK: Arguments = Arguments { check: true, quick: true };

    #[test]
    fn a_check_is_content_with_what_is_committed() {
        let scratch = Scratch::new();
        assert_eq!(run(scratch.root(), &CHECK), Ok(()));
    }

    #[test]
    fn a_check_writes_nothing_and_names_the_line_that_is_stale() {
        let scratch = Scratch::new();
        let file = "xtask/generated-api.txt";
        let committed = scratch.read(file);
        let line = committed.lines().position(|line| line == "enum ServerState").unwrap() + 1;
        let edited = committed.replacen("enum ServerState\n", "enum ServerStates\n", 1);
        scratch.write(file, &edited);
        let findings = run(scratch.root(), &CHECK).unwrap_err();
        let expected =
            format!("{file}:{line}: stale: it has \"enum ServerStates\" where \"enum ServerState\" should be:");
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].starts_with(&expected), "{findings:?}");
        assert_eq!(scratch.read(file), edited);
    }

    #[test]
    fn the_errors_of_the_compiler_are_findings_and_its_warnings_are_not() {
        let said = "   Compiling upcloud v0.1.0\nsrc/a.rs:1:2: warning: unused\nsrc/a.rs:3:4: error[E0609]: no field `x`\n\
                    src/b.rs:5:6: error: expected `;`\nerror: could not compile `upcloud` (lib) due to 2 previous errors\n";
        assert_eq!(errors(said), ["src/a.rs:3:4: error[E0609]: no field `x`", "src/b.rs:5:6: error: expected `;`"]);
        assert_eq!(errors("error: no such command\n"), ["error: no such command"]);
    }
}
