//! The one door for texts of a server or a caller on their way into errors, spans and `Debug`. A text passes as a whole, in
//! a form that is harmless, or not at all; nothing is ever replaced inside it, because a rule that looks at a secret to cut
//! it out shows it by what is left.

use std::{borrow::Cow, fmt};

/// The most bytes of an error's own text.
pub(crate) const TEXT: usize = 2048;
/// The most bytes of a message that an answer brought.
pub(crate) const MESSAGE: usize = 1024;
/// The most bytes of any other part of an answer.
pub(crate) const PART: usize = 200;

/// The text on one line of at most this many bytes: control characters, those that turn the direction of writing, and
/// others that nobody sees are escaped.
pub(crate) fn line(text: &str, most: usize) -> Cow<'_, str> {
    const CUT: &str = "...";
    let harmless = |c: char| matches!(c, '"' | '\'' | '\\') || c.escape_debug().len() == 1;
    if text.len() <= most && text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let mut line = String::new();
    for c in text.chars() {
        let end = line.len();
        if harmless(c) {
            line.push(c);
        } else {
            line.extend(c.escape_debug());
        }
        if line.len() + CUT.len() > most {
            line.truncate(end);
            return Cow::Owned(line + CUT);
        }
    }
    Cow::Owned(line)
}

/// A text of the caller, in quotes.
pub(crate) struct Quoted<'a>(pub(crate) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 40;
        let length = self.0.chars().count();
        if length <= SHOWN {
            return write!(f, "{:?}", self.0);
        }
        let shown: String = self.0.chars().take(SHOWN).collect();
        write!(f, "{shown:?}.. ({length} characters)")
    }
}

/// A value of an open enum, which a server may have made up: shown if it is a word as the API has them.
pub(crate) struct Word<'a>(pub(crate) &'a str);

impl fmt::Display for Word<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_word =
            (1..=32).contains(&self.0.len()) && self.0.bytes().all(|b| b.is_ascii_lowercase() || b"_- ".contains(&b));
        if is_word { f.write_str(self.0) } else { f.write_str("something unknown that is not shown") }
    }
}

/// The text, if it looks like an error code.
pub(crate) fn code(text: &str) -> Option<&str> {
    // One code of the description has a hyphen.
    let is_code = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-');
    ((1..=64).contains(&text.len()) && text.bytes().all(is_code)).then_some(text)
}

/// The text, if it looks like what services call a request by.
pub(crate) fn identifier(text: &str) -> Option<&str> {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-_.:/+=".contains(&b);
    ((1..=128).contains(&text.len()) && text.bytes().all(fits)).then_some(text)
}

/// How long a body is that is not shown, and of what type, if that is a usual one.
pub(crate) struct Size<'a> {
    pub(crate) bytes: usize,
    /// Whether that is all of it.
    pub(crate) whole: bool,
    pub(crate) content_type: Option<&'a str>,
}

impl fmt::Display for Size<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const USUAL: [&str; 9] = [
            "application/json",
            "application/octet-stream",
            "application/problem+json",
            "application/xhtml+xml",
            "application/xml",
            "text/html",
            "text/json",
            "text/plain",
            "text/xml",
        ];
        let digits = self.bytes.to_string();
        let mut bytes = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                bytes.push(',');
            }
            bytes.push(digit);
        }
        let more = if self.whole { "" } else { "more than " };
        let unit = if self.bytes == 1 { "byte" } else { "bytes" };
        write!(f, "{more}{bytes} {unit}")?;
        let given = self.content_type.map(|text| text.split(';').next().unwrap_or_default().trim());
        match given.and_then(|given| USUAL.into_iter().find(|usual| given.eq_ignore_ascii_case(usual))) {
            Some(usual) => write!(f, " of {usual}"),
            None if given.is_some() => f.write_str(" of an unusual content type"),
            None => f.write_str(" without a content type"),
        }
    }
}

/// Pairs of which `Debug` shows the names only.
pub(crate) struct Names<'a>(pub(crate) &'a [(String, String)]);

impl fmt::Debug for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter().map(|(name, _)| (name, format_args!("..")))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        for (text, most, shown) in [
            (
                "The server \"a\\b\" isn't there: \u{e9}\u{6f22}.",
                100,
                "The server \"a\\b\" isn't there: \u{e9}\u{6f22}.",
            ),
            ("one\ntwo\r\u{0}\u{1b}[31m", 100, "one\\ntwo\\r\\0\\u{1b}[31m"),
            ("a\u{202e}b\u{2066}c\u{200b}d\u{2028}e", 100, "a\\u{202e}b\\u{2066}c\\u{200b}d\\u{2028}e"),
            ("0123456789", 10, "0123456789"),
            ("0123456789", 9, "012345..."),
            ("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}", 9, "\u{e9}\u{e9}\u{e9}..."),
            ("\n\n\n\n\n\n", 9, "\\n\\n\\n..."),
            ("", 9, ""),
        ] {
            assert_eq!(line(text, most), shown);
        }
        assert!(line(&"\u{202e}".repeat(1 << 20), MESSAGE).len() <= MESSAGE);
    }

    #[test]
    fn forms() {
        assert_eq!(Word("maintenance").to_string(), "maintenance");
        for made_up in ["", "ucat_01J", "a\nb", &"a".repeat(33)] {
            assert_eq!(Word(made_up).to_string(), "something unknown that is not shown");
        }
        assert!(crate::ErrorCode::known().iter().all(|known| code(known.as_str()).is_some()));
        assert_eq!(code("SERVER_STATE_2"), Some("SERVER_STATE_2"));
        assert_eq!(identifier("01J-x.y:z/a+b="), Some("01J-x.y:z/a+b="));
        for text in ["", "a b", "a\n", "\u{e9}", &"A".repeat(129)] {
            assert_eq!((code(text), identifier(text)), (None, None), "{text:?}");
        }
        assert_eq!(format!("{:?}", Names(&[("a".into(), "b".into())])), r#"{"a": ..}"#);
    }

    #[test]
    fn sizes() {
        let size = |bytes, whole, content_type| Size { bytes, whole, content_type }.to_string();
        assert_eq!(size(1, true, None), "1 byte without a content type");
        assert_eq!(size(512, true, Some("Text/HTML; charset=utf-8")), "512 bytes of text/html");
        assert_eq!(size(5120, true, Some("secret/hunter2")), "5,120 bytes of an unusual content type");
        assert_eq!(size(1_234_567, false, Some("text/plain")), "more than 1,234,567 bytes of text/plain");
    }
}
