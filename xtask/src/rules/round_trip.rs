//! A keyword that OpenAPI 3.0 does not know is dropped in silence by most readers. Here the document goes through the
//! types of `openapiv3` and back, and whatever is lost on the way is a finding.

use serde_json::Value;

use crate::codegen::{
    fault::Fault,
    spec::{Spec, escape},
};

pub(crate) fn rule(spec: &Spec) -> Vec<Fault> {
    let back = serde_json::from_value::<openapiv3::OpenAPI>(spec.document().clone()).and_then(serde_json::to_value);
    match back {
        Ok(back) => {
            let mut lost = Vec::new();
            compare(spec.document(), &back, "#", &mut |pointer, sentence| {
                lost.push(Fault::new(spec, pointer, sentence));
            });
            lost
        }
        Err(e) => vec![Fault::new(spec, "#", format!("this is no OpenAPI 3.0 document: {e}"))],
    }
}

fn compare(ours: &Value, back: &Value, pointer: &str, lost: &mut impl FnMut(&str, String)) {
    match (ours, back) {
        (Value::Object(ours), Value::Object(back)) => {
            for (key, member) in ours {
                let place = format!("{pointer}/{}", escape(key));
                match back.get(key) {
                    Some(back) => compare(member, back, &place, lost),
                    // A default that is spelt out is left out on the way back, which loses nothing.
                    None if is_default(key, member) => {}
                    None => lost(&place, format!("`{key}` is no keyword of OpenAPI 3.0 here, so readers drop it")),
                }
            }
        }
        (Value::Array(ours), Value::Array(back)) if ours.len() == back.len() => {
            for (n, (ours, back)) in ours.iter().zip(back).enumerate() {
                compare(ours, back, &format!("{pointer}/{n}"), lost);
            }
        }
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => {}
        _ if ours == back => {}
        _ => lost(pointer, format!("readers of OpenAPI 3.0 make {back} of {ours}")),
    }
}

fn is_default(key: &str, value: &Value) -> bool {
    matches!((key, value), ("nullable" | "required" | "deprecated" | "uniqueItems", Value::Bool(false)))
}

#[cfg(test)]
mod tests {
    use super::rule;
    use crate::planted::finds;

    #[test]
    fn finds_a_misspelt_keyword_of_a_schema() {
        finds(
            rule,
            "maxLength: 128\n      pattern: ",
            "maxLenght: 128\n      pattern: ",
            "#/components/schemas/Hostname/maxLenght",
            "`maxLenght` is no keyword",
        );
    }

    #[test]
    fn finds_a_misspelt_keyword_of_an_operation() {
        finds(
            rule,
            "summary: List server configurations",
            "sumary: List server configurations",
            "#/paths/~1server_size/get/sumary",
            "`sumary` is no keyword",
        );
    }
}
