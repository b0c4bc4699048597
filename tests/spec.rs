//! What `openapi.yaml` promises: which operations and error rows there are, that the crate knows them, that the examples
//! are valid and complete, and that nothing in the file is silently ignored by tools that read `OpenAPI`.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

#[path = "support/schema.rs"]
mod schema;
#[path = "support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};

use schema::{Validators, examples, referred, resolve};
use serde_json::{Value, json};
use support::{YAML, description, escape};
use upcloud::{ErrorCode, calls::Operation};

/// The error rows and the error codes of the chapter when it was transcribed. No other place counts them: what is derived from
/// the description would lose a row together with it.
const ROWS: usize = 227;
const CODES: usize = 110;

/// The operations of the chapter when it was transcribed; more may come.
const CHAPTER: &[&str] = &[
    "listServerConfigurations",
    "listServers",
    "getServer",
    "createServer",
    "startServer",
    "stopServer",
    "restartServer",
    "modifyServer",
    "cancelServerOperation",
    "deleteServer",
    "listServerGroups",
    "getServerGroup",
    "listServersInGroup",
    "createServerGroup",
    "modifyServerGroup",
    "deleteServerGroup",
    "addServerToGroup",
    "removeServerFromGroup",
];
const METADATA: &[&str] = &["getMetadata", "listMetadataFields", "getMetadataField"];
const LOOKUPS: &[&str] = &["listStorageTemplates", "listStorageCdroms", "listPlans", "listZones", "listTimezones"];

/// (pointer, path item, operation), in the order of the file's paths.
fn operations(description: &Value) -> Vec<(String, &Value, &Value)> {
    let mut all = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation.get("responses").is_some() {
                all.push((format!("#/paths/{}/{method}", escape(path)), item, operation));
            }
        }
    }
    all
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The (operation, status, code) rows of the chapter: those that stand in an operation itself, not in a shared response.
fn rows(description: &Value) -> BTreeSet<(&str, u16, &str)> {
    let mut rows = BTreeSet::new();
    for (at, _, operation) in operations(description) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            for code in texts(&response["x-error-codes"]) {
                let row = (operation["operationId"].as_str().unwrap(), status.parse().unwrap(), code);
                assert!(rows.insert(row), "{at}: {row:?} twice");
            }
        }
    }
    rows
}

#[test]
fn no_operation_of_the_chapter_is_missing() {
    let description = description();
    let mut of_api = BTreeSet::new();
    let mut of_metadata = BTreeSet::new();
    for (at, item, operation) in operations(&description) {
        let id = operation["operationId"].as_str().unwrap();
        let set = if item.get("servers").is_some() { &mut of_metadata } else { &mut of_api };
        assert!(set.insert(id), "{at}: {id} twice");
    }
    let missing = |listed: &[&'static str], found: &BTreeSet<&str>| -> Vec<&str> {
        listed.iter().copied().filter(|id| !found.contains(id)).collect()
    };
    assert_eq!(missing(METADATA, &of_metadata), [""; 0]);
    assert_eq!(missing(CHAPTER, &of_api), [""; 0]);
    assert_eq!(missing(LOOKUPS, &of_api), [""; 0]);

    let known: BTreeSet<_> = Operation::ALL.iter().map(|operation| operation.id()).collect();
    assert_eq!(known, of_api.union(&of_metadata).copied().collect());
    for operation in Operation::ALL {
        let at = format!("/paths/{}/{}/operationId", escape(operation.path()), operation.method().to_lowercase());
        assert_eq!(description.pointer(&at), Some(&json!(operation.id())));
    }
}

#[test]
fn the_crate_knows_every_error_row_and_no_other() {
    let description = description();
    let rows = rows(&description);
    assert!(rows.len() >= ROWS, "the description has {} error rows, {ROWS} are documented", rows.len());
    let codes: BTreeSet<_> = rows.iter().map(|row| row.2).collect();
    assert!(codes.len() >= CODES, "the description has {} error codes, {CODES} are documented", codes.len());

    let mut known = BTreeSet::new();
    let catalogue = &description["components"]["schemas"]["ErrorCode"];
    for text in texts(&catalogue["enum"]) {
        let code = ErrorCode::from(text);
        assert!(!matches!(code, ErrorCode::Unknown(_)), "{text} is unknown to the crate");
        assert_eq!(code.as_str(), text);
        assert!(code.kind().is_some() && code.description().is_some_and(|d| !d.is_empty()), "{text} has no facts");
        let beside_the_chapter = catalogue["x-error-codes"][text]["source"] == "wire";
        assert_eq!(beside_the_chapter, !codes.contains(text), "{text}: `source` and the rows disagree");
        for (operation, status) in code.documented_for() {
            assert!(known.insert((operation.id(), status, text)), "{text} twice for {operation}");
        }
    }
    assert_eq!(known, rows);
}

