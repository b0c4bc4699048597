//! From the names of the wire to the names of Rust.

use serde_json::Value;

/// `SERVER_NOT_FOUND`, `cloud-init`, `keep_latest` and `listServers` as variants: `ServerNotFound`, `CloudInit`,
/// `KeepLatest`, `ListServers`.
pub fn variant(wire: &str) -> String {
    let shouting = !wire.chars().any(|c| c.is_ascii_lowercase());
    let mut name = String::new();
    for word in wire.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.extend(letters.map(|c| if shouting { c.to_ascii_lowercase() } else { c }));
    }
    name
}

/// `listServers` as the name of a method: `list_servers`.
pub fn snake(id: &str) -> String {
    let mut name = String::new();
    for c in id.chars() {
        if c.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

/// Whether `name` can stand as an identifier.
pub fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && syn::parse_str::<syn::Ident>(name).is_ok()
}

/// The values of a string enum with the names of their variants: from `x-enum-varnames` where it is given, else from the
/// values.
pub fn variants(schema: &Value) -> impl Iterator<Item = (&Value, String)> {
    let names = schema.get("x-enum-varnames").and_then(Value::as_array);
    let values = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    values.enumerate().map(move |(n, value)| {
        let name = names.and_then(|names| names.get(n)?.as_str()).or(value.as_str());
        (value, name.map(variant).unwrap_or_default())
    })
}
