//! Lists that the tests of this crate go through, so that a new type or answer is tried without being named there.

use std::{collections::BTreeSet, fmt::Write as _};

use syn::{File, Item, ItemStruct};

use super::{
    lower::Facts,
    polish::{last_segment, types},
    spec::{Spec, referred, walk},
};

/// The types that have a JSON form: what a macro `models` of the tests takes.
pub fn models(client: &mut File, facts: &Facts) -> String {
    let structs = types(client).into_iter().flatten().filter_map(|item| match item {
        Item::Struct(item) => Some(item.ident.to_string()),
        _ => None,
    });
    let names: BTreeSet<String> = structs.chain(facts.enums.keys().cloned()).collect();
    format!("models! {{ {} }}\n", names.into_iter().collect::<Vec<_>>().join(" "))
}

/// Reads an answer as the type of its schema: the arms of a match over its name, which call `read` and `left_out` of the tests.
pub fn answers(spec: &Spec, client: &mut File) -> String {
    let mut schemas = BTreeSet::new();
    walk(spec.document(), "#", &mut |pointer, object| {
        let is_answer =
            pointer.contains("/responses/") && pointer.contains("/content/") && !pointer.contains("/example");
        schemas.extend(object.get("schema").filter(|_| is_answer).and_then(referred).map(str::to_owned));
    });
    let items: Vec<&ItemStruct> = types(client).into_iter().flatten().filter_map(|item| named_struct(item)).collect();
    let mut text = "match schema {\n".to_owned();
    for schema in schemas {
        let Some(item) = items.iter().find(|item| item.ident == schema) else { continue };
        let list = item.fields.iter().find(|field| last_segment(&field.ty).is_some_and(|name| name == "List"));
        let left_out = match list.and_then(|field| field.ident.as_ref()) {
            Some(member) => format!("|answer| left_out(&answer.{member})"),
            None => "|_| Vec::new()".to_owned(),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "    {schema:?} => read::<types::{schema}>(answer, {left_out}),");
    }
    text + "    other => panic!(\"no type is tried for {other}\"),\n}\n"
}

fn named_struct(item: &Item) -> Option<&ItemStruct> {
    match item {
        Item::Struct(item) if matches!(item.fields, syn::Fields::Named(_)) => Some(item),
        _ => None,
    }
}
