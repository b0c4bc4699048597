//! The public items of the generated code, one a line, sorted: what a change of the description changes for a Rust user.

use prettyplease::unparse;
use quote::{ToTokens, quote};
use syn::{Attribute, File, Item, ItemEnum, ItemTrait, Path, Signature, Token, Visibility, punctuated::Punctuated};

use crate::codegen::Generated;

const HEAD: &str = "# The public items of the client that build.rs generates from openapi.yaml. Written by `cargo xtask \
                    regenerate`; read the difference before you commit it.\n";

/// The listing of all generated code.
pub(crate) fn of(generated: &Generated) -> syn::Result<String> {
    let mut lines = Vec::new();
    for source in [&generated.types, &generated.client, &generated.calls, &generated.tables] {
        let file: File = syn::parse_str(source)?;
        items_of("", &file.items, &mut lines)?;
    }
    lines.sort();
    lines.dedup();
    Ok(format!("{HEAD}\n{}\n", lines.join("\n")))
}

/// How many items a listing has.
pub(crate) fn items(listing: &str) -> usize {
    listing.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count()
}

/// What makes a line shorter to read.
const SHORT: [(&str, &str); 12] = [
    ("( ", "("),
    (", )", ")"),
    (" )", ")"),
    ("< ", "<"),
    (", >", ">"),
    ("::std::option::Option", "Option"),
    ("::std::string::String", "String"),
    ("::std::vec::Vec", "Vec"),
    ("::std::convert::From", "From"),
    ("::std::default::Default", "Default"),
    ("::serde::", "serde::"),
    ("::uuid::", "uuid::"),
];

