//! What `tracing` sees of a call: a span around it and one around each attempt, with the names of OpenTelemetry. No body,
//! no header, no query and no text of the API is ever in them, so no secret can be.

#[cfg(test)]
mod tests;

use http::StatusCode;
use tracing::{Span, field};

use super::{Behavior, Resource};
use crate::{
    error::{Class, Error},
    model::Operation,
    shown,
    transport::{ENDPOINT, Shared, base_url::VERSION},
};

/// Tells a span which resource it is about. The fields are declared where spans are made.
fn about(span: &Span, resources: impl IntoIterator<Item = Resource>) {
    for (name, uuid) in resources {
        span.record(name, field::display(uuid));
    }
}

/// The span of a whole call.
pub(super) fn call<C: Behavior>(call: &C) -> Span {
    let name = C::OPERATION.map_or(ENDPOINT, Operation::id);
    let span = tracing::info_span!(
        "upcloud.call",
        otel.name = name,
        otel.kind = "internal",
        upcloud.operation = name,
        upcloud.server.uuid = field::Empty,
        upcloud.server_group.uuid = field::Empty,
        upcloud.attempts = field::Empty,
        upcloud.error_code = field::Empty,
        http.response.status_code = field::Empty,
        "error.type" = field::Empty,
        otel.status_code = field::Empty,
    );
    if !span.is_disabled() {
        about(&span, call.resources());
    }
    span
}

/// The span of one attempt.
pub(super) fn attempt<C: Behavior>(call: &C, shared: &Shared, number: u32) -> Span {
    let span = tracing::info_span!(
        "upcloud.attempt",
        otel.name = field::Empty,
        otel.kind = "client",
        http.request.method = call.method(),
        url.full = field::Empty,
        url.template = field::Empty,
        server.address = shared.address,
        server.port = shared.port,
        upcloud.operation = C::OPERATION.map_or(ENDPOINT, Operation::id),
        upcloud.server.uuid = field::Empty,
        upcloud.server_group.uuid = field::Empty,
        upcloud.attempt = number,
        http.request.resend_count = (number > 1).then_some(number - 1),
        upcloud.error_code = field::Empty,
        http.response.status_code = field::Empty,
        "error.type" = field::Empty,
        otel.status_code = field::Empty,
    );
    if !span.is_disabled() {
        about(&span, call.resources());
        match C::OPERATION {
            Some(operation) => {
                let template = format_args!("/{}{}", VERSION, operation.path());
                span.record("url.template", field::display(template));
                span.record("otel.name", field::display(format_args!("{} {template}", operation.method())));
            }
            // The path of an endpoint is the caller's, so there is no template; `url.full` has it.
            None => {
                span.record("otel.name", call.method());
            }
        }
    }
    span
}

/// The span of a request that verifies whether another was done.
pub(super) fn verify() -> Span {
    tracing::info_span!(
        "upcloud.verify",
        otel.kind = "client",
        http.request.method = "GET",
        url.full = field::Empty,
        http.response.status_code = field::Empty,
    )
}

/// Tells the span what the answer is about, which nobody knows before a create.
pub(super) fn made<C: Behavior>(span: &Span, output: &C::Output) {
    if !span.is_disabled() {
        about(span, C::made(output));
    }
}

/// Writes into the span how it ended.
pub(super) fn end(span: &Span, result: Result<StatusCode, &Error>) {
    if span.is_disabled() {
        return;
    }
    let status = result.map_or_else(Error::status, Some);
    if let Some(status) = status {
        span.record("http.response.status_code", status.as_u16());
    }
    let Err(error) = result else { return };
    span.record("otel.status_code", "ERROR");
    match (error.class(), status) {
        (Class::Response, Some(status)) => span.record("error.type", status.as_str()),
        (class, _) => span.record("error.type", class.name()),
    };
    if let Some(code) = error.code() {
        // A code that the API made up is text of the API.
        span.record("upcloud.error_code", shown::code(code.as_str()).unwrap_or("_OTHER"));
    }
}
