//! For the tests: the real description with one fault planted, and the rule that must find it.

use crate::codegen::{fault::Fault, spec::Spec};

/// The committed description.
pub(crate) const REAL: &str = include_str!("../../openapi.yaml");

/// The committed description with the first `from` replaced by `to`.
pub(crate) fn planted(from: &str, to: &str) -> Spec {
    assert!(REAL.contains(from), "nothing to plant the fault in: {from}");
    Spec::parse(&REAL.replacen(from, to, 1)).expect("the fault must not break the YAML")
}

/// Asserts that `rule` is content with the committed description and has exactly one finding once the fault is planted,
/// at `pointer`, with a sentence that contains `words`.
#[track_caller]
pub(crate) fn finds(rule: fn(&Spec) -> Vec<Fault>, from: &str, to: &str, pointer: &str, words: &str) {
    let real: Vec<String> = rule(&Spec::parse(REAL).unwrap()).iter().map(|f| f.in_file("openapi.yaml")).collect();
    assert!(real.is_empty(), "the committed description breaks the rule: {real:#?}");
    let found = rule(&planted(from, to));
    let said: Vec<String> = found.iter().map(|f| f.in_file("openapi.yaml")).collect();
    assert_eq!(found.len(), 1, "{said:#?}");
    assert_eq!(found[0].pointer, pointer, "{said:#?}");
    assert!(found[0].sentence.contains(words), "{said:#?}");
    assert!(found[0].line > 1, "the line is not known: {said:#?}");
}
