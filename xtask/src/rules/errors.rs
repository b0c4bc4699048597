//! The error rows of a response are listed twice, for programs in `x-error-codes` and for people as examples; both must
//! say the same. And none may be missing: no status that every call can meet, no code, no kind of code.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::counted::Counted;
use crate::codegen::{
    check::KINDS,
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
        matches!(schema, Some("#/components/schemas/ErrorBody" | "#/components/schemas/Problem"))
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

/// Every operation that asks for credentials says what a call without good ones gets, and what else may come.
pub(crate) fn answers(spec: &Spec) -> Counted {
    let mut counted = Counted::default();
    let open = |operation: &spec::Operation<'_>| {
        operation.object.get("security").and_then(Value::as_array).is_some_and(Vec::is_empty)
    };
    for operation in spec.operations().filter(|operation| !open(operation)) {
        let missing =
            ["401", "default"].into_iter().find(|wanted| operation.responses().all(|(status, _)| status != wanted));
        let wrong = missing.map(|status| format!("{} has no answer {status}", operation.id()));
        counted.look(spec, &format!("{}/responses", operation.pointer()), wrong);
    }
    counted
}

/// Every code comes up in an answer, or says with `source: wire` that the chapter does not list it; both only where the
/// answer itself is not from the chapter.
pub(crate) fn codes(spec: &Spec) -> Counted {
    let (mut listed, mut by_chapter) = (BTreeSet::new(), BTreeSet::new());
    spec::walk(spec.document(), "#", &mut |pointer, object| {
        if is_response(pointer) {
            listed.extend(texts(object.get("x-error-codes")));
            if !object.contains_key("x-evidence") {
                by_chapter.extend(texts(object.get("x-error-codes")));
            }
        }
    });
    let mut counted = Counted::default();
    let described = spec.resolve("#/components/schemas/ErrorCode/x-error-codes").and_then(Value::as_object);
    for (code, facts) in described.into_iter().flatten() {
        let of_wire = facts.get("source").and_then(Value::as_str) == Some("wire");
        let wrong = match (listed.contains(code.as_str()), of_wire) {
            (true, true) if !by_chapter.contains(code.as_str()) => None,
            (false, false) => Some(format!("no answer lists {code}, and it does not say `source: wire`")),
            (true, true) => Some(format!("an answer lists {code}, so `source: wire` is wrong")),
            _ => None,
        };
        counted.look(spec, &format!("#/components/schemas/ErrorCode/x-error-codes/{code}"), wrong);
    }
    counted
}

/// Every kind that a code may have is told in `x-error-kinds`, and no other.
pub(crate) fn kinds(spec: &Spec) -> Counted {
    let mut counted = Counted::default();
    let place = "#/components/schemas/ErrorCode/x-error-kinds";
    let told: BTreeSet<&str> =
        spec.resolve(place).and_then(Value::as_object).into_iter().flat_map(Map::keys).map(String::as_str).collect();
    for kind in KINDS {
        counted.look(spec, place, (!told.contains(kind)).then(|| format!("the kind {kind} is not told")));
    }
    for kind in told.into_iter().filter(|kind| !KINDS.contains(kind)) {
        counted.look(spec, place, Some(format!("{kind} is told but is no kind")));
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::{answers, codes, kinds, rule};
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
    #[test]
    fn finds_an_operation_without_an_answer_to_wrong_credentials() {
        finds(
            |spec| answers(spec).faults,
            "        '401': {$ref: '#/components/responses/Unauthorized'}\n",
            "",
            "#/paths/~1server_size/get/responses",
            "has no answer 401",
        );
    }

    #[test]
    fn finds_a_code_that_comes_up_nowhere() {
        finds(
            |spec| codes(spec).faults,
            "        INVALID_REQUEST:\n          kind: invalid_input\n          source: wire\n",
            "        INVALID_REQUEST:\n          kind: invalid_input\n",
            "#/components/schemas/ErrorCode/x-error-codes/INVALID_REQUEST",
            "no answer lists INVALID_REQUEST",
        );
    }

    #[test]
    fn finds_a_kind_that_is_not_told() {
        finds(
            |spec| kinds(spec).faults,
            "        quota: A quota of the account is used up.\n",
            "",
            "#/components/schemas/ErrorCode/x-error-kinds",
            "the kind quota is not told",
        );
    }
}
