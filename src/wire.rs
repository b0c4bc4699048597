//! How single values are spelled in the API's JSON, and nothing else: the codecs that generated structs name in
//! `#[serde(with = "crate::wire::As::<CODEC>")]`, the lenient reading of text they share, and the container for members
//! that no struct knows. No endpoint, resource or HTTP detail lives here.
//!
//! The API mixes numbers with strings, has four spellings of a boolean and several of a list. Each codec accepts every
//! spelling seen in responses and sends the one that the API documents.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, DeserializeSeed, Visitor},
};

mod extra;
mod list;
mod number;
mod switch;
#[cfg(test)]
mod tests;
mod uuid;

pub use extra::Extra;
pub use list::{Envelope, Key, List};
pub use number::{Number, NumberText};
pub use switch::{Flag, OnOff, YesNo, ZeroOne};
pub use uuid::UuidOrEmpty;

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
    /// When the input is no accepted spelling; the message says what was expected and found.
    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error>;
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

/// Reads one element or member with codec `C`.
struct Decoded<T, C>(PhantomData<(T, C)>);

impl<'de, T, C: Codec<T>> DeserializeSeed<'de> for Decoded<T, C> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        C::decode(deserializer)
    }
}

/// A string, number or boolean as text, borrowed from the input where that is possible.
pub(crate) fn spelling<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'de, str>, D::Error> {
    struct Spelling;

    impl<'de> Visitor<'de> for Spelling {
        type Value = Cow<'de, str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string, a number or a boolean")
        }

        fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(text))
        }

        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Cow::Owned(text.to_owned()))
        }

        fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
            Ok(Cow::Owned(text))
        }

        fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(if value { "true" } else { "false" }))
        }

        fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
            Ok(Cow::Owned(value.to_string()))
        }

        fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
            Ok(Cow::Owned(value.to_string()))
        }

        fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
            Ok(Cow::Owned(match number::float_as_i64(value) {
                Some(whole) => whole.to_string(),
                // JSON has no spelling for infinities, so only other formats reach `Display`.
                None => {
                    serde_json::Number::from_f64(value).map_or_else(|| value.to_string(), |number| number.to_string())
                }
            }))
        }
    }

    deserializer.deserialize_any(Spelling)
}

/// [`String`], sent as a string, read from a string, a number or a boolean.
#[derive(Debug)]
pub enum Text {}

impl Codec<String> for Text {
    fn encode<S: Serializer>(value: &String, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value)
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        spelling(deserializer).map(Cow::into_owned)
    }
}

/// Any type whose own serde implementation already is the API's spelling.
#[derive(Debug)]
pub enum Same {}

impl<T: Serialize + DeserializeOwned> Codec<T> for Same {
    fn encode<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        T::deserialize(deserializer)
    }
}

/// `Option<C>` spells absence as null and everything else as `C` does.
impl<T, C: Codec<T>> Codec<Option<T>> for Option<C> {
    fn encode<S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.serialize_some(&Encoded::<T, C>::new(value)),
            None => serializer.serialize_none(),
        }
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        struct OptionVisitor<T, C>(PhantomData<(T, C)>);

        impl<'de, T, C: Codec<T>> Visitor<'de> for OptionVisitor<T, C> {
            type Value = Option<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value or null")
            }

            fn visit_none<E>(self) -> Result<Self::Value, E> {
                Ok(None)
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(None)
            }

            fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Self::Value, D::Error> {
                C::decode(inner).map(Some)
            }
        }

        // `deserialize_any` would consume the value before `C` can choose how to read it.
        deserializer.deserialize_option(OptionVisitor::<T, C>(PhantomData))
    }
}
