//! The public items of the crate, one a line, as rustdoc knows them and the library of `cargo public-api` writes them. What is
//! generated has a listing of its own (`listing.rs`), which needs no build, and is left out here.
//!
//! Rustdoc's JSON is for nightly toolchains; `RUSTC_BOOTSTRAP` lets a stable one write it. Its format changes now and then, so
//! the version of `public-api` goes with that of Rust: 0.52.1 reads the format 57, which Rust 1.95 writes.
//!
//! What it does not say: which functions the macro `open_enum` writes, for they are as generated as the enums.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde_json::Value;

use crate::{cargo, regenerate};

const HEAD: &str = "# The public items of the crate, without those that build.rs generates (generated-api.txt). Written by \
                    `cargo xtask regenerate`; read the difference before you commit it.\n";

/// The name of the crate, before each path.
const CRATE: &str = "upcloud";

/// Cargo itself, its build scripts and the compiler must not see the variable: some crates are built otherwise where it is
/// set, and everything would be built twice.
const RUSTDOC: &str = "#!/bin/sh\nRUSTC_BOOTSTRAP=1 exec rustdoc \"$@\"\n";

/// The listing of the crate in this folder.
pub(crate) fn of(root: &Path) -> Result<String, Vec<String>> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    built_in(&target, root)
}

fn built_in(target: &Path, root: &Path) -> Result<String, Vec<String>> {
    let json = document(target, root)?;
    let unreadable = |e: &dyn std::fmt::Display| {
        vec![format!("{}: cannot be read: {e}: the versions of Rust and of public-api do not fit", json.display())]
    };
    let api = public_api::Builder::from_rustdoc_json(&json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .include_function_parameter_names(true)
        .build()
        .map_err(|e| unreadable(&e))?;
    let text = fs::read_to_string(&json).map_err(|e| unreadable(&e))?;
    let document: Value = serde_json::from_str(&text).map_err(|e| unreadable(&e))?;
    let index = &document["index"];

    let mut names = BTreeMap::new();
    let mut lines = BTreeSet::new();
    exports(&document, &document["root"], "", &mut names, &mut lines);
    // One item may have several paths; the shortest is the one that people use.
    let mut items: BTreeMap<u32, String> = BTreeMap::new();
    for item in api.items().filter(|item| document["root"] != item.id().0) {
        let parent = item.parent_id().map_or(&Value::Null, |id| &index[id.0.to_string()]);
        if is_told(&index[item.id().0.to_string()], parent) {
            let line = short(&item.to_string(), &names);
            let known = items.entry(item.id().0).or_insert_with(|| line.clone());
            if (line.len(), &line) < (known.len(), known) {
                *known = line;
            }
        }
    }
    lines.extend(items.into_values());
    let lines: Vec<String> = lines.into_iter().collect();
    Ok(format!("{HEAD}\n{}\n", lines.join("\n")))
}

/// The names under which a module hands on what is defined elsewhere: in `names` by the path of the definition, and in `lines`
/// those of what is generated, for whose definition there is no line.
fn exports(
    document: &Value,
    module: &Value,
    prefix: &str,
    names: &mut BTreeMap<String, String>,
    lines: &mut BTreeSet<String>,
) {
    let of = |id: &Value| &document["index"][id.to_string()];
    for id in of(module)["inner"]["module"]["items"].as_array().into_iter().flatten() {
        let item = of(id);
        if let Some(import) = item["inner"].get("use").filter(|_| is_by_hand(item)) {
            let is_glob = import["is_glob"] == true;
            let name = if is_glob { "*" } else { import["name"].as_str().unwrap_or_default() };
            let name = format!("{prefix}{name}");
            let path = document["paths"][import["id"].to_string()]["path"].as_array().into_iter().flatten();
            let path = path.filter_map(Value::as_str).skip(1).collect::<Vec<_>>().join("::");
            // For one of another crate public-api has a line.
            if !of(&import["id"]).is_null() && (is_glob || !is_by_hand(of(&import["id"]))) {
                lines.insert(format!("pub use {name} = {}", import["source"].as_str().unwrap_or_default()));
            }
            names.insert(path, name.trim_end_matches("::*").to_owned());
        } else if item["inner"].get("module").is_some() && is_by_hand(item) {
            let prefix = format!("{prefix}{}::", item["name"].as_str().unwrap_or_default());
            exports(document, id, &prefix, names, lines);
        }
    }
}

/// Lets rustdoc write what it knows; where that is.
fn document(target: &Path, root: &Path) -> Result<PathBuf, Vec<String>> {
    let rustdoc = target.join("surface").join("rustdoc");
    executable(&rustdoc).map_err(|e| vec![format!("{}: cannot be written: {e}", rustdoc.display())])?;
    let mut command = cargo::command(root);
    command.args(["rustdoc", "--package", CRATE, "--lib", "--all-features", "--message-format=short"]);
    command.arg("--target-dir").arg(target).arg("--");
    command.args(["-Z", "unstable-options", "--output-format", "json", "--cap-lints", "allow"]);
    let done = command.env("RUSTDOC", &rustdoc).stdin(Stdio::null()).output();
    let done = done.map_err(|e| vec![format!("cargo cannot be run: {e}")])?;
    if !done.status.success() {
        let mut findings = regenerate::errors(&String::from_utf8_lossy(&done.stderr));
        findings.push("rustdoc cannot read the crate, so its public items are not listed".to_owned());
        return Err(findings);
    }
    Ok(target.join("doc").join(format!("{CRATE}.json")))
}

fn executable(path: &Path) -> std::io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|text| text == RUSTDOC) {
        return Ok(());
    }
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    fs::write(path, RUSTDOC)?;
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    Ok(())
}

