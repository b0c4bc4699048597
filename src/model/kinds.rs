//! The words in which the tables tell what an error code and a repeated request mean.

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
