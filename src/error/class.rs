//! Where an error comes from, which decides what may follow from it.

/// Where it went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Before anything was sent: settings, credentials, arguments.
    Configuration,
    /// No connection, so nothing was sent.
    Connect,
    /// The certificate of the other side is not trusted, so nothing was sent.
    Certificate,
    /// Sent, but no whole answer.
    Transport,
    /// The time was over.
    Timeout,
    /// An answer with a status that tells of failure.
    Response,
    /// An answer that tells of success with a body that cannot be understood.
    Decode,
    /// A wait ended without what it waited for.
    Wait,
    /// A search for what a lost create has made found too much or too little to tell.
    Undecided,
    /// Several things are what one was looked for.
    Ambiguous,
}

impl Class {
    /// A short name that stays the same.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Configuration => "configuration",
            Self::Connect => "connect",
            Self::Certificate => "certificate",
            Self::Transport => "transport",
            Self::Timeout => "timeout",
            Self::Response => "response",
            Self::Decode => "decode",
            Self::Wait => "wait",
            Self::Undecided => "undecided",
            Self::Ambiguous => "ambiguous",
        }
    }
}
