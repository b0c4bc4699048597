//! Which section of the documentation is which operation, which method of the hand layer makes the call, and which tests
//! drive it. Read from the description and the sources, so the table cannot say what is not so.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use crate::codegen::{
    names,
    spec::{Spec, texts},
};

/// The committed table.
pub(crate) const TABLE: &str = "xtask/coverage.md";

/// Where the tests have what they need to know of each operation.
const CALLS: &str = "tests/scripted/mod.rs";

/// The table as Markdown; a finding for each operation without a method or without a test.
pub(crate) fn table(root: &Path, spec: &Spec) -> Result<String, Vec<String>> {
    let unreadable = |e: io::Error| vec![format!("src: cannot be read: {e}")];
    let methods = methods(&root.join("src")).map_err(unreadable)?;
    let calls = fs::read_to_string(root.join(CALLS)).map_err(|e| vec![format!("{CALLS}: cannot be read: {e}")])?;
    let mut rows = Vec::new();
    let mut findings = Vec::new();
    for operation in spec.operations() {
        let id = operation.id();
        let variant = names::variant(id);
        let found = methods.get(id).map_or(&[][..], Vec::as_slice);
        if found.is_empty() {
            findings
                .push(format!("src: no method says `wire_docs!(\"{id}\")`, so no method of the hand layer is {id}"));
        }
        for part in [format!("(Operation::{variant}, "), format!("Operation::{variant} => ")] {
            if !calls.contains(&part) {
                findings.push(format!("{CALLS}: `{part}` is nowhere, so no test makes this call"));
            }
        }
        let errors = operation.error_rows().count();
        let sections = texts(operation.object.get("x-section")).collect::<Vec<_>>().join(", ");
        let tested =
            if errors == 0 { "operations.rs".to_owned() } else { format!("operations.rs, error_matrix.rs ({errors})") };
        rows.push(format!("| {sections} | `{id}` | {} | {tested} |", found.join(", ")));
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    let mut text =
        "<!-- Written by `cargo xtask regenerate`; the number behind error_matrix.rs counts its rows. -->\n\n\
                    | section of the documentation | operationId | method | tests |\n| --- | --- | --- | --- |\n"
            .to_owned();
    // Writing to a string cannot fail.
    for row in &rows {
        let _ = writeln!(text, "{row}");
    }
    let codes: BTreeSet<&str> =
        spec.operations().flat_map(|operation| operation.error_rows()).map(|(_, code)| code).collect();
    let errors = spec.operations().flat_map(|operation| operation.error_rows()).count();
    let _ = writeln!(text, "\n{} operations, {errors} error rows, {} error codes.", rows.len(), codes.len());
    Ok(text)
}

/// The methods that carry the documentation of an operation, by operationId.
fn methods(folder: &Path) -> io::Result<BTreeMap<String, Vec<String>>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in sources(folder)? {
        for (id, method) in documented(&fs::read_to_string(&file)?) {
            found.entry(id).or_default().push(method);
        }
    }
    Ok(found)
}

fn sources(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(sources(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Pairs of operationId and `Type::method` in one file: an attribute with `wire_docs!`, or an entry of `look_up!`, and the
/// method that follows.
fn documented(source: &str) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut owner = String::new();
    let mut waiting: Option<String> = None;
    let mut look_ups = false;
    for line in source.lines() {
        let text = line.trim();
        if let Some(rest) = line.strip_prefix("impl ") {
            rest.split([' ', '<', '{']).next().unwrap_or_default().clone_into(&mut owner);
        }
        look_ups |= text == "look_up! {";
        look_ups &= text != "}";
        if let Some((_, rest)) = text.split_once("wire_docs!(\"") {
            waiting = rest.split('"').next().map(str::to_owned);
        } else if look_ups && text.starts_with('"') {
            let mut parts = text.split('"').skip(1);
            let (id, rest) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let method = rest.trim().split(',').next().unwrap_or_default();
            pairs.push((id.to_owned(), format!("`Catalog::{method}`")));
        } else if let Some(rest) = text.strip_prefix("pub fn ").or_else(|| text.strip_prefix("pub async fn "))
            && let Some(id) = waiting.take()
        {
            let method = rest.split(['(', '<']).next().unwrap_or_default();
            pairs.push((id, format!("`{owner}::{method}`")));
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::{REAL, planted};

    #[test]
    fn methods_are_found_by_their_documentation() {
        let source = "impl Servers {\n    #[doc = wire_docs!(\"getServer\")]\n    pub fn get(&self) {}\n    pub fn other() {}\n}\n\
                      look_up! {\n    #[doc = \"x\"]\n    \"listPlans\" plans, ListPlans;\n}\n\
                      impl Metadata {\n    #[doc = wire_docs!(\"getMetadata\")]\n    pub async fn read(&self) {}\n}\n";
        let expected =
            [("getServer", "Servers::get"), ("listPlans", "Catalog::plans"), ("getMetadata", "Metadata::read")];
        let expected: Vec<(String, String)> =
            expected.iter().map(|(id, method)| ((*id).to_owned(), format!("`{method}`"))).collect();
        assert_eq!(documented(source), expected);
    }

    #[test]
    fn an_operation_without_a_method_is_a_finding() {
        let root = crate::root();
        assert!(table(&root, &Spec::parse(REAL).unwrap()).is_ok());
        let findings = table(&root, &planted("operationId: listPlans", "operationId: listPrices")).unwrap_err();
        assert!(findings.iter().any(|finding| finding.contains("listPrices")), "{findings:?}");
    }
}
