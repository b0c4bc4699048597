//! Which file imports what from which: every `use` and every path in the sources, followed to the file where the thing is
//! defined, over re-exports. Tests are left out.
//!
//! A name that a macro writes is not seen where it is used; in what is given to a macro, and in what its rules write, paths
//! are. What a glob brings counts as the file that the glob names.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use proc_macro2::{TokenStream, TokenTree};
use syn::{Attribute, File, Item, Macro, UseTree, VisRestricted, spanned::Spanned as _, visit::Visit};

/// One file names what another defines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Import {
    pub(super) from: String,
    pub(super) line: usize,
    /// As it is written.
    pub(super) path: String,
    pub(super) to: String,
}

/// All imports, and what cannot be followed.
#[derive(Debug, Default)]
pub(super) struct Imports {
    pub(super) known: Vec<Import>,
    pub(super) unknown: Vec<String>,
}

/// The files of a crate, by module.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// File by name, `server/wait` for `src/server/wait.rs`: how it is shown.
    files: BTreeMap<String, String>,
    modules: BTreeMap<Vec<String>, Module>,
}

#[derive(Debug, Default)]
struct Module {
    /// The file that the module begins in.
    file: String,
    /// Each with the file that it stands in: what is generated is included.
    items: Vec<(String, Item)>,
    /// The names that its `use` bring, and where from; `*` for all of a module.
    uses: Vec<(String, Vec<String>)>,
}

impl Sources {
    /// Reads `lib.rs` and every module it leads to. `generated` are the texts that the build includes.
    pub(super) fn read(src: &Path, generated: &BTreeMap<&'static str, String>) -> Result<Self, String> {
        let mut sources = Self::default();
        sources.file(src, "lib", &[], generated)?;
        for module in sources.modules.values_mut() {
            let uses =
                module.items.iter().filter_map(|(_, item)| if let Item::Use(of) = item { Some(of) } else { None });
            module.uses = uses.flat_map(|of| leaves(&of.tree)).map(|leaf| (leaf.name, leaf.path)).collect();
        }
        Ok(sources)
    }

    /// The names of all files.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// A file as people know it.
    pub(super) fn shown<'a>(&'a self, file: &'a str) -> &'a str {
        self.files.get(file).map_or(file, String::as_str)
    }

    fn file(
        &mut self,
        src: &Path,
        name: &str,
        module: &[String],
        generated: &BTreeMap<&'static str, String>,
    ) -> Result<(), String> {
        let beside = format!("{name}.rs");
        let path = if src.join(&beside).exists() { beside } else { format!("{name}/mod.rs") };
        let shown = format!("src/{path}");
        let text = fs::read_to_string(src.join(&path)).map_err(|e| format!("{shown}: cannot be read: {e}"))?;
        let file: File = syn::parse_str(&text).map_err(|e| format!("{shown}: {e}"))?;
        self.files.insert(name.to_owned(), shown);
        self.modules.insert(module.to_vec(), Module { file: name.to_owned(), ..Module::default() });
        self.items(src, name, module, file.items, generated)
    }

