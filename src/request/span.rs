//! What `tracing` sees of a call: a span around it and one around each attempt, with the names of OpenTelemetry. No body,
//! no header, no query and no text of the API is ever in them, so no secret can be.

#[cfg(test)]
mod tests;

use std::any::Any;

use http::StatusCode;
use tracing::{Span, field};
use url::Url;
use uuid::Uuid;

use super::Prepared;
use crate::{
    Error,
    error::Class,
    generated::types::{Server, ServerGroup},
    shown,
    transport::{ENDPOINT, Shared},
};

/// The resources that a call is about.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject {
    pub(crate) server: Option<Uuid>,
    pub(crate) group: Option<Uuid>,
}

impl Subject {
    pub(crate) fn server(uuid: Uuid) -> Self {
        Self { server: Some(uuid), group: None }
    }

    pub(crate) fn group(uuid: Uuid) -> Self {
        Self { server: None, group: Some(uuid) }
    }

    pub(crate) fn and_server(self, uuid: Uuid) -> Self {
        Self { server: Some(uuid), ..self }
    }

    fn record(self, span: &Span) {
        if let Some(uuid) = self.server {
            span.record("upcloud.server.uuid", field::display(uuid));
        }
        if let Some(uuid) = self.group {
            span.record("upcloud.server_group.uuid", field::display(uuid));
        }
    }
}

/// The span of a whole call.
pub(super) fn call<P: Prepared>(prepared: &P) -> Span {
    let name = P::OPERATION.map_or(ENDPOINT, crate::Operation::id);
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
        prepared.subject().record(&span);
    }
    span
}

/// The span of one attempt; `purpose` is the operation, or what is done for it.
pub(super) fn attempt<P: Prepared>(prepared: &P, shared: &Shared, number: u32) -> Span {
    let span = tracing::info_span!(
        "upcloud.attempt",
        otel.name = field::Empty,
        otel.kind = "client",
        http.request.method = prepared.method(),
        url.full = field::Empty,
        url.template = field::Empty,
        server.address = shared.address,
        server.port = shared.port,
        upcloud.operation = P::OPERATION.map_or(ENDPOINT, crate::Operation::id),
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
        prepared.subject().record(&span);
        match P::OPERATION {
            Some(operation) => {
                let template = format_args!("/{}{}", crate::client::VERSION, operation.path());
                span.record("url.template", field::display(template));
                span.record("otel.name", field::display(format_args!("{} {template}", operation.method())));
            }
            // The path of an endpoint is the caller's: no template, and not for us to show.
            None => {
                span.record("otel.name", prepared.method());
            }
        }
    }
    span
}

/// Tells the span of the attempt where the request goes: without the query, which is the caller's.
pub(crate) fn goes_to(span: &Span, url: &Url) {
    if span.is_disabled() {
        return;
    }
    let mut url = url.clone();
    url.set_query(None);
    span.record("url.full", url.as_str());
}

/// The span of a request that looks at what became of a request.
pub(super) fn look() -> Span {
    tracing::info_span!(
        "upcloud.look",
        otel.kind = "client",
        http.request.method = "GET",
        url.full = field::Empty,
        http.response.status_code = field::Empty,
    )
}

/// Tells the span which server or group the answer is about, which nobody knows before a create.
pub(super) fn made(span: &Span, answer: &dyn Any) {
    if span.is_disabled() {
        return;
    }
    if let Some(server) = answer.downcast_ref::<Server>() {
        Subject::server(server.uuid).record(span);
    } else if let Some(group) = answer.downcast_ref::<ServerGroup>() {
        Subject::group(group.uuid).record(span);
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
