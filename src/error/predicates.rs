//! What a program can ask of an error: what kind of trouble it is, and what may follow from it.

use super::{Class, Doubt, Error, Failure};
use crate::model::{ErrorCode, ErrorKind, Idempotency, Operation, ServerState, StorageState};

impl Error {
    /// The kind of trouble: from the code, or from the status where the code is absent or unknown, or from what became of the
    /// call where there was no answer.
    ///
    /// Whatever the code and the status say, it is [`ErrorKind::OutcomeUnknown`] where a request that must not be repeated
    /// blindly [may have taken effect](Self::may_have_taken_effect): a create that was answered with 503 is not just
    /// *unavailable*.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        if self.is_safe_to_repeat() { self.told_kind() } else { ErrorKind::OutcomeUnknown }
    }

    /// The kind that the answer tells, whatever became of earlier attempts and of a request that was accepted.
    pub(crate) fn told_kind(&self) -> ErrorKind {
        if let Some(kind) = self.code().and_then(ErrorCode::kind) {
            return kind;
        }
        if self.0.attribute.is_some() {
            return ErrorKind::InvalidInput;
        }
        match self.0.class {
            Class::Configuration => ErrorKind::Configuration,
            Class::Connect => ErrorKind::Connect,
            Class::Certificate => ErrorKind::Certificate,
            Class::Transport => ErrorKind::Connection,
            Class::Timeout => ErrorKind::Timeout,
            Class::Decode => ErrorKind::Decode,
            Class::Wait => ErrorKind::Wait,
            Class::Undecided => ErrorKind::OutcomeUnknown,
            Class::Ambiguous => ErrorKind::Conflict,
            Class::Response => self.kind_of_status(),
        }
    }

    fn kind_of_status(&self) -> ErrorKind {
        match self.status().map_or(0, |status| status.as_u16()) {
            400 | 405 | 422 => ErrorKind::InvalidInput,
            401 => ErrorKind::Authentication,
            402 => ErrorKind::Credits,
            403 => ErrorKind::Forbidden,
            404 | 410 if self.may_lack_code() => ErrorKind::NotFound,
            409 => ErrorKind::Conflict,
            408 | 429 | 500..=599 => ErrorKind::Unavailable,
            _ => ErrorKind::UnexpectedAnswer,
        }
    }

    /// Whether a status without an error code comes from the service itself. The API has a code for whatever it does not
    /// find; a 404 without one is the page of a gateway, or the base URL is wrong, and says nothing about a server. The
    /// metadata service has no codes.
    fn may_lack_code(&self) -> bool {
        matches!(
            self.operation(),
            Some(Operation::GetMetadata | Operation::GetMetadataField | Operation::ListMetadataFields)
        )
    }

    /// Whether the API may have done what was asked although the call failed, so that somebody has to look before anything
    /// else is done. A request that only reads has no effect; a request that never left, or was refused with a 4xx (408 is
    /// none) or, unless it is a create, with a code that says why, had none. Every other status means that nobody knows: 5xx, 3xx, 1xx, made-up ones, and a success that cannot
    /// be read. Of several attempts any one counts, and a wait that fails after its request was accepted counts too.
    ///
    /// Such an error is never [transient](Self::is_transient). Its line begins with the fact and with what to do.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        if self.0.idempotency == Idempotency::Safe {
            return false;
        }
        self.0.doubt != Doubt::None
            || match self.0.class {
                Class::Configuration
                | Class::Connect
                | Class::Certificate
                | Class::Wait
                | Class::Undecided
                | Class::Ambiguous => false,
                Class::Transport | Class::Timeout | Class::Decode => self.0.attempts > 0,
                // A code that says more than "the service failed" is a refusal, whatever status it comes with; a create is
                // not trusted to that.
                Class::Response => {
                    let meant = self.is_meant() && self.0.idempotency != Idempotency::Creates;
                    !self.status().is_some_and(|s| (s.is_client_error() && s != 408) || (s.is_server_error() && meant))
                }
            }
    }

    /// Whether sending the same request again does no harm: it has had no effect, or twice is the same as once
    /// ([`Idempotency::Safe`], [`Idempotency::Idempotent`]). It does not say that repeating helps.
    ///
    /// False for a create, a start, a stop, a restart, a cancellation and a change of members that
    /// [may have taken effect](Self::may_have_taken_effect).
    #[must_use]
    pub fn is_safe_to_repeat(&self) -> bool {
        matches!(self.0.idempotency, Idempotency::Safe | Idempotency::Idempotent) || !self.may_have_taken_effect()
    }

    /// Whether nothing has happened and the same request may succeed later without anybody doing anything, so that a loop
    /// may wait and send it again: no connection, trouble of the service (every 5xx), 408, 429, a code that
    /// [waiting may cure](ErrorCode::waiting_may_help), and for requests that only read also an answer that did not come.
    ///
    /// Never for an error that [may have taken effect](Self::may_have_taken_effect). A refusal for the state of a server or
    /// a storage is transient only if the state is known, from the answer or from a look, and passes by itself
    /// (`maintenance`): a stop of a stopped server stays refused.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        !self.may_have_taken_effect() && (Failure::of(self) != Failure::Other || self.waiting_helps())
    }

    /// Whether the answer has a code that says more than "the service failed".
    pub(crate) fn is_meant(&self) -> bool {
        self.code().and_then(ErrorCode::kind).is_some_and(|kind| kind != ErrorKind::Unavailable)
    }

    /// Whether the state that stands in the way passes by itself, as far as is told.
    pub(crate) fn state_may_pass(&self) -> bool {
        let passing = self.code().map(ErrorCode::passing_states).unwrap_or_default();
        self.state().is_none_or(|state| passing.contains(&state))
    }

    /// Whether it is one of the codes that waiting alone can cure, in a state that passes.
    fn waiting_helps(&self) -> bool {
        let Some(code) = self.code().filter(|code| code.waiting_may_help() && self.0.class == Class::Response) else {
            return false;
        };
        let passing = code.passing_states();
        passing.is_empty() || self.state().is_some_and(|state| passing.contains(&state))
    }

    /// The state that stands in the way: the one that the message names, else the one that a look saw.
    pub(super) fn state(&self) -> Option<&str> {
        named_state(self.message()).or_else(|| Some(self.last_state()?.as_str()))
    }

    /// Whether the server has to be stopped before this can be done: a change that a running server cannot take, or a
    /// deletion or modification that was refused because the server is `started`. Stop it, send the request again, and start
    /// it.
    #[must_use]
    pub fn needs_stop(&self) -> bool {
        let Some(code) = self.code() else { return false };
        let while_stopped = [Operation::DeleteServer, Operation::ModifyServer];
        code.needs_stop()
            || (*code == ErrorCode::ServerStateIllegal
                && self.operation().is_some_and(|operation| while_stopped.contains(&operation))
                && self.state() == Some(ServerState::Started.as_str()))
    }

    /// Whether a create may have made something, and its answer did not come as a whole.
    /// [`Servers::find_lost`](crate::Servers::find_lost) and
    /// [`ServerGroups::find_lost`](crate::ServerGroups::find_lost) find it. If enough of the answer had come,
    /// [`created`](Self::created) tells what it is at once, with the one-time password.
    #[must_use]
    pub fn is_lost_create(&self) -> bool {
        self.0.lost.is_some()
    }

    /// A search for what a lost create has made cannot tell whether there is something: several things fit, or one of which
    /// nobody knows how old it is. The message names them. The create is [as lost as before](Self::is_lost_create), so it
    /// must not be repeated.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        self.0.class == Class::Undecided
    }

    /// Settings, credentials or arguments were wrong; nothing was sent.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        self.0.class == Class::Configuration && self.0.doubt == Doubt::None
    }

    /// There was no connection, at the last attempt at least: the name was not found, nobody answered, or there was no TLS
    /// with whoever did. That attempt sent nothing, and it may be different in a moment. A certificate that is not trusted
    /// is not among these: [`is_certificate`](Self::is_certificate).
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.0.class == Class::Connect
    }

    /// The certificate of the other side cannot be trusted, so nothing was sent. It is not tried again, for it stays as it
    /// is until somebody does something: adds the certificate of a company's own CA to those that the operating system
    /// trusts, sets the clock, or corrects the base URL. The message says which.
    #[must_use]
    pub fn is_certificate(&self) -> bool {
        self.0.class == Class::Certificate
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

    /// The answer told of success but its body could not be understood, or was
    /// [larger](crate::ClientBuilder::max_response_size) than it may be.
    #[must_use]
    pub fn is_decode(&self) -> bool {
        self.0.class == Class::Decode
    }

    /// Whether it is about one element of a list, the rest of which was read.
    pub(crate) fn is_element(&self) -> bool {
        self.0.is_element
    }

    /// What the request names does not exist, by the code of the API: a 404 without one comes from a gateway or a wrong base
    /// URL. (The metadata service has no codes, there the status is enough.)
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// A value is missing or not accepted.
    #[must_use]
    pub fn is_invalid_input(&self) -> bool {
        matches!(self.kind(), ErrorKind::InvalidInput | ErrorKind::MissingInput)
    }

    /// The credentials are missing or wrong.
    #[must_use]
    pub fn is_authentication(&self) -> bool {
        self.kind() == ErrorKind::Authentication
    }

    /// The account may not do this, or somebody else owns it.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.kind() == ErrorKind::Forbidden
    }

    /// The resource is in a state that does not allow this. Whether the state passes by itself is for
    /// [`is_transient`](Self::is_transient) to say.
    #[must_use]
    pub fn is_state(&self) -> bool {
        self.kind() == ErrorKind::State
    }

    /// The request clashes with itself or with something that exists.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.kind() == ErrorKind::Conflict
    }

    /// A quota of the account or a limit of the trial is reached.
    #[must_use]
    pub fn is_quota(&self) -> bool {
        matches!(self.kind(), ErrorKind::Quota | ErrorKind::TrialLimit)
    }

    /// The account has run out of credits.
    #[must_use]
    pub fn is_credits(&self) -> bool {
        self.kind() == ErrorKind::Credits
    }

    /// The zone or the host has not enough of something at the moment.
    #[must_use]
    pub fn is_capacity(&self) -> bool {
        self.kind() == ErrorKind::Capacity
    }

    /// The account must do or be something first.
    #[must_use]
    pub fn is_account_needed(&self) -> bool {
        self.kind() == ErrorKind::AccountNeeded
    }

    /// The service failed or asks for fewer requests: every 5xx without a code of its own meaning, 408 and 429. Not for a
    /// request that may have taken effect and must not be repeated, see [`kind`](Self::kind).
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        self.kind() == ErrorKind::Unavailable
    }
}

/// The state that a refusal names, as in "while the server is in state 'maintenance'": the word behind the last "state",
/// if it is quoted or one that is known.
fn named_state(message: &str) -> Option<&str> {
    let (_, rest) = message.rsplit_once("state")?;
    let quoted = |c: char| matches!(c, '\'' | '"' | '`');
    let trimmed = rest.trim_start_matches(|c: char| c == ' ' || c == ':' || quoted(c));
    let is_quoted = rest[..rest.len() - trimmed.len()].ends_with(quoted);
    let end = trimmed.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').unwrap_or(trimmed.len());
    let word = Some(&trimmed[..end]).filter(|word| !word.is_empty())?;
    let known = ServerState::from(word).is_known() || StorageState::from(word).is_known();
    (is_quoted || known).then_some(word)
}
