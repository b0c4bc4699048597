//! What an error code means: its kind, its attribute, and what to do about it. The codes and the table of facts come
//! from `openapi.yaml`; what may live here is how a caller asks for them.

use super::{ErrorCode, Operation};

/// The kind of trouble: what an error code stands for, or what became of a call without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A value of the request is not accepted.
    InvalidInput,
    /// The request lacks something.
    MissingInput,
    /// What the request names does not exist.
    NotFound,
    /// What the request names belongs to somebody else, or the account may not do this.
    Forbidden,
    /// The credentials are missing or wrong.
    Authentication,
    /// The account has run out of credits.
    Credits,
    /// A quota of the account is used up.
    Quota,
    /// A limit of the trial is reached.
    TrialLimit,
    /// The resource is in a state that does not allow this.
    State,
    /// The request contradicts itself or something that exists.
    Conflict,
    /// The zone or the host has not enough of something at the moment.
    Capacity,
    /// The account must do or be something first.
    AccountNeeded,
    /// The service failed.
    Unavailable,
    /// The request may have taken effect, and a second one may do harm. No code stands for it: an answer that was lost, or
    /// trouble of the service, makes it of a create, a start, a stop, a restart, a cancellation or a change of members.
    OutcomeUnknown,
    /// Settings, credentials or arguments are wrong; nothing was sent.
    Configuration,
    /// There was no connection, so nothing was sent.
    Connect,
    /// The certificate of the other side is not trusted, so nothing was sent.
    Certificate,
    /// The connection broke before the answer was complete.
    Connection,
    /// The time was over.
    Timeout,
    /// The answer told of success and cannot be understood.
    Decode,
    /// A wait ended because what it waited for cannot happen any more.
    Wait,
    /// The answer is none that the API gives: a redirect, or a status without a code that the API has a code for.
    UnexpectedAnswer,
}

impl ErrorKind {
    /// What a caller can do about it, in half a sentence.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::InvalidInput => "correct the value",
            Self::MissingInput => "add what is missing",
            Self::NotFound => "check the identifier; what it names may be deleted",
            Self::Forbidden => "use an account that owns it or has the right to do this",
            Self::Authentication => "check the credentials and that the account may use the API",
            Self::Credits => "add credits to the account",
            Self::Quota => "ask for a higher quota, or free some of it",
            Self::TrialLimit => "end the trial, or use less",
            Self::State => "look at the state first, and change what stands in the way",
            Self::Conflict => "change the request, or what it clashes with",
            Self::Capacity => "try again later, or in another zone",
            Self::AccountNeeded => "complete what the account lacks in the control panel",
            Self::Unavailable => "try again later",
            Self::OutcomeUnknown => "do not repeat it before you have looked whether it was done",
            Self::Configuration => "correct the settings, the credentials or the arguments",
            Self::Connect => "check the network and the base URL, or try again later",
            Self::Certificate => "check the certificates that this machine trusts, its clock, and the base URL",
            Self::Connection | Self::Timeout => "try again later, or allow more time",
            Self::Decode => "check what stands between here and the API; if it is nothing, report it",
            Self::Wait => "look at the server: it will not become what was waited for",
            Self::UnexpectedAnswer => {
                "this is no answer of the API: check the base URL, and what stands between here and the API"
            }
        }
    }
}

/// What the description tells of a code.
#[derive(Debug)]
pub(crate) struct CodeFacts {
    pub(crate) kind: ErrorKind,
    pub(crate) attribute: Option<&'static str>,
    pub(crate) description: &'static str,
    pub(crate) waiting_may_help: bool,
    pub(crate) passing_states: &'static [&'static str],
    pub(crate) needs_stop: bool,
    pub(crate) rows: &'static [(Operation, u16)],
}

/// What the description tells of an operation.
#[derive(Debug)]
pub(crate) struct OperationFacts {
    pub(crate) id: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) sections: &'static [&'static str],
    pub(crate) idempotency: Idempotency,
}

/// What repeating a request means; safe and idempotent as in RFC 9110.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Idempotency {
    /// It changes nothing.
    Safe,
    /// Twice is the same as once: a modification, a deletion.
    Idempotent,
    /// The state decides whether a second one is refused: start, stop, restart, cancel, add or remove a member.
    StateDependent,
    /// A second one makes a second thing.
    Creates,
}

/// What a code means; `None` throughout for a code that this version of the crate does not know.
///
/// ```
/// use upcloud::{ErrorCode, ErrorKind};
///
/// let code = ErrorCode::from("SERVER_STATE_ILLEGAL");
/// assert_eq!(code.kind(), Some(ErrorKind::State));
/// assert!(code.waiting_may_help());
/// assert_eq!(ErrorCode::from("NEW_TOMORROW").as_str(), "NEW_TOMORROW");
/// ```
impl ErrorCode {
    /// The kind of trouble.
    #[must_use]
    pub fn kind(&self) -> Option<ErrorKind> {
        self.facts().map(|facts| facts.kind)
    }

    /// One sentence on what went wrong, the same for every operation.
    #[must_use]
    pub fn description(&self) -> Option<&'static str> {
        self.facts().map(|facts| facts.description)
    }

    /// The attribute, path or query parameter that the code is about, as it is called on the wire.
    #[must_use]
    pub fn attribute(&self) -> Option<&'static str> {
        self.facts()?.attribute
    }

    /// Whether the same request may succeed later without anybody doing anything. For a code about a state that depends on
    /// the state: [`Error::is_transient`](crate::Error::is_transient) knows it.
    #[must_use]
    pub fn waiting_may_help(&self) -> bool {
        self.facts().is_some_and(|facts| facts.waiting_may_help)
    }

    /// The states that pass by themselves, for a code about the state of a server or a storage; else none.
    pub(crate) fn passing_states(&self) -> &'static [&'static str] {
        self.facts().map_or(&[], |facts| facts.passing_states)
    }

    /// Whether the server has to be stopped for this: stop it, send the request again, and start it.
    ///
    /// ```
    /// # use upcloud::ErrorCode;
    /// assert!(ErrorCode::HotResizeNotEnabled.needs_stop());
    /// ```
    #[must_use]
    pub fn needs_stop(&self) -> bool {
        self.facts().is_some_and(|facts| facts.needs_stop)
    }

    /// The operations whose documentation lists the code, with the status it comes with; none for codes that are known
    /// from elsewhere.
    pub fn documented_for(&self) -> impl Iterator<Item = (Operation, u16)> + use<> {
        self.facts().map_or(&[][..], |facts| facts.rows).iter().copied()
    }
}

/// What the description tells of an operation.
impl Operation {
    /// The operationId, `createServer` for example.
    #[must_use]
    pub fn id(self) -> &'static str {
        self.facts().id
    }

    /// The HTTP method in capitals.
    #[must_use]
    pub fn method(self) -> &'static str {
        self.facts().method
    }

    /// The path below the version, with its parameters in braces.
    #[must_use]
    pub fn path(self) -> &'static str {
        self.facts().path
    }

    /// The headings of the vendor's documentation that describe it.
    #[must_use]
    pub fn sections(self) -> &'static [&'static str] {
        self.facts().sections
    }

    /// What repeating it means.
    #[must_use]
    pub fn idempotency(self) -> Idempotency {
        self.facts().idempotency
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.id())
    }
}
