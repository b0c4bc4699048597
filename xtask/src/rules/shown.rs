//! Whoever reads the description, and every fake made of it, needs an example of each thing that is sent.

use serde_json::Value;

use super::counted::Counted;
use crate::codegen::spec::{Spec, escape};

/// Every answer of success that has a body shows one.
pub(crate) fn answers(spec: &Spec) -> Counted {
    let mut counted = Counted::default();
    for operation in spec.operations() {
        for (status, response) in operation.responses().filter(|(status, _)| status.starts_with('2')) {
            bodies_of(spec, response, &format!("{}/responses/{status}", operation.pointer()), &mut counted);
        }
    }
    counted
}

/// Every request body shows one.
pub(crate) fn requests(spec: &Spec) -> Counted {
    let mut counted = Counted::default();
    for operation in spec.operations() {
        if let Some(body) = operation.object.get("requestBody") {
            bodies_of(spec, body, &format!("{}/requestBody", operation.pointer()), &mut counted);
        }
    }
    counted
}

/// Every parameter shows one; that they are components is another rule.
pub(crate) fn parameters(spec: &Spec) -> Counted {
    let mut counted = Counted::default();
    let parameters = spec.resolve("#/components/parameters").and_then(Value::as_object).into_iter().flatten();
    for (name, parameter) in parameters {
        let wrong = (!shows(parameter)).then(|| "this parameter has no example".to_owned());
        counted.look(spec, &format!("#/components/parameters/{}", escape(name)), wrong);
    }
    counted
}

fn bodies_of(spec: &Spec, holder: &Value, pointer: &str, counted: &mut Counted) {
    let reference = holder.get("$ref").and_then(Value::as_str);
    let (holder, pointer) = reference.map_or((holder, pointer), |to| (spec.resolve(to).unwrap_or(holder), to));
    for (media, of) in holder.get("content").and_then(Value::as_object).into_iter().flatten() {
        let wrong = (!shows(of)).then(|| "this body has no example".to_owned());
        counted.look(spec, &format!("{pointer}/content/{}", escape(media)), wrong);
    }
}

fn shows(value: &Value) -> bool {
    value.get("example").is_some()
        || value.get("examples").and_then(Value::as_object).is_some_and(|examples| !examples.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{answers, parameters, requests};
    use crate::planted::finds;

    #[test]
    fn finds_an_answer_without_example() {
        finds(
            |spec| answers(spec).faults,
            "              examples:\n                ServerSizes: {$ref: '#/components/examples/ServerSizes'}\n",
            "",
            "#/paths/~1server_size/get/responses/200/content/application~1json",
            "has no example",
        );
    }

    #[test]
    fn finds_a_request_without_example() {
        finds(
            |spec| requests(spec).faults,
            "            examples:\n              Modify: {$ref: '#/components/examples/Modify'}\n",
            "",
            "#/paths/~1server~1{uuid}/put/requestBody/content/application~1json",
            "has no example",
        );
    }

    #[test]
    fn finds_a_parameter_without_example() {
        finds(
            |spec| parameters(spec).faults,
            "      example: keep_latest\n",
            "",
            "#/components/parameters/Backups",
            "has no example",
        );
    }
}
