//! Everything that has a name is described, and the words say more than the name.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::counted::Counted;
use crate::codegen::spec::{Spec, escape, texts};

/// Words that say nothing beside a name.
const EMPTY: [&str; 12] = ["a", "all", "an", "and", "are", "in", "is", "list", "of", "the", "this", "to"];

/// Every operation, parameter, answer, tag and security scheme.
pub(crate) fn operations(spec: &Spec) -> Counted {
    let mut counted = Counted::default();
    for operation in spec.operations() {
        let pointer = operation.pointer();
        let summary = operation.object.get("summary").and_then(Value::as_str).unwrap_or_default();
        counted.look(spec, &pointer, (summary.is_empty()).then(|| "the operation has no `summary`".to_owned()));
        look(spec, &pointer, operation.object, operation.id(), &mut counted);
        for (status, response) in operation.responses() {
            if let Some(response) = response.as_object().filter(|response| !response.contains_key("$ref")) {
                look(spec, &format!("{pointer}/responses/{status}"), response, status, &mut counted);
            }
        }
    }
    for kind in ["parameters", "responses", "securitySchemes"] {
        let start = format!("#/components/{kind}");
        for (name, component) in spec.resolve(&start).and_then(Value::as_object).into_iter().flatten() {
            let Some(component) = component.as_object() else { continue };
            let shown = component.get("name").and_then(Value::as_str).unwrap_or(name);
            look(spec, &format!("{start}/{}", escape(name)), component, shown, &mut counted);
        }
    }
    let tags = spec.document().get("tags").and_then(Value::as_array).into_iter().flatten();
    for (n, tag) in tags.enumerate().filter_map(|(n, tag)| Some((n, tag.as_object()?))) {
        let name = tag.get("name").and_then(Value::as_str).unwrap_or_default();
        look(spec, &format!("#/tags/{n}"), tag, name, &mut counted);
    }
    counted
}

/// Every schema and every property; what is a reference and nothing else has the words of its schema.
pub(crate) fn schemas(spec: &Spec) -> Counted {
    let mut counted = Counted::default();
    for (name, schema) in spec.schemas() {
        schema_and_members(spec, &format!("#/components/schemas/{}", escape(name)), schema, name, &mut counted);
    }
    counted
}

fn schema_and_members(spec: &Spec, pointer: &str, schema: &Value, name: &str, counted: &mut Counted) {
    let Some(object) = schema.as_object().filter(|object| !object.contains_key("$ref")) else { return };
    look(spec, pointer, object, name, counted);
    for (property, of) in object.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let name = format!("{name}_{property}");
        schema_and_members(spec, &format!("{pointer}/properties/{}", escape(property)), of, &name, counted);
    }
    if let Some(items) = object.get("items") {
        schema_and_members(spec, &format!("{pointer}/items"), items, name, counted);
    }
}

/// Every value of an enumeration, unless it only spells a number or a switch.
pub(crate) fn values(spec: &Spec) -> Counted {
    let mut counted = Counted::default();
    for (name, schema) in spec.schemas().iter().filter(|(_, schema)| schema.get("x-value").is_none()) {
        // The codes are described with their kinds, which `codegen::check` looks at.
        let told = schema.get("x-enum-descriptions").or_else(|| schema.get("x-error-codes")).and_then(Value::as_object);
        let pointer = format!("#/components/schemas/{}", escape(name));
        let values: BTreeSet<&str> = texts(schema.get("enum")).collect();
        for value in &values {
            let wrong = told.is_none_or(|told| !told.contains_key(*value));
            counted.look(
                spec,
                &format!("{pointer}/enum"),
                wrong.then(|| format!("the value {value} is not described")),
            );
        }
        for value in told.into_iter().flat_map(Map::keys).filter(|value| !values.contains(value.as_str())) {
            counted.look(spec, &pointer, Some(format!("{value} is described but is no value of the enumeration")));
        }
    }
    counted
}

fn look(spec: &Spec, pointer: &str, object: &Map<String, Value>, name: &str, counted: &mut Counted) {
    let text = object.get("description").and_then(Value::as_str).unwrap_or_default();
    counted.look(spec, pointer, useless(text, name).map(str::to_owned));
}

/// Why a description is of no use, if it is not.
fn useless(text: &str, name: &str) -> Option<&'static str> {
    let text = text.trim();
    if text.is_empty() {
        return Some("this has no description");
    }
    if !text.starts_with(|first: char| first.is_uppercase() || first.is_numeric() || first == '`')
        || !text.ends_with(['.', ')'])
    {
        return Some("a description is a sentence: it begins with a capital letter and ends with a full stop");
    }
    let known = words(name);
    let told = words(text);
    let new = told.iter().any(|word| !known.contains(word) && !EMPTY.contains(&word.as_str()));
    (!new).then_some("this description says no more than the name")
}

/// The words of a sentence or of a name in either case, in the singular.
fn words(text: &str) -> BTreeSet<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in text.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && before.is_lowercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| letter.is_alphanumeric()) {
            word.extend(letter.to_lowercase());
        }
        before = letter;
    }
    let singular = |word: String| match word.strip_suffix("es").filter(|stem| stem.ends_with("ss")) {
        Some(stem) => stem.to_owned(),
        None => word.strip_suffix('s').filter(|stem| !stem.ends_with('s')).map_or(word.clone(), str::to_owned),
    };
    words.into_iter().filter(|word| !word.is_empty()).map(singular).collect()
}

#[cfg(test)]
mod tests {
    use super::{operations, schemas, useless, values};
    use crate::planted::finds;

    #[test]
    fn finds_a_property_without_description() {
        finds(
            |spec| schemas(spec).faults,
            "          description: Main memory in megabytes.\n",
            "",
            "#/components/schemas/ServerSize/properties/memory_amount",
            "has no description",
        );
    }

    #[test]
    fn finds_a_description_that_repeats_the_name() {
        finds(
            |spec| schemas(spec).faults,
            "      description: A zone (a data centre) that servers can be hosted in.\n",
            "      description: The zone.\n",
            "#/components/schemas/Zone",
            "no more than the name",
        );
    }

    #[test]
    fn finds_an_operation_without_summary_or_with_half_a_sentence() {
        let place = "#/paths/~1plan/get";
        finds(|spec| operations(spec).faults, "      summary: List plans\n", "", place, "no `summary`");
        finds(
            |spec| operations(spec).faults,
            "      description: Lists the pricing plans.\n",
            "      description: lists the pricing plans\n",
            place,
            "is a sentence",
        );
    }

    #[test]
    fn finds_a_value_without_description_and_a_description_without_value() {
        finds(
            |spec| values(spec).faults,
            "        error: Out of reach because of a fault of the platform.\n",
            "",
            "#/components/schemas/ServerState/enum",
            "the value error is not described",
        );
        finds(
            |spec| values(spec).faults,
            "        started: Up and running.\n",
            "        started: Up and running.\n        paused: Between the two.\n",
            "#/components/schemas/ServerState",
            "paused is described",
        );
    }

    #[test]
    fn plural_and_case_do_not_make_a_new_word() {
        assert!(useless("The ip addresses.", "IpAddressList_ip_address").is_some());
        assert!(useless("The addresses of the server.", "IpAddressList_ip_address").is_none());
    }
}
