//! The comparison of two descriptions. What may live here: its state, and the order in which the parts are looked at.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    change::{Area, Change, Direction, Level},
    leftover,
};
use crate::codegen::spec::{Spec, escape};

/// A part of the description and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Place<'a> {
    pub(super) pointer: String,
    pub(super) value: &'a Value,
}

impl<'a> Place<'a> {
    /// The member `key`, if there is one.
    pub(super) fn member(&self, key: &str) -> Option<Self> {
        Some(Self { pointer: format!("{}/{}", self.pointer, escape(key)), value: self.value.get(key)? })
    }

    /// The members of the member `key`, by name.
    pub(super) fn members(&self, key: &str) -> BTreeMap<&'a str, Self> {
        let at = format!("{}/{}", self.pointer, escape(key));
        let members = self.value.get(key).and_then(Value::as_object).into_iter().flatten();
        members
            .map(|(name, value)| (name.as_str(), Self { pointer: format!("{at}/{}", escape(name)), value }))
            .collect()
    }

    /// What this refers to, or itself.
    pub(super) fn target(self, spec: &'a Spec) -> Self {
        let reference = self.value.get("$ref").and_then(Value::as_str);
        match reference.and_then(|to| Some((to.to_owned(), spec.resolve(to)?))) {
            Some((pointer, value)) => Self { pointer, value },
            None => self,
        }
    }
}

/// What is on one side only, and what is on both.
pub(super) struct Sides<'a> {
    pub(super) gone: Vec<(&'a str, Place<'a>)>,
    pub(super) new: Vec<(&'a str, Place<'a>)>,
    pub(super) both: Vec<(&'a str, Place<'a>, Place<'a>)>,
}

impl<'a> Sides<'a> {
    pub(super) fn of(mut before: BTreeMap<&'a str, Place<'a>>, after: BTreeMap<&'a str, Place<'a>>) -> Self {
        let mut sides = Self { gone: Vec::new(), new: Vec::new(), both: Vec::new() };
        for (name, place) in after {
            match before.remove(name) {
                Some(old) => sides.both.push((name, old, place)),
                None => sides.new.push((name, place)),
            }
        }
        sides.gone = before.into_iter().collect();
        sides
    }
}

/// Two descriptions and what was found so far.
pub(super) struct Comparison<'a> {
    pub(super) before: &'a Spec,
    pub(super) after: &'a Spec,
    /// Pairs of named schemas that were compared, in which direction.
    pub(super) seen: BTreeSet<(&'a str, &'a str, Direction)>,
    found: Vec<Change>,
}

/// All changes from one description to the other, in the order of their lines.
pub(crate) fn changes(before: &Spec, after: &Spec) -> Vec<Change> {
    let mut comparison = Comparison { before, after, seen: BTreeSet::new(), found: Vec::new() };
    comparison.document();
    comparison.operations();
    comparison.component_names();
    let mut found = comparison.found;
    found.extend(leftover::changes(before, after, &found));
    // The strictest word about one thing counts: a schema that travels both ways is looked at for each way.
    let mut strictest: BTreeMap<(String, String), Change> = BTreeMap::new();
    for change in found {
        let key = (change.after.0.clone(), change.topic.clone());
        match strictest.get(&key) {
            Some(known) if (known.level, known.area) >= (change.level, change.area) => {}
            _ => drop(strictest.insert(key, change)),
        }
    }
    let mut changes: Vec<Change> = strictest.into_values().collect();
    changes.sort_by(|a, b| (a.after.1, &a.after.0, &a.topic).cmp(&(b.after.1, &b.after.0, &b.topic)));
    changes
}

impl<'a> Comparison<'a> {
    /// Adds a change of what travels.
    pub(super) fn wire(
        &mut self,
        level: Level,
        places: (Option<&str>, Option<&str>),
        topic: &str,
        sentence: impl Into<String>,
    ) {
        self.add((level, Area::Wire), places, topic, sentence.into());
    }

    /// Adds a change of what generators make names of.
    pub(super) fn names(
        &mut self,
        level: Level,
        places: (Option<&str>, Option<&str>),
        topic: &str,
        sentence: impl Into<String>,
    ) {
        self.add((level, Area::Names), places, topic, sentence.into());
    }

    fn add(&mut self, rated: (Level, Area), places: (Option<&str>, Option<&str>), topic: &str, sentence: String) {
        self.found.push(Change::new((self.before, self.after), rated, places, topic, sentence));
    }

