//! Elements of a list that could not be read, as errors.

use super::{Class, Error};
use crate::wire::{List, Unreadable};

impl<T> List<T> {
    /// All elements, or an error if one was left out.
    ///
    /// # Errors
    ///
    /// When an element could not be read; [`is_decode`](Error::is_decode) tells so.
    pub fn complete(self) -> Result<Vec<T>, Error> {
        let Some(first) = self.unreadable().first() else { return Ok(self.into_vec()) };
        let more = match self.unreadable().len() {
            1 => String::new(),
            count => format!(", and {} more", count - 1),
        };
        Err(Error::new(Class::Decode, format!("an element of the list cannot be understood: {first}{more}")))
    }
}

impl Unreadable {
    pub(crate) fn to_error(&self) -> Error {
        let mut error = Error::new(Class::Decode, format!("an element of the list cannot be understood: {self}"));
        error.0.is_element = true;
        error
    }
}
