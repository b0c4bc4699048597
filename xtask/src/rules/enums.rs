//! The platform adds values without a new version of its API. Where an answer can carry an enum, strict generators must
//! be told; where only requests carry it, the list is the whole truth.

use serde_json::Value;

use super::reach;
use crate::codegen::{fault::Fault, spec::Spec};

pub(crate) fn rule(spec: &Spec) -> Vec<Fault> {
    let responses = spec.operations().flat_map(|operation| operation.responses().map(|(_, response)| response));
    let answered = reach::schemas(spec, responses);
    let enums = spec.schemas().iter().filter(|(_, of)| of.get("enum").is_some() && of.get("x-value").is_none());
    enums
        .filter_map(|(name, of)| {
            let open = of.get("x-open-enum") == Some(&Value::Bool(true));
            let sentence = match (answered.contains(name.as_str()), open) {
                (true, false) => "a response can carry this enum, so it needs `x-open-enum: true`",
                (false, true) => "no response carries this enum, so `x-open-enum` says nothing: remove it",
                _ => return None,
            };
            Some(Fault::new(spec, &format!("#/components/schemas/{name}"), sentence))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::rule;
    use crate::planted::finds;

    #[test]
    fn finds_a_closed_enum_in_a_response() {
        finds(
            rule,
            "      x-open-enum: true\n      enum: ['started', 'stopped',",
            "      enum: ['started', 'stopped',",
            "#/components/schemas/ServerState",
            "needs `x-open-enum: true`",
        );
    }

    #[test]
    fn finds_an_open_enum_that_only_requests_carry() {
        finds(
            rule,
            "      enum: ['soft', 'hard']",
            "      x-open-enum: true\n      enum: ['soft', 'hard']",
            "#/components/schemas/StopType",
            "no response carries this enum",
        );
    }
}
