//! The components as JSON Schema, draft 2020-12: `nullable` becomes a type, references lead to `$defs` of the same file,
//! and what only OpenAPI knows is left out, because strict validators stop at keywords that they do not know.

use serde_json::{Map, Value, json};

use crate::{codegen::spec::Spec, rules::reach};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
const REFERENCES: &str = "#/components/schemas/";

/// Formats that OpenAPI adds to those of JSON Schema; ranges and lengths stand beside them in the description.
const FORMATS_OF_OPENAPI: [&str; 5] = ["double", "int64", "password", "uint16", "uint64"];

/// Each component by name, with all that it refers to.
pub(crate) fn components(spec: &Spec, version: &str) -> Vec<(String, Value)> {
    let one = |(name, schema): (&String, &Value)| {
        let mut definitions = Map::new();
        for other in reach::schemas(spec, [schema]) {
            definitions.extend(spec.schema(other).map(|of| (other.to_owned(), whole(of))));
        }
        let mut schema = whole(schema);
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

/// A schema with its references to other components turned to `$defs`.
fn whole(schema: &Value) -> Value {
    let mut schema = schema.clone();
    lower(&mut schema, &mut |object| {
        if let Some(Value::String(reference)) = object.get_mut("$ref")
            && let Some(name) = reference.strip_prefix(REFERENCES)
        {
            *reference = format!("#/$defs/{name}");
        }
        if object.get("format").and_then(Value::as_str).is_some_and(|format| FORMATS_OF_OPENAPI.contains(&format)) {
            object.remove("format");
        }
        if let Some(example) = object.remove("example") {
            object.insert("examples".to_owned(), json!([example]));
        }
    });
    schema
}

/// Turns a schema of OpenAPI 3.0 into one of JSON Schema; `edit` sees each schema inside it, the innermost first.
pub(crate) fn lower(schema: &mut Value, edit: &mut impl FnMut(&mut Map<String, Value>)) {
    let Some(object) = schema.as_object_mut() else { return };
    object.retain(|key, _| !key.starts_with("x-"));
    for (key, member) in object.iter_mut() {
        match (key.as_str(), member) {
            ("properties", Value::Object(named)) => named.values_mut().for_each(|of| lower(of, edit)),
            ("allOf" | "anyOf" | "oneOf", Value::Array(parts)) => parts.iter_mut().for_each(|of| lower(of, edit)),
            ("items" | "additionalProperties" | "not", of) => lower(of, edit),
            _ => {}
        }
    }
    edit(object);
    if object.remove("nullable") == Some(Value::Bool(true)) {
        *schema = or_null(std::mem::take(object));
    }
}

fn or_null(mut object: Map<String, Value>) -> Value {
    // Only `type` keeps null out, so it is enough to let it in there.
    if let Some(Value::String(kind)) = object.get("type")
        && !["enum", "allOf", "anyOf", "oneOf", "not"].iter().any(|key| object.contains_key(*key))
    {
        let kinds = json!([kind, "null"]);
        object.insert("type".to_owned(), kinds);
        return Value::Object(object);
    }
    json!({"anyOf": [object, {"type": "null"}]})
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
    fn a_property_may_be_called_like_a_keyword() {
        lowered(
            json!({"properties": {"nullable": {"type": "string", "nullable": true}, "x-y": {"type": "string"}}}),
            &json!({"properties": {"nullable": {"type": ["string", "null"]}, "x-y": {"type": "string"}}}),
        );
    }
}
