//! The lenient flavour, for strict generators: clients made from it read what the API sends and send what their caller set.
//!
//! An enum with `x-open-enum` becomes a plain string that lists its known values in `x-extensible-enum` and names them in
//! its description. Of the forms that were tried this is the one that every generator turns into a string that takes any
//! value; `anyOf` of the enum and a string becomes `any` in one Go client and an empty interface in one TypeScript client.
//! A `default` of a property becomes `x-default`, because some generators send every default, and `create_password: yes`
//! beside SSH keys is refused.
//!
//! The text is edited rather than written anew, so that comments, quotes and order stay and a comparison shows these edits
//! alone.

use serde_json::{Map, Value};

use crate::codegen::{
    fault::Fault,
    spec::{self, Spec, texts},
};

const HEADER: &str = "# The lenient flavour, made from openapi.yaml by `cargo xtask export`.\n";
const EXPLAINED: [&str; 2] = [
    "    * `x-extensible-enum`: the known values of a string that may have others (in this flavour only).",
    "    * `x-default`: what the API takes where a request leaves the value out (in this flavour only).",
];

/// Longer lists stay out of descriptions, which generators repeat at each use.
const MOST_TO_NAME: usize = 8;

/// The whole flavour.
pub(crate) fn text(spec: &Spec) -> String {
    let mut lines: Vec<String> = spec.text().lines().map(str::to_owned).collect();
    for (name, schema) in spec.schemas() {
        spec::walk(schema, &format!("#/components/schemas/{name}"), &mut |place, object| {
            if object.get("x-open-enum") == Some(&Value::Bool(true)) {
                rename(&mut lines, spec, place, "enum", "x-extensible-enum", &known(object));
            }
            if let (Some(Value::String(default)), true) = (object.get("default"), is_property(place)) {
                rename(&mut lines, spec, place, "default", "x-default", &format!(" The default is `{default}`."));
            }
        });
    }
    // The last edit, because lines are found by the numbers of the committed text.
    let explained = last_line(&lines, line(spec, "#/info/description"));
    for (n, bullet) in EXPLAINED.into_iter().enumerate() {
        lines.insert(explained + 1 + n, bullet.to_owned());
    }
    format!("{HEADER}{}\n", lines.join("\n"))
}

/// Whether `place` is that of a property, not that of a map of properties.
fn is_property(place: &str) -> bool {
    place.rsplit('/').nth(1) == Some("properties")
}

/// Renames a keyword of the schema at `place` and tells it in the description.
fn rename(lines: &mut [String], spec: &Spec, place: &str, from: &str, to: &str, told: &str) {
    let keyword = &mut lines[line(spec, &format!("{place}/{from}"))];
    *keyword = keyword.replacen(&format!("{from}:"), &format!("{to}:"), 1);
    let described = last_line(lines, line(spec, &format!("{place}/description")));
    lines[described].push_str(told);
}

fn known(schema: &Map<String, Value>) -> String {
    let values: Vec<String> = texts(schema.get("enum")).map(|value| format!("`{value}`")).collect();
    match values.as_slice() {
        [one] => format!(" The known value is {one}; others may come."),
        [all @ .., last] if values.len() <= MOST_TO_NAME => {
            format!(" Known values are {} and {last}; others may come.", all.join(", "))
        }
        _ => " Others than the known values may come.".to_owned(),
    }
}

/// The index of the line where something begins.
pub(super) fn line(spec: &Spec, pointer: &str) -> usize {
    Fault::new(spec, pointer, "").line - 1
}

/// The index of the last line of what begins at `first`: whatever follows with a deeper indent belongs to it.
pub(super) fn last_line(lines: &[String], first: usize) -> usize {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let own = indent(&lines[first]);
    let block = lines.iter().enumerate().skip(first + 1);
    let inside = block.take_while(|(_, line)| line.trim().is_empty() || indent(line) > own);
    inside.filter(|(_, line)| !line.trim().is_empty()).last().map_or(first, |(n, _)| n)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::planted::REAL;

    /// Undoes the flavour in a schema and what is inside it; the names of what was undone go to `undone`.
    fn undo(value: &mut Value, closed: &Value, undone: &mut BTreeSet<&str>) {
        match value {
            Value::Object(object) => {
                for (to, from) in [("x-extensible-enum", "enum"), ("x-default", "default")] {
                    if let Some(values) = object.remove(to) {
                        let more = object["description"].as_str().unwrap();
                        let description = closed["description"].as_str().unwrap();
                        assert!(more.strip_prefix(description).is_some_and(|told| told.ends_with('.')), "{more}");
                        object.extend([(from.to_owned(), values), ("description".to_owned(), description.into())]);
                        undone.insert(to);
                    }
                }
                for (key, member) in object {
                    undo(member, &closed[key], undone);
                }
            }
            Value::Array(items) => items.iter_mut().enumerate().for_each(|(n, item)| undo(item, &closed[n], undone)),
            _ => {}
        }
    }

    #[test]
    fn it_differs_from_the_description_in_enums_and_defaults_alone() {
        let closed = Spec::parse(REAL).unwrap();
        let mut document = Spec::parse(&text(&closed)).unwrap().document().clone();
        let mut undone = BTreeSet::new();
        undo(
            document.pointer_mut("/components/schemas").unwrap(),
            &closed.document()["components"]["schemas"],
            &mut undone,
        );
        assert_eq!(undone, BTreeSet::from(["x-extensible-enum", "x-default"]));
        let info = document.pointer_mut("/info/description").unwrap();
        let bullets = EXPLAINED.map(|bullet| format!("{}\n", bullet.trim_start())).concat();
        *info = info.as_str().unwrap().replacen(&bullets, "", 1).into();
        assert_eq!(&document, closed.document());
    }

    #[test]
    fn no_open_enum_and_no_default_of_a_property_is_left() {
        let lenient = Spec::parse(&text(&Spec::parse(REAL).unwrap())).unwrap();
        spec::walk(lenient.document(), "#", &mut |place, object| {
            let left = object.get("x-open-enum").and(object.get("enum")).or_else(|| object.get("default"));
            let of_a_schema = place.starts_with("#/components/schemas/") && !place.ends_with("/properties");
            assert!(left.is_none() || !of_a_schema, "{place}: {left:?}");
        });
    }

    #[test]
    fn known_values_are_named_unless_they_are_many() {
        let lenient = Spec::parse(&text(&Spec::parse(REAL).unwrap())).unwrap();
        let described = |name: &str| lenient.schema(name).unwrap()["description"].as_str().unwrap();
        assert!(described("VideoModel").ends_with(" Known values are `vga` and `cirrus`; others may come."));
        assert!(described("RemoteAccessType").ends_with(" The known value is `vnc`; others may come."));
        assert!(described("ErrorCode").ends_with(" Others than the known values may come."));
        let plan = &lenient.schema("CreateServer").unwrap()["properties"]["plan"];
        assert!(plan["description"].as_str().unwrap().ends_with(" The default is `custom`."));
    }
}
