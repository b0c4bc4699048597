//! Spectral: all of its rules for OpenAPI; the settings are in `spectral.yaml`.

use serde_json::Value;

use super::{Finding, Language, Linter, SETTINGS};
use crate::{
    SPEC,
    codegen::{
        fault::Fault,
        spec::{Spec, escape},
    },
};

const NAME: &str = "spectral";

pub(super) const LINTER: Linter = Linter {
    name: NAME,
    package: "@stoplight/spectral-cli",
    language: Language::Node,
    command: |tools| {
        let mut command = tools.program("spectral");
        command.args(["lint", SPEC, "--format", "json", "--quiet", "--fail-severity", "hint"]);
        command.args(["--ruleset", &format!("{SETTINGS}/spectral.yaml")]);
        command
    },
    read,
};

fn read(spec: &Spec, text: &str, _: &str) -> Result<Vec<Finding>, String> {
    let answer: Vec<Value> = serde_json::from_str(text).map_err(|e| format!("its answer is no JSON: {e}"))?;
    Ok(answer.iter().map(|result| finding(spec, result)).collect())
}

fn finding(spec: &Spec, result: &Value) -> Finding {
    let text = |key: &str| result.get(key).and_then(Value::as_str).unwrap_or_default();
    let path = result.get("path").and_then(Value::as_array).into_iter().flatten();
    let pointer = path.fold("#".to_owned(), |pointer, segment| match segment {
        Value::String(key) => format!("{pointer}/{}", escape(key)),
        other => format!("{pointer}/{other}"),
    });
    let mut fault = Fault::new(spec, &pointer, text("message"));
    if let Some(line) = result.pointer("/range/start/line").and_then(Value::as_u64) {
        // It counts lines from 0.
        fault.line = usize::try_from(line).map_or(fault.line, |line| line + 1);
    }
    Finding { linter: NAME, rule: text("code").to_owned(), fault }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::REAL;

    #[test]
    fn reads_a_result() {
        let spec = Spec::parse(REAL).unwrap();
        let text = r#"[{"code": "path-keys-no-trailing-slash", "path": ["paths", "/zone/", "get"], "message": "No slash.",
            "severity": 1, "range": {"start": {"line": 27, "character": 10}, "end": {"line": 29, "character": 54}}}]"#;
        let found = read(&spec, text, "").unwrap();
        assert_eq!(
            found.iter().map(Finding::line).collect::<Vec<_>>(),
            ["openapi.yaml:28: #/paths/~1zone~1/get: No slash. (spectral path-keys-no-trailing-slash)"]
        );
        assert!(read(&spec, "", "").is_err());
        assert!(read(&spec, "[]", "").unwrap().is_empty());
    }
}
