//! What must hold before the lowering starts: a wrong edit of the description ends here, in a sentence that names the
//! place, and not in a panic of the generator. Style and completeness are the business of `cargo xtask lint`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::{
    checks::{LIMITS, Part},
    docs::Idempotency,
    fault::Fault,
    lower, names, shape,
    spec::{self, Operation, Spec, referred, texts},
};

/// The kinds of trouble that an error code can mean.
pub const KINDS: [&str; 13] = [
    "invalid_input",
    "missing_input",
    "not_found",
    "forbidden",
    "authentication",
    "credits",
    "quota",
    "trial_limit",
    "state",
    "conflict",
    "capacity",
    "account_needed",
    "unavailable",
];

/// Every check, in the order in which one relies on the other.
pub fn all(spec: &Spec) -> Result<(), Fault> {
    version(spec)?;
    shape::check(spec)?;
    references(spec)?;
    operations(spec)?;
    named_objects(spec)?;
    required_properties(spec)?;
    types(spec)?;
    envelopes(spec)?;
    enums(spec)?;
    spelled_values(spec)?;
    error_codes(spec)?;
    error_rows(spec)?;
    limits(spec)?;
    modifications_have_no_defaults(spec)
}

fn version(spec: &Spec) -> Result<(), Fault> {
    match spec.document().get("openapi").and_then(Value::as_str) {
        Some(version) if version.starts_with("3.0.") => {}
        _ => return Err(Fault::new(spec, "#/openapi", "the generator reads OpenAPI 3.0 only")),
    }
    match spec.operations().next() {
        Some(_) => Ok(()),
        None => Err(Fault::new(spec, "#", "`paths` is missing or has no operation")),
    }
}

fn references(spec: &Spec) -> Result<(), Fault> {
    first(spec, |pointer, object| {
        let reference = object.get("$ref")?.as_str()?;
        (spec.resolve(reference).is_none()).then(|| {
            let sentence = if reference.starts_with('#') {
                format!("`$ref` leads to {reference}, which does not exist")
            } else {
                format!("`$ref` leads to {reference}, but only references within this file are possible")
            };
            Fault::new(spec, pointer, sentence)
        })
    })
}

/// The first fault that `find` sees on a walk over the whole document.
fn first<'a>(spec: &'a Spec, mut find: impl FnMut(&str, &'a Map<String, Value>) -> Option<Fault>) -> Result<(), Fault> {
    let mut fault = None;
    spec::walk(spec.document(), "#", &mut |pointer, object| {
        if fault.is_none() {
            fault = find(pointer, object);
        }
    });
    fault.map_or(Ok(()), Err)
}

fn operations(spec: &Spec) -> Result<(), Fault> {
    let mut seen = BTreeMap::new();
    for operation in spec.operations() {
        let pointer = operation.pointer();
        let id = operation.id();
        if !names::is_identifier(id) {
            return Err(Fault::new(spec, &pointer, "an operation needs an operationId that is an identifier"));
        }
        if let Some(other) = seen.insert(id.to_owned(), pointer.clone()) {
            let place = format!("{pointer}/operationId");
            return Err(Fault::new(spec, &place, format!("the operationId {id} is taken by {other} already")));
        }
        idempotency(spec, operation)?;
        path_parameters(spec, operation)?;
        request_body(spec, operation)?;
        success_responses(spec, operation)?;
    }
    Ok(())
}

/// What a second request does decides what is tried again, so it is told and never guessed.
fn idempotency(spec: &Spec, operation: Operation<'_>) -> Result<(), Fault> {
    let words: Vec<&str> = Idempotency::SPELLED.iter().map(|(word, _)| *word).collect();
    let Some(told) = Idempotency::of(operation) else {
        let sentence = format!("an operation needs `x-idempotency`, one of {}", words.join(", "));
        return Err(Fault::new(spec, &operation.pointer(), sentence));
    };
    let place = format!("{}/x-idempotency", operation.pointer());
    if matches!(operation.method, "get" | "head") != (told == Idempotency::Safe) {
        return Err(Fault::new(spec, &place, "GET and HEAD and no other method is safe"));
    }
    if told == Idempotency::Safe && operation.object.contains_key("requestBody") {
        let place = format!("{}/requestBody", operation.pointer());
        return Err(Fault::new(spec, &place, "what is safe has no request body: RFC 9110 gives it no meaning"));
    }
    if told == Idempotency::Creates && operation.method != "post" {
        return Err(Fault::new(spec, &place, "what makes a new thing is a POST"));
    }
    Ok(())
}

