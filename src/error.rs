//! The one error type of the crate: what it holds and how it is made. What a program can ask of it is in
//! `error/predicates.rs`, how it reads in `error/display.rs`, how answers become errors in `error/body.rs`.

mod body;
mod class;
mod display;
mod failure;
mod list;
mod lost;
mod made;
mod predicates;
mod received;
pub(crate) mod retry_after;
mod salvage;
#[cfg(test)]
mod tests;
mod transport;

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::Arc,
    time::Duration,
};

use http::StatusCode;

pub use crate::wire::Unreadable;
use crate::{
    model::{ErrorCode, Idempotency, Operation, ServerState, types::Server},
    shown,
};
pub(crate) use body::{correlation_id, from_generated, from_response, from_timeout};
pub(crate) use class::Class;
pub(crate) use failure::Failure;
pub(crate) use lost::{Age, LostCreate, Moment, ServiceTime, TRACE_LABEL};
pub use made::ErrorBuilder;
pub(crate) use received::{Received, TooLarge};
pub use salvage::Created;
pub(crate) use transport::{Place, from_reqwest};

/// What went wrong, with everything that is known about it.
///
/// Programs branch on the predicates or on [`code`](Self::code), people read the one line that `Display` gives: the
/// operation, the status, the code, the message, the attribute and [what can be done](Self::advice). `Debug` gives the same
/// line, so that `main() -> Result<(), upcloud::Error>` prints it; `{:#?}` gives the fields. No form of it holds a secret. A
/// clone shares the content, however long the message is.
///
/// **What to repeat.** Three questions decide, and no error answers yes to the first two at once:
///
/// | predicate | what it says | what to do |
/// | --- | --- | --- |
/// | [`is_transient`](Self::is_transient) | nothing has happened, and the same request may succeed later | repeat it after a wait |
/// | [`may_have_taken_effect`](Self::may_have_taken_effect) | nobody knows whether it was done | look, do not repeat: after a create with `find_lost` ([`is_lost_create`](Self::is_lost_create)), after an action at the state |
/// | [`is_safe_to_repeat`](Self::is_safe_to_repeat) | a second request does no harm: nothing has happened, or twice is the same as once | repeat it if there is a reason to |
///
/// The line of an error that may have taken effect begins with that. Requests were tried again as the
/// [`RetryPolicy`](crate::RetryPolicy) allows before there is an error at all.
///
/// ```
/// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
/// # let fake = upcloud::fake::Fake::start().await;
/// # let upcloud = fake.client();
/// let error = upcloud.servers().get(uuid::Uuid::nil()).await.unwrap_err();
/// assert!(error.is_not_found());
/// assert_eq!(error.code(), Some(&upcloud::ErrorCode::ServerNotFound));
/// assert!(!error.may_have_taken_effect() && !error.is_transient());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Error(Content);

/// What an error holds, shared by its clones: the errors of a batch have one message. Who changes it has a copy of its own.
#[derive(Clone)]
struct Content(Arc<Inner>);

impl Deref for Content {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl DerefMut for Content {
    fn deref_mut(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }
}

#[derive(Clone)]
struct Inner {
    class: Class,
    operation: Option<Operation>,
    /// What a second request would do; until a call says it, nothing was asked to change.
    idempotency: Idempotency,
    /// What was called, where that is no operation.
    name: Option<String>,
    status: Option<StatusCode>,
    code: Option<ErrorCode>,
    message: String,
    attribute: Option<&'static str>,
    correlation_id: Option<String>,
    invalid_params: Vec<InvalidParam>,
    attempts: u32,
    elapsed: Duration,
    last_state: Option<ServerState>,
    doubt: Doubt,
    retry_after: Option<Duration>,
    lost: Option<LostCreate>,
    created: Option<Box<Created>>,
    /// Whether the answer broke off on the way.
    cut: bool,
    /// Whether it is about one element of a list, the rest of which was read.
    is_element: bool,
    last_seen: Option<Box<Server>>,
    /// What stood in the way of a wait.
    trouble: Option<Error>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// What is known of the effect beside what the failure itself tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doubt {
    None,
    /// An earlier attempt may have taken effect.
    Attempt,
    /// The request was accepted, and the wait for what becomes of it has failed.
    Accepted,
}

/// A parameter that the API refused, as problem details list them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidParam {
    /// Where it stands in the request; like the reason one line of at most 200 bytes.
    pub name: String,
    /// Why it was refused.
    pub reason: String,
}

