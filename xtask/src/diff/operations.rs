//! Operations on both sides: paths, parameters, bodies, responses and error codes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    change::{Direction, Level},
    compare::{Comparison, Place, Sides, from_to, plain},
};
use crate::codegen::spec::{Operation, Spec, escape, texts};

use Level::{Breaking, Compatible};

/// A path without the names of its parameters, which no request carries.
fn shape(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

fn place<'a>(spec: &'a Spec, operation: &Operation<'a>) -> Option<Place<'a>> {
    let pointer = operation.pointer();
    Some(Place { value: spec.resolve(&pointer)?, pointer })
}

fn by_shape(spec: &Spec) -> BTreeMap<(String, &str), Operation<'_>> {
    spec.operations().map(|operation| ((shape(operation.path), operation.method), operation)).collect()
}

impl<'a> Comparison<'a> {
    /// All operations.
    pub(super) fn operations(&mut self) {
        let (mut old, now) = (by_shape(self.before), by_shape(self.after));
        let mut new = Vec::new();
        for (key, is) in now {
            match old.remove(&key) {
                Some(was) => self.operation(was, is),
                None => new.push(is),
            }
        }
        for was in old.into_values() {
            let moved = new.iter().position(|is| is.id() == was.id()).map(|at| new.remove(at));
            let at = was.pointer();
            match moved {
                Some(is) => {
                    let sentence = format!("{} is called at {} {} now", was.id(), is.method.to_uppercase(), is.path);
                    self.wire(Breaking, (Some(&at), Some(&is.pointer())), "", sentence);
                    self.operation(was, is);
                }
                None => self.wire(Breaking, (Some(&at), None), "", format!("the operation {} is gone", was.id())),
            }
        }
        for is in new {
            self.wire(Compatible, (None, Some(&is.pointer())), "", format!("the operation {} is new", is.id()));
        }
    }

    fn operation(&mut self, was: Operation<'a>, is: Operation<'a>) {
        let (Some(old), Some(new)) = (place(self.before, &was), place(self.after, &is)) else { return };
        let places = (Some(old.pointer.as_str()), Some(new.pointer.as_str()));
        if was.path != is.path && shape(was.path) == shape(is.path) {
            let sentence = format!("a parameter of the path has another name: {} was {}", is.path, was.path);
            self.names(Breaking, places, "path", sentence);
        }
        for (key, what) in [("operationId", "methods are named after it"), ("tags", "many generators group by it")] {
            let (was, is) = (old.value.get(key), new.value.get(key));
            if was != is {
                let at = (format!("{}/{key}", old.pointer), format!("{}/{key}", new.pointer));
                let sentence = format!("{}, and {what}", from_to(key, was, is));
                self.names(Breaking, (Some(&at.0), Some(&at.1)), key, sentence);
            }
        }
        if old.value.get("deprecated") != new.value.get("deprecated") {
            let at = (format!("{}/deprecated", old.pointer), format!("{}/deprecated", new.pointer));
            self.wire(Compatible, (Some(&at.0), Some(&at.1)), "", "`deprecated` changed");
        }
        self.where_and_who(&old, &new);
        self.paths(was, is);
        self.parameters(was, is);
        self.request_body(&old, &new);
        self.responses(&old, &new);
    }

