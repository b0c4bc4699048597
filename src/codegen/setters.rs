//! The setters of requests: one for each attribute that may be left out, with what the description says of it. Those that
//! do more than set are written by hand, and named here.

use std::collections::{BTreeMap, BTreeSet};

use quote::{format_ident, quote};
use serde_json::Value;
use syn::{Field, Item, ItemStruct, Type, parse_quote};

use super::{
    fault::Fault,
    lower::Facts,
    names,
    polish::{inner, is_extra, last_segment, rename},
    spec::{Spec, referred},
};

/// Written by hand, because they have a better type or set two attributes that go together.
pub const BY_HAND: [(&str, &str); 8] = [
    ("CreateServer", "boot_order"),
    ("CreateServer", "core_number"),
    ("CreateServer", "memory_amount"),
    ("CreateServer", "simple_backup"),
    ("ModifyServer", "boot_order"),
    ("ModifyServer", "core_number"),
    ("ModifyServer", "memory_amount"),
    ("ModifyServer", "simple_backup"),
];

/// Called better than the attribute: it is no word of Rust, or its setter reads better without a part of it.
pub const RENAMED: [(&str, &str, &str); 4] = [
    ("CreateServer", "remote_access_enabled", "remote_access"),
    ("ModifyServer", "remote_access_enabled", "remote_access"),
    ("CreateStorageDevice", "type", "device_type"),
    ("LoginUser", "create_password", "password"),
];

/// Required, but made from something else by the ways to begin, so that it has a setter all the same.
const ALSO_REQUIRED: [(&str, &str); 1] = [("CreateServer", "title")];

/// The error codes that an attribute of a request can be answered with, by schema and property.
pub type Codes = BTreeMap<(String, String), BTreeSet<String>>;

/// What `ErrorCode` tells of attributes, as far as it is plain which schema of the body is meant.
pub fn codes(spec: &Spec) -> Codes {
    let meanings = spec.schema("ErrorCode").and_then(|schema| schema.get("x-error-codes"));
    let attribute = |code: &str| meanings?.get(code)?.get("attribute")?.as_str();
    let mut codes = Codes::new();
    for operation in spec.operations() {
        let body = operation.object.get("requestBody").and_then(|of| of.pointer("/content/application~1json/schema"));
        let Some(body) = body.and_then(referred) else { continue };
        let parts = spec.reached([body.to_owned()]);
        for (_, code) in operation.error_rows() {
            let Some(attribute) = attribute(code) else { continue };
            let has =
                |name: &&String| spec.schema(name).is_some_and(|schema| schema["properties"].get(attribute).is_some());
            let mut owners = parts.iter().filter(has);
            if let (Some(owner), None) = (owners.next(), owners.next()) {
                codes.entry((owner.clone(), attribute.to_owned())).or_default().insert(code.to_owned());
            }
        }
    }
    codes
}

/// A list above that names what is not there would be believed for ever.
pub fn check(spec: &Spec, facts: &Facts) -> Result<(), Fault> {
    let optional = BY_HAND.iter().copied().chain(RENAMED.map(|(schema, property, _)| (schema, property)));
    let all = optional.map(|of| (of, false)).chain(ALSO_REQUIRED.map(|of| (of, true)));
    for ((schema, property), required) in all {
        let place = format!("#/components/schemas/{schema}/properties/{property}");
        let is_there = facts.requests.contains(schema) && spec.resolve(&place).is_some();
        let is_required = facts.required.get(schema).is_some_and(|of| of.iter().any(|name| name == property));
        if !is_there || is_required != required {
            let kind = if required { "a required" } else { "an optional" };
            let sentence = format!(
                "src/codegen/setters.rs speaks of {property} of {schema}, which is not {kind} attribute of a request"
            );
            return Err(Fault::new(spec, &place, sentence));
        }
    }
    Ok(())
}

/// The name of the setter of an attribute; `None` where it is written by hand.
fn method(schema: &str, property: &str, field: &syn::Ident) -> Option<syn::Ident> {
    if BY_HAND.contains(&(schema, property)) {
        return None;
    }
    let renamed = RENAMED.iter().find(|(of, name, _)| (*of, *name) == (schema, property));
    Some(renamed.map_or_else(|| field.clone(), |(_, _, method)| format_ident!("{method}")))
}

