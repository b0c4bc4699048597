//! What the documentation does not say carries its witness. Which sentence is from where no program can tell; what can be
//! told is that a witness which is named has a name at the top, and that a sentence which speaks of one names it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::counted::Counted;
use crate::codegen::{
    fault::Fault,
    spec::{self, Spec, escape, texts},
};

const WITNESSES: &str = "#/x-witnesses";

/// Whatever has no evidence is from here, so nothing names it.
const DOCUMENTATION: &str = "documentation";

/// What a sentence says that comes from a witness, and the name of that witness.
const WORDS: [(&str, &str); 8] = [
    (" recorded", "recording"),
    (" recording", "recording"),
    (" client of the vendor", "vendor-client"),
    (" clients of the vendor", "vendor-client"),
    (" guide of the vendor", "vendor-guide"),
    (" reported", "third-party"),
    (" other software", "third-party"),
    (" inferred", "inference"),
];

/// Every witness that is named is one of `x-witnesses`, and each of those is named somewhere.
pub(crate) fn witnesses(spec: &Spec) -> Vec<Fault> {
    let known = spec.resolve(WITNESSES).and_then(Value::as_object).into_iter().flat_map(Map::keys);
    let known: BTreeSet<&str> = known.map(String::as_str).filter(|name| *name != DOCUMENTATION).collect();
    let mut named = BTreeSet::new();
    let mut faults = Vec::new();
    each(spec, &mut |pointer, object| {
        let of_values = object.get("x-enum-evidence").and_then(Value::as_object).into_iter().flatten();
        let lists = object.get("x-evidence").map(|list| ("x-evidence".to_owned(), list));
        let lists = lists
            .into_iter()
            .chain(of_values.clone().map(|(value, list)| (format!("x-enum-evidence/{}", escape(value)), list)));
        for (key, list) in lists {
            for name in texts(Some(list)) {
                named.insert(name);
                if !known.contains(name) {
                    let sentence = format!("{name} is no witness of `x-witnesses`");
                    faults.push(Fault::new(spec, &format!("{pointer}/{key}"), sentence));
                }
            }
        }
        for (value, _) in of_values.filter(|(value, _)| texts(object.get("enum")).all(|of| of != *value)) {
            let place = format!("{pointer}/x-enum-evidence/{}", escape(value));
            faults.push(Fault::new(spec, &place, format!("{value} is no value of the enumeration")));
        }
    });
    for name in known.difference(&named) {
        faults.push(Fault::new(spec, &format!("{WITNESSES}/{name}"), format!("no `x-evidence` names {name}")));
    }
    faults
}

/// Every description that speaks of a witness names it in `x-evidence` beside it.
pub(crate) fn sentences(spec: &Spec) -> Counted {
    let mut counted = Counted::default();
    each(spec, &mut |pointer, object| {
        let Some(text) = object.get("description").and_then(Value::as_str) else { return };
        let text = format!(" {}", text.to_lowercase());
        for (_, witness) in WORDS.into_iter().filter(|(words, _)| text.contains(words)) {
            let named = texts(object.get("x-evidence")).any(|name| name == witness);
            let sentence = format!("the description speaks of a {witness}, but `x-evidence` does not name it");
            counted.look(spec, pointer, (!named).then_some(sentence));
        }
    });
    counted
}

/// Every object that is no value of an example, nor explains the file itself.
fn each<'a>(spec: &'a Spec, visit: &mut impl FnMut(&str, &'a Map<String, Value>)) {
    spec::walk(spec.document(), "#", &mut |pointer, object| {
        let about_itself = pointer == "#/info" || pointer.contains("/x-");
        if !about_itself && !pointer.contains("/example") {
            visit(pointer, object);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::{sentences, witnesses};
    use crate::planted::finds;

    #[test]
    fn finds_a_witness_that_nobody_knows() {
        finds(
            witnesses,
            "          x-evidence: [vendor-guide]\n          example: 0b9c1e52",
            "          x-evidence: [vendor-guide, hearsay]\n          example: 0b9c1e52",
            "#/components/schemas/ModifyServer/properties/server_group/x-evidence",
            "hearsay is no witness",
        );
    }

    #[test]
    fn finds_evidence_for_a_value_that_is_gone() {
        finds(
            witnesses,
            "x-enum-evidence: {standard: [vendor-client]}",
            "x-enum-evidence: {usual: [vendor-client]}",
            "#/components/schemas/StorageTier/x-enum-evidence/usual",
            "usual is no value",
        );
    }

    #[test]
    fn finds_a_witness_that_says_nothing() {
        finds(
            witnesses,
            "x-witnesses:\n",
            "x-witnesses:\n  dream: What came at night.\n",
            "#/x-witnesses/dream",
            "names dream",
        );
    }

    #[test]
    fn finds_a_sentence_without_its_witness() {
        finds(
            |spec| sentences(spec).faults,
            "            were answered with `off`, so name it where it matters.\n          x-evidence: [recording]\n",
            "            were answered with `off`, so name it where it matters.\n",
            "#/components/schemas/CreateServer/properties/firewall",
            "speaks of a recording",
        );
    }
}
