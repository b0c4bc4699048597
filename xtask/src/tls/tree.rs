//! What the default of this crate brings into a tree of dependencies: the TLS of reqwest's own default, and nothing else.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use crate::{cargo, tools};

/// The name of each package, and what cargo says of it: its version and features.
type Tree = BTreeMap<String, String>;

/// Other roads to TLS, none of which the default may have.
const OTHERS: [&str; 4] = ["native-tls", "openssl", "openssl-sys", "ring"];

/// Compares a program with our default to one with reqwest's own.
pub(super) fn findings(home: &Path) -> Result<Vec<String>, String> {
    let [bare, theirs, ours] = ["reqwest,upcloud", "reqwest-default,upcloud", "reqwest,upcloud-default-tls"]
        .map(|features| tree(home, features));
    Ok(compare(&bare?, &theirs?, &ours?))
}

fn tree(home: &Path, features: &str) -> Result<Tree, String> {
    let tree = ["tree", "--offline", "--target", "all", "--edges", "normal,build", "--prefix", "none", "--no-dedupe"];
    let said = tools::output(cargo::command(home).args(tree).args(["--format", "{p} {f}", "--features", features]))?;
    let own = ["tls-programs", "upcloud"];
    let lines = said.lines().filter_map(|line| line.split_once(' '));
    Ok(lines.filter(|(name, _)| !own.contains(name)).map(|(name, rest)| (name.to_owned(), rest.to_owned())).collect())
}

fn compare(bare: &Tree, theirs: &Tree, ours: &Tree) -> Vec<String> {
    let tls = |tree: &Tree| {
        let lines = tree.iter().filter(|(name, rest)| bare.get(*name) != Some(*rest));
        lines.map(|(name, rest)| format!("{name} {rest}")).collect::<BTreeSet<_>>()
    };
    let (theirs, mine) = (tls(theirs), tls(ours));
    let mut findings = Vec::new();
    if theirs.is_empty() {
        findings.push("reqwest's default brings no TLS: there is nothing to compare with".to_owned());
    }
    let found = |line: &String, whose| format!("the tree of {whose} default alone has {line}");
    findings.extend(theirs.difference(&mine).map(|line| found(line, "reqwest's")));
    findings.extend(mine.difference(&theirs).map(|line| found(line, "our")));
    findings.extend(
        OTHERS.iter().filter(|name| ours.contains_key(**name)).map(|name| format!("our default brings {name}")),
    );
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(lines: &[(&str, &str)]) -> Tree {
        lines.iter().map(|(name, rest)| ((*name).to_owned(), (*rest).to_owned())).collect()
    }

    #[test]
    fn another_provider_is_found_and_so_is_another_feature() {
        let bare = tree(&[("http", "1"), ("reqwest", "0 json")]);
        let theirs = tree(&[("http", "1"), ("reqwest", "0 json,rustls"), ("rustls", "0 aws-lc-rs")]);
        assert_eq!(compare(&bare, &theirs, &theirs), Vec::<String>::new());
        let ours = tree(&[("http", "1"), ("reqwest", "0 json,rustls"), ("ring", "0"), ("rustls", "0 ring")]);
        assert_eq!(
            compare(&bare, &theirs, &ours),
            [
                "the tree of reqwest's default alone has rustls 0 aws-lc-rs",
                "the tree of our default alone has ring 0",
                "the tree of our default alone has rustls 0 ring",
                "our default brings ring",
            ]
        );
        assert_eq!(compare(&bare, &bare, &bare).len(), 1, "a comparison with nothing is none");
    }
}
