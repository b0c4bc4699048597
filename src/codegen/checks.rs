//! The checks before sending: for each object of a request a function that holds it against the limits which the description
//! gives, part by part. What a limit is called, what the API answers where it is broken, and whether it is enforced at all is
//! said by `x-allowed`, `x-error-code` and `x-enforced` beside it. Rules about several parts at once are written by hand, in
//! `server/check.rs`.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use serde_json::{Map, Value};
use syn::{File, Ident, Item};

use super::{
    fault::Fault,
    names::{snake, variant},
    polish::inner,
    spec::{Spec, escape, referred, texts},
};

/// The keywords that limit a value. `required` stands for an entry of `x-required-if`.
pub const LIMITS: [&str; 8] =
    ["minLength", "maxLength", "pattern", "minimum", "maximum", "minItems", "maxItems", "required"];

/// The schemas whose pattern is read by a function of `src/checks/forms.rs`, for the library has no engine for patterns.
const FORMS: [&str; 5] = ["BootOrder", "Hostname", "RemoteAccessPassword", "SimpleBackupRule", "StorageDeviceAddress"];

/// The checks of all requests as one source file.
pub fn all(spec: &Spec, types: &File) -> Result<File, Fault> {
    let mut checks = Checks { spec, types, made: BTreeMap::new(), seen: BTreeSet::new() };
    for operation in spec.operations() {
        let body = operation.object.get("requestBody").and_then(|body| {
            let schema = body.pointer("/content/application~1json/schema")?;
            spec.schema(referred(schema)?)
        });
        // The one member of a body is what a caller gives.
        for member in body.and_then(|body| body.get("properties")?.as_object()).into_iter().flat_map(Map::values) {
            if let Some(name) = referred(member).filter(|name| spec.schema(name).is_some_and(is_object)) {
                checks.object(name)?;
            }
        }
    }
    let limits = checks.limits();
    let made = checks.made.into_values().flatten();
    syn::parse2(quote! { #(#made)* #limits })
        .map_err(|e| Fault::new(spec, "#/components/schemas", format!("the generated checks are no Rust: {e}")))
}

fn is_object(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("object")
}

/// The name of the function for a schema: `CreateServer` as `create_server`.
fn function(name: &str) -> Ident {
    format_ident!("{}", snake(name).trim_start_matches('_'))
}

struct Checks<'a> {
    spec: &'a Spec,
    types: &'a File,
    /// The functions by schema; none for a schema without anything to check, and for one that is in the making.
    made: BTreeMap<&'a str, Option<TokenStream>>,
    /// The schemas that requests are made of.
    seen: BTreeSet<&'a str>,
}

/// A property with what it refers to: its own words come first.
#[derive(Clone)]
pub struct Part<'a> {
    pointer: String,
    /// What a caller knows it by.
    attribute: &'a str,
    own: &'a Value,
    /// The schema it refers to, and its name.
    target: Option<(&'a str, &'a Value)>,
}

impl<'a> Part<'a> {
    /// A property, or any other place of a schema.
    pub fn of(spec: &'a Spec, pointer: String, attribute: &'a str, own: &'a Value) -> Self {
        let target = referred(own).and_then(|name| Some((name, spec.schema(name)?)));
        Self { pointer, attribute, own, target }
    }

    fn get(&self, key: &str) -> Option<&'a Value> {
        self.own.get(key).or_else(|| self.target?.1.get(key))
    }

    /// Whether it has this limit.
    pub fn has(&self, limit: &str) -> bool {
        LIMITS.contains(&limit) && (self.get(limit).is_some() || self.number(limit).is_some())
    }

    fn text(&self, key: &str) -> &'a str {
        self.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// What `key` says of one limit: the one text for all of them, or that by the name of the limit.
    fn told(&self, key: &str, limit: &str) -> Option<&'a str> {
        let said = self.get(key)?;
        said.as_str().or_else(|| said.get(limit)?.as_str())
    }

    fn number(&self, limit: &str) -> Option<i128> {
        // Of a text that spells a number, the limits of the number are meant.
        let of = self.get("x-value").unwrap_or(self.own);
        let given = of.get(limit).or_else(|| self.get(limit))?;
        given.as_i64().map(i128::from).or_else(|| given.as_u64().map(i128::from))
    }

    /// The number of a limit that is checked.
    fn checked(&self, limit: &str) -> Option<i128> {
        self.number(limit).filter(|_| self.is_checked(limit))
    }

    fn is_checked(&self, limit: &str) -> bool {
        match self.get("x-enforced") {
            Some(Value::Bool(enforced)) => *enforced,
            Some(limits @ Value::Array(_)) => texts(Some(limits)).any(|enforced| enforced == limit),
            _ => true,
        }
    }

    fn is_secret(&self) -> bool {
        self.text("format") == "password" || self.get("x-sensitive") == Some(&Value::Bool(true))
    }
}

