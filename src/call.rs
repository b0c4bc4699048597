//! A call that is described and not yet made. What all calls have in common is here: sending, waiting for the answer,
//! options for one call. What a single operation adds stands beside the operation.

mod attempts;
mod lost;
mod options;
mod pause;
mod running;
mod sending;
mod span;
mod typed;

use std::{fmt, future::Future, time::Duration};

use http::{HeaderMap, StatusCode};
use progenitor_client::ResponseValue;
use uuid::Uuid;

use crate::{
    error::{Error, LostCreate, correlation_id},
    model::{Idempotency, Operation},
    transport::Api,
};
pub(crate) use attempts::Verified;
pub use lost::FindLost;
pub(crate) use lost::{Search, trace};
pub(crate) use options::Options;
pub(crate) use pause::{Pauses, after, rest};
pub(crate) use running::{Boxed, Running};
pub(crate) use sending::send;
pub(crate) use typed::call;

/// What an error says of an answer that is about another thing.
pub(crate) const ABOUT_ANOTHER: &str = "the answer is about something else than was asked for";

/// The result of a call of the generated client.
pub(crate) type Sent<T> = Result<ResponseValue<T>, progenitor_client::Error<()>>;

/// A resource that a call is about: the name of its field in spans, and its identifier.
pub(crate) type Resource = (&'static str, Uuid);

/// One operation with its arguments: what is sent and what is read. `src/codegen/calls.rs` writes it for the operations of
/// the description.
pub(crate) trait Call: Clone + Send + Sync + Sized + 'static {
    /// What the generated client decodes.
    type Body: Send + 'static;

    /// What the caller gets.
    type Output: Send + 'static;

    /// Which operation it is; `None` for an endpoint that the description does not have.
    const OPERATION: Option<Operation>;

    /// What the caller says of this call.
    fn options(&self) -> &Options;

    /// The same, to say more.
    fn options_mut(&mut self) -> &mut Options;

    /// The resources that the path names.
    fn resources(&self) -> Vec<Resource> {
        Vec::new()
    }

    /// Whether the answer is about what was asked for: a gateway or a cache may give that of another request.
    fn is_answered_by(&self, _output: &Self::Output) -> bool {
        true
    }

    /// Sends it once.
    fn send(&self, api: Api) -> impl Future<Output = Sent<Self::Body>> + Send;

    /// Takes the answer out of its wrappers.
    fn output(body: Self::Body) -> Self::Output;
}

/// What is particular about an operation: written by hand for each, mostly empty. An operation that is neither safe nor
/// idempotent should say how to find out whether it was done.
pub(crate) trait Behavior: Call {
    /// Whether [`verify`](Self::verify) can find anything out.
    const CAN_VERIFY: bool = false;

    /// What a second request would do.
    fn idempotency(&self) -> Idempotency {
        Self::OPERATION.map_or(Idempotency::Creates, Operation::idempotency)
    }

    /// The HTTP method.
    fn method(&self) -> &str {
        Self::OPERATION.map_or("", Operation::method)
    }

    /// What errors call it, where it is no operation of the description.
    fn name(&self) -> Option<String> {
        None
    }

    /// How long the API may need to answer, where that is longer than usual.
    fn patience(&self) -> Option<Duration> {
        None
    }

    /// What finds the thing that was made if the answer is lost.
    fn lost(&self) -> Option<LostCreate> {
        None
    }

    /// What the documentation says can never be accepted is refused before it is sent.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    /// Finds out whether a request whose answer was lost was done.
    fn verify(&self, _api: Api) -> impl Future<Output = Verified<Self::Output>> + Send {
        async { Verified::Unknown }
    }

    /// The answer, if a refusal that follows a lost answer shows that the request was done.
    fn done_by(&self, _refusal: &Error) -> Option<Self::Output> {
        None
    }

    /// What the answer is about, where nobody knows it before.
    fn made(_output: &Self::Output) -> Option<Resource> {
        None
    }
}

/// An answer with what came along with it. `Debug` shows the names of the headers and not their values.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Response<T> {
    /// What was asked for.
    pub value: T,
    /// The status of the last answer: where a delete met its own effect, 404; where a lost answer was made good by a poll,
    /// that of the look.
    pub status: StatusCode,
    /// The headers of that answer.
    pub headers: HeaderMap,
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("value", &self.value)
            .field("status", &self.status)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .finish()
    }
}

impl<T> Response<T> {
    /// The identifier to quote when asking the vendor for help, if it has the usual form; the endpoints of this chapter send
    /// none as a rule.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        correlation_id(&self.headers)
    }
}
