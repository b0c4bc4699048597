//! Answers of the API to try things on: the examples of the description, and the recordings where there are some.

use std::{env, fs, path::Path};

use serde_json::Value;

/// An answer with the name of its schema.
#[derive(Debug, PartialEq)]
pub(crate) struct Known {
    pub(crate) from: String,
    pub(crate) schema: String,
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// All examples of answers with JSON, each once.
pub(crate) fn examples(description: &Value) -> Vec<Known> {
    let mut known: Vec<Known> = Vec::new();
    for operation in operations(description) {
        for (status, response) in operation["responses"].as_object().into_iter().flatten() {
            for (from, schema, body) in media(description, response) {
                let status = status.parse().unwrap_or(500);
                if !known.iter().any(|known| known.body == *body) {
                    known.push(Known { from, schema, status, body: body.clone() });
                }
            }
        }
    }
    known
}

fn operations(description: &Value) -> impl Iterator<Item = &Value> {
    let items = description["paths"].as_object().into_iter().flatten();
    items
        .filter_map(|(_, item)| item.as_object())
        .flat_map(|item| item.values())
        .filter(|of| of["responses"].is_object())
}

fn media<'a>(root: &'a Value, response: &'a Value) -> Vec<(String, String, &'a Value)> {
    let response = resolved(root, response);
    let media = response["content"].as_object().into_iter().flatten().filter(|(kind, _)| kind.ends_with("json"));
    let examples = media.flat_map(|(_, media)| {
        let schema = media["schema"]["$ref"].as_str().and_then(|at| at.rsplit('/').next()).unwrap_or_default();
        let examples = media["examples"].as_object().into_iter().flatten();
        examples.map(move |(name, of)| (format!("example {name}"), schema.to_owned(), &resolved(root, of)["value"]))
    });
    examples.collect()
}

fn resolved<'a>(root: &'a Value, thing: &'a Value) -> &'a Value {
    thing["$ref"].as_str().and_then(|at| root.pointer(at.trim_start_matches('#'))).unwrap_or(thing)
}

/// All recorded answers with JSON, each once; `None` if the folder is not named.
pub(crate) fn recordings(description: &Value) -> Option<Vec<Known>> {
    let folder = env::var_os("UPCLOUD_RECORDINGS").filter(|folder| !folder.is_empty())?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut known: Vec<Known> = Vec::new();
    for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let recording: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        for exchange in recording["exchanges"].as_array().unwrap() {
            let (operation, body) = (exchange["operation"].as_str().unwrap(), &exchange["response"]);
            let status = exchange["status"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap();
            let success = operations(description)
                .filter(|of| of["operationId"] == operation)
                .flat_map(|of| of["responses"].as_object().into_iter().flatten())
                .find(|(status, _)| status.starts_with('2'))
                .and_then(|(_, response)| media(description, response).into_iter().next());
            let schema = if status < 300 { success.map(|(_, schema, _)| schema) } else { Some("ErrorBody".to_owned()) };
            let Some(schema) = schema.filter(|_| body.is_object() && body.get("$raw").is_none()) else { continue };
            if !known.iter().any(|known| known.body == *body) {
                let from = format!("{}: {operation}", path.file_name().unwrap_or_default().display());
                known.push(Known { from, schema, status, body: body.clone() });
            }
        }
    }
    assert!(!known.is_empty(), "{} holds no answers", folder.display());
    Some(known)
}