impl<'a> Checks<'a> {
    /// Makes the function of an object; whether there is anything to check.
    fn object(&mut self, name: &'a str) -> Result<bool, Fault> {
        let spec = self.spec;
        if let Some(made) = self.made.get(name) {
            return Ok(made.is_some());
        }
        self.made.insert(name, None);
        self.seen.insert(name);
        let place = format!("#/components/schemas/{name}");
        let schema = spec.schema(name).unwrap_or(&Value::Null);
        let mut statements = Vec::new();
        for (property, own) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            let part = Part::of(spec, format!("{place}/properties/{}", escape(property)), property, own);
            if let Some(when) = schema.get("x-required-if").and_then(|all| all.get(property)) {
                let (field, _) = self.field(name, &part)?;
                let when = self.condition(name, schema, when)?;
                let allowed = "a value under this condition".to_owned();
                let good = quote!(!(#when) || value.#field.is_some());
                statements.push(self.holds(&part, "required", &good, &quote!("missing"), allowed));
            }
            let checks = self.value(&part)?;
            if checks.is_empty() {
                continue;
            }
            let (field, optional) = self.field(name, &part)?;
            let condition = match part.get("x-enforced") {
                Some(when @ Value::Object(_)) => Some(self.condition(name, schema, when)?),
                _ => None,
            };
            statements.push(match (optional, condition) {
                (true, None) => quote! { if let Some(part) = &value.#field { #checks } },
                (true, Some(when)) => {
                    quote! { if let Some(part) = value.#field.as_ref().filter(|_| #when) { #checks } }
                }
                (false, None) => quote! {{ let part = &value.#field; #checks }},
                (false, Some(when)) => quote! { if #when { let part = &value.#field; #checks } },
            });
        }
        if statements.is_empty() {
            return Ok(false);
        }
        let (function, ty) = (function(name), format_ident!("{name}"));
        let doc = format!(" What the description says of a `{name}`.");
        let made = quote! {
            #[doc = #doc]
            pub(crate) fn #function(value: &types::#ty, place: &str) -> Result<(), Error> {
                #(#statements)*
                Ok(())
            }
        };
        self.made.insert(name, Some(made));
        Ok(true)
    }

    /// The field of a property, and whether it may be absent.
    fn field(&self, object: &str, part: &Part<'_>) -> Result<(Ident, bool), Fault> {
        let items = self.types.items.iter().filter_map(|item| match item {
            Item::Mod(module) => module.content.as_ref().map(|(_, items)| items),
            _ => None,
        });
        let fields = items.flatten().find_map(|item| match item {
            Item::Struct(of) if of.ident == object => Some(&of.fields),
            _ => None,
        });
        let names = [part.attribute.to_owned(), format!("{}_", part.attribute)];
        let field = fields
            .into_iter()
            .flatten()
            .find(|field| field.ident.as_ref().is_some_and(|ident| names.iter().any(|name| ident == name)));
        let found = field.and_then(|field| Some((field.ident.clone()?, inner(&field.ty, "Option").is_some())));
        found.ok_or_else(|| Fault::new(self.spec, &part.pointer, format!("{object} has no field of this name in Rust")))
    }

    /// Whether the properties have one of the values; one that is left out counts as its default.
    fn condition(&self, name: &str, schema: &'a Value, when: &'a Value) -> Result<TokenStream, Fault> {
        let mut all = Vec::new();
        for (property, values) in when.as_object().into_iter().flatten() {
            let pointer = format!("#/components/schemas/{name}/properties/{}", escape(property));
            let own = schema.get("properties").and_then(|of| of.get(property)).unwrap_or(&Value::Null);
            let part = Part::of(self.spec, pointer, property, own);
            if part.get("enum").is_none() || part.get("x-value").is_some() {
                let sentence = "a condition is about a property with an enum of texts";
                return Err(Fault::new(self.spec, &part.pointer, sentence));
            }
            let (field, optional) = self.field(name, &part)?;
            let values: Vec<&str> = texts(Some(values)).collect();
            let counts = values.contains(&part.text("default"));
            all.push(match (optional, counts) {
                (false, _) => quote!(matches!(value.#field.as_str(), #(#values)|*)),
                (true, true) => {
                    quote!(value.#field.as_ref().is_none_or(|other| matches!(other.as_str(), #(#values)|*)))
                }
                (true, false) => {
                    quote!(value.#field.as_ref().is_some_and(|other| matches!(other.as_str(), #(#values)|*)))
                }
            });
        }
        Ok(quote!(#(#all)&&*))
    }

    /// The checks of what `part` is a reference to.
    fn value(&mut self, part: &Part<'a>) -> Result<TokenStream, Fault> {
        self.seen.extend(part.target.map(|(name, _)| name));
        if part.get("enum").is_some() {
            return Ok(TokenStream::new());
        }
        let spelled = part.get("x-value").and_then(|of| of.get("type")?.as_str());
        match (spelled.unwrap_or_else(|| part.text("type")), part.target) {
            ("object", Some((name, schema))) if name.ends_with("List") => {
                let only = schema.get("properties").and_then(Value::as_object).and_then(|of| of.iter().next());
                let Some((key, list)) = only else { return Ok(TokenStream::new()) };
                let pointer = format!("#/components/schemas/{name}/properties/{}", escape(key));
                self.list(&Part::of(self.spec, pointer, part.attribute, list), key)
            }
            ("object", Some((name, _))) if self.object(name)? => {
                let function = function(name);
                Ok(quote! { #function(part, place)?; })
            }
            ("array", _) => self.list(part, part.attribute.strip_suffix('s').unwrap_or(part.attribute)),
            ("integer" | "number", _) => Ok(self.numbers(part)),
            // The codec of a text that spells another value knows its form.
            ("string", _) if spelled.is_none() && part.text("format") != "uuid" => self.texts(part),
            _ => Ok(TokenStream::new()),
        }
    }

    fn list(&mut self, part: &Part<'a>, key: &str) -> Result<TokenStream, Fault> {
        let (least, most) = (part.checked("minItems").filter(|least| *least > 0), part.checked("maxItems"));
        let allowed = match (least, most) {
            (Some(least), Some(most)) => format!("{least} to {most}"),
            (Some(least), None) => format!("{least} or more"),
            (None, most) => format!("at most {}", most.unwrap_or_default()),
        };
        let mut checks = TokenStream::new();
        let given = quote!(Count(part.len()));
        if let Some(least) = least {
            let least = Literal::i128_unsuffixed(least);
            let good = if least.to_string() == "1" { quote!(!part.is_empty()) } else { quote!(part.len() >= #least) };
            checks.extend(self.holds(part, "minItems", &good, &given, allowed.clone()));
        }
        if let Some(most) = most {
            let most = Literal::i128_unsuffixed(most);
            checks.extend(self.holds(part, "maxItems", &quote!(part.len() <= #most), &given, allowed));
        }
        let Some(items) = part.get("items") else { return Ok(checks) };
        let item = Part::of(self.spec, format!("{}/items", part.pointer), part.attribute, items);
        let each = self.value(&item)?;
        if each.is_empty() {
            return Ok(checks);
        }
        // Where the attribute itself names the list (`labels.key`), its parts go without a number.
        let within = format!("{}.", part.attribute);
        let members = item.target.and_then(|(_, of)| of.get("properties")?.as_object()).into_iter().flatten();
        let mut attributes = members.filter_map(|(name, own)| {
            let member = Part::of(self.spec, String::new(), name, own);
            LIMITS.iter().find_map(|limit| self.attribute_of(member.told("x-error-code", limit)?))
        });
        if attributes.any(|attribute| attribute.starts_with(&within)) {
            checks.extend(quote! { for part in part { #each } });
        } else {
            let place = format!(" of {} {{}}{{place}}", key.replace('_', " "));
            checks.extend(quote! {
                for (at, part) in part.iter().enumerate() {
                    let place = &*format!(#place, at + 1);
                    #each
                }
            });
        }
        Ok(checks)
    }

    fn numbers(&self, part: &Part<'a>) -> TokenStream {
        let (least, most) = (part.checked("minimum"), part.checked("maximum"));
        // No number in Rust that is smaller than zero, so nothing to check.
        let unsigned = |part: &Part<'_>| {
            let format = part.get("x-value").and_then(|of| of.get("format")?.as_str());
            format.unwrap_or_else(|| part.text("format")).starts_with('u')
        };
        let least = least.filter(|least| *least > 0 || !unsigned(part));
        let allowed = match (least, most) {
            (Some(least), Some(most)) => format!("{least} to {most}"),
            (Some(least), None) => format!("{least} or more"),
            (None, most) => format!("at most {}", most.unwrap_or_default()),
        };
        let mut checks = TokenStream::new();
        if let Some(least) = least {
            let least = Literal::i128_unsuffixed(least);
            checks.extend(self.holds(part, "minimum", &quote!(*part >= #least), &quote!(part), allowed.clone()));
        }
        if let Some(most) = most {
            let most = Literal::i128_unsuffixed(most);
            checks.extend(self.holds(part, "maximum", &quote!(*part <= #most), &quote!(part), allowed));
        }
        checks
    }

    fn texts(&self, part: &Part<'a>) -> Result<TokenStream, Fault> {
        let (least, most) = (part.checked("minLength").filter(|least| *least > 0), part.checked("maxLength"));
        let allowed = match (least, most) {
            (Some(1), None) => "at least one character".to_owned(),
            (Some(least), None) => format!("at least {least} characters"),
            (Some(least), Some(most)) if least == most => format!("{least} characters"),
            (Some(least), Some(most)) => format!("{least} to {most} characters"),
            (None, most) => format!("at most {} characters", most.unwrap_or_default()),
        };
        let (text, given) = if part.is_secret() {
            (quote!(part.expose()), quote!("[redacted]"))
        } else {
            (quote!(part), quote!(Quoted(part)))
        };
        let mut checks = TokenStream::new();
        if let Some(least) = least {
            let good = match least {
                1 => quote!(!#text.is_empty()),
                least => {
                    let least = Literal::i128_unsuffixed(least);
                    quote!(#text.chars().count() >= #least)
                }
            };
            checks.extend(self.holds(part, "minLength", &good, &given, allowed.clone()));
        }
        if let Some(most) = most {
            let most = Literal::i128_unsuffixed(most);
            checks.extend(self.holds(part, "maxLength", &quote!(#text.chars().count() <= #most), &given, allowed));
        }
        if part.get("pattern").is_some() && part.is_checked("pattern") {
            let Some((name, _)) = part.target.filter(|(name, _)| FORMS.contains(name)) else {
                let sentence = format!(
                    "no function of `src/checks/forms.rs` reads this pattern: give it to one of {}, add a function and its \
                     name to FORMS of `src/codegen/checks.rs`, or leave `pattern` out of `x-enforced`",
                    FORMS.join(", ")
                );
                return Err(Fault::new(self.spec, &part.pointer, sentence));
            };
            let form = format_ident!("is{}", snake(name));
            let form = quote!(forms::#form(#text));
            checks.extend(self.holds(part, "pattern", &form, &given, "a text of this form".to_owned()));
        }
        Ok(checks)
    }

    /// The statement that ends the function unless `good`.
    fn holds(
        &self,
        part: &Part<'a>,
        limit: &str,
        good: &TokenStream,
        given: &TokenStream,
        allowed: String,
    ) -> TokenStream {
        let allowed = part.told("x-allowed", limit).map_or(allowed, str::to_owned);
        let code = part.told("x-error-code", limit);
        let attribute = code.and_then(|code| self.attribute_of(code)).unwrap_or(part.attribute);
        let code = code.map(|code| format_ident!("{}", variant(code)));
        let code = code.map_or(quote!(None), |code| quote!(Some(ErrorCode::#code)));
        quote! { holds(#good, #attribute, place, #given, #allowed, #code)?; }
    }

    /// The most that a request may have, and the ranges that are documented only: what the fake refuses.
    fn limits(&self) -> TokenStream {
        let schemas = self.seen.iter().filter_map(|name| Some((*name, self.spec.schema(name)?)));
        let places = schemas.flat_map(|(name, schema)| {
            let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
            let properties = properties.map(move |(property, of)| (format!("{}_{property}", function(name)), of));
            std::iter::once((function(name).to_string(), schema)).chain(properties)
        });
        let constants = places.flat_map(|(place, of)| {
            let most = |keyword: &str, end: &str| {
                let most = Literal::u64_unsuffixed(of.get(keyword)?.as_u64()?);
                let name = format_ident!("{}", format!("{place}_{end}").to_uppercase());
                Some(quote! { pub(crate) const #name: usize = #most; })
            };
            let range = of.get("x-documented-range").and_then(|range| {
                let end = |key: &str| Some(Literal::u64_unsuffixed(range.get(key)?.as_u64()?));
                let (least, most) = (end("minimum")?, end("maximum")?);
                let name = format_ident!("{}", format!("{place}_documented").to_uppercase());
                Some(quote! { pub(crate) const #name: ::std::ops::RangeInclusive<u64> = #least..=#most; })
            });
            [most("maxLength", "max_length"), most("maxItems", "max_items"), range]
        });
        let constants = constants.flatten();
        quote! {
            /// The most that a request may have, and the ranges that are documented only.
            #[cfg(feature = "fake")]
            #[allow(dead_code, reason = "the fake does not hold a request against all of them")]
            pub(crate) mod limits { #(#constants)* }
        }
    }

    /// What the description says that a code is about.
    fn attribute_of(&self, code: &str) -> Option<&'a str> {
        self.spec.schema("ErrorCode")?.get("x-error-codes")?.get(code)?.get("attribute")?.as_str()
    }
}
