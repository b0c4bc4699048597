//! How a failed call becomes an [`Error`]: by what the answer holds, not by what its content type says.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, header::RETRY_AFTER};
use serde_json::Value;

use super::{Class, Error, InvalidParam, salvage};
use crate::{
    generated::ErrorCode,
    retry,
    transport::{Call, Record},
    wire::Problem,
};

/// Hides what must not be shown.
type Redact<'a> = &'a (dyn Fn(&str) -> String + Send + Sync);

/// How much of a body that is no JSON is shown.
const EXCERPT: usize = 200;

/// The one place where failures of the generated client come through.
pub(crate) async fn from_generated(error: progenitor_client::Error<()>, call: &Call) -> Error {
    use progenitor_client::Error as Failed;

    let credentials = &call.shared.credentials;
    let redact = |text: &str| credentials.redact(text);
    match error {
        Failed::UnexpectedResponse(response) => response_error(response, &redact).await,
        Failed::CommunicationError(e) => transport_error(&e, Class::Transport),
        Failed::ResponseBodyError(e) | Failed::InvalidUpgrade(e) => {
            recorded(transport_error(&e, Class::Transport), &call.take_record())
        }
        Failed::InvalidResponsePayload(body, e) => {
            let reason = decode_reason(&body, &e, &redact);
            let mut error = Error::new(Class::Decode, format!("the answer cannot be understood: {reason}"));
            error.0.created = salvage::created(&body).map(Box::new);
            recorded(error, &call.take_record())
        }
        Failed::InvalidRequest(reason) | Failed::Custom(reason) => Error::configuration(redact(&reason)),
        Failed::ErrorResponse(response) => {
            let mut error = Error::new(Class::Response, "the API refused the request");
            error.0.status = Some(response.status());
            error
        }
    }
}

/// An answer that tells of failure, of a service without credentials.
pub(crate) async fn from_response(response: reqwest::Response) -> Error {
    response_error(response, &str::to_owned).await
}

/// A call without an answer, of a service without credentials.
pub(crate) fn from_reqwest(error: &reqwest::Error) -> Error {
    transport_error(error, Class::Transport)
}

/// An attempt that was given up after this time, with what it had got until then.
pub(crate) fn from_timeout(limit: Duration, call: &Call) -> Error {
    let record = call.take_record();
    let refused = record.status.is_some_and(|status| !status.is_success());
    let mut error = if refused {
        // The status tells more than the body that did not follow it.
        Error::new(Class::Response, format!("the body of the answer did not come within {limit:?}"))
    } else {
        Error::new(Class::Timeout, format!("no answer within {limit:?}"))
    };
    error.0.retry_after = retry_after(&record.headers);
    recorded(error, &record)
}

/// Status and headers of an answer whose body could not be read.
fn recorded(mut error: Error, record: &Record) -> Error {
    error.0.status = record.status;
    error.0.correlation_id = correlation_id(&record.headers).map(str::to_owned);
    error
}

/// The reason without the value that was found, which may be a secret.
fn decode_reason(body: &[u8], error: &serde_json::Error, redact: Redact<'_>) -> String {
    if body.is_empty() {
        return "it is empty".to_owned();
    }
    if let Err(broken) = serde_json::from_slice::<serde::de::IgnoredAny>(body) {
        // What begins like JSON is an answer that was cut off, and may hold a password; anything else came from elsewhere.
        let ours = matches!(body.trim_ascii_start().first(), Some(b'{' | b'['));
        return format!("it is no JSON: {}", if ours { broken.to_string() } else { excerpt(body, redact) });
    }
    let text = error.to_string();
    if let Some(problem) = Problem::told_by(&text) {
        return problem.to_owned();
    }
    let expected = text.find("expected ").map_or(text.as_str(), |at| &text[at..]);
    redact(expected)
}

async fn response_error(response: reqwest::Response, redact: Redact<'_>) -> Error {
    let status = response.status();
    let id = correlation_id(response.headers()).map(str::to_owned);
    let retry_after = retry_after(response.headers());
    let mut error = match response.bytes().await {
        Ok(body) => body_error(&body, redact),
        Err(e) => Error::new(Class::Response, "the body of the answer broke off").because(e.without_url()),
    };
    error.0.status = Some(status);
    error.0.retry_after = retry_after;
    error.0.correlation_id = error.0.correlation_id.take().or(id);
    error
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    retry::retry_after(headers.get(RETRY_AFTER)?.to_str().ok()?, SystemTime::now())
}

