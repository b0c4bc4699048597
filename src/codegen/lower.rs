//! The description as progenitor needs it. Each step is one decision, counts what it did, and ends the build when it
//! finds nothing to do any more, so that no rule outlives its reason. `openapi.yaml` itself is never touched.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::{
    fault::Fault,
    spec::{Spec, referred, texts},
};

/// The component that stands for every secret text.
pub const SECRET: &str = "SecretText";

/// What later steps need to know and the lowered description no longer tells.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The string enums: they become open enums of ours.
    pub enums: BTreeMap<String, Value>,
    /// How a property travels, where its plain type does not tell.
    pub fields: BTreeMap<(String, String), Field>,
    /// The schemas that requests are made of: they are written strictly.
    pub requests: BTreeSet<String>,
    /// The properties without which an answer is of no use, by schema.
    pub identity: BTreeMap<String, Vec<String>>,
    /// The properties that the description requires, by schema.
    pub required: BTreeMap<String, Vec<String>>,
}

/// How a property travels.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// The codec of the value or of each item, by its name in `wire`.
    pub codec: Option<&'static str>,
    /// The key of the envelope around a list.
    pub envelope: Option<String>,
}

type Step = fn(&mut Spec, &mut Facts) -> usize;

const STEPS: [(&str, Step); 15] = [
    ("drop_other_servers", drop_other_servers),
    ("keep_success_responses", keep_success_responses),
    ("find_requests", find_requests),
    ("name_the_defaults", name_the_defaults),
    ("hide_secrets", hide_secrets),
    ("collect_enums", collect_enums),
    ("open_envelopes", open_envelopes),
    ("inline_values", inline_values),
    ("describe_references", describe_references),
    ("answers_may_lack_anything", answers_may_lack_anything),
    ("lists_need_no_null", lists_need_no_null),
    ("requests_can_send_empty_lists", requests_can_send_empty_lists),
    ("keep_unknown_members", keep_unknown_members),
    ("strip_constraints", strip_constraints),
    ("name_the_source", name_the_source),
];

/// All steps in their order.
pub fn all(spec: &mut Spec) -> Result<Facts, Fault> {
    let mut facts = Facts::default();
    for (name, step) in STEPS {
        if step(spec, &mut facts) == 0 {
            return Err(Fault::new(
                spec,
                "#/components/schemas",
                format!("the lowering step {name} found nothing to do: remove it, or mend what it looks for"),
            ));
        }
    }
    Ok(facts)
}

/// A client has one base URL, so what is served elsewhere is not its business; `src/metadata.rs` calls those.
fn drop_other_servers(spec: &mut Spec, _: &mut Facts) -> usize {
    let Some(paths) = spec.document_mut().get_mut("paths").and_then(Value::as_object_mut) else { return 0 };
    let before = paths.len();
    paths.retain(|_, item| item.get("servers").is_none());
    before - paths.len()
}

/// Progenitor has one type for success and one for failure. All failures are read by `src/error.rs` from the whole
/// response, so that status, headers and any body survive; success codes are joined into one range.
fn keep_success_responses(spec: &mut Spec, _: &mut Facts) -> usize {
    let mut dropped = 0;
    let paths = spec.document_mut().get_mut("paths").and_then(Value::as_object_mut);
    for operation in paths.into_iter().flatten().filter_map(|(_, item)| item.as_object_mut()).flat_map(Map::values_mut)
    {
        let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { continue };
        let success = responses.iter().find(|(status, _)| status.starts_with('2')).map(|(_, r)| r.clone());
        dropped += responses.len() - 1;
        responses.clear();
        responses.extend(success.map(|response| ("2XX".to_owned(), response)));
    }
    dropped
}

fn find_requests(spec: &mut Spec, facts: &mut Facts) -> usize {
    let bodies = spec
        .operations()
        .filter_map(|o| referred(o.object.get("requestBody")?.pointer("/content/application~1json/schema")?))
        .map(str::to_owned);
    facts.requests = spec.reached(bodies);
    for name in &facts.requests {
        let required = texts(spec.schema(name).and_then(|schema| schema.get("required"))).map(str::to_owned);
        facts.required.insert(name.clone(), required.collect());
    }
    facts.requests.len()
}

