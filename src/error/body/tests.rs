use super::*;
use crate::Secret;

fn error(body: &str, content_type: &'static str, secrets: &[&str]) -> Error {
    let headers = [(CONTENT_TYPE, http::HeaderValue::from_static(content_type))].into_iter().collect();
    let tell = || secrets.iter().copied().map(Secret::from).collect();
    body_error(body.as_bytes(), true, &headers, Carried::told_by(&tell))
}

#[test]
fn both_forms_of_error_bodies() {
    for (body, code, message) in [
        (
            r#"{"error":{"error_code":"SERVER_INVALID","error_message":"The server UUID is invalid."}}"#,
            Some("SERVER_INVALID"),
            "The server UUID is invalid.",
        ),
        (r#"{"error":{"code":"NEW","message":"Other names."}}"#, Some("NEW"), "Other names."),
        (
            r#"{"type":"https://developers.upcloud.com/1.3/errors#ERROR_AUTHENTICATION_FAILED","title":"Authentication failed.","status":401}"#,
            Some("AUTHENTICATION_FAILED"),
            "Authentication failed.",
        ),
        (r#"{"type":"about:blank","title":"Odd.","detail":"Very."}"#, None, "Odd. Very."),
        (r#"{"error":{"error_code":"no code","error_message":"a\nb"}}"#, None, "a\\nb"),
    ] {
        let error = error(body, "text/html", &["hunter2-hunter2"]);
        assert_eq!(error.code().map(ErrorCode::as_str), code, "{body}");
        assert_eq!(error.message(), message, "{body}");
    }
    let known = error(r#"{"error":{"error_code":"SERVER_INVALID"}}"#, "text/html", &[]);
    assert_eq!(Some(known.message()), ErrorCode::ServerInvalid.description());
}

#[test]
fn any_other_body_is_not_quoted() {
    for (body, content_type, message) in [
        (
            "<html><body><h1>502 Bad Gateway</h1></body></html>",
            "text/html; charset=x",
            "the answer is 50 bytes of text/html",
        ),
        ("", "text/html", "the answer has no body"),
        (r#"{"error":{"error_co"#, "application/json", "the answer is 19 bytes of application/json"),
        ("[1]", "application/json", "the answer is 3 bytes of application/json"),
        (r#"{"server":{"password":"x"}}"#, "hunter2/x", "the answer is 27 bytes of an unusual content type"),
        (r#"{"error":{"error_message":{"password":"x"}}}"#, "text/plain", "the answer is 44 bytes of text/plain"),
    ] {
        let error = error(body, content_type, &[]);
        assert_eq!(error.message(), message, "{body}");
        assert_eq!(error.code(), None, "{body}");
    }
}

#[test]
fn problem_details_are_kept() {
    let body = r#"{"correlation_id":"01J","invalid_params":[{"name":"a.b","reason":"Too long."}],"status":400,"title":"Validation error.","type":"x#ERROR_INVALID_REQUEST"}"#;
    let error = error(body, "application/problem+json", &["hunter2-hunter2"]);
    assert_eq!(error.correlation_id(), Some("01J"));
    assert_eq!(error.invalid_params(), [InvalidParam { name: "a.b".into(), reason: "Too long.".into() }]);
    assert_eq!(error.code(), Some(&ErrorCode::InvalidRequest));
}

#[test]
fn words_that_repeat_a_secret_are_withheld_all() {
    for (body, code) in [
        (r#"{"error":{"error_code":"SERVER_INVALID","error_message":"no hunter2-hunter2"}}"#, Some("SERVER_INVALID")),
        (r#"{"error":{"error_code":"HUNTER2_HUNTER","error_message":"no hunter2-hunter2"}}"#, None),
        (r#"{"title":"no","correlation_id":"hunter2-hunter2","type":"ERROR_SERVER_INVALID"}"#, Some("SERVER_INVALID")),
        (r#"{"title":"no","invalid_params":[{"name":"a","reason":"hunter2-hun"},{"name":"ter2"}]}"#, None),
        (r#"{"title":"hunter2-","detail":"hunter2"}"#, None),
    ] {
        let error = error(body, "application/json", &["hunter2-hunter2"]);
        assert_eq!(error.code().map(ErrorCode::as_str), code, "{body}");
        assert!(error.message().ends_with("may repeat a secret of the request") || code.is_some(), "{error}");
        assert!(!error.to_string().to_lowercase().contains("hunter2"), "{error}");
        assert_eq!((error.correlation_id(), error.invalid_params()), (None, &[][..]), "{body}");
    }
}

#[test]
fn texts_are_cut() {
    let long = "\u{202e}".repeat(2000);
    let params: Vec<_> = (0..30).map(|_| serde_json::json!({"name": long, "reason": long})).collect();
    let body = serde_json::json!({"title": long, "detail": long, "invalid_params": params}).to_string();
    let error = error(&body, "application/json", &[]);
    assert!(error.to_string().len() < 6000, "{}", error.to_string().len());
    assert!(error.to_string().is_ascii());
    assert_eq!(error.invalid_params().len(), MOST_PARAMS);
}
