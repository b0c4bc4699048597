//! The part of the rustdoc of a method that the description knows: where it comes from, which errors it documents, and
//! whether it may be repeated.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::Value;

use super::spec::{Operation, Spec, texts};

/// What repeating a request means: the values of `x-idempotency`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotency {
    /// It changes nothing.
    Safe,
    /// Twice is the same as once.
    Idempotent,
    /// The state decides whether a second one is refused.
    StateDependent,
    /// A second one makes a second thing.
    Creates,
}

impl Idempotency {
    /// All values as they are spelled.
    pub const SPELLED: [(&str, Self); 4] = [
        ("safe", Self::Safe),
        ("idempotent", Self::Idempotent),
        ("state-dependent", Self::StateDependent),
        ("creates", Self::Creates),
    ];

    /// What the description says of an operation; `None` for a word that is none of these.
    pub fn of(operation: Operation<'_>) -> Option<Self> {
        let told = operation.object.get("x-idempotency")?.as_str()?;
        Self::SPELLED.iter().find(|(word, _)| *word == told).map(|(_, value)| *value)
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
        Idempotency::of(operation).map(Idempotency::sentence).unwrap_or_default(),
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
