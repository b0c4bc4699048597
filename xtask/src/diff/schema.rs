//! Schemas on both sides. What is refused of a request breaks who sends it; what is new in an answer breaks who reads it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    change::{Direction, Level},
    compare::{Comparison, Place, Sides, from_to, plain, same_shape},
    leftover,
};
use crate::codegen::spec::{referred, texts};

use Direction::{Request, Response};
use Level::{Breaking, Compatible};

/// What a change of a schema does to the values that it admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Fewer,
    More,
    Others,
}

impl Effect {
    fn level(self, direction: Direction) -> Level {
        match (self, direction) {
            (Self::More, Request) | (Self::Fewer, Response) => Compatible,
            _ => Breaking,
        }
    }

    fn sentence(self, direction: Direction) -> &'static str {
        match (self, direction) {
            (Self::Fewer, Request) => "requests that were right are refused",
            (Self::More, Request) => "requests may say more",
            (Self::Fewer, Response) => "answers promise more",
            (Self::More, Response) => "answers may hold what clients do not expect",
            (Self::Others, Request) => "requests that were right may be refused",
            (Self::Others, Response) => "answers may be others than clients expect",
        }
    }
}

impl<'a> Comparison<'a> {
    /// A schema, or what it refers to, and all that it leads to.
    pub(super) fn schema(&mut self, old: &Place<'a>, new: &Place<'a>, direction: Direction) {
        self.keywords(old, new, direction);
        match (referred(old.value), referred(new.value)) {
            (None, None) => self.content_of(old, new, direction),
            (Some(was), Some(is)) => {
                if was != is {
                    let sentence = format!("the type is {is} now and was {was}");
                    self.names(Breaking, (Some(&old.pointer), Some(&new.pointer)), "type", sentence);
                }
                if self.seen.insert((was, is, direction))
                    && let (Some(old), Some(new)) = (self.named(true, was), self.named(false, is))
                {
                    self.schema(&old, &new, direction);
                }
            }
            (was, is) => {
                let (was, is) = (was.unwrap_or("written in place"), is.unwrap_or("written in place"));
                let sentence = format!("the type is {is} now and was {was}");
                self.names(Breaking, (Some(&old.pointer), Some(&new.pointer)), "type", sentence);
                let inner = |before: bool, place: &Place<'a>| match referred(place.value) {
                    Some(name) => self.named(before, name),
                    None => Some(place.clone()),
                };
                if let (Some(old), Some(new)) = (inner(true, old), inner(false, new)) {
                    self.schema(&old, &new, direction);
                }
            }
        }
    }

    fn named(&self, before: bool, name: &str) -> Option<Place<'a>> {
        let spec = if before { self.before } else { self.after };
        Some(Place { pointer: format!("#/components/schemas/{name}"), value: spec.schema(name)? })
    }

    fn content_of(&mut self, old: &Place<'a>, new: &Place<'a>, direction: Direction) {
        self.properties(old, new, direction);
        if let (Some(old), Some(new)) = (old.member("items"), new.member("items")) {
            self.schema(&old, &new, direction);
        }
    }

    fn properties(&mut self, old: &Place<'a>, new: &Place<'a>, direction: Direction) {
        let required = |place: &Place<'a>| -> BTreeSet<&'a str> { texts(place.value.get("required")).collect() };
        let (was_required, is_required) = (required(old), required(new));
        let closed = old.value.get("additionalProperties") == Some(&Value::Bool(false));
        let Sides { gone, new: mut added, both } = Sides::of(old.members("properties"), new.members("properties"));
        for (name, place) in gone {
            let reader = match direction {
                Request => "requests that name it are refused or lose it",
                Response => "clients read it",
            };
            let twin = added.iter().position(|(_, other)| same_shape(place.value, other.value));
            if let Some((to, other)) = twin.map(|at| added.remove(at)) {
                let sentence = format!("the property {name} is called {to} now, and {reader}");
                self.wire(Breaking, (Some(&place.pointer), Some(&other.pointer)), "", sentence);
            } else {
                let sentence = format!("the property {name} is gone, and {reader}");
                self.wire(Breaking, (Some(&place.pointer), None), "", sentence);
            }
        }
        for (name, place) in added {
            let (level, sentence) = match direction {
                Request if is_required.contains(name) => (Breaking, "requests without it are refused"),
                Request => (Compatible, "requests may have it"),
                Response if closed => (Breaking, "clients were told that nothing else comes"),
                Response => (Compatible, "answers may have it"),
            };
            self.wire(level, (None, Some(&place.pointer)), "", format!("the property {name} is new: {sentence}"));
        }
        let at = (format!("{}/required", old.pointer), format!("{}/required", new.pointer));
        let at = (Some(at.0.as_str()), Some(at.1.as_str()));
        for (name, old, new) in both {
            let effect = match (was_required.contains(name), is_required.contains(name)) {
                (false, true) => Some((Effect::Fewer, "is required now")),
                (true, false) => Some((Effect::More, "is no longer required")),
                _ => None,
            };
            if let Some((effect, what)) = effect {
                let sentence = format!(
                    "{name} {what}: {}",
                    match (effect, direction) {
                        (Effect::More, Response) => "clients rely on it",
                        _ => effect.sentence(direction),
                    }
                );
                self.wire(effect.level(direction), at, name, sentence);
            }
            self.schema(&old, &new, direction);
        }
    }

    /// The keywords of the schema itself, without what it is made of.
    fn keywords(&mut self, old: &Place<'a>, new: &Place<'a>, direction: Direction) {
        const PARTS: [&str; 5] = ["$ref", "allOf", "properties", "items", "required"];
        let keys = |place: &Place<'a>| place.value.as_object().into_iter().flatten().map(|(key, _)| key.as_str());
        let keys: BTreeSet<&str> = keys(old).chain(keys(new)).collect();
        for key in keys {
            let (was, is) = (old.value.get(key), new.value.get(key));
            let single = key == "allOf" && [old, new].iter().all(|place| referred(place.value).is_some());
            // A reference on one side only: the other side's keywords stand in what it refers to.
            let elsewhere = referred(old.value).is_some() != referred(new.value).is_some()
                && (was.is_none() || is.is_none())
                && !matches!(key, "default" | "nullable");
            if was == is || single || elsewhere || leftover::is_words(key) || (PARTS.contains(&key) && key != "allOf") {
                continue;
            }
            self.keyword(key, was, is, (old, new), direction);
        }
    }

    fn keyword(
        &mut self,
        key: &str,
        was: Option<&Value>,
        is: Option<&Value>,
        (old, new): (&Place<'a>, &Place<'a>),
        direction: Direction,
    ) {
        let at = (format!("{}/{key}", old.pointer), format!("{}/{key}", new.pointer));
        let at = (Some(at.0.as_str()), Some(at.1.as_str()));
        let said = from_to(key, was, is);
        let open = |place: &Place<'a>| place.value.get("x-open-enum") == Some(&Value::Bool(true));
        match key {
            "enum" => return self.values(was, is, at, open(old), direction),
            "x-open-enum" => {
                let effect = if open(new) { Effect::More } else { Effect::Fewer };
                return self.wire(effect.level(direction), at, key, format!("{said}: {}", effect.sentence(direction)));
            }
            "x-enum-varnames" => return self.names(Breaking, at, key, format!("{said}: constants have other names")),
            "x-value" => return self.names(Breaking, at, key, format!("{said}: the value is of another type")),
            "x-sensitive" => {
                return self.names(Compatible, at, key, format!("{said}: clients may keep it out of logs"));
            }
            "x-error-codes" | "deprecated" => return self.wire(Compatible, at, key, format!("`{key}` changed")),
            "default" => {
                let level = if direction == Request && was.is_some() { Breaking } else { Compatible };
                return self.wire(level, at, key, format!("{said}: leaving it out means something else"));
            }
            _ => {}
        }
        let Some(effect) = effect(key, was, is) else {
            let sentence = format!("{said}, and `cargo xtask diff` cannot tell what this means");
            return self.wire(Breaking, at, key, sentence);
        };
        self.wire(effect.level(direction), at, key, format!("{said}: {}", effect.sentence(direction)));
    }

    fn values(
        &mut self,
        was: Option<&Value>,
        is: Option<&Value>,
        at: (Option<&str>, Option<&str>),
        open: bool,
        direction: Direction,
    ) {
        let (Some(old), Some(new)) = (was.and_then(Value::as_array), is.and_then(Value::as_array)) else {
            let effect = if is.is_some() { Effect::Fewer } else { Effect::More };
            let sentence = format!("{}: {}", from_to("enum", was, is), effect.sentence(direction));
            self.wire(effect.level(direction), at, "enum", sentence);
            return self.names(Breaking, at, "enum type", "the type is an enum on one side only");
        };
        for value in old.iter().filter(|value| !new.contains(value)) {
            let topic = plain(value);
            let sentence = format!(
                "the value {topic} is gone: {}",
                match direction {
                    Request => Effect::Fewer.sentence(Request),
                    Response => "it is not answered any more, and its constant is gone",
                }
            );
            match direction {
                Request => self.wire(Breaking, at, &topic, sentence),
                Response => self.names(Breaking, at, &topic, sentence),
            }
        }
        for value in new.iter().filter(|value| !old.contains(value)) {
            let topic = plain(value);
            let (level, why) = match direction {
                Response if open => (Compatible, "the enum was open, so clients are prepared"),
                _ => (Effect::More.level(direction), Effect::More.sentence(direction)),
            };
            self.wire(level, at, &topic, format!("the value {topic} is new: {why}"));
        }
    }
}

