//! UUIDs that may be missing.

use std::fmt;

use serde::{
    Deserializer, Serializer,
    de::{Unexpected, Visitor},
};
use uuid::Uuid;

use super::Codec;

/// An optional [`Uuid`] whose absence is spelled `""`; null is read as absence too.
#[derive(Debug)]
pub enum UuidOrEmpty {}

impl Codec<Option<Uuid>> for UuidOrEmpty {
    fn encode<S: Serializer>(value: &Option<Uuid>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(uuid) => serializer.serialize_str(uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer())),
            None => serializer.serialize_str(""),
        }
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Uuid>, D::Error> {
        struct UuidVisitor;

        impl<'de> Visitor<'de> for UuidVisitor {
            type Value = Option<Uuid>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a UUID or an empty string")
            }

            fn visit_none<E>(self) -> Result<Self::Value, E> {
                Ok(None)
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(None)
            }

            fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Self::Value, D::Error> {
                inner.deserialize_any(self)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                if text.is_empty() {
                    return Ok(None);
                }
                text.parse().map(Some).map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_any(UuidVisitor)
    }
}
