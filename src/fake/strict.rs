//! What a request may hold at all: the description knows it, and whatever it does not know is refused by its name. What is
//! `null` or empty and need not be there counts as absent, as the vendor's Go client sends it.

use serde_json::Value;

use super::answer::Fault;
use crate::model::{ErrorCode, Operation};

use source::accepted;

#[allow(clippy::too_many_lines, clippy::match_same_arms, reason = "generated code is one table")]
mod source {
    use super::{Accepted, Member, Shape};
    use crate::model::Operation;

    include!(concat!(env!("OUT_DIR"), "/accepted.rs"));
}

/// What a request may hold.
pub(super) struct Accepted {
    query: &'static [&'static str],
    body: Option<&'static Shape>,
}

/// What a value of a body may hold.
enum Shape {
    /// Anything: other code looks at it.
    Value,
    List(&'static Shape),
    Object(&'static [Member]),
}

/// An attribute.
struct Member {
    name: &'static str,
    required: bool,
    shape: Shape,
}

/// Refuses a parameter that the operation does not have: a misspelt filter would give every server.
pub(super) fn check_query(operation: Operation, query: &[(String, String)]) -> Result<(), Fault> {
    let known = accepted(operation).query;
    match query.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => {
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            let text = format!("The query parameter {name} is not known here, but {known}.");
            Err(Fault::because(ErrorCode::InvalidRequest, text))
        }
        None => Ok(()),
    }
}

/// Refuses an attribute that the operation does not have, at any depth, and takes away what counts as absent.
pub(super) fn check_body(operation: Operation, body: &mut Value) -> Result<(), Fault> {
    match accepted(operation).body {
        // The outermost object is looked at by who reads it.
        Some(Shape::Object(members)) => object(body, members, "", false),
        _ => Ok(()),
    }
}

fn check(value: &mut Value, shape: &Shape, path: &str) -> Result<(), Fault> {
    match (shape, &mut *value) {
        (Shape::List(items), Value::Array(values)) => values.iter_mut().try_for_each(|value| check(value, items, path)),
        // A list comes in its envelope or without it.
        (Shape::Object([Member { shape: list @ Shape::List(_), .. }]), Value::Array(_)) => check(value, list, path),
        (Shape::Object(members), Value::Object(_)) => object(value, members, path, true),
        _ => Ok(()),
    }
}

fn object(value: &mut Value, members: &[Member], path: &str, absences: bool) -> Result<(), Fault> {
    let Some(given) = value.as_object_mut() else { return Ok(()) };
    let within = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    for (name, value) in given.iter_mut() {
        let Some(member) = members.iter().find(|member| member.name == name) else {
            let text = format!("The attribute {} is not known.", within(name));
            return Err(Fault::because(ErrorCode::UnknownAttribute, text));
        };
        check(value, &member.shape, &within(name))?;
    }
    let is_required = |name: &str| members.iter().any(|member| member.name == name && member.required);
    // What must be there and is `null` is missing; an empty text is a value of it.
    given.retain(|name, value| !(absences && (value.is_null() || (*value == "" && !is_required(name)))));
    Ok(())
}
