//! Values to try a schema with: every instance of a component in the examples of the description and in the recordings, one
//! with all that is documented, and mistakes made in them. Nothing here asserts anything.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::Path,
};

use serde_json::{Value, json};

use crate::{
    escape,
    schema::{examples, referred, resolve},
};

/// Values by the component that they are meant for.
#[derive(Default)]
pub(crate) struct Corpus {
    values: BTreeMap<String, Vec<Value>>,
    seen: BTreeSet<(String, String)>,
}

impl Corpus {
    /// All that stands in the description.
    pub(crate) fn of(description: &Value) -> Self {
        let mut corpus = Self::default();
        for example in examples(description) {
            match example.at.strip_prefix("#/components/schemas/").and_then(|at| at.strip_suffix("/example")) {
                Some(name) if !name.contains('/') => corpus.add(description, name, example.value),
                _ => corpus.walk(description, example.schema, example.value),
            }
        }
        for (name, schema) in description["components"]["schemas"].as_object().unwrap() {
            corpus.add(description, name, &sample(description, schema));
            for value in schema["enum"].as_array().into_iter().flatten() {
                corpus.add(description, name, value);
            }
        }
        corpus
    }

    /// The bodies of all recordings of the folder that `UPCLOUD_RECORDINGS` names; tells how many there were.
    pub(crate) fn add_recordings(&mut self, description: &Value) -> usize {
        let Some(folder) = env::var_os("UPCLOUD_RECORDINGS").filter(|folder| !folder.is_empty()) else { return 0 };
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let files = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let mut bodies = 0;
        for path in files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "json"))
        {
            let recording: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            for exchange in recording["exchanges"].as_array().unwrap() {
                for (schema, body) in bodies_of(description, exchange) {
                    self.walk(description, schema, body);
                    bodies += 1;
                }
            }
        }
        bodies
    }

    /// The values for a component, those with most in them first.
    pub(crate) fn values(&self, component: &str) -> Vec<&Value> {
        let mut values: Vec<_> = self.values.get(component).into_iter().flatten().collect();
        values.sort_by_cached_key(|value| std::cmp::Reverse(pointers(value).len()));
        values
    }

    fn add(&mut self, description: &Value, name: &str, value: &Value) {
        if !self.seen.insert((name.to_owned(), value.to_string())) {
            return;
        }
        self.values.entry(name.to_owned()).or_default().push(value.clone());
        self.parts(description, &description["components"]["schemas"][name], value);
    }

    fn walk(&mut self, description: &Value, schema: &Value, value: &Value) {
        match referred(schema) {
            Some(name) => self.add(description, name, value),
            None => self.parts(description, schema, value),
        }
    }

    fn parts(&mut self, description: &Value, schema: &Value, value: &Value) {
        for (name, of) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(value) = value.get(name) {
                self.walk(description, of, value);
            }
        }
        if let Some(items) = schema.get("items") {
            value.as_array().into_iter().flatten().for_each(|item| self.walk(description, items, item));
        }
    }
}

/// A value with every documented member, put together from the examples of the parts.
fn sample(description: &Value, schema: &Value) -> Value {
    if let Some(name) = referred(schema) {
        return sample(description, &description["components"]["schemas"][name]);
    }
    if let Some(members) = schema["properties"].as_object() {
        return members.iter().map(|(name, of)| (name.clone(), sample(description, of))).collect();
    }
    if let Some(items) = schema.get("items") {
        return json!([sample(description, items)]);
    }
    let value = schema.get("example").or_else(|| schema["enum"].get(0));
    value.cloned().unwrap_or_else(|| json!({}))
}

fn bodies_of<'a>(description: &'a Value, exchange: &'a Value) -> Vec<(&'a Value, &'a Value)> {
    let paths = description["paths"].as_object().unwrap().values();
    let mut operations = paths.flat_map(|item| item.as_object().unwrap().values());
    let Some(operation) = operations.find(|operation| operation["operationId"] == exchange["operation"]) else {
        return Vec::new();
    };
    let responses = &operation["responses"];
    let response = responses.get(exchange["status"].to_string()).unwrap_or(&responses["default"]);
    let media = exchange["content_type"].as_str().unwrap_or_default().split(';').next().unwrap_or_default();
    [
        (&operation["requestBody"]["content"]["application/json"]["schema"], &exchange["request"]),
        (&resolve(description, response)["content"][media]["schema"], &exchange["response"]),
    ]
    .into_iter()
    .filter(|(schema, body)| schema.is_object() && body.is_object() && body.get("$raw").is_none())
    .collect()
}

/// One mistake at each place of `value`.
pub(crate) fn mistakes(value: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    for pointer in pointers(value) {
        for change in 0..CHANGES {
            let mut wrong = value.clone();
            if make(&mut wrong, &pointer, change) {
                all.push(wrong);
            }
        }
    }
    all
}

/// Two to four mistakes at places that `random` draws.
pub(crate) fn heap_of_mistakes(value: &Value, random: &mut fastrand::Rng) -> Value {
    let mut wrong = value.clone();
    for _ in 0..random.usize(2..=4) {
        let pointers = pointers(&wrong);
        let pointer = random.choice(&pointers).cloned().unwrap_or_default();
        make(&mut wrong, &pointer, random.usize(0..CHANGES));
    }
    wrong
}

/// Where values stand, the first item of a list for all of them.
fn pointers(value: &Value) -> Vec<String> {
    fn visit(value: &Value, at: String, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                object.iter().for_each(|(key, of)| visit(of, format!("{at}/{}", escape(key)), found));
            }
            Value::Array(items) => items.first().into_iter().for_each(|item| visit(item, format!("{at}/0"), found)),
            _ => {}
        }
        found.push(at);
    }
    let mut found = Vec::new();
    visit(value, String::new(), &mut found);
    found
}

const CHANGES: usize = 25;

/// Makes the mistake number `change`, if there is such a thing at the place.
fn make(value: &mut Value, pointer: &str, change: usize) -> bool {
    let Some(place) = value.pointer_mut(pointer) else { return false };
    let replacement = match change {
        0 => {
            let Some((parent, key)) = pointer.rsplit_once('/') else { return false };
            let removed = value.pointer_mut(parent).and_then(Value::as_object_mut).map(|parent| parent.remove(key));
            return removed.is_some();
        }
        1 => {
            let Some(object) = place.as_object_mut() else { return false };
            object.insert("of_tomorrow".to_owned(), json!({"deep": [1, null]}));
            return true;
        }
        2 => {
            let Some(first) = place.as_array().and_then(|items| items.first()) else { return false };
            json!(vec![first; 300])
        }
        3 => {
            let Some(text) = place.as_str() else { return false };
            json!(text.to_uppercase())
        }
        4 => json!(null),
        5 => json!([]),
        6 => json!({}),
        7 => json!([null]),
        8 => json!({"of_tomorrow": []}),
        9 => json!(true),
        10 => json!(0),
        11 => json!(-1),
        12 => json!(4.0),
        13 => json!(1.5),
        14 => json!(1e20),
        15 => json!(u64::MAX),
        16 => json!(""),
        17 => json!("of tomorrow"),
        18 => json!("yes"),
        19 => json!("1"),
        20 => json!("70000"),
        21 => json!("9".repeat(20)),
        22 => json!("00c4f3ab-7d5c-4b4e-9a8b-0d6f1f2e3a4b"),
        23 => json!("00c4f3ab7d5c4b4e9a8b0d6f1f2e3a4b"),
        _ => json!("x".repeat(300)),
    };
    *place = replacement;
    true
}
