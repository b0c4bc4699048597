//! The generated syntax tree as a caller should see it: plain types with a codec where the wire is not plain (those of
//! answers in `reading.rs`), unknown members kept, structs that may grow, documentation without the schema dumps.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Attribute, Expr, Field, File, GenericArgument, Item, ItemStruct, Lit, Meta, PathArguments, Type, parse_quote,
};

use super::{
    fault::Fault,
    lower::{Facts, Field as Travel},
    reading, requests,
    setters::{self, Codes},
};

/// All of it; ends with a fault when something that must be polished was not found.
pub fn all(tokens: TokenStream, facts: &Facts, codes: &Codes) -> Result<File, Fault> {
    let broken = |sentence: String| Fault { line: 1, pointer: "#/components/schemas".to_owned(), sentence };
    let mut file: File = syn::parse2(tokens).map_err(|e| broken(format!("the generated client is no Rust: {e}")))?;
    requests::polish(&mut file).map_err(|sentence| broken(sentence.to_owned()))?;
    let mut found = BTreeSet::new();
    if let Some(items) = types(&mut file) {
        let structs = items.iter().filter_map(named_struct).map(|item| item.ident.to_string()).collect();
        let mut more = Vec::new();
        for item in items.iter_mut() {
            documentation(item);
            let Item::Struct(item) = item else { continue };
            if !matches!(item.fields, syn::Fields::Named(_)) {
                continue;
            }
            let is_request = facts.requests.contains(&item.ident.to_string());
            polish_struct(item, facts, is_request, &mut found)?;
            if is_request {
                let none = Vec::new();
                more.push(of_request(item, facts.required.get(&item.ident.to_string()).unwrap_or(&none)));
                more.extend(setters::all(item, codes));
            } else {
                more.extend(reading::polish(item, facts, &structs)?);
            }
        }
        more.extend(summaries(items)?);
        items.extend(more);
    }
    for (schema, property) in facts.fields.keys() {
        if !found.contains(&(schema.clone(), property.clone())) {
            let place = format!("#/components/schemas/{schema}/properties/{property}");
            let sentence = "the generator made no field of this property, so its codec has no place".to_owned();
            return Err(Fault { line: 1, pointer: place, sentence });
        }
    }
    Ok(file)
}

/// A schema named `...Summary` is what lists tell of the thing without that word, so the one can be made of the other.
fn summaries(items: &[Item]) -> Result<Vec<Item>, Fault> {
    let structs: Vec<&ItemStruct> = items.iter().filter_map(named_struct).collect();
    let names = |item: &ItemStruct| item.fields.iter().filter_map(|field| field.ident.clone()).collect::<Vec<_>>();
    let mut conversions = Vec::new();
    for item in &structs {
        let summary = &item.ident;
        let Some(whole) = summary.to_string().strip_suffix("Summary").map(|name| quote::format_ident!("{name}")) else {
            continue;
        };
        let known = structs.iter().find(|other| other.ident == whole).map(|other| names(other)).unwrap_or_default();
        let fields = names(item);
        if let Some(missing) = fields.iter().find(|field| !known.contains(field)) {
            let pointer = format!("#/components/schemas/{summary}/properties/{missing}");
            let sentence = format!("{missing} is no property of {whole}, of which {summary} tells a part");
            return Err(Fault { line: 1, pointer, sentence });
        }
        let doc = format!(" What a list tells of a [`{whole}`] of which all is known.");
        conversions.push(parse_quote! {
            #[doc = #doc]
            impl ::std::convert::From<#whole> for #summary {
                fn from(whole: #whole) -> Self {
                    Self { #(#fields: whole.#fields),* }
                }
            }
        });
    }
    Ok(conversions)
}

/// Takes the module of the types out, for it belongs to another layer than the client.
pub fn split_types(file: &mut File) -> File {
    let is_types = |item: &Item| matches!(item, Item::Mod(module) if module.ident == "types");
    let (items, rest) = std::mem::take(&mut file.items).into_iter().partition(is_types);
    let types = File { items, ..file.clone() };
    file.items = rest;
    types
}

/// The items of the module of the types.
pub fn types(file: &mut File) -> Option<&mut Vec<Item>> {
    let module = file.items.iter_mut().find_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_mut(),
        _ => None,
    });
    module.map(|(_, items)| items)
}

fn named_struct(item: &Item) -> Option<&ItemStruct> {
    match item {
        Item::Struct(item) if matches!(item.fields, syn::Fields::Named(_)) => Some(item),
        _ => None,
    }
}

