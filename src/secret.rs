//! The one type for text that must not reach a log: passwords, tokens and keys. Only what guards
//! the text or carries it over the wire lives here.

use std::{borrow::Cow, convert::Infallible, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Text that is shown as `[redacted]` and read only through [`Secret::expose`].
///
/// `Serialize` writes the text itself, because this is how it is sent to the API; do not serialize
/// a value that holds a secret into a log.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// Guards `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, under a name that stands out in a review.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Every scalar is accepted, so no error message can quote the text.
        crate::wire::spelling(deserializer).map(Cow::into_owned).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn is_redacted_everywhere() {
        #[derive(Debug)]
        struct Login {
            #[expect(dead_code, reason = "read by the derived Debug only")]
            password: Option<Secret>,
        }

        let secret = Secret::new("hunter2");
        let login = Login { password: Some(secret.clone()) };
        for (shown, expected) in [
            (format!("{secret}"), "[redacted]"),
            (format!("{secret:>20}"), "[redacted]"),
            (format!("{secret:?}"), "[redacted]"),
            (format!("{secret:#?}"), "[redacted]"),
            (format!("{:?}", Some(&secret)), "Some([redacted])"),
            (format!("{login:?}"), "Login { password: Some([redacted]) }"),
        ] {
            assert_eq!(shown, expected);
        }
    }

    #[test]
    fn is_sent_as_its_text_and_read_leniently() {
        for (input, text, output) in [
            (r#""hunter2""#, "hunter2", r#""hunter2""#),
            (r#""a\"\u0062""#, "a\"b", r#""a\"b""#),
            ("1234", "1234", r#""1234""#),
            ("true", "true", r#""true""#),
        ] {
            let secret: Secret = serde_json::from_str(input).expect(input);
            assert_eq!(secret.expose(), text);
            assert_eq!(serde_json::to_string(&secret).expect(input), output);
            let again: Secret = serde_json::from_str(output).expect(output);
            assert_eq!(again, secret);
        }
        for input in ["null", r#"["hunter2"]"#, r#"{"a":"hunter2"}"#] {
            let error = serde_json::from_str::<Secret>(input).expect_err(input).to_string();
            assert!(error.contains("expected a string, a number or a boolean"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn conversions_agree() {
        let same = ["a".into(), Secret::from("a".to_owned()), Secret::new("a"), "a".parse().expect("infallible")];
        assert_eq!(same.iter().collect::<HashSet<_>>().len(), 1);
        assert_ne!(Secret::new("a"), Secret::new("b"));
    }
}
