//! Whoever doubts a line of the description must find the page of the vendor that it comes from.

use crate::codegen::{
    fault::Fault,
    spec::{Spec, escape, texts},
};

pub(crate) fn rule(spec: &Spec) -> Vec<Fault> {
    let operations = spec.operations().map(|operation| (operation.pointer(), operation.object.get("x-section")));
    let schemas = spec
        .schemas()
        .iter()
        .map(|(name, schema)| (format!("#/components/schemas/{}", escape(name)), schema.get("x-section")));
    operations
        .chain(schemas)
        .filter(|(_, sections)| texts(*sections).all(str::is_empty))
        .map(|(pointer, _)| {
            Fault::new(spec, &pointer, "`x-section` is missing: name the headings of the documentation it comes from")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::rule;
    use crate::planted::finds;

    #[test]
    fn finds_an_operation_without_its_section() {
        finds(
            rule,
            "      x-section: [List server configurations]\n      responses:",
            "      responses:",
            "#/paths/~1server_size/get",
            "`x-section` is missing",
        );
    }

    #[test]
    fn finds_a_schema_without_its_section() {
        finds(
            rule,
            "      x-section: [Create server, Start server, Restart server]\n      example: 5302410115",
            "      x-section: []\n      example: 5302410115",
            "#/components/schemas/HostId",
            "`x-section` is missing",
        );
    }
}
