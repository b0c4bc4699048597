//! Reading request bodies: leniently as to spelling, strictly as to values. Each reader is told the error code to use.

use std::collections::HashSet;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::answer::Fault;
use crate::{
    ErrorCode,
    checks::limits,
    model::types::{Label, LabelInput},
    wire::Extra,
};

/// An object of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block<'a> {
    members: &'a Map<String, Value>,
    null_is_absent: bool,
}

impl<'a> Block<'a> {
    /// What a body holds under its one outer key.
    pub(super) fn of_body(body: &'a Value, key: &str) -> Result<Self, Fault> {
        let outer = body.as_object().ok_or_else(|| {
            Fault::because(ErrorCode::InvalidRequest, format!("The body is no JSON object with the key {key}."))
        })?;
        match (outer.get(key), outer.len()) {
            (Some(Value::Object(members)), 1) => Ok(Self { members, null_is_absent: false }),
            (Some(_), 1) => Err(Fault::because(ErrorCode::InvalidRequest, format!("{key} is no JSON object."))),
            _ => Err(Fault::because(
                ErrorCode::UnknownAttribute,
                format!("The body must have the key {key} and no other."),
            )),
        }
    }

    pub(super) fn of(value: &'a Value, code: ErrorCode) -> Result<Self, Fault> {
        let members = value.as_object().ok_or(code)?;
        Ok(Self { members, null_is_absent: false })
    }

    /// An object in which `null` counts as absent: a storage device or an address of a create, where the Rust crate
    /// `upcloud-sdk` sends `null` for whatever is not set.
    pub(super) fn with_nulls(value: &'a Value, code: ErrorCode) -> Result<Self, Fault> {
        Ok(Self { null_is_absent: true, ..Self::of(value, code)? })
    }

    /// The value, if there is one.
    pub(super) fn get(self, key: &str) -> Option<&'a Value> {
        self.members.get(key).filter(|value| !(self.null_is_absent && value.is_null()))
    }

    /// The value as this reads it.
    fn read<T>(
        self,
        key: &str,
        code: ErrorCode,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        let Some(value) = self.get(key) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| Fault::of_attribute(code, key, value))
    }

    pub(super) fn text(self, key: &str, code: ErrorCode) -> Result<Option<&'a str>, Fault> {
        self.read(key, code, Value::as_str)
    }

    /// A text of at most so many characters.
    pub(super) fn short(self, key: &str, most: usize, code: ErrorCode) -> Result<Option<&'a str>, Fault> {
        match self.text(key, code.clone())? {
            Some(text) if text.chars().count() > most => Err(Fault::of_attribute(code, key, &text.into())),
            text => Ok(text),
        }
    }

    pub(super) fn one_of(self, key: &str, known: &[&str], code: ErrorCode) -> Result<Option<&'a str>, Fault> {
        match self.text(key, code.clone())? {
            Some(text) if !known.contains(&text) => Err(Fault::of_attribute(code, key, &text.into())),
            text => Ok(text),
        }
    }

    /// A whole number, as a number or as a text.
    pub(super) fn number(self, key: &str, code: ErrorCode) -> Result<Option<u64>, Fault> {
        let read = |value: &Value| match value {
            Value::String(text) => text.parse().ok(),
            other => other.as_u64(),
        };
        self.read(key, code, read)
    }

    pub(super) fn host(self, key: &str) -> Result<Option<i64>, Fault> {
        let number = self.number(key, ErrorCode::InvalidHostId)?;
        number.map(|id| i64::try_from(id).map_err(|_| ErrorCode::InvalidHostId.into())).transpose()
    }

    pub(super) fn switch(self, key: &str, code: ErrorCode) -> Result<Option<bool>, Fault> {
        let read = |value: &Value| match value.as_str()? {
            "yes" | "on" | "1" | "true" => Some(true),
            "no" | "off" | "0" | "false" => Some(false),
            _ => None,
        };
        self.read(key, code, read)
    }

    pub(super) fn uuid(self, key: &str, code: ErrorCode) -> Result<Option<Uuid>, Fault> {
        self.read(key, code, |value| uuid(value.as_str()?, ErrorCode::InvalidRequest).ok())
    }

    /// The items of `{"inner": [..]}` or of a bare list.
    pub(super) fn list(self, key: &str, inner: &str, code: ErrorCode) -> Result<Option<&'a [Value]>, Fault> {
        let read = |value: &'a Value| match value {
            Value::Array(items) => Some(items.as_slice()),
            Value::Object(envelope) => match envelope.get(inner) {
                Some(Value::Array(items)) => Some(items.as_slice()),
                _ => None,
            },
            _ => None,
        };
        self.read(key, code, read)
    }

    /// Labels, as a set: the last of several with one key stays.
    pub(super) fn labels(self) -> Result<Option<Vec<Label>>, Fault> {
        let Some(items) = self.list("labels", "label", ErrorCode::InvalidLabelKey)? else { return Ok(None) };
        let read = |item| label(Block::of(item, ErrorCode::InvalidLabelKey)?);
        let mut labels = items.iter().map(read).collect::<Result<Vec<Label>, Fault>>()?;
        let mut keys = HashSet::new();
        labels.reverse();
        labels.retain(|label| keys.insert(label.key.clone()));
        labels.reverse();
        let most = limits::LABEL_INPUT_LIST_LABEL_MAX_ITEMS;
        if labels.len() > most { Err(ErrorCode::LabelLimitReached.into()) } else { Ok(Some(labels)) }
    }
}

fn label(block: Block<'_>) -> Result<Label, Fault> {
    let key = block.short("key", limits::LABEL_INPUT_KEY_MAX_LENGTH, ErrorCode::InvalidLabelKey)?.unwrap_or_default();
    if key.is_empty() || key.starts_with('_') || !key.chars().all(|c| (' '..='~').contains(&c)) {
        return Err(ErrorCode::InvalidLabelKey.into());
    }
    let value = block
        .short("value", limits::LABEL_INPUT_VALUE_MAX_LENGTH, ErrorCode::InvalidLabelValue)?
        .ok_or(ErrorCode::InvalidLabelValue)?;
    Ok(to_label(LabelInput::new(key.to_owned(), value.to_owned())))
}

pub(super) fn to_label(new: LabelInput) -> Label {
    Label { key: new.key, value: new.value, extra: Extra::default() }
}

/// A UUID in its usual form with hyphens, which is the only one that the API takes.
pub(super) fn uuid(text: &str, code: ErrorCode) -> Result<Uuid, Fault> {
    Some(text).filter(|text| text.len() == 36).and_then(|text| text.parse().ok()).ok_or_else(|| code.into())
}

/// The label filters of a query, none of which may be empty. Each counts once, because a query has room for thousands, and
/// each is held against every server.
pub(super) fn label_filters(query: &[(String, String)]) -> Result<Vec<&str>, Fault> {
    let mut seen = HashSet::new();
    let filters = query.iter().filter(|(name, _)| name == "label").map(|(_, filter)| filter.as_str());
    let filters: Vec<&str> = filters.filter(|filter| seen.insert(*filter)).collect();
    let empty = || Fault::because(ErrorCode::InvalidRequest, "The query parameter label is empty.");
    if filters.contains(&"") { Err(empty()) } else { Ok(filters) }
}

/// A label filter of a list: `key` or `key=value`.
pub(super) fn matches(labels: &[Label], filter: &str) -> bool {
    let (key, value) = filter.split_once('=').map_or((filter, None), |(key, value)| (key, Some(value)));
    labels.iter().any(|label| label.key.eq_ignore_ascii_case(key) && value.is_none_or(|value| label.value == value))
}
