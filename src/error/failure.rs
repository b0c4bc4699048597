//! How an attempt failed, as far as sending it again is concerned.

use super::{Class, Error};

/// How an attempt failed, as far as trying again is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// There was no connection.
    NeverSent,
    /// It was sent and no whole answer came back.
    Unanswered,
    /// 408: the service waited for the request and says not how far it came.
    RequestTimeout,
    /// 429: refused before it was looked at.
    Busy,
    /// 5xx without a code of its own meaning: the service, or a gateway before it, failed somewhere on the way.
    Server,
    /// Everything else: refused, not understood, not trusted, or never tried.
    Other,
}

impl Failure {
    pub(crate) fn of(error: &Error) -> Self {
        // A code that says more than "the service failed" keeps its meaning, whatever status it comes with.
        match (error.class(), error.status().map(|status| status.as_u16())) {
            (Class::Connect, _) => Self::NeverSent,
            (Class::Transport | Class::Timeout, _) => Self::Unanswered,
            (Class::Response, Some(408)) => Self::RequestTimeout,
            (Class::Response, Some(429)) => Self::Busy,
            (Class::Response, Some(500..=599)) if !error.is_meant() => Self::Server,
            (
                Class::Response
                | Class::Configuration
                | Class::Certificate
                | Class::Decode
                | Class::Wait
                | Class::Undecided
                | Class::Ambiguous,
                _,
            ) => Self::Other,
        }
    }
}
