//! Which schemas a part of the description can lead to, by its references.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::codegen::spec::{self, Spec};

/// The names of all schemas that `parts` lead to.
pub(crate) fn schemas<'a>(spec: &'a Spec, parts: impl IntoIterator<Item = &'a Value>) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&Value> = parts.into_iter().collect();
    while let Some(part) = open.pop() {
        spec::walk(part, "#", &mut |_, object| {
            let reference = object.get("$ref").and_then(Value::as_str);
            if let Some(reference) = reference.filter(|reference| seen.insert(*reference)) {
                open.extend(spec.resolve(reference));
            }
        });
    }
    seen.into_iter().filter_map(|reference| reference.strip_prefix("#/components/schemas/")).collect()
}
