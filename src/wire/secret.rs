//! The one type for text that must not reach a log: passwords, tokens and keys. Only what guards
//! the text or carries it over the wire lives here.

mod carried;
mod written;

use std::{
    borrow::Cow,
    convert::Infallible,
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

pub(crate) use carried::Carried;
pub use written::Exposed;
pub(crate) use written::{Outgoing, Unknown, guarded, told_by};

/// From how many characters on a text can be told from the words around it.
///
/// Whether a message repeats a shorter one cannot be asked without giving it away: the password `p` is in most messages.
/// So beside a shorter secret no message is shown, whatever it says.
const LONG: usize = 8;

/// What stands in the place of a secret.
const REDACTED: &str = "[redacted]";

/// Text that is shown as `[redacted]` and read only through [`Secret::expose`].
///
/// `Debug`, `Display` and `Serialize` write `[redacted]`, so a value that holds a secret can be logged, or answered by a web
/// service of yours, without giving it away. Where the text itself is to be written, into a store of secrets for example,
/// wrap the value in [`Exposed`] or take [`expose`](Self::expose). The requests of this crate send the text itself.
///
/// A secret that was read back from such a log knows it: [`is_redacted`](Self::is_redacted) is true, and a request with it is
/// refused before it is sent.
///
/// The memory of the text is overwritten when it is freed. That shortens its life in memory and no more: what was copied out
/// of it, the bodies and headers of requests and answers among them, is freed as it is. `==` takes longer the more of the
/// beginning is the same, so do not check a login with it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Guards `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, under a name that stands out in a review.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether this is no secret but what is shown in its place: the text `[redacted]`, read from JSON that was written
    /// without [`Exposed`].
    #[must_use]
    pub fn is_redacted(&self) -> bool {
        self.expose() == REDACTED
    }
}

impl Hash for Secret {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.expose().hash(state);
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl FromStr for Secret {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Every scalar is accepted, so no error message can quote the text.
        super::spelling(deserializer).map(Cow::into_owned).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn is_redacted_everywhere() {
        #[derive(Debug, serde::Serialize)]
        struct Login {
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
            (format!("{:?}", Exposed(&login)), "Login { password: Some([redacted]) }"),
            (serde_json::to_string(&login).expect("JSON"), r#"{"password":"[redacted]"}"#),
        ] {
            assert_eq!(shown, expected);
        }
    }

    #[test]
    fn is_written_as_its_text_on_demand_and_read_leniently() {
        for (input, text, output) in [
            (r#""hunter2""#, "hunter2", r#""hunter2""#),
            (r#""a\"\u0062""#, "a\"b", r#""a\"b""#),
            ("1234", "1234", r#""1234""#),
            ("true", "true", r#""true""#),
        ] {
            let secret: Secret = serde_json::from_str(input).expect(input);
            assert_eq!(secret.expose(), text);
            assert!(!secret.is_redacted());
            assert_eq!(serde_json::to_string(&Exposed(&secret)).expect(input), output);
            let again: Secret = serde_json::from_str(output).expect(output);
            assert_eq!(again, secret);
            let logged: Secret = serde_json::from_str(&serde_json::to_string(&secret).expect(input)).expect(input);
            assert!(logged.is_redacted());
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