/// Where services put the identifier of a request.
pub(crate) fn correlation_id(headers: &HeaderMap) -> Option<&str> {
    ["upcloud-cid", "x-request-id"].iter().find_map(|name| headers.get(*name)?.to_str().ok())
}

/// Reads both shapes of error bodies, and anything else as an excerpt.
fn body_error(body: &[u8], redact: Redact<'_>) -> Error {
    let value: Option<Value> = serde_json::from_slice(body).ok().filter(Value::is_object);
    let Some(value) = value else {
        let text = excerpt(body, redact);
        let message =
            if text.is_empty() { "the answer has no body".to_owned() } else { format!("the answer says: {text}") };
        return Error::new(Class::Response, message);
    };
    let text = |object: &Value, names: &[&str]| names.iter().find_map(|name| object.get(*name)?.as_str()).map(redact);
    let legacy = value.get("error").filter(|error| error.is_object());
    let (code, message) = match legacy {
        Some(error) => (text(error, &["error_code", "code"]), text(error, &["error_message", "message"])),
        None => (
            text(&value, &["type"]).and_then(|uri| Some(uri.rsplit_once("ERROR_")?.1.to_owned())),
            match (text(&value, &["title"]), text(&value, &["detail"])) {
                (Some(title), Some(detail)) => Some(format!("{title} {detail}")),
                (title, detail) => title.or(detail),
            },
        ),
    };
    let fallback = || excerpt(body, redact);
    let mut error = Error::new(Class::Response, message.unwrap_or_else(fallback));
    error.0.code = code.filter(|code| !code.is_empty()).map(ErrorCode::from);
    error.0.correlation_id = text(&value, &["correlation_id"]);
    error.0.invalid_params = value
        .get("invalid_params")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|param| InvalidParam {
            name: text(param, &["name"]).unwrap_or_default(),
            reason: text(param, &["reason"]).unwrap_or_default(),
        })
        .collect();
    error
}

/// The beginning of a body on one line, without markup, which only hides what gateways say.
fn excerpt(body: &[u8], redact: Redact<'_>) -> String {
    let text = redact(&String::from_utf8_lossy(body));
    let mut plain = String::new();
    let mut inside = false;
    for c in text.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                plain.push(' ');
            }
            c if !inside => plain.push(c),
            _ => {}
        }
    }
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}...", &words[..end]),
        None => words,
    }
}

fn transport_error(error: &reqwest::Error, sent: Class) -> Error {
    let (class, message) = if error.is_builder() || error.is_request() && error.is_redirect() {
        (Class::Configuration, "the request could not be made")
    } else if error.is_connect() {
        (Class::Connect, "no connection to the API")
    } else if error.is_timeout() {
        (Class::Timeout, "no answer within the time")
    } else {
        (sent, "the connection broke before the answer was complete")
    };
    // The chain of causes is given as text: the types below are not ours, and their own texts hold no URL with secrets.
    let mut causes = String::new();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        causes = format!(": {inner}");
        cause = inner.source();
    }
    Error::new(class, format!("{message}{causes}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_shapes_of_error_bodies() {
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
            ("<html><body><h1>502 Bad Gateway</h1></body></html>", None, "the answer says: 502 Bad Gateway"),
            ("", None, "the answer has no body"),
            (r#"{"error":{"error_co"#, None, r#"the answer says: {"error":{"error_co"#),
            ("[1]", None, "the answer says: [1]"),
        ] {
            let error = body_error(body.as_bytes(), &str::to_owned);
            assert_eq!(error.code().map(ErrorCode::as_str), code, "{body}");
            assert_eq!(error.message(), message, "{body}");
        }
    }

    #[test]
    fn problem_details_are_kept() {
        let body = br#"{"correlation_id":"01J","invalid_params":[{"name":"a.b","reason":"Too long."}],"status":400,"title":"Validation error.","type":"x#ERROR_INVALID_REQUEST"}"#;
        let error = body_error(body, &str::to_owned);
        assert_eq!(error.correlation_id(), Some("01J"));
        assert_eq!(error.invalid_params(), [InvalidParam { name: "a.b".into(), reason: "Too long.".into() }]);
        assert_eq!(error.code(), Some(&ErrorCode::InvalidRequest));
    }

    #[test]
    fn excerpts_are_short_and_hide_the_secret() {
        let long = format!("token hunter2 {}", "x".repeat(1000));
        let error = body_error(long.as_bytes(), &|text| text.replace("hunter2", "[redacted]"));
        assert!(error.message().starts_with("the answer says: token [redacted] x"), "{error}");
        assert!(error.message().len() < EXCERPT + 40, "{error}");
    }
}
