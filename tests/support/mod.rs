//! What several tests share: the description as JSON. Nothing here asserts anything about the crate.

use serde_json::Value;

/// The text of `openapi.yaml`.
pub(crate) const YAML: &str = include_str!("../../openapi.yaml");

/// `openapi.yaml` as a JSON document.
pub(crate) fn description() -> Value {
    let value: yaml_serde::Value = yaml_serde::from_str(YAML).unwrap();
    serde_json::to_value(value).unwrap()
}

/// A key as a segment of a JSON pointer.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
