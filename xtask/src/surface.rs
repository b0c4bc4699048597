//! The public items of the whole crate, one a line, sorted: the hand layer by the names under which users reach it. What is
//! generated has a listing of its own (`listing.rs`), and only its re-exports are here.
//!
//! The sources are read with syn, because the compiler's own answer (rustdoc's JSON, which `cargo public-api` reads) needs a
//! nightly toolchain, takes a build, and changes its format with each release; this takes a moment and any toolchain. What it
//! cannot know is what traits the compiler derives by itself (`Send`, `Sync`).

mod macros;
mod tree;

use std::{collections::BTreeMap, path::Path};

use syn::{Item, Visibility};

use crate::listing;
use tree::{Definition, Tree};

const HEAD: &str = "# The public items of the crate, without those that build.rs generates (generated-api.txt). \
                    AnyOpenEnum stands for each enum of the macro open_enum. Written by \
                    `cargo xtask regenerate`; read the difference before you commit it.\n";

/// The macro that implements the trait `Prepared`.
const PREPARED: &str = "prepared";

/// The listing of the crate whose sources are in `src`.
pub(crate) fn of(src: &Path) -> Result<String, String> {
    let tree = Tree::read(src)?;
    let mut lines = Vec::new();
    let mut exports = BTreeMap::new();
    export(&tree, &[], "", &mut exports, &mut lines);
    for (module, items) in tree.modules() {
        for item in items {
            list(&tree, module, item, &exports, &mut lines).map_err(|e| format!("src/{}: {e}", module.join("/")))?;
        }
    }
    listing::items_of("", &tree.open_enum, &mut lines).map_err(|e| format!("src: {e}"))?;
    lines.sort();
    lines.dedup();
    Ok(format!("{HEAD}\n{}\n", lines.join("\n")))
}

type Exports = BTreeMap<Definition, String>;

/// Finds what is public under a module, with the path that a user writes.
fn export(tree: &Tree, module: &[String], prefix: &str, exports: &mut Exports, lines: &mut Vec<String>) {
    for item in tree.items(module) {
        match item {
            Item::Mod(of) if public(&of.vis) => {
                let inner = [module, &[of.ident.to_string()]].concat();
                let path = format!("{prefix}{}", of.ident);
                lines.push(format!("mod {path}"));
                export(tree, &inner, &format!("{path}::"), exports, lines);
            }
            Item::Use(of) if public(&of.vis) => {
                for (name, path) in tree::leaves(&of.tree) {
                    match tree.resolve(module, &path) {
                        Some(definition) => drop(exports.insert(definition, format!("{prefix}{name}"))),
                        None => lines.push(format!("use {prefix}{name} = {}", path.join("::"))),
                    }
                }
            }
            other => {
                if let Some(name) = tree::public_name(other) {
                    exports.insert((module.to_vec(), name.clone()), format!("{prefix}{name}"));
                }
            }
        }
    }
}

