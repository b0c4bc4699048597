//! Generates the client from `openapi.yaml` into `OUT_DIR`. The work is done by `src/codegen`, which the tests and
//! `cargo xtask` call as well; here are only files in and out.

// The library's lints hold for what users see; the build script shares the module and is no library.
#[path = "src/codegen/mod.rs"]
mod codegen;

use std::{env, fs, path::Path, process::ExitCode};

const SPEC: &str = "openapi.yaml";

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed={SPEC}");
    match generate() {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            println!("cargo::error={sentence}");
            ExitCode::FAILURE
        }
    }
}

fn generate() -> Result<(), String> {
    let yaml = fs::read_to_string(SPEC).map_err(|e| format!("{SPEC}: cannot be read: {e}"))?;
    let generated = codegen::generate(&yaml).map_err(|fault| fault.in_file(SPEC))?;
    let out = env::var_os("OUT_DIR").ok_or("OUT_DIR is not set: run this by cargo")?;
    let out = Path::new(&out);
    let docs = generated.docs.into_iter().map(|(id, text)| (format!("docs/{id}.md"), text));
    let sources = [
        ("types.rs", generated.types),
        ("tables.rs", generated.tables),
        ("schemas.rs", generated.schemas),
        ("client.rs", generated.client),
        ("calls.rs", generated.calls),
        ("models.rs", generated.models),
        ("answers.rs", generated.answers),
        ("checks.rs", generated.checks),
        ("accepted.rs", generated.accepted),
    ]
    .map(|(name, source)| (name.to_owned(), source));
    fs::create_dir_all(out.join("docs")).map_err(|e| format!("{}: cannot be made: {e}", out.display()))?;
    for (name, source) in sources.into_iter().chain(docs) {
        let path = out.join(name);
        fs::write(&path, source).map_err(|e| format!("{}: cannot be written: {e}", path.display()))?;
    }
    Ok(())
}
