//! The one error type of the crate: what a caller can ask of it and how it reads. How answers become errors is in
//! `error/body.rs`.

mod body;
mod class;
mod made;
mod salvage;

use std::{fmt, sync::Arc, time::Duration};

use http::StatusCode;

use crate::{
    ErrorKind, OperationClass,
    generated::{ErrorCode, Operation, ServerState, types::Server},
    request::Lost,
};
pub(crate) use body::{correlation_id, from_generated, from_reqwest, from_response, from_timeout};
pub(crate) use class::Class;
pub use made::ErrorBuilder;
pub use salvage::Created;

/// What went wrong, with everything that is known about it.
///
/// Callers branch on the predicates or on [`code`](Self::code), people read the one line that `Display` gives: the
/// operation, the status, the code, the message, the attribute and what can be done. No form of it holds a secret.
///
/// ```
/// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
/// # let fake = upcloud::fake::Fake::start().await;
/// # let upcloud = fake.client();
/// let error = upcloud.servers().get(uuid::Uuid::nil()).await.unwrap_err();
/// assert!(error.is_not_found());
/// assert_eq!(error.code(), Some(&upcloud::ErrorCode::ServerNotFound));
/// assert!(!error.may_have_taken_effect());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    class: Class,
    operation: Option<Operation>,
    status: Option<StatusCode>,
    code: Option<ErrorCode>,
    message: String,
    attribute: Option<&'static str>,
    correlation_id: Option<String>,
    invalid_params: Vec<InvalidParam>,
    attempts: u32,
    elapsed: Duration,
    reads: bool,
    last_state: Option<ServerState>,
    in_doubt: bool,
    retry_after: Option<Duration>,
    lost: Option<Lost>,
    created: Option<Box<Created>>,
    last_seen: Option<Box<Server>>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// A parameter that the API refused, as problem details list them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidParam {
    /// Where it stands in the request.
    pub name: String,
    /// Why it was refused.
    pub reason: String,
}

