//! The error codes as tables: which operation answers with which status and code, and what each code means.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::codegen::spec::{Operation, Spec};

/// What is said in the place of nothing.
const NOTHING: &str = "-";

/// One documented (operation, status, code).
struct Row<'a> {
    operation: Operation<'a>,
    status: u16,
    code: &'a str,
}

/// All rows in the order of the description, and what each code means.
pub(crate) struct Table<'a> {
    rows: Vec<Row<'a>>,
    codes: Option<&'a Map<String, Value>>,
}

impl<'a> Table<'a> {
    pub(crate) fn of(spec: &'a Spec) -> Self {
        let row = |operation: Operation<'a>| {
            operation.error_rows().map(move |(status, code)| Row { operation, status, code })
        };
        let codes = spec.schema("ErrorCode").and_then(|of| of.get("x-error-codes")).and_then(Value::as_object);
        Self { rows: spec.operations().flat_map(row).collect(), codes }
    }

    fn fact(&self, code: &str, key: &str) -> Option<&'a Value> {
        self.codes?.get(code)?.get(key)
    }

    fn text(&self, code: &str, key: &str) -> Option<&'a str> {
        self.fact(code, key).and_then(Value::as_str)
    }

    /// Whether waiting alone can cure it.
    fn waiting_may_help(&self, code: &str) -> bool {
        self.fact(code, "wait") == Some(&Value::Bool(true))
    }

    pub(crate) fn json(&self, version: &str) -> Value {
        let rows = self.rows.iter().map(|row| {
            json!({
                "operation": row.operation.id(),
                "method": row.operation.method.to_uppercase(),
                "path": row.operation.path,
                "status": row.status,
                "code": row.code,
            })
        });
        let codes = self.codes.into_iter().flatten().map(|(code, _)| {
            let facts = json!({
                "kind": self.text(code, "kind"),
                "attribute": self.text(code, "attribute"),
                "meaning": self.text(code, "description"),
                "waiting_may_help": self.waiting_may_help(code),
                "passing_states": self.fact(code, "passing").cloned().unwrap_or_else(|| json!([])),
                "needs_stop": self.fact(code, "stop") == Some(&Value::Bool(true)),
                "in_chapter": self.rows.iter().any(|row| row.code == code),
            });
            (code.clone(), facts)
        });
        json!({"version": version, "rows": rows.collect::<Value>(), "codes": codes.collect::<Map<_, _>>()})
    }

    pub(crate) fn csv(&self) -> Result<String, Vec<String>> {
        let broken = |e: &dyn std::fmt::Display| vec![format!("the error codes cannot be written as CSV: {e}")];
        let mut to = csv::Writer::from_writer(Vec::new());
        to.write_record(["operation", "status", "code", "kind", "attribute", "waiting_may_help", "meaning"])
            .map_err(|e| broken(&e))?;
        for row in &self.rows {
            let fact = |key| self.text(row.code, key).unwrap_or_default();
            let waiting = self.waiting_may_help(row.code).to_string();
            let status = row.status.to_string();
            let (kind, attribute, meaning) = (fact("kind"), fact("attribute"), fact("description"));
            to.write_record([row.operation.id(), &status, row.code, kind, attribute, &waiting, meaning])
                .map_err(|e| broken(&e))?;
        }
        let bytes = to.into_inner().map_err(|e| broken(&e))?;
        String::from_utf8(bytes).map_err(|e| broken(&e))
    }

    /// Markdown for people: one table for each operation, then what was met beside the documented rows.
    pub(crate) fn page(&self, version: &str) -> String {
        let mut page = format!(
            "# Error codes of the UpCloud servers API, description {version}\n\n\
             {} rows of operation, status and code, as the vendor's documentation lists them. *Attribute* is what the code \
             is about, by its name on the wire; *wait* says that the same request may succeed later.\n",
            self.rows.len()
        );
        let mut told = None;
        for row in &self.rows {
            if told != Some(row.operation.id()) {
                told = Some(row.operation.id());
                let method = row.operation.method.to_uppercase();
                heading(&mut page, &format!("`{}`: {method} {}", row.operation.id(), row.operation.path), "status | ");
            }
            let _ = writeln!(page, "| {} | {}", row.status, self.cells(row.code));
        }
        heading(&mut page, "Met beside the chapter", "");
        for code in self.codes.into_iter().flat_map(Map::keys) {
            if !self.rows.iter().any(|row| row.code == code) {
                let _ = writeln!(page, "| {}", self.cells(code));
            }
        }
        page
    }

    fn cells(&self, code: &str) -> String {
        let fact = |key| self.text(code, key).unwrap_or(NOTHING).replace('|', "\\|");
        let waiting = if self.waiting_may_help(code) { "yes" } else { NOTHING };
        format!("`{code}` | {} | {} | {waiting} | {} |", fact("kind"), fact("attribute"), fact("description"))
    }
}

// Writing to a string cannot fail.
fn heading(page: &mut String, title: &str, first: &str) {
    let rule = if first.is_empty() { "" } else { "| --- " };
    let _ = writeln!(
        page,
        "\n## {title}\n\n| {first}code | kind | attribute | wait | meaning |\n{rule}| --- | --- | --- | --- | --- |"
    );
}
