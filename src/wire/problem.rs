//! What is wrong with a value that could not be read: where it stands and of what kind it is. Never the value itself, which
//! may be a secret.

use std::{borrow::Cow, fmt};

use serde_json::Value;

/// Where a value stands that could not be read, what was expected there and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// From the inside out.
    path: Vec<Step>,
    expected: Cow<'static, str>,
    found: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Member(&'static str),
    Element(usize),
}

impl Problem {
    pub(super) fn new(expected: &'static str, found: &Value) -> Self {
        Self { path: Vec::new(), expected: Cow::Borrowed(expected), found: kind(found) }
    }

    /// A member that is not there.
    pub(super) fn missing(name: &'static str, expected: &'static str) -> Self {
        Self { path: vec![Step::Member(name)], expected: Cow::Borrowed(expected), found: NOTHING }
    }

    /// The same, seen from the object with this member.
    pub(super) fn within(mut self, name: &'static str) -> Self {
        self.path.push(Step::Member(name));
        self
    }

    /// The same, seen from the list with this element.
    pub(super) fn at(mut self, index: usize) -> Self {
        self.path.push(Step::Element(index));
        self
    }

    /// Where it stands: `server.storage_devices[1].address`. The envelope around a list is no step.
    pub(crate) fn path(&self) -> String {
        let mut path = String::new();
        for step in self.path.iter().rev() {
            match step {
                Step::Member(name) if path.is_empty() => path.push_str(name),
                Step::Member(name) => path.extend([".", name]),
                Step::Element(index) => path.extend(["[", &index.to_string(), "]"]),
            }
        }
        path
    }

    /// What was expected and what was found.
    pub(crate) fn reason(&self) -> String {
        format!("expected {}, found {}", self.expected, self.found)
    }

    /// The text of a problem out of the message of a deserializer, which adds a position. `None` for the message of
    /// anything else, which may show a value.
    pub(crate) fn told_by(message: &str) -> Option<&str> {
        let message = message.split(" at line ").next().unwrap_or_default();
        let found = message.contains("expected ").then(|| message.rsplit_once(", found "))??.1;
        KINDS.contains(&found).then_some(message)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path())?;
        }
        f.write_str(&self.reason())
    }
}

/// A value that could not be read, as it came, and what is wrong with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Unread {
    pub(crate) value: Value,
    pub(crate) problem: Problem,
}

impl Unread {
    pub(super) fn new(value: Value, expected: &'static str) -> Self {
        let problem = Problem::new(expected, &value);
        Self { value, problem }
    }

    /// Read by the type's own serde implementation, which says more of what it expected, and shows the value before that.
    pub(super) fn because(value: Value, error: &serde_json::Error) -> Self {
        let mut problem = Problem::new("another value", &value);
        let text = error.to_string();
        if let Some((_, expected)) = text.rsplit_once("expected ") {
            problem.expected = Cow::Owned(expected.to_owned());
        } else if let Some(member) = text.strip_prefix("missing field ") {
            problem.expected = Cow::Owned(format!("an object with {member}"));
        }
        Self { value, problem }
    }
}

const NOTHING: &str = "nothing";
const KINDS: [&str; 8] =
    [NOTHING, "null", "true or false", "a number", "an empty text", "a text", "a list", "an object"];

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => KINDS[1],
        Value::Bool(_) => KINDS[2],
        Value::Number(_) => KINDS[3],
        Value::String(text) if text.is_empty() => KINDS[4],
        Value::String(_) => KINDS[5],
        Value::Array(_) => KINDS[6],
        Value::Object(_) => KINDS[7],
    }
}