/// The setters of one type.
pub fn all(item: &ItemStruct, codes: &Codes) -> Option<Item> {
    let name = &item.ident;
    let schema = name.to_string();
    let mut setters = Vec::new();
    for field in &item.fields {
        let Some(ident) = &field.ident else { continue };
        if is_extra(field) {
            setters.push(quote! {
                /// Sends an attribute that this version of the crate does not know, as it is. Not for attributes with a
                /// setter of their own, which would be sent twice.
                #[must_use]
                pub fn field(
                    mut self,
                    name: impl ::std::convert::Into<::std::string::String>,
                    value: impl ::std::convert::Into<::serde_json::Value>,
                ) -> Self {
                    self.extra.insert(name.into(), value.into());
                    self
                }
            });
            continue;
        }
        let property = rename(field).unwrap_or_else(|| ident.to_string());
        let of = inner(&field.ty, "Option");
        let ty = match of {
            Some(ty) => ty,
            None if ALSO_REQUIRED.contains(&(&schema, &property)) => &field.ty,
            None => continue,
        };
        let Some(method) = method(&schema, &property, ident) else { continue };
        let (argument, value) = argument(ty);
        let value = if of.is_some() { quote!(::std::option::Option::Some(#value)) } else { value };
        let docs = documentation(field, inner(ty, "Vec").is_some(), codes.get(&(schema.clone(), property)));
        setters.push(quote! {
            #(#docs)*
            #[must_use]
            pub fn #method(mut self, value: #argument) -> Self {
                self.#ident = #value;
                self
            }
        });
    }
    (!setters.is_empty()).then(|| parse_quote! { impl #name { #(#setters)* } })
}

/// The type of the argument, and the value made of it.
fn argument(ty: &Type) -> (proc_macro2::TokenStream, proc_macro2::TokenStream) {
    if let Some(element) = inner(ty, "Vec") {
        let converts = matches!(last_segment(element).as_deref(), Some("String" | "LabelInput"));
        return if converts {
            (
                quote!(impl ::std::iter::IntoIterator<Item = impl ::std::convert::Into<#element>>),
                quote!(value.into_iter().map(::std::convert::Into::into).collect()),
            )
        } else {
            (quote!(impl ::std::iter::IntoIterator<Item = #element>), quote!(value.into_iter().collect()))
        };
    }
    if matches!(last_segment(ty).as_deref(), Some("String" | "Secret")) {
        return (quote!(impl ::std::convert::Into<#ty>), quote!(value.into()));
    }
    (quote!(#ty), quote!(value))
}

fn documentation(field: &Field, is_list: bool, codes: Option<&BTreeSet<String>>) -> Vec<syn::Attribute> {
    let mut docs: Vec<syn::Attribute> = field.attrs.iter().filter(|a| a.path().is_ident("doc")).cloned().collect();
    let mut add = |text: String| {
        docs.push(parse_quote!(#[doc = ""]));
        docs.push(parse_quote!(#[doc = #text]));
    };
    if is_list {
        add(" The whole list: it takes the place of what was set before.".to_owned());
    }
    if let Some(codes) = codes {
        let links: Vec<String> = codes
            .iter()
            .map(|code| names::variant(code))
            .map(|variant| format!("[`{variant}`](crate::ErrorCode::{variant})"))
            .collect();
        add(format!(" Error codes about it: {}.", links.join(", ")));
    }
    docs
}

/// The schemas and their properties that must have a setter, for tests: with the name of the method where it is generated.
#[allow(dead_code, reason = "for tests")]
pub fn wanted(spec: &Spec) -> Vec<(String, String, Option<String>)> {
    let bodies = spec.operations().filter_map(|operation| {
        let body = operation.object.get("requestBody")?.pointer("/content/application~1json/schema")?;
        referred(body).map(str::to_owned)
    });
    let mut wanted = Vec::new();
    for schema in spec.reached(bodies) {
        let Some(of) = spec.schema(&schema) else { continue };
        let required: Vec<&str> = super::spec::texts(of.get("required")).collect();
        let properties = of.get("properties").and_then(Value::as_object).into_iter().flatten();
        for (property, _) in properties.filter(|(property, _)| !required.contains(&property.as_str())) {
            let field = if property == "type" { "type_" } else { property };
            let method = method(&schema, property, &format_ident!("{field}"));
            wanted.push((schema.clone(), property.clone(), method.map(|method| method.to_string())));
        }
    }
    wanted
}
