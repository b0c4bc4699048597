//! What is behind the names of the generated code: an edit can leave every signature as it is and still send another
//! path, read another key, or say something else in the documentation.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::{Attribute, File, ImplItem, Item, visit_mut::VisitMut};

use crate::codegen::Generated;

/// What the names of both sides stand for, where that is another now.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Bodies {
    /// Items that do something else.
    pub(crate) code: BTreeSet<String>,
    /// Items whose documentation alone is another.
    pub(crate) docs: BTreeSet<String>,
}

/// The items of the same name that are not the same.
pub(crate) fn changed(before: &Generated, after: &Generated) -> syn::Result<Bodies> {
    let (old, new) = (items(before)?, items(after)?);
    let mut bodies = Bodies::default();
    for (name, (code, docs)) in &new {
        match old.get(name) {
            Some((old, _)) if old != code => drop(bodies.code.insert(name.clone())),
            Some((_, old)) if old != docs => drop(bodies.docs.insert(name.clone())),
            _ => {}
        }
    }
    Ok(bodies)
}

type Items = BTreeMap<String, (String, String)>;

/// The code and the documentation of each item by name.
fn items(generated: &Generated) -> syn::Result<Items> {
    let mut found = Items::new();
    for source in [&generated.types, &generated.client, &generated.calls, &generated.tables] {
        add("", syn::parse_str::<File>(source)?.items, &mut found);
    }
    let operations = generated.docs.iter();
    found.extend(operations.map(|(id, text)| (format!("documentation of {id}"), (String::new(), text.clone()))));
    Ok(found)
}

fn add(module: &str, items: Vec<Item>, found: &mut Items) {
    for item in items {
        match item {
            Item::Mod(of) => {
                add(&format!("{module}{}::", of.ident), of.content.map(|(_, items)| items).unwrap_or_default(), found);
            }
            Item::Impl(of) => {
                let on = of.self_ty.to_token_stream().to_string().replace(' ', "");
                let of_trait = of.trait_.as_ref().map(|(path, _)| path.to_token_stream().to_string().replace(' ', ""));
                for member in of.items {
                    let name = match &member {
                        ImplItem::Fn(f) => f.sig.ident.to_string(),
                        ImplItem::Const(c) => c.ident.to_string(),
                        ImplItem::Type(t) => t.ident.to_string(),
                        _ => continue,
                    };
                    let path = match &of_trait {
                        Some(of_trait) => format!("<{on} as {of_trait}>::{name}"),
                        None => format!("{module}{on}::{name}"),
                    };
                    keep(path, member, VisitMut::visit_impl_item_mut, found);
                }
            }
            item => {
                let Some(name) = name(&item) else { continue };
                keep(format!("{module}{name}"), item, VisitMut::visit_item_mut, found);
            }
        }
    }
}

fn keep<T: ToTokens>(path: String, mut item: T, visit: impl Fn(&mut Strip, &mut T), found: &mut Items) {
    let mut strip = Strip::default();
    visit(&mut strip, &mut item);
    found.insert(path, (item.to_token_stream().to_string(), strip.docs));
}

fn name(item: &Item) -> Option<String> {
    Some(match item {
        Item::Const(of) => of.ident.to_string(),
        Item::Enum(of) => of.ident.to_string(),
        Item::Fn(of) => of.sig.ident.to_string(),
        Item::Static(of) => of.ident.to_string(),
        Item::Struct(of) => of.ident.to_string(),
        Item::Type(of) => of.ident.to_string(),
        // An open enum: its name is behind the word `enum`.
        Item::Macro(of) => {
            let mut words = of.mac.tokens.clone().into_iter().map(|token| token.to_string());
            words.by_ref().find(|word| word == "enum")?;
            words.next()?
        }
        _ => return None,
    })
}

/// Takes the documentation off and keeps it.
#[derive(Default)]
struct Strip {
    docs: String,
}

impl VisitMut for Strip {
    fn visit_attributes_mut(&mut self, attributes: &mut Vec<Attribute>) {
        for doc in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
            self.docs.push_str(&doc.to_token_stream().to_string());
        }
        attributes.retain(|attribute| !attribute.path().is_ident("doc"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_code_from_documentation() {
        let generated = |path: &str, doc: &str, field: &str| Generated {
            client: format!(
                "impl Client {{ #[doc = \"{doc}\"] pub fn stop(&self) {{ send(\"{path}\") }} }}
                 pub mod types {{ pub struct Plan {{ #[doc = \"{field}\"] pub name: String }} }}"
            ),
            ..Generated::default()
        };
        let before = generated("/stop", "Stops.", "A name.");
        assert_eq!(changed(&before, &generated("/stop", "Stops.", "A name.")).unwrap(), Bodies::default());
        let bodies = changed(&before, &generated("/halt", "Stops.", "The name.")).unwrap();
        assert_eq!(bodies.code, BTreeSet::from(["Client::stop".to_owned()]));
        assert_eq!(bodies.docs, BTreeSet::from(["types::Plan".to_owned()]));
    }
}
