//! For the tests: the real description with one fault planted, and the rule that must find it.

mod edit;

use crate::codegen::{fault::Fault, spec::Spec};

pub(crate) use edit::{Edit, REAL, line};

/// The committed description with the first `from` replaced by `to`.
#[track_caller]
pub(crate) fn planted(from: &str, to: &str) -> Spec {
    Spec::parse(&Edit::first(from, to).apply(REAL)).expect("the fault must not break the YAML")
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

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a:\n  b: 1\nc:\n  b: 1\n  d:\n    e: 2\n  f: 3\n";

    #[test]
    fn an_edit_reaches_what_it_says() {
        assert_eq!(Edit::first("b: 1", "b: 2").apply(TEXT), TEXT.replacen("b: 1", "b: 2", 1));
        assert_eq!(Edit::every("b: 1", "b: 1, 1").apply(TEXT), TEXT.replace("b: 1", "b: 1, 1"));
        assert_eq!(Edit::behind("c:", "  b: 1\n", "").apply(TEXT), "a:\n  b: 1\nc:\n  d:\n    e: 2\n  f: 3\n");
        assert_eq!(Edit::block("c:", "  d:\n").apply(TEXT), "a:\n  b: 1\nc:\n  b: 1\n  f: 3\n");
    }

    #[test]
    #[should_panic(expected = "\"d: 4\" is not behind \"c:\"")]
    fn an_edit_that_changes_nothing_is_a_fault() {
        Edit::behind("c:", "d: 4", "d: 5").apply(TEXT);
    }

    #[test]
    fn a_line_is_looked_for_behind_the_edit_first() {
        assert_eq!((line(TEXT, "c:", "b: 1"), line(TEXT, "d:", "b: 1")), (4, 2));
    }
}
