//! What came of an answer whose body could not be read.

use std::{error::Error as StdError, fmt};

use http::{HeaderMap, StatusCode};

/// What is known of an answer even if its body could not be read. It may hold a password, so it has no `Debug`.
#[derive(Default)]
pub(crate) struct Received {
    pub(crate) status: Option<StatusCode>,
    pub(crate) headers: HeaderMap,
    /// What has come of a body that did not come as a whole, where that is kept.
    pub(crate) arrived: Vec<u8>,
    /// What that body was found to be larger than.
    pub(crate) too_large: Option<u64>,
}

/// The body of an answer has more than this many bytes.
#[derive(Debug)]
pub(crate) struct TooLarge(pub(crate) u64);

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the answer is larger than {} bytes, the limit of `max_response_size`", self.0)
    }
}

impl StdError for TooLarge {}
