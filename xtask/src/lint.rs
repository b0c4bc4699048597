//! `cargo xtask lint`: every rule over the description and its register, on request the linters of others too, and each
//! finding on a line.

use std::path::Path;

use crate::{
    SPEC,
    codegen::{self, fault::Fault, spec::Spec},
    extensions::{self, GUIDE},
    linters,
    register::{self, REGISTER},
    rules,
    samples::Samples,
};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Run the linters of others as well, at the versions of xtask/tools/lint: Redocly CLI, Spectral,
    /// openapi-spec-validator, openapi-generator and yamllint; needs Node.js with npm, Python with venv, and Java
    #[arg(long)]
    all: bool,
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<(), Vec<String>> {
    println!("Reading {SPEC}");
    let text = crate::spec(root)?;
    let mut faults = faults(&text, |rule| println!("Checking that {rule}"));
    faults.sort_by(|a, b| (a.line, &a.pointer, &a.sentence).cmp(&(b.line, &b.pointer, &b.sentence)));
    let mut findings: Vec<String> = faults.iter().map(|fault| fault.in_file(SPEC)).collect();
    if let Ok(spec) = Spec::parse(&text) {
        println!("Checking that {REGISTER} speaks of what is there");
        match std::fs::read_to_string(root.join(REGISTER)) {
            Ok(register) => findings.extend(register::findings(&register, &spec)),
            Err(e) => findings.push(format!("{REGISTER}: cannot be read: {e}")),
        }
        println!("Checking that every extension is explained and used");
        match std::fs::read_to_string(root.join(GUIDE)) {
            Ok(guide) => findings.extend(extensions::findings(&guide, &spec)),
            Err(e) => findings.push(format!("{GUIDE}: cannot be read: {e}")),
        }
        println!("Checking that every operation has its code samples, and {GUIDE} the set-up");
        findings.extend(samples(root, &spec).unwrap_or_else(|failed| failed));
        if arguments.all {
            findings.extend(linters::findings(root, &spec).unwrap_or_else(|failed| failed));
        }
    }
    match findings.len() {
        0 => {
            println!("Nothing found");
            return Ok(());
        }
        1 => findings.push("1 finding".to_owned()),
        found => findings.push(format!("{found} findings")),
    }
    Err(findings)
}

fn samples(root: &Path, spec: &Spec) -> Result<Vec<String>, Vec<String>> {
    let samples = Samples::read(root)?;
    let guide = std::fs::read_to_string(root.join(GUIDE)).unwrap_or_default();
    let mut findings = samples.findings(spec);
    findings.extend(samples.guide_findings(&guide, GUIDE));
    Ok(findings)
}

/// All that is wrong with the text; `say` hears of each rule before it is looked at.
fn faults(text: &str, mut say: impl FnMut(&str)) -> Vec<Fault> {
    let spec = match Spec::parse(text) {
        Ok(spec) => spec,
        Err(fault) => return vec![fault],
    };
    say("the client can be generated");
    let mut faults: Vec<Fault> = codegen::generate(text).err().into_iter().collect();
    // One rule may see what another saw before it, in other words; the place is what counts.
    let mut add = |found: Vec<Fault>| {
        for fault in found {
            if !faults.iter().any(|known| known.pointer == fault.pointer) {
                faults.push(fault);
            }
        }
    };
    for (sentence, rule) in rules::ALL {
        say(sentence);
        add(rule(&spec));
    }
    for (sentence, rule) in rules::COMPLETE {
        let counted = rule(&spec);
        say(&format!("{sentence}: {}", counted.tally()));
        add(counted.faults);
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::REAL;

    #[test]
    fn the_committed_description_has_no_finding() {
        let said: Vec<String> = faults(REAL, |_| ()).iter().map(|fault| fault.in_file(SPEC)).collect();
        assert!(said.is_empty(), "{said:#?}");
    }

    #[test]
    fn a_wrong_reference_is_named_with_its_line() {
        let from = "schema: {$ref: '#/components/schemas/ServerSizesResponse'}";
        let text = REAL.replacen(from, "schema: {$ref: '#/components/schemas/ServerSizes'}", 1);
        let line = REAL.lines().position(|l| l.contains(from)).unwrap() + 1;
        let said: Vec<String> = faults(&text, |_| ()).iter().map(|fault| fault.in_file(SPEC)).collect();
        assert!(
            said.iter()
                .any(|s| s.starts_with(&format!("openapi.yaml:{line}: #/paths/~1server_size/get/responses/200"))
                    && s.contains("#/components/schemas/ServerSizes, which does not exist")),
            "{said:#?}"
        );
    }

    #[test]
    fn a_key_that_stands_twice_is_named_with_its_line() {
        let from = "      summary: List servers\n";
        let line = REAL.lines().position(|l| l == from.trim_end()).unwrap() + 2;
        let text = REAL.replacen(from, &from.repeat(2), 1);
        let said: Vec<String> = faults(&text, |_| ()).iter().map(|fault| fault.in_file(SPEC)).collect();
        assert_eq!(said.len(), 1, "{said:#?}");
        assert!(said[0].starts_with(&format!("openapi.yaml:{line}: ")) && said[0].contains("summary"), "{said:#?}");
    }

    #[test]
    fn what_is_no_yaml_is_one_finding() {
        assert_eq!(faults("openapi: [", |_| ()).len(), 1);
    }
}
