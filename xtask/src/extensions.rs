//! Each extension (`x-...`) that the description uses is explained to its readers, at its top and in `SPEC.md`, and
//! nothing is explained that is not used.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    SPEC,
    codegen::{
        fault::Fault,
        spec::{self, Spec, escape},
    },
};

/// What readers of other languages get, from the root of the repository.
pub(crate) const GUIDE: &str = "SPEC.md";
/// Where the description itself explains them.
const TOP: &str = "#/info/description";

/// One line for each extension that is used or explained alone.
pub(crate) fn findings(guide: &str, spec: &Spec) -> Vec<String> {
    let mut used: BTreeMap<&str, String> = BTreeMap::new();
    spec::walk(spec.document(), "#", &mut |pointer, object| {
        // Values of examples may look like anything.
        let keys = object.keys().filter(|key| key.starts_with("x-") && !pointer.contains("/example"));
        for key in keys {
            used.entry(key).or_insert_with(|| format!("{pointer}/{}", escape(key)));
        }
    });
    let top = spec.resolve(TOP).and_then(Value::as_str).unwrap_or_default();
    let at_top = explained(top, "* `");
    let in_guide = explained(guide, "| `");
    let mut findings = Vec::new();
    for (key, pointer) in &used {
        for (place, explained) in [(TOP, &at_top), (GUIDE, &in_guide)] {
            if !explained.contains_key(key) {
                findings.push(Fault::new(spec, pointer, format!("{key} is not explained in {place}")).in_file(SPEC));
            }
        }
    }
    for key in at_top.keys().filter(|key| !used.contains_key(*key)) {
        findings.push(Fault::new(spec, TOP, format!("{key} is explained but nothing uses it")).in_file(SPEC));
    }
    for (key, line) in in_guide.iter().filter(|(key, _)| !used.contains_key(*key)) {
        findings.push(format!("{GUIDE}:{line}: {key} is explained but nothing in {SPEC} uses it"));
    }
    findings
}

/// The extensions that the lines of a text begin with, and on which line.
fn explained<'a>(text: &'a str, begin: &str) -> BTreeMap<&'a str, usize> {
    let lines = text.lines().enumerate();
    lines
        .filter_map(|(n, line)| {
            let key = line.strip_prefix(begin)?.split('`').next()?;
            key.starts_with("x-").then_some((key, n + 1))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::{REAL, planted};

    const COMMITTED: &str = include_str!("../../SPEC.md");

    #[test]
    fn every_extension_is_explained_and_used() {
        assert_eq!(findings(COMMITTED, &Spec::parse(REAL).unwrap()), [""; 0]);
    }

    #[test]
    fn the_numbers_of_the_guide_are_those_of_the_description() {
        let spec = Spec::parse(REAL).unwrap();
        let operations = format!("\n{} operations, ", spec.operations().count());
        let rows: usize = spec.operations().map(|operation| operation.error_rows().count()).sum();
        assert!(COMMITTED.contains(&operations), "SPEC.md does not say{operations}");
        assert!(COMMITTED.contains(&format!(" {rows} rows of operation")), "SPEC.md does not say {rows} rows");
    }

    #[test]
    fn finds_an_extension_that_nobody_explains() {
        let spec = planted("x-multi-segment: true", "x-many-segments: true");
        let found = findings(COMMITTED, &spec);
        let line = REAL.lines().position(|line| line.contains("x-multi-segment: true")).unwrap() + 1;
        let place =
            format!("openapi.yaml:{line}: #/components/parameters/MetadataPath/x-many-segments: x-many-segments");
        assert_eq!(found.len(), 4, "{found:#?}");
        assert_eq!(found[0], format!("{place} is not explained in #/info/description"));
        assert_eq!(found[1], format!("{place} is not explained in SPEC.md"));
        assert!(
            found[2].starts_with("openapi.yaml:") && found[2].contains("x-multi-segment is explained but"),
            "{found:#?}"
        );
        assert!(
            found[3].starts_with("SPEC.md:") && found[3].contains("x-multi-segment is explained but"),
            "{found:#?}"
        );
    }
}
