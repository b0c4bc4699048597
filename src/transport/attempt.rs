//! What a program is told of each attempt, and how the bodies in it are made fit to be shown.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use http::StatusCode;
use serde_json::Value;

use super::base_url::VERSION;
use crate::{
    error::Error,
    model::{Operation, is_sensitive},
    wire::Carried,
};

/// One attempt of a call that has ended, as [`ClientBuilder::on_attempt`](crate::ClientBuilder::on_attempt) tells it.
///
/// There is no header and no query in it, and no secret.
#[non_exhaustive]
pub struct Attempt<'a> {
    pub(crate) operation: Option<Operation>,
    pub(crate) method: &'a str,
    pub(crate) number: u32,
    pub(crate) elapsed: Duration,
    pub(crate) result: Result<StatusCode, &'a Error>,
    pub(crate) exchange: &'a Exchange,
    pub(crate) carried: Carried<'a>,
}

/// What went over the wire in one attempt. It may hold secrets, so it has no `Debug`.
#[derive(Default)]
pub(crate) struct Exchange {
    pub(crate) sent: Option<usize>,
    pub(crate) received: Option<usize>,
    /// Where bodies are wanted.
    pub(crate) request: Option<Vec<u8>>,
    pub(crate) response: Option<Vec<u8>>,
}

/// An exchange that is going on, and whether its bodies are wanted.
#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) exchange: Arc<Mutex<Exchange>>,
    pub(crate) bodies: bool,
}

impl Seen {
    pub(crate) fn new(bodies: bool) -> Self {
        Self { exchange: Arc::default(), bodies }
    }
}

/// Who is told of attempts.
pub(crate) type OnAttempt = Arc<dyn Fn(&Attempt<'_>) + Send + Sync>;

impl Attempt<'_> {
    /// The operation; `None` for [`Client::endpoint`](crate::Client::endpoint).
    #[must_use]
    pub fn operation(&self) -> Option<Operation> {
        self.operation
    }

    /// The HTTP method.
    #[must_use]
    pub fn method(&self) -> &str {
        self.method
    }

    /// The path without what is particular to one request: `/1.3/server/{uuid}`. `None` for an endpoint, whose path is the
    /// caller's.
    #[must_use]
    pub fn url_template(&self) -> Option<String> {
        Some(format!("/{VERSION}{}", self.operation?.path()))
    }

    /// The number of the attempt within its call, from 1 on.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The status of the answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.result.map_or_else(Error::status, Some)
    }

    /// Why the attempt failed; `None` if it did not. Whether the call goes on is not decided yet.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        self.result.err()
    }

    /// How long it took, from connecting to the last byte of the answer.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The bytes of the body that was sent; `None` if nothing was.
    #[must_use]
    pub fn request_size(&self) -> Option<usize> {
        self.exchange.sent
    }

    /// The bytes of the answer's body after decompression; `None` if it did not come as a whole.
    #[must_use]
    pub fn response_size(&self) -> Option<usize> {
        self.exchange.received
    }

    /// The body that was sent, with `[redacted]` in the place of secrets. `None` without
    /// [`ClientBuilder::attempt_bodies`](crate::ClientBuilder::attempt_bodies).
    #[must_use]
    pub fn request_body(&self) -> Option<String> {
        Some(redacted(self.exchange.request.as_deref()?, self.carried))
    }

    /// The body that was answered, with `[redacted]` in the place of secrets: what the description calls one, and every text
    /// that may repeat one of the request's, which is all texts where that is shorter than 8 characters. A body that is no
    /// JSON is told by its length only. `None` without
    /// [`ClientBuilder::attempt_bodies`](crate::ClientBuilder::attempt_bodies), or if it did not come as a whole.
    #[must_use]
    pub fn response_body(&self) -> Option<String> {
        Some(redacted(self.exchange.response.as_deref()?, self.carried))
    }
}

impl fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("number", &self.number)
            .field("status", &self.status())
            .field("elapsed", &self.elapsed)
            .field("request_size", &self.exchange.sent)
            .field("response_size", &self.exchange.received)
            .finish_non_exhaustive()
    }
}

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";

fn redacted(body: &[u8], carried: Carried<'_>) -> String {
    if body.is_empty() {
        return String::new();
    }
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else {
        return format!("[{} bytes that are no JSON]", body.len());
    };
    redact(&mut value, carried);
    value.to_string()
}

fn redact(value: &mut Value, carried: Carried<'_>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, carried)),
        Value::Object(members) => {
            // A name may be a secret too, where the other side makes it up.
            let names: Vec<String> = members.keys().filter(|name| carried.may_be_in(name)).cloned().collect();
            for name in names {
                members.remove(&name);
                members.insert(REDACTED.to_owned(), Value::Null);
            }
            for (name, value) in members {
                if looks_secret(name) && !value.is_boolean() && !value.is_null() && value != "yes" && value != "no" {
                    *value = REDACTED.into();
                } else {
                    redact(value, carried);
                }
            }
        }
        Value::String(text) if carried.may_be_in(text) => *value = REDACTED.into(),
        _ => {}
    }
}

/// What the description marks, and what other endpoints may call a secret.
fn looks_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    is_sensitive(name) || ["password", "secret", "token", "private_key"].iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Secret;

    #[test]
    fn bodies_are_shown_without_secrets() {
        let tell = || vec![Secret::new("ucat_canary_of_the_token")];
        for (body, shown) in [
            (r#"{"server":{"password":"x","hostname":"a"}}"#, r#"{"server":{"password":"[redacted]","hostname":"a"}}"#),
            (r#"{"a":[{"user_data":"x"}]}"#, r#"{"a":[{"user_data":"[redacted]"}]}"#),
            (r#"{"create_password":"no"}"#, r#"{"create_password":"no"}"#),
            (r#"{"api_token":{"x":1}}"#, r#"{"api_token":"[redacted]"}"#),
            (r#"{"m":"bad ucat_canary_of_the_token"}"#, r#"{"m":"[redacted]"}"#),
            (r#"{"ucat_canary_of_the_token":1}"#, r#"{"[redacted]":null}"#),
            ("<p>ucat_canary_of_the_token</p>", "[31 bytes that are no JSON]"),
            ("", ""),
        ] {
            let shown: Value = serde_json::from_str(shown).unwrap_or_else(|_| shown.into());
            let found = redacted(body.as_bytes(), Carried::told_by(&tell));
            let found: Value = serde_json::from_str(&found).unwrap_or_else(|_| found.into());
            assert_eq!(found, shown, "{body}");
        }
    }
}