impl Error {
    pub(crate) fn new(class: Class, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            class,
            operation: None,
            status: None,
            code: None,
            message: message.into(),
            attribute: None,
            correlation_id: None,
            invalid_params: Vec::new(),
            attempts: 0,
            elapsed: Duration::ZERO,
            reads: false,
            last_state: None,
            in_doubt: false,
            retry_after: None,
            lost: None,
            created: None,
            last_seen: None,
            source: None,
        }))
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
        self.0.operation = operation;
        self.0.reads = reads;
        // Other operations answer with things that were there before.
        self.0.created.take_if(|_| operation.is_none_or(|operation| operation.class() != OperationClass::Create));
        self.0.attempts = u32::from(!self.is_configuration());
        self.0.elapsed = elapsed;
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
        self.0.in_doubt = true;
        self
    }

    /// What finds the thing that may have been made.
    pub(crate) fn losing(mut self, lost: Option<Lost>) -> Self {
        // What was made is known.
        self.0.lost = lost.filter(|_| self.0.created.is_none());
        self
    }

    pub(crate) fn lost(&self) -> Option<&Lost> {
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

    /// The wait after an operation that was accepted has failed. What the answer told is kept where no look told more.
    pub(crate) fn accepted(mut self, operation: Option<Operation>, server: Option<Server>) -> Self {
        self.0.operation = operation;
        self.0.reads = false;
        self.0.in_doubt = true;
        if let Some(server) = server {
            self.0.last_state.get_or_insert_with(|| server.state.clone());
            self.0.last_seen = Some(Box::new(server));
        }
        self
    }

    #[cfg(test)]
    pub(crate) fn with_retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
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

    /// The kind of trouble: from the code, or from the status where the code is absent or unknown.
    #[must_use]
    pub fn kind(&self) -> Option<ErrorKind> {
        self.code().and_then(ErrorCode::kind).or_else(|| {
            if self.0.attribute.is_some() {
                return Some(ErrorKind::InvalidInput);
            }
            Some(match self.status()?.as_u16() {
                400 | 405 | 422 => ErrorKind::InvalidInput,
                401 => ErrorKind::Authentication,
                402 => ErrorKind::Credits,
                403 => ErrorKind::Forbidden,
                404 | 410 => ErrorKind::NotFound,
                409 => ErrorKind::Conflict,
                429 | 500.. => ErrorKind::Unavailable,
                _ => return None,
            })
        })
    }

    /// What went wrong, in the words of the API where it gave some.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The attribute that was refused, as it is called on the wire.
    #[must_use]
    pub fn attribute(&self) -> Option<&str> {
        self.0.attribute.or_else(|| self.code()?.attribute())
    }

    /// The identifier to quote when asking the vendor for help; the endpoints of this chapter send none as a rule.
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

    /// Whether a create may have made something that nobody was told of.
    /// [`Servers::find_lost`](crate::Servers::find_lost) and
    /// [`ServerGroups::find_lost`](crate::ServerGroups::find_lost) find it.
    #[must_use]
    pub fn is_lost_create(&self) -> bool {
        self.0.lost.is_some()
    }

    /// What a create has made, if its answer told of success and could not be read as a whole. The server or server group
    /// exists; no other answer has the one-time password.
    #[must_use]
    pub fn created(&self) -> Option<&Created> {
        self.0.created.as_deref()
    }

    /// Whether the API may have done what was asked although the call failed. A request that only reads has no effect, a
    /// request that never left or was refused had none. Of several attempts any one counts.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        if self.0.reads {
            return false;
        }
        self.0.in_doubt
            || match self.0.class {
                Class::Configuration | Class::Connect | Class::Wait => false,
                Class::Transport | Class::Timeout | Class::Decode => self.0.attempts > 0,
                Class::Response => self.status().is_some_and(|status| status.is_server_error() || status == 408),
            }
    }

    /// Settings, credentials or arguments were wrong; nothing was sent.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        self.0.class == Class::Configuration
    }

    /// There was no connection; nothing was sent.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.0.class == Class::Connect
    }

    /// The time was over, of a call or of a wait.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.0.class, Class::Timeout)
    }

    /// A wait ended because what it waited for cannot happen any more: the server is in the state `error`, was deleted, or
    /// became something else.
    #[must_use]
    pub fn is_wait_failed(&self) -> bool {
        self.0.class == Class::Wait
    }

    /// The state in which a wait saw the server last, if this is the error of a wait that saw it.
    #[must_use]
    pub fn last_state(&self) -> Option<&ServerState> {
        self.0.last_state.as_ref()
    }

    /// The server as a wait saw it last, if this is the error of a wait that saw all of it: a wait for
    /// [many](crate::Servers::wait_all) has the [state](Self::last_state) only. If the wait
    /// [after a create](crate::Request::and_wait) fails, this is where the identifier and the one-time password of the new
    /// server are.
    #[must_use]
    pub fn last_seen(&self) -> Option<&Server> {
        self.0.last_seen.as_deref()
    }

    /// The answer told of success but its body could not be understood.
    #[must_use]
    pub fn is_decode(&self) -> bool {
        self.0.class == Class::Decode
    }

    /// What the request names does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind() == Some(ErrorKind::NotFound)
    }

    /// A value is missing or not accepted.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        matches!(self.kind(), Some(ErrorKind::InvalidInput | ErrorKind::MissingInput))
    }

    /// The credentials are missing or wrong.
    #[must_use]
    pub fn is_authentication(&self) -> bool {
        self.kind() == Some(ErrorKind::Authentication)
    }

    /// The account may not do this, or somebody else owns it.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.kind() == Some(ErrorKind::Forbidden)
    }

    /// The resource is in a state that does not allow this.
    #[must_use]
    pub fn is_state(&self) -> bool {
        self.kind() == Some(ErrorKind::State)
    }

    /// The request clashes with itself or with something that exists.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.kind() == Some(ErrorKind::Conflict)
    }

    /// A quota of the account or a limit of the trial is reached.
    #[must_use]
    pub fn is_quota(&self) -> bool {
        matches!(self.kind(), Some(ErrorKind::Quota | ErrorKind::TrialLimit))
    }

    /// The account has run out of credits.
    #[must_use]
    pub fn is_credits(&self) -> bool {
        self.kind() == Some(ErrorKind::Credits)
    }

    /// The zone or the host has not enough of something at the moment.
    #[must_use]
    pub fn is_capacity(&self) -> bool {
        self.kind() == Some(ErrorKind::Capacity)
    }

    /// The account must do or be something first.
    #[must_use]
    pub fn is_account_needed(&self) -> bool {
        self.kind() == Some(ErrorKind::AccountNeeded)
    }

    /// The service failed or asks for fewer requests.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        self.kind() == Some(ErrorKind::Unavailable)
    }

    /// Whether the same request may succeed later without anybody doing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.0.class {
            Class::Connect | Class::Transport | Class::Timeout => true,
            Class::Response => {
                self.code().is_some_and(ErrorCode::waiting_may_help)
                    || self.status().is_some_and(|s| matches!(s.as_u16(), 408 | 429 | 500 | 502 | 503 | 504))
            }
            Class::Configuration | Class::Decode | Class::Wait => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.operation() {
            write!(f, "{operation}: ")?;
        }
        if let Some(status) = self.status() {
            write!(f, "{} ", status.as_u16())?;
        }
        if let Some(code) = self.code() {
            write!(f, "{code}: ")?;
        }
        f.write_str(self.message())?;
        for param in self.invalid_params() {
            write!(f, " ({}: {})", param.name, param.reason)?;
        }
        // The message of a check names the attribute itself.
        if let Some(attribute) = self.attribute().filter(|_| self.0.attribute.is_none()) {
            write!(f, " [attribute {attribute}]")?;
        }
        if let Some(kind) = self.kind() {
            write!(f, "; {}", kind.advice())?;
        }
        if let Some(created) = self.created() {
            write!(f, "; {} was made and exists", created.uuid)?;
        } else if self.may_have_taken_effect() {
            f.write_str("; the request may have taken effect all the same")?;
        }
        if self.is_lost_create() {
            f.write_str(", `find_lost` finds what was made")?;
        }
        if self.attempts() > 1 {
            write!(f, " (after {} attempts)", self.attempts())?;
        }
        if let Some(id) = self.correlation_id() {
            write!(f, " (correlation id {id})")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("class", &self.0.class)
            .field("operation", &self.0.operation)
            .field("status", &self.0.status)
            .field("code", &self.0.code)
            .field("message", &self.0.message)
            .field("attribute", &self.attribute())
            .field("correlation_id", &self.0.correlation_id)
            .field("invalid_params", &self.0.invalid_params)
            .field("attempts", &self.0.attempts)
            .field("elapsed", &self.0.elapsed)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