/// A default is never sent, so a field must say what its absence means.
fn name_the_defaults(spec: &mut Spec, _: &mut Facts) -> usize {
    let mut named = 0;
    for (_, _, property) in properties_mut(spec) {
        let Some(default) = property.get("default").map(|d| d.as_str().map_or_else(|| d.to_string(), str::to_owned))
        else {
            continue;
        };
        let own = property.get("description").and_then(Value::as_str).unwrap_or_default();
        property["description"] =
            Value::String(format!("{own} Documented default: `{default}`.").trim_start().to_owned());
        named += 1;
    }
    named
}

/// `format: password` and `x-sensitive` become one type that cannot be printed.
fn hide_secrets(spec: &mut Spec, _: &mut Facts) -> usize {
    let secret = |schema: &Value| {
        schema.get("format").and_then(Value::as_str) == Some("password")
            || schema.get("x-sensitive") == Some(&Value::Bool(true))
    };
    let named: BTreeSet<String> =
        spec.schemas().iter().filter(|(_, schema)| secret(schema)).map(|(name, _)| name.clone()).collect();
    let mut hidden = 0;
    for (_, _, property) in properties_mut(spec) {
        if secret(property) || referred(property).is_some_and(|name| named.contains(name)) {
            hidden += 1;
            let description = property.get("description").cloned().unwrap_or_default();
            *property =
                json!({"allOf": [{"$ref": format!("#/components/schemas/{SECRET}")}], "description": description});
        }
    }
    if let Some(schemas) = spec.schemas_mut() {
        schemas.retain(|name, _| !named.contains(name));
        schemas.insert(SECRET.to_owned(), json!({"type": "string"}));
    }
    hidden
}

/// String enums are replaced by open ones; switches that travel as words are no enums but booleans.
fn collect_enums(spec: &mut Spec, facts: &mut Facts) -> usize {
    facts.enums = spec
        .schemas()
        .iter()
        .filter(|(_, schema)| schema.get("enum").is_some() && schema.get("x-value").is_none())
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    facts.enums.len()
}

/// `{"label": [..]}` is a list to the caller. Such envelopes are the components named `...List`.
fn open_envelopes(spec: &mut Spec, facts: &mut Facts) -> usize {
    let envelopes: BTreeMap<String, (String, Value)> = spec
        .schemas()
        .iter()
        .filter(|(name, _)| name.ends_with("List"))
        .filter_map(|(name, schema)| {
            let mut members = schema.get("properties")?.as_object()?.iter();
            let (key, list) = members.next().filter(|(_, of)| of.get("items").is_some())?;
            members.next().is_none().then(|| (name.clone(), (key.clone(), list.clone())))
        })
        .collect();
    for (schema, name, property) in properties_mut(spec) {
        let Some((key, list)) = referred(property).and_then(|name| envelopes.get(name)) else { continue };
        let own = property.get("description").cloned();
        *property = list.clone();
        if let Some(own) = own {
            property["description"] = own;
        }
        facts.fields.entry((schema, name)).or_default().envelope = Some(key.clone());
    }
    if let Some(schemas) = spec.schemas_mut() {
        schemas.retain(|name, _| !envelopes.contains_key(name));
    }
    envelopes.len()
}

