//! A limit is told in words too: people read the description of a value, and some generators drop the keyword.

use serde_json::{Map, Value};

use super::counted::Counted;
use crate::codegen::spec::{self, Spec};

const LIMITS: [&str; 7] = ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "multipleOf"];

pub(crate) fn rule(spec: &Spec) -> Counted {
    let mut counted = Counted::default();
    for part in ["schemas", "parameters"] {
        let start = format!("#/components/{part}");
        let Some(components) = spec.resolve(&start) else { continue };
        spec::walk(components, &start, &mut |pointer, object| {
            if !pointer.contains("/x-") && !pointer.contains("/example") {
                look(spec, pointer, object, &mut counted);
            }
        });
    }
    counted
}

fn look(spec: &Spec, pointer: &str, object: &Map<String, Value>, counted: &mut Counted) {
    // The length of a text that spells a number follows from the number.
    let limited = object.get("x-value").and_then(Value::as_object).unwrap_or(object);
    let told = object.get("description").and_then(Value::as_str).unwrap_or_default();
    for keyword in LIMITS {
        // 0 and 1 are told by words such as "possibly empty" or by nothing at all.
        let Some(limit) = limited.get(keyword).filter(|limit| limit.as_f64().is_some_and(|limit| limit > 1.0)) else {
            continue;
        };
        let limit = limit.to_string();
        let numbers = || told.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let wrong = !numbers().any(|number| number == limit);
        counted.look(
            spec,
            pointer,
            wrong.then(|| format!("`{keyword}` is {limit}, but the description does not say so")),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::rule;
    use crate::planted::finds;

    #[test]
    fn finds_a_limit_that_the_words_do_not_tell() {
        finds(
            |spec| rule(spec).faults,
            "description: A valid domain name in lower case, at most 128 characters.",
            "description: A valid domain name in lower case, at most 64 characters.",
            "#/components/schemas/Hostname",
            "`maxLength` is 128",
        );
    }
}
