//! Every (operation, status, code) row of the documentation, answered in both shapes, as a caller of the hand layer meets it.

#![allow(clippy::print_stdout, clippy::type_complexity, reason = "a table has wide rows, and its count is printed")]

mod scripted;

use scripted::{Reply, SPEC, Scripted, described};
use serde_json::Value;
use upcloud::{Error, ErrorCode, ErrorKind, calls::Operation};

/// The predicate that must hold for a kind; all others must not.
const PREDICATES: [(&str, fn(&Error) -> bool, &[ErrorKind]); 11] = [
    ("is_invalid_input", Error::is_invalid_input, &[ErrorKind::InvalidInput, ErrorKind::MissingInput]),
    ("is_not_found", Error::is_not_found, &[ErrorKind::NotFound]),
    ("is_forbidden", Error::is_forbidden, &[ErrorKind::Forbidden]),
    ("is_authentication", Error::is_authentication, &[ErrorKind::Authentication]),
    ("is_credits", Error::is_credits, &[ErrorKind::Credits]),
    ("is_quota", Error::is_quota, &[ErrorKind::Quota, ErrorKind::TrialLimit]),
    ("is_state", Error::is_state, &[ErrorKind::State]),
    ("is_conflict", Error::is_conflict, &[ErrorKind::Conflict]),
    ("is_capacity", Error::is_capacity, &[ErrorKind::Capacity]),
    ("is_account_needed", Error::is_account_needed, &[ErrorKind::AccountNeeded]),
    ("is_unavailable", Error::is_unavailable, &[ErrorKind::Unavailable]),
];

fn rows() -> Vec<(Operation, u16, &'static str)> {
    let mut rows = Vec::new();
    for operation in Operation::ALL {
        for (status, response) in described(*operation)["responses"].as_object().expect("responses") {
            for code in response["x-error-codes"].as_array().into_iter().flatten() {
                rows.push((*operation, status.parse().expect("a status"), code.as_str().expect("a code")));
            }
        }
    }
    rows
}

fn kind_name(kind: ErrorKind) -> String {
    let mut name = String::new();
    for c in format!("{kind:?}").chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

#[tokio::test]
async fn every_row_reaches_the_caller_as_what_it_is() {
    let server = Scripted::start().await;
    let rows = rows();
    assert!(!rows.is_empty());
    for (operation, status, code) in &rows {
        let facts = &SPEC["components"]["schemas"]["ErrorCode"]["x-error-codes"][code];
        for reply in [Reply::error(*status, code), Reply::problem(*status, code)] {
            server.answer(reply);
            let error = server.call(*operation).await.expect_err(code);
            let place = format!("{operation} {status} {code}: {error}");
            assert_eq!(error.operation(), Some(*operation), "{place}");
            assert_eq!(error.status().map(|s| s.as_u16()), Some(*status), "{place}");
            assert_eq!(error.code(), Some(&ErrorCode::from(*code)), "{place}");
            assert!(error.code().is_some_and(ErrorCode::is_known), "{place}");
            assert_eq!(error.message(), format!("about {code}"), "{place}");
            let kind = error.kind();
            assert_eq!(Some(kind_name(kind).as_str()), facts["kind"].as_str(), "{place}");
            assert_eq!(error.attribute(), facts["attribute"].as_str(), "{place}");
            for (name, holds, kinds) in PREDICATES {
                assert_eq!(holds(&error), kinds.contains(&kind), "{name} for {place}");
            }
            // The scripted message names no state, so nobody knows whether it passes.
            let passes = facts["wait"] == Value::Bool(true) && facts["passing"].is_null();
            assert_eq!(error.is_transient(), passes, "{place}");
            assert_eq!(error.needs_stop(), facts["stop"] == Value::Bool(true), "{place}");
            assert!(!error.may_have_taken_effect(), "a refused request has no effect: {place}");
            let advice = error.advice().expect("what to do");
            for part in [operation.id(), &status.to_string(), code, advice] {
                assert!(error.to_string().contains(part), "{part} in {place}");
            }
        }
    }
    println!("{} rows, each in two shapes", rows.len());
}

#[test]
fn codes_know_the_rows_that_document_them() {
    let mut listed: Vec<(Operation, u16, String)> = Vec::new();
    for code in ErrorCode::known() {
        let facts = &SPEC["components"]["schemas"]["ErrorCode"]["x-error-codes"][code.as_str()];
        assert_eq!(code.description(), facts["description"].as_str(), "{code}");
        assert_eq!(code.waiting_may_help(), facts["wait"] == Value::Bool(true), "{code}");
        assert_eq!(code.needs_stop(), facts["stop"] == Value::Bool(true), "{code}");
        let rows = code.documented_for().collect::<Vec<_>>();
        assert_eq!(rows.is_empty(), facts["source"] == "wire", "{code}");
        listed.extend(rows.into_iter().map(|(operation, status)| (operation, status, code.to_string())));
    }
    listed.sort();
    let mut expected: Vec<_> = rows().into_iter().map(|(o, s, c)| (o, s, c.to_owned())).collect();
    expected.sort();
    assert_eq!(listed, expected);
}

#[test]
fn unknown_codes_stay_themselves() {
    let code = ErrorCode::from("NEW_TOMORROW");
    assert_eq!((code.as_str(), code.kind(), code.attribute()), ("NEW_TOMORROW", None, None));
    assert_eq!(code.documented_for().count(), 0);
}
