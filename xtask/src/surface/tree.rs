//! The modules of the crate as syn reads them, with the crate's macros written out, and where a name leads.

use std::{collections::BTreeMap, fs, path::Path};

use syn::{File, Ident, ImplItem, Item, PathSegment, Type, UseTree, parse_quote};

use super::{macros::Macros, public};

/// Where something is defined: its module, and its name there.
pub(super) type Definition = (Vec<String>, String);

/// The macro that declares each open enum, and the name under which the listing shows what all of them have.
const OPEN_ENUM: (&str, &str) = ("open_enum", "AnyOpenEnum");

/// All modules by path; the root is the empty one.
#[derive(Debug, Default)]
pub(super) struct Tree {
    modules: BTreeMap<Vec<String>, Vec<Item>>,
    /// What every open enum is and can do.
    pub(super) open_enum: Vec<Item>,
}

impl Tree {
    /// Reads `lib.rs` and every module it leads to.
    pub(super) fn read(src: &Path) -> Result<Self, String> {
        let mut tree = Self::default();
        tree.file(src, &src.join("lib.rs"), Vec::new())?;
        let mut macros = Macros::default();
        for item in tree.modules.values().flatten() {
            if let Item::Macro(of) = item {
                macros.learn(of);
            }
        }
        let outline = macros.outline(OPEN_ENUM.0, &[("name", OPEN_ENUM.1), ("vis", "pub")]);
        let outline = outline.map(syn::parse2::<File>).transpose().map_err(|e| format!("{}!: {e}", OPEN_ENUM.0))?;
        tree.open_enum = outline.map(|file| file.items).unwrap_or_default();
        for items in tree.modules.values_mut() {
            *items = std::mem::take(items).into_iter().flat_map(|item| written_out(item, &macros)).collect();
        }
        Ok(tree)
    }

    fn file(&mut self, folder: &Path, path: &Path, module: Vec<String>) -> Result<(), String> {
        let unreadable = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
        let file: File =
            syn::parse_str(&fs::read_to_string(path).map_err(|e| unreadable(&e))?).map_err(|e| unreadable(&e))?;
        self.module(folder, module, file.items)
    }

    fn module(&mut self, folder: &Path, module: Vec<String>, items: Vec<Item>) -> Result<(), String> {
        for item in &items {
            let Item::Mod(of) = item else { continue };
            if of.attrs.iter().any(|attribute| {
                attribute.path().is_ident("cfg") && attribute.parse_args::<Ident>().is_ok_and(|cfg| cfg == "test")
            }) {
                continue;
            }
            let name = of.ident.to_string();
            let inner = [&module[..], std::slice::from_ref(&name)].concat();
            if let Some((_, items)) = &of.content {
                self.module(&folder.join(&name), inner, items.clone())?;
            } else {
                let beside = folder.join(format!("{name}.rs"));
                let path = if beside.exists() { beside } else { folder.join(&name).join("mod.rs") };
                self.file(&folder.join(&name), &path, inner)?;
            }
        }
        self.modules.insert(module, items);
        Ok(())
    }

    pub(super) fn modules(&self) -> impl Iterator<Item = (&[String], &[Item])> {
        self.modules.iter().map(|(module, items)| (module.as_slice(), items.as_slice()))
    }

    pub(super) fn items(&self, module: &[String]) -> &[Item] {
        self.modules.get(module).map_or(&[], Vec::as_slice)
    }

    /// Where a path leads that is written in `module`; nothing if it leads out of the crate.
    pub(super) fn resolve(&self, module: &[String], path: &[String]) -> Option<Definition> {
        self.follow(module, path, 0)
    }

    fn follow(&self, module: &[String], path: &[String], depth: usize) -> Option<Definition> {
        // Two modules may import each other's names by glob; no honest path is this long.
        if depth > 16 {
            return None;
        }
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => return self.follow(&[], rest, depth + 1),
            "self" => return self.follow(module, rest, depth + 1),
            "super" => return self.follow(module.split_last()?.1, rest, depth + 1),
            _ => {}
        }
        let child = [module, std::slice::from_ref(first)].concat();
        if !rest.is_empty() && self.modules.contains_key(&child) {
            return self.follow(&child, rest, depth + 1);
        }
        let items = self.items(module);
        if rest.is_empty() && items.iter().any(|item| name(item).is_some_and(|name| name == *first)) {
            return Some((module.to_vec(), first.clone()));
        }
        let uses: Vec<(String, Vec<String>)> = items
            .iter()
            .filter_map(|item| if let Item::Use(of) = item { Some(leaves(&of.tree)) } else { None })
            .flatten()
            .collect();
        if let Some((_, path)) = uses.iter().find(|(name, _)| name == first) {
            let path = [&path[..], rest].concat();
            // `use uuid::Uuid` names itself; following it again would lead nowhere.
            return if path.first() == Some(first) && module.is_empty() {
                None
            } else {
                self.follow(module, &path, depth + 1)
            };
        }
        // What is generated is not in the sources, so each name that stands there is taken for one of it.
        if module.first().is_some_and(|first| first == "generated") {
            let (name, inner) = path.split_last()?;
            return (name != "types").then(|| ([module, inner].concat(), name.clone()));
        }
        let globs = uses.iter().filter(|(name, _)| name == "*");
        globs
            .into_iter()
            .find_map(|(_, glob)| self.follow(module, &[&glob[..glob.len() - 1], path].concat(), depth + 1))
    }
}

