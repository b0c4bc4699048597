//! Switches: yes/no, on/off, 1/0 and real booleans.

use std::fmt;

use serde::{
    Deserializer, Serializer,
    de::{Unexpected, Visitor},
};

use super::{Codec, number::float_as_whole};

/// Reads every spelling of a boolean; the codecs differ only in how they name what they expect.
struct BoolVisitor(&'static str);

impl BoolVisitor {
    fn whole<E: serde::de::Error>(&self, value: Option<i128>, found: Unexpected<'_>) -> Result<bool, E> {
        match value {
            Some(0) => Ok(false),
            Some(1) => Ok(true),
            _ => Err(E::invalid_value(found, self)),
        }
    }
}

impl Visitor<'_> for BoolVisitor {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_bool<E>(self, value: bool) -> Result<bool, E> {
        Ok(value)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<bool, E> {
        self.whole(Some(value.into()), Unexpected::Unsigned(value))
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<bool, E> {
        self.whole(Some(value.into()), Unexpected::Signed(value))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<bool, E> {
        self.whole(float_as_whole(value), Unexpected::Float(value))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<bool, E> {
        let is = |word: &&str| text.eq_ignore_ascii_case(word);
        if ["yes", "on", "true", "1"].iter().any(is) {
            Ok(true)
        } else if ["no", "off", "false", "0"].iter().any(is) {
            Ok(false)
        } else {
            Err(E::invalid_value(Unexpected::Str(text), &self))
        }
    }
}

macro_rules! worded_booleans {
    ($($name:ident: $yes:literal or $no:literal;)+) => {$(
        #[doc = concat!("[`bool`], sent as `\"", $yes, "\"` or `\"", $no, "\"`, read from any spelling.")]
        #[derive(Debug)]
        pub enum $name {}

        impl Codec<bool> for $name {
            fn encode<S: Serializer>(value: &bool, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(if *value { $yes } else { $no })
            }

            fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
                deserializer.deserialize_any(BoolVisitor(concat!($yes, " or ", $no)))
            }
        }
    )+};
}

worded_booleans! {
    YesNo: "yes" or "no";
    OnOff: "on" or "off";
    ZeroOne: "1" or "0";
}

/// [`bool`], sent as a JSON boolean, read from any spelling.
#[derive(Debug)]
pub enum Flag {}

impl Codec<bool> for Flag {
    fn encode<S: Serializer>(value: &bool, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(*value)
    }

    fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(BoolVisitor("true or false"))
    }
}
