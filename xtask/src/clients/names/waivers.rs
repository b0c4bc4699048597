//! Names that stay as a generator bends them, because the description cannot help it: `names.yaml` lists each with what it
//! becomes and why.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;

use super::{Finding, Found};

/// From the root of the repository.
const FILE: &str = "xtask/tools/clients/names.yaml";

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Waiver {
    /// What it is and what the description calls it.
    name: String,
    /// From the generator to what it makes of the name.
    becomes: BTreeMap<String, String>,
    reason: String,
}

impl Waiver {
    pub(super) fn covers(&self, finding: &Finding) -> bool {
        self.name == finding.thing && self.becomes.get(&finding.generator) == Some(&finding.becomes)
    }

    /// A line for each generator that ran and no longer needs the waiver.
    pub(super) fn unused(&self, found: &Found) -> Vec<String> {
        let needed = |generator: &String| {
            found.findings.iter().any(|finding| finding.generator == *generator && self.covers(finding))
        };
        let unused = self.becomes.keys().filter(|of| found.generators.contains(of) && !needed(of));
        unused.map(|of| format!("{FILE}: {}: {of} no longer bends it so: remove the waiver", self.name)).collect()
    }
}

pub(super) fn read(root: &Path) -> Result<Vec<Waiver>, String> {
    let text = std::fs::read_to_string(root.join(FILE)).map_err(|e| format!("{FILE}: cannot be read: {e}"))?;
    parse(&text)
}

fn parse(text: &str) -> Result<Vec<Waiver>, String> {
    let waivers: Vec<Waiver> = yaml_serde::from_str(text).map_err(|e| {
        let line = e.location().map_or(1, |at| at.line());
        format!("{FILE}:{line}: not a list of waivers (name, becomes, reason): {e}")
    })?;
    match waivers.iter().find(|waiver| waiver.reason.trim().is_empty()) {
        Some(waiver) => Err(format!("{FILE}: {}: a waiver needs a reason", waiver.name)),
        None => Ok(waivers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(generator: &str, becomes: &str) -> Finding {
        Finding {
            generator: generator.to_owned(),
            thing: "property interface".to_owned(),
            becomes: becomes.to_owned(),
            sentence: String::new(),
        }
    }

    #[test]
    fn a_waiver_covers_what_it_names_and_no_other() {
        let text = "- name: property interface\n  becomes: {dart: interface_, java: _interface, php: x}\n  reason: The API's.\n";
        let waiver = parse(text).unwrap().remove(0);
        let findings = vec![finding("dart", "interface_"), finding("java", "other"), finding("kotlin", "interface_")];
        assert_eq!(findings.iter().map(|one| waiver.covers(one)).collect::<Vec<_>>(), [true, false, false]);
        let found = Found { generators: vec!["dart".to_owned(), "java".to_owned()], findings };
        assert_eq!(
            waiver.unused(&found),
            ["xtask/tools/clients/names.yaml: property interface: java no longer bends it so: remove the waiver"]
        );
    }

    #[test]
    fn a_waiver_gives_its_reason() {
        assert!(parse("- {name: a, becomes: {}, reason: ''}\n").unwrap_err().ends_with("a: a waiver needs a reason"));
        assert!(parse("- {name: a, becomes: {}}\n").unwrap_err().contains("missing field `reason`"));
    }
}
