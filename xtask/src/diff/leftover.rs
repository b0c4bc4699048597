//! Nothing escapes: each place where the two documents differ and of which nothing was said yet. Words and examples are
//! a patch; of anything else this command knows nothing, so it calls it breaking and says why.

use serde_json::Value;

use super::change::{Area, Change, Level};
use crate::codegen::spec::{Spec, escape};

/// Keywords for readers: no client behaves in another way when they change.
const WORDS: [&str; 19] = [
    "contact",
    "description",
    "example",
    "examples",
    "externalDocs",
    "license",
    "links",
    "summary",
    "title",
    "x-allowed",
    "x-documented-range",
    "x-enum-descriptions",
    "x-enum-evidence",
    "x-error-code",
    "x-error-kinds",
    "x-evidence",
    "x-extensions",
    "x-section",
    "x-witnesses",
];

/// Whether a keyword is for readers only.
pub(super) fn is_words(key: &str) -> bool {
    WORDS.contains(&key)
}

/// A change for each difference that is not part of one in `known`.
pub(super) fn changes(before: &Spec, after: &Spec, known: &[Change]) -> Vec<Change> {
    let mut places = Vec::new();
    differences(Some(before.document()), Some(after.document()), "#", &mut places);
    let said: Vec<&str> = known
        .iter()
        .flat_map(|change| [Some(change.after.0.as_str()), change.before.as_ref().map(|(pointer, _)| pointer.as_str())])
        .flatten()
        .collect();
    let open = places.into_iter().filter(|place| {
        place.pointer != "#/info/version"
            && !said.iter().any(|pointer| inside(&place.pointer, pointer) || inside(pointer, &place.pointer))
    });
    open.map(|place| {
        let (level, sentence) = judged(&place.pointer);
        let sides = (place.before.then_some(place.pointer.as_str()), place.after.then_some(place.pointer.as_str()));
        Change::new((before, after), (level, Area::Wire), sides, "", sentence)
    })
    .collect()
}

fn inside(pointer: &str, of: &str) -> bool {
    pointer.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn judged(pointer: &str) -> (Level, String) {
    let segments: Vec<&str> = pointer.split('/').skip(1).collect();
    // Under these a segment is a name that somebody gave, not a keyword.
    let given = ["properties", "schemas", "parameters", "responses", "securitySchemes"];
    let keyword = |n: usize| n == 0 || !given.contains(&segments[n - 1]);
    let words = segments.iter().enumerate().any(|(n, segment)| keyword(n) && is_words(segment));
    match segments.as_slice() {
        _ if words => (Level::Patch, "words for readers changed".to_owned()),
        ["tags" | "info", ..] => (Level::Patch, "words for readers changed".to_owned()),
        ["components", "examples", ..] => (Level::Patch, "an example changed".to_owned()),
        [.., "$ref" | "allOf" | "parameters"] | ["components", "parameters" | "responses", _] => {
            (Level::Patch, "said in another place or order; what it says is compared by itself".to_owned())
        }
        _ => (Level::Breaking, "`cargo xtask diff` cannot tell what this change means".to_owned()),
    }
}

struct Difference {
    pointer: String,
    before: bool,
    after: bool,
}

/// The smallest places that differ; a list is one place.
fn differences(before: Option<&Value>, after: Option<&Value>, pointer: &str, places: &mut Vec<Difference>) {
    match (before, after) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            for key in old.keys().chain(new.keys().filter(|key| !old.contains_key(*key))) {
                differences(old.get(key), new.get(key), &format!("{pointer}/{}", escape(key)), places);
            }
        }
        _ if before == after => {}
        _ => places.push(Difference { pointer: pointer.to_owned(), before: before.is_some(), after: after.is_some() }),
    }
}