fn path_parameters(spec: &Spec, operation: Operation<'_>) -> Result<(), Fault> {
    let lists = [operation.item.get("parameters"), operation.object.get("parameters")];
    let declared: Vec<&Value> = lists
        .into_iter()
        .flatten()
        .filter_map(Value::as_array)
        .flatten()
        .filter_map(|parameter| match parameter.get("$ref").and_then(Value::as_str) {
            Some(reference) => spec.resolve(reference),
            None => Some(parameter),
        })
        .filter(|parameter| parameter.get("in").and_then(Value::as_str) == Some("path"))
        .collect();
    let name = |parameter: &&'_ Value| parameter.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    if let Some(optional) = declared.iter().find(|parameter| parameter.get("required") != Some(&Value::Bool(true))) {
        let sentence = format!("the path parameter {} must be `required: true`", name(optional));
        return Err(Fault::new(spec, &operation.pointer(), sentence));
    }
    let declared: BTreeSet<String> = declared.iter().map(name).collect();
    let wanted: BTreeSet<String> =
        operation.path.split('/').filter_map(|s| Some(s.strip_prefix('{')?.strip_suffix('}')?.to_owned())).collect();
    match wanted.symmetric_difference(&declared).next() {
        Some(name) => Err(Fault::new(
            spec,
            &operation.pointer(),
            format!("the path and its parameters do not agree about {name}"),
        )),
        None => Ok(()),
    }
}

fn request_body(spec: &Spec, operation: Operation<'_>) -> Result<(), Fault> {
    let Some(body) = operation.object.get("requestBody") else { return Ok(()) };
    let content = body.get("content").and_then(Value::as_object);
    let only = content.filter(|content| content.len() == 1).and_then(|content| content.get("application/json"));
    if only.and_then(|media| media.pointer("/schema/$ref")).is_none() {
        let place = format!("{}/requestBody", operation.pointer());
        return Err(Fault::new(spec, &place, "a request body is `application/json` alone, with a named schema"));
    }
    Ok(())
}

fn success_responses(spec: &Spec, operation: Operation<'_>) -> Result<(), Fault> {
    let pointer = format!("{}/responses", operation.pointer());
    let mut success = operation.responses().filter(|(status, _)| status.starts_with('2'));
    let Some((_, first)) = success.next() else {
        return Err(Fault::new(spec, &pointer, "an operation needs a response for success"));
    };
    for (status, other) in success {
        if other.get("content") != first.get("content") {
            let place = format!("{pointer}/{status}");
            return Err(Fault::new(spec, &place, "all successful responses of an operation must have one schema"));
        }
    }
    for (status, response) in operation.responses() {
        let media = response.pointer("/content/application~1json");
        if media.is_some_and(|media| media.pointer("/schema/$ref").is_none()) {
            let place = format!("{pointer}/{status}");
            return Err(Fault::new(spec, &place, "a JSON response needs a schema that is a `$ref` to a named one"));
        }
    }
    Ok(())
}

fn named_objects(spec: &Spec) -> Result<(), Fault> {
    let named = |pointer: &str| {
        pointer.strip_prefix("#/components/schemas/").is_some_and(|rest| !rest.contains('/'))
            || pointer.contains("/example")
            || pointer.contains("/x-")
            || pointer.ends_with("/properties")
    };
    first(spec, |pointer, object| {
        let is_object =
            object.get("type").and_then(Value::as_str) == Some("object") || object.contains_key("properties");
        (is_object && !named(pointer)).then(|| {
            Fault::new(spec, pointer, "an object written inline has no name: make it a component and refer to it")
        })
    })
}

fn required_properties(spec: &Spec) -> Result<(), Fault> {
    for (name, schema) in spec.schemas() {
        for property in texts(schema.get("required")) {
            if schema.get("properties").and_then(|all| all.get(property)).is_none() {
                let place = format!("#/components/schemas/{name}/required");
                return Err(Fault::new(spec, &place, format!("{property} is required but is no property of {name}")));
            }
        }
        let required: Vec<&str> = texts(schema.get("required")).collect();
        if let Some(property) = texts(schema.get("x-identity")).find(|property| !required.contains(property)) {
            let place = format!("#/components/schemas/{name}/x-identity");
            return Err(Fault::new(spec, &place, format!("{property} identifies {name}, so it must be required")));
        }
    }
    Ok(())
}

/// Every schema under a name, a property, a parameter or `items`, with its pointer.
fn each_schema(spec: &Spec) -> impl Iterator<Item = (String, &Value)> {
    let parameters = spec.resolve("#/components/parameters").and_then(Value::as_object).into_iter().flatten();
    let of_parameters = parameters.flat_map(|(name, parameter)| {
        let place = format!("#/components/parameters/{name}/schema");
        let schema = parameter.get("schema").map(|schema| (place.clone(), schema));
        let items = parameter.pointer("/schema/items").map(|items| (format!("{place}/items"), items));
        [schema, items].into_iter().flatten()
    });
    let of_schemas = spec.schemas().iter().flat_map(|(name, schema)| {
        let place = format!("#/components/schemas/{name}");
        let members = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        let mut found: Vec<(String, &Value)> =
            members.map(|(property, of)| (format!("{place}/properties/{}", spec::escape(property)), of)).collect();
        found.push((place, schema));
        let items: Vec<_> =
            found.iter().filter_map(|(at, of)| Some((format!("{at}/items"), of.get("items")?))).collect();
        found.extend(items);
        found
    });
    of_parameters.chain(of_schemas)
}

