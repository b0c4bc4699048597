//! What an error code means: its kind, its attribute, and what to do about it. The codes and the table of facts come
//! from `openapi.yaml`; what may live here is how a caller asks for them.

use super::{ErrorCode, ErrorKind, Idempotency, Operation};

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
