//! The schemas of the description as JSON schemas that a validator takes, and the examples with the schema that each
//! belongs to.

#[path = "../../src/codegen/json_schema.rs"]
mod lowering;

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::escape;

/// An example, where it stands, and its schema.
pub(crate) struct Example<'a> {
    pub(crate) at: String,
    pub(crate) schema: &'a Value,
    pub(crate) value: &'a Value,
}

/// Validators for the schemas of one description, each compiled once.
pub(crate) struct Validators {
    components: Value,
    compiled: BTreeMap<String, Validator>,
}

impl Validators {
    /// With `closed`, objects take no members that their schema does not list.
    pub(crate) fn new(description: &Value, closed: bool) -> Self {
        let mut components = json!({"schemas": description["components"]["schemas"]});
        for schema in components["schemas"].as_object_mut().unwrap().values_mut() {
            *schema = json_schema(schema, closed);
        }
        Self { components, compiled: BTreeMap::new() }
    }

    /// What is wrong with `value`, each with its JSON pointer.
    pub(crate) fn faults(&mut self, schema: &Value, value: &Value) -> Vec<String> {
        let validator = self.compiled.entry(schema.to_string()).or_insert_with(|| {
            let root = json!({"allOf": [json_schema(schema, false)], "components": self.components});
            // OpenAPI 3.0 builds on draft 4: 4.0 is no integer.
            jsonschema::draft4::options()
                .should_validate_formats(true)
                // The crate reads UUIDs without hyphens too; they are not the documented form.
                .with_format("uuid", |text: &str| text.len() == 36 && text.parse::<uuid::Uuid>().is_ok())
                .build(&root)
                .unwrap()
        });
        validator.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect()
    }
}

/// With `closed`, objects take no members that their schema does not list.
fn json_schema(schema: &Value, closed: bool) -> Value {
    lowering::lower(schema, &mut |_, out| {
        if closed && out.contains_key("properties") {
            out.insert("additionalProperties".to_owned(), json!(false));
        }
    })
}

/// Every example and every default of the description.
pub(crate) fn examples(description: &Value) -> Vec<Example<'_>> {
    let mut found = Vec::new();
    visit(description, description, "#", &mut found);
    found
}

fn visit<'a>(root: &'a Value, value: &'a Value, at: &str, found: &mut Vec<Example<'a>>) {
    match value {
        Value::Object(object) => {
            own_examples(root, object, value, at, found);
            for (key, member) in object {
                let inside_a_value =
                    key == "example" || key == "examples" || key == "default" && !at.ends_with("/responses");
                if !inside_a_value && !key.starts_with("x-") {
                    visit(root, member, &format!("{at}/{}", escape(key)), found);
                }
            }
        }
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                visit(root, item, &format!("{at}/{n}"), found);
            }
        }
        _ => {}
    }
}

fn own_examples<'a>(
    root: &'a Value,
    object: &'a Map<String, Value>,
    value: &'a Value,
    at: &str,
    found: &mut Vec<Example<'a>>,
) {
    if at.ends_with("/properties") || at == "#/components" || at.ends_with("/responses") {
        return;
    }
    // Media types and parameters carry their schema beside the example, schemas are it.
    let schema = object.get("schema").unwrap_or(value);
    for key in ["example", "default"] {
        if let Some(value) = object.get(key) {
            found.push(Example { at: format!("{at}/{key}"), schema, value });
        }
    }
    for (name, example) in object.get("examples").and_then(Value::as_object).into_iter().flatten() {
        let example = resolve(root, example);
        found.push(Example { at: format!("{at}/examples/{}", escape(name)), schema, value: &example["value"] });
    }
}

/// What a reference leads to, or the thing itself.
pub(crate) fn resolve<'a>(root: &'a Value, thing: &'a Value) -> &'a Value {
    match thing.get("$ref").and_then(Value::as_str) {
        Some(reference) => root.pointer(reference.trim_start_matches('#')).unwrap(),
        None => thing,
    }
}

/// The name of the schema that `{$ref}` or `{allOf: [{$ref}]}` means.
pub(crate) fn referred(schema: &Value) -> Option<&str> {
    let reference = schema.get("$ref").or_else(|| schema.pointer("/allOf/0/$ref"))?;
    reference.as_str()?.strip_prefix("#/components/schemas/")
}