#[test]
fn every_error_code_of_a_response_has_an_example() {
    let description = description();
    let mut responses = Vec::new();
    for (at, _, operation) in operations(&description) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            responses.push((format!("{at}/responses/{status}"), resolve(&description, response)));
        }
    }
    let mut compared = 0;
    for (at, response) in responses {
        let listed: BTreeSet<_> = texts(&response["x-error-codes"]).into_iter().collect();
        if listed.is_empty() {
            continue;
        }
        let media = response["content"].as_object().unwrap().values();
        let shown: Vec<_> = media.filter_map(|media| media["examples"].as_object()).flatten().collect();
        let names: BTreeSet<_> = shown.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, listed, "{at}");
        for (name, example) in shown {
            let value = &resolve(&description, example)["value"];
            let told = value["error"]["error_code"].as_str();
            let told = told.or_else(|| Some(value["type"].as_str()?.rsplit_once("#ERROR_")?.1));
            assert_eq!(told, Some(name.as_str()), "{at}: the example shows another code");
            compared += 1;
        }
    }
    let rows = rows(&description).len();
    assert!(compared >= rows, "only {compared} examples were compared, and there are {rows} rows");
}

#[test]
fn every_example_is_valid_also_with_undocumented_fields_forbidden() {
    let description = description();
    let examples = examples(&description);
    for closed in [false, true] {
        let mut validators = Validators::new(&description, closed);
        for example in &examples {
            let faults = validators.faults(example.schema, example.value);
            assert!(faults.is_empty(), "{} (closed: {closed}): {faults:#?}", example.at);
        }
    }
    let has = |part: &str| examples.iter().any(|example| example.at.contains(part));
    for part in ["/requestBody/", "/responses/202/", "/parameters/Limit/example", "/properties/", "/default"] {
        assert!(has(part), "no example was found under {part}");
    }
}

#[test]
fn the_validator_refuses_what_is_wrong() {
    let description = description();
    let schema = json!({"$ref": "#/components/schemas/CreateServerRequest"});
    let good = &description["components"]["examples"]["CreateFromTemplate"]["value"];
    let mut open = Validators::new(&description, false);
    let mut closed = Validators::new(&description, true);
    assert_eq!(open.faults(&schema, good), Vec::<String>::new());

    for (pointer, wrong) in [
        ("/server/video_model", json!("super")),
        ("/server/core_number", json!(4)),
        ("/server/hostname", json!("h".repeat(129))),
        ("/server/server_group", json!("no-uuid")),
        ("/server/labels", json!([])),
        ("/server/storage_devices/storage_device/0/boot_disk", json!("2")),
        ("/server/zone", Value::Null),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = wrong;
        assert!(open.faults(&schema, &bad).iter().any(|fault| fault.starts_with(pointer)), "{pointer} passed");
    }
    let mut missing = good.clone();
    missing["server"].as_object_mut().unwrap().remove("zone");
    assert!(!open.faults(&schema, &missing).is_empty());

    let mut unknown = good.clone();
    unknown["server"]["login_user"]["undocumented"] = json!(1);
    assert!(open.faults(&schema, &unknown).is_empty());
    assert!(!closed.faults(&schema, &unknown).is_empty());
}

/// Which properties the schema reaches, and which of them `values` show, as `Schema.property`.
#[derive(Default)]
struct Coverage {
    reachable: BTreeSet<String>,
    shown: BTreeSet<String>,
    seen: BTreeSet<String>,
}

impl Coverage {
    fn reach(&mut self, description: &Value, schema: &Value) {
        if let Some(items) = schema.get("items") {
            return self.reach(description, items);
        }
        let Some(name) = referred(schema) else { return };
        if !self.seen.insert(name.to_owned()) {
            return;
        }
        let schema = &description["components"]["schemas"][name];
        for (property, of) in schema["properties"].as_object().into_iter().flatten() {
            self.reachable.insert(format!("{name}.{property}"));
            self.reach(description, of);
        }
        if schema.get("items").is_some() {
            self.reach(description, schema);
        }
    }

