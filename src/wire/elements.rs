//! What operations answer that list things: the elements, and which of them could not be read.

use std::{fmt, ops::Deref, slice, vec};

use serde_json::Value;

use super::{Extra, Problem};

/// The elements of an answer that lists things. It is used like a slice; `into_iter` gives the elements themselves.
///
/// An element is left out if what identifies it is missing or of another kind than documented. The others are there all the
/// same, [`unreadable`](Self::unreadable) tells which were left out and why, and an event of `tracing` warns of them. A
/// program that draws conclusions from the absence of an element, such as one that deletes whatever is not listed, asks for
/// [`complete`](Self::complete) first.
///
/// ```
/// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
/// # let fake = upcloud::fake::Fake::start().await;
/// # let upcloud = fake.client();
/// let servers = upcloud.servers().list().await?;
/// println!("{} servers", servers.len());
/// for server in &servers {
///     println!("{}", server.hostname);
/// }
/// for left_out in servers.unreadable() {
///     eprintln!("{left_out}");
/// }
/// let all: Vec<upcloud::ServerSummary> = servers.complete()?;
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct List<T> {
    elements: Vec<T>,
    unreadable: Vec<Unreadable>,
}

/// An element of a list that could not be read. It reads as where the trouble is, what was expected there and what kind of
/// value was found: `servers[3].uuid: expected a UUID, found null`. Values are not shown, for they may be secret.
#[derive(Clone, PartialEq)]
pub struct Unreadable {
    index: usize,
    problem: Problem,
    value: Value,
}

impl<T> List<T> {
    pub(crate) fn read(elements: Vec<T>, unreadable: Vec<(usize, Value, Problem)>) -> Self {
        if let [(_, _, problem), ..] = unreadable.as_slice() {
            let reason = problem.to_string();
            tracing::warn!(unreadable = unreadable.len(), reason, "elements of a list were left out");
        }
        let unreadable =
            unreadable.into_iter().map(|(index, value, problem)| Unreadable { index, problem, value }).collect();
        Self { elements, unreadable }
    }

    /// The elements that were left out because they could not be read.
    #[must_use]
    pub fn unreadable(&self) -> &[Unreadable] {
        &self.unreadable
    }

    /// The elements, without those that were left out.
    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.elements
    }

    pub(crate) fn as_vec(&self) -> &Vec<T> {
        &self.elements
    }

    pub(crate) fn into_parts(self) -> (Vec<T>, Vec<Unreadable>) {
        (self.elements, self.unreadable)
    }
}

impl Unreadable {
    /// The position of the element in the answer, counted from 0.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// Where the trouble is, for example `servers[3].uuid`.
    #[must_use]
    pub fn path(&self) -> String {
        self.problem.path()
    }

    /// What was expected there and what was found.
    #[must_use]
    pub fn reason(&self) -> String {
        self.problem.reason()
    }

    /// The whole element as it came. It may hold secrets.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.problem, f)
    }
}

impl fmt::Debug for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.value.as_object().cloned().map(Extra::from);
        f.debug_struct("Unreadable")
            .field("index", &self.index)
            .field("path", &self.path())
            .field("reason", &self.reason())
            .field("value", &value)
            .finish_non_exhaustive()
    }
}

impl<T: fmt::Debug> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        list.entries(&self.elements).entries(&self.unreadable).finish()
    }
}

impl<T> Default for List<T> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<T> From<Vec<T>> for List<T> {
    fn from(elements: Vec<T>) -> Self {
        Self { elements, unreadable: Vec::new() }
    }
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        elements.into_iter().collect::<Vec<_>>().into()
    }
}

impl<T> Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.elements
    }
}

/// Equal if it has these elements and none was left out.
impl<T: PartialEq<U>, U> PartialEq<[U]> for List<T> {
    fn eq(&self, elements: &[U]) -> bool {
        self.unreadable.is_empty() && self.elements == elements
    }
}

/// As with a slice.
impl<T: PartialEq<U>, U, const N: usize> PartialEq<[U; N]> for List<T> {
    fn eq(&self, elements: &[U; N]) -> bool {
        *self == elements[..]
    }
}

/// As with a slice.
impl<T: PartialEq<U>, U> PartialEq<Vec<U>> for List<T> {
    fn eq(&self, elements: &Vec<U>) -> bool {
        *self == elements[..]
    }
}

impl<T> IntoIterator for List<T> {
    type Item = T;
    type IntoIter = vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.elements.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a List<T> {
    type Item = &'a T;
    type IntoIter = slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.elements.iter()
    }
}
