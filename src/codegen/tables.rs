//! What the description tells beside the types: the open enums, the keys of the list envelopes, what each error code
//! means and which operations there are.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;
use syn::File;

use super::{
    docs,
    fault::Fault,
    lower::Facts,
    names::{variant, variants},
    spec::{Spec, meaning, referred, texts},
};

/// All tables as one source file.
pub fn all(spec: &Spec, facts: &Facts) -> Result<File, Fault> {
    let enums = facts.enums.iter().map(|(name, schema)| open_enum(name, schema));
    let keys = keys(facts);
    let codes = error_codes(spec);
    let operations = operations(spec);
    let facts = facts_of_codes_and_operations();
    let sensitive = sensitive(spec);
    syn::parse2(quote! { #(#enums)* #keys #facts #codes #operations #sensitive }).map_err(|e| Fault {
        line: 1,
        pointer: "#/components/schemas".to_owned(),
        sentence: format!("the generated tables are no Rust: {e}"),
    })
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn sections(value: &Value) -> String {
    let sections: Vec<String> = texts(value.get("x-section")).map(|s| format!("*{s}*")).collect();
    format!(" Documentation: {}.", sections.join(", "))
}

fn open_enum(name: &str, schema: &Value) -> TokenStream {
    let ident = format_ident!("{name}");
    let description = format!(" {}", text(schema, "description"));
    let source = sections(schema);
    let variants = variants(schema).map(|(value, name)| {
        let value = value.as_str().unwrap_or_default();
        let ident = format_ident!("{name}");
        let described = format!(" {}", meaning(schema, value).unwrap_or_default());
        quote! { #[doc = #described] #ident = #value, }
    });
    quote! {
        crate::open_enum::open_enum! {
            #[doc = #description]
            #[doc = ""]
            #[doc = #source]
            pub enum #ident { #(#variants)* }
        }
    }
}

fn keys(facts: &Facts) -> TokenStream {
    let keys: BTreeSet<&str> = facts.fields.values().filter_map(|field| field.envelope.as_deref()).collect();
    let keys = keys.into_iter().map(|key| {
        let ident = format_ident!("{}", variant(key));
        let doc = format!(" Lists travel as `{{\"{key}\": [..]}}`.");
        quote! {
            #[doc = #doc]
            #[derive(Debug)]
            pub enum #ident {}
            impl crate::wire::Key for #ident {
                const KEY: &'static str = #key;
            }
        }
    });
    quote! {
        /// The keys of the envelopes around lists.
        pub(crate) mod key { #(#keys)* }
    }
}

fn facts_of_codes_and_operations() -> TokenStream {
    quote! {
        /// What the description tells of a code.
        #[derive(Debug)]
        pub(crate) struct CodeFacts {
            pub(crate) kind: ErrorKind,
            pub(crate) attribute: Option<&'static str>,
            pub(crate) description: &'static str,
            pub(crate) waiting_may_help: bool,
            pub(crate) passing_states: &'static [&'static str],
            pub(crate) needs_stop: bool,
            pub(crate) rows: &'static [(Operation, u16)],
        }

        /// What the description tells of an operation.
        #[derive(Debug)]
        pub(crate) struct OperationFacts {
            pub(crate) id: &'static str,
            pub(crate) method: &'static str,
            pub(crate) path: &'static str,
            pub(crate) sections: &'static [&'static str],
            pub(crate) idempotency: Idempotency,
        }
    }
}

fn error_codes(spec: &Spec) -> TokenStream {
    let described = spec.schema("ErrorCode").and_then(|s| s.get("x-error-codes")).and_then(Value::as_object);
    let mut documented: BTreeMap<&str, Vec<TokenStream>> = BTreeMap::new();
    for operation in spec.operations() {
        let ident = format_ident!("{}", variant(operation.id()));
        for (status, code) in operation.error_rows() {
            documented.entry(code).or_default().push(quote!((Operation::#ident, #status)));
        }
    }
    let arms = described.into_iter().flatten().map(|(code, facts)| {
        let ident = format_ident!("{}", variant(code));
        let kind = format_ident!("{}", variant(text(facts, "kind")));
        let description = text(facts, "description");
        let attribute = facts.get("attribute").and_then(Value::as_str);
        let attribute = attribute.map_or(quote!(None), |attribute| quote!(Some(#attribute)));
        let waiting = facts.get("wait") == Some(&Value::Bool(true));
        let stop = facts.get("stop") == Some(&Value::Bool(true));
        let passing = texts(facts.get("passing"));
        let rows = documented.get(code.as_str()).into_iter().flatten();
        quote! {
            ErrorCode::#ident => &CodeFacts {
                kind: ErrorKind::#kind,
                attribute: #attribute,
                description: #description,
                waiting_may_help: #waiting,
                passing_states: &[#(#passing),*],
                needs_stop: #stop,
                rows: &[#(#rows),*],
            },
        }
    });
    quote! {
        impl ErrorCode {
            /// What the description tells of a code that it knows.
            pub(crate) fn facts(&self) -> Option<&'static CodeFacts> {
                Some(match self {
                    #(#arms)*
                    ErrorCode::Unknown(_) => return None,
                })
            }
        }
    }
}

/// The names of attributes that hold secrets.
fn sensitive(spec: &Spec) -> TokenStream {
    let properties = spec.schemas().values().filter_map(|schema| schema.get("properties")?.as_object()).flatten();
    let is_marked = |of: &Value| {
        of.get("x-sensitive") == Some(&Value::Bool(true)) || of.get("format").is_some_and(|format| format == "password")
    };
    let is_sensitive =
        |of: &Value| is_marked(of) || referred(of).and_then(|name| spec.schema(name)).is_some_and(is_marked);
    let names: BTreeSet<&str> = properties.filter(|(_, of)| is_sensitive(of)).map(|(name, _)| name.as_str()).collect();
    let names = names.into_iter();
    quote! {
        /// Whether an attribute of this name holds a secret.
        pub(crate) fn is_sensitive(name: &str) -> bool {
            [#(#names),*].contains(&name)
        }
    }
}

fn operations(spec: &Spec) -> TokenStream {
    let mut variants = Vec::new();
    let mut facts = Vec::new();
    for operation in spec.operations() {
        let id = operation.id();
        let ident = format_ident!("{}", variant(id));
        let method = operation.method.to_ascii_uppercase();
        let path = operation.path;
        let doc = format!(" `{method} {path}`: {}", docs::summary(operation));
        // A word that is none was refused before.
        let idempotency = docs::Idempotency::of(operation).unwrap_or(docs::Idempotency::Creates);
        let idempotency = format_ident!("{}", format!("{idempotency:?}"));
        let sections = texts(operation.object.get("x-section"));
        variants.push(quote! { #[doc = #doc] #ident, });
        facts.push(quote! {
            Operation::#ident => &OperationFacts { id: #id, method: #method, path: #path, sections: &[#(#sections),*], idempotency: Idempotency::#idempotency },
        });
    }
    let idents = spec.operations().map(|o| format_ident!("{}", variant(o.id()))).collect::<Vec<_>>();
    quote! {
        /// The operations of the description.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Operation { #(#variants)* }

        impl Operation {
            /// All of them, in the order of their paths.
            pub const ALL: &'static [Operation] = &[#(Operation::#idents),*];

            /// What the description tells of the operation.
            pub(crate) fn facts(self) -> &'static OperationFacts {
                match self { #(#facts)* }
            }
        }
    }
}