    fn show(&mut self, description: &Value, schema: &Value, value: &Value) {
        if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
            return values.iter().for_each(|value| self.show(description, items, value));
        }
        let Some(name) = referred(schema) else { return };
        let schema = &description["components"]["schemas"][name];
        for (property, value) in value.as_object().into_iter().flatten() {
            self.shown.insert(format!("{name}.{property}"));
            self.show(description, &schema["properties"][property], value);
        }
        if schema.get("items").is_some() {
            self.show(description, schema, value);
        }
    }
}

/// By the schema of a body, because operations share them: an answer that shows a new password shows no stopped server.
#[test]
fn the_examples_show_every_documented_field() {
    let description = description();
    let mut bodies: BTreeMap<String, Coverage> = BTreeMap::new();
    for (_, _, operation) in operations(&description) {
        let responses = operation["responses"].as_object().unwrap().iter().filter(|(s, _)| s.starts_with('2'));
        let all = responses.map(|(_, response)| response).chain([&operation["requestBody"]]);
        for media in all.filter_map(|body| body.pointer("/content/application~1json")) {
            let coverage = bodies.entry(media["schema"].to_string()).or_default();
            coverage.reach(&description, &media["schema"]);
            for example in media["examples"].as_object().expect("JSON needs examples").values() {
                coverage.show(&description, &media["schema"], &resolve(&description, example)["value"]);
            }
        }
    }
    for (schema, coverage) in &bodies {
        let missing: Vec<_> = coverage.reachable.difference(&coverage.shown).collect();
        assert!(missing.is_empty(), "no example of {schema} shows {missing:?}");
    }
    let shown: usize = bodies.values().map(|coverage| coverage.shown.len()).sum();
    assert!(shown > 250, "only {shown} fields were looked at");
}

/// Takes out what `OpenAPI` defines to be the same as absence, and what a reader may write in another form.
fn normal(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let defaults = [
                ("style", json!("simple")),
                ("style", json!("form")),
                ("required", json!(false)),
                ("nullable", json!(false)),
            ];
            let absent = |key: &str, value: &Value| {
                defaults.iter().any(|(name, default)| key == *name && value == default)
                    || matches!(key, "parameters" | "tags") && value.as_array().is_some_and(Vec::is_empty)
            };
            let kept = object.iter().filter(|(key, value)| !absent(key, value));
            kept.map(|(key, value)| (key.clone(), normal(value))).collect()
        }
        Value::Array(items) => items.iter().map(normal).collect(),
        // 0 and 0.0 are one number in JSON.
        Value::Number(number) => number.as_f64().map_or(Value::Null, |number| json!(number)),
        other => other.clone(),
    }
}

/// The places where the two documents differ.
fn differences(left: &Value, right: &Value, at: &str, found: &mut Vec<String>) {
    match (left, right) {
        (Value::Object(l), Value::Object(r)) => {
            let keys: BTreeSet<_> = l.keys().chain(r.keys()).collect();
            for key in keys {
                let at = format!("{at}/{}", escape(key));
                match (l.get(key), r.get(key)) {
                    (Some(l), Some(r)) => differences(l, r, &at, found),
                    (Some(_), None) => found.push(format!("{at} got lost")),
                    _ => found.push(format!("{at} came from nowhere")),
                }
            }
        }
        (Value::Array(l), Value::Array(r)) if l.len() == r.len() => {
            for (n, (l, r)) in l.iter().zip(r).enumerate() {
                differences(l, r, &format!("{at}/{n}"), found);
            }
        }
        _ if left != right => found.push(format!("{at}: {left} became {right}")),
        _ => {}
    }
}

fn lost_on_the_way(description: &Value) -> Vec<String> {
    let read: openapiv3::OpenAPI = serde_json::from_value(description.clone()).unwrap();
    let mut found = Vec::new();
    differences(&normal(description), &normal(&serde_json::to_value(read).unwrap()), "#", &mut found);
    found
}

#[test]
fn an_openapi_reader_understands_every_word() {
    assert_eq!(lost_on_the_way(&description()), Vec::<String>::new());
}

#[test]
fn a_misspelt_keyword_is_noticed() {
    for (right, wrong) in [("maxLength: 128", "maxLenght: 128"), ("operationId: stopServer", "operationID: stopServer")]
    {
        assert!(YAML.contains(right));
        let yaml: yaml_serde::Value = yaml_serde::from_str(&YAML.replacen(right, wrong, 1)).unwrap();
        let lost = lost_on_the_way(&serde_json::to_value(yaml).unwrap());
        let word = wrong.split(':').next().unwrap();
        assert!(lost.iter().any(|place| place.contains(word)), "{word} was not noticed: {lost:?}");
    }
}

