//! The code samples in the exported description. The committed one has no copies of them: they stand in programs alone.
//!
//! The text is edited rather than written anew, as that of the lenient flavour is.

use std::fmt::Write as _;

use serde_json::Value;

use super::lenient::{last_line, line};
use crate::{
    codegen::spec::Spec,
    samples::{EXTENSION, Samples},
};

/// The text with the samples at the end of each operation.
pub(super) fn text(spec: &Spec, samples: &Samples) -> String {
    let mut lines: Vec<String> = spec.text().lines().map(str::to_owned).collect();
    let mut blocks: Vec<(usize, String)> = spec
        .operations()
        .map(|operation| (line(spec, &operation.pointer()), block(&samples.of(operation.id()))))
        .filter(|(_, block)| !block.is_empty())
        .map(|(first, block)| (last_line(&lines, first), block))
        .collect();
    let explained = format!("    * `{EXTENSION}`: how a call is made in some languages (in exports only).");
    blocks.push((last_line(&lines, line(spec, "#/info/description")), explained));
    // From the end, so that the places before stay where they are.
    blocks.sort_by_key(|(after, _)| std::cmp::Reverse(*after));
    for (after, block) in blocks {
        lines.insert(after + 1, block);
    }
    lines.join("\n") + "\n"
}

fn block(samples: &[Value]) -> String {
    let mut block = String::new();
    for sample in samples {
        let text = |key: &str| sample.get(key).and_then(Value::as_str).unwrap_or_default();
        let begin = if block.is_empty() { format!("      {EXTENSION}:\n") } else { "\n".to_owned() };
        // Writing to a string cannot fail.
        let _ = write!(
            block,
            "{begin}        - lang: {}\n          label: {}\n          source: |",
            text("lang"),
            text("label")
        );
        for line in text("source").lines() {
            let _ = write!(block, "\n{}", format!("            {line}").trim_end());
        }
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::REAL;

    #[test]
    fn each_operation_gets_its_samples_and_nothing_else_changes() {
        let spec = Spec::parse(REAL).unwrap();
        let samples = Samples::read(&crate::root()).unwrap();
        let with = Spec::parse(&text(&spec, &samples)).unwrap();
        for operation in with.operations() {
            assert_eq!(
                operation.object.get(EXTENSION),
                Some(&Value::Array(samples.of(operation.id()))),
                "{}",
                operation.id()
            );
        }
        let mut document = with.document().clone();
        for operation in spec.operations() {
            document.pointer_mut(&operation.pointer()[1..]).unwrap().as_object_mut().unwrap().remove(EXTENSION);
        }
        let told = spec.document()["info"]["description"].as_str().unwrap();
        let info = document.pointer_mut("/info/description").unwrap();
        assert!(info.as_str().unwrap().starts_with(told) && info.as_str().unwrap().contains(EXTENSION), "{info}");
        *info = told.into();
        assert_eq!(&document, spec.document());
    }
}
