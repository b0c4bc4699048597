//! `cargo xtask diff REV`: what changed in the description since a revision, how much it breaks, and whether the versions
//! say so. What may live here: the command; the folder `diff` has the comparison.
//!
//! Maintained tools were tried in November 2026. `cargo semver-checks` 0.51.0 works with Rust 1.95 and finds a method or a field
//! that is gone in 0.2 s, but not that `Zone::description` became a number: no lint of it compares types, and those of fields
//! are what an edit of the description changes. It also takes a build of either side, where this takes the two descriptions,
//! and eight minutes to install. `oasdiff` is for Go 1.26 and is on no registry but Go's; Debian has Go 1.19. And neither
//! knows what `x-open-enum` and `x-error-codes` promise.

pub(crate) mod change;
mod compare;
mod leftover;
mod operations;
mod rust;
mod schema;
#[cfg(test)]
mod tests;
mod version;

use std::path::Path;

use change::{Area, Change, Level};
use semver::Version;
use serde_json::Value;

use crate::{
    SPEC,
    codegen::{fault::Fault, spec::Spec},
    git,
};

const MANIFEST: &str = "Cargo.toml";

/// What changed in openapi.yaml since a revision, and the version it deserves; fails if that was not raised.
///
/// Each change is rated: `patch` (words and examples), `compatible` (something new that nobody has to look at) or `breaking`,
/// on the wire for clients in every language, `in generated code` where only names and types change, and for Rust, where the
/// public items that are generated from both sides are compared. Which way a thing travels counts: a new required property
/// breaks in a request, one that is no longer required breaks in an answer.
///
/// The version follows Semantic Versioning. From 1.0.0 on a breaking change raises the first number, a compatible one the
/// second, a patch the third. Before, in 0.x, a breaking change raises the second number and every other change the third,
/// as Cargo reads versions. `info.version` of openapi.yaml answers for the wire and for generated code, the version in
/// Cargo.toml for Rust.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A commit, branch or tag; without it the newest tag of a release (v1.2.3) that this commit follows
    rev: Option<String>,
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<(), Vec<String>> {
    let Some(rev) = arguments.rev.clone().or_else(|| git::last_release(root)) else {
        println!("No tag of a release (v1.2.3) is here, so there is no version to keep a promise of");
        return Ok(());
    };
    let commit = git::commit(root, &rev).map_err(|e| vec![e])?;
    println!("Comparing {SPEC} at {rev} ({commit}) with the one in this folder");
    let old = Side::read(|file| git::file_at(root, &commit, file), &format!("{SPEC} at {rev}"))?;
    let new = Side::read(
        |file| std::fs::read_to_string(root.join(file)).map_err(|e| format!("{file}: cannot be read: {e}")),
        SPEC,
    )?;
    let changes = compare::changes(&old.spec, &new.spec);
    for change in &changes {
        println!("{}", change.told(&rev));
    }
    println!("Generating the Rust client from both");
    let rust = rust::changes(old.spec.text(), new.spec.text(), &rev)?;
    for (level, sentence) in &rust.changes {
        println!("Rust: {level}: {sentence}");
    }
    conclude(&changes, &rust, &old, &new, &rev)
}

/// What one side of the comparison says.
#[derive(Debug)]
struct Side {
    spec: Spec,
    manifest: String,
}

impl Side {
    fn read(file: impl Fn(&str) -> Result<String, String>, name: &str) -> Result<Self, Vec<String>> {
        let text = file(SPEC).map_err(|e| vec![e])?;
        let spec = Spec::parse(&text).map_err(|fault| vec![fault.in_file(name)])?;
        Ok(Self { spec, manifest: file(MANIFEST).map_err(|e| vec![e])? })
    }

    /// `info.version`.
    fn version(&self, name: &str) -> Result<Version, Vec<String>> {
        let at = "#/info/version";
        let text = self.spec.resolve(at).and_then(Value::as_str).unwrap_or_default();
        text.parse().map_err(|e| {
            let sentence = format!("{text:?} is no version of three numbers: {e}");
            vec![Fault::new(&self.spec, at, sentence).in_file(name)]
        })
    }

    /// The version of the crate and its line.
    fn package(&self, name: &str) -> Result<(Version, usize), Vec<String>> {
        version::of_package(&self.manifest)
            .ok_or_else(|| vec![format!("{name}: the package has no version of three numbers")])
    }
}

/// Says what all this deserves; the findings are the versions that were not raised.
fn conclude(changes: &[Change], rust: &rust::Rust, old: &Side, new: &Side, rev: &str) -> Result<(), Vec<String>> {
    let (wire, names) = (change::highest(changes, Area::Wire), change::highest(changes, Area::Names));
    let spec_level = wire.max(names);
    if spec_level.is_none() && rust.highest().is_none() {
        println!("Nothing changed");
        return Ok(());
    }
    let said = |level: Option<Level>| level.map_or_else(|| "nothing".to_owned(), |level| level.to_string());
    println!("On the wire: {}. In generated code: {}. In Rust: {}.", said(wire), said(names), said(rust.highest()));
    let mut findings = Vec::new();
    let old_name = format!("{SPEC} at {rev}");
    let (was, is) = (old.version(&old_name)?, new.version(SPEC)?);
    let least = version::deserved(&was, spec_level);
    println!("info.version was {was}, deserves {least}, and is {is}");
    if is < least {
        let sentence =
            format!("the version is {is}, but what changed since {rev} is {}: raise it to {least}", said(spec_level));
        findings.push(Fault::new(&new.spec, "#/info/version", sentence).in_file(SPEC));
    }
    let (was, _) = old.package(&format!("{MANIFEST} at {rev}"))?;
    let (is, line) = new.package(MANIFEST)?;
    let least = version::deserved(&was, rust.highest());
    println!("The crate was {was}, deserves {least}, and is {is}");
    if is < least {
        let level = said(rust.highest());
        findings.push(format!(
            "{MANIFEST}:{line}: the version is {is}, but what changed for Rust since {rev} is {level}: raise it to {least}"
        ));
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}
