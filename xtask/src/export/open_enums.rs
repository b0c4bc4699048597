//! The flavour for strict generators. An enum with `x-open-enum` becomes a plain string that lists its known values in
//! `x-extensible-enum` and names them in its description. Of the forms that were tried this is the one that every generator
//! turns into a string that takes any value; `anyOf` of the enum and a string becomes `any` in one Go client and an empty
//! interface in one TypeScript client.
//!
//! The text is edited rather than written anew, so that comments, quotes and order stay and a comparison shows these edits
//! alone.

use serde_json::Value;

use crate::codegen::{
    fault::Fault,
    spec::{Spec, texts},
};

const HEADER: &str = "# The flavour with open enums, made from openapi.yaml by `cargo xtask export`.\n";
const EXPLAINED: &str =
    "    * `x-extensible-enum`: the known values of a string that may have others (in this flavour only).";

/// Longer lists stay out of descriptions, which generators repeat at each use.
const MOST_TO_NAME: usize = 8;

/// The whole flavour.
pub(crate) fn text(spec: &Spec) -> String {
    let mut lines: Vec<String> = spec.text().lines().map(str::to_owned).collect();
    for (name, schema) in spec.schemas() {
        if schema.get("x-open-enum") != Some(&Value::Bool(true)) {
            continue;
        }
        let place = format!("#/components/schemas/{name}");
        let listed = &mut lines[line(spec, &format!("{place}/enum"))];
        *listed = listed.replacen("enum:", "x-extensible-enum:", 1);
        let described = last_line(&lines, line(spec, &format!("{place}/description")));
        lines[described].push_str(&known(schema));
    }
    // The last edit, because lines are found by the numbers of the committed text.
    let explained = last_line(&lines, line(spec, "#/info/description"));
    lines.insert(explained + 1, EXPLAINED.to_owned());
    format!("{HEADER}{}\n", lines.join("\n"))
}

fn known(schema: &Value) -> String {
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
fn line(spec: &Spec, pointer: &str) -> usize {
    Fault::new(spec, pointer, "").line - 1
}

/// The index of the last line of what begins at `first`: whatever follows with a deeper indent belongs to it.
fn last_line(lines: &[String], first: usize) -> usize {
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

    #[test]
    fn it_differs_from_the_description_in_its_open_enums_alone() {
        let closed = Spec::parse(REAL).unwrap();
        let open = Spec::parse(&text(&closed)).unwrap();
        let mut undone = open.document().clone();
        let mut opened = BTreeSet::new();
        for (name, schema) in undone.pointer_mut("/components/schemas").unwrap().as_object_mut().unwrap() {
            let schema = schema.as_object_mut().unwrap();
            if let Some(values) = schema.remove("x-extensible-enum") {
                assert_eq!(schema["type"], "string");
                let more = schema["description"].as_str().unwrap().to_owned();
                let description = closed.schema(name).unwrap()["description"].clone();
                assert!(
                    more.starts_with(description.as_str().unwrap()) && more.ends_with(" may come."),
                    "{name}: {more}"
                );
                schema.extend([("enum".to_owned(), values), ("description".to_owned(), description)]);
                opened.insert(name.clone());
            }
        }
        let info = undone.pointer_mut("/info/description").unwrap();
        *info = info.as_str().unwrap().replacen(&format!("{}\n", EXPLAINED.trim_start()), "", 1).into();
        assert_eq!(&undone, closed.document());
        let marked = closed.schemas().iter().filter(|(_, of)| of.get("x-open-enum").is_some());
        assert_eq!(opened, marked.map(|(name, _)| name.clone()).collect());
    }

    #[test]
    fn known_values_are_named_unless_they_are_many() {
        let open = Spec::parse(&text(&Spec::parse(REAL).unwrap())).unwrap();
        let described = |name: &str| open.schema(name).unwrap()["description"].as_str().unwrap();
        assert!(described("VideoModel").ends_with(" Known values are `vga` and `cirrus`; others may come."));
        assert!(described("RemoteAccessType").ends_with(" The known value is `vnc`; others may come."));
        assert!(described("ErrorCode").ends_with(" Others than the known values may come."));
    }
}