fn types(spec: &Spec) -> Result<(), Fault> {
    const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
    for (place, schema) in each_schema(spec) {
        let sentence = match schema.get("type") {
            Some(Value::String(name)) if name == "array" && schema.get("items").is_none() => {
                "an array needs `items`".to_owned()
            }
            Some(Value::String(name)) if name != "array" && schema.get("items").is_some() => {
                format!("`items` belong to the type array, not to {name}")
            }
            Some(Value::String(name)) if TYPES.contains(&name.as_str()) => continue,
            Some(other) => format!("the type {other} is none of {}", TYPES.join(", ")),
            None if referred(schema).is_some() => continue,
            None => "a property needs a `type` or a `$ref` to a named schema".to_owned(),
        };
        return Err(Fault::new(spec, &place, sentence));
    }
    Ok(())
}

fn envelopes(spec: &Spec) -> Result<(), Fault> {
    for (name, schema) in spec.schemas().iter().filter(|(name, _)| name.ends_with("List")) {
        let members = schema.get("properties").and_then(Value::as_object);
        let only = members.filter(|members| members.len() == 1).and_then(|members| members.values().next());
        if only.and_then(|list| list.get("items")).is_none() {
            let place = format!("#/components/schemas/{name}");
            let sentence = "a schema named ...List is an envelope, an object with one property that is an array";
            return Err(Fault::new(spec, &place, sentence));
        }
    }
    Ok(())
}

/// What a text of a body spells must be known, or the value would be sent in a form that nobody documented.
fn spelled_values(spec: &Spec) -> Result<(), Fault> {
    let bodies = each_schema(spec).filter(|(place, _)| place.starts_with("#/components/schemas/"));
    for (_, schema) in bodies {
        let Some(name) = referred(schema) else { continue };
        let Some(target) = spec.schema(name).filter(|target| target.get("x-value").is_some()) else { continue };
        if lower::codec(target).is_none() {
            let place = format!("#/components/schemas/{name}");
            return Err(Fault::new(spec, &place, "no codec of `src/wire` spells an `x-value` in this way"));
        }
    }
    Ok(())
}

fn enums(spec: &Spec) -> Result<(), Fault> {
    first(spec, |pointer, object| {
        object.get("enum")?.as_array()?;
        if pointer.contains("/example") {
            return None;
        }
        let name = pointer.strip_prefix("#/components/schemas/").filter(|rest| !rest.contains('/'));
        let Some(name) = name else {
            return Some(Fault::new(spec, pointer, "an enum needs a name: make it a component and refer to it"));
        };
        if object.get("type").and_then(Value::as_str) != Some("string") {
            return Some(Fault::new(spec, pointer, "an enum is a list of texts, so its type is string"));
        }
        if object.contains_key("x-value") {
            return None;
        }
        let mut seen = BTreeSet::from(["Unknown".to_owned()]);
        names::variants(spec.schema(name)?).find_map(|(value, variant)| {
            (!names::is_identifier(&variant) || !seen.insert(variant)).then(|| {
                let sentence = format!(
                    "{value} makes no name for a value of its own: it must be a text, start with a letter and be unique"
                );
                Fault::new(spec, &format!("{pointer}/enum"), sentence)
            })
        })
    })
}

