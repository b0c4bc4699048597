//! Answers with one thing spoilt: every member at every depth, in every way that an API has been seen to go wrong.

use serde_json::{Number, Value, json};

use super::escape;

const MANY: usize = 10;

/// What was done to a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    Removed,
    Replaced(Value),
    /// A member that nobody knows was put beside it.
    Joined,
}

/// A document with one thing spoilt.
#[derive(Debug)]
pub(crate) struct Mutant {
    /// The JSON pointer of the member or element.
    pub(crate) at: String,
    pub(crate) change: Change,
    pub(crate) document: Value,
}

/// All mutants of a document.
pub(crate) fn mutants(document: &Value) -> Vec<Mutant> {
    let mut places = Vec::new();
    visit(document, "", &mut places);
    let mut mutants = Vec::new();
    for (at, value) in places {
        let mut add = |change: Change| {
            let mut document = document.clone();
            if apply(&mut document, &at, &change) {
                mutants.push(Mutant { at: at.clone(), change, document });
            }
        };
        add(Change::Removed);
        add(Change::Joined);
        let mut others = vec![json!(null), json!(""), json!(0), json!("0"), json!([]), json!({}), json!("of_tomorrow")];
        others.extend(respelled(value));
        others.into_iter().filter(|other| other != value).for_each(|other| add(Change::Replaced(other)));
    }
    mutants
}

fn visit<'a>(value: &'a Value, at: &str, places: &mut Vec<(String, &'a Value)>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(members) => members.iter().map(|(name, member)| (escape(name), member)).collect(),
        Value::Array(elements) => {
            // Of a long list of mere texts a few stand for all.
            let few = |n: &usize| elements.len() <= MANY || *n < MANY || *n + 1 == elements.len();
            let plain = elements.iter().all(Value::is_string);
            let tried = elements.iter().enumerate().filter(|(n, _)| !plain || few(n));
            tried.map(|(n, element)| (n.to_string(), element)).collect()
        }
        _ => return,
    };
    for (name, child) in children {
        let at = format!("{at}/{name}");
        places.push((at.clone(), child));
        visit(child, &at, places);
    }
}

/// The document with an element on the way to this place moved behind the others: where a reader puts it that could not
/// read it.
pub(crate) fn moved(document: &Value, at: &str) -> Vec<Value> {
    let ends = at.match_indices('/').map(|(end, _)| end).chain([at.len()]).skip(1);
    let lists = ends.filter_map(|end| {
        let (list, position) = at[..end].rsplit_once('/')?;
        let mut document = document.clone();
        let elements = document.pointer_mut(list)?.as_array_mut()?;
        let position = position.parse().ok().filter(|position| *position < elements.len())?;
        elements[position..].rotate_left(1);
        Some(document)
    });
    lists.collect()
}

/// The same value in other spellings: a number as text, a text that spells a number as a number, a switch in other words.
fn respelled(value: &Value) -> Vec<Value> {
    match value {
        Value::Number(number) => {
            let float = number.as_f64().and_then(Number::from_f64).map(Value::Number);
            [Some(json!(number.to_string())), float].into_iter().flatten().collect()
        }
        Value::String(text) => match text.as_str() {
            "yes" | "on" => vec![json!(true), json!(1), json!("1")],
            "no" | "off" => vec![json!(false), json!(0.0)],
            text => text.parse::<Number>().ok().map(Value::Number).into_iter().collect(),
        },
        Value::Bool(on) => vec![json!(if *on { "yes" } else { "no" }), json!(u8::from(*on))],
        // Without its envelope, or inside of one.
        Value::Object(envelope) if envelope.len() == 1 => envelope.values().filter(|v| v.is_array()).cloned().collect(),
        Value::Array(_) => vec![json!({"of_tomorrow": value})],
        _ => Vec::new(),
    }
}

fn apply(document: &mut Value, at: &str, change: &Change) -> bool {
    let (parent, key) = at.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/").replace("~0", "~");
    match (document.pointer_mut(parent).unwrap(), change) {
        (parent, Change::Replaced(value)) => match parent {
            Value::Array(elements) => elements[key.parse::<usize>().unwrap()] = value.clone(),
            parent => parent[key] = value.clone(),
        },
        (Value::Object(members), Change::Removed) => drop(members.remove(&key)),
        // Once for each object is enough.
        (Value::Object(members), Change::Joined) if members.keys().next() == Some(&key) => {
            members.insert("of_tomorrow".to_owned(), json!({"deep": [1, null]}));
        }
        (Value::Array(elements), Change::Removed) => drop(elements.remove(key.parse().unwrap())),
        _ => return false,
    }
    true
}
