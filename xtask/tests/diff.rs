//! `cargo xtask diff` as a maintainer and the continuous integration call it, in a repository of its own.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test fails where it stands")]

#[allow(dead_code, reason = "shared with tests that use more of it")]
#[path = "../src/planted/edit.rs"]
mod edit;
#[path = "../src/scratch.rs"]
mod scratch;

use edit::Edit;
use scratch::Scratch;

const SPEC: &str = "openapi.yaml";

/// Whether the command was content, what it told, and what it found.
fn diff(scratch: &Scratch, arguments: &[&str]) -> (bool, String, String) {
    scratch.run(env!("CARGO_BIN_EXE_xtask"), &[&["diff"], arguments].concat())
}

/// Replaces what stands once in a file.
fn replace(scratch: &Scratch, file: &str, from: &str, to: &str) {
    let text = scratch.read(file);
    assert_eq!(text.matches(from).count(), 1, "{from} in {file}");
    scratch.write(file, &Edit::first(from, to).apply(&text));
}

/// The version in the manifest of the crate and its line; that of the description must be the same for these tests.
fn version(scratch: &Scratch) -> (String, usize) {
    let manifest = scratch.read("Cargo.toml");
    let (n, line) = manifest.lines().enumerate().find(|(_, line)| line.starts_with("version = ")).unwrap();
    (line.trim_start_matches("version = ").trim_matches('"').to_owned(), n + 1)
}

#[test]
fn a_breaking_change_needs_both_versions_to_be_raised() {
    let scratch = Scratch::new();
    let (was, line) = version(&scratch);
    assert!(was.starts_with("0."), "this test knows the rule for 0.x");
    replace(&scratch, SPEC, "        parent_zone:\n", "        zone_parent:\n");
    let (content, told, found) = diff(&scratch, &["HEAD"]);
    assert!(!content);
    assert!(told.contains("On the wire: breaking. In generated code: nothing. In Rust: breaking."), "{told}");
    assert!(told.contains("Rust: breaking: gone: field types::Zone::parent_zone: Option<String>\n"), "{told}");
    let minor: u64 = was.split('.').nth(1).unwrap().parse().unwrap();
    let raised = format!("0.{}.0", minor + 1);
    let at = edit::line(&scratch.read(SPEC), "", "\n  version: ") + 1;
    assert_eq!(
        found,
        format!(
            "openapi.yaml:{at}: #/info/version: the version is {was}, but what changed since HEAD is breaking: raise it to \
             {raised}\nCargo.toml:{line}: the version is {was}, but what changed for Rust since HEAD is breaking: raise it \
             to {raised}\n"
        )
    );

    replace(&scratch, SPEC, &format!("\n  version: {was}\n"), &format!("\n  version: {raised}\n"));
    let (content, _, found) = diff(&scratch, &["HEAD"]);
    assert!(!content && found.starts_with("Cargo.toml:") && found.lines().count() == 1, "{found}");

    replace(&scratch, "Cargo.toml", &format!("\nversion = \"{was}\"\n"), &format!("\nversion = \"{raised}\"\n"));
    let (content, told, found) = diff(&scratch, &["HEAD"]);
    assert!(content && found.is_empty(), "{found}");
    assert!(told.contains(&format!("deserves {raised}, and is {raised}")), "{told}");
}

#[test]
fn what_rust_does_not_notice_asks_nothing_of_the_crate() {
    let scratch = Scratch::new();
    replace(&scratch, SPEC, "example: Europe/Berlin", "example: Europe/Rome");
    let (content, told, found) = diff(&scratch, &["HEAD"]);
    assert!(!content);
    assert!(told.contains("On the wire: patch. In generated code: nothing. In Rust: nothing."), "{told}");
    assert!(found.starts_with("openapi.yaml:") && found.lines().count() == 1, "{found}");
}

#[test]
fn the_last_release_is_what_is_compared_with() {
    let scratch = Scratch::new();
    let (content, told, _) = diff(&scratch, &[]);
    assert!(content && told.contains("No tag of a release"), "{told}");

    scratch.git(&["tag", "v0.1.0"]);
    scratch.git(&["tag", "verified"]);
    let (content, told, found) = diff(&scratch, &[]);
    assert!(content && found.is_empty(), "{found}");
    assert!(told.contains("at v0.1.0") && told.ends_with("Nothing changed\n"), "{told}");

    replace(&scratch, SPEC, "example: Europe/Berlin", "example: Europe/Rome");
    scratch.commit("Another example");
    assert!(!diff(&scratch, &[]).0, "a commit behind the release is compared with the release");
}

#[test]
fn what_cannot_be_compared_is_said() {
    let scratch = Scratch::new();
    let (content, _, found) = diff(&scratch, &["v9"]);
    assert!(!content);
    assert_eq!(found, "v9 is no revision of this repository\n");

    let real = scratch.read(SPEC);
    scratch.write(SPEC, "openapi: [\n");
    let (content, _, found) = diff(&scratch, &["HEAD"]);
    assert!(!content && found.starts_with("openapi.yaml:") && found.contains("no valid YAML"), "{found}");

    scratch.commit("Broken");
    scratch.write(SPEC, &real);
    let (content, _, found) = diff(&scratch, &["HEAD"]);
    assert!(!content && found.starts_with("openapi.yaml at HEAD:"), "{found}");
}
