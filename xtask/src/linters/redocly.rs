//! Redocly CLI: the strict set and our assertions; the settings are in `redocly.yaml`.

use serde_json::Value;

use super::{Finding, Language, Linter, SETTINGS};
use crate::{
    SPEC,
    codegen::{fault::Fault, spec::Spec},
};

const NAME: &str = "redocly";

pub(super) const LINTER: Linter = Linter {
    name: NAME,
    package: "@redocly/cli",
    language: Language::Node,
    command: |tools| {
        let mut command = tools.program("redocly");
        command.args(["lint", SPEC, "--format", "json", "--max-problems", "10000"]);
        command.args(["--config", &format!("{SETTINGS}/redocly.yaml")]);
        command
    },
    read,
};

fn read(spec: &Spec, text: &str, _: &str) -> Result<Vec<Finding>, String> {
    let answer: Value = serde_json::from_str(text).map_err(|e| format!("its answer is no JSON: {e}"))?;
    let problems = answer.get("problems").and_then(Value::as_array).ok_or("its answer has no `problems`")?;
    Ok(problems.iter().map(|problem| finding(spec, problem)).collect())
}

fn finding(spec: &Spec, problem: &Value) -> Finding {
    let text = |pointer: &str| problem.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let mut fault = Fault::new(spec, text("/location/0/pointer"), text("/message"));
    if let Some(line) = problem.pointer("/location/0/start/line").and_then(Value::as_u64) {
        fault.line = usize::try_from(line).unwrap_or(fault.line);
    }
    Finding { linter: NAME, rule: text("/ruleId").to_owned(), fault }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::REAL;

    #[test]
    fn reads_a_problem() {
        let spec = Spec::parse(REAL).unwrap();
        let text = r##"{"totals": {"errors": 1}, "problems": [{"ruleId": "paths-kebab-case", "severity": "error",
            "message": "`/server_size` does not use kebab-case.", "location": [{"source": {"ref": "openapi.yaml"},
            "pointer": "#/paths/~1server_size", "reportOnKey": true, "start": {"line": 54, "col": 3}}]}]}"##;
        let found = read(&spec, text, "").unwrap();
        assert_eq!(
            found.iter().map(Finding::line).collect::<Vec<_>>(),
            [
                "openapi.yaml:54: #/paths/~1server_size: `/server_size` does not use kebab-case. (redocly paths-kebab-case)"
            ]
        );
        assert!(read(&spec, "{}", "").is_err());
    }
}
