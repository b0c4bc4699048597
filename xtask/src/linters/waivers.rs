//! Findings that stay because mending them would make the description untrue: `waivers.yaml` names each, with the reason.

use std::path::Path;

use serde::Deserialize;

use super::{Finding, SETTINGS};

/// The one file of waivers, in the folder of the settings.
const FILE: &str = "waivers.yaml";

/// One waiver: exactly this rule of this linter, exactly there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Waiver {
    tool: String,
    rule: String,
    /// The JSON pointer.
    at: String,
    reason: String,
    #[serde(skip)]
    line: usize,
}

impl Waiver {
    fn covers(&self, finding: &Finding) -> bool {
        self.tool == finding.linter && self.rule == finding.rule && self.at == finding.fault.pointer
    }
}

pub(super) fn read(root: &Path) -> Result<Vec<Waiver>, Vec<String>> {
    let file = format!("{SETTINGS}/{FILE}");
    let text = std::fs::read_to_string(root.join(&file)).map_err(|e| vec![format!("{file}: cannot be read: {e}")])?;
    parse(&text, &file)
}

fn parse(text: &str, file: &str) -> Result<Vec<Waiver>, Vec<String>> {
    let mut waivers: Vec<Waiver> = yaml_serde::from_str(text).map_err(|e| {
        let line = e.location().map_or(1, |at| at.line());
        vec![format!("{file}:{line}: not a list of waivers (tool, rule, at, reason): {e}")]
    })?;
    let lines = text.lines().enumerate().filter(|(_, line)| line.starts_with("- "));
    for (waiver, (n, _)) in waivers.iter_mut().zip(lines) {
        waiver.line = n + 1;
    }
    let unreasoned: Vec<String> = waivers
        .iter()
        .filter(|waiver| waiver.reason.trim().is_empty())
        .map(|waiver| format!("{file}:{}: {}: a waiver needs a reason", waiver.line, waiver.at))
        .collect();
    if unreasoned.is_empty() { Ok(waivers) } else { Err(unreasoned) }
}

/// How many findings are waived.
pub(super) fn waived(waivers: &[Waiver], findings: &[Finding]) -> usize {
    findings.iter().filter(|finding| waivers.iter().any(|waiver| waiver.covers(finding))).count()
}

/// A line for each finding without a waiver.
pub(super) fn open(waivers: &[Waiver], findings: &[Finding]) -> Vec<String> {
    let open = findings.iter().filter(|finding| !waivers.iter().any(|waiver| waiver.covers(finding)));
    open.map(Finding::line).collect()
}

/// A line for each waiver without a finding.
pub(super) fn unused(waivers: &[Waiver], findings: &[Finding]) -> Vec<String> {
    let unused = waivers.iter().filter(|waiver| !findings.iter().any(|finding| waiver.covers(finding)));
    let line = |Waiver { tool, rule, at, line, .. }: &Waiver| {
        format!("{SETTINGS}/{FILE}:{line}: {at}: {tool} no longer finds {rule} there: remove the waiver")
    };
    unused.map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codegen::fault::Fault;

    const FILE: &str = "waivers.yaml";

    fn found(rule: &str) -> Finding {
        let fault = Fault { line: 7, pointer: "#/paths".to_owned(), sentence: "No.".to_owned() };
        Finding { linter: "spectral", rule: rule.to_owned(), fault }
    }

    #[test]
    fn a_waiver_covers_its_finding_and_no_other() {
        let text = "# why\n- tool: spectral\n  rule: one\n  at: '#/paths'\n  reason: The API is so.\n\
                    - tool: redocly\n  rule: two\n  at: '#/paths'\n  reason: The API is so.\n";
        let waivers = parse(text, FILE).unwrap();
        let findings = [found("one"), found("two")];
        assert_eq!(open(&waivers, &findings), ["openapi.yaml:7: #/paths: No. (spectral two)"]);
        assert_eq!(
            unused(&waivers, &findings),
            ["xtask/tools/lint/waivers.yaml:6: #/paths: redocly no longer finds two there: remove the waiver"]
        );
        assert_eq!(waived(&waivers, &findings), 1);
    }

    #[test]
    fn a_waiver_gives_its_reason() {
        let said = parse("- {tool: a, rule: b, at: c, reason: ' '}\n", FILE).unwrap_err();
        assert_eq!(said, ["waivers.yaml:1: c: a waiver needs a reason"]);
        let said = parse("- {tool: a, rule: b, at: c}\n", FILE).unwrap_err();
        assert!(said[0].contains("missing field `reason`"), "{said:?}");
    }
}
