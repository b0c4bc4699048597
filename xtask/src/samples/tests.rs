//! How samples are cut out of programs, and what is said where some are missing.

use super::*;
use crate::planted::REAL;

const GO: &Language = &LANGUAGES[2];

fn cut_go(text: &str) -> Result<Vec<(String, String)>, Vec<String>> {
    Ok(cut(GO, text)?.into_iter().map(|sample| (sample.name, sample.source)).collect())
}

fn one(name: &str, source: &str) -> (String, String) {
    (name.to_owned(), source.to_owned())
}

#[test]
fn a_sample_is_what_stands_between_its_comments_without_the_common_indent() {
    let text = "x\n\t// sample: a\n\tif one {\n\n\t\ttwo\n\t}\n\t// end of the sample\ny\n// sample: b\nb\n// end of the sample\n";
    assert_eq!(cut_go(text).unwrap(), [one("a", "if one {\n\n\ttwo\n}\n"), one("b", "b\n")]);
}

#[test]
fn a_sample_that_begins_again_goes_on() {
    let text = "// sample: a\n1\n// end of the sample\nof the run alone\n\t// sample: a\n\t2\n\t// end of the sample\n";
    assert_eq!(cut_go(text).unwrap(), [one("a", "1\n2\n")]);
}

#[test]
fn what_begins_must_end_and_hold_something() {
    let said = |text: &str| cut_go(text).unwrap_err();
    assert_eq!(said("// sample: a\nx\n"), ["xtask/clients/go/samples.go:1: the sample a does not end"]);
    assert_eq!(said("x\n// end of the sample\n"), ["xtask/clients/go/samples.go:2: no sample begins before this end"]);
    assert_eq!(
        said("// sample: a\n\n// end of the sample\n"),
        ["xtask/clients/go/samples.go:3: the sample a is empty"]
    );
    assert_eq!(
        said("// sample: a\n// sample: b\nx\n// end of the sample\n"),
        ["xtask/clients/go/samples.go:2: the sample a does not end before b begins"]
    );
}

#[test]
fn every_operation_has_a_sample_in_every_language() {
    let spec = Spec::parse(REAL).unwrap();
    let samples = Samples::read(&crate::root()).unwrap();
    assert_eq!(samples.findings(&spec), [""; 0]);
    for operation in spec.operations() {
        assert_eq!(samples.of(operation.id()).len(), LANGUAGES.len(), "{}", operation.id());
    }
    let guide = include_str!("../../../SPEC.md");
    assert_eq!(samples.guide_findings(guide, "SPEC.md"), [""; 0]);
    assert_eq!(samples.guide_findings("", "SPEC.md").len(), LANGUAGES.len());
}

#[test]
fn an_operation_without_a_sample_and_a_sample_of_nothing_are_findings() {
    let mut samples = Samples::read(&crate::root()).unwrap();
    let of_go = samples.programs[2].iter_mut().find(|sample| sample.name == "stopServer").unwrap();
    of_go.name = "haltServer".to_owned();
    let line = of_go.line;
    let said = samples.findings(&Spec::parse(REAL).unwrap());
    assert_eq!(said.len(), 2, "{said:#?}");
    assert!(said[0].starts_with("openapi.yaml:") && said[0].contains("stopServer has no sample in xtask/clients/go"));
    assert_eq!(said[1], format!("xtask/clients/go/samples.go:{line}: openapi.yaml has no operation haltServer"));
    samples.programs[0].retain(|sample| sample.name != SET_UP);
    assert!(samples.findings(&Spec::parse(REAL).unwrap())[0].contains("no sample setUp"), "{said:#?}");
}
