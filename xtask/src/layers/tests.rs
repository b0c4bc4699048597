//! Small trees, each with one thing that is wrong or right.

use std::fs;

use super::*;

const LAYERS: [(&str, &[&str]); 3] =
    [("low", &["low", "made", "made/client/types"]), ("middle", &["middle", "made/client"]), ("high", &["high"])];

/// What is found in a tree of these files: modules by name, and `client.rs`, which is generated.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let src = folder.path();
    let mut generated = BTreeMap::new();
    for (name, text) in files {
        if *name == "client.rs" {
            generated.insert("client.rs", (*text).to_owned());
            continue;
        }
        let path = src.join(name).with_extension("rs");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let sources = Sources::read(src, &generated).unwrap();
    // A name of no file is a finding, and not every tree has all.
    let layers = LAYERS.map(|(layer, names)| {
        let there = names.iter().copied().filter(|name| sources.files().any(|file| file == *name));
        (layer, there.collect::<Vec<_>>())
    });
    let layers: Vec<(&str, &[&str])> = layers.iter().map(|(layer, names)| (*layer, names.as_slice())).collect();
    findings(&sources, &layers)
}

#[test]
fn an_earlier_layer_may_be_imported() {
    let files = [
        ("lib", "mod low; mod middle; mod high; pub use high::High;"),
        ("low", "pub struct Low;"),
        ("middle", "use crate::low::Low; pub struct Middle(Low);"),
        ("high", "use crate::{low::Low, middle}; pub struct High(Low, middle::Middle);"),
    ];
    assert_eq!(found(&files), [""; 0]);
}

#[test]
fn a_later_layer_may_not() {
    let files = [
        ("lib", "mod low; mod middle; mod high;"),
        ("low", "\npub struct Low(crate::high::High);"),
        ("middle", "pub struct Middle;"),
        ("high", "use std::fmt;\npub struct High;"),
    ];
    assert_eq!(found(&files), ["src/low.rs:2 imports high from low: crate::high::High is in src/high.rs"]);
}

#[test]
fn what_the_root_and_others_hand_on_is_followed_to_where_it_is_defined() {
    let files = [
        ("lib", "mod low; mod middle; mod high; pub use middle::{Deep as Renamed, Middle};"),
        ("low", "use crate::Renamed;\nfn f() { let _ = crate::Middle::new(); }"),
        ("middle", "mod deep; pub use self::deep::*; use deep::Deep; pub struct Middle;"),
        ("middle/deep", "pub enum Deep { One }"),
        ("high", "use super::{Renamed::One, low};"),
    ];
    assert_eq!(
        found(&files),
        [
            "src/low.rs:1 imports middle from low: crate::Renamed is in src/middle/deep.rs",
            "src/low.rs:2 imports middle from low: crate::Middle::new is in src/middle.rs",
        ]
    );
}

#[test]
fn macros_and_attributes_import_as_well() {
    let files = [
        ("lib", "#[macro_use] mod low; mod middle; mod high;"),
        (
            "low",
            "macro_rules! made { ($name:ident) => { pub struct $name($crate::high::High); }; }\n\
             made!(Made);\n\
             fn f() { println!(\"{}\", crate::middle::one()); }\n\
             #[derive(Debug)] struct S { #[serde(with = \"crate::high::codec\")] field: u8 }\n\
             pub(crate) use made;",
        ),
        ("middle", "some! { pub fn one() -> u8 { 1 } }"),
        ("high", "crate::low::made!(Deep); pub mod codec {}"),
    ];
    assert_eq!(
        found(&files),
        [
            "src/low.rs:1 imports high from low: crate::high::High is in src/high.rs",
            "src/low.rs:3 imports middle from low: crate::middle::one is in src/middle.rs",
            "src/low.rs:4 imports high from low: crate::high::codec is in src/high.rs",
        ]
    );
}

