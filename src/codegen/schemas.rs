//! The JSON Schemas of the components, as implementations of `schemars::JsonSchema` for the types that are made of them.
//!
//! They come from the description and not from a derive on the generated structs. A JSON Schema describes the JSON, and the
//! JSON of a `bool` may be `"yes"` and that of a `Vec` an object; a derive would need every codec described once more, and
//! would still know no pattern, range, default or example. This way the schemas agree with the description by construction,
//! and what is left to test is that serde does what they say (`tests/schemas.rs`).

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use serde_json::{Map, Value, json};
use syn::File;

use super::{
    fault::Fault,
    json_schema,
    lower::Facts,
    spec::{Spec, meaning, referred, texts},
};

/// One implementation for each component, in the order of their names.
pub fn all(spec: &Spec, lowered: &Spec, facts: &Facts) -> Result<File, Fault> {
    let has_type = |name: &str| lowered.schema(name).is_some();
    let place = |name: &str| {
        let ident = format_ident!("{name}");
        if has_type(name) && !facts.enums.contains_key(name) { quote!(types::#ident) } else { quote!(#ident) }
    };
    let plain = spec.schemas().keys().filter(|name| !has_type(name)).map(|name| format_ident!("{name}"));
    let implementations = spec.schemas().iter().map(|(name, schema)| {
        let place_of = place(name);
        let id = format!("upcloud::{name}");
        let members = members(&json_schema(schema), &place);
        quote! {
            #[cfg_attr(docsrs, doc(cfg(feature = "schemars")))]
            impl JsonSchema for #place_of {
                fn schema_name() -> Cow<'static, str> {
                    Cow::Borrowed(#name)
                }
                fn schema_id() -> Cow<'static, str> {
                    Cow::Borrowed(#id)
                }
                fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                    schema(#members)
                }
            }
        }
    });
    let source = quote! {
        /// The JSON Schemas of the components. Those that are a plain value or a list to a caller have a name among the
        /// schemas and no other type than the ones here.
        mod schemas {
            use std::borrow::Cow;

            use schemars::{JsonSchema, Schema, SchemaGenerator};
            use serde_json::Value;

            use super::*;
            use crate::schema::{list, object, reference, schema, text};

            #(#[derive(Debug)] pub(crate) enum #plain {})*
            #(#implementations)*
        }
    };
    syn::parse2(source)
        .map_err(|e| Fault::new(spec, "#/components/schemas", format!("the generated schemas are no Rust: {e}")))
}

/// A schema of `OpenAPI` 3.0 as JSON Schema of draft 2020-12; references stay as they are.
pub fn json_schema(schema: &Value) -> Value {
    json_schema::lower(schema, &mut |of, out| {
        if of.get("x-sensitive").is_some() {
            // The one mark for secrets that tools know. `writeOnly` would be wrong: the API answers with them too.
            out.insert("format".to_owned(), json!("password"));
        }
        // The list is there because OpenAPI 3.0 lets nothing stand beside a `$ref`; JSON Schema does.
        if let Some(all_of) = of.get("allOf").filter(|_| referred(of).is_some()) {
            out.remove("allOf");
            out.insert("$ref".to_owned(), all_of[0]["$ref"].clone());
        }
        describe_values(of, out);
        if of.get("x-open-enum") == Some(&Value::Bool(true))
            && let Some(values) = out.remove("enum")
        {
            // A value of tomorrow is valid, and the known ones can still be offered.
            out.insert("anyOf".to_owned(), json!([{"enum": values}, {"type": "string"}]));
        }
    })
}

/// What each value means goes into the description, where every viewer shows it.
fn describe_values(schema: &Value, out: &mut Map<String, Value>) {
    let meanings: Vec<String> = texts(schema.get("enum"))
        .filter_map(|value| Some(format!("* `{value}`: {}", meaning(schema, value)?)))
        .collect();
    if let Some(Value::String(description)) = out.get_mut("description").filter(|_| !meanings.is_empty()) {
        *description = format!("{description}\n\n{}", meanings.join("\n"));
    }
}

/// The expression of the members of a schema.
fn members(schema: &Value, place: &impl Fn(&str) -> TokenStream) -> TokenStream {
    let members = schema.as_object().into_iter().flatten().filter(|(key, _)| *key != "$ref").map(|(key, of)| {
        let of = value(of, place);
        quote!((#key, #of))
    });
    quote!([#(#members),*])
}

fn value(json: &Value, place: &impl Fn(&str) -> TokenStream) -> TokenStream {
    match json {
        Value::Null => quote!(Value::Null),
        Value::Bool(value) => quote!(Value::from(#value)),
        Value::Number(number) => {
            let number = match (number.as_u64(), number.as_i64()) {
                (Some(number), _) => Literal::u64_suffixed(number),
                (None, Some(number)) => Literal::i64_suffixed(number),
                (None, None) => Literal::f64_suffixed(number.as_f64().unwrap_or_default()),
            };
            quote!(Value::from(#number))
        }
        Value::String(of) => quote!(text(#of)),
        Value::Array(items) => {
            let items = items.iter().map(|item| value(item, place));
            quote!(list([#(#items),*]))
        }
        Value::Object(_) => {
            let members = members(json, place);
            let Some(to) = referred(json).map(place) else { return quote!(object(#members)) };
            quote!(reference::<#to>(generator, #members))
        }
    }
}
