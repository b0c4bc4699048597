//! Texts: free ones, secret ones, and the words of open enums.

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{Codec, Secret, Unread, is_blank, number::float_as_i64};

/// The text of a string, a number or a boolean; any other value as it was.
fn text(value: Value) -> Result<String, Value> {
    match value {
        Value::String(text) => Ok(text),
        Value::Bool(value) => Ok(value.to_string()),
        Value::Number(number) if number.is_f64() => match number.as_f64().and_then(float_as_i64) {
            Some(whole) => Ok(whole.to_string()),
            None => Ok(number.to_string()),
        },
        Value::Number(number) => Ok(number.to_string()),
        other => Err(other),
    }
}

/// [`String`], sent as a string, read from a string, a number or a boolean.
#[derive(Debug)]
pub enum Text {}

impl Codec<String> for Text {
    const EXPECTED: &'static str = "a text";

    fn encode<S: Serializer>(value: &String, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value)
    }

    fn read(value: Value) -> Result<String, Unread> {
        text(value).map_err(|value| Unread::new(value, <Self as Codec<String>>::EXPECTED))
    }
}

/// [`Secret`], read as [`Text`] is.
#[derive(Debug)]
pub enum Guarded {}

impl Codec<Secret> for Guarded {
    const EXPECTED: &'static str = "a text";

    fn encode<S: Serializer>(value: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
        value.serialize(serializer)
    }

    fn read(value: Value) -> Result<Secret, Unread> {
        text(value).map(Secret::from).map_err(|value| Unread::new(value, Self::EXPECTED))
    }
}

/// A value of an open enum, read as [`Text`] is. An empty word is none.
#[derive(Debug)]
pub enum Word {}

impl<T: From<String> + AsRef<str>> Codec<T> for Word {
    const EXPECTED: &'static str = "a word";

    fn encode<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value.as_ref())
    }

    fn read(value: Value) -> Result<T, Unread> {
        text(value).map(T::from).map_err(|value| Unread::new(value, <Self as Codec<T>>::EXPECTED))
    }

    fn is_none(value: &Value) -> bool {
        is_blank(value)
    }
}