#[test]
fn every_object_has_a_name() {
    fn inline<'a>(value: &'a Value, at: &str, found: &mut Vec<String>) {
        let Some(object) = value.as_object() else { return };
        for (key, member) in object {
            let at = format!("{at}/{}", escape(key));
            if matches!(key.as_str(), "items" | "schema") && member.get("properties").is_some() {
                found.push(at.clone());
            }
            if key == "properties" {
                let members: BTreeMap<_, &'a Value> = member.as_object().unwrap().iter().collect();
                found.extend(
                    members.iter().filter(|(_, of)| of["type"] == "object").map(|(name, _)| format!("{at}/{name}")),
                );
            }
            if key != "examples" && key != "example" {
                inline(member, &at, found);
            }
        }
    }
    let mut description = description();
    let mut found = Vec::new();
    inline(&description, "#", &mut found);
    assert_eq!(found, Vec::<String>::new());

    description["components"]["schemas"]["Server"]["properties"]["tags"] = json!({"type": "object"});
    inline(&description, "#", &mut found);
    assert_eq!(found, ["#/components/schemas/Server/properties/tags"]);
}

#[test]
#[allow(clippy::print_stdout, reason = "a test that leaves something out says so")]
fn everything_names_its_section_of_the_documentation() {
    let description = description();
    let mut sections = BTreeMap::new();
    let schemas = description["components"]["schemas"].as_object().unwrap();
    let schemas = schemas.iter().map(|(name, schema)| (format!("#/components/schemas/{name}"), schema));
    let operations = operations(&description).into_iter().map(|(at, _, operation)| (at, operation));
    for (at, thing) in operations.chain(schemas) {
        let named = texts(&thing["x-section"]);
        assert!(!named.is_empty(), "{at} has no x-section");
        sections.extend(named.into_iter().map(|section| (section, at.clone())));
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/upcloud-servers-chapter.txt");
    let Ok(chapter) = std::fs::read_to_string(path) else {
        println!("{path} is not here: whether the headings exist was not looked at");
        return;
    };
    let lines: BTreeSet<_> = chapter.lines().map(str::trim).collect();
    for (section, at) in sections {
        let is_heading = lines.contains(section) || lines.contains(format!("8. {section}").as_str());
        assert!(is_heading, "{at}: the documentation has no heading {section:?}");
    }
    assert!(!lines.contains("Delete the internet"));
}

/// What no text of the documentation spells is known from elsewhere, and says so.
#[test]
#[allow(clippy::print_stdout, reason = "a test that leaves something out says so")]
fn names_that_the_documentation_lacks_carry_their_evidence() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/upcloud-servers-chapter.txt");
    let Ok(chapter) = std::fs::read_to_string(path) else {
        println!("{path} is not here: whether all other names carry evidence was not looked at");
        return;
    };
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let known: BTreeSet<_> = chapter.split(|c| !part(c)).collect();
    let description = description();
    let mut looked = 0;
    let mut silent = Vec::new();
    let mut look = |at: String, name: &str, evident: bool| {
        looked += 1;
        if !known.contains(name) && !evident {
            silent.push(at);
        }
    };
    let evident = |thing: &Value| !texts(&thing["x-evidence"]).is_empty();
    for (name, schema) in description["components"]["schemas"].as_object().unwrap() {
        for (property, of) in schema["properties"].as_object().into_iter().flatten() {
            look(format!("{name}.{property}"), property, evident(schema) || evident(of));
        }
        for value in texts(&schema["enum"]) {
            let evidence = texts(&schema["x-enum-evidence"][value]);
            let known_code = schema["x-error-codes"][value]["source"] == "wire";
            let own = !evidence.is_empty() || known_code;
            look(format!("{name}: {value}"), value, own || (evident(schema) && name != "ErrorCode"));
        }
    }
    for (name, parameter) in description["components"]["parameters"].as_object().unwrap() {
        if parameter["in"] == "query" {
            look(name.clone(), parameter["name"].as_str().unwrap(), evident(parameter));
        }
    }
    for (at, _, operation) in operations(&description) {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let response = resolve(&description, response);
            look(format!("{at} {status}"), status, evident(response));
        }
    }
    assert_eq!(silent, [""; 0]);
    assert!(looked > 400, "only {looked} names were looked at");
}
