//! `cargo xtask layers`: the files of `src` stand in layers, and each imports only from its own and from those before it; no
//! files import each other in a circle. Parent and child are excepted from both: a parent gathers what its children are, and a
//! child finds there what it shares with its siblings.
//!
//! What may live here: the table of the layers and what is said of an import. Where an import leads is found in
//! `layers/imports.rs`.

mod imports;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use crate::codegen::{self, Generated};
use imports::{Import, Sources};

/// The layers, first to last. A name stands for the file `src/NAME.rs` and those in its folder that have no name of their own
/// here. What is generated counts as files below the one that includes it: `generated/client` is `client.rs` in the folder of
/// the build, and `generated/client/types` is the module `types` in there.
const LAYERS: [(&str, &[&str]); 9] = [
    ("wire", &["open_enum", "shown", "wire"]),
    ("model", &["docs", "model", "schema"]),
    ("error", &["error"]),
    ("retry", &["retry"]),
    ("transport", &["credentials", "tls", "transport"]),
    ("call", &["call"]),
    ("operations", &["catalog", "checks", "endpoint", "metadata", "operations", "server", "server_group"]),
    ("client", &["client"]),
    ("fake", &["fake"]),
];

/// The root of the crate names what users see, from every layer.
const ROOT: &str = "lib";

/// Checks the sources of the library.
pub(crate) fn run(root: &Path) -> Result<(), Vec<String>> {
    let generated = codegen::generate(&crate::spec(root)?).map_err(|fault| vec![fault.in_file(crate::SPEC)])?;
    let sources = Sources::read(&root.join("src"), &texts(generated)).map_err(|e| vec![e])?;
    let findings = findings(&sources, &LAYERS);
    if findings.is_empty() {
        println!("{} files in {} layers, and no circle", sources.files().count(), LAYERS.len());
        return Ok(());
    }
    Err(findings)
}

/// What the build script writes, by file.
fn texts(generated: Generated) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("types.rs", generated.types),
        ("tables.rs", generated.tables),
        ("schemas.rs", generated.schemas),
        ("client.rs", generated.client),
        ("calls.rs", generated.calls),
        ("checks.rs", generated.checks),
        ("accepted.rs", generated.accepted),
    ])
}

/// All that is wrong with the imports, one sentence each.
fn findings(sources: &Sources, layers: &[(&str, &[&str])]) -> Vec<String> {
    let imports = sources.imports();
    let mut findings: Vec<String> = imports.unknown.clone();
    let names: BTreeSet<&str> = layers.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    let unused = names.iter().filter(|name| !sources.files().any(|file| file == **name));
    findings.extend(unused.map(|name| format!("xtask/src/layers.rs: {name} is a name of no file of src")));
    let homeless = sources.files().filter(|file| *file != ROOT && layer(layers, file).is_none());
    findings.extend(homeless.map(|file| format!("{}: in no layer of xtask/src/layers.rs", sources.shown(file))));

    let later = |import: &Import| {
        let (from, to) = (layer(layers, &import.from)?, layer(layers, &import.to)?);
        (from < to && !family(&import.from, &import.to)).then(|| (layers[from].0, layers[to].0))
    };
    let mut rest = Vec::new();
    for import in imports.known {
        match later(&import) {
            Some((from, to)) => findings.push(format!(
                "{} imports {to} from {from}: {}",
                place(sources, &import),
                shown(sources, &import)
            )),
            // Circles are looked for in what is left, or each wrong import would bring its whole circle with it.
            None => rest.push(import),
        }
    }
    for circle in circles(&rest) {
        let inner = |import: &&Import| circle.contains(&import.from) && circle.contains(&import.to);
        let mut pairs = BTreeSet::new();
        for import in rest.iter().filter(inner).filter(|import| !family(&import.from, &import.to)) {
            if pairs.insert((&import.from, &import.to)) {
                let (place, import) = (place(sources, import), shown(sources, import));
                findings.push(format!("{place} imports in a circle of {} files: {import}", circle.len()));
            }
        }
    }
    findings
}

fn place(sources: &Sources, import: &Import) -> String {
    format!("{}:{}", sources.shown(&import.from), import.line)
}

fn shown(sources: &Sources, import: &Import) -> String {
    format!("{} is in {}", import.path, sources.shown(&import.to))
}

/// The layer of a file: that of the longest name which is the file's own or that of a file above it.
fn layer(layers: &[(&str, &[&str])], file: &str) -> Option<usize> {
    let above = |name: &str| file == name || file.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'));
    let known = layers.iter().enumerate().flat_map(|(n, (_, names))| names.iter().map(move |name| (n, *name)));
    known.filter(|(_, name)| above(name)).max_by_key(|(_, name)| name.len()).map(|(n, _)| n)
}

/// Whether one file is the other's parent.
fn family(a: &str, b: &str) -> bool {
    let parent = |file: &str| file.rsplit_once('/').map(|(parent, _)| parent.to_owned());
    parent(a).as_deref() == Some(b) || parent(b).as_deref() == Some(a)
}

/// The sets of files each of which imports, over others of them, every other. A set that is a file with files below it is no
/// circle if nothing is left of it without the imports between parent and child.
fn circles(imports: &[Import]) -> Vec<BTreeSet<String>> {
    let mut found = Vec::new();
    for circle in knots(imports) {
        let head = circle.iter().min_by_key(|file| file.len()).cloned().unwrap_or_default();
        let below = format!("{head}/");
        if !circle.iter().all(|file| *file == head || file.starts_with(&below)) {
            found.push(circle);
            continue;
        }
        let strangers: Vec<Import> = imports
            .iter()
            .filter(|import| circle.contains(&import.from) && circle.contains(&import.to))
            .filter(|import| !family(&import.from, &import.to))
            .cloned()
            .collect();
        found.extend(knots(&strangers));
    }
    found
}

/// The sets of more than one file, each of which leads to every other.
fn knots(imports: &[Import]) -> Vec<BTreeSet<String>> {
    let mut next: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for import in imports {
        next.entry(&import.from).or_default().insert(&import.to);
    }
    let reached = |from: &str| -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&str> = next.get(from).into_iter().flatten().copied().collect();
        while let Some(file) = open.pop() {
            if reached.insert(file) {
                open.extend(next.get(file).into_iter().flatten());
            }
        }
        reached
    };
    let reach: BTreeMap<&str, BTreeSet<&str>> = next.keys().map(|file| (*file, reached(file))).collect();
    let leads = |from: &str, to: &str| reach.get(from).is_some_and(|reached| reached.contains(to));
    let mut found = BTreeSet::new();
    for (file, reached) in &reach {
        let mut knot: BTreeSet<String> =
            reached.iter().filter(|other| leads(other, file)).map(|other| (*other).to_owned()).collect();
        knot.insert((*file).to_owned());
        if knot.len() > 1 {
            found.insert(knot);
        }
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests;
