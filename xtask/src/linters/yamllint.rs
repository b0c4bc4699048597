//! yamllint: the file as YAML, duplicate keys and the traps of YAML 1.1 above all; the settings are in `yamllint.yaml`.

use super::{Finding, Language, Linter, SETTINGS};
use crate::{
    SPEC,
    codegen::{fault::Fault, spec::Spec},
};

const NAME: &str = "yamllint";

pub(super) const LINTER: Linter = Linter {
    name: NAME,
    package: "yamllint",
    language: Language::Python,
    command: |tools| {
        let mut command = tools.program("yamllint");
        command.args(["--strict", "--format", "parsable", "--config-file", &format!("{SETTINGS}/yamllint.yaml"), SPEC]);
        command
    },
    read,
};

/// Lines of the form `openapi.yaml:76:7: [error] duplication of key "summary" in mapping (key-duplicates)`.
fn read(_: &Spec, text: &str, _: &str) -> Result<Vec<Finding>, String> {
    text.lines().map(|line| finding(line).ok_or_else(|| format!("its answer has the unknown line {line:?}"))).collect()
}

fn finding(line: &str) -> Option<Finding> {
    let (line, rest) = line.strip_prefix(SPEC)?.strip_prefix(':')?.split_once(':')?;
    let (_, rest) = rest.split_once("] ")?;
    let (sentence, rule) = rest.strip_suffix(')')?.rsplit_once(" (")?;
    let fault = Fault { line: line.parse().ok()?, pointer: "#".to_owned(), sentence: sentence.to_owned() };
    Some(Finding { linter: NAME, rule: rule.to_owned(), fault })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::REAL;

    #[test]
    fn reads_a_line() {
        let spec = Spec::parse(REAL).unwrap();
        let text = "openapi.yaml:76:7: [error] duplication of key \"summary\" in mapping (key-duplicates)\n";
        let found = read(&spec, text, "").unwrap();
        assert_eq!(
            found[0].line(),
            "openapi.yaml:76: #: duplication of key \"summary\" in mapping (yamllint key-duplicates)"
        );
        assert!(read(&spec, "Traceback", "").is_err());
    }
}
