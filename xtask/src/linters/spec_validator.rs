//! openapi-spec-validator: the official JSON Schema of OpenAPI 3.0. It answers in blocks of text.

use super::{Finding, Language, Linter};
use crate::{
    SPEC,
    codegen::{
        fault::Fault,
        spec::{Spec, escape},
    },
};

const NAME: &str = "openapi-spec-validator";

pub(super) const LINTER: Linter = Linter {
    name: NAME,
    package: "openapi-spec-validator",
    language: Language::Python,
    command: |tools| {
        let mut command = tools.program("openapi-spec-validator");
        command.args(["--schema", "3.0", "--validation-errors", "all", SPEC]);
        command
    },
    read,
};

fn read(spec: &Spec, text: &str, _: &str) -> Result<Vec<Finding>, String> {
    let heads = [format!("{SPEC}: Validation Error: "), format!("{SPEC}: Error: ")];
    let mut blocks: Vec<Vec<&str>> = Vec::new();
    for line in text.lines() {
        if let Some(rest) = heads.iter().find_map(|head| line.strip_prefix(head.as_str())) {
            blocks.push(vec![rest]);
        } else if let Some(block) = blocks.last_mut() {
            block.push(line);
        }
    }
    if blocks.is_empty() && text.trim() != format!("{SPEC}: OK") {
        return Err("its answer is unknown".to_owned());
    }
    Ok(blocks.iter().map(|block| finding(spec, block)).collect())
}

fn finding(spec: &Spec, block: &[&str]) -> Finding {
    // The first place is the one in the document; a later one is only a part of it.
    let place = block.iter().find_map(|line| line.strip_prefix("On instance"));
    let pointer = place.map_or_else(|| "#".to_owned(), pointer);
    // The head quotes the whole object; the reason under it says what is wrong.
    let reason = block.iter().find_map(|line| line.strip_prefix("## "));
    let sentence: String = reason.unwrap_or(block[0]).chars().take(300).collect();
    Finding { linter: NAME, rule: "schema".to_owned(), fault: Fault::new(spec, &pointer, sentence) }
}

/// `['components']['schemas'][0]:` as a JSON pointer.
fn pointer(place: &str) -> String {
    let segments = place.trim_end_matches(':').split(['[', ']']).filter(|segment| !segment.is_empty());
    segments.fold("#".to_owned(), |pointer, segment| format!("{pointer}/{}", escape(segment.trim_matches(['\'', '"']))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::REAL;

    #[test]
    fn reads_blocks() {
        let spec = Spec::parse(REAL).unwrap();
        let text = "openapi.yaml: Validation Error: [1] {'type': 'string'} is not valid under any of the given schemas\n\n\
                    Failed validating 'oneOf' in schema['properties']['components']:\n    {'oneOf': []}\n\n\
                    On instance['components']['schemas']['Hostname']:\n    {'type': 'string'}\n\n\
                    # Probably due to this subschema error\n\n## 'maxLenght' does not match any of the regexes: '^x-'\n\n\
                    On instance:\n    {}\n\
                    openapi.yaml: Validation Error: [2] Operation ID 'listServers' for 'get' in '/server' is not unique\n\
                    openapi.yaml: 2 validation errors found\n";
        let found = read(&spec, text, "").unwrap();
        assert_eq!(found.len(), 2, "{found:#?}");
        assert_eq!(found[0].fault.pointer, "#/components/schemas/Hostname");
        assert!(found[0].fault.line > 2000 && found[0].fault.sentence.starts_with("'maxLenght'"), "{found:#?}");
        assert!(found[1].fault.sentence.contains("is not unique"), "{found:#?}");
        assert!(read(&spec, "openapi.yaml: OK\n", "").unwrap().is_empty());
        assert!(read(&spec, "Traceback", "").is_err());
    }
}
