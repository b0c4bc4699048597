//! The flavour of OpenAPI 3.1: the same facts, and those that 3.0 has no keyword for. `nullable` becomes a type,
//! `x-required-if` becomes `if` and `then`, and objects that only requests carry are closed.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::json_schema;
use crate::codegen::spec::Spec;

const HEADER: &str = "# The flavour of OpenAPI 3.1, made from openapi.yaml by `cargo xtask export`.\n";

/// The whole document.
pub(super) fn document(spec: &Spec) -> Value {
    let mut document = spec.document().clone();
    document["openapi"] = json!("3.1.1");
    for name in json_schema::of_requests(spec) {
        if let Some(schema) = document.pointer_mut(&format!("/components/schemas/{name}")) {
            json_schema::close(schema);
        }
    }
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    schemas.into_iter().flat_map(Map::values_mut).for_each(schema);
    outside(&mut document);
    document
}

/// The document as YAML.
pub(super) fn text(document: &Value) -> Result<String, Vec<String>> {
    let yaml = yaml_serde::to_string(document)
        .map_err(|e| vec![format!("the flavour of OpenAPI 3.1 cannot be written as YAML: {e}")])?;
    let mut text = HEADER.to_owned();
    // Writing to a string cannot fail.
    for line in yaml.lines() {
        let value = line.rsplit([' ', '\t']).next().unwrap_or_default();
        let before = &line[..line.len() - value.len()];
        let whole = before.trim_end().ends_with([':', '-']);
        if whole && is_more_in_yaml_1_1(value) {
            let _ = writeln!(text, "{before}'{value}'");
        } else {
            let _ = writeln!(text, "{line}");
        }
    }
    Ok(text)
}

/// Whether readers of YAML 1.1, which are many, make something other than a text of this.
fn is_more_in_yaml_1_1(value: &str) -> bool {
    let is_date = value.len() > 10 && value.as_bytes()[4] == b'-' && value.as_bytes()[10] == b'T';
    is_date || ["yes", "no", "on", "off"].contains(&value)
}

/// The schemas of parameters, headers and bodies.
fn outside(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (key, member) in object.iter_mut() {
                match key.as_str() {
                    "schema" => schema(member),
                    "schemas" | "examples" | "example" => {}
                    _ => outside(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(outside),
        _ => {}
    }
}

fn schema(value: &mut Value) {
    let Some(object) = value.as_object_mut() else { return };
    let conditions = json_schema::conditions(object);
    for (key, member) in object.iter_mut() {
        match (key.as_str(), member) {
            ("properties", Value::Object(named)) => named.values_mut().for_each(schema),
            ("allOf" | "anyOf" | "oneOf", Value::Array(parts)) => parts.iter_mut().for_each(schema),
            ("items" | "additionalProperties" | "not", of) => schema(of),
            _ => {}
        }
    }
    if !conditions.is_empty() {
        object.insert("allOf".to_owned(), Value::Array(conditions));
    }
    if let Some(example) = object.remove("example") {
        object.insert("examples".to_owned(), json!([example]));
    }
    if object.remove("nullable") == Some(Value::Bool(true)) {
        *value = json_schema::or_null(std::mem::take(object));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::REAL;

    #[test]
    fn yaml_and_json_say_the_same() {
        let document = document(&Spec::parse(REAL).unwrap());
        let text = text(&document).unwrap();
        assert_eq!(Spec::parse(&text).unwrap().document(), &document);
        // Readers of YAML 1.1 make booleans of these words unless they stand in quotes.
        let bare = |line: &str| ["yes", "no", "on", "off"].iter().any(|word| line.ends_with(&format!(" {word}")));
        let bare: Vec<_> =
            text.lines().filter(|line| (line.contains("- ") || line.contains(": ")) && bare(line)).collect();
        assert_eq!(bare, [""; 0]);
    }

    #[test]
    fn nothing_of_3_0_is_left() {
        let document = document(&Spec::parse(REAL).unwrap());
        let left = |value: &Value| {
            let text = value.to_string();
            ["\"nullable\":", "\"example\":"].into_iter().find(|key| text.contains(key))
        };
        assert_eq!(left(&document["components"]["schemas"]), None);
        assert_eq!(
            document["components"]["schemas"]["ServerGroup"]["properties"]["anti_affinity_status"]["type"],
            json!(["array", "null"])
        );
        assert_eq!(document["components"]["schemas"]["StopServer"]["additionalProperties"], json!(false));
        assert_eq!(
            document["components"]["schemas"]["Server"].get("additionalProperties"),
            None,
            "an answer may hold more"
        );
    }
}