    fn items(
        &mut self,
        src: &Path,
        file: &str,
        module: &[String],
        items: Vec<Item>,
        generated: &BTreeMap<&'static str, String>,
    ) -> Result<(), String> {
        for item in items {
            if attributes(&item).iter().any(is_test) {
                continue;
            }
            match &item {
                Item::Mod(of) => {
                    let name = of.ident.to_string();
                    let inner = [module, std::slice::from_ref(&name)].concat();
                    if of.attrs.iter().any(|attribute| attribute.path().is_ident("path")) {
                        return Err(format!("{}: the module {name} has a `#[path]`", self.shown(file)));
                    }
                    if let Some((_, items)) = &of.content {
                        // A module within a text that is generated counts as a file: it is as long as many.
                        let own = if self.shown(file).starts_with("src/") {
                            file.to_owned()
                        } else {
                            let own = format!("{file}/{name}");
                            self.files.insert(own.clone(), self.shown(file).to_owned());
                            own
                        };
                        self.modules.insert(inner.clone(), Module { file: own.clone(), ..Module::default() });
                        self.items(src, &own, &inner, items.clone(), generated)?;
                    } else {
                        self.file(src, &inner.join("/"), &inner, generated)?;
                    }
                }
                Item::Macro(of) if of.mac.path.is_ident("include") => {
                    let name = included(&of.mac.tokens);
                    let text = generated.get(name.as_str()).ok_or_else(|| {
                        format!(
                            "{}:{}: includes {name:?}, which xtask/src/layers.rs does not know as generated",
                            self.shown(file),
                            of.span().start().line
                        )
                    })?;
                    let parsed: File = syn::parse_str(text).map_err(|e| format!("{name}: {e}"))?;
                    let own = format!("{file}/{}", name.trim_end_matches(".rs"));
                    self.files.insert(own.clone(), format!("OUT_DIR/{name}"));
                    self.items(src, &own, module, parsed.items, generated)?;
                    continue;
                }
                _ => {}
            }
            self.modules.entry(module.to_vec()).or_default().items.push((file.to_owned(), item));
        }
        Ok(())
    }

    /// Every import of every file.
    pub(super) fn imports(&self) -> Imports {
        let mut imports = Imports::default();
        for (module, of) in &self.modules {
            for (file, item) in &of.items {
                // The modules in a module are looked at on their own, and the root may name all.
                if matches!(item, Item::Mod(_)) || (module.is_empty() && matches!(item, Item::Use(_))) {
                    continue;
                }
                let mut reader = Reader { paths: Vec::new() };
                reader.visit_item(item);
                for (path, line) in reader.paths {
                    self.import(module, file, &path, line, &mut imports);
                }
            }
        }
        imports.known.sort();
        imports.known.dedup();
        // `use crate::Error` and then `Error::new`: the first says it.
        let pair = |import: &Import| (import.from.clone(), import.to.clone());
        let rooted = |import: &Import| {
            import.path.split("::").next().is_some_and(|root| ["crate", "self", "super"].contains(&root))
        };
        let said: BTreeSet<_> = imports.known.iter().filter(|import| rooted(import)).map(pair).collect();
        imports.known.retain(|import| rooted(import) || !said.contains(&pair(import)));
        imports.unknown.sort();
        imports.unknown.dedup();
        imports
    }

    fn import(&self, module: &[String], file: &str, path: &[String], line: usize, imports: &mut Imports) {
        let written = path.join("::");
        match self.follow(module, path, 0) {
            Some(to) if to == file => {}
            Some(to) if !to.is_empty() => {
                imports.known.push(Import { from: file.to_owned(), line, path: written, to });
            }
            _ if path.first().is_some_and(|first| first == "crate") && path.len() > 1 => {
                imports
                    .unknown
                    .push(format!("{}:{line} imports {written}, which is nowhere to be found", self.shown(file)));
            }
            _ => {}
        }
    }

    /// The file in which the thing is defined that a path in `module` leads to; nothing if it leads out of the crate, an empty
    /// name if it gets no further than the root. What cannot be followed to its end (a macro may have written it, or it is a
    /// part of a type) is taken for a part of where it got to.
    fn follow(&self, module: &[String], path: &[String], depth: usize) -> Option<String> {
        // Two modules may import each other's names by glob; no honest path is this long.
        if depth > 16 {
            return None;
        }
        let here = self.modules.get(module)?;
        let Some((first, rest)) = path.split_first() else { return Some(here.file.clone()) };
        match first.as_str() {
            "crate" => return self.within(&[], rest, depth),
            "self" => return self.within(module, rest, depth),
            "super" => return self.within(module.split_last()?.1, rest, depth),
            "*" => return Some(here.file.clone()),
            _ => {}
        }
        let child = [module, std::slice::from_ref(first)].concat();
        if self.modules.contains_key(&child) {
            return self.within(&child, rest, depth);
        }
        if let Some((file, _)) = here.items.iter().find(|(_, item)| names(item).contains(first)) {
            return Some(file.clone());
        }
        if let Some((_, of)) = here.uses.iter().find(|(name, of)| name == first && of.first() != Some(first)) {
            return self.follow(module, &[of, rest].concat(), depth + 1);
        }
        let mut globs = here.uses.iter().filter(|(name, _)| name == "*");
        globs.find_map(|(_, of)| self.follow(module, &[&of[..of.len() - 1], path].concat(), depth + 1))
    }

