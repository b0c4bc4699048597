//! What a schema, the description and serde say to one value, and the tables that explain where they part.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::{models::Model, schema::Validators};

/// Where a JSON Schema and `openapi.yaml` judge differently, and why.
pub(crate) const DIFFERENCES: [(&str, &str); 2] = [
    (
        "a further value of an enum",
        "`x-open-enum` says that there may be some; a JSON Schema can say it in words of its own",
    ),
    ("4.0 as an integer", "no integer in the drafts that OpenAPI 3.0 builds on, one since draft 6; the crate reads it"),
];

/// What a reader refuses although its schema accepts it, by a part of what it says, and why.
pub(crate) const REFUSALS: [(&str, &str); 1] = [(
    "a whole number that fits",
    "formats and patterns say no more than that it is a number; types have 16 or 64 bits",
)];

/// The keywords of schemas that readers do not insist on, and why.
pub(crate) const LENIENCE: [(&str, &str); 12] = [
    ("type", "numbers, texts and switches stand for each other, a list needs no envelope, and null is absence"),
    ("enum", "an unknown value is kept, and switches have many spellings"),
    ("anyOf", "an open enum is read from a number or a boolean too"),
    ("required", "an absent list is an empty one, and so is an envelope without its list"),
    ("format", "a UUID is read without hyphens too"),
    ("pattern", "what the API checks"),
    ("minimum", "what the API checks"),
    ("maximum", "what the API checks; a number that is too large for its type is kept as it came"),
    ("minLength", "what the API checks"),
    ("maxLength", "what the API checks"),
    ("minItems", "what the API checks"),
    ("maxItems", "what the API checks"),
];

/// What became of the values of all models.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) values: usize,
    pub(crate) accepted: usize,
    pub(crate) differences: BTreeMap<&'static str, usize>,
    pub(crate) refusals: BTreeMap<&'static str, usize>,
    pub(crate) lenience: BTreeMap<String, usize>,
    pub(crate) faults: Vec<String>,
}

/// The judges of one model.
pub(crate) struct Judges<'a> {
    pub(crate) model: &'a Model,
    pub(crate) ours: Validator,
    pub(crate) component: Value,
}

impl Judges<'_> {
    pub(crate) fn judge(&self, value: &Value, theirs: &mut Validators, opened: &mut Validators, tally: &mut Tally) {
        let accepts = |validators: &mut Validators, value| validators.faults(&self.component, value).is_empty();
        let objections: Vec<_> = self.ours.iter_errors(value).collect();
        let their_objections = theirs.faults(&self.component, value);
        let (by_schema, by_description) = (objections.is_empty(), their_objections.is_empty());
        tally.values += 1;
        tally.accepted += usize::from(by_schema);
        let mut fault = |what: &str| tally.faults.push(format!("{}: {what}: {value}", self.model.name));
        if by_schema != by_description {
            let difference = if accepts(opened, value) == by_schema {
                Some(DIFFERENCES[0].0)
            } else if accepts(opened, &whole(value)) == by_schema {
                Some(DIFFERENCES[1].0)
            } else {
                None
            };
            match difference {
                Some(difference) => *tally.differences.entry(difference).or_default() += 1,
                None => fault(&format!("the schema objects {objections:?}, the description {their_objections:?}")),
            }
        }
        match (self.model.reread)(value) {
            Ok(written) if by_schema && !self.ours.is_valid(&written) => {
                fault(&format!("valid, but written as {written}"));
            }
            Ok(_) => {
                for objection in objections {
                    *tally.lenience.entry(objection.kind().keyword().to_owned()).or_default() += 1;
                }
            }
            Err(e) if by_schema => match REFUSALS.iter().find(|(part, _)| e.contains(part)) {
                Some((part, _)) => *tally.refusals.entry(part).or_default() += 1,
                None => fault(&format!("valid, but not read: {e}")),
            },
            Err(_) => {}
        }
    }
}

/// With each 4.0 as 4.
fn whole(value: &Value) -> Value {
    match value {
        Value::Object(object) => object.iter().map(|(key, of)| (key.clone(), whole(of))).collect(),
        Value::Array(items) => items.iter().map(whole).collect(),
        Value::Number(number) if number.as_f64() == Some(4.0) => json!(4),
        other => other.clone(),
    }
}