/// A named text or number is that text or number to the caller, not a type of its own; where it spells another value
/// (`x-value`), it is that value.
fn inline_values(spec: &mut Spec, facts: &mut Facts) -> usize {
    let values: BTreeMap<String, Value> = spec
        .schemas()
        .iter()
        .filter(|(name, schema)| {
            !facts.enums.contains_key(*name)
                && *name != SECRET
                && schema.get("type").and_then(Value::as_str) != Some("object")
        })
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    let plain = |property: &mut Value| -> Option<&'static str> {
        let value = values.get(referred(property)?)?;
        // What a text may hold is told by the component, what it is for by the property; a codec leaves nothing to tell.
        let (own, general) = (property.get("description"), value.get("description"));
        let parts = if value.get("x-value").is_some() { [own.or(general), None] } else { [own, general] };
        let parts: Vec<&str> = parts.into_iter().flatten().filter_map(Value::as_str).collect();
        let description = Value::String(parts.join("\n\n"));
        let codec = value.get("x-value").and_then(|_| codec(value));
        *property = value.get("x-value").unwrap_or(value).clone();
        property["description"] = description;
        codec
    };
    for (schema, name, property) in properties_mut(spec) {
        let item = property.get_mut("items").and_then(plain);
        if let Some(codec) = plain(property).or(item) {
            facts.fields.entry((schema, name)).or_default().codec = Some(codec);
        }
    }
    let parameters = spec.document_mut().pointer_mut("/components/parameters").and_then(Value::as_object_mut);
    for schema in parameters.into_iter().flat_map(Map::values_mut).filter_map(|p| p.get_mut("schema")) {
        plain(schema);
    }
    if let Some(schemas) = spec.schemas_mut() {
        schemas.retain(|name, _| !values.contains_key(name));
    }
    values.len()
}

/// The codec for what a text spells, told by the form of the text.
pub fn codec(text: &Value) -> Option<&'static str> {
    match (text.pointer("/x-value/type")?.as_str()?, texts(text.get("enum")).collect::<Vec<_>>().as_slice()) {
        ("boolean", ["yes", "no"]) => Some("YesNo"),
        ("boolean", ["on", "off"]) => Some("OnOff"),
        ("boolean", ["1", "0"]) => Some("ZeroOne"),
        ("integer", []) => Some("NumberText"),
        ("string", []) => Some("Identifier"),
        _ => None,
    }
}

/// A bare `$ref` leaves its field without documentation; the description of what it refers to serves for both.
fn describe_references(spec: &mut Spec, facts: &mut Facts) -> usize {
    let descriptions: BTreeMap<String, Value> = spec
        .schemas()
        .iter()
        .filter_map(|(name, schema)| Some((name.clone(), schema.get("description")?.clone())))
        .chain(facts.enums.iter().filter_map(|(name, schema)| Some((name.clone(), schema.get("description")?.clone()))))
        .collect();
    let mut described = 0;
    for (_, _, property) in properties_mut(spec) {
        let target = property.get("$ref").and(referred(property)).and_then(|name| descriptions.get(name));
        if let Some(description) = target.cloned() {
            *property = json!({"allOf": [property], "description": description});
            described += 1;
        }
    }
    described
}

/// An answer is refused only where what identifies the thing is missing. What is required beside that is as a rule there: a
/// text or a word stays plain, and is empty where it is not; 0 or `false` in its place would be a lie.
fn answers_may_lack_anything(spec: &mut Spec, facts: &mut Facts) -> usize {
    let mut optional = 0;
    for (name, schema) in spec.schemas_mut().into_iter().flatten().filter(|(name, _)| !facts.requests.contains(*name)) {
        let listed = |key: &str| texts(schema.get(key)).map(str::to_owned).collect::<Vec<_>>();
        let (identity, required) = (listed("x-identity"), listed("required"));
        let may_lack =
            |property: &String| !identity.contains(property) && !is_wordy(&schema["properties"][property], facts);
        let kept: Vec<Value> = required.iter().filter(|p| !may_lack(p)).map(|p| json!(p)).collect();
        optional += required.len() - kept.len();
        if !required.is_empty() {
            schema["required"] = Value::Array(kept);
        }
        facts.identity.insert(name.clone(), identity);
        facts.required.insert(name.clone(), required);
    }
    optional
}

/// Whether the property is a text without a form, or a word of an enum.
fn is_wordy(property: &Value, facts: &Facts) -> bool {
    match referred(property) {
        Some(name) => facts.enums.contains_key(name),
        None => {
            property.get("type").and_then(Value::as_str) == Some("string")
                && property.get("format").is_none()
                && property.get("nullable") != Some(&Value::Bool(true))
        }
    }
}

