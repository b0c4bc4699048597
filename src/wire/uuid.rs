//! UUIDs.

use serde::Serializer;
use serde_json::Value;
use uuid::Uuid;

use super::{Codec, Unread, is_blank};

/// A [`Uuid`]. An empty text is none.
#[derive(Debug)]
pub enum Identifier {}

impl Identifier {
    /// The UUID that a text spells.
    pub(crate) fn parse(text: &str) -> Option<Uuid> {
        text.trim().parse().ok()
    }
}

impl Codec<Uuid> for Identifier {
    const EXPECTED: &'static str = "a UUID";

    fn encode<S: Serializer>(value: &Uuid, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
    }

    fn read(value: Value) -> Result<Uuid, Unread> {
        let uuid = value.as_str().and_then(Self::parse);
        uuid.ok_or_else(|| Unread::new(value, Self::EXPECTED))
    }

    fn is_none(value: &Value) -> bool {
        is_blank(value)
    }
}
