//! Named components only, and none without use: what has no name gets a different one from each generator, and what
//! nobody refers to is read by nobody.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::codegen::{
    fault::Fault,
    spec::{self, Spec, escape},
};

/// Parameters, JSON bodies and examples are references. Objects and enums written inline are the business of
/// `codegen::check`.
pub(crate) fn named(spec: &Spec) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut refer = |pointer: String, what: &str, value: &Value| {
        if value.get("$ref").is_none() {
            faults.push(Fault::new(spec, &pointer, format!("{what} is written inline: make it a component")));
        }
    };
    spec::walk(spec.document(), "#", &mut |pointer, object| {
        if inside_data(pointer) {
            return;
        }
        let parameters = object.get("parameters").and_then(Value::as_array);
        for (n, parameter) in parameters.into_iter().flatten().enumerate() {
            refer(format!("{pointer}/parameters/{n}"), "a parameter", parameter);
        }
        for (media, of) in members(object, "content") {
            let at = format!("{pointer}/content/{}", escape(media));
            if let Some(schema) = of.get("schema").filter(|_| media.ends_with("json")) {
                refer(format!("{at}/schema"), "the schema of a JSON body", schema);
            }
            for (name, example) in of.as_object().map(|of| members(of, "examples")).into_iter().flatten() {
                refer(format!("{at}/examples/{}", escape(name)), "an example", example);
            }
        }
    });
    faults
}

/// Every component is referred to, every tag and every security scheme used.
pub(crate) fn used(spec: &Spec) -> Vec<Fault> {
    let mut used = BTreeSet::new();
    spec::walk(spec.document(), "#", &mut |pointer, object| {
        // What refers to itself alone is not used.
        if let Some(reference) = object.get("$ref").and_then(Value::as_str)
            && !format!("{pointer}/").starts_with(&format!("{reference}/"))
        {
            used.insert(reference.to_owned());
        }
        for scheme in object.get("security").and_then(Value::as_array).into_iter().flatten() {
            let names = scheme.as_object().into_iter().flat_map(Map::keys);
            used.extend(names.map(|name| format!("#/components/securitySchemes/{name}")));
        }
    });
    let components = spec.document().get("components").and_then(Value::as_object);
    components
        .into_iter()
        .flatten()
        .flat_map(|(kind, members)| {
            let names = members.as_object().into_iter().flat_map(Map::keys);
            names.map(move |name| format!("#/components/{kind}/{}", escape(name)))
        })
        .filter(|pointer| !used.contains(pointer))
        .map(|pointer| Fault::new(spec, &pointer, "nothing refers to this component: use it or remove it"))
        .collect()
}

fn members<'a>(object: &'a Map<String, Value>, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
    object.get(key).and_then(Value::as_object).into_iter().flatten()
}

/// Values of examples may look like anything.
fn inside_data(pointer: &str) -> bool {
    pointer.starts_with("#/components/examples/") || pointer.contains("/properties")
}

#[cfg(test)]
mod tests {
    use super::{named, used};
    use crate::planted::finds;

    #[test]
    fn finds_an_inline_parameter() {
        finds(
            named,
            "- $ref: '#/components/parameters/Storages'",
            "- {name: storages, in: query, schema: {type: string}}",
            "#/paths/~1server~1{uuid}/delete/parameters/0",
            "a parameter is written inline",
        );
    }

    #[test]
    fn finds_an_inline_body() {
        finds(
            named,
            "schema: {$ref: '#/components/schemas/Problem'}",
            "schema: {type: object}",
            "#/paths/~1server/post/responses/400/content/application~1problem+json/schema",
            "the schema of a JSON body",
        );
    }

    #[test]
    fn finds_an_inline_example() {
        finds(
            named,
            "ServerSizes: {$ref: '#/components/examples/ServerSizes'}",
            "ServerSizes: {value: {}}",
            "#/paths/~1server_size/get/responses/200/content/application~1json/examples/ServerSizes",
            "an example is written inline",
        );
    }

    #[test]
    fn finds_a_component_without_use() {
        finds(
            used,
            "  schemas:\n    # ---- Values",
            "  schemas:\n    Forgotten: {type: string}\n    # ---- Values",
            "#/components/schemas/Forgotten",
            "nothing refers to this component",
        );
    }
}
