//! From a schema of `OpenAPI` 3.0 to JSON Schema: the one way, for the generated schemas, the tests' validators and what
//! `cargo xtask` checks and exports. What these want beyond it they say where they call it. It needs nothing but JSON, so that
//! the tests can share it.

use serde_json::{Map, Value, json};

/// A schema as JSON Schema of draft 2020-12. `edit` sees each schema in it as it was and as it becomes, the innermost first.
///
/// `nullable` becomes a type, `example` a list, and extensions are left out. References stay as they are.
pub fn lower(schema: &Value, edit: &mut impl FnMut(&Value, &mut Map<String, Value>)) -> Value {
    let Some(object) = schema.as_object() else { return schema.clone() };
    let mut out = Map::new();
    for (key, value) in object {
        let (key, value) = match (key.as_str(), value) {
            ("nullable", _) => continue,
            (key, _) if key.starts_with("x-") => continue,
            ("example", value) => ("examples", json!([value])),
            ("properties", Value::Object(of)) => {
                ("properties", of.iter().map(|(name, of)| (name.clone(), lower(of, edit))).collect())
            }
            (key @ ("allOf" | "anyOf" | "oneOf"), Value::Array(of)) => {
                (key, of.iter().map(|of| lower(of, edit)).collect())
            }
            (key @ ("items" | "additionalProperties" | "not"), of) => (key, lower(of, edit)),
            (key, value) => (key, value.clone()),
        };
        out.insert(key.to_owned(), value);
    }
    edit(schema, &mut out);
    if object.get("nullable") == Some(&Value::Bool(true)) { or_null(out) } else { Value::Object(out) }
}

fn or_null(mut object: Map<String, Value>) -> Value {
    // Where only `type` keeps null out, it is enough to let it in there.
    if let Some(Value::String(kind)) = object.get("type")
        && !["enum", "allOf", "anyOf", "oneOf", "not"].iter().any(|key| object.contains_key(*key))
    {
        let kinds = json!([kind, "null"]);
        object.insert("type".to_owned(), kinds);
        return Value::Object(object);
    }
    json!({"anyOf": [object, {"type": "null"}]})
}
