//! How an error reads: the one line, what can be done about it, and the fields.

use std::fmt;

use super::{Class, Doubt, Error};
use crate::{
    model::{ErrorCode, ErrorKind, Idempotency},
    shown::Word,
};

impl Error {
    /// What to do about it, in half a sentence, as the line of the error has it; `None` where the message says it. For
    /// people: programs ask [`is_transient`](Self::is_transient), [`is_safe_to_repeat`](Self::is_safe_to_repeat),
    /// [`is_lost_create`](Self::is_lost_create), [`needs_stop`](Self::needs_stop) and [`kind`](Self::kind).
    ///
    /// Where the request may have taken effect it is to look and not to repeat; only where twice is the same as once it
    /// says so.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        if self.may_have_taken_effect() {
            return Some(self.advice_in_doubt());
        }
        if self.needs_stop() {
            return Some("stop the server, send the request again, and start the server");
        }
        if let Some(code) = self.code() {
            if *code == ErrorCode::MetadataDisabledOnCloudInit {
                return Some("switch the metadata service on with `.metadata(true)`");
            }
            if !code.passing_states().is_empty() {
                return Some(match self.state() {
                    None => "look at the state first: `maintenance` passes by itself, another state stays",
                    Some(_) if self.is_transient() => "wait until the state has passed; `when_ready` does that",
                    Some(_) => "waiting does not help: the state stays until somebody changes it",
                });
            }
        }
        if self.0.class == Class::Ambiguous {
            return Some("say more of the one that is meant");
        }
        match self.kind() {
            // The message says what to do, of a certificate for example.
            ErrorKind::Configuration | ErrorKind::Certificate | ErrorKind::Wait | ErrorKind::OutcomeUnknown => None,
            ErrorKind::UnexpectedAnswer if self.code().is_some() => None,
            kind => Some(kind.advice()),
        }
    }

    fn advice_in_doubt(&self) -> &'static str {
        match (self.0.doubt, self.0.idempotency) {
            _ if self.is_undecided() => "do not repeat it: look what there is, then decide",
            (Doubt::Accepted, Idempotency::Idempotent) => "look at the server, only the wait after it failed",
            (Doubt::Accepted, _) => "do not repeat it: look at the server, only the wait after it failed",
            (_, Idempotency::Idempotent) => "repeating it does no harm, twice is the same as once",
            _ if self.created().is_some() => "do not repeat it: `created` tells what was made",
            _ if self.is_lost_create() => "do not repeat it: `find_lost` finds what it has made",
            (_, Idempotency::StateDependent) => "do not repeat it before you have looked at the state",
            _ => "do not repeat it before you have looked whether it was done",
        }
    }
}

impl Error {
    /// What the answer tells. Sentences of the API end with a full stop, which is in the way if something `follows`.
    fn facts(&self, f: &mut fmt::Formatter<'_>, follows: bool) -> fmt::Result {
        if let Some(status) = self.status() {
            write!(f, "{} ", status.as_u16())?;
        }
        if let Some(code) = self.code() {
            write!(f, "{code}: ")?;
        }
        f.write_str(if follows { self.message().trim_end_matches(['.', ' ']) } else { self.message() })?;
        for param in self.invalid_params() {
            write!(f, " ({}: {})", param.name, param.reason)?;
        }
        if let Some(created) = self.created() {
            write!(f, "; {} was made and exists", created.uuid)?;
        }
        Ok(())
    }
}

/// One line: what failed; first of all whether it may have taken effect; then what is known and what can be done.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.operation() {
            write!(f, "{operation}: ")?;
        } else if let Some(name) = &self.0.name {
            write!(f, "{name}: ")?;
        }
        let in_doubt = self.may_have_taken_effect();
        if in_doubt {
            let fact = if self.0.doubt == Doubt::Accepted { "was accepted" } else { "may have taken effect" };
            write!(f, "the request {fact}: {}; ", self.advice_in_doubt())?;
        }
        let advice = self.advice().filter(|_| !in_doubt);
        self.facts(f, advice.is_some() || self.0.trouble.is_some())?;
        if let Some(trouble) = &self.0.trouble {
            // What can be done about it is what can be done about the whole.
            f.write_str(", then: ")?;
            trouble.facts(f, advice.is_some())?;
        }
        // The message of a check names the attribute itself.
        if let Some(attribute) = self.attribute().filter(|_| self.0.attribute.is_none()) {
            write!(f, " [attribute {attribute}]")?;
        }
        if let Some(advice) = advice {
            write!(f, "; {advice}")?;
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

/// The line, which is what `main() -> Result<(), upcloud::Error>` and `unwrap` show; with `{:#?}` the fields.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return fmt::Display::fmt(self, f);
        }
        f.debug_struct("Error")
            .field("class", &self.0.class)
            .field("operation", &self.0.operation)
            .field("name", &self.0.name)
            .field("status", &self.0.status)
            .field("code", &self.0.code)
            .field("message", &self.0.message)
            .field("attribute", &self.attribute())
            .field("correlation_id", &self.0.correlation_id)
            .field("invalid_params", &self.0.invalid_params)
            .field("attempts", &self.0.attempts)
            .field("elapsed", &self.0.elapsed)
            .field("may_have_taken_effect", &self.may_have_taken_effect())
            .field("is_transient", &self.is_transient())
            .field("last_state", &self.0.last_state.as_ref().map(|state| Word(state.as_str()).to_string()))
            .field("trouble", &self.0.trouble)
            .finish_non_exhaustive()
    }
}