impl Error {
    /// What was looked for is not there.
    pub(crate) fn none_found(message: impl Into<String>) -> Self {
        let mut error = Self::new(Class::Response, message);
        error.0.code = Some(ErrorCode::ServerNotFound);
        error
    }

    pub(crate) fn new(class: Class, message: impl Into<String>) -> Self {
        Self(Content(Arc::new(Inner {
            class,
            operation: None,
            idempotency: Idempotency::Safe,
            name: None,
            status: None,
            code: None,
            message: shown::line(&message.into(), shown::TEXT).into_owned(),
            attribute: None,
            correlation_id: None,
            invalid_params: Vec::new(),
            attempts: 0,
            elapsed: Duration::ZERO,
            last_state: None,
            doubt: Doubt::None,
            retry_after: None,
            lost: None,
            created: None,
            cut: false,
            is_element: false,
            last_seen: None,
            trouble: None,
            source: None,
        })))
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(Class::Configuration, message)
    }

    /// A value that the documentation never accepts, found before anything was sent; `code` is what the API would have
    /// answered. `given` must not show a secret.
    pub(crate) fn check(
        attribute: &'static str,
        place: impl fmt::Display,
        given: impl fmt::Display,
        allowed: &str,
        code: Option<ErrorCode>,
    ) -> Self {
        let mut error = Self::configuration(format!("{attribute}{place} is {given}, allowed: {allowed}"));
        error.0.attribute = Some(attribute);
        error.0.code = code;
        error
    }

    /// What is known only around the call: the operation, whether it only reads, and how long it took.
    pub(crate) fn during(mut self, operation: Option<Operation>, reads: bool, elapsed: Duration) -> Self {
        let told = operation.map_or(Idempotency::Creates, Operation::idempotency);
        let attempts = u32::from(!self.is_configuration());
        // Other operations answer with things that were there before.
        if operation.is_none_or(|operation| operation.idempotency() != Idempotency::Creates) && self.0.created.is_some()
        {
            self.0.created = None;
        }
        let inner = &mut *self.0;
        inner.operation = operation;
        inner.idempotency = if reads { Idempotency::Safe } else { told };
        inner.attempts = attempts;
        inner.elapsed = elapsed;
        self
    }

    /// What a second request would do, where the operation does not tell it.
    pub(crate) fn repeating(mut self, idempotency: Idempotency) -> Self {
        self.0.idempotency = idempotency;
        self
    }

    /// What was called, where that is no operation of the description.
    pub(crate) fn named(mut self, name: Option<String>) -> Self {
        self.0.name = name;
        self
    }

    /// The same with another message, made from its own.
    pub(crate) fn saying(mut self, message: impl FnOnce(&str) -> String) -> Self {
        self.0.message = message(&self.0.message);
        self
    }

    /// How often it was tried, where it was not once.
    pub(crate) fn after(mut self, attempts: u32) -> Self {
        // What is wrong before anything is sent was never tried.
        self.0.attempts = if self.is_configuration() { attempts.saturating_sub(1) } else { attempts };
        self
    }

    /// How long it took, where that is known later than the rest.
    pub(crate) fn took(mut self, elapsed: Duration) -> Self {
        self.0.elapsed = elapsed;
        self
    }

    /// An earlier attempt may have taken effect, whatever became of the last one.
    pub(crate) fn in_doubt(mut self) -> Self {
        self.0.doubt = Doubt::Attempt;
        self
    }

    /// What finds the thing that may have been made.
    pub(crate) fn losing(mut self, lost: Option<LostCreate>) -> Self {
        // A whole answer has told what was made. Of one that broke off a program may know no more than that it is lost.
        self.0.lost = lost.filter(|_| self.0.created.is_none() || self.0.cut);
        self
    }

    pub(crate) fn lost(&self) -> Option<&LostCreate> {
        self.0.lost.as_ref()
    }

    pub(crate) fn class(&self) -> Class {
        self.0.class
    }