/// Types of requests can be made outside of this crate although they may grow: from what is required.
fn of_request(item: &ItemStruct, required: &[String]) -> Item {
    let is_optional = |field: &&Field| inner(&field.ty, "Option").is_some() || is_extra(field);
    let (optional, set): (Vec<&Field>, Vec<&Field>) = item.fields.iter().partition(is_optional);
    let set = set.into_iter().filter_map(|field| {
        let ident = field.ident.as_ref()?;
        let property = rename(field).unwrap_or_else(|| ident.to_string());
        Some(Argument { field: ident, ty: &field.ty, property, into: is_text(&field.ty) })
    });
    let rest: Vec<&syn::Ident> = optional.into_iter().filter_map(|field| field.ident.as_ref()).collect();
    constructor(&item.ident, set.collect(), &rest, required, " With what is required, and nothing else set.")
}

/// What a constructor is given.
pub struct Argument<'a> {
    pub field: &'a syn::Ident,
    pub ty: &'a Type,
    pub property: String,
    /// Whether it takes what can be made into the type.
    pub into: bool,
}

/// `new` from what is set, in the order of the description, with the rest at its default; `Default` if nothing is.
pub fn constructor(
    name: &syn::Ident,
    mut set: Vec<Argument<'_>>,
    rest: &[&syn::Ident],
    required: &[String],
    doc: &str,
) -> Item {
    set.sort_by_key(|argument| required.iter().position(|name| *name == argument.property));
    let named = set.iter().map(
        |Argument { field, into, .. }| {
            if *into { quote!(#field: #field.into()) } else { quote!(#field) }
        },
    );
    let make = quote! { Self { #(#named,)* #(#rest: ::std::default::Default::default(),)* } };
    if set.is_empty() {
        return parse_quote! {
            impl ::std::default::Default for #name {
                fn default() -> Self { #make }
            }
        };
    }
    let arguments =
        set.iter().map(
            |Argument { field, ty, into, .. }| {
                if *into { quote!(#field: impl ::std::convert::Into<#ty>) } else { quote!(#field: #ty) }
            },
        );
    parse_quote! {
        impl #name {
            #[doc = #doc]
            #[must_use]
            pub fn new(#(#arguments),*) -> Self { #make }
        }
    }
}

/// Whether it is a text without a form.
pub fn is_text(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|name| name == "String")
}

/// Whether the field holds what this version does not know.
pub fn is_extra(field: &Field) -> bool {
    field.ident.as_ref().is_some_and(|ident| ident == "extra") && last_segment(&field.ty).as_deref() == Some("Extra")
}

/// Typify appends the JSON schema to every type; it is the lowered one and says nothing true about the wire.
fn documentation(item: &mut Item) {
    let attributes = match item {
        Item::Struct(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        _ => return,
    };
    for attribute in attributes {
        if let Meta::NameValue(meta) = &mut attribute.meta
            && let Expr::Lit(expression) = &mut meta.value
            && let Lit::Str(text) = &mut expression.lit
            && let Some((before, _)) = text.value().split_once("<details>")
        {
            *text = syn::LitStr::new(before.trim_end(), text.span());
        }
    }
}

fn polish_struct(
    item: &mut ItemStruct,
    facts: &Facts,
    is_request: bool,
    found: &mut BTreeSet<(String, String)>,
) -> Result<(), Fault> {
    let schema = item.ident.to_string();
    item.attrs.push(parse_quote!(#[non_exhaustive]));
    secrets_documentation(item);
    for field in &mut item.fields {
        let Some(ident) = &field.ident else { continue };
        let is_extra = field
            .attrs
            .iter()
            .any(|a| a.path().is_ident("serde") && a.to_token_stream().to_string().contains("flatten"));
        if is_extra {
            field.ty = parse_quote!(crate::wire::Extra);
            if is_request {
                // `field` is the one way to send what is not known.
                field.vis = parse_quote!(pub(crate));
            }
            field.attrs.retain(|a| !a.path().is_ident("doc"));
            let doc = if is_request {
                " Members that this version of the crate does not know, sent as they are."
            } else {
                " Members that this version of the crate does not know, and known ones that it could not read, kept as they came."
            };
            field.attrs.push(parse_quote!(#[doc = #doc]));
            continue;
        }
        let property = rename(field).unwrap_or_else(|| ident.to_string());
        let key = (schema.clone(), property.clone());
        let travel = facts.fields.get(&key).cloned().unwrap_or_default();
        found.insert(key);
        if !is_request {
            continue;
        }
        set_codec(field, &property, &travel).ok_or_else(|| {
            let (ty, codec) = (field.ty.to_token_stream(), travel.codec.unwrap_or("of a list"));
            let pointer = format!("#/components/schemas/{schema}/properties/{property}");
            Fault { line: 1, pointer, sentence: format!("the codec {codec} cannot carry the generated type {ty}") }
        })?;
    }
    Ok(())
}

/// What the description cannot know: how Rust writes the secrets of a type.
fn secrets_documentation(item: &mut ItemStruct) {
    let is_secret = |field: &&Field| {
        let ty = inner(&field.ty, "Option").unwrap_or(&field.ty);
        last_segment(ty).as_deref() == Some("Secret")
    };
    let names = item.fields.iter().filter(is_secret).filter_map(|field| Some(format!("`{}`", field.ident.as_ref()?)));
    let names = names.collect::<Vec<_>>().join(" and ");
    if names.is_empty() {
        return;
    }
    let text = format!(
        " `Debug` and `Serialize` write `[redacted]` for {names}, so an answer of a web service that holds one gives no \
         secret away; [`Exposed`](crate::types::Exposed) writes the text. What is in `extra` is serialized as it came, unless its \
         name tells of a secret."
    );
    item.attrs.push(parse_quote!(#[doc = ""]));
    item.attrs.push(parse_quote!(#[doc = #text]));
}

/// The name of the property, where that of the field is another.
pub fn rename(field: &Field) -> Option<String> {
    let mut name = None;
    for attribute in field.attrs.iter().filter(|a| a.path().is_ident("serde")) {
        // Other keys with values would end the parsing early, and typify puts `rename` first.
        let _ = attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename") {
                name = Some(meta.value()?.parse::<syn::LitStr>()?.value());
            }
            Ok(())
        });
    }
    name
}

/// Replaces the serde attributes of a field by ours; `None` where type and codec do not fit.
fn set_codec(field: &mut Field, property: &str, travel: &Travel) -> Option<()> {
    let optional = inner(&field.ty, "Option");
    let (codec, plain) = codec(&field.ty, travel)?;
    let is_list = inner(&field.ty, "Vec").is_some();
    let name = field.ident.as_ref()?.to_string();

    let mut keys: Vec<TokenStream> = Vec::new();
    if name != property {
        keys.push(quote!(rename = #property));
    }
    if optional.is_some() || is_list {
        keys.push(quote!(default));
    }
    if optional.is_some() {
        keys.push(quote!(skip_serializing_if = "::std::option::Option::is_none"));
    }
    if !plain {
        let with = format!("crate::wire::As::<{codec}>");
        keys.push(quote!(with = #with));
    }
    field.attrs.retain(|a: &Attribute| !a.path().is_ident("serde"));
    if !keys.is_empty() {
        field.attrs.push(parse_quote!(#[serde(#(#keys),*)]));
    }
    Some(())
}

/// The codec for a type, and whether serde's own would do the same.
fn codec(ty: &Type, travel: &Travel) -> Option<(String, bool)> {
    if let Some(of) = inner(ty, "Option") {
        let (codec, plain) = codec(of, travel)?;
        return Some((format!("::std::option::Option<{codec}>"), plain));
    }
    if let Some(of) = inner(ty, "Vec") {
        let (codec, _) = scalar(of, travel.codec)?;
        let codec = match &travel.envelope {
            Some(key) => {
                format!("crate::wire::Envelope<crate::model::key::{}, {codec}>", super::names::variant(key))
            }
            None => format!("crate::wire::Bare<{codec}>"),
        };
        return Some((codec, false));
    }
    (travel.envelope.is_none()).then(|| scalar(ty, travel.codec))?
}

fn scalar(ty: &Type, codec: Option<&'static str>) -> Option<(String, bool)> {
    let name = last_segment(ty)?;
    let fits = match codec {
        Some("YesNo" | "OnOff" | "ZeroOne") => name == "bool",
        Some("NumberText") => matches!(name.as_str(), "u64" | "u32" | "u16" | "i64"),
        Some("Identifier") => name == "Uuid",
        Some(_) => false,
        None => true,
    };
    let codec = codec.unwrap_or(match name.as_str() {
        "String" => "Text",
        "bool" => "Flag",
        "u64" | "u32" | "u16" | "i64" | "f64" => "Number",
        _ => "Same",
    });
    fits.then(|| (format!("crate::wire::{codec}"), codec == "Same"))
}

/// The type inside this one: `T` of `Option<T>`.
pub fn inner<'a>(ty: &'a Type, outer: &str) -> Option<&'a Type> {
    let Type::Path(path) = ty else { return None };
    let segment = path.path.segments.last().filter(|s| s.ident == outer)?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// The name of a type without its path.
pub fn last_segment(ty: &Type) -> Option<String> {
    let Type::Path(path) = ty else { return None };
    path.path.segments.last().map(|segment| segment.ident.to_string())
}
