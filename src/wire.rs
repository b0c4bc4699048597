//! How single values are spelled in the API's JSON, and nothing else: the codecs that generated code names, the lenient
//! reading that they share, and the container for members that no struct knows. No endpoint, resource or HTTP detail lives
//! here.
//!
//! The API mixes numbers with strings, has four spellings of a boolean and several of a list. Each codec accepts every
//! spelling seen in responses and sends the one that the API documents. Requests are structs with serde's derive, whose
//! fields name their codec in `#[serde(with = "crate::wire::As::<CODEC>")]`; answers are read as `answer.rs` tells.

use std::marker::PhantomData;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error as _},
};
use serde_json::Value;

mod answer;
mod elements;
mod extra;
mod list;
mod number;
mod problem;
mod secret;
mod spelled;
mod switch;
#[cfg(test)]
mod tests;
mod uuid;
mod word;

pub use answer::{AnswerObject, AnyObject, Members, Object, Written};
pub(crate) use answer::{deserialize, serialize};
pub use elements::{List, Unreadable};
pub use extra::Extra;
pub use list::{Bare, Envelope, Key, ListCodec};
pub use number::{Number, NumberText};
pub(crate) use problem::Problem;
pub use problem::Unread;
pub(crate) use secret::{Carried, Outgoing, Unknown, told_by};
pub use secret::{Exposed, Secret};
pub(crate) use spelled::{Spelled, spelling};
pub use switch::{Flag, OnOff, YesNo, ZeroOne};
pub use uuid::Identifier;
pub use word::{Guarded, Text, Word};

/// Lets a [`Codec`] be named in `#[serde(with = "...")]`.
#[derive(Debug)]
pub struct As<C>(PhantomData<C>);

impl<C> As<C> {
    /// Writes `value` the way `C` spells it.
    ///
    /// # Errors
    ///
    /// Those of the codec and of the serializer.
    pub fn serialize<T, S>(value: &T, serializer: S) -> Result<S::Ok, S::Error>
    where
        C: Codec<T>,
        S: Serializer,
    {
        C::encode(value, serializer)
    }

    /// Reads a value in any spelling `C` accepts.
    ///
    /// # Errors
    ///
    /// Those of the codec and of the deserializer.
    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        C: Codec<T>,
        D: Deserializer<'de>,
    {
        C::decode(deserializer)
    }
}

/// A way to spell values of type `T` in JSON.
pub trait Codec<T> {
    /// What errors say was expected.
    const EXPECTED: &'static str;

    /// Writes `value` in the one spelling the API documents.
    ///
    /// # Errors
    ///
    /// When the value has no such spelling or the serializer fails.
    fn encode<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads a value in any accepted spelling.
    ///
    /// # Errors
    ///
    /// When the value is no accepted spelling; it comes back as it was.
    fn read(value: Value) -> Result<T, Unread>;

    /// Whether the value says that there is none.
    fn is_none(value: &Value) -> bool {
        value.is_null()
    }

    /// Reads a value in any accepted spelling.
    ///
    /// # Errors
    ///
    /// When the input is no JSON or no accepted spelling; the message says what was expected and what kind was found.
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        Self::read(Value::deserialize(deserializer)?).map_err(|unread| D::Error::custom(unread.problem))
    }
}

/// Null or a text without a letter: how the API and its clients spell an absent identifier, number, switch or word.
fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

/// Hands a borrowed value to serializers that insist on `Serialize`.
struct Encoded<'a, T, C>(&'a T, PhantomData<C>);

impl<'a, T, C> Encoded<'a, T, C> {
    fn new(value: &'a T) -> Self {
        Self(value, PhantomData)
    }
}

impl<T, C: Codec<T>> Serialize for Encoded<'_, T, C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        C::encode(self.0, serializer)
    }
}

/// Any type whose own serde implementation already is the API's spelling.
#[derive(Debug)]
pub enum Same {}

impl<T: Serialize + DeserializeOwned> Codec<T> for Same {
    const EXPECTED: &'static str = "a value of its type";

    fn encode<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    fn read(value: Value) -> Result<T, Unread> {
        T::deserialize(&value).map_err(|error| Unread::because(value, &error))
    }
}

/// `Option<C>` spells absence as null and everything else as `C` does.
impl<T, C: Codec<T>> Codec<Option<T>> for Option<C> {
    const EXPECTED: &'static str = C::EXPECTED;

    fn encode<S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.serialize_some(&Encoded::<T, C>::new(value)),
            None => serializer.serialize_none(),
        }
    }

    fn read(value: Value) -> Result<Option<T>, Unread> {
        if C::is_none(&value) { Ok(None) } else { C::read(value).map(Some) }
    }
}