#[test]
fn tests_are_left_out() {
    let files = [
        ("lib", "mod low; mod high;"),
        (
            "low",
            "#[cfg(test)] mod tests; #[cfg(all(test, feature = \"x\"))] mod more { use crate::high::High; } \
             #[cfg(test)] use crate::high::High; #[cfg(feature = \"test\")] pub struct Low; \
             fn f() { #[cfg(test)] use crate::high::High; }",
        ),
        ("low/tests", "use crate::high::High;"),
        ("high", "pub struct High;"),
    ];
    assert_eq!(found(&files), [""; 0]);
}

#[test]
fn parent_and_child_may_import_each_other_but_siblings_in_a_circle_may_not() {
    let good = [
        ("lib", "mod low;"),
        ("low", "mod a; mod b; use a::A; pub struct Low(A); pub use b::B;"),
        ("low/a", "use super::{Low, B}; pub struct A;"),
        ("low/b", "use super::Low; pub struct B;"),
    ];
    assert_eq!(found(&good), [""; 0]);
    let bad = [good[0], good[1], good[2], ("low/b", "use super::{Low,\n A}; pub struct B;")];
    assert_eq!(
        found(&bad),
        [
            "src/low/a.rs:1 imports in a circle of 2 files: super::B is in src/low/b.rs",
            "src/low/b.rs:2 imports in a circle of 2 files: super::A is in src/low/a.rs",
        ]
    );
}

#[test]
fn a_circle_that_leads_over_parent_and_child_is_one() {
    let files = [
        ("lib", "mod low; mod made;"),
        ("low", "pub mod a; use a::A; pub struct Low(crate::made::Made);"),
        ("low/a", "use super::Low; pub struct A;"),
        ("made", "use crate::low::a::A; pub struct Made;"),
    ];
    assert_eq!(
        found(&files),
        [
            "src/low.rs:1 imports in a circle of 3 files: crate::made::Made is in src/made.rs",
            "src/made.rs:1 imports in a circle of 3 files: crate::low::a::A is in src/low/a.rs",
        ]
    );
}

#[test]
fn what_is_generated_counts_where_it_is_included() {
    let files = [
        ("lib", "mod low; mod middle; mod high; pub mod made; pub use middle::Call;"),
        ("low", "use crate::made::types::Server;\nuse crate::made::Client;"),
        ("middle", "pub struct Call; impl Call { fn f(self, _: crate::made::Client) {} }"),
        ("high", "pub struct High;"),
        ("made", "include!(concat!(env!(\"OUT_DIR\"), \"/client.rs\"));"),
        ("client.rs", "pub mod types {\npub struct Server(crate::high::High);\n}\npub struct Client(crate::Call);"),
    ];
    assert_eq!(
        found(&files),
        [
            "src/low.rs:2 imports middle from low: crate::made::Client is in OUT_DIR/client.rs",
            "OUT_DIR/client.rs:2 imports high from low: crate::high::High is in src/high.rs",
            "OUT_DIR/client.rs:4 imports in a circle of 2 files: crate::Call is in src/middle.rs",
            "src/middle.rs:1 imports in a circle of 2 files: crate::made::Client is in OUT_DIR/client.rs",
        ]
    );
}

#[test]
fn nothing_is_passed_over_in_silence() {
    let files = [
        ("lib", "mod low; mod other;"),
        ("low", "use crate::Gone;\nuse super::other::Made;"),
        ("other", "made!(Made);"),
    ];
    assert_eq!(
        found(&files),
        [
            "src/low.rs:1 imports crate::Gone, which is nowhere to be found",
            "src/other.rs: in no layer of xtask/src/layers.rs",
        ]
    );
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("lib.rs"), "mod low;").unwrap();
    fs::write(folder.path().join("low.rs"), "\ninclude!(\"calls.rs\");").unwrap();
    let unknown = Sources::read(folder.path(), &BTreeMap::new()).unwrap_err();
    assert_eq!(unknown, "src/low.rs:2: includes \"calls.rs\", which xtask/src/layers.rs does not know as generated");
    fs::write(folder.path().join("low.rs"), "").unwrap();
    let sources = Sources::read(folder.path(), &BTreeMap::new()).unwrap();
    let gone: [(&str, &[&str]); 1] = [("low", &["low", "older"])];
    assert_eq!(findings(&sources, &gone), ["xtask/src/layers.rs: older is a name of no file of src"]);
}