    /// As `follow`, for a path that certainly stays in the crate.
    fn within(&self, module: &[String], path: &[String], depth: usize) -> Option<String> {
        let here =
            || self.modules.get(module).map(|of| if module.is_empty() { String::new() } else { of.file.clone() });
        if path.is_empty() { here() } else { self.follow(module, path, depth + 1).or_else(here) }
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(of) => &of.attrs,
        Item::Enum(of) => &of.attrs,
        Item::Fn(of) => &of.attrs,
        Item::Impl(of) => &of.attrs,
        Item::Macro(of) => &of.attrs,
        Item::Mod(of) => &of.attrs,
        Item::Static(of) => &of.attrs,
        Item::Struct(of) => &of.attrs,
        Item::Trait(of) => &of.attrs,
        Item::Type(of) => &of.attrs,
        Item::Use(of) => &of.attrs,
        _ => &[],
    }
}

/// Whether it is there for tests alone: `cfg(test)`, or `cfg(all(test, ..))`.
fn is_test(attribute: &Attribute) -> bool {
    let mut test = false;
    if attribute.path().is_ident("cfg") {
        // What is not understood is no test.
        let _ = attribute.parse_nested_meta(|meta| {
            test |= meta.path.is_ident("test");
            if meta.path.is_ident("all") {
                meta.parse_nested_meta(|inner| {
                    test |= inner.path.is_ident("test");
                    skip(&inner)
                })
            } else {
                skip(&meta)
            }
        });
    }
    test
}

/// Reads over what a part of a `cfg` has behind its name.
fn skip(meta: &syn::meta::ParseNestedMeta<'_>) -> syn::Result<()> {
    if meta.input.peek(syn::Token![=]) {
        meta.value()?.parse::<syn::Expr>()?;
    } else if meta.input.peek(syn::token::Paren) {
        meta.input.parse::<TokenTree>()?;
    }
    Ok(())
}

/// The last text in the arguments of `include!`, as `/client.rs` in `concat!(env!("OUT_DIR"), "/client.rs")`.
fn included(tokens: &TokenStream) -> String {
    let mut found = String::new();
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => found = included(&group.stream()),
            TokenTree::Literal(literal) => {
                if let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                    text.value().trim_start_matches('/').clone_into(&mut found);
                }
            }
            _ => {}
        }
    }
    found
}

/// The names that an item defines. Those that a macro defines stand in its arguments behind the keyword, or are not found.
fn names(item: &Item) -> Vec<String> {
    let ident = match item {
        Item::Const(of) => &of.ident,
        Item::Enum(of) => &of.ident,
        Item::Fn(of) => &of.sig.ident,
        Item::Static(of) => &of.ident,
        Item::Struct(of) => &of.ident,
        Item::Trait(of) => &of.ident,
        Item::TraitAlias(of) => &of.ident,
        Item::Type(of) => &of.ident,
        Item::Union(of) => &of.ident,
        Item::Macro(of) => match &of.ident {
            Some(ident) => ident,
            None => return declared(&of.mac.tokens),
        },
        _ => return Vec::new(),
    };
    vec![ident.to_string()]
}

fn declared(tokens: &TokenStream) -> Vec<String> {
    const KEYWORDS: [&str; 7] = ["const", "enum", "fn", "static", "struct", "trait", "type"];
    let mut found = Vec::new();
    let mut behind = false;
    for token in tokens.clone() {
        match &token {
            TokenTree::Ident(ident) if behind => found.push(ident.to_string()),
            TokenTree::Group(group) => found.extend(declared(&group.stream())),
            _ => {}
        }
        behind = matches!(&token, TokenTree::Ident(ident) if KEYWORDS.contains(&ident.to_string().as_str()));
    }
    found
}

/// One name that a `use` brings.
#[derive(Debug)]
struct Leaf {
    name: String,
    path: Vec<String>,
    line: usize,
}

