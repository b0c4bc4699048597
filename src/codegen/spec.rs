//! The description as a JSON document, and the walks over it that the steps share.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::fault::Fault;

const METHODS: [&str; 6] = ["get", "put", "post", "delete", "patch", "head"];

/// The description: its text, for naming lines, and its content.
#[derive(Clone, Debug)]
pub struct Spec {
    text: String,
    document: Value,
}

/// One operation and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct Operation<'a> {
    /// `/server/{uuid}`
    pub path: &'a str,
    /// `get`
    pub method: &'a str,
    /// The path item, for what its operations share.
    pub item: &'a Map<String, Value>,
    /// The operation object.
    pub object: &'a Map<String, Value>,
}

impl<'a> Operation<'a> {
    /// The JSON pointer of the operation.
    pub fn pointer(&self) -> String {
        format!("#/paths/{}/{}", escape(self.path), self.method)
    }

    /// The operationId, empty if there is none.
    pub fn id(&self) -> &'a str {
        self.object.get("operationId").and_then(Value::as_str).unwrap_or_default()
    }

    /// The responses by status.
    pub fn responses(&self) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
        self.object.get("responses").and_then(Value::as_object).into_iter().flatten()
    }

    /// The error codes by status, as the documentation lists them for this very operation.
    pub fn error_rows(&self) -> impl Iterator<Item = (u16, &'a str)> + use<'a> {
        self.responses()
            .filter_map(|(status, response)| Some((status.parse().ok()?, response)))
            .flat_map(|(status, response)| texts(response.get("x-error-codes")).map(move |code| (status, code)))
    }
}

impl Spec {
    /// Reads YAML text; duplicate keys are refused.
    pub fn parse(yaml: &str) -> Result<Self, Fault> {
        let broken = |line: usize, sentence: String| Fault { line, pointer: "#".to_owned(), sentence };
        let value: yaml_serde::Value = yaml_serde::from_str(yaml).map_err(|e| {
            let (line, column) = e.location().map_or((1, 1), |at| (at.line(), at.column()));
            let sentence = format!("this is no valid YAML: {e}");
            broken(second_line(yaml, line, column, &sentence).unwrap_or(line), sentence)
        })?;
        let document = serde_json::to_value(value)
            .map_err(|e| broken(1, format!("a key of a mapping is no text; put it in quotes: {e}")))?;
        if !document.is_object() {
            return Err(broken(1, "the description must be a mapping".to_owned()));
        }
        Ok(Self { text: yaml.to_owned(), document })
    }

    /// The text as it was read, before any lowering.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The whole document.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// The whole document, for the lowering steps.
    pub fn document_mut(&mut self) -> &mut Value {
        &mut self.document
    }

    /// The named schemas.
    pub fn schemas(&self) -> &Map<String, Value> {
        static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        self.document.pointer("/components/schemas").and_then(Value::as_object).unwrap_or(&NONE)
    }

    /// The named schemas, for the lowering steps.
    pub fn schemas_mut(&mut self) -> Option<&mut Map<String, Value>> {
        self.document.pointer_mut("/components/schemas").and_then(Value::as_object_mut)
    }

    /// A named schema.
    pub fn schema(&self, name: &str) -> Option<&Value> {
        self.schemas().get(name)
    }

    /// All operations in the order of their paths.
    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        let paths = self.document.get("paths").and_then(Value::as_object).into_iter().flatten();
        paths.filter_map(|(path, item)| Some((path, item.as_object()?))).flat_map(|(path, item)| {
            METHODS.into_iter().filter_map(move |method| {
                Some(Operation { path, method, item, object: item.get(method)?.as_object()? })
            })
        })
    }

    /// These schemas, and those that their properties refer to.
    pub fn reached(&self, from: impl IntoIterator<Item = String>) -> BTreeSet<String> {
        let mut open: Vec<String> = from.into_iter().collect();
        let mut reached = BTreeSet::new();
        while let Some(name) = open.pop() {
            if let Some(schema) = self.schema(&name).filter(|_| reached.insert(name)) {
                let members = schema.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::values);
                let parts = members.flat_map(|member| [Some(member), member.get("items")]).flatten();
                open.extend(parts.filter_map(referred).map(str::to_owned));
            }
        }
        reached
    }

    /// What a local reference points to.
    pub fn resolve(&self, reference: &str) -> Option<&Value> {
        self.document.pointer(reference.strip_prefix('#')?)
    }
}

/// The line where a key stands for the second time. The reader names the begin of the mapping, which may be a page away.
fn second_line(yaml: &str, line: usize, column: usize, sentence: &str) -> Option<usize> {
    let key = sentence.split("duplicate entry with key \"").nth(1)?.split('"').next()?;
    let depth = column.checked_sub(1)?;
    let indent = |text: &str| text.len() - text.trim_start().len();
    let of_mapping = |text: &&str| text.trim().is_empty() || indent(text) >= depth;
    let is_key = |text: &str| text.trim().split(':').next().is_some_and(|name| name.trim_matches(['\'', '"']) == key);
    let lines = yaml.lines().skip(line.checked_sub(1)?).take_while(of_mapping).enumerate();
    lines.filter(|(_, text)| indent(text) == depth && is_key(text)).nth(1).map(|(n, _)| line + n)
}

/// The texts of a list; nothing for anything else.
pub fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The schema a property refers to by name: `{$ref}` or `{allOf: [{$ref}], ..}`.
pub fn referred(property: &Value) -> Option<&str> {
    let reference = property.get("$ref").or_else(|| match property.get("allOf")?.as_array()?.as_slice() {
        [only] => only.get("$ref"),
        _ => None,
    });
    reference?.as_str()?.strip_prefix("#/components/schemas/")
}

/// What a value of a string enum means.
pub fn meaning<'a>(schema: &'a Value, value: &str) -> Option<&'a str> {
    let told = schema.get("x-enum-descriptions").and_then(|all| all.get(value)?.as_str());
    told.or_else(|| schema.get("x-error-codes")?.get(value)?.get("description")?.as_str())
}

/// A key as a segment of a JSON pointer.
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Calls `visit` for every object of the document with its pointer, depth first.
pub fn walk<'a>(value: &'a Value, pointer: &str, visit: &mut impl FnMut(&str, &'a Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(pointer, object);
            for (key, member) in object {
                walk(member, &format!("{pointer}/{}", escape(key)), visit);
            }
        }
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                walk(item, &format!("{pointer}/{n}"), visit);
            }
        }
        _ => {}
    }
}
