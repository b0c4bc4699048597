//! A call that is described and not yet made. What all calls have in common is here: sending, waiting for the answer,
//! options for one call. What a single operation adds stands beside the operation.

mod attempts;
mod carried;
mod lost;
mod sending;
mod span;

use std::{fmt, future::Future, pin::Pin, time::Duration};

use http::{HeaderMap, StatusCode};
use progenitor_client::ResponseValue;
use tokio::time::Instant;

use crate::{
    Client, Error, OperationClass, RetryPolicy,
    client::{not_zero, size_not_zero},
    error::correlation_id,
    generated::{self, Operation},
    shown::Names,
    wire::Extra,
};
pub use attempts::Looked;
pub(crate) use attempts::after;
pub(crate) use carried::Carried;
pub(crate) use lost::{Age, LostThing, Moment, Search, ServiceTime, TRACE_LABEL, trace};
pub use lost::{FindLost, Lost};
pub use span::Subject;
pub(crate) use span::goes_to;

/// The result of a call of the generated client.
pub(crate) type Sent<T> = Result<ResponseValue<T>, progenitor_client::Error<()>>;

/// One operation with its arguments; implemented by the types that the methods of this crate return.
pub trait Prepared: Clone + Send + Sync + Sized + 'static {
    /// What the answer holds.
    type Answer: Send + 'static;

    /// What the generated client decodes.
    #[doc(hidden)]
    type Body: Send + 'static;

    /// Which operation it is; `None` for an endpoint that the description does not have.
    const OPERATION: Option<Operation>;

    /// Whether [`look`](Self::look) can find anything out.
    #[doc(hidden)]
    const LOOKS: bool = false;

    /// What a second request would do.
    #[doc(hidden)]
    fn class(&self) -> OperationClass {
        Self::OPERATION.map_or(OperationClass::Create, Operation::class)
    }

    /// The HTTP method.
    #[doc(hidden)]
    fn method(&self) -> &str {
        Self::OPERATION.map_or("", Operation::method)
    }

    /// What errors call it, where it is no operation of the description.
    #[doc(hidden)]
    fn name(&self) -> Option<String> {
        None
    }

    /// What it is about.
    #[doc(hidden)]
    fn subject(&self) -> Subject {
        Subject::default()
    }

    /// How long the API may need to answer, where that is longer than usual.
    #[doc(hidden)]
    fn patience(&self) -> Option<Duration> {
        None
    }

    /// What finds the thing that was made if the answer is lost.
    #[doc(hidden)]
    fn lost(&self) -> Option<Lost> {
        None
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

    /// Finds out whether a request whose answer was lost was done.
    #[doc(hidden)]
    fn look(self, _api: generated::Client) -> impl Future<Output = Looked<Self::Answer>> + Send {
        async { Looked::Unknown }
    }

    /// The answer, if a refusal that follows a lost answer shows that the request was done.
    #[doc(hidden)]
    fn settled(&self, _refusal: &Error) -> Option<Self::Answer> {
        None
    }
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
///
/// `Debug` shows neither the values of the query nor a secret.
#[derive(Clone)]
#[must_use = "a request does nothing until it is awaited"]
pub struct Request<P> {
    client: Client,
    pub(crate) prepared: P,
    query: Vec<(String, String)>,
    checks: bool,
    options: Options,
}

impl<P: fmt::Debug> fmt::Debug for Request<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("client", &self.client)
            .field("prepared", &self.prepared)
            .field("query", &Names(&self.query))
            .field("checks", &self.checks)
            .field("options", &self.options)
            .finish()
    }
}

/// What a call may say differently from its client.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) total: Option<Duration>,
    pub(crate) attempt: Option<Duration>,
    pub(crate) max_response_size: Option<u64>,
    /// When the call ends whatever its limits are, because something larger ends then.
    pub(crate) deadline: Option<Instant>,
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

/// An answer with what came along with it. `Debug` shows the names of the headers and not their values.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// The status of the last answer: where a delete met its own effect, 404; where a lost answer was made good by a look,
    /// that of the look.
    pub status: StatusCode,
    /// The headers of that answer.
    pub headers: HeaderMap,
}

impl<T: fmt::Debug> fmt::Debug for Answer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("value", &self.value)
            .field("status", &self.status)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .finish()
    }
}

impl<T> Answer<T> {
    /// The identifier to quote when asking the vendor for help, if it has the usual form; the endpoints of this chapter send
    /// none as a rule.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        correlation_id(&self.headers)
    }
}