fn leaves(tree: &UseTree) -> Vec<Leaf> {
    let leaf = |name: String, last: String| Leaf { name, path: vec![last], line: tree.span().start().line };
    match tree {
        UseTree::Path(path) => {
            let head = path.ident.to_string();
            let mut leaves = leaves(&path.tree);
            for leaf in &mut leaves {
                // `use a::{self}` brings a itself.
                if leaf.path == ["self"] {
                    if leaf.name == "self" {
                        leaf.name.clone_from(&head);
                    }
                    leaf.path.clear();
                }
                leaf.path.insert(0, head.clone());
            }
            leaves
        }
        UseTree::Name(name) => vec![leaf(name.ident.to_string(), name.ident.to_string())],
        UseTree::Rename(rename) => vec![leaf(rename.rename.to_string(), rename.ident.to_string())],
        UseTree::Glob(_) => vec![leaf("*".to_owned(), "*".to_owned())],
        UseTree::Group(group) => group.items.iter().flat_map(leaves).collect(),
    }
}

/// Collects the paths of an item, each with its line.
#[derive(Debug)]
struct Reader {
    paths: Vec<(Vec<String>, usize)>,
}

impl Reader {
    /// The paths among tokens; of those within the rules of a macro only what begins at the crate, for the rest is read where
    /// the macro is used.
    fn tokens(&mut self, tokens: &TokenStream, rules: bool) {
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.tokens(&group.stream(), rules),
                TokenTree::Ident(first) => {
                    let mut path = vec![first.to_string()];
                    let line = first.span().start().line;
                    while let (Some(TokenTree::Punct(a)), Some(TokenTree::Punct(b)), Some(TokenTree::Ident(next))) =
                        (tokens.get(at + 1), tokens.get(at + 2), tokens.get(at + 3))
                    {
                        if a.as_char() != ':' || b.as_char() != ':' {
                            break;
                        }
                        path.push(next.to_string());
                        at += 3;
                    }
                    let whole = at + 1 - 3 * (path.len() - 1);
                    // The rest of a path that begins outside, as in `::std::fmt`, or behind a group.
                    let inner = whole >= 2 && matches!(&tokens[whole - 2], TokenTree::Punct(of) if of.as_char() == ':');
                    if path.len() > 1 && !inner && (!rules || path[0] == "crate") {
                        self.paths.push((path, line));
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if !attributes(item).iter().any(is_test) {
            syn::visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, of: &'ast syn::ItemUse) {
        if of.leading_colon.is_none() {
            self.paths.extend(leaves(&of.tree).into_iter().map(|leaf| (leaf.path, leaf.line)));
        }
    }

    fn visit_item_macro(&mut self, of: &'ast syn::ItemMacro) {
        if of.mac.path.is_ident("macro_rules") {
            self.tokens(&of.mac.tokens, true);
        } else {
            syn::visit::visit_item_macro(self, of);
        }
    }

    fn visit_macro(&mut self, of: &'ast Macro) {
        self.visit_path(&of.path);
        self.tokens(&of.tokens, false);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        // A single name was imported, and that is counted, or is at home.
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.paths.push((segments, path.span().start().line));
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        // serde names its codecs in texts.
        let syn::Meta::List(list) = &attribute.meta else { return };
        self.tokens(&list.tokens, false);
        for text in literals(&list.tokens) {
            if let Ok(tokens) = text.value().parse::<TokenStream>() {
                let from = self.paths.len();
                self.tokens(&tokens, true);
                for (_, line) in &mut self.paths[from..] {
                    *line = text.span().start().line;
                }
            }
        }
    }

    // `pub(in crate::server)` imports nothing.
    fn visit_vis_restricted(&mut self, _: &'ast VisRestricted) {}
}

fn literals(tokens: &TokenStream) -> Vec<syn::LitStr> {
    let mut found = Vec::new();
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => found.extend(literals(&group.stream())),
            TokenTree::Literal(literal) => found.extend(syn::parse2::<syn::LitStr>(TokenTree::from(literal).into())),
            _ => {}
        }
    }
    found
}