    /// What a path says for all its operations.
    fn paths(&mut self, was: Operation<'a>, is: Operation<'a>) {
        let at = |spec: &'a Spec, path: &str| {
            let pointer = format!("#/paths/{}", escape(path));
            Some(Place { value: spec.resolve(&pointer)?, pointer })
        };
        if let (Some(old), Some(new)) = (at(self.before, was.path), at(self.after, is.path)) {
            self.where_and_who(&old, &new);
        }
    }

    fn parameters(&mut self, was: Operation<'a>, is: Operation<'a>) {
        let mut old = parameters(self.before, was);
        for (key, new) in parameters(self.after, is) {
            let Some(old) = old.remove(&key) else {
                let name = &key.1;
                if new.value.get("required") == Some(&Value::Bool(true)) {
                    let sentence = format!("{} needs the new parameter {name}", is.id());
                    self.wire(Breaking, (None, Some(&new.pointer)), "new", sentence);
                } else {
                    let sentence = format!("{} takes the new parameter {name}", is.id());
                    self.wire(Compatible, (None, Some(&new.pointer)), "new", sentence);
                }
                continue;
            };
            self.parameter(&old, &new);
        }
        for ((_, name), old) in old {
            let sentence = format!("{} no longer takes the parameter {name}", is.id());
            let at = format!("{}/parameters", is.pointer());
            self.wire(Breaking, (Some(&old.pointer), Some(&at)), &name, sentence);
        }
    }

    fn parameter(&mut self, old: &Place<'a>, new: &Place<'a>) {
        for (key, absent) in [
            ("required", Value::Bool(false)),
            ("style", Value::Null),
            ("explode", Value::Null),
            ("allowReserved", Value::Bool(false)),
            ("allowEmptyValue", Value::Bool(false)),
            ("x-multi-segment", Value::Bool(false)),
        ] {
            let (was, is) = (old.value.get(key), new.value.get(key));
            if was.unwrap_or(&absent) == is.unwrap_or(&absent) {
                continue;
            }
            let at = (format!("{}/{key}", old.pointer), format!("{}/{key}", new.pointer));
            let (level, what) = match (key, is) {
                ("required", Some(Value::Bool(true))) => (Breaking, "requests without it are refused"),
                ("required", _) => (Compatible, "requests may leave it out"),
                _ => (Breaking, "it is written in another way"),
            };
            self.wire(level, (Some(&at.0), Some(&at.1)), key, format!("{}: {what}", from_to(key, was, is)));
        }
        if let (Some(old), Some(new)) = (old.member("schema"), new.member("schema")) {
            self.schema(&old, &new, Direction::Request);
        }
    }

    fn request_body(&mut self, old: &Place<'a>, new: &Place<'a>) {
        let body = |spec: &'a Spec, place: &Place<'a>| place.member("requestBody").map(|body| body.target(spec));
        let required = |body: &Place<'a>| body.value.get("required") == Some(&Value::Bool(true));
        match (body(self.before, old), body(self.after, new)) {
            (Some(old), Some(new)) => {
                if required(&old) != required(&new) {
                    let at = (format!("{}/required", old.pointer), format!("{}/required", new.pointer));
                    let (level, sentence) = if required(&new) {
                        (Breaking, "requests without a body are refused now")
                    } else {
                        (Compatible, "requests may leave the body out")
                    };
                    self.wire(level, (Some(&at.0), Some(&at.1)), "required", sentence);
                }
                self.content(&old, &new, Direction::Request);
            }
            (Some(old), None) => self.wire(Breaking, (Some(&old.pointer), None), "", "the request body is gone"),
            (None, Some(new)) if required(&new) => {
                self.wire(Breaking, (None, Some(&new.pointer)), "", "requests need a body now");
            }
            (None, Some(new)) => self.wire(Compatible, (None, Some(&new.pointer)), "", "requests may have a body now"),
            (None, None) => {}
        }
    }

    fn content(&mut self, old: &Place<'a>, new: &Place<'a>, direction: Direction) {
        let sides = Sides::of(old.members("content"), new.members("content"));
        for (media, place) in sides.gone {
            self.wire(Breaking, (Some(&place.pointer), None), "", format!("{media} is gone"));
        }
        for (media, place) in sides.new {
            // An answer that had no body now may have one, which readers that know none pass over.
            self.wire(Compatible, (None, Some(&place.pointer)), "", format!("{media} is new"));
        }
        for (_, old, new) in sides.both {
            match (old.member("schema"), new.member("schema")) {
                (Some(old), Some(new)) => self.schema(&old, &new, direction),
                (Some(place), None) | (None, Some(place)) => {
                    let at = format!("{}/schema", new.pointer);
                    self.wire(
                        Breaking,
                        (Some(&place.pointer), Some(&at)),
                        "schema",
                        "the body came or lost its schema",
                    );
                }
                (None, None) => {}
            }
        }
    }

    fn responses(&mut self, old: &Place<'a>, new: &Place<'a>) {
        let covered =
            new.members("responses").contains_key("default") && old.members("responses").contains_key("default");
        let sides = Sides::of(old.members("responses"), new.members("responses"));
        for (status, place) in sides.gone {
            let (level, sentence) = if status.starts_with('2') || status == "default" {
                (Breaking, format!("the answer {status} is gone"))
            } else {
                (Compatible, format!("the answer {status} is gone, and who waits for it waits for nothing"))
            };
            self.wire(level, (Some(&place.pointer), None), "", sentence);
        }
        for (status, place) in sides.new {
            let (level, sentence) = if covered && !status.starts_with('2') {
                (Compatible, format!("the answer {status} is new, and was covered by `default` before"))
            } else {
                (Breaking, format!("the answer {status} is new, and clients do not expect it"))
            };
            self.wire(level, (None, Some(&place.pointer)), "", sentence);
        }
        for (_, old, new) in sides.both {
            let (old, new) = (old.target(self.before), new.target(self.after));
            self.error_rows(&old, &new);
            self.content(&old, &new, Direction::Response);
            let headers = Sides::of(old.members("headers"), new.members("headers"));
            for (name, place) in headers.gone {
                self.wire(Breaking, (Some(&place.pointer), None), "", format!("the header {name} is gone"));
            }
            for (name, place) in headers.new {
                self.wire(Compatible, (None, Some(&place.pointer)), "", format!("the header {name} is new"));
            }
            for (_, old, new) in headers.both {
                let schemas = (old.target(self.before).member("schema"), new.target(self.after).member("schema"));
                if let (Some(old), Some(new)) = schemas {
                    self.schema(&old, &new, Direction::Response);
                }
            }
        }
    }

    /// The error codes of a response. A row less is a promise more, but whoever deletes one by mistake wants to hear of it.
    fn error_rows(&mut self, old: &Place<'a>, new: &Place<'a>) {
        let codes = |place: &Place<'a>| -> BTreeSet<&'a str> { texts(place.value.get("x-error-codes")).collect() };
        let (was, is) = (codes(old), codes(new));
        let at = (format!("{}/x-error-codes", old.pointer), format!("{}/x-error-codes", new.pointer));
        let at = (Some(at.0.as_str()), Some(at.1.as_str()));
        for code in was.difference(&is) {
            self.wire(Compatible, at, code, format!("the error code {code} is no longer listed for this answer"));
        }
        for code in is.difference(&was) {
            self.wire(Compatible, at, code, format!("the error code {code} is listed for this answer now"));
        }
    }
}

/// All parameters of an operation by kind and name; those of the path by their order, as their names do not travel.
fn parameters<'a>(spec: &'a Spec, operation: Operation<'a>) -> BTreeMap<(String, String), Place<'a>> {
    let item = format!("#/paths/{}", escape(operation.path));
    let lists = [(item, operation.item.get("parameters")), (operation.pointer(), operation.object.get("parameters"))];
    let names: Vec<&str> = operation.path.split('/').filter(|segment| segment.starts_with('{')).collect();
    let mut all = BTreeMap::new();
    for (at, list) in lists {
        for (n, value) in list.and_then(Value::as_array).into_iter().flatten().enumerate() {
            let place = Place { pointer: format!("{at}/parameters/{n}"), value }.target(spec);
            let text = |key| place.value.get(key).map(plain).unwrap_or_default();
            let (kind, mut name) = (text("in"), text("name"));
            if kind == "path"
                && let Some(order) = names.iter().position(|segment| segment.trim_matches(['{', '}']) == name)
            {
                name = order.to_string();
            }
            all.insert((kind, name), place);
        }
    }
    all
}
