//! From `openapi.yaml` to Rust source: check, lower, generate, polish. Part of the build script, the tests and
//! `cargo xtask`, not of the library. What may live here: the order of the steps; each step has a file of its own.

pub mod accepted;
pub mod calls;
pub mod check;
pub mod checks;
pub mod docs;
pub mod fault;
pub mod json_schema;
pub mod lower;
pub mod names;
pub mod polish;
pub mod reading;
pub mod requests;
pub mod schemas;
pub mod setters;
pub mod shape;
pub mod spec;
pub mod tables;
pub mod tables_for_tests;

use fault::Fault;
use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TagStyle, TypeImpl};
use spec::Spec;

/// Rust source, formatted.
#[derive(Debug, Default)]
pub struct Generated {
    /// The types, made by progenitor and polished.
    pub types: String,
    /// The client, made by progenitor and polished.
    pub client: String,
    /// A type for the call of each operation.
    pub calls: String,
    /// The checks of requests before they are sent.
    pub checks: String,
    /// What requests may hold, for the fake.
    pub accepted: String,
    /// The open enums, the error codes and the operations, with what the description tells of each.
    pub tables: String,
    /// The JSON Schemas of the types, for the feature `schemars`.
    pub schemas: String,
    /// The types that have a JSON form, for the tests.
    pub models: String,
    /// How answers are read as the types of their schemas, for the tests.
    pub answers: String,
    /// The part of the rustdoc that the description knows, by operationId.
    pub docs: std::collections::BTreeMap<String, String>,
}

/// Everything that `build.rs` writes, from the text of the description.
pub fn generate(yaml: &str) -> Result<Generated, Fault> {
    let spec = Spec::parse(yaml)?;
    check::all(&spec)?;

    let mut lowered = spec.clone();
    let facts = lower::all(&mut lowered)?;
    setters::check(&spec, &facts)?;
    // The polish sees Rust only, so the line of what it complains of is looked up here.
    let mut client = polish::all(progenitor(&lowered, &facts)?, &facts, &setters::codes(&spec))
        .map_err(|fault| Fault::new(&spec, &fault.pointer, fault.sentence))?;
    let calls = calls::all(&spec, &mut client)?;
    let models = tables_for_tests::models(&mut client, &facts);
    let answers = tables_for_tests::answers(&spec, &mut client);
    let types = polish::split_types(&mut client);
    let checks = checks::all(&spec, &types)?;
    Ok(Generated {
        types: prettyplease::unparse(&types),
        client: prettyplease::unparse(&client),
        calls: prettyplease::unparse(&calls),
        checks: prettyplease::unparse(&checks),
        accepted: prettyplease::unparse(&accepted::all(&spec)?),
        tables: prettyplease::unparse(&tables::all(&spec, &facts)?),
        schemas: prettyplease::unparse(&schemas::all(&spec, &lowered, &facts)?),
        models,
        answers,
        docs: docs::all(&spec),
    })
}

fn progenitor(spec: &Spec, facts: &lower::Facts) -> Result<TokenStream, Fault> {
    let document = serde_json::from_value(spec.document().clone())
        .map_err(|e| Fault::new(spec, "#", format!("the lowered description is no OpenAPI 3.0 document: {e}")))?;
    // Progenitor panics on what it cannot do; a maintainer gets a sentence instead, and the panic's own text in it.
    std::panic::catch_unwind(|| Generator::new(&settings(facts)).generate_tokens(&document))
        .map_err(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given").to_owned()
        })
        .and_then(|result| result.map_err(|e| e.to_string()))
        .map_err(|e| Fault::new(spec, "#", format!("the generator refused the lowered description: {e}")))
}

fn settings(facts: &lower::Facts) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_tag(TagStyle::Merged)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote::quote!(crate::transport::hooks::Hooks))
        .with_derive("PartialEq");
    let ours = |settings: &mut GenerationSettings, name: &str, path: String| {
        settings.with_replacement(name, path, [TypeImpl::Display, TypeImpl::FromStr].into_iter());
    };
    ours(&mut settings, lower::SECRET, "crate::wire::Secret".to_owned());
    for name in facts.enums.keys() {
        ours(&mut settings, name, format!("crate::model::{name}"));
    }
    settings
}
