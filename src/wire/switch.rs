//! Switches: yes/no, on/off, 1/0 and real booleans.

use serde::Serializer;
use serde_json::Value;

use super::{Codec, Unread, is_blank};

/// Every spelling of a boolean; the codecs differ only in what they send and how they name what they expect.
fn switch(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::Number(number) => match number.as_f64() {
            Some(0.0) => Some(false),
            Some(1.0) => Some(true),
            _ => None,
        },
        Value::String(text) => {
            let is = |word: &&str| text.trim().eq_ignore_ascii_case(word);
            if ["yes", "on", "true", "1"].iter().any(is) {
                Some(true)
            } else if ["no", "off", "false", "0"].iter().any(is) {
                Some(false)
            } else {
                None
            }
        }
        _ => None,
    }
}

macro_rules! switches {
    ($($(#[$doc:meta])* $name:ident: $expected:literal, $method:ident $yes:literal $no:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl Codec<bool> for $name {
            const EXPECTED: &'static str = $expected;

            fn encode<S: Serializer>(value: &bool, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.$method(if *value { $yes } else { $no })
            }

            fn read(value: Value) -> Result<bool, Unread> {
                switch(&value).ok_or_else(|| Unread::new(value, Self::EXPECTED))
            }

            fn is_none(value: &Value) -> bool {
                is_blank(value)
            }
        }
    )+};
}

switches! {
    #[doc = "[`bool`], sent as `\"yes\"` or `\"no\"`, read from any spelling."]
    YesNo: "yes or no", serialize_str "yes" "no";
    #[doc = "[`bool`], sent as `\"on\"` or `\"off\"`, read from any spelling."]
    OnOff: "on or off", serialize_str "on" "off";
    #[doc = "[`bool`], sent as `\"1\"` or `\"0\"`, read from any spelling."]
    ZeroOne: "1 or 0", serialize_str "1" "0";
    #[doc = "[`bool`], sent as a JSON boolean, read from any spelling."]
    Flag: "true or false", serialize_bool true false;
}