/// Lists an item if users can reach it.
fn list(tree: &Tree, module: &[String], item: &Item, exports: &Exports, lines: &mut Vec<String>) -> syn::Result<()> {
    let reached = |path: &[String]| -> Option<String> {
        let definition = tree.resolve(module, path)?;
        let generated = || match definition.0.first()?.as_str() {
            "generated" if definition.0.len() > 1 => Some(format!("types::{}", definition.1)),
            "generated" => Some(format!("generated::{}", definition.1)),
            _ => None,
        };
        exports.get(&definition).cloned().or_else(generated)
    };
    match item {
        Item::Impl(of) => {
            let Some(path) = tree::type_path(&of.self_ty) else { return Ok(()) };
            let Some(name) = reached(&path) else { return Ok(()) };
            // A trait that is the crate's own secret is no promise to anybody.
            let secret = of.trait_.as_ref().is_some_and(|(path, _)| {
                let path = tree::segments(path);
                tree.resolve(module, &path).is_some() && reached(&path).is_none()
            });
            if secret {
                return Ok(());
            }
            let mut of = of.clone();
            tree::rename(&mut of.self_ty, &name);
            listing::items_of("", &[Item::Impl(of)], lines)
        }
        Item::Macro(of) if of.mac.path.is_ident(PREPARED) => {
            // What the macro writes is the trait `Prepared`; its first arguments say for what, and with which answer.
            let text = of.mac.tokens.to_string();
            let head = text.split('|').next().unwrap_or(&text).trim_end_matches([',', ' ']);
            let (name, rest) = head.split_once(',').unwrap_or((head, ""));
            let path: Vec<String> = name.split("::").map(|part| part.trim().to_owned()).collect();
            if let Some(name) = reached(&path) {
                let rest = rest.split_whitespace().collect::<Vec<_>>().join(" ").replace(" ,", ",");
                lines.push(format!(
                    "impl Prepared for {name}; {}",
                    rest.replace(" <", "<").replace("< ", "<").replace(" >", ">")
                ));
            }
            Ok(())
        }
        Item::Mod(_) | Item::Use(_) => Ok(()),
        other => match tree::public_name(other).and_then(|name| exports.get(&(module.to_vec(), name))) {
            Some(name) => {
                let (prefix, last) =
                    name.rsplit_once("::").map_or(("", name.as_str()), |(prefix, last)| (prefix, last));
                let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}::") };
                listing::items_of(&prefix, &[tree::renamed(other, last)], lines)
            }
            None => Ok(()),
        },
    }
}

fn public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn lists_what_users_reach_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let src = folder.path();
        fs::create_dir(src.join("server")).unwrap();
        let write = |name: &str, text: &str| fs::write(src.join(name), text).unwrap();
        write(
            "lib.rs",
            "mod server; pub mod generated; mod secret_things; pub use server::{Servers, Way}; pub use generated::types; \
             pub use secret_things::Shown as Renamed; #[cfg(test)] mod tests {}",
        );
        write(
            "server.rs",
            "mod way; use crate::generated::types::Server; pub use way::Way; pub struct Servers { client: u8 } \
             impl Servers { pub fn get(&self) -> Server { todo!() } fn hidden(&self) {} } \
             impl Server { pub fn is_up(&self) -> bool { true } } pub struct Unreachable; prepared!(Way, GetServer, () => Server, |x| x);",
        );
        write(
            "server/way.rs",
            "macro_rules! setters { ($type:ident, $text:literal) => { impl $type { #[doc = $text] pub fn on(mut self) -> Self { self } } }; } \
             macro_rules! many { ($($name:ident: $value:ty;)+) => { impl Way { $(pub fn $name(&self) -> $value { todo!() })+ } }; } \
             #[derive(Clone)] pub enum Way { In } setters!(Way, \"x\"); many! { first: Vec<u8>; second: (); } \
             trait Secret { fn s(); } impl Secret for Way { fn s() {} } impl Iterator for Way { type Item = u8; }",
        );
        write(
            "generated.rs",
            "include!(\"client.rs\"); macro_rules! open_enum { ($vis:vis enum $name:ident { $($variant:ident = $text:literal),+ }) => { \
             $vis enum $name { $($variant,)+ Unknown(String) } impl $name { $vis fn known() -> &'static [Self] { &[$($name::$variant),+] } } }; }",
        );
        write("secret_things.rs", "pub struct Shown(pub u8);");
        let lines = of(src).unwrap();
        assert_eq!(
            lines.lines().skip(2).collect::<Vec<_>>(),
            [
                "enum AnyOpenEnum",
                "enum Way: Clone",
                "field Renamed::0: u8",
                "fn AnyOpenEnum::known() -> &'static [Self]",
                "fn Servers::get(&self) -> Server",
                "fn Way::first(&self) -> Vec<u8>",
                "fn Way::on(mut self) -> Self",
                "fn Way::second(&self) -> ()",
                "fn types::Server::is_up(&self) -> bool",
                "impl Iterator for Way",
                "impl Prepared for Way; GetServer, () => Server",
                "mod generated",
                "struct Renamed",
                "struct Servers",
                "type <Way as Iterator>::Item = u8",
                "use types = generated::types",
                "variant AnyOpenEnum::Unknown(String)",
                "variant Way::In",
            ]
        );
    }
}
