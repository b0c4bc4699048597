//! Numbers, whether they come as numbers or as strings.

use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::Value;

use super::{Codec, Unread, is_blank};

/// The number a float without a fraction stands for.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the fraction is zero and floats beyond i128 saturate, out of range of every caller"
)]
pub(super) fn float_as_whole(value: f64) -> Option<i128> {
    (value.fract() == 0.0).then_some(value as i128)
}

/// Like [`float_as_whole`], for what every JSON reader takes for an integer.
pub(super) fn float_as_i64(value: f64) -> Option<i64> {
    float_as_whole(value).and_then(|whole| whole.try_into().ok())
}

mod sealed {
    /// Keeps [`super::Numeric`] to the types whose conversions are known to be exact here.
    pub trait Sealed {}
}

/// The number types [`Number`] and [`NumberText`] work with.
pub trait Numeric: Copy + sealed::Sealed {
    /// What error messages say was expected.
    const EXPECTED: &'static str;

    /// The value as this type, if it fits.
    fn from_unsigned(value: u64) -> Option<Self>;

    /// The value as this type, if it fits.
    fn from_signed(value: i64) -> Option<Self>;

    /// The value as this type, if it fits and loses no fraction.
    fn from_float(value: f64) -> Option<Self>;

    /// The number `text` spells, if it spells one this type can hold.
    fn from_text(text: &str) -> Option<Self>;

    /// Writes a JSON number.
    ///
    /// # Errors
    ///
    /// When JSON has no spelling for the number or the serializer fails.
    fn encode_number<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Writes a JSON string that spells the number.
    ///
    /// # Errors
    ///
    /// When JSON has no spelling for the number or the serializer fails.
    fn encode_text<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error>;
}

macro_rules! whole_numbers {
    ($($type:ident),+) => {$(
        impl sealed::Sealed for $type {}

        impl Numeric for $type {
            const EXPECTED: &'static str = concat!("a whole number that fits ", stringify!($type));

            fn from_unsigned(value: u64) -> Option<Self> {
                value.try_into().ok()
            }

            fn from_signed(value: i64) -> Option<Self> {
                value.try_into().ok()
            }

            fn from_float(value: f64) -> Option<Self> {
                float_as_whole(value)?.try_into().ok()
            }

            fn from_text(text: &str) -> Option<Self> {
                // Only the second attempt understands "4.0" and "1e3", only the first is exact
                // for large values.
                text.parse().ok().or_else(|| Self::from_float(text.parse().ok()?))
            }

            fn encode_number<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error> {
                self.serialize(serializer)
            }

            fn encode_text<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(&self)
            }
        }
    )+};
}

whole_numbers!(u16, u32, u64, i64);

impl sealed::Sealed for f64 {}

impl Numeric for f64 {
    const EXPECTED: &'static str = "a number";

    #[expect(clippy::cast_precision_loss, reason = "the caller chose a float")]
    fn from_unsigned(value: u64) -> Option<Self> {
        Some(value as Self)
    }

    #[expect(clippy::cast_precision_loss, reason = "the caller chose a float")]
    fn from_signed(value: i64) -> Option<Self> {
        Some(value as Self)
    }

    fn from_float(value: f64) -> Option<Self> {
        Some(value)
    }

    fn from_text(text: &str) -> Option<Self> {
        // Rust also parses "inf" and "nan", which the API never means as numbers.
        text.parse().ok().filter(|value: &Self| value.is_finite())
    }

    fn encode_number<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error> {
        match float_as_i64(self) {
            Some(whole) => serializer.serialize_i64(whole),
            None if self.is_finite() => serializer.serialize_f64(self),
            // serde_json would send null without a word.
            None => Err(S::Error::custom(format_args!("{self} is not a JSON number"))),
        }
    }

    fn encode_text<S: Serializer>(self, serializer: S) -> Result<S::Ok, S::Error> {
        match (float_as_i64(self), serde_json::Number::from_f64(self)) {
            (Some(whole), _) => serializer.collect_str(&whole),
            (None, Some(number)) => serializer.collect_str(&number),
            (None, None) => Err(S::Error::custom(format_args!("{self} is not a JSON number"))),
        }
    }
}

/// [`u16`], [`u32`], [`u64`], [`i64`] or [`f64`], sent as a JSON number, read from a number or a
/// string that spells one. An empty text is none.
#[derive(Debug)]
pub enum Number {}

impl<T: Numeric> Codec<T> for Number {
    const EXPECTED: &'static str = T::EXPECTED;

    fn encode<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.encode_number(serializer)
    }

    fn read(value: Value) -> Result<T, Unread> {
        number(&value).ok_or_else(|| Unread::new(value, T::EXPECTED))
    }

    fn is_none(value: &Value) -> bool {
        is_blank(value)
    }
}

/// Like [`Number`], but sent as a string.
#[derive(Debug)]
pub enum NumberText {}

impl<T: Numeric> Codec<T> for NumberText {
    const EXPECTED: &'static str = T::EXPECTED;

    fn encode<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        value.encode_text(serializer)
    }

    fn read(value: Value) -> Result<T, Unread> {
        Number::read(value)
    }

    fn is_none(value: &Value) -> bool {
        is_blank(value)
    }
}

fn number<T: Numeric>(value: &Value) -> Option<T> {
    match value {
        Value::String(text) => T::from_text(text.trim()),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => T::from_unsigned(number),
            (None, Some(number)) => T::from_signed(number),
            (None, None) => T::from_float(number.as_f64()?),
        },
        _ => None,
    }
}