    /// A thing that is part of one side only: `gone` breaks, `new` does not.
    pub(super) fn lists(&mut self, before: &Place<'a>, after: &Place<'a>, key: &str, gone: &str, new: &str) {
        let list = |place: &Place<'a>| -> Vec<&'a Value> {
            place.value.get(key).and_then(Value::as_array).into_iter().flatten().collect()
        };
        let at = |place: &Place<'a>| format!("{}/{key}", place.pointer);
        let (old, now) = (list(before), list(after));
        let places = (at(before), at(after));
        for value in old.iter().filter(|value| !now.contains(value)) {
            let places = (Some(places.0.as_str()), Some(places.1.as_str()));
            self.wire(Level::Breaking, places, &format!("{key} {value}"), format!("{} {gone}", plain(value)));
        }
        for value in now.iter().filter(|value| !old.contains(value)) {
            let places = (Some(places.0.as_str()), Some(places.1.as_str()));
            self.wire(Level::Compatible, places, &format!("{key} {value}"), format!("{} {new}", plain(value)));
        }
    }

    /// What holds for all operations: servers, security, and how credentials travel.
    fn document(&mut self) {
        let before = Place { pointer: "#".to_owned(), value: self.before.document() };
        let after = Place { pointer: "#".to_owned(), value: self.after.document() };
        self.where_and_who(&before, &after);
        let schemes = |place: &Place<'a>| {
            place.member("components").map(|all| all.members("securitySchemes")).unwrap_or_default()
        };
        let sides = Sides::of(schemes(&before), schemes(&after));
        for (name, old) in sides.gone {
            let sentence = format!("the security scheme {name} is gone");
            self.wire(Level::Breaking, (Some(&old.pointer), None), "", sentence);
        }
        for (name, new) in sides.new {
            self.wire(Level::Compatible, (None, Some(&new.pointer)), "", format!("the security scheme {name} is new"));
        }
        for (_, old, new) in sides.both {
            for key in ["type", "scheme", "in", "name", "bearerFormat", "flows", "openIdConnectUrl"] {
                let (was, is) = (old.value.get(key), new.value.get(key));
                if was != is {
                    let places = (old.pointer.as_str(), format!("{}/{key}", new.pointer));
                    let sentence = format!("credentials travel in another way: {}", from_to(key, was, is));
                    self.wire(Level::Breaking, (Some(places.0), Some(&places.1)), key, sentence);
                }
            }
        }
    }

    /// `servers` and `security` of the document, a path or an operation.
    pub(super) fn where_and_who(&mut self, before: &Place<'a>, after: &Place<'a>) {
        for (key, gone, new) in [
            ("servers", "is no longer where the API is", "is a further place where the API is"),
            ("security", "is no longer a way to authenticate", "is a further way to authenticate"),
        ] {
            let url = |place: &Place<'a>| -> Vec<String> {
                let list = place.value.get(key).and_then(Value::as_array).into_iter().flatten();
                list.map(|of| of.get("url").map_or_else(|| of.to_string(), plain)).collect()
            };
            if url(before) != url(after) {
                self.lists(before, after, key, gone, new);
            }
        }
    }

    /// Named schemas are types in generated code.
    fn component_names(&mut self) {
        let root = |spec: &'a Spec| Place { pointer: "#".to_owned(), value: spec.document() };
        let schemas = |spec| root(spec).member("components").map(|all| all.members("schemas")).unwrap_or_default();
        let Sides { gone, mut new, .. } = Sides::of(schemas(self.before), schemas(self.after));
        for (name, old) in gone {
            let twin = new.iter().position(|(_, place)| same_shape(place.value, old.value));
            if let Some((to, place)) = twin.map(|at| new.remove(at)) {
                let sentence = format!("the schema {name} is called {to} now, so a type of this name is gone");
                self.names(Level::Breaking, (Some(&old.pointer), Some(&place.pointer)), "", sentence);
            } else {
                let sentence = format!("the schema {name} is gone, and a type of this name with it");
                self.names(Level::Breaking, (Some(&old.pointer), None), "", sentence);
            }
        }
        for (name, place) in new {
            let sentence = format!("the schema {name} is new");
            self.names(Level::Compatible, (None, Some(&place.pointer)), "", sentence);
        }
    }
}

/// Whether two schemas say the same, but for words and examples.
pub(super) fn same_shape(a: &Value, b: &Value) -> bool {
    fn bare(value: &Value) -> Value {
        match value {
            Value::Object(object) => {
                let kept = object.iter().filter(|(key, of)| !leftover::is_words(key) || of.is_object());
                kept.map(|(key, of)| (key.clone(), bare(of))).collect()
            }
            other => other.clone(),
        }
    }
    bare(a) == bare(b)
}

/// A value as a sentence quotes it.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// `key` went from one value to another, appeared, or is gone.
pub(super) fn from_to(key: &str, was: Option<&Value>, is: Option<&Value>) -> String {
    match (was, is) {
        (Some(was), Some(is)) => format!("`{key}` went from {} to {}", plain(was), plain(is)),
        (None, Some(is)) => format!("`{key}` {} is new", plain(is)),
        (Some(was), None) => format!("`{key}` {} is gone", plain(was)),
        (None, None) => format!("`{key}` is as it was"),
    }
}