fn error_codes(spec: &Spec) -> Result<(), Fault> {
    let place = "#/components/schemas/ErrorCode";
    let Some(schema) = spec.schema("ErrorCode") else {
        return Err(Fault::new(spec, "#/components/schemas", "the schema ErrorCode is missing"));
    };
    let listed: BTreeSet<&str> = texts(schema.get("enum")).collect();
    let Some(described) = schema.get("x-error-codes").and_then(Value::as_object) else {
        return Err(Fault::new(spec, place, "ErrorCode needs `x-error-codes` to say what each code means"));
    };
    for (code, facts) in described {
        let at = format!("{place}/x-error-codes/{code}");
        if !listed.contains(code.as_str()) {
            return Err(Fault::new(spec, &at, format!("{code} is described but is not in the enum")));
        }
        let kind = facts.get("kind").and_then(Value::as_str).unwrap_or_default();
        if !KINDS.contains(&kind) {
            return Err(Fault::new(spec, &at, format!("the kind {kind:?} is none of {}", KINDS.join(", "))));
        }
        if facts.get("description").and_then(Value::as_str).is_none() {
            return Err(Fault::new(spec, &at, format!("{code} has no description")));
        }
        let says = |key: &str| facts.get(key) == Some(&Value::Bool(true));
        if says("stop") && says("wait") {
            return Err(Fault::new(spec, &at, format!("{code} cannot be cured by waiting and need a stop as well")));
        }
        let states = ["ServerState", "StorageState"].into_iter().filter_map(|name| spec.schema(name)?.get("enum"));
        let states: BTreeSet<&str> = states.flat_map(|values| texts(Some(values))).collect();
        if let Some(state) = texts(facts.get("passing")).find(|state| !states.contains(state)) {
            return Err(Fault::new(spec, &at, format!("{state} is no state of a server or a storage")));
        }
        if facts.get("passing").is_some() && !says("wait") {
            return Err(Fault::new(spec, &at, format!("{code} names states that pass but not `wait: true`")));
        }
    }
    match listed.iter().find(|code| !described.contains_key(**code)) {
        Some(code) => {
            Err(Fault::new(spec, &format!("{place}/enum"), format!("{code} has no entry in `x-error-codes`")))
        }
        None => Ok(()),
    }
}

fn error_rows(spec: &Spec) -> Result<(), Fault> {
    let known: BTreeSet<&str> = texts(spec.schema("ErrorCode").and_then(|s| s.get("enum"))).collect();
    for operation in spec.operations() {
        let mut seen = BTreeSet::new();
        for (status, code) in operation.error_rows() {
            let fault = |sentence: String| {
                Err(Fault::new(spec, &format!("{}/responses/{status}/x-error-codes", operation.pointer()), sentence))
            };
            if !known.contains(code) {
                return fault(format!("{code} is not a value of ErrorCode"));
            }
            if !seen.insert(code) {
                return fault(format!("{code} is listed twice for {}", operation.id()));
            }
        }
    }
    Ok(())
}

/// What is said of limits must be about limits that are there, and name codes that the API has.
fn limits(spec: &Spec) -> Result<(), Fault> {
    let known: BTreeSet<&str> = texts(spec.schema("ErrorCode").and_then(|s| s.get("enum"))).collect();
    let names = || LIMITS.join(", ");
    for (place, schema) in each_schema(spec) {
        let part = Part::of(spec, place.clone(), "", schema);
        // A schema that others refer to may speak of `required`, which stands at the object around.
        let is_there = |limit: &str| limit == "required" || part.has(limit);
        for extension in ["x-error-code", "x-allowed"] {
            let at = format!("{place}/{extension}");
            let said: Vec<(Option<&str>, &Value)> = match schema.get(extension) {
                None => continue,
                Some(Value::Object(by_limit)) => {
                    by_limit.iter().map(|(limit, of)| (Some(limit.as_str()), of)).collect()
                }
                Some(for_all) => vec![(None, for_all)],
            };
            for (limit, text) in said {
                let sentence = match (limit, text.as_str()) {
                    (Some(limit), _) if !LIMITS.contains(&limit) => format!("{limit} is no limit: {}", names()),
                    (Some(limit), _) if !is_there(limit) => format!("{limit} is no limit of this value"),
                    (None, _) if !LIMITS.iter().any(|limit| part.has(limit)) => "this value has no limit".to_owned(),
                    (_, None) => format!("`{extension}` is a text, or a text for each limit"),
                    (_, Some(code)) if extension == "x-error-code" && !known.contains(code) => {
                        format!("{code} is not a value of ErrorCode")
                    }
                    _ => continue,
                };
                return Err(Fault::new(spec, &at, sentence));
            }
        }
        let at = format!("{place}/x-enforced");
        let sentence = match schema.get("x-enforced") {
            None | Some(Value::Bool(false) | Value::Object(_)) => continue,
            Some(limits @ Value::Array(_)) => match texts(Some(limits)).find(|limit| !part.has(limit)) {
                Some(limit) => format!("{limit} is no limit of this value"),
                None => continue,
            },
            Some(_) => "`x-enforced` is `false`, a list of limits, or the values of other properties".to_owned(),
        };
        return Err(Fault::new(spec, &at, sentence));
    }
    Ok(())
}

fn modifications_have_no_defaults(spec: &Spec) -> Result<(), Fault> {
    for (name, schema) in spec.schemas().iter().filter(|(name, _)| name.starts_with("Modify")) {
        for (property, of) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if of.get("default").is_some() {
                return Err(Fault::new(
                    spec,
                    &format!("#/components/schemas/{name}/properties/{property}/default"),
                    "a default in a modification would be read as a reset of what the caller did not name",
                ));
            }
        }
    }
    Ok(())
}
