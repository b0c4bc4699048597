//! The components as JSON Schema, draft 2020-12: `nullable` becomes a type, `x-required-if` becomes `if` and `then`,
//! references lead to `$defs` of the same file, and what only OpenAPI knows is left out, because strict validators stop at
//! keywords that they do not know.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::{
    codegen::{
        json_schema,
        spec::{Spec, texts},
    },
    rules::reach,
};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
const REFERENCES: &str = "#/components/schemas/";

/// Formats that OpenAPI adds to those of JSON Schema; ranges and lengths stand beside them in the description.
const FORMATS_OF_OPENAPI: [&str; 5] = ["double", "int64", "password", "uint16", "uint64"];

/// Each component by name, with all that it refers to; the objects named in `closed` take no members but their own.
pub(crate) fn components(spec: &Spec, version: &str, closed: &BTreeSet<&str>) -> Vec<(String, Value)> {
    let one = |(name, schema): (&String, &Value)| {
        let mut definitions = Map::new();
        for other in reach::schemas(spec, [schema]) {
            definitions.extend(spec.schema(other).map(|of| (other.to_owned(), whole(of, closed.contains(other)))));
        }
        let mut schema = whole(schema, closed.contains(name.as_str()));
        if let Some(object) = schema.as_object_mut() {
            object.insert("$schema".to_owned(), json!(DIALECT));
            object.insert("$comment".to_owned(), json!(format!("UpCloud servers, description {version}")));
            object.insert("title".to_owned(), json!(name));
            if !definitions.is_empty() {
                object.insert("$defs".to_owned(), Value::Object(definitions));
            }
        }
        (name.clone(), schema)
    };
    spec.schemas().iter().map(one).collect()
}

/// The components that only requests carry. The API refuses an attribute that it does not know (`UNKNOWN_ATTRIBUTE`), so a
/// member that is not listed is a mistake there, while an answer may always hold more.
pub(super) fn of_requests(spec: &Spec) -> BTreeSet<&str> {
    let requests = reach::schemas(spec, spec.operations().filter_map(|operation| operation.object.get("requestBody")));
    let responses = spec.operations().flat_map(|operation| operation.responses().map(|(_, response)| response));
    let answered = reach::schemas(spec, responses);
    requests.difference(&answered).copied().collect()
}

/// Forbids what has no name, where the schema is that of an object.
pub(super) fn close(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut().filter(|object| object.contains_key("properties")) {
        object.insert("additionalProperties".to_owned(), Value::Bool(false));
    }
}

/// A schema with its references to other components turned to `$defs`.
fn whole(schema: &Value, closed: bool) -> Value {
    let mut schema = schema.clone();
    if closed {
        close(&mut schema);
    }
    lower(&mut schema, &mut |object| {
        if let Some(Value::String(reference)) = object.get_mut("$ref")
            && let Some(name) = reference.strip_prefix(REFERENCES)
        {
            *reference = format!("#/$defs/{name}");
        }
        if object.get("format").and_then(Value::as_str).is_some_and(|format| FORMATS_OF_OPENAPI.contains(&format)) {
            object.remove("format");
        }
    });
    schema
}

/// Turns a schema of OpenAPI 3.0 into one of JSON Schema, conditions too; `edit` sees each schema inside it, the innermost
/// first.
pub(crate) fn lower(schema: &mut Value, edit: &mut impl FnMut(&mut Map<String, Value>)) {
    *schema = json_schema::lower(schema, &mut |of, out| {
        add_conditions(of, out);
        edit(out);
    });
}

/// What `x-required-if` says.
pub(super) fn add_conditions(of: &Value, out: &mut Map<String, Value>) {
    let conditions = of.as_object().map(conditions).unwrap_or_default();
    if !conditions.is_empty() {
        out.insert("allOf".to_owned(), Value::Array(conditions));
    }
}

/// An `if` and `then` for each entry of `x-required-if`. A property that is left out counts as its default.
fn conditions(schema: &Map<String, Value>) -> Vec<Value> {
    let required_if = schema.get("x-required-if").and_then(Value::as_object).into_iter().flatten();
    let one = |(required, when): (&String, &Value)| {
        let when = || when.as_object().into_iter().flatten();
        let default = |of: &str| schema.get("properties")?.get(of)?.get("default")?.as_str();
        let by_default =
            |of: &str, values: &Value| default(of).is_some_and(|default| texts(Some(values)).any(|v| v == default));
        let values: Map<_, _> = when().map(|(of, values)| (of.clone(), json!({ "enum": values }))).collect();
        let named: Vec<&String> = when().filter(|(of, values)| !by_default(of, values)).map(|(of, _)| of).collect();
        json!({"if": {"properties": values, "required": named}, "then": {"required": [required]}})
    };
    required_if.map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn lowered(mut schema: Value, to: &Value) {
        lower(&mut schema, &mut |_| ());
        assert_eq!(&schema, to);
    }

    #[test]
    fn null_is_another_type_where_the_type_alone_keeps_it_out() {
        lowered(
            json!({"type": "string", "format": "uuid", "nullable": true, "x-section": ["a"]}),
            &json!({"type": ["string", "null"], "format": "uuid"}),
        );
        lowered(
            json!({"type": "string", "enum": ["a"], "nullable": true}),
            &json!({"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]}),
        );
        lowered(json!({"type": "string", "nullable": false}), &json!({"type": "string"}));
    }

    #[test]
    fn a_condition_holds_by_default_where_the_default_is_one_of_its_values() {
        lowered(
            json!({
                "properties": {"how": {"type": "string", "default": "soft"}, "wait": {"type": "string"}},
                "x-required-if": {"wait": {"how": ["soft"]}},
            }),
            &json!({
                "properties": {"how": {"type": "string", "default": "soft"}, "wait": {"type": "string"}},
                "allOf": [{"if": {"properties": {"how": {"enum": ["soft"]}}, "required": []}, "then": {"required": ["wait"]}}],
            }),
        );
    }

    #[test]
    fn a_property_may_be_called_like_a_keyword() {
        lowered(
            json!({"properties": {"nullable": {"type": "string", "nullable": true}, "x-y": {"type": "string"}}}),
            &json!({"properties": {"nullable": {"type": ["string", "null"]}, "x-y": {"type": "string"}}}),
        );
    }
}
