//! When `Serialize` writes the text of a secret: inside [`Exposed`], and inside the bodies of our own requests.
//!
//! A serializer cannot be asked what it is for, so this is kept beside it for the thread. A value is serialized without a
//! pause, so nothing else of the thread can come in between.

use std::{
    cell::{Cell, RefCell},
    fmt,
};

use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::{Map, Value};

use super::{REDACTED, Secret};

/// What is written for a secret.
#[derive(Clone, Copy, PartialEq)]
enum Writing {
    Redacted,
    Text,
    /// Its text, because it is sent; what is no secret but stands in its place is refused.
    Request,
}

thread_local! {
    static WRITING: Cell<Writing> = const { Cell::new(Writing::Redacted) };
    /// What may be a secret of the bodies that are written, if somebody asks.
    static TOLD: RefCell<Option<Vec<Secret>>> = const { RefCell::new(None) };
}

/// Puts back what held before, after a panic too.
struct Before(Writing);

impl Drop for Before {
    fn drop(&mut self) {
        WRITING.set(self.0);
    }
}

fn writing<T>(new: Writing, write: impl FnOnce() -> T) -> T {
    let _before = Before(WRITING.replace(new));
    write()
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match WRITING.get() {
            Writing::Redacted => serializer.serialize_str(REDACTED),
            Writing::Request if self.is_redacted() => Err(S::Error::custom("a secret is redacted")),
            Writing::Request => {
                tell(|told| told.push(self.clone()));
                serializer.serialize_str(self.expose())
            }
            Writing::Text => serializer.serialize_str(self.expose()),
        }
    }
}

/// A value that is serialized with the text of its [secrets](Secret): for a store of secrets, or to hand a password on.
///
/// ```
/// use upcloud::{Secret, types::Exposed};
///
/// let password = Secret::new("hunter2");
/// assert_eq!(serde_json::to_string(&password)?, r#""[redacted]""#);
/// assert_eq!(serde_json::to_string(&Exposed(&password))?, r#""hunter2""#);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// Reading needs no wrapper. `Debug` shows no secret here either.
#[derive(Clone, Copy)]
pub struct Exposed<'a, T: ?Sized>(pub &'a T);

impl<T: Serialize + ?Sized> Serialize for Exposed<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        writing(Writing::Text, || self.0.serialize(serializer))
    }
}

impl<T: fmt::Debug + ?Sized> fmt::Debug for Exposed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The body of a request: written with the text of its secrets, and refused with one that was read from a log.
pub(crate) struct Outgoing<'a, T: ?Sized>(pub(crate) &'a T);

impl<T: Serialize + ?Sized> Serialize for Outgoing<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        writing(Writing::Request, || self.0.serialize(serializer)).map_err(|error| {
            let body = serde_json::to_value(Exposed(self.0)).unwrap_or_default();
            match place_of_redacted(&body) {
                Some(place) => {
                    let place = if place.is_empty() { "the body" } else { &place };
                    let text = "as JSON without `Exposed` shows a secret; give the secret itself";
                    S::Error::custom(format!("{place} is {REDACTED}, {text}"))
                }
                None => error,
            }
        })
    }
}

/// The members that lead to what stands in the place of a secret.
fn place_of_redacted(value: &Value) -> Option<String> {
    let inside = |name: String, value: &Value| {
        let below = place_of_redacted(value)?;
        Some(if below.is_empty() { name } else { format!("{name}.{below}") })
    };
    match value {
        Value::String(text) => (text == REDACTED).then(String::new),
        Value::Array(items) => items.iter().enumerate().find_map(|(at, item)| inside(at.to_string(), item)),
        Value::Object(members) => members.iter().find_map(|(name, value)| inside(name.clone(), value)),
        _ => None,
    }
}

/// JSON that the crate knows nothing of, in the body of a request: any text in it may be a secret.
pub(crate) struct Unknown<'a, T>(pub(crate) &'a T);

impl Serialize for Unknown<'_, Value> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if WRITING.get() == Writing::Request {
            if place_of_redacted(self.0).is_some() {
                return Err(S::Error::custom("a member is redacted"));
            }
            tell(|told| texts("", self.0, told));
        }
        self.0.serialize(serializer)
    }
}

impl Serialize for Unknown<'_, Map<String, Value>> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, Member(name, value))))
    }
}

/// A member of such JSON.
struct Member<'a>(&'a str, &'a Value);

impl Serialize for Member<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match WRITING.get() {
            // A secret that came in another form than documented is still one.
            Writing::Redacted if names_a_secret(self.0) => return serializer.serialize_str(REDACTED),
            Writing::Request => tell(|told| texts(self.0, self.1, told)),
            Writing::Redacted | Writing::Text => {}
        }
        Unknown(self.1).serialize(serializer)
    }
}

/// Whether a member that the crate does not know, or could not read, is a secret by its name.
fn names_a_secret(name: &str) -> bool {
    const NAMES: [&str; 6] = ["password", "secret", "token", "credential", "user_data", "vendor_data"];
    let name = name.to_ascii_lowercase();
    NAMES.iter().any(|part| name.contains(part))
}

/// What is written for a member that the crate does not know or could not read.
pub(crate) fn guarded(name: &str, value: &Value) -> Value {
    if WRITING.get() == Writing::Redacted && names_a_secret(name) { Value::from(REDACTED) } else { value.clone() }
}

/// Adds the texts of a value that may be secrets.
fn texts(name: &str, value: &Value, told: &mut Vec<Secret>) {
    match value {
        Value::String(text) => told.extend(unknown_text(name, text)),
        Value::Number(number) => told.extend(unknown_text(name, &number.to_string())),
        Value::Array(items) => items.iter().for_each(|item| texts(name, item, told)),
        Value::Object(members) => members.iter().for_each(|(name, value)| texts(name, value, told)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// A text that may be a secret. A short one counts only under a name that says so: most short texts are words and numbers,
/// and an answer that says what is wrong with them has to be readable.
fn unknown_text(name: &str, text: &str) -> Option<Secret> {
    const TELLING: [&str; 8] = ["pass", "pwd", "secret", "token", "credential", "private", "user_data", "auth"];
    let name = name.to_ascii_lowercase();
    let counts = text.chars().count() >= super::LONG || TELLING.iter().any(|part| name.contains(part));
    counts.then(|| Secret::new(text))
}

fn tell(add: impl FnOnce(&mut Vec<Secret>)) {
    TOLD.with_borrow_mut(|told| told.as_mut().map(add));
}

/// What may be a secret in the bodies of requests that `write` makes, and in these pairs of a query.
pub(crate) fn told_by(query: &[(String, String)], write: impl FnOnce()) -> Vec<Secret> {
    /// Forgets them, after a panic too.
    struct Forget;

    impl Drop for Forget {
        fn drop(&mut self) {
            TOLD.set(None);
        }
    }

    TOLD.set(Some(query.iter().filter_map(|(name, value)| unknown_text(name, value)).collect()));
    let _forget = Forget;
    write();
    TOLD.take().unwrap_or_default()
}
