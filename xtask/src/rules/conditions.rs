//! `x-required-if` is read by programs, so what it names must exist: properties of the same object, and values that they may
//! have. A name for a program (`x-enum-varnames`) stands for each value of its enumeration.

use serde_json::Value;

use crate::codegen::{
    fault::Fault,
    names,
    spec::{Spec, escape, referred, texts},
};

pub(crate) fn rule(spec: &Spec) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, schema) in spec.schemas() {
        let place = format!("#/components/schemas/{}", escape(name));
        conditions(spec, &place, schema, &mut faults);
        let values = schema.get("enum").and_then(Value::as_array).map_or(0, Vec::len);
        let named = schema.get("x-enum-varnames").map(|named| texts(Some(named)).filter(|n| names::is_identifier(n)));
        if named.is_some_and(|named| named.count() != values) {
            let sentence = "`x-enum-varnames` does not hold one identifier for each value";
            faults.push(Fault::new(spec, &format!("{place}/x-enum-varnames"), sentence));
        }
    }
    faults
}

fn conditions(spec: &Spec, place: &str, schema: &Value, faults: &mut Vec<Fault>) {
    let property = |name: &str| schema.get("properties").and_then(|of| of.get(name));
    for (required, when) in schema.get("x-required-if").and_then(Value::as_object).into_iter().flatten() {
        let at = format!("{place}/x-required-if/{}", escape(required));
        if property(required).is_none() {
            faults.push(Fault::new(spec, &at, format!("{required} is no property")));
        } else if texts(schema.get("required")).any(|always| always == required) {
            faults.push(Fault::new(spec, &at, format!("{required} is required always, so the condition says nothing")));
        }
        for (other, values) in when.as_object().into_iter().flatten() {
            let target = property(other).and_then(referred).and_then(|name| spec.schema(name));
            let known = |value: &str| target.is_some_and(|of| texts(of.get("enum")).any(|known| known == value));
            if let Some(value) = texts(Some(values)).find(|value| !known(value)) {
                faults.push(Fault::new(spec, &at, format!("{value} is no value that {other} may have")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::rule;
    use crate::planted::finds;

    #[test]
    fn finds_a_value_that_cannot_be() {
        finds(
            rule,
            "        size: {action: [create]}\n",
            "        size: {action: [make]}\n",
            "#/components/schemas/CreateStorageDevice/x-required-if/size",
            "make is no value that action may have",
        );
    }

    #[test]
    fn finds_a_property_that_is_not_there() {
        finds(
            rule,
            "        network: {type: [private]}\n",
            "        net: {type: [private]}\n",
            "#/components/schemas/CreateInterface/x-required-if/net",
            "net is no property",
        );
    }

    #[test]
    fn finds_a_value_without_its_name() {
        finds(
            rule,
            "x-enum-varnames: [STRICT, BEST_EFFORT, NONE]",
            "x-enum-varnames: [STRICT, BEST_EFFORT]",
            "#/components/schemas/AntiAffinity/x-enum-varnames",
            "one identifier for each value",
        );
    }
}
