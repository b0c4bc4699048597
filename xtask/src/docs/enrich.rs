//! A copy of the description for the page: what our extensions say to programs is said to people as well, because no viewer
//! shows it.

use serde_json::{Map, Value, json};

use super::errors;
use crate::{
    codegen::spec::{Operation, Spec, escape, referred, texts},
    samples::{EXTENSION, Language, Samples},
};

/// Where the part of `info.description` begins that is about the file and not about the API.
const ABOUT_THE_FILE: &str = "Extensions used in this file:";

/// How the description tells what each value of an enumeration means, and how viewers know it.
pub(super) const VALUES: &str = "x-enum-descriptions";
pub(super) const VALUES_SHOWN: &str = "x-enumDescriptions";

const GUIDE: &str = "
# Reading this page

Many numbers and switches travel as text, `\"4\"` or `\"yes\"` for example; the pattern or the values say which. Where it is
said that further values are possible, the API may add some at any time, and a client should not fail on them. Each operation
lists the statuses and the error codes that it is documented with; [Error codes](#tag/Error-codes) says what each means and
where it comes up.

# Authentication

Every call but those of the metadata service needs credentials, of either kind.

<SecurityDefinitions />
";

const SAMPLES: &str = "Beside each request stands the call in five languages. The clients in Go, Python and TypeScript are made from this \
description by generators, that in Rust is the crate `upcloud`. Each sample goes on from one of these:";

/// The document as the page shows it.
pub(super) fn enriched(spec: &Spec, samples: &Samples) -> Value {
    let mut document = spec.document().clone();
    note(spec, &mut document);
    for operation in spec.operations() {
        let place = format!("/paths/{}/{}", escape(operation.path), operation.method);
        let Some(object) = document.pointer_mut(&place).and_then(Value::as_object_mut) else { continue };
        let told = object.get("description").and_then(Value::as_str).unwrap_or_default();
        let told = format!("{told}\n\n{}", facts(spec, operation));
        object.insert("description".to_owned(), Value::String(told));
        object.insert(EXTENSION.to_owned(), Value::Array(samples.of(operation.id())));
    }
    front(&mut document, samples);
    sections(spec, &mut document);
    document
}

/// The lines under an operation: its name in clients, its place in the documentation, its statuses.
fn facts(spec: &Spec, operation: Operation<'_>) -> String {
    let mut facts = vec![format!("operationId: <code>{}</code>", operation.id())];
    let sections: Vec<String> = texts(operation.object.get("x-section")).map(errors::escaped).collect();
    facts.push(format!("In the documentation: {}", sections.join(", ")));
    facts.extend(evidence(operation.object));
    format!("<p class=\"facts\">{}</p>\n\n{}", facts.join("<br>"), errors::statuses(spec, operation))
}

/// Adds to every description what the extensions beside it say.
fn note(spec: &Spec, value: &mut Value) {
    // A property that describes a named schema in words of its own hides the words of that schema.
    let target = value.get("allOf").and_then(|_| spec.schema(referred(value)?)?.as_object());
    match value {
        Value::Object(object) => {
            if let Some(values) = object.remove(VALUES) {
                object.insert(VALUES_SHOWN.to_owned(), values);
            }
            let mut notes = notes(object);
            notes.extend(target.map(notes_of_values).into_iter().flatten());
            if !notes.is_empty() && !object.contains_key("operationId") {
                let told = object.get("description").and_then(Value::as_str).unwrap_or_default();
                let text = format!("{told} *{}*", notes.join(" "));
                object.insert("description".to_owned(), Value::String(text.trim_start().to_owned()));
            }
            for (key, member) in object.iter_mut().filter(|(key, _)| !matches!(key.as_str(), "example" | "examples")) {
                if !key.starts_with("x-") {
                    note(spec, member);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| note(spec, item)),
        _ => {}
    }
}

fn notes(object: &Map<String, Value>) -> Vec<String> {
    let mut notes = notes_of_values(object);
    if object.get("x-sensitive") == Some(&Value::Bool(true)) {
        notes.push("May hold a secret: keep it out of logs.".to_owned());
    }
    notes.extend(evidence(object));
    notes
}

/// What is true of a value wherever it stands.
fn notes_of_values(object: &Map<String, Value>) -> Vec<String> {
    let mut notes = Vec::new();
    match object.get("x-value").and_then(|of| of.get("type")).and_then(Value::as_str) {
        Some("integer") => notes.push("A whole number in a string.".to_owned()),
        Some("boolean") => notes.push("A switch in a string.".to_owned()),
        _ => {}
    }
    if let Some(range) = object.get("x-documented-range") {
        let limit = |key: &str| range.get(key).map(Value::to_string).unwrap_or_default();
        notes.push(format!("Documented range: {} to {}.", limit("minimum"), limit("maximum")));
    }
    if object.get("x-open-enum") == Some(&Value::Bool(true)) {
        notes.push("Further values are possible.".to_owned());
    }
    notes
}

fn evidence(object: &Map<String, Value>) -> Option<String> {
    let known: Vec<&str> = texts(object.get("x-evidence"))
        .map(|source| match source {
            "recording" => "recordings of the API",
            "vendor-client" => "the vendor's own clients",
            "vendor-guide" => "a guide of the vendor",
            other => other,
        })
        .collect();
    (!known.is_empty()).then(|| format!("Not in the documentation; known from {}.", known.join(" and ")))
}

/// The notice and the guide before everything else.
fn front(document: &mut Value, samples: &Samples) {
    let url = document.pointer("/externalDocs/url").and_then(Value::as_str).unwrap_or_default().to_owned();
    let by = document.pointer("/info/contact/name").and_then(Value::as_str).unwrap_or_default().to_owned();
    // The notice says both; the viewer would put them in a line before it.
    if let Some(info) = document.get_mut("info").and_then(Value::as_object_mut) {
        info.remove("contact");
    }
    if let Some(document) = document.as_object_mut() {
        document.remove("externalDocs");
    }
    let Some(description) = document.pointer_mut("/info/description") else { return };
    let told = description.as_str().unwrap_or_default();
    let told = told.split(ABOUT_THE_FILE).next().unwrap_or_default().trim();
    let notice = format!(
        "<div class=\"notice\"><p><strong>Unofficial.</strong> Made by {}, not by UpCloud, whose own \
         <a href=\"{url}\">documentation of this chapter</a> is on the web.</p></div>",
        errors::escaped(&by.replace("The maintainers", "the maintainers")),
    );
    *description = Value::String(format!("{notice}\n\n{told}\n{GUIDE}\n{}", set_up(samples)));
}

/// What the code samples of all operations begin with.
fn set_up(samples: &Samples) -> String {
    let one = |(language, source): (&Language, &str)| {
        format!("{}:\n\n```{}\n{source}```\n\n", language.label, language.fence())
    };
    let all: String = samples.set_up().map(one).collect();
    format!("# Code samples\n\n{SAMPLES}\n\n{all}")
}

/// What is used most comes first, and the index of error codes is a section of its own.
fn sections(spec: &Spec, document: &mut Value) {
    let Some(tags) = document.get_mut("tags").and_then(Value::as_array_mut) else { return };
    let used = |tag: &Value| {
        let uses = |operation: &Operation<'_>| texts(operation.object.get("tags")).next() == tag["name"].as_str();
        spec.operations().filter(uses).count()
    };
    tags.sort_by_key(|tag| std::cmp::Reverse(used(tag)));
    let names: Vec<Value> = tags.iter().map(|tag| tag["name"].clone()).collect();
    tags.push(json!({"name": errors::INDEX, "x-traitTag": true, "description": errors::index(spec)}));
    document["x-tagGroups"] = json!([
        {"name": "Operations", "tags": names},
        {"name": "Reference", "tags": [errors::INDEX]},
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{planted::REAL, samples::LANGUAGES};

    fn enriched(spec: &Spec) -> Value {
        super::enriched(spec, &Samples::read(&crate::root()).unwrap())
    }

    fn description<'a>(page: &'a Value, pointer: &str) -> &'a str {
        page.pointer(&format!("{pointer}/description")).and_then(Value::as_str).unwrap_or_default()
    }

    #[test]
    fn what_the_extensions_say_is_said_to_people() {
        let page = enriched(&Spec::parse(REAL).unwrap());
        let schemas = "/components/schemas";
        let cores = description(&page, &format!("{schemas}/Server/properties/core_number"));
        assert!(cores.ends_with("*A whole number in a string.*"), "{cores}");
        let state = description(&page, &format!("{schemas}/ServerState"));
        assert!(state.contains("*Further values are possible.*"), "{state}");
        let limit = description(&page, "/components/parameters/Limit");
        assert!(limit.contains("known from the vendor's own clients"), "{limit}");
        let secret = description(&page, &format!("{schemas}/Metadata/properties/user_data"));
        assert!(secret.contains("keep it out of logs"), "{secret}");
        assert_eq!(page["components"]["schemas"]["StopType"][VALUES_SHOWN]["hard"], "Cut the power.");
    }

    #[test]
    fn every_operation_shows_its_name_and_its_statuses() {
        let spec = Spec::parse(REAL).unwrap();
        let page = enriched(&spec);
        for operation in spec.operations() {
            let told = description(&page, operation.pointer().trim_start_matches('#'));
            assert!(told.contains(&format!("<code>{}</code>", operation.id())), "{told}");
            for (status, code) in operation.error_rows() {
                assert!(told.contains(&format!(">{status}<")) && told.contains(&format!("#error-{code}\"")), "{told}");
            }
        }
    }

    #[test]
    fn every_operation_shows_its_samples_and_the_front_shows_where_they_begin() {
        let spec = Spec::parse(REAL).unwrap();
        let page = enriched(&spec);
        for operation in spec.operations() {
            let shown = &page["paths"][operation.path][operation.method][EXTENSION];
            let labels: Vec<&str> = shown.as_array().unwrap().iter().filter_map(|one| one["label"].as_str()).collect();
            assert_eq!(labels, LANGUAGES.map(|language| language.label), "{}", operation.id());
        }
        let front = description(&page, "/info");
        assert!(front.contains("# Code samples") && front.contains("```go\n"), "{front}");
    }

    #[test]
    fn the_page_begins_with_the_notice_and_says_nothing_about_the_file() {
        let page = enriched(&Spec::parse(REAL).unwrap());
        let told = description(&page, "/info");
        assert!(told.starts_with("<div class=\"notice\"><p><strong>Unofficial."), "{told}");
        assert!(!told.contains("x-section"), "{told}");
        assert_eq!(page["tags"][0]["name"], "Servers");
    }
}
