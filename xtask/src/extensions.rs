//! Each extension (`x-...`) that the description uses is explained to its readers, at its top and in `SPEC.md`, and
//! nothing is explained that is not used.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

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
const TOP: &str = "#/x-extensions";

/// One line for each extension that is used or explained alone.
pub(crate) fn findings(guide: &str, spec: &Spec) -> Vec<String> {
    let mut used: BTreeMap<&str, String> = BTreeMap::new();
    spec::walk(spec.document(), "#", &mut |pointer, object| {
        // Values of examples may look like anything, and to explain is not to use.
        let keys = object.keys().filter(|key| key.starts_with("x-") && !pointer.contains("/example") && pointer != TOP);
        for key in keys {
            used.entry(key).or_insert_with(|| format!("{pointer}/{}", escape(key)));
        }
    });
    let at_top = spec.resolve(TOP).and_then(Value::as_object).into_iter().flat_map(Map::keys);
    let at_top: BTreeSet<&str> = at_top.map(String::as_str).collect();
    let in_guide = explained(guide);
    let mut findings = Vec::new();
    for (key, pointer) in &used {
        for (place, explained) in [(TOP, at_top.contains(key)), (GUIDE, in_guide.contains_key(key))] {
            if !explained {
                findings.push(Fault::new(spec, pointer, format!("{key} is not explained in {place}")).in_file(SPEC));
            }
        }
    }
    for key in at_top.into_iter().filter(|key| !used.contains_key(key)) {
        let place = format!("{TOP}/{key}");
        findings.push(Fault::new(spec, &place, format!("{key} is explained but nothing uses it")).in_file(SPEC));
    }
    for (key, line) in in_guide.iter().filter(|(key, _)| !used.contains_key(*key)) {
        findings.push(format!("{GUIDE}:{line}: {key} is explained but nothing in {SPEC} uses it"));
    }
    findings
}

/// The extensions that the rows of a table begin with, and on which line.
fn explained(text: &str) -> BTreeMap<&str, usize> {
    let lines = text.lines().enumerate();
    lines
        .filter_map(|(n, line)| {
            let key = line.strip_prefix("| `")?.split('`').next()?;
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
    fn finds_an_extension_that_nobody_explains() {
        let spec = planted("x-multi-segment: true", "x-many-segments: true");
        let found = findings(COMMITTED, &spec);
        let line = REAL.lines().position(|line| line.contains("x-multi-segment: true")).unwrap() + 1;
        let place =
            format!("openapi.yaml:{line}: #/components/parameters/MetadataPath/x-many-segments: x-many-segments");
        assert_eq!(found.len(), 4, "{found:#?}");
        assert_eq!(found[0], format!("{place} is not explained in #/x-extensions"));
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
