//! operationIds are the names of methods in every generated client, so they follow one pattern.

use crate::codegen::{fault::Fault, spec::Spec};

const VERBS: [&str; 11] =
    ["list", "get", "create", "start", "stop", "restart", "modify", "cancel", "delete", "add", "remove"];

pub(crate) fn rule(spec: &Spec) -> Vec<Fault> {
    spec.operations()
        .filter(|operation| {
            let verb = operation.id().find(char::is_uppercase).map_or("", |at| &operation.id()[..at]);
            !VERBS.contains(&verb)
        })
        .map(|operation| {
            let sentence = format!(
                "the operationId {} is not made of a verb ({}) and a noun in camel case",
                operation.id(),
                VERBS.join(", ")
            );
            Fault::new(spec, &format!("{}/operationId", operation.pointer()), sentence)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::rule;
    use crate::planted::finds;

    #[test]
    fn finds_an_unknown_verb() {
        let place = "#/paths/~1server_size/get/operationId";
        finds(
            rule,
            "operationId: listServerConfigurations",
            "operationId: fetchServerConfigurations",
            place,
            "fetchServerConfigurations",
        );
    }

    #[test]
    fn finds_a_verb_alone() {
        finds(rule, "operationId: listPlans", "operationId: list", "#/paths/~1plan/get/operationId", "and a noun");
    }
}
