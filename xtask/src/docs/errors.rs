//! The error codes for people: the statuses of each operation, and an index of all codes. HTML, because a cell holds many
//! codes, each of which leads to its row in the index.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::Value;

use crate::codegen::spec::{Operation, Spec, texts};

/// The name of the section with the index.
pub(super) const INDEX: &str = "Error codes";

/// The statuses that an operation answers with, what each means, and the codes that come with it.
pub(super) fn statuses(spec: &Spec, operation: Operation<'_>) -> String {
    let mut statuses: Vec<_> = operation.responses().collect();
    statuses.sort_by_key(|(status, _)| status.parse().unwrap_or(u16::MAX));
    let mut rows = String::new();
    for (status, response) in statuses {
        let response = response.get("$ref").and_then(Value::as_str).and_then(|to| spec.resolve(to)).unwrap_or(response);
        let meaning = inline(response.get("description").and_then(Value::as_str).unwrap_or_default());
        let codes: Vec<String> = texts(response.get("x-error-codes")).map(link).collect();
        let codes =
            if codes.is_empty() { String::new() } else { format!("<span class=\"codes\">{}</span>", codes.join(" ")) };
        let status = if status == "default" { "other" } else { status };
        // Writing to a string cannot fail.
        let _ = write!(rows, "<tr><td class=\"status\">{status}</td><td>{meaning}{codes}</td></tr>");
    }
    table(["Status", "Meaning and error codes"], &rows)
}

/// All codes by kind, each with its meaning and where it comes up.
pub(super) fn index(spec: &Spec) -> String {
    let schema = spec.schema("ErrorCode");
    let member = |key: &str| schema.and_then(|schema| schema.get(key)).and_then(Value::as_object).into_iter().flatten();
    let places = places(spec);
    let mut text =
        "An error answer carries one of these codes: `error_code` in the usual body, or the end of `type` behind \
                    `#ERROR_` in a problem document. The server may answer with others, so have a branch for those.\n\n"
            .to_owned();
    for (kind, meaning) in member("x-error-kinds") {
        let of_kind =
            member("x-error-codes").filter(|(_, facts)| facts.get("kind").and_then(Value::as_str) == Some(kind));
        let mut rows = String::new();
        for (code, facts) in of_kind {
            let _ = write!(
                rows,
                "<tr id=\"error-{code}\"><td><code> {code} </code></td><td>{}</td></tr>",
                row(code, facts, &places)
            );
        }
        let title = title(kind);
        let meaning = meaning.as_str().unwrap_or_default();
        let _ = write!(text, "## {title}\n\n{meaning}\n\n{}\n\n", table(["Code", "Meaning"], &rows));
    }
    text
}

fn row(code: &str, facts: &Value, places: &BTreeMap<String, Vec<String>>) -> String {
    let text = |key: &str| facts.get(key).and_then(Value::as_str);
    let mut cell = inline(text("description").unwrap_or_default());
    if let Some(attribute) = text("attribute") {
        let _ = write!(cell, " <span class=\"dim\">Attribute:</span> <code>{}</code>.", escaped(attribute));
    }
    let passing: Vec<&str> = texts(facts.get("passing")).collect();
    if !passing.is_empty() {
        let states = escaped(&passing.join(", "));
        let _ = write!(
            cell,
            " <span class=\"dim\">Waiting alone cures it in these states only:</span> <code>{states}</code>."
        );
    } else if facts.get("wait") == Some(&Value::Bool(true)) {
        cell.push_str(" <span class=\"dim\">Waiting alone can cure it.</span>");
    }
    if facts.get("stop") == Some(&Value::Bool(true)) {
        cell.push_str(" <span class=\"dim\">Stop the server, send the request again, start it.</span>");
    }
    match places.get(code) {
        Some(places) => {
            let _ = write!(cell, "<span class=\"codes\">{}</span>", places.join(" · "));
        }
        None => cell.push_str(" <span class=\"dim\">Met on the wire; the chapter does not list it.</span>"),
    }
    cell
}

/// For each code the links to the operations that list it, with the status.
fn places(spec: &Spec) -> BTreeMap<String, Vec<String>> {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for operation in spec.operations() {
        let id = operation.id();
        let tag = texts(operation.object.get("tags")).next().unwrap_or_default().replace(' ', "-");
        for (status, code) in operation.error_rows() {
            let link = format!("<a href=\"#tag/{tag}/operation/{id}\"><code>{id}</code></a> {status}");
            places.entry(code.to_owned()).or_default().push(link);
        }
    }
    let shared = spec.resolve("#/components/responses").and_then(Value::as_object).into_iter().flatten();
    for code in shared.flat_map(|(_, response)| texts(response.get("x-error-codes"))) {
        places.entry(code.to_owned()).or_default().push("every operation that asks for credentials".to_owned());
    }
    places
}

/// The spaces are for the search of the viewer, which takes what is between two spaces for a word.
fn link(code: &str) -> String {
    format!("<a href=\"#error-{code}\"><code> {code} </code></a>")
}

/// One line, because an empty line would end the HTML inside Markdown.
fn table([first, second]: [&str; 2], rows: &str) -> String {
    format!(
        "<div class=\"table\"><table><thead><tr><th>{first}</th><th>{second}</th></tr></thead>\
         <tbody>{rows}</tbody></table></div>"
    )
}

/// A sentence of the description, whose only Markdown are pieces of code.
pub(super) fn inline(text: &str) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(n, part)| if n % 2 == 1 { format!("<code>{}</code>", escaped(part)) } else { escaped(part) }).collect()
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The title of the part of the index that holds the codes of a kind.
pub(super) fn title(kind: &str) -> String {
    let words = kind.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::REAL;

    #[test]
    fn the_index_has_a_row_for_every_code_and_a_place_for_every_listed_one() {
        let spec = Spec::parse(REAL).unwrap();
        let index = index(&spec);
        let codes: Vec<&str> = texts(spec.schema("ErrorCode").and_then(|schema| schema.get("enum"))).collect();
        assert!(codes.len() > 100, "{}", codes.len());
        for code in &codes {
            assert_eq!(index.matches(&format!("id=\"error-{code}\"")).count(), 1, "{code}");
        }
        assert_eq!(index.matches("<tr id=").count(), codes.len());
        assert!(index.contains("href=\"#tag/Server-groups/operation/addServerToGroup\""));
    }

    #[test]
    fn the_statuses_of_an_operation_name_its_codes() {
        let spec = Spec::parse(REAL).unwrap();
        let operation = spec.operations().find(|operation| operation.id() == "deleteServer").unwrap();
        let table = statuses(&spec, operation);
        for word in ["204", "401", "#error-AUTHENTICATION_FAILED", "409", "#error-STORAGE_STATE_ILLEGAL", "other"] {
            assert!(table.contains(word), "{word}: {table}");
        }
        assert!(table.find("204").unwrap() < table.find("400").unwrap());
        assert!(!table.contains('\n'));
    }

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(inline("a < b, `<c>` & \"d\""), "a &lt; b, <code>&lt;c&gt;</code> &amp; &quot;d&quot;");
    }
}
