//! Whether the document has the shape of `OpenAPI`, told for the smallest part that has not: a reader of the whole document
//! only says what it expected, not where.

use openapiv3::{
    Components, Example, Info, OpenAPI, Operation, Parameter, PathItem, ReferenceOr, RequestBody, Response, Schema,
    SecurityScheme, Server, Tag,
};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    fault::Fault,
    spec::{Spec, escape},
};

/// Reads the document part by part.
pub fn check(spec: &Spec) -> Result<(), Fault> {
    let document = spec.document();
    if fault::<OpenAPI>(document).is_none() {
        return Ok(());
    }
    let place = narrowest(document);
    let (pointer, reason) = place.unwrap_or_else(|| ("#".to_owned(), fault::<OpenAPI>(document).unwrap_or_default()));
    Err(Fault::new(spec, &pointer, format!("this is not what OpenAPI has in this place: {reason}")))
}

fn narrowest(document: &Value) -> Option<(String, String)> {
    let at = |pointer: &str| document.pointer(pointer).unwrap_or(&Value::Null);
    for (name, schema) in members(at("/components/schemas")) {
        let place = format!("#/components/schemas/{}", escape(name));
        let properties = each::<ReferenceOr<Schema>>(&schema["properties"], &format!("{place}/properties"));
        if let Some(found) = properties.or_else(|| located::<ReferenceOr<Schema>>(schema, place)) {
            return Some(found);
        }
    }
    for (path, item) in members(at("/paths")) {
        let place = format!("#/paths/{}", escape(path));
        for (method, operation) in members(item).filter(|(_, operation)| operation.get("responses").is_some()) {
            let place = format!("{place}/{method}");
            let found = each::<ReferenceOr<Response>>(&operation["responses"], &format!("{place}/responses"))
                .or_else(|| {
                    let body = operation.get("requestBody")?;
                    located::<ReferenceOr<RequestBody>>(body, format!("{place}/requestBody"))
                })
                .or_else(|| located::<Operation>(operation, place));
            if found.is_some() {
                return found;
            }
        }
        if let Some(found) = located::<ReferenceOr<PathItem>>(item, place) {
            return Some(found);
        }
    }
    each::<ReferenceOr<Parameter>>(at("/components/parameters"), "#/components/parameters")
        .or_else(|| each::<ReferenceOr<Response>>(at("/components/responses"), "#/components/responses"))
        .or_else(|| each::<ReferenceOr<Example>>(at("/components/examples"), "#/components/examples"))
        .or_else(|| {
            each::<ReferenceOr<SecurityScheme>>(at("/components/securitySchemes"), "#/components/securitySchemes")
        })
        .or_else(|| located::<Option<Components>>(at("/components"), "#/components".to_owned()))
        .or_else(|| located::<Info>(at("/info"), "#/info".to_owned()))
        .or_else(|| located::<Option<Vec<Tag>>>(at("/tags"), "#/tags".to_owned()))
        .or_else(|| located::<Option<Vec<Server>>>(at("/servers"), "#/servers".to_owned()))
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn each<T: DeserializeOwned>(value: &Value, place: &str) -> Option<(String, String)> {
    members(value).find_map(|(name, part)| located::<T>(part, format!("{place}/{}", escape(name))))
}

fn located<T: DeserializeOwned>(value: &Value, place: String) -> Option<(String, String)> {
    fault::<T>(value).map(|reason| (place, reason))
}

fn fault<T: DeserializeOwned>(value: &Value) -> Option<String> {
    serde_json::from_value::<T>(value.clone()).err().map(|e| e.to_string())
}
