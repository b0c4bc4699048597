//! The flavour of OpenAPI 3.1: the same facts, and those that 3.0 has no keyword for. `nullable` becomes a type,
//! `x-required-if` becomes `if` and `then`, and objects that only requests carry are closed.

use std::{borrow::Cow, fmt::Write as _};

use serde_json::{Map, Value, json};

use super::json_schema;
use crate::codegen::{json_schema as lowering, spec::Spec};

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
    // Writing to a string cannot fail.
    let mut text = HEADER.to_owned();
    for line in yaml.lines() {
        let (lead, rest) = line.split_at(line.len() - line.trim_start_matches([' ', '-']).len());
        let (key, value) = match rest.split_once(": ").or_else(|| Some((rest.strip_suffix(':')?, ""))) {
            Some((key, value)) => (Some(key), value),
            None => (None, rest),
        };
        text.push_str(lead);
        if let Some(key) = key {
            let _ = write!(text, "{}:{}", quoted(key), if value.is_empty() { "" } else { " " });
        }
        let _ = writeln!(text, "{}", quoted(value));
    }
    Ok(text)
}

/// In quotes, if readers of YAML 1.1, which are many, make something other than a text of it.
fn quoted(scalar: &str) -> Cow<'_, str> {
    let is_switch = ["yes", "no", "on", "off"].iter().any(|word| scalar.eq_ignore_ascii_case(word));
    let is_date = scalar.len() > 10 && scalar.as_bytes()[4] == b'-' && scalar.as_bytes()[10] == b'T';
    if is_switch || is_date { format!("'{scalar}'").into() } else { scalar.into() }
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

/// Here the extensions stay, for those who know them.
fn schema(value: &mut Value) {
    *value = lowering::lower(value, &mut |of, out| {
        let of_ours = of.as_object().into_iter().flatten().filter(|(key, _)| key.starts_with("x-"));
        out.extend(of_ours.map(|(key, value)| (key.clone(), value.clone())));
        json_schema::add_conditions(of, out);
    });
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
        // Readers of YAML 1.1 make booleans of these words unless they stand in quotes, of keys too.
        let words = ["yes", "no", "on", "off"];
        let is_bare =
            |part: &str| words.iter().any(|word| part.trim_start_matches([' ', '-']).eq_ignore_ascii_case(word));
        let bare: Vec<_> = text.lines().filter(|line| line.splitn(2, ':').any(is_bare)).collect();
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
