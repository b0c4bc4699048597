//! Whoever doubts a line of the description must find the page of the vendor that it comes from, and whoever reads that page
//! must find what became of it.

use std::collections::BTreeSet;

use super::counted::Counted;
use crate::codegen::{
    fault::Fault,
    spec::{self, Spec, escape, texts},
};

/// The headings of the chapter, in its order, without those that every operation has (request, attributes, ...).
const HEADINGS: [&str; 25] = [
    "Servers",
    "Server states",
    "List server configurations",
    "List servers",
    "Get server details",
    "Create server",
    "Creating from a template",
    "Cloning another server",
    "Installing a server from scratch",
    "Start server",
    "Stop server",
    "Restart server",
    "Modify server",
    "Cancel server operation",
    "Delete server",
    "Metadata service",
    "Server Groups",
    "List all server groups",
    "Show server group details",
    "List servers in a group",
    "Create a new server group",
    "Modify server group",
    "Delete server group",
    "Add a new server to a server group",
    "Remove server from a server group",
];

/// Every operation and every schema names at least one heading, and every name is one of the chapter.
pub(crate) fn sources(spec: &Spec) -> Counted {
    let operations = spec.operations().map(|operation| (operation.pointer(), operation.object.get("x-section")));
    let schemas = spec
        .schemas()
        .iter()
        .map(|(name, schema)| (format!("#/components/schemas/{}", escape(name)), schema.get("x-section")));
    let mut counted = Counted::default();
    for (pointer, sections) in operations.chain(schemas) {
        let wrong = texts(sections).find(|section| !HEADINGS.contains(section));
        let wrong = wrong.map(|section| format!("{section:?} is no heading of the documentation"));
        let missing = texts(sections).next().is_none();
        let missing =
            missing.then(|| "`x-section` is missing: name the headings of the documentation it comes from".to_owned());
        counted.look(spec, &pointer, missing.or(wrong));
    }
    counted
}

/// Every heading of the documentation leads to a place in the description.
pub(crate) fn headings(spec: &Spec) -> Counted {
    let mut named = BTreeSet::new();
    spec::walk(spec.document(), "#", &mut |_, object| named.extend(texts(object.get("x-section"))));
    let faults = HEADINGS.iter().filter(|heading| !named.contains(*heading)).map(|heading| {
        Fault::new(spec, "#/paths", format!("no `x-section` names the heading {heading:?} of the documentation"))
    });
    Counted { faults: faults.collect(), places: HEADINGS.len() }
}

#[cfg(test)]
mod tests {
    use super::{headings, sources};
    use crate::planted::finds;

    #[test]
    fn finds_an_operation_without_its_section() {
        finds(
            |spec| sources(spec).faults,
            "      x-section: [List server configurations]\n      externalDocs:",
            "      externalDocs:",
            "#/paths/~1server_size/get",
            "`x-section` is missing",
        );
    }

    #[test]
    fn finds_a_schema_without_its_section() {
        finds(
            |spec| sources(spec).faults,
            "      x-section: [Create server, Start server, Restart server]\n      example: 5302410115",
            "      x-section: []\n      example: 5302410115",
            "#/components/schemas/HostId",
            "`x-section` is missing",
        );
    }

    #[test]
    fn finds_a_heading_that_the_documentation_does_not_have() {
        finds(
            |spec| sources(spec).faults,
            "      x-section: [Create server, Start server, Restart server]\n      example: 5302410115",
            "      x-section: [Create server, Start servers]\n      example: 5302410115",
            "#/components/schemas/HostId",
            "\"Start servers\" is no heading",
        );
    }

    #[test]
    fn finds_a_heading_that_nothing_comes_from() {
        finds(
            |spec| headings(spec).faults,
            "      x-section: [Server states]\n",
            "      x-section: [Create server]\n",
            "#/paths",
            "names the heading \"Server states\"",
        );
    }
}
