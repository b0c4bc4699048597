//! `cargo xtask export`: what teams of other languages take, as one folder. What may live here: which files there are, and
//! the command; how each file comes about has a file of its own.

mod code_samples;
mod error_codes;
mod folder;
pub(crate) mod json_schema;
mod lenient;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{SPEC, codegen::spec::Spec, samples::Samples};

/// The documented form: the committed text with code samples.
pub(crate) const CLOSED: &str = "openapi.yaml";
/// The form for generators whose enums refuse new values.
pub(crate) const LENIENT: &str = "openapi.lenient.yaml";

/// Write what other teams need into a folder: the description as YAML and JSON, a lenient flavour, a JSON Schema
/// for each component, the error codes, checksums and the version.
#[derive(Debug, clap::Args)]
#[command(after_help = "The same description gives the same bytes. The folder is written whole or not at all.")]
pub(crate) struct Arguments {
    /// A folder that does not exist yet or is empty; an earlier export is replaced, anything else is refused
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// The files by their names, with `/` between folders.
pub(crate) type Files = BTreeMap<String, String>;

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<(), Vec<String>> {
    println!("Reading {SPEC}");
    let written = to(&arguments.folder, &crate::spec(root)?, &Samples::read(root)?, |what| println!("Making {what}"))?;
    println!("Wrote {written} files to {}", arguments.folder.display());
    Ok(())
}

/// Writes the export of a description, and says how many files it is; `say` hears of each part before it is made.
pub(crate) fn to(folder: &Path, yaml: &str, samples: &Samples, say: impl FnMut(&str)) -> Result<usize, Vec<String>> {
    let files = files(yaml, samples, say)?;
    folder::write(folder, &files)?;
    Ok(files.len())
}

/// Everything that an export holds.
fn files(yaml: &str, samples: &Samples, mut say: impl FnMut(&str)) -> Result<Files, Vec<String>> {
    let spec = Spec::parse(yaml).map_err(|fault| vec![fault.in_file(SPEC)])?;
    let version = version(&spec)?;
    let mut files = Files::new();

    say("the description as YAML and JSON");
    bundled(&spec)?;
    // The text itself, but for the samples: it is one file already, and its comments explain it.
    let closed = code_samples::text(&spec, samples);
    files.insert("openapi.json".to_owned(), json(&closed)?);
    files.insert(CLOSED.to_owned(), closed);

    say("the lenient flavour");
    let lenient = lenient::text(&spec);
    let lenient_spec = Spec::parse(&lenient).map_err(|fault| vec![fault.in_file(LENIENT)])?;
    let lenient = code_samples::text(&lenient_spec, samples);
    files.insert("openapi.lenient.json".to_owned(), json(&lenient)?);
    files.insert(LENIENT.to_owned(), lenient);

    say("a JSON Schema for each component");
    for (folder, spec) in [("json-schema", &spec), ("json-schema.lenient", &lenient_spec)] {
        for (name, schema) in json_schema::components(spec, version) {
            files.insert(format!("{folder}/{name}.json"), pretty(&schema));
        }
    }

    say("the error codes as JSON, CSV and a page");
    let table = error_codes::Table::of(&spec);
    files.insert("error-codes.json".to_owned(), pretty(&table.json(version)));
    files.insert("error-codes.csv".to_owned(), table.csv()?);
    files.insert("error-codes.md".to_owned(), table.page(version));

    say("the version, a guide and the checksums");
    files.insert("VERSION".to_owned(), format!("{version}\n"));
    files.insert("README.md".to_owned(), readme(version));
    let sums = folder::checksums(&files);
    files.insert(folder::SUMS.to_owned(), sums);
    Ok(files)
}

fn version(spec: &Spec) -> Result<&str, Vec<String>> {
    let version = spec.document().pointer("/info/version").and_then(Value::as_str);
    version.ok_or_else(|| vec![format!("{SPEC}: #/info/version: missing, or no text")])
}

/// Nothing in the file leads out of it.
fn bundled(spec: &Spec) -> Result<(), Vec<String>> {
    let mut findings = Vec::new();
    crate::codegen::spec::walk(spec.document(), "#", &mut |pointer, object| {
        let outside = object.get("$ref").and_then(Value::as_str).filter(|to| !to.starts_with("#/"));
        findings.extend(outside.map(|to| format!("{SPEC}: {pointer}: {to} leads out of the file")));
    });
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

/// YAML as JSON, keys in the order of the text.
fn json(yaml: &str) -> Result<String, Vec<String>> {
    let broken = |e: &dyn std::fmt::Display| vec![format!("{SPEC}: cannot be written as JSON: {e}")];
    let document: yaml_serde::Value = yaml_serde::from_str(yaml).map_err(|e| broken(&e))?;
    serde_json::to_string_pretty(&document).map(|text| text + "\n").map_err(|e| broken(&e))
}

fn pretty(value: &Value) -> String {
    // `#` is the pretty form of a value, and it cannot fail.
    format!("{value:#}\n")
}

fn readme(version: &str) -> String {
    format!(
        "# The UpCloud servers description {version}

Servers, server groups and the metadata service of the UpCloud API 1.3. Unofficial; made by `cargo xtask export`.

| file | what it is |
| --- | --- |
| `openapi.yaml`, `openapi.json` | The description, OpenAPI 3.0.3, in one file, with code samples in `x-codeSamples`. Enums list the documented values. |
| `openapi.lenient.yaml`, `.json` | The lenient flavour: enums that answers can carry are plain strings with their known values in `x-extensible-enum`, and defaults are told in `x-default`. For generators whose clients fail on a value that is not listed, or send every default. |
| `json-schema/` | One self-contained JSON Schema (draft 2020-12) for each component. |
| `json-schema.lenient/` | The same from the lenient flavour: for checking answers of the live API. |
| `error-codes.md`, `.csv`, `.json` | Which error code comes from which operation with which status, and what it means. |
| `VERSION` | The version of the description, which is also its `info.version`. |
| `SHA256SUMS` | For `sha256sum --check SHA256SUMS`. |
"
    )
}

#[cfg(test)]
mod tests;
