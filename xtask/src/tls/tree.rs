//! What the default of this crate brings into a tree of dependencies: the TLS of reqwest's own default, and nothing else.

use std::{collections::BTreeSet, path::Path};

use crate::{cargo, tools};

/// The packages, each with its version and features.
type Tree = BTreeSet<String>;

/// Other roads to TLS, none of which the default may have.
const OTHERS: [&str; 4] = ["native-tls", "openssl", "openssl-sys", "ring"];

/// Compares a program that takes TLS from reqwest's default with one that takes it from ours.
pub(super) fn findings(home: &Path) -> Result<Vec<String>, String> {
    let theirs = tree(home, "upcloud,reqwest-default")?;
    let ours = tree(home, "upcloud,upcloud/default")?;
    Ok(compare(&theirs, &ours))
}

fn tree(home: &Path, features: &str) -> Result<Tree, String> {
    let tree = ["tree", "--offline", "--target", "all", "--edges", "normal,build", "--prefix", "none", "--no-dedupe"];
    let said = tools::output(cargo::command(home).args(tree).args(["--format", "{p} {f}", "--features", features]))?;
    // Of these two, other features are on because they were asked for.
    let asked = ["tls-programs", "upcloud"];
    Ok(said.lines().filter(|line| !asked.contains(&name(line))).map(str::to_owned).collect())
}

fn name(line: &str) -> &str {
    line.split(' ').next().unwrap_or_default()
}

fn compare(theirs: &Tree, ours: &Tree) -> Vec<String> {
    let mut findings = Vec::new();
    if !theirs.iter().any(|line| name(line) == "rustls") {
        findings.push("reqwest's default has no rustls: this comparison is out of date".to_owned());
    }
    let alone = |line: &String, whose| format!("with {whose} default alone there is {line}");
    findings.extend(theirs.difference(ours).map(|line| alone(line, "reqwest's")));
    findings.extend(ours.difference(theirs).map(|line| alone(line, "our")));
    let others = ours.iter().filter(|line| OTHERS.contains(&name(line)));
    findings.extend(others.map(|line| format!("our default brings {line}")));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_provider_is_found_and_so_is_another_feature() {
        let tree = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Tree>();
        let theirs = tree(&["http v1 ", "rustls v0 aws-lc-rs"]);
        assert_eq!(compare(&theirs, &theirs), Vec::<String>::new());
        assert_eq!(
            compare(&theirs, &tree(&["http v1 ", "ring v0 ", "rustls v0 ring"])),
            [
                "with reqwest's default alone there is rustls v0 aws-lc-rs",
                "with our default alone there is ring v0 ",
                "with our default alone there is rustls v0 ring",
                "our default brings ring v0 ",
            ]
        );
        assert_eq!(compare(&tree(&["http v1 "]), &tree(&["http v1 "])).len(), 1, "nothing was compared");
    }
}
