//! `openapi-generator validate --recommend`: the parser of the Swagger project. It answers in lists of text.

use super::{Finding, Language, Linter};
use crate::{
    SPEC,
    codegen::{
        fault::Fault,
        spec::{Spec, escape},
    },
};

const NAME: &str = "openapi-generator";

pub(super) const LINTER: Linter = Linter {
    name: NAME,
    package: "openapi-generator-cli",
    language: Language::Python,
    command: |tools| {
        let mut command = tools.program("openapi-generator-cli");
        command.args(["validate", "--recommend", "--input-spec", SPEC]);
        command
    },
    read,
};

/// The lists are among its complaints, its content with the rest.
fn read(spec: &Spec, text: &str, complaints: &str) -> Result<Vec<Finding>, String> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut list = None;
    for line in complaints.lines() {
        match line.trim() {
            "Errors:" => list = Some("error"),
            "Warnings:" => list = Some("recommendation"),
            item => {
                let Some(rule) = list else { continue };
                if let Some(item) = item.strip_prefix("- ") {
                    found.push((rule.to_owned(), item.to_owned()));
                } else if item.is_empty() || !line.starts_with(char::is_whitespace) {
                    list = None;
                } else if let Some((_, sentence)) = found.last_mut() {
                    // Long items go on in the next line.
                    *sentence = format!("{sentence} {item}");
                }
            }
        }
    }
    if found.is_empty() && !text.contains("No validation issues detected") {
        return Err("its answer is unknown".to_owned());
    }
    let finding = |(rule, sentence): (String, String)| Finding {
        linter: NAME,
        rule,
        fault: Fault::new(spec, &pointer(&sentence), sentence),
    };
    Ok(found.into_iter().map(finding).collect())
}

/// The place that a sentence speaks of: `paths.'/server'(get).operationId` in an attribute, or a model by its name.
fn pointer(sentence: &str) -> String {
    if let Some(model) = sentence.strip_prefix("Unused model: ") {
        return format!("#/components/schemas/{}", escape(model));
    }
    let Some(attribute) = sentence.strip_prefix("attribute ").and_then(|rest| rest.split(' ').next()) else {
        return "#".to_owned();
    };
    let mut pointer = "#".to_owned();
    for (n, part) in attribute.split('\'').enumerate() {
        if n % 2 == 1 {
            pointer = format!("{pointer}/{}", escape(part));
        } else {
            let keys = part.split(['.', '(', ')']).take_while(|key| !key.contains('#')).filter(|key| !key.is_empty());
            pointer = keys.fold(pointer, |pointer, key| format!("{pointer}/{}", escape(key)));
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::REAL;

    #[test]
    fn reads_both_lists() {
        let spec = Spec::parse(REAL).unwrap();
        let text = "Errors:\n\t- attribute components.schemas.Hostname.maxLenght is unexpected\n\
                    \t- attribute\n\t  paths.'/server'(get).responses.200.content.'application/json'.schema.#/components/schemas/X\n\
                    \t  is missing\nWarnings: \n\t- Unused model: ServerSummary\n\n[error] Spec has 2 errors.\n";
        let found = read(&spec, "Validating spec (openapi.yaml)\n", text).unwrap();
        let places: Vec<&str> = found.iter().map(|one| one.fault.pointer.as_str()).collect();
        assert_eq!(
            places,
            [
                "#/components/schemas/Hostname/maxLenght",
                "#/paths/~1server/get/responses/200/content/application~1json/schema",
                "#/components/schemas/ServerSummary",
            ]
        );
        assert_eq!(found[2].rule, "recommendation");
        assert!(found[1].fault.sentence.ends_with("is missing"));
        assert!(
            read(&spec, "Validating spec (openapi.yaml)\nNo validation issues detected.\n", "").unwrap().is_empty()
        );
        assert!(read(&spec, "", "Error: Unable to access jarfile").is_err());
    }
}