/// Whether it stands in `src`, and not in what the build script wrote.
fn is_by_hand(item: &Value) -> bool {
    item.pointer("/span/filename").and_then(Value::as_str).is_some_and(|file| file.starts_with("src/"))
}

/// Whether an item has a line. An `impl` without a trait is told by what is in it, and one of a trait by itself: what is in
/// that is known from the trait.
fn is_told(item: &Value, parent: &Value) -> bool {
    let of_trait = |item: &Value| item.pointer("/inner/impl").map(|of| of["trait"]["path"].as_str().map(str::to_owned));
    let is_noise = match of_trait(item) {
        Some(None) => true,
        // Nobody can name it.
        Some(Some(name)) => name.ends_with("StructuralPartialEq"),
        None => matches!(of_trait(parent), Some(Some(_))) && item["inner"].get("assoc_type").is_none(),
    };
    is_by_hand(item) && !is_noise
}

/// A line with each path as people write it: by the name that the crate gives it, and of the standard library the last part.
fn short(line: &str, names: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for word in line.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':') {
        let end = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != ':').unwrap_or(word.len());
        let (path, behind) = word.split_at(end);
        let (path, colon) = path.strip_suffix(':').map_or((path, ""), |path| (path, ":"));
        let parts: Vec<&str> = path.split("::").collect();
        match parts.as_slice() {
            ["alloc" | "core" | "std", .., last] => text.push_str(last),
            [CRATE, parts @ ..] => {
                let name = |n: usize| Some((n, names.get(&parts[..n].join("::"))?.as_str()));
                let known = (1..=parts.len()).rev().find_map(name);
                let (n, name) = known.unwrap_or((0, ""));
                let parts: Vec<&str> =
                    std::iter::once(name).filter(|name| !name.is_empty()).chain(parts[n..].iter().copied()).collect();
                text.push_str(&parts.join("::"));
            }
            _ => text.push_str(path),
        }
        text.push_str(colon);
        text.push_str(behind);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The listing of a crate of its own, with what the compiler alone can tell: macros, derives, re-exports.
    #[test]
    fn lists_what_users_reach_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let write = |name: &str, text: &str| {
            fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
            fs::write(root.join(name), text).unwrap();
        };
        write("Cargo.toml", "[package]\nname = \"upcloud\"\nedition = \"2024\"\n[workspace]\n");
        write("generated.rs", "pub mod types { pub struct Server { pub uuid: u8 } } pub enum State { On }");
        write(
            "src/lib.rs",
            "pub mod generated { include!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/generated.rs\")); } mod server; mod secret;\n\
             pub use generated::{State, types}; pub use secret::Shown as Renamed; pub use server::{Servers, Way};",
        );
        write(
            "src/server.rs",
            "use crate::generated::{State, types::Server};\n\
             pub struct Servers { client: u8 }\n\
             impl Servers { pub fn get(&self, uuid: u8) -> Option<Server> { None } fn hidden(&self) -> u8 { self.client } }\n\
             impl Server { pub fn is(&self, state: State) -> bool { let _ = state; true } }\n\
             macro_rules! setters { ($($name:ident)+) => { impl Way { $(pub fn $name(self) -> Self { self })+ } }; }\n\
             #[derive(Clone)] #[non_exhaustive] pub enum Way { In, Out(u64) } setters! { on off }\n\
             impl Iterator for Way { type Item = u8; fn next(&mut self) -> Option<u8> { None } }\n\
             pub struct Unreachable; trait Secret {} impl Secret for Way {} impl Default for Way { fn default() -> Self { Way::In } }",
        );
        write("src/secret.rs", "pub struct Shown(pub u8);");
        let lines = built_in(&root.join("target"), root).unwrap();
        assert_eq!(
            lines.lines().skip(2).collect::<Vec<_>>(),
            [
                "#[non_exhaustive] pub enum Way",
                "impl Clone for Way",
                "impl Default for Way",
                "impl Iterator for Way",
                "pub Way::In",
                "pub Way::Out(u64)",
                "pub fn Servers::get(&self, uuid: u8) -> Option<types::Server>",
                "pub fn Way::off(self) -> Self",
                "pub fn Way::on(self) -> Self",
                "pub fn types::Server::is(&self, state: State) -> bool",
                "pub mod generated",
                "pub struct Renamed(pub u8)",
                "pub struct Servers",
                "pub type Way::Item = u8",
                "pub use State = generated::State",
                "pub use types = generated::types",
            ]
        );
    }

    #[test]
    fn a_crate_that_does_not_build_has_findings() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"upcloud\"\n[workspace]\n").unwrap();
        fs::write(folder.path().join("src/lib.rs"), "pub fn f() -> Gone {}").unwrap();
        let findings = built_in(&folder.path().join("target"), folder.path()).unwrap_err();
        assert!(
            findings[0].starts_with("src/lib.rs:1:15: error[E0425]")
                || findings[0].starts_with("src/lib.rs:1:15: error[E0412]"),
            "{findings:?}"
        );
    }
}