    /// The server as a wait saw it last.
    pub(crate) fn last_seen_as(mut self, state: Option<ServerState>, server: Option<Server>) -> Self {
        self.0.last_state = state;
        self.0.last_seen = server.map(Box::new);
        self
    }

    /// The wait after an operation that was accepted has failed. What the answer told is kept where no poll told more.
    pub(crate) fn accepted(mut self, operation: Option<Operation>, server: Option<Server>) -> Self {
        let inner = &mut *self.0;
        inner.operation = operation;
        inner.idempotency = operation.map_or(Idempotency::Creates, Operation::idempotency);
        inner.doubt = Doubt::Accepted;
        if let Some(server) = server {
            inner.last_state.get_or_insert_with(|| server.state.clone());
            inner.last_seen = Some(Box::new(server));
        }
        self
    }

    /// The state in which the server was at rest when the action was refused.
    pub(crate) fn refused_in(mut self, state: ServerState) -> Self {
        self.0.last_state.get_or_insert(state);
        self
    }

    /// What stood in the way until the time was over.
    pub(crate) fn hindered_by(mut self, trouble: Option<Self>) -> Self {
        self.0.trouble = trouble;
        self
    }

    /// The search for what a lost create has made has failed, so the create is as lost as before.
    pub(crate) fn still_lost(mut self, lost: LostCreate) -> Self {
        let inner = &mut *self.0;
        inner.operation = Some(lost.operation);
        inner.idempotency = Idempotency::Creates;
        inner.doubt = Doubt::Attempt;
        inner.lost = Some(lost);
        self
    }

    #[cfg(test)]
    pub(crate) fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    #[cfg(test)]
    pub(crate) fn with_code(mut self, code: ErrorCode) -> Self {
        self.0.code = Some(code);
        self
    }

    #[cfg(test)]
    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = StatusCode::from_u16(status).ok();
        self
    }

    fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// The operation that failed; `None` for settings and credentials.
    #[must_use]
    pub fn operation(&self) -> Option<Operation> {
        self.0.operation
    }

    /// The status of the answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The error code of the answer, if it had one; for a request that was refused before it was sent, the code that the
    /// API would have answered.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.0.code.as_ref()
    }

    /// What went wrong, in the words of the API where it gave some: one line of at most two kilobytes, unusual characters
    /// escaped.
    ///
    /// Of an answer that tells of failure only its code, its message and the parameters that it refused are quoted; of any
    /// other body the size and the content type are told. Words that may repeat a secret of the request (of its credentials,
    /// its user data, its passwords, its unknown members) are not quoted at all. Beside a secret of less than eight
    /// characters that is all words, for nobody can tell.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The attribute that was refused, as it is called on the wire.
    #[must_use]
    pub fn attribute(&self) -> Option<&str> {
        self.0.attribute.or_else(|| self.code()?.attribute())
    }

    /// The identifier to quote when asking the vendor for help, if it has the usual form; the endpoints of this chapter send
    /// none as a rule.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        self.0.correlation_id.as_deref()
    }

    /// The parameters that the API refused, where it lists them.
    #[must_use]
    pub fn invalid_params(&self) -> &[InvalidParam] {
        &self.0.invalid_params
    }

    /// How often the request was sent or tried to be sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the call took.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// How long the answer asked to wait before the next request, by its header `Retry-After`.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// What a create has made, if its answer told of success and could not be read as a whole: because it is odd, broke off,
    /// came too late, or is [larger](crate::ClientBuilder::max_response_size) than it may be. The server or server group
    /// exists; no other answer has the one-time password. `None` if the identifier was not in what had come.
    #[must_use]
    pub fn created(&self) -> Option<&Created> {
        self.0.created.as_deref()
    }

    /// The state in which a wait saw the server last, if this is the error of a wait that saw it.
    #[must_use]
    pub fn last_state(&self) -> Option<&ServerState> {
        self.0.last_state.as_ref()
    }

    /// The server as a wait saw it last, if this is the error of a wait that saw all of it: a wait for
    /// [many](crate::Servers::wait_all_until) has the [state](Self::last_state) only. If the wait
    /// [after a create](crate::calls::CreateServerCall::and_wait) fails, this is where the identifier and the one-time password of the new
    /// server are.
    #[must_use]
    pub fn last_seen(&self) -> Option<&Server> {
        self.0.last_seen.as_deref()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
