//! A call that is described and not yet made. What all calls have in common is here: sending, waiting for the answer,
//! options for one call. What a single operation adds stands beside the operation.

use std::{future::Future, pin::Pin, time::Instant};

use http::{HeaderMap, StatusCode};
use progenitor_client::ResponseValue;

use crate::{
    Client, Error, OperationClass,
    error::{Class, correlation_id, from_generated},
    generated::{self, Operation},
    wire::Extra,
};

/// The result of a call of the generated client.
pub(crate) type Sent<T> = Result<ResponseValue<T>, progenitor_client::Error<()>>;

/// One operation with its arguments; implemented by the types that the methods of this crate return.
pub trait Prepared: Send + Sized + 'static {
    /// What the answer holds.
    type Answer: Send + 'static;

    /// What the generated client decodes.
    #[doc(hidden)]
    type Body: Send + 'static;

    /// Which operation it is; `None` for an endpoint that the description does not have.
    const OPERATION: Option<Operation>;

    /// Whether it only reads, so that a lost answer means no lost effect.
    #[doc(hidden)]
    fn is_read(&self) -> bool {
        Self::OPERATION.is_some_and(|operation| operation.class() == OperationClass::Read)
    }

    /// What the documentation says can never be accepted is refused before it is sent.
    #[doc(hidden)]
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Makes the call.
    #[doc(hidden)]
    fn send(self, api: generated::Client) -> impl Future<Output = Sent<Self::Body>> + Send;

    /// Takes the answer out of its wrappers.
    #[doc(hidden)]
    fn unwrap(body: Self::Body) -> Self::Answer;
}

/// A call that is described and not yet made: `.await` makes it.
///
/// ```
/// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
/// # let fake = upcloud::fake::Fake::start().await;
/// # let upcloud = fake.client();
/// let servers = upcloud.servers().list().await?;
/// let answer = upcloud.servers().list().send().await?;
/// assert_eq!(answer.status, 200);
/// assert_eq!(answer.value, servers);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is awaited"]
pub struct Request<P> {
    client: Client,
    pub(crate) prepared: P,
    query: Vec<(String, String)>,
    checks: bool,
}

/// A call with a body that can carry members the crate does not know.
pub trait SendsBody: Prepared {
    /// The unknown members of the innermost object of the body.
    #[doc(hidden)]
    fn extra(&mut self) -> &mut Extra;
}

impl<P: SendsBody> Request<P> {
    /// Adds a member to the body that the crate does not know, beside the attributes that it does.
    pub fn body_field(mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
        self.prepared.extra().insert(name.into(), value.into());
        self
    }
}

/// An answer with what came along with it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
}

impl<T> Answer<T> {
    /// The identifier to quote when asking the vendor for help; the endpoints of this chapter send none as a rule.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        correlation_id(&self.headers)
    }
}

impl<P: Prepared> Request<P> {
    pub(crate) fn new(client: &Client, prepared: P) -> Self {
        Self { client: client.clone(), prepared, query: Vec::new(), checks: true }
    }

    /// Adds a query pair that the crate does not know; name and value are encoded.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sends the request even if the documentation says that it can never be accepted, so that the API decides: for limits
    /// that are wider for an account than on the page, or have become wider since.
    ///
    /// ```no_run
    /// # async fn example(upcloud: upcloud::Client, template: uuid::Uuid) -> Result<(), upcloud::Error> {
    /// use upcloud::CreateServer;
    /// let large = CreateServer::from_template("store.example.net", "de-fra1", template).disk_size(5);
    /// upcloud.servers().create(large).without_checks().await?;
    /// # Ok(()) }
    /// ```
    pub fn without_checks(mut self) -> Self {
        self.checks = false;
        self
    }

    /// Makes the call and gives status and headers along with the answer.
    ///
    /// # Errors
    ///
    /// The same as without status and headers.
    pub async fn send(self) -> Result<Answer<P::Answer>, Error> {
        let begin = Instant::now();
        let reads = self.prepared.is_read();
        let failed = |error: Error| error.during(P::OPERATION, reads, begin.elapsed());
        if self.checks {
            self.prepared.check().map_err(failed)?;
        }
        let api = self.client.api(self.query);
        let call = api.inner.clone();
        match tokio::time::timeout(call.shared.timeout, self.prepared.send(api)).await {
            Ok(Ok(response)) => {
                let (status, headers) = (response.status(), response.headers().clone());
                Ok(Answer { value: P::unwrap(response.into_inner()), status, headers })
            }
            Ok(Err(error)) => Err(failed(from_generated(error, &call).await)),
            Err(_) => Err(failed(Error::new(Class::Timeout, format!("no answer within {:?}", call.shared.timeout)))),
        }
    }
}

impl<P: Prepared> IntoFuture for Request<P> {
    type Output = Result<P::Answer, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(self.send().await?.value) })
    }
}

/// What the description knows of an operation, as documentation of the method that makes the call.
macro_rules! wire_docs {
    ($id:literal) => {
        include_str!(concat!(env!("OUT_DIR"), "/docs/", $id, ".md"))
    };
}

/// Ties a request type to its operation: what the generated client is asked, what it decodes, what the caller gets.
macro_rules! prepared {
    ($type:ty, $operation:ident, $body:ty => $answer:ty, |$this:ident, $api:ident| $call:expr, |$decoded:pat_param| $value:expr$(, check |$checked:ident| $check:expr)?) => {
        impl $crate::request::Prepared for $type {
            type Answer = $answer;
            type Body = $body;
            const OPERATION: Option<$crate::generated::Operation> = Some($crate::generated::Operation::$operation);

            $(fn check(&self) -> Result<(), $crate::Error> {
                let $checked = self;
                $check
            })?

            async fn send(self, $api: $crate::generated::Client) -> $crate::request::Sent<$body> {
                let $this = self;
                $call.await
            }

            fn unwrap($decoded: $body) -> $answer {
                $value
            }
        }
    };
}

pub(crate) use {prepared, wire_docs};
