//! A default in a modification would be read as a reset of what the caller did not name. `codegen::check` looks at the
//! schemas named `Modify...`; here it is everything that the body of such an operation leads to.

use super::reach;
use crate::codegen::{
    fault::Fault,
    spec::{self, Spec},
};

pub(crate) fn rule(spec: &Spec) -> Vec<Fault> {
    let bodies = spec
        .operations()
        .filter(|operation| operation.id().starts_with("modify"))
        .filter_map(|operation| operation.object.get("requestBody"));
    let mut faults = Vec::new();
    for name in reach::schemas(spec, bodies) {
        let start = format!("#/components/schemas/{name}");
        let Some(schema) = spec.schema(name) else { continue };
        spec::walk(schema, &start, &mut |pointer, object| {
            if object.contains_key("default") && !pointer.contains("/example") && !pointer.ends_with("/properties") {
                let place = format!("{pointer}/default");
                faults.push(Fault::new(
                    spec,
                    &place,
                    "a modification leads here, so a default would be read as a reset",
                ));
            }
        });
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::rule;
    use crate::planted::finds;

    #[test]
    fn finds_a_default_behind_a_reference() {
        finds(
            rule,
            "          description: 0 to 255 characters.\n",
            "          description: 0 to 255 characters.\n          default: ''\n",
            "#/components/schemas/LabelInput/properties/value/default",
            "would be read as a reset",
        );
    }
}
