//! What a caller can say of any call, and what makes a type a call.

use std::{fmt, time::Duration};

use tokio::time::Instant;

use crate::{
    error::Error,
    retry::RetryPolicy,
    shown::Names,
    transport::{
        Connection,
        settings::{not_zero, size_not_zero},
    },
};

/// What a call may say differently from its client.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) connection: Connection,
    pub(crate) query: Vec<(String, String)>,
    /// Whether what the documentation never accepts is refused before it is sent.
    pub(crate) checks: bool,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) total: Option<Duration>,
    pub(crate) attempt: Option<Duration>,
    pub(crate) max_response_size: Option<u64>,
    /// When the call ends whatever its limits are, because something larger ends then.
    pub(crate) deadline: Option<Instant>,
}

impl Options {
    pub(crate) fn new(connection: &Connection) -> Self {
        Self {
            connection: connection.clone(),
            query: Vec::new(),
            checks: true,
            retry: None,
            total: None,
            attempt: None,
            max_response_size: None,
            deadline: None,
        }
    }

    /// Limits that nothing can keep are mistakes.
    pub(crate) fn check(&self) -> Result<(), Error> {
        not_zero("`timeout` of the call", self.total)?;
        not_zero("`attempt_timeout` of the call", self.attempt)?;
        size_not_zero("`max_response_size` of the call", self.max_response_size)
    }
}

impl fmt::Debug for Options {
    /// Without the values of the query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("connection", &self.connection)
            .field("query", &Names(&self.query))
            .field("checks", &self.checks)
            .field("retry", &self.retry)
            .field("timeout", &self.total)
            .field("attempt_timeout", &self.attempt)
            .field("max_response_size", &self.max_response_size)
            .finish_non_exhaustive()
    }
}

/// The options of a call as methods of its type, and the await. The type has a field `options`; the second type is what the
/// caller gets.
macro_rules! call {
    ($type:ident => $output:ty) => {
        impl $type {
            /// The same call, over by then whatever its own limits are.
            #[allow(dead_code, reason = "few calls are a part of something larger")]
            pub(crate) fn by(mut self, deadline: ::tokio::time::Instant) -> Self {
                self.options.deadline = Some(deadline);
                self
            }

            /// Adds a query pair that the crate does not know; name and value are encoded.
            pub fn query(
                mut self,
                name: impl ::std::convert::Into<::std::string::String>,
                value: impl ::std::convert::Into<::std::string::String>,
            ) -> Self {
                self.options.query.push((name.into(), value.into()));
                self
            }

            /// Sends the request even if the documentation says that it can never be accepted, so that the API decides: for
            /// limits that are wider for an account than on the page, or have become wider since.
            pub fn without_checks(mut self) -> Self {
                self.options.checks = false;
                self
            }

            /// What is tried again, instead of what the client says; [`RetryPolicy::off`](crate::RetryPolicy::off) sends the
            /// request once.
            pub fn retry(mut self, policy: crate::RetryPolicy) -> Self {
                self.options.retry = Some(policy);
                self
            }

            /// How long the call may take as a whole, with all attempts and waits in between. Unless the client says otherwise
            /// it is 5 minutes, or a minute longer than an attempt may take; [`Client`](crate::Client#time-limits) has a
            /// table. `Duration::MAX` means no limit; zero is a
            /// [configuration error](crate::Error::is_configuration) of the call, and nothing is sent.
            pub fn timeout(mut self, limit: ::std::time::Duration) -> Self {
                self.options.total = Some(limit);
                self
            }

            /// How long one attempt may take, from connecting to the last byte of the answer; see
            /// [`Client`](crate::Client#time-limits) for the defaults. `Duration::MAX` means no limit; zero is a
            /// [configuration error](crate::Error::is_configuration) of the call, and nothing is sent.
            pub fn attempt_timeout(mut self, limit: ::std::time::Duration) -> Self {
                self.options.attempt = Some(limit);
                self
            }

            /// How large the body of an answer may be, in bytes, instead of what the client says; see
            /// [`ClientBuilder::max_response_size`](crate::ClientBuilder::max_response_size). `u64::MAX` means no limit; zero
            /// is a [configuration error](crate::Error::is_configuration) of the call, and nothing is sent.
            pub fn max_response_size(mut self, bytes: u64) -> Self {
                self.options.max_response_size = Some(bytes);
                self
            }

            /// Makes the call and gives status and headers along with the answer.
            ///
            /// # Errors
            ///
            /// The same as without status and headers.
            pub async fn send(self) -> ::std::result::Result<crate::call::Response<$output>, crate::Error> {
                crate::call::send(self).await.map(|response| *response)
            }
        }

        impl ::std::future::IntoFuture for $type {
            type Output = ::std::result::Result<$output, crate::Error>;
            type IntoFuture = ::std::pin::Pin<
                ::std::boxed::Box<dyn ::std::future::Future<Output = Self::Output> + ::std::marker::Send>,
            >;

            fn into_future(self) -> Self::IntoFuture {
                ::std::boxed::Box::pin(async move { Ok(crate::call::send(self).await?.value) })
            }
        }
    };
}

pub(crate) use call;