impl<P: Prepared> Request<P> {
    pub(crate) fn new(client: &Client, prepared: P) -> Self {
        Self { client: client.clone(), prepared, query: Vec::new(), checks: true, options: Options::default() }
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The same call, over by then whatever its own limits are.
    pub(crate) fn by(mut self, deadline: Instant) -> Self {
        self.options.deadline = Some(deadline);
        self
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

    /// What is tried again, instead of what the client says; [`RetryPolicy::off`] sends the request once.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// How long the call may take as a whole, with all attempts, waits and looks. Unless the client says otherwise it is 5
    /// minutes, or a minute longer than an attempt may take; [`Client`] has a table. `Duration::MAX` means no limit; zero is
    /// a [configuration error](Error::is_configuration) of the call, and nothing is sent.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.options.total = Some(limit);
        self
    }

    /// How long one attempt may take, from connecting to the last byte of the answer. Unless the client says otherwise it is
    /// a minute; a minute longer than the time limit of a soft stop; and for restarts and synchronous starts, which are
    /// answered when the server runs, 5 minutes, with the time limit of a soft restart on top. `Duration::MAX` means no
    /// limit; zero is a [configuration error](Error::is_configuration) of the call, and nothing is sent.
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.options.attempt = Some(limit);
        self
    }

    /// How large the body of an answer may be, in bytes, instead of what the client says; see
    /// [`ClientBuilder::max_response_size`](crate::ClientBuilder::max_response_size). `u64::MAX` means no limit; zero is a
    /// [configuration error](Error::is_configuration) of the call, and nothing is sent.
    pub fn max_response_size(mut self, bytes: u64) -> Self {
        self.options.max_response_size = Some(bytes);
        self
    }

    /// Makes the call and gives status and headers along with the answer.
    ///
    /// # Errors
    ///
    /// The same as without status and headers.
    pub async fn send(self) -> Result<Answer<P::Answer>, Error> {
        sending::send(self).await.map(|answer| *answer)
    }
}

impl Options {
    /// Limits that nothing can keep are mistakes.
    pub(crate) fn check(&self) -> Result<(), Error> {
        not_zero("Request", "timeout", self.total)?;
        not_zero("Request", "attempt_timeout", self.attempt)?;
        size_not_zero("Request", self.max_response_size)
    }
}

impl<P: Prepared> IntoFuture for Request<P> {
    type Output = Result<P::Answer, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { Ok(sending::send(self).await?.value) })
    }
}

/// What the description knows of an operation, as documentation of the method that makes the call.
macro_rules! wire_docs {
    ($id:literal) => {
        include_str!(concat!(env!("OUT_DIR"), "/docs/", $id, ".md"))
    };
}

/// Ties a request type to its operation: what the generated client is asked, what it decodes, what the caller gets; then,
/// in this order and where there is something to say, how it is checked, what it is about, how long it may take, what
/// finds its result, which refusal means success, and how to see whether it was done.
macro_rules! prepared {
    ($type:ty, $operation:ident, $body:ty => $answer:ty, |$this:ident, $api:ident| $call:expr, |$decoded:pat_param| $value:expr
        $(, check |$checked:ident| $check:expr)?
        $(, subject |$named:ident| $subject:expr)?
        $(, patience |$patient:ident| $patience:expr)?
        $(, lost |$made:ident| $lost:expr)?
        $(, settled |$refusal:ident| $settled:expr)?
        $(, look |$looked:ident, $look_api:ident| $look:expr)?
    ) => {
        impl $crate::request::Prepared for $type {
            type Answer = $answer;
            type Body = $body;
            const OPERATION: Option<$crate::generated::Operation> = Some($crate::generated::Operation::$operation);

            $(fn check(&self) -> Result<(), $crate::Error> {
                let $checked = self;
                $check
            })?

            $(fn subject(&self) -> $crate::request::Subject {
                let $named = self;
                $subject
            })?

            $(fn patience(&self) -> Option<std::time::Duration> {
                let $patient = self;
                $patience
            })?

            $(fn lost(&self) -> Option<$crate::request::Lost> {
                let $made = self;
                Some($lost)
            })?

            async fn send(self, $api: $crate::generated::Client) -> $crate::request::Sent<$body> {
                let $this = self;
                $call.await
            }

            fn unwrap($decoded: $body) -> $answer {
                $value
            }

            $(fn settled(&self, $refusal: &$crate::Error) -> Option<$answer> {
                $settled
            })?

            $(const LOOKS: bool = true;

            async fn look(self, $look_api: $crate::generated::Client) -> $crate::request::Looked<$answer> {
                let $looked = self;
                $look.await
            })?
        }
    };
}

pub(crate) use {prepared, wire_docs};
