//! The part of the rustdoc of a method that the description knows: where it comes from, which errors it documents, and
//! whether it may be repeated.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::Value;

use super::spec::{Operation, Spec, texts};

/// What repeating a request means. Every verb of the operationIds is in one of the classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It changes nothing.
    Safe,
    /// Twice is the same as once.
    Idempotent,
    /// The state decides whether a second one is refused.
    StateDependent,
    /// A second one makes a second thing.
    Creates,
}

impl Class {
    /// The class of an operation, by the verb its operationId begins with.
    pub fn of(id: &str) -> Self {
        let verb = id.split(|c: char| c.is_ascii_uppercase()).next().unwrap_or_default();
        match verb {
            "list" | "get" => Self::Safe,
            "modify" | "delete" => Self::Idempotent,
            "create" => Self::Creates,
            _ => Self::StateDependent,
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Self::Safe => "It changes nothing, so it may be repeated.",
            Self::Idempotent => "Twice is the same as once, so it may be repeated.",
            Self::StateDependent => {
                "Look at the state before repeating it after a lost answer: it may have taken effect already."
            }
            Self::Creates => "Never repeat it blindly after a lost answer: a second request makes a second one.",
        }
    }
}

/// Markdown by operationId.
pub fn all(spec: &Spec) -> BTreeMap<String, String> {
    spec.operations().map(|operation| (operation.id().to_owned(), markdown(spec, operation))).collect()
}

fn markdown(spec: &Spec, operation: Operation<'_>) -> String {
    let meanings = spec.schema("ErrorCode").and_then(|schema| schema.get("x-error-codes"));
    let meaning = |code: &str| meanings?.get(code)?.get("description")?.as_str();
    let sections: Vec<String> = texts(operation.object.get("x-section")).map(|s| format!("*{s}*")).collect();
    let method = operation.method.to_ascii_uppercase();
    let mut text = format!(
        "Sends `{method} {}` (`{}` of the description). {} Documentation: {}.\n\n",
        operation.path,
        operation.id(),
        Class::of(operation.id()).sentence(),
        sections.join(", ")
    );
    let rows: Vec<(u16, &str)> = operation.error_rows().collect();
    if rows.is_empty() {
        text.push_str(
            "# Errors\n\nNone are documented for this operation; what any call can meet is possible here too.\n",
        );
        return text;
    }
    text.push_str("# Errors\n\nBeside what any call can meet:\n\n| status | code | meaning |\n| --- | --- | --- |\n");
    for (status, code) in rows {
        let meaning = meaning(code).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {status} | `{code}` | {meaning} |");
    }
    text
}

/// What the description says about an operation in one line.
pub fn summary(operation: Operation<'_>) -> &str {
    operation.object.get("summary").and_then(Value::as_str).unwrap_or_default()
}