/// What a change of a keyword does to the values that a schema admits; nothing for a keyword that is not known here.
fn effect(key: &str, was: Option<&Value>, is: Option<&Value>) -> Option<Effect> {
    let number = |value: Option<&Value>| value.and_then(Value::as_f64);
    let truth = |value: Option<&Value>| value.and_then(Value::as_bool).unwrap_or_default();
    let appeared = match (was, is) {
        (None, Some(_)) => Some(Effect::Fewer),
        (Some(_), None) => Some(Effect::More),
        _ => None,
    };
    let grew = number(is) > number(was);
    Some(match key {
        "type" => match (was?.as_str()?, is?.as_str()?) {
            ("integer", "number") => Effect::More,
            ("number", "integer") => Effect::Fewer,
            _ => Effect::Others,
        },
        "format" => match (was.and_then(Value::as_str), is.and_then(Value::as_str)) {
            (Some("int32"), Some("int64")) | (Some("uint16" | "uint32"), Some("uint64" | "int64")) => Effect::More,
            (Some("int64"), Some("int32" | "uint32" | "uint16")) | (Some("uint64"), Some("uint16" | "uint32")) => {
                Effect::Fewer
            }
            _ => appeared.unwrap_or(Effect::Others),
        },
        "pattern" | "multipleOf" => appeared.unwrap_or(Effect::Others),
        "maximum" | "maxLength" | "maxItems" | "maxProperties" => {
            appeared.unwrap_or(if grew { Effect::More } else { Effect::Fewer })
        }
        "minimum" | "minLength" | "minItems" | "minProperties" => {
            appeared.unwrap_or(if grew { Effect::Fewer } else { Effect::More })
        }
        "nullable" => {
            if truth(is) {
                Effect::More
            } else {
                Effect::Fewer
            }
        }
        "uniqueItems" | "exclusiveMinimum" | "exclusiveMaximum" => {
            if truth(is) {
                Effect::Fewer
            } else {
                Effect::More
            }
        }
        "additionalProperties" => match (was, is) {
            (_, Some(Value::Bool(false))) => Effect::Fewer,
            (Some(Value::Bool(false)), _) => Effect::More,
            _ => Effect::Others,
        },
        _ => return None,
    })
}
