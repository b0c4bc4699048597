//! The JSON Schemas of the types that are written by hand, and what the generated ones are put together with. All others
//! come from `openapi.yaml` by `src/codegen/schemas.rs`; `src/schema.md` tells users about them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

use crate::wire::{Extra, Secret};

/// The schema with these keywords.
pub(crate) fn schema<const N: usize>(keywords: [(&str, Value); N]) -> Schema {
    members(keywords).into()
}

/// The schema of `T` by its name, with what the place that refers to it says of it.
pub(crate) fn reference<T: JsonSchema>(
    generator: &mut SchemaGenerator,
    beside: impl IntoIterator<Item = (&'static str, Value)>,
) -> Value {
    let mut schema = generator.subschema_for::<T>();
    for (keyword, value) in beside {
        schema.insert(keyword.to_owned(), value);
    }
    schema.to_value()
}

pub(crate) fn object<const N: usize>(of: [(&str, Value); N]) -> Value {
    members(of).into()
}

pub(crate) fn list<const N: usize>(items: [Value; N]) -> Value {
    Value::Array(items.into())
}

pub(crate) fn text(text: &str) -> Value {
    text.into()
}

fn members<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A text with the format `password`, so that no tool shows it in clear.
#[cfg_attr(docsrs, doc(cfg(feature = "schemars")))]
impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Secret")
    }

    fn schema_id() -> Cow<'static, str> {
        Cow::Borrowed("upcloud::Secret")
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "format": "password", "description": "Text that must not reach a log."})
    }
}

/// Any members, as a map of them has it.
#[cfg_attr(docsrs, doc(cfg(feature = "schemars")))]
impl JsonSchema for Extra {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Extra")
    }

    fn schema_id() -> Cow<'static, str> {
        Cow::Borrowed("upcloud::Extra")
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Map::<String, Value>::json_schema(generator)
    }
}