/// Adds a line for each public item and its members.
pub(crate) fn items_of(module: &str, items: &[Item], lines: &mut Vec<String>) -> syn::Result<()> {
    for item in items {
        match item {
            Item::Mod(of) if public(&of.vis) => {
                let path = format!("{module}{}::", of.ident);
                items_of(&path, of.content.as_ref().map_or(&[], |(_, items)| items), lines)?;
            }
            Item::Struct(of) if public(&of.vis) => {
                let path = format!("{module}{}", of.ident);
                lines.push(format!("struct {path}{}{}", tidy(&of.generics), traits(&of.attrs)));
                for (n, field) in of.fields.iter().enumerate().filter(|(_, field)| public(&field.vis)) {
                    let name = field.ident.as_ref().map_or_else(|| n.to_string(), ToString::to_string);
                    lines.push(format!("field {path}::{name}: {}", tidy(&field.ty)));
                }
            }
            Item::Enum(of) if public(&of.vis) => enum_of(module, of, lines),
            Item::Macro(of) if of.mac.path.segments.last().is_some_and(|s| s.ident == "open_enum") => {
                enum_of(module, &of.mac.parse_body::<ItemEnum>()?, lines);
            }
            Item::Fn(of) if public(&of.vis) => lines.push(function(module, &of.sig)),
            Item::Use(of) if public(&of.vis) => {
                let place = module.strip_suffix("::").map(|module| format!(" (in {module})")).unwrap_or_default();
                lines.push(format!("use {}{place}", tidy(&of.tree)));
            }
            Item::Const(of) if public(&of.vis) => {
                lines.push(format!("const {module}{}: {}", of.ident, tidy(&of.ty)));
            }
            Item::Type(of) if public(&of.vis) => {
                lines.push(format!("type {module}{}{} = {}", of.ident, tidy(&of.generics), tidy(&of.ty)));
            }
            Item::Trait(of) if public(&of.vis) => trait_of(module, of, lines),
            Item::Impl(of) => {
                let on = tidy(&of.self_ty);
                let module = if on.contains("::") { "" } else { module };
                if let Some((path, _)) = &of.trait_ {
                    let path = tidy(path);
                    lines.push(format!("impl {path} for {module}{on}"));
                    for member in &of.items {
                        if let syn::ImplItem::Type(of) = member {
                            lines.push(format!("type <{module}{on} as {path}>::{} = {}", of.ident, tidy(&of.ty)));
                        }
                    }
                    continue;
                }
                for member in &of.items {
                    match member {
                        syn::ImplItem::Fn(f) if public(&f.vis) => {
                            lines.push(function(&format!("{module}{on}::"), &f.sig));
                        }
                        syn::ImplItem::Const(c) if public(&c.vis) => {
                            lines.push(format!("const {module}{on}::{}: {}", c.ident, tidy(&c.ty)));
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn enum_of(module: &str, of: &ItemEnum, lines: &mut Vec<String>) {
    let path = format!("{module}{}", of.ident);
    lines.push(format!("enum {path}{}", traits(&of.attrs)));
    for variant in &of.variants {
        let value = variant.discriminant.as_ref().map(|(_, value)| format!(" = {}", tidy(value))).unwrap_or_default();
        lines.push(format!("variant {path}::{}{}{value}", variant.ident, tidy(&variant.fields)));
    }
}

fn trait_of(module: &str, of: &ItemTrait, lines: &mut Vec<String>) {
    let path = format!("{module}{}", of.ident);
    // A list of bounds alone is read as the type of an object.
    let bounds = |of: &dyn ToTokens| tidy(&of.to_token_stream()).trim_start_matches("dyn ").to_owned();
    let above = if of.supertraits.is_empty() { String::new() } else { format!(": {}", bounds(&of.supertraits)) };
    lines.push(format!("trait {path}{}{above}", tidy(&of.generics)));
    for member in &of.items {
        match member {
            syn::TraitItem::Fn(of) if hidden(&of.attrs) => {}
            syn::TraitItem::Fn(of) => lines.push(function(&format!("{path}::"), &of.sig)),
            syn::TraitItem::Type(of) if !hidden(&of.attrs) => {
                lines.push(format!("type {path}::{}: {}", of.ident, bounds(&of.bounds)));
            }
            syn::TraitItem::Const(of) if !hidden(&of.attrs) => {
                lines.push(format!("const {path}::{}: {}", of.ident, tidy(&of.ty)));
            }
            _ => {}
        }
    }
}

fn function(path: &str, signature: &Signature) -> String {
    let text = tidy(signature);
    let (qualifiers, rest) = text.split_once("fn ").unwrap_or(("", &text));
    format!("fn {path}{rest}{}", if qualifiers.contains("async") { " (async)" } else { "" })
}

/// Whether the documentation leaves an item out, so that it is promised to nobody.
fn hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|a| a.path().is_ident("doc") && a.parse_args::<syn::Ident>().is_ok_and(|of| of == "hidden"))
}

fn public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// The derived traits, and whether callers can build it with a literal.
fn traits(attributes: &[Attribute]) -> String {
    let mut traits: Vec<String> = attributes
        .iter()
        .filter(|a| a.path().is_ident("derive"))
        .filter_map(|a| a.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated).ok())
        .flat_map(|paths| paths.iter().map(tidy).collect::<Vec<_>>())
        .collect();
    traits.sort();
    let mut text = if traits.is_empty() { String::new() } else { format!(": {}", traits.join(", ")) };
    if attributes.iter().any(|a| a.path().is_ident("non_exhaustive")) {
        text.push_str("; non_exhaustive");
    }
    text
}

/// Tokens on one line, spaced as people write them; what is always in scope goes without its path.
fn tidy(tokens: &impl ToTokens) -> String {
    let tokens = tokens.to_token_stream();
    let wrapped: Option<File> = [
        quote!(type T = #tokens;),
        quote!(#tokens {}),
        quote!(pub use #tokens;),
        quote!(const C: () = #tokens;),
        quote!(struct S #tokens),
        quote!(struct S #tokens;),
    ]
    .into_iter()
    .find_map(|attempt| syn::parse2(attempt).ok());
    let text = match wrapped {
        Some(file) => unparse(&file),
        None => tokens.to_string(),
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = ["type T = ", "pub use ", "const C: () = ", "struct S"]
        .iter()
        .find_map(|head| text.strip_prefix(head))
        .unwrap_or(&text);
    let text = text.strip_suffix("{}").or_else(|| text.strip_suffix(';')).unwrap_or(text);
    SHORT.iter().fold(text.trim().to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(source: &str) -> Vec<String> {
        let text = of(&Generated { client: source.to_owned(), ..Generated::default() }).unwrap();
        text.lines().skip(2).map(str::to_owned).collect()
    }

    #[test]
    fn lists_structs_fields_enums_and_methods() {
        let lines = listing(
            "pub mod types {
                 #[derive(Debug, Clone)]
                 #[non_exhaustive]
                 pub struct Plan { pub name: ::std::string::String, hidden: u8 }
                 pub struct Size(pub u64);
             }
             crate::open_enum::open_enum! { #[doc = \"x\"] pub enum State { Started = \"started\", } }
             pub enum Way { In, Out(u8) }
             impl Client {
                 pub async fn list_a_thing_with_a_long_name<'a>(&'a self, label: Option<&'a ::std::vec::Vec<String>>, limit: Option<u64>) -> Result<(), Error<()>> { todo!() }
                 fn private(&self) {}
             }
             impl From<u8> for Way { fn from(_: u8) -> Self { Way::In } }
             struct Private;",
        );
        assert_eq!(
            lines,
            [
                "enum State",
                "enum Way",
                "field types::Plan::name: String",
                "field types::Size::0: u64",
                "fn Client::list_a_thing_with_a_long_name<'a>(&'a self, label: Option<&'a Vec<String>>, \
                 limit: Option<u64>) -> Result<(), Error<()>> (async)",
                "impl From<u8> for Way",
                "struct types::Plan: Clone, Debug; non_exhaustive",
                "struct types::Size",
                "variant State::Started = \"started\"",
                "variant Way::In",
                "variant Way::Out(u8)",
            ]
        );
    }

    #[test]
    fn the_order_of_the_source_does_not_count() {
        assert_eq!(listing("pub struct A; pub struct B;"), listing("pub struct B; pub struct A;"));
    }
}
