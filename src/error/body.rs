//! How a failed call becomes an [`Error`]: by what the answer holds, not by what its content type says.
//!
//! What is quoted of an answer. Of a body that tells of failure in one of the two forms that the API has, the members
//! `error_code` (if it looks like a code), `error_message`, or `title` and `detail`, and `invalid_params`: each on one line,
//! escaped and cut. Of the headers, the identifier of the request (if it looks like one). Nothing else: not a page, not a
//! text, not JSON that is cut or of another form, not a body that tells of success. Their size and content type are told.
//!
//! Even these words can repeat what was sent. If they may hold a secret of the request in any usual spelling, none of them
//! is quoted; they are never quoted in part, see [`Carried`]. A code of the description is no word of the answer, and always
//! shown. The metadata service has no such bodies, and its answers may hold user data: none is quoted.

use std::time::{Duration, SystemTime};

use http::{
    HeaderMap,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use serde_json::Value;

use super::{
    Class, Error, InvalidParam, Place, Received, TooLarge,
    retry_after::retry_after as parse_retry_after,
    salvage,
    transport::{from_reqwest, too_large},
};
use crate::{
    model::ErrorCode,
    shown::{self, Size, Word, identifier, line},
    wire::{Carried, Problem},
};

/// How much of a body that tells of failure is read.
const MOST: usize = 64 * 1024;
/// How many refused parameters are told.
const MOST_PARAMS: usize = 10;

const WITHHELD: &str = "the words of the answer are not shown, for they may repeat a secret of the request";

/// The one place where failures of the generated client come through.
///
/// `received` takes what has come of the answer.
pub(crate) async fn from_generated(
    error: progenitor_client::Error<()>,
    place: &Place<'_>,
    received: impl FnOnce() -> Received,
    carried: Carried<'_>,
) -> Error {
    use progenitor_client::Error as Failed;

    match error {
        Failed::UnexpectedResponse(response) => response_error(response, carried).await,
        Failed::CommunicationError(e) => from_reqwest(&e, place),
        Failed::ResponseBodyError(e) | Failed::InvalidUpgrade(e) => {
            recorded(from_reqwest(&e, place), &received(), carried)
        }
        Failed::InvalidResponsePayload(body, e) => {
            let received = received();
            let reason = decode_reason(&body, &e, content_type(&received.headers));
            let mut error = Error::new(Class::Decode, format!("the answer cannot be understood: {reason}"));
            error.0.created = salvage::created(&body).map(Box::new);
            recorded(error, &received, carried)
        }
        Failed::InvalidRequest(reason) => {
            Error::configuration(if carried.may_be_in(&reason) { WITHHELD } else { &reason })
        }
        // Ours, of an answer that does not tell what the next request has to hold.
        Failed::Custom(reason) => Error::new(Class::Decode, reason),
        Failed::ErrorResponse(response) => {
            let mut error = Error::new(Class::Response, "the API refused the request");
            error.0.status = Some(response.status());
            error
        }
    }
}

/// An answer that tells of failure, of the metadata service.
pub(crate) async fn from_response(response: reqwest::Response) -> Error {
    response_error(response, Carried::unknown()).await
}

/// An attempt that was given up after this time, with what it had got until then.
pub(crate) fn from_timeout(limit: Duration, received: &Received, carried: Carried<'_>) -> Error {
    let refused = received.status.is_some_and(|status| !status.is_success());
    let mut error = if let Some(most) = received.too_large {
        // It was not to be read to its end anyway.
        Error::new(Class::Decode, TooLarge(most).to_string())
    } else if refused {
        // The status tells more than the body that did not follow it.
        Error::new(Class::Response, format!("the body of the answer did not come within {limit:?}"))
    } else {
        Error::new(Class::Timeout, format!("no answer within {limit:?}"))
    };
    error.0.retry_after = retry_after(&received.headers);
    recorded(error, received, carried)
}

/// Status and headers of an answer whose body could not be read, and what the beginning of that tells if it was kept.
fn recorded(mut error: Error, received: &Received, carried: Carried<'_>) -> Error {
    error.0.status = received.status;
    error.0.correlation_id = correlation_id(&received.headers).filter(|id| !carried.may_be_in(id)).map(str::to_owned);
    if !received.arrived.is_empty() {
        error.0.created = salvage::created(&received.arrived).map(Box::new);
        error.0.cut = true;
    }
    error
}

impl Error {
    /// An answer that is JSON and does not fit a type of the caller.
    pub(crate) fn undecodable(error: &serde_json::Error) -> Self {
        let reason = misfit(error);
        Self::new(Class::Decode, format!("the answer cannot be understood: {reason}"))
    }
}

/// The reason without the value that was found, which may be a secret. The words of the parser quote it.
fn decode_reason(body: &[u8], error: &serde_json::Error, content_type: Option<&str>) -> String {
    if body.is_empty() {
        return "it is empty".to_owned();
    }
    if serde_json::from_slice::<serde::de::IgnoredAny>(body).is_err() {
        return format!("it is no JSON but {}", Size { bytes: body.len(), whole: true, content_type });
    }
    misfit(error)
}

/// Why JSON does not fit.
fn misfit(error: &serde_json::Error) -> String {
    // The name of a member that is missing is a word of ours, or of the caller's type.
    let text = error.to_string();
    if let Some(problem) = Problem::told_by(&text) {
        return problem.to_owned();
    }
    let missing = text.strip_prefix("missing field `").and_then(|rest| Some(rest.split_once('`')?.0));
    match missing {
        Some(name) => format!("the member {} is missing", Word(name)),
        None => "a member is of another kind than expected".to_owned(),
    }
}

async fn response_error(response: reqwest::Response, carried: Carried<'_>) -> Error {
    let (status, headers) = (response.status(), response.headers().clone());
    let mut error = match beginning(response).await {
        Ok((body, whole)) => body_error(&body, whole, &headers, carried),
        Err(e) if too_large(&e).is_some() => {
            let error = Error::new(Class::Response, "the body of the answer is too large to be read");
            recorded(error, &Received { headers: headers.clone(), ..Received::default() }, carried)
        }
        Err(e) => {
            let error = Error::new(Class::Response, "the body of the answer broke off").because(e.without_url());
            recorded(error, &Received { headers: headers.clone(), ..Received::default() }, carried)
        }
    };
    error.0.status = Some(status);
    error.0.retry_after = retry_after(&headers);
    error
}

/// The body, or as much of it as is read, and whether that is all.
async fn beginning(mut response: reqwest::Response) -> reqwest::Result<(Vec<u8>, bool)> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        let left = MOST - body.len();
        if chunk.len() > left {
            body.extend_from_slice(&chunk[..left]);
            return Ok((body, false));
        }
        body.extend_from_slice(&chunk);
    }
    Ok((body, true))
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    parse_retry_after(headers.get(RETRY_AFTER)?.to_str().ok()?, SystemTime::now())
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default())
}

