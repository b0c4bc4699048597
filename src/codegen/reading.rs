//! How answers are read and written: for each schema of an answer its members with their codecs, as an implementation of
//! `wire::AnswerObject`. What to do with a member that is absent or odd is decided in `wire/answer.rs`.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{Field, Item, ItemStruct, Meta, Type, parse_quote};

use super::{
    fault::Fault,
    lower::{Facts, Field as Travel},
    names,
    polish::{Argument, constructor, inner, is_text, last_segment, rename},
};

/// One member of an object.
struct Member<'a> {
    field: &'a syn::Ident,
    ty: Type,
    property: String,
    codec: TokenStream,
    kind: Kind,
}

#[derive(PartialEq)]
enum Kind {
    Optional,
    Plain,
    List,
    Identity,
    /// What a whole answer is about.
    Inner,
    InnerList,
}

/// Takes serde's derive off the struct; what takes its place comes back.
pub fn polish(item: &mut ItemStruct, facts: &Facts, structs: &BTreeSet<String>) -> Result<Vec<Item>, Fault> {
    let schema = item.ident.to_string();
    without_serde(item)?;
    let none = Vec::new();
    let identity = facts.identity.get(&schema).unwrap_or(&none);
    let mut members = Vec::new();
    for field in &mut item.fields {
        let property = rename(field).or_else(|| field.ident.as_ref().map(ToString::to_string)).unwrap_or_default();
        field.attrs.retain(|attribute| !attribute.path().is_ident("serde"));
        let is_identity = identity.contains(&property);
        if is_identity && let Some(of) = inner(&field.ty, "Vec") {
            field.ty = parse_quote!(crate::wire::List<#of>);
        }
        let Some(ident) = field.ident.as_ref().filter(|ident| *ident != "extra") else { continue };
        let travel = facts.fields.get(&(schema.clone(), property.clone())).cloned().unwrap_or_default();
        let (kind, codec) = spelling(field, &travel, is_identity, facts, structs).ok_or_else(|| {
            let pointer = format!("#/components/schemas/{schema}/properties/{property}");
            let (ty, codec) = (field.ty.to_token_stream(), travel.codec.unwrap_or("of an answer"));
            Fault { line: 1, pointer, sentence: format!("the codec {codec} cannot carry the generated type {ty}") }
        })?;
        members.push(Member { field: ident, ty: field.ty.clone(), property, codec, kind });
    }
    let none = Vec::new();
    let required = facts.required.get(&schema).unwrap_or(&none);
    let [read, write] = serde(&item.ident);
    Ok(vec![object(&item.ident, &members), read, write, of_answer(&item.ident, &members, required)])
}

fn without_serde(item: &mut ItemStruct) -> Result<(), Fault> {
    for attribute in item.attrs.iter_mut().filter(|attribute| attribute.path().is_ident("derive")) {
        let mut kept = Vec::new();
        let parsed = attribute.parse_nested_meta(|meta| {
            if !meta.path.segments.last().is_some_and(|last| last.ident == "Serialize" || last.ident == "Deserialize") {
                kept.push(meta.path.to_token_stream());
            }
            Ok(())
        });
        parsed.map_err(|e| Fault {
            line: 1,
            pointer: format!("#/components/schemas/{}", item.ident),
            sentence: format!("the derive of the generated type cannot be read: {e}"),
        })?;
        attribute.meta = Meta::List(parse_quote!(derive(#(#kept),*)));
    }
    Ok(())
}

fn spelling(
    field: &Field,
    travel: &Travel,
    identity: bool,
    facts: &Facts,
    structs: &BTreeSet<String>,
) -> Option<(Kind, TokenStream)> {
    if let Some(of) = inner(&field.ty, "Option") {
        return Some((Kind::Optional, scalar(of, travel, facts, structs)?));
    }
    if let Some(of) = inner(&field.ty, "Vec").or_else(|| inner(&field.ty, "List")) {
        let element = scalar(of, travel, facts, structs)?;
        let codec = if let Some(key) = &travel.envelope {
            let key = format_ident!("{}", names::variant(key));
            quote!(crate::wire::Envelope<crate::model::key::#key, #element>)
        } else {
            quote!(crate::wire::Bare<#element>)
        };
        return Some((if identity { Kind::InnerList } else { Kind::List }, codec));
    }
    let codec = scalar(&field.ty, travel, facts, structs)?;
    let name = last_segment(&field.ty)?;
    let kind = match (identity, name.as_str()) {
        (true, name) if structs.contains(name) => Kind::Inner,
        (true, _) => Kind::Identity,
        (false, name) if name == "String" || facts.enums.contains_key(name) => Kind::Plain,
        (false, _) => return None,
    };
    Some((kind, codec))
}

fn scalar(ty: &Type, travel: &Travel, facts: &Facts, structs: &BTreeSet<String>) -> Option<TokenStream> {
    let name = last_segment(ty)?;
    let codec = match (name.as_str(), travel.codec) {
        ("bool", Some(codec @ ("YesNo" | "OnOff" | "ZeroOne"))) => codec,
        ("bool", None) => "Flag",
        ("u64" | "u32" | "u16" | "i64", Some("NumberText")) => "NumberText",
        ("u64" | "u32" | "u16" | "i64" | "f64", None) => "Number",
        ("Uuid", None | Some("Identifier")) => "Identifier",
        ("String", None) => "Text",
        ("Secret", None) => "Guarded",
        (name, None) if facts.enums.contains_key(name) => "Word",
        (name, None) if structs.contains(name) => "Object",
        (_, None) => "AnyObject",
        (_, Some(_)) => return None,
    };
    let codec = format_ident!("{codec}");
    Some(quote!(crate::wire::#codec))
}

fn object(name: &syn::Ident, members: &[Member<'_>]) -> Item {
    let of = |member: &Member<'_>| matches!(member.kind, Kind::Identity | Kind::Inner | Kind::InnerList);
    let read = |member: &Member<'_>| {
        let Member { field, property, codec, .. } = member;
        let read = match member.kind {
            Kind::Optional => quote!(members.optional::<_, #codec>(#property)),
            Kind::Plain => quote!(members.plain::<_, #codec>(#property)),
            Kind::List => quote!(members.list::<_, #codec>(#property)),
            Kind::Identity => quote!(members.identity::<_, #codec>(#property)?),
            Kind::Inner => quote!(members.inner(#property)?),
            Kind::InnerList => quote!(members.inner_list::<_, #codec>(#property)?),
        };
        quote!(let #field = #read;)
    };
    // What identifies the thing is read first: if that fails, the rest is still in its place.
    let (identity, others): (Vec<_>, Vec<_>) = members.iter().partition(|member| of(member));
    let reads = identity.iter().chain(&others).map(|member| read(member));
    let stay = members.iter().filter(|member| member.kind == Kind::Identity).map(|member| &member.property);
    let fields = members.iter().map(|member| member.field);
    let writes = members.iter().map(|member| {
        let Member { field, property, codec, .. } = member;
        match member.kind {
            Kind::Optional => quote!(members.put_optional::<_, #codec>(#property, self.#field.as_ref());),
            Kind::InnerList => quote!(members.put_inner_list::<_, #codec>(#property, &self.#field);),
            _ => quote!(members.put::<_, #codec>(#property, &self.#field);),
        }
    });
    parse_quote! {
        impl crate::wire::AnswerObject for #name {
            fn read(members: &mut crate::wire::Members) -> ::std::result::Result<Self, crate::wire::Problem> {
                #(#reads)*
                ::std::result::Result::Ok(Self { #(#fields,)* extra: members.rest(&[#(#stay),*]) })
            }

            fn write(&self, members: &mut crate::wire::Written) {
                #(#writes)*
                members.rest(&self.extra);
            }
        }
    }
}

fn serde(name: &syn::Ident) -> [Item; 2] {
    let read = parse_quote! {
        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                crate::wire::deserialize(deserializer)
            }
        }
    };
    let write = parse_quote! {
        impl ::serde::Serialize for #name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                crate::wire::serialize(self, serializer)
            }
        }
    };
    [read, write]
}

/// Answers can be made outside of this crate although they may grow: from what is required, with nothing else set.
fn of_answer(name: &syn::Ident, members: &[Member<'_>], required: &[String]) -> Item {
    let is_set = |member: &&Member<'_>| !matches!(member.kind, Kind::Optional | Kind::List);
    let (set, rest): (Vec<_>, Vec<_>) = members.iter().partition(is_set);
    let set = set.into_iter().map(|member| Argument {
        field: member.field,
        ty: &member.ty,
        property: member.property.clone(),
        into: member.kind == Kind::InnerList || is_text(&member.ty),
    });
    let extra = syn::Ident::new("extra", proc_macro2::Span::call_site());
    let rest: Vec<_> = rest.into_iter().map(|member| member.field).chain([&extra]).collect();
    constructor(
        name,
        set.collect(),
        &rest,
        required,
        " With what is required, and nothing else set; for tests, mostly.",
    )
}
