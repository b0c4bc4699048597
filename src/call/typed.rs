//! What makes a type a call that a caller sees: the options as methods, and the await.

/// The options of a call as methods of its type, and the future. The type has the fields `options` and `running`; the second
/// type is what the caller gets.
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
                // In a box, so that what it is moved into stays small.
                ::std::boxed::Box::pin(crate::call::send(self)).await.map(|response| *response)
            }
        }

        impl ::std::future::Future for $type {
            type Output = ::std::result::Result<$output, crate::Error>;

            fn poll(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<Self::Output> {
                let this = self.get_mut();
                let mut running = ::std::mem::take(&mut this.running);
                let result = running.poll(cx, || {
                    // Cheap, because the body is shared.
                    let call = ::std::clone::Clone::clone(&*this);
                    ::std::boxed::Box::pin(async move { Ok(crate::call::send(call).await?.value) })
                });
                this.running = running;
                result
            }
        }
    };
}

pub(crate) use call;
