//! The error rows of a response are listed twice, for programs in `x-error-codes` and for people as examples; both must
//! say the same.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::codegen::{
    fault::Fault,
    spec::{self, Spec, texts},
};

pub(crate) fn rule(spec: &Spec) -> Vec<Fault> {
    let mut faults = Vec::new();
    spec::walk(spec.document(), "#", &mut |pointer, object| {
        if is_response(pointer) {
            faults.extend(response(spec, pointer, object));
        }
    });
    faults
}

fn is_response(pointer: &str) -> bool {
    let mut segments = pointer.rsplit('/').skip(1);
    segments.next() == Some("responses")
}

fn response(spec: &Spec, pointer: &str, response: &Map<String, Value>) -> Vec<Fault> {
    let media = || response.get("content").and_then(Value::as_object).into_iter().flatten();
    let is_error = media().any(|(_, of)| {
        let schema = of.pointer("/schema/$ref").and_then(Value::as_str);
        matches!(schema, Some("#/components/schemas/ErrorResponse" | "#/components/schemas/Problem"))
    });
    if !is_error && !response.contains_key("x-error-codes") {
        return Vec::new();
    }
    let mut faults = Vec::new();
    let listed: BTreeSet<&str> = texts(response.get("x-error-codes")).collect();
    let mut shown = BTreeSet::new();
    for (kind, of) in media() {
        for (name, example) in of.get("examples").and_then(Value::as_object).into_iter().flatten() {
            let at = format!("{pointer}/content/{}/examples/{name}", spec::escape(kind));
            shown.insert(name.as_str());
            if !listed.contains(name.as_str()) {
                faults.push(Fault::new(spec, &at, format!("{name} has an example but is not in `x-error-codes`")));
            }
            let target = example.get("$ref").and_then(Value::as_str).and_then(|to| spec.resolve(to));
            if let Some(code) = target.unwrap_or(example).get("value").and_then(code)
                && code != name
            {
                faults.push(Fault::new(spec, &at, format!("the example for {name} shows {code}")));
            }
        }
    }
    for code in listed.difference(&shown) {
        let at = format!("{pointer}/x-error-codes");
        faults.push(Fault::new(spec, &at, format!("{code} has no example in this response")));
    }
    faults
}

/// The error code in a body of either form.
fn code(body: &Value) -> Option<&str> {
    let problem = || body.get("type")?.as_str()?.rsplit_once("#ERROR_").map(|(_, code)| code);
    body.pointer("/error/error_code").and_then(Value::as_str).or_else(problem)
}

#[cfg(test)]
mod tests {
    use super::rule;
    use crate::planted::finds;

    const DELETE: &str = "#/paths/~1server~1{uuid}/delete/responses/409";

    #[test]
    fn finds_a_code_without_example() {
        finds(
            rule,
            "                STORAGE_STATE_ILLEGAL: {$ref: '#/components/examples/STORAGE_STATE_ILLEGAL'}\n            application/problem+json:\n              schema: {$ref: '#/components/schemas/Problem'}\n        '401': {$ref: '#/components/responses/Unauthorized'}\n        default: {$ref: '#/components/responses/Unexpected'}\n  /server/{uuid}/start",
            "            application/problem+json:\n              schema: {$ref: '#/components/schemas/Problem'}\n        '401': {$ref: '#/components/responses/Unauthorized'}\n        default: {$ref: '#/components/responses/Unexpected'}\n  /server/{uuid}/start",
            &format!("{DELETE}/x-error-codes"),
            "STORAGE_STATE_ILLEGAL has no example",
        );
    }

    #[test]
    fn finds_an_example_of_a_code_that_is_not_listed() {
        finds(
            rule,
            "            - SERVER_STATE_ILLEGAL\n            - STORAGE_STATE_ILLEGAL\n",
            "            - SERVER_STATE_ILLEGAL\n",
            &format!("{DELETE}/content/application~1json/examples/STORAGE_STATE_ILLEGAL"),
            "is not in `x-error-codes`",
        );
    }

    #[test]
    fn finds_an_example_of_another_code() {
        finds(
            rule,
            "ACTION_MISSING: {$ref: '#/components/examples/ACTION_MISSING'}",
            "ACTION_MISSING: {$ref: '#/components/examples/ACTION_INVALID'}",
            "#/paths/~1server/post/responses/400/content/application~1json/examples/ACTION_MISSING",
            "shows ACTION_INVALID",
        );
    }
}
