//! What requests may hold: the attributes of each body at every depth, and the query parameters. The fake refuses all else, as
//! the API does.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;
use syn::File;

use super::{
    fault::Fault,
    names::variant,
    spec::{Operation, Spec, referred, texts},
};

/// No request is nested more deeply; a description that refers to itself would be.
const DEPTH: usize = 20;

/// The table as one source file.
pub fn all(spec: &Spec) -> Result<File, Fault> {
    let arms = spec.operations().map(|operation| {
        let ident = format_ident!("{}", variant(operation.id()));
        let query = query(spec, &operation);
        let body = body(&operation).map_or(quote!(None), |schema| {
            let shape = shape(spec, schema, DEPTH);
            quote!(Some(&#shape))
        });
        quote!(Operation::#ident => Accepted { query: &[#(#query),*], body: #body },)
    });
    let source = quote! {
        /// What a request for this operation may hold.
        pub(super) fn accepted(operation: Operation) -> Accepted {
            match operation { #(#arms)* }
        }
    };
    syn::parse2(source).map_err(|e| Fault::new(spec, "#/paths", format!("the table of requests is no Rust: {e}")))
}

fn query<'a>(spec: &'a Spec, operation: &Operation<'a>) -> Vec<&'a str> {
    let of = |parameters: Option<&'a Value>| parameters.and_then(Value::as_array).into_iter().flatten();
    let all = of(operation.object.get("parameters")).chain(of(operation.item.get("parameters")));
    let resolved = all.filter_map(|parameter| match parameter.get("$ref").and_then(Value::as_str) {
        Some(reference) => spec.resolve(reference),
        None => Some(parameter),
    });
    let in_query = resolved.filter(|parameter| parameter.get("in").is_some_and(|place| place == "query"));
    in_query.filter_map(|parameter| parameter.get("name")?.as_str()).collect()
}

fn body<'a>(operation: &Operation<'a>) -> Option<&'a Value> {
    operation.object.get("requestBody")?.pointer("/content/application~1json/schema")
}

fn shape(spec: &Spec, schema: &Value, depth: usize) -> TokenStream {
    let schema = referred(schema).and_then(|name| spec.schema(name)).unwrap_or(schema);
    let Some(depth) = depth.checked_sub(1) else { return quote!(Shape::Value) };
    if let Some(items) = schema.get("items") {
        let items = shape(spec, items, depth);
        return quote!(Shape::List(&#items));
    }
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return quote!(Shape::Value) };
    let required: Vec<&str> = texts(schema.get("required")).collect();
    let members = properties.iter().map(|(name, property)| {
        let (required, shape) = (required.contains(&name.as_str()), shape(spec, property, depth));
        quote!(Member { name: #name, required: #required, shape: #shape })
    });
    quote!(Shape::Object(&[#(#members),*]))
}
