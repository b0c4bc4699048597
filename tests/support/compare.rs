//! When two JSON values say the same, and where they do not. The rules are those of the recordings' README:
//!
//! * `null` equals absence, and an empty list, bare or in its envelope, equals `null`, as an empty object does;
//! * a number equals the string that spells it;
//! * a list in its envelope (`{"label": [..]}`) equals the bare list.
//!
//! Two more follow from what the crate promises. A JSON boolean or the number 0 or 1 equals the word of a switch (`yes`,
//! `no`, `on`, `off`), since all of them are one `bool` to the caller. And an empty string may come where nothing was:
//! that is how the API spells the missing storage of a CD-ROM drive.

use serde_json::{Number, Value};

use super::escape;

/// Every place where `found` lost, changed or invented something, as `POINTER: what`.
pub(crate) fn differences(recorded: &Value, found: &Value) -> Vec<String> {
    let mut places = Vec::new();
    compare(recorded, found, "", &mut places);
    places
}

fn compare(recorded: &Value, found: &Value, at: &str, places: &mut Vec<String>) {
    match (recorded, found) {
        (Value::Object(l), Value::Object(r)) => {
            for (key, value) in l {
                let at = format!("{at}/{}", escape(key));
                match r.get(key) {
                    Some(found) => compare(value, found, &at, places),
                    None if is_empty(value) => {}
                    None => places.push(format!("{at}: lost, it was {value}")),
                }
            }
            for (key, value) in r.iter().filter(|(key, value)| !l.contains_key(*key) && !is_nothing(value)) {
                places.push(format!("{at}/{}: came from nowhere as {value}", escape(key)));
            }
        }
        (Value::Array(l), Value::Array(r)) => {
            for (n, (l, r)) in l.iter().zip(r).enumerate() {
                compare(l, r, &format!("{at}/{n}"), places);
            }
            if l.len() != r.len() {
                places.push(format!("{at}: a list of {} became a list of {}", l.len(), r.len()));
            }
        }
        (l, r) if is_empty(l) && is_nothing(r) => {}
        (Value::Array(_), Value::Object(_)) if enveloped(found).is_some() => {
            compare(recorded, enveloped(found).unwrap_or(found), at, places);
        }
        (Value::Object(_), Value::Array(_)) if enveloped(recorded).is_some() => {
            compare(enveloped(recorded).unwrap_or(recorded), found, at, places);
        }
        (l, r) if same_scalar(l, r) => {}
        _ => places.push(format!("{at}: {recorded} became {found}")),
    }
}

/// `null`, an empty list, or an envelope around one of them.
fn is_empty(value: &Value) -> bool {
    let none = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    none(value) || value.as_object().is_some_and(|object| object.len() < 2 && object.values().all(none))
}

fn is_nothing(value: &Value) -> bool {
    is_empty(value) || value == ""
}

fn enveloped(value: &Value) -> Option<&Value> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    object.values().next().filter(|list| list.is_array())
}

fn same_scalar(left: &Value, right: &Value) -> bool {
    if left == right {
        return true;
    }
    let digit = |value: &Value| value.as_str().filter(|text| matches!(*text, "0" | "1")).map(|text| text == "1");
    match (left, right) {
        (Value::String(l), Value::String(r)) => {
            // What is told by a digit, as a number or as text, is told by the words too.
            digit(left).is_some_and(|on| switch(r) == Some(on)) || digit(right).is_some_and(|on| switch(l) == Some(on))
        }
        (Value::Number(l), Value::Number(r)) => same_number(l, r),
        (Value::Number(number), Value::String(text)) | (Value::String(text), Value::Number(number)) => {
            text.parse::<Number>().is_ok_and(|spelled| same_number(number, &spelled))
                || zero_one(number).is_some_and(|flag| switch(text) == Some(flag))
        }
        (Value::Bool(flag), Value::String(text)) | (Value::String(text), Value::Bool(flag)) => {
            switch(text) == Some(*flag) || text == if *flag { "true" } else { "false" }
        }
        (Value::Bool(flag), Value::Number(number)) | (Value::Number(number), Value::Bool(flag)) => {
            zero_one(number) == Some(*flag)
        }
        _ => false,
    }
}

/// 0 and 0.0 are one number in JSON.
fn same_number(left: &Number, right: &Number) -> bool {
    left == right || left.as_f64().is_some_and(|number| right.as_f64() == Some(number) && number.abs() < 9e15)
}

fn zero_one(number: &Number) -> Option<bool> {
    match number.as_f64() {
        Some(0.0) => Some(false),
        Some(1.0) => Some(true),
        _ => None,
    }
}

fn switch(text: &str) -> Option<bool> {
    match text {
        "yes" | "on" | "1" => Some(true),
        "no" | "off" | "0" => Some(false),
        _ => None,
    }
}