/// Where services put the identifier of a request, if it looks like one.
pub(crate) fn correlation_id(headers: &HeaderMap) -> Option<&str> {
    ["upcloud-cid", "x-request-id"].iter().find_map(|name| identifier(headers.get(*name)?.to_str().ok()?))
}

/// What a body says in one of the two forms of error bodies.
#[derive(Default)]
struct Words {
    code: Option<String>,
    message: Option<String>,
    correlation_id: Option<String>,
    invalid_params: Vec<InvalidParam>,
}

impl Words {
    fn of(body: &[u8]) -> Self {
        let Ok(value @ Value::Object(_)) = serde_json::from_slice(body) else { return Self::default() };
        let text = |object: &Value, names: &[&str]| {
            names.iter().find_map(|name| object.get(*name)?.as_str()).map(str::to_owned)
        };
        let param = |param: &Value| InvalidParam {
            name: text(param, &["name"]).unwrap_or_default(),
            reason: text(param, &["reason"]).unwrap_or_default(),
        };
        let (code, message) = match value.get("error").filter(|error| error.is_object()) {
            Some(error) => (text(error, &["error_code", "code"]), text(error, &["error_message", "message"])),
            None => (
                text(&value, &["type"]).and_then(|uri| Some(uri.rsplit_once("ERROR_")?.1.to_owned())),
                match (text(&value, &["title"]), text(&value, &["detail"])) {
                    (Some(title), Some(detail)) => Some(format!("{title} {detail}")),
                    (title, detail) => title.or(detail),
                },
            ),
        };
        Self {
            code: code.filter(|code| shown::code(code).is_some()),
            message: message.filter(|message| !message.is_empty()),
            correlation_id: text(&value, &["correlation_id"]).filter(|id| identifier(id).is_some()),
            invalid_params: value
                .get("invalid_params")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .take(MOST_PARAMS)
                .map(param)
                .collect(),
        }
    }

    /// All of them in a row, so that no secret is missed because it stands in two.
    fn all(&self) -> String {
        let params = self.invalid_params.iter().flat_map(|param| [&param.name, &param.reason]);
        // A code of the description is not the answer's own.
        let code = self.code.iter().filter(|code| !ErrorCode::from(code.as_str()).is_known());
        let words: Vec<&str> =
            code.chain(&self.message).chain(params).chain(&self.correlation_id).map(String::as_str).collect();
        words.join(" ")
    }
}

/// Reads both forms of error bodies; of anything else size and content type.
fn body_error(body: &[u8], whole: bool, headers: &HeaderMap, carried: Carried<'_>) -> Error {
    let mut words = if whole { Words::of(body) } else { Words::default() };
    words.correlation_id = words.correlation_id.or_else(|| correlation_id(headers).map(str::to_owned));
    let all = words.all();
    let withheld = !all.is_empty() && carried.may_be_in(&all);
    let code = words.code.map(ErrorCode::from).filter(|code| code.is_known() || !withheld);
    let meaning = || code.as_ref().and_then(ErrorCode::description);
    let message = match words.message {
        Some(_) if withheld => match meaning() {
            Some(meaning) => format!("{meaning} ({WITHHELD})"),
            None => WITHHELD.to_owned(),
        },
        Some(message) => line(&message, shown::MESSAGE).into_owned(),
        None => match meaning() {
            Some(meaning) => meaning.to_owned(),
            None if body.is_empty() => "the answer has no body".to_owned(),
            None => {
                let size = Size { bytes: body.len(), whole, content_type: content_type(headers) };
                format!("the answer is {size}")
            }
        },
    };
    let mut error = Error::new(Class::Response, message);
    error.0.code = code;
    if !withheld {
        error.0.correlation_id = words.correlation_id;
        error.0.invalid_params = words.invalid_params;
        for InvalidParam { name, reason } in &mut error.0.invalid_params {
            *name = line(name, shown::PART).into_owned();
            *reason = line(reason, shown::PART).into_owned();
        }
    }
    error
}

#[cfg(test)]
mod tests;
