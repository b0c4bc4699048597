//! The checks of requests before they are sent, made by `src/codegen/checks.rs`: each limit of the description, with the code
//! that the API would answer. Rules about several parts at once are in `server/check.rs`.

#![allow(clippy::too_many_lines, reason = "a generated function has a statement for each property")]

mod forms;

use std::fmt;

use crate::{
    error::Error,
    model::{ErrorCode, types},
    shown::Quoted,
};

include!(concat!(env!("OUT_DIR"), "/checks.rs"));

/// How many parts a list has, in words where it has none.
struct Count(usize);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("missing"),
            count => count.fmt(f),
        }
    }
}

/// An error that names the attribute, its place, what was given and what is allowed, unless the value is good.
pub(crate) fn holds(
    good: bool,
    attribute: &'static str,
    place: &str,
    given: impl fmt::Display,
    allowed: &str,
    code: Option<ErrorCode>,
) -> Result<(), Error> {
    if good { Ok(()) } else { Err(Error::check(attribute, place, given, allowed, code)) }
}
