//! Examples are what people copy and fakes answer, so each must be what its schema says: those of bodies, of parameters,
//! and of the schemas and properties themselves, and every default.

use std::collections::HashMap;

use jsonschema::{Draft, Validator};
use serde_json::{Value, json};

use crate::{
    codegen::{
        fault::Fault,
        spec::{self, Spec, escape},
    },
    export::json_schema,
};

/// Every example and every default is valid.
pub(crate) fn valid(spec: &Spec) -> Vec<Fault> {
    check(spec, false)
}

/// Every example is valid even when members that its schema does not name are forbidden.
pub(crate) fn complete(spec: &Spec) -> Vec<Fault> {
    check(spec, true)
}

fn check(spec: &Spec, closed: bool) -> Vec<Fault> {
    // A reference that leads nowhere is a finding of `codegen::check`; here it would only be repeated for each example.
    if broken_reference(spec) {
        return Vec::new();
    }
    let mut schemas = spec.schemas().clone();
    schemas.values_mut().for_each(|schema| as_json_schema(schema, closed));
    let mut validators: HashMap<String, Result<Validator, String>> = HashMap::new();
    let mut faults = Vec::new();
    for (pointer, schema, example) in samples(spec) {
        let validator = validators.entry(schema.to_string()).or_insert_with(|| {
            let mut schema = schema.clone();
            as_json_schema(&mut schema, closed);
            let root = json!({"allOf": [schema], "components": {"schemas": schemas}});
            let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
            options.build(&root).map_err(|e| e.to_string())
        });
        match validator {
            Ok(validator) => {
                for error in validator.iter_errors(example) {
                    let place = format!("{pointer}{}", error.instance_path());
                    faults.push(Fault::new(spec, &place, format!("the example breaks its schema: {error}")));
                }
            }
            Err(e) => {
                faults.push(Fault::new(spec, &pointer, format!("the schema of this example cannot be used: {e}")));
            }
        }
    }
    faults
}

fn broken_reference(spec: &Spec) -> bool {
    let mut broken = false;
    spec::walk(spec.document(), "#", &mut |_, object| {
        broken |= object.get("$ref").and_then(Value::as_str).is_some_and(|to| spec.resolve(to).is_none());
    });
    broken
}

/// Where each example stands, the schema it must follow, and its value.
pub(crate) fn samples(spec: &Spec) -> Vec<(String, &Value, &Value)> {
    let mut samples = Vec::new();
    spec::walk(spec.document(), "#", &mut |pointer, object| {
        if pointer.starts_with("#/components/examples") || pointer.contains("/example/") {
            return;
        }
        if let Some(own) = object.get("schema") {
            samples.extend(object.get("example").map(|value| (format!("{pointer}/example"), own, value)));
            for (name, example) in object.get("examples").and_then(Value::as_object).into_iter().flatten() {
                let reference = example.get("$ref").and_then(Value::as_str);
                let at = match reference {
                    Some(reference) => reference.to_owned(),
                    None => format!("{pointer}/examples/{}", escape(name)),
                };
                let target = reference.and_then(|to| spec.resolve(to)).unwrap_or(example);
                samples.extend(target.get("value").map(|value| (format!("{at}/value"), own, value)));
            }
        } else if pointer.contains("schema") && !pointer.ends_with("/properties") {
            // The object itself is the schema; it is borrowed again by its pointer, as a value.
            let own = spec.resolve(pointer);
            for key in ["example", "default"] {
                let value = object.get(key);
                samples.extend(own.zip(value).map(|(own, value)| (format!("{pointer}/{key}"), own, value)));
            }
        }
    });
    samples
}

/// As a schema that a validator takes. `closed` forbids what has no name.
fn as_json_schema(schema: &mut Value, closed: bool) {
    json_schema::lower(schema, &mut |object| {
        if closed && object.contains_key("properties") && !object.contains_key("additionalProperties") {
            object.insert("additionalProperties".to_owned(), Value::Bool(false));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::{complete, valid};
    use crate::planted::finds;

    #[test]
    fn finds_a_bad_value_in_the_example_of_a_body() {
        finds(
            valid,
            "          core_number: '4'\n          memory_amount: '8192'\n          server_group:",
            "          core_number: 4\n          memory_amount: '8192'\n          server_group:",
            "#/components/examples/CreateFromTemplate/value/server/core_number",
            "4 is not of type \"string\"",
        );
    }

    #[test]
    fn finds_a_bad_value_in_the_example_of_a_property() {
        finds(
            valid,
            "      description: A name from `listTimezones`.\n      x-section: [Create server, Modify server]\n      example: Europe/Berlin",
            "      description: A name from `listTimezones`.\n      x-section: [Create server, Modify server]\n      example: 7",
            "#/components/schemas/TimezoneName/example",
            "7 is not of type \"string\"",
        );
    }

    #[test]
    fn finds_a_bad_uuid() {
        finds(
            valid,
            "          server_group: 0b9c1e52-3f0d-4a59-8a35-5d8f7b1e2c64\n          boot_order",
            "          server_group: my-group\n          boot_order",
            "#/components/examples/CreateFromTemplate/value/server/server_group",
            "uuid",
        );
    }

    #[test]
    fn finds_a_default_that_is_no_value() {
        finds(
            valid,
            "          default: 'on'\n",
            "          default: 'always'\n",
            "#/components/schemas/CreateServer/properties/firewall/default",
            "always",
        );
    }

    #[test]
    fn finds_a_field_that_the_schema_does_not_know() {
        finds(
            complete,
            "          nic_model: virtio\n          video_model",
            "          nic_modell: virtio\n          video_model",
            "#/components/examples/CreateFromTemplate/value/server",
            "nic_modell",
        );
    }
}