/// An item, or the items that the macro of the crate writes for it.
fn written_out(item: Item, macros: &Macros) -> Vec<Item> {
    match item {
        Item::Macro(of) if of.ident.is_none() => {
            let name = of.mac.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            let file = macros.expand(&name, &of.mac.tokens).and_then(|tokens| syn::parse2::<File>(tokens).ok());
            match file {
                Some(file) => file.items.into_iter().flat_map(|item| written_out(item, macros)).collect(),
                None => vec![Item::Macro(of)],
            }
        }
        Item::Impl(mut of) => {
            let members = std::mem::take(&mut of.items);
            of.items = members
                .into_iter()
                .flat_map(|member| match &member {
                    ImplItem::Macro(inner) => {
                        let name =
                            inner.mac.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
                        let written = macros.expand(&name, &inner.mac.tokens);
                        let written = written
                            .and_then(|tokens| syn::parse2::<syn::ItemImpl>(quote::quote!(impl X { #tokens })).ok());
                        written.map_or_else(|| vec![member], |written| written.items)
                    }
                    _ => vec![member],
                })
                .collect();
            vec![Item::Impl(of)]
        }
        other => vec![other],
    }
}

/// The names that a `use` brings, each with its path; `*` for all of a module.
pub(super) fn leaves(tree: &UseTree) -> Vec<(String, Vec<String>)> {
    match tree {
        UseTree::Path(path) => {
            let head = path.ident.to_string();
            leaves(&path.tree).into_iter().map(|(name, rest)| (name, [vec![head.clone()], rest].concat())).collect()
        }
        UseTree::Name(name) => vec![(name.ident.to_string(), vec![name.ident.to_string()])],
        UseTree::Rename(rename) => vec![(rename.rename.to_string(), vec![rename.ident.to_string()])],
        UseTree::Glob(_) => vec![("*".to_owned(), vec!["*".to_owned()])],
        UseTree::Group(group) => group.items.iter().flat_map(leaves).collect(),
    }
}

/// The name of a definition.
fn name(item: &Item) -> Option<String> {
    named(item).map(|(_, name)| name)
}

/// The name of a definition that is public where it stands.
pub(super) fn public_name(item: &Item) -> Option<String> {
    named(item).filter(|(visibility, _)| public(visibility)).map(|(_, name)| name)
}

fn named(item: &Item) -> Option<(&syn::Visibility, String)> {
    let (visibility, ident) = match item {
        Item::Const(of) => (&of.vis, &of.ident),
        Item::Enum(of) => (&of.vis, &of.ident),
        Item::Fn(of) => (&of.vis, &of.sig.ident),
        Item::Struct(of) => (&of.vis, &of.ident),
        Item::Trait(of) => (&of.vis, &of.ident),
        Item::Type(of) => (&of.vis, &of.ident),
        _ => return None,
    };
    Some((visibility, ident.to_string()))
}

/// A definition under the name by which users know it.
pub(super) fn renamed(item: &Item, name: &str) -> Item {
    let mut item = item.clone();
    let ident = match &mut item {
        Item::Const(of) => &mut of.ident,
        Item::Enum(of) => &mut of.ident,
        Item::Fn(of) => &mut of.sig.ident,
        Item::Struct(of) => &mut of.ident,
        Item::Trait(of) => &mut of.ident,
        Item::Type(of) => &mut of.ident,
        _ => return item,
    };
    *ident = Ident::new(name, ident.span());
    item
}

/// The path of a type, without its arguments; nothing for a type that has none.
pub(super) fn type_path(of: &Type) -> Option<Vec<String>> {
    match of {
        Type::Path(path) => Some(segments(&path.path)),
        Type::Reference(reference) => type_path(&reference.elem),
        _ => None,
    }
}

/// The segments of a path.
pub(super) fn segments(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.to_string()).collect()
}

/// Gives a type the path under which users know it.
pub(super) fn rename(of: &mut Type, name: &str) {
    match of {
        Type::Path(path) => {
            let arguments = path.path.segments.last().map(|last| last.arguments.clone()).unwrap_or_default();
            let known: syn::Path = syn::parse_str(name).unwrap_or_else(|_| parse_quote!(Unnamed));
            path.path = known;
            if let Some(PathSegment { arguments: place, .. }) = path.path.segments.last_mut() {
                *place = arguments;
            }
        }
        Type::Reference(reference) => rename(&mut reference.elem, name),
        _ => {}
    }
}