/// A list that is `null` is an empty list to the caller.
fn lists_need_no_null(spec: &mut Spec, _: &mut Facts) -> usize {
    let lists = properties_mut(spec).filter(|(_, _, property)| property.get("items").is_some());
    lists.filter_map(|(_, _, list)| list.as_object_mut()?.remove("nullable")).count()
}

/// An optional list of a request is an `Option`, because an empty list says "remove all" and an absent one "leave it".
fn requests_can_send_empty_lists(spec: &mut Spec, facts: &mut Facts) -> usize {
    let required: BTreeSet<(String, String)> = spec
        .schemas()
        .iter()
        .flat_map(|(name, schema)| texts(schema.get("required")).map(|p| (name.clone(), p.to_owned())))
        .collect();
    properties_mut(spec)
        .filter(|(schema, name, property)| {
            property.get("items").is_some()
                && facts.requests.contains(schema)
                && !required.contains(&(schema.clone(), name.clone()))
        })
        .map(|(_, _, property)| property["nullable"] = Value::Bool(true))
        .count()
}

/// Members that the description does not know are kept and sent back, so every object takes any.
fn keep_unknown_members(spec: &mut Spec, _: &mut Facts) -> usize {
    let schemas = spec.schemas_mut().into_iter().flat_map(Map::values_mut);
    schemas.filter(|s| s.get("properties").is_some()).map(|s| s["additionalProperties"] = json!({})).count()
}

/// What the server checks is not checked when reading its answers: constraints would make answers fail, defaults would
/// be sent by callers who set nothing, and `nullable` says nothing that an `Option` does not.
fn strip_constraints(spec: &mut Spec, _: &mut Facts) -> usize {
    const GONE: [&str; 9] =
        ["default", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "example"];
    fn strip(schema: &mut Value) -> usize {
        let Some(object) = schema.as_object_mut() else { return 0 };
        let before = object.len();
        object.retain(|key, _| key == "x-section" || !(GONE.contains(&key.as_str()) || key.starts_with("x-")));
        let here = before - object.len();
        here + object.get_mut("items").map_or(0, strip)
    }
    let named: usize = spec.schemas_mut().into_iter().flat_map(Map::values_mut).map(strip).sum();
    let members: usize = properties_mut(spec).map(|(_, _, property)| strip(property)).sum();
    let parameters = spec.document_mut().pointer_mut("/components/parameters").and_then(Value::as_object_mut);
    let schemas = parameters.into_iter().flat_map(Map::values_mut).filter_map(|p| p.get_mut("schema"));
    named + members + schemas.map(strip).sum::<usize>()
}

/// The rustdoc of a type and of a call says where in the vendor's documentation they come from.
fn name_the_source(spec: &mut Spec, _: &mut Facts) -> usize {
    fn name(object: &mut Value) -> usize {
        let sections: Vec<String> = texts(object.get("x-section")).map(|s| format!("*{s}*")).collect();
        let Some(Value::String(description)) = object.get_mut("description").filter(|_| !sections.is_empty()) else {
            return 0;
        };
        *description = format!("{description}\n\nDocumentation: {}.", sections.join(", "));
        1
    }
    let schemas: usize = spec.schemas_mut().into_iter().flat_map(Map::values_mut).map(name).sum();
    let paths = spec.document_mut().get_mut("paths").and_then(Value::as_object_mut);
    let operations = paths.into_iter().flatten().filter_map(|(_, item)| item.as_object_mut()).flat_map(Map::values_mut);
    schemas + operations.map(name).sum::<usize>()
}

/// Every property of every named object: (schema, property, its schema).
fn properties_mut(spec: &mut Spec) -> impl Iterator<Item = (String, String, &mut Value)> {
    spec.schemas_mut().into_iter().flatten().flat_map(|(schema, of)| {
        let members = of.get_mut("properties").and_then(Value::as_object_mut);
        members.into_iter().flatten().map(|(name, property)| (schema.clone(), name.clone(), property))
    })
}
