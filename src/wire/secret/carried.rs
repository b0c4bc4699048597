//! The secrets that a request carried, and whether the words of an answer may repeat one.

#[cfg(test)]
mod tests;

use std::{
    collections::HashSet,
    fmt::{self, Write as _},
};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use url::form_urlencoded::byte_serialize;

use super::{LONG, Secret};

/// How much of a secret is too much: so many bytes in a row of any of its spellings.
const PIECE: usize = 12;

/// What a request carried; found out only if an answer has words that an error would show.
#[derive(Clone, Copy)]
pub(crate) struct Carried<'a>(Option<&'a (dyn Fn() -> Vec<Secret> + Send + Sync)>);

impl<'a> Carried<'a> {
    /// What this tells.
    pub(crate) fn told_by(tell: &'a (dyn Fn() -> Vec<Secret> + Send + Sync)) -> Self {
        Self(Some(tell))
    }

    /// Nobody knows which secrets an answer may repeat.
    pub(crate) fn unknown() -> Self {
        Self(None)
    }

    /// Whether words of an answer may repeat a secret. They do if they have a piece of it, in whatever spelling. Of a short
    /// secret nobody can tell, and a rule that tried would show the secret by what it hides; so they may.
    pub(crate) fn may_be_in(self, words: &str) -> bool {
        let Some(tell) = self.0 else { return true };
        let mut secrets = tell();
        secrets.retain(|secret| !secret.expose().is_empty());
        repeats(&secrets, words)
    }
}

fn repeats(secrets: &[Secret], words: &str) -> bool {
    let words = plain(words);
    let pieces: HashSet<&[u8]> = words.as_bytes().windows(PIECE).collect();
    secrets.iter().any(|secret| {
        let secret = secret.expose();
        plain(secret).chars().count() < LONG
            || spellings(secret).iter().map(|spelling| plain(spelling)).any(|spelling| {
                if spelling.len() < PIECE {
                    words.contains(&spelling)
                } else {
                    spelling.as_bytes().windows(PIECE).any(|piece| pieces.contains(piece))
                }
            })
    })
}

/// The text as it is compared: services change the case of letters and fold white space.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).flat_map(char::to_lowercase).collect()
}

/// How services write a text into another one.
fn spellings(text: &str) -> Vec<String> {
    let json = serde_json::to_string(text).unwrap_or_default();
    let inner = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
    let put = |mut all: String, spelled: fmt::Arguments<'_>| {
        // Writing to a string cannot fail.
        let _ = all.write_fmt(spelled);
        all
    };
    let mut all = vec![
        text.to_owned(),
        inner.to_owned(),
        // JSON in JSON.
        inner.escape_default().to_string(),
        text.escape_debug().to_string(),
        text.escape_default().to_string(),
        // JSON in ASCII.
        inner.encode_utf16().fold(String::new(), |all, unit| match u8::try_from(unit) {
            Ok(byte @ b' '..=b'~') => put(all, format_args!("{}", char::from(byte))),
            _ => put(all, format_args!("\\u{unit:04x}")),
        }),
        ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"]
            .iter()
            .zip("&<>\"'".chars())
            .fold(text.to_owned(), |all, (to, c)| all.replace(c, to)),
        text.chars().fold(String::new(), |all, c| match c {
            '&' | '<' | '>' | '"' | '\'' => put(all, format_args!("&#{};", u32::from(c))),
            c => put(all, format_args!("{c}")),
        }),
        byte_serialize(text.as_bytes()).collect(),
        // Everything that is not unreserved in a URL.
        text.bytes().fold(String::new(), |all, byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                put(all, format_args!("{}", char::from(byte)))
            }
            byte => put(all, format_args!("%{byte:02X}")),
        }),
        text.bytes().fold(String::new(), |all, byte| put(all, format_args!("%{byte:02X}"))),
        text.bytes().fold(String::new(), |all, byte| put(all, format_args!("{byte:02x}"))),
    ];
    // Base64 of a text that the secret is a part of: by the place it begins at there are three. The ends are shared with
    // what stands around it.
    for before in 0..3 {
        let mut bytes = vec![0; before];
        bytes.extend_from_slice(text.as_bytes());
        let whole = bytes.len() / 3 * 4;
        let encoded = BASE64_STANDARD.encode(&bytes);
        let own = encoded.get(if before == 0 { 0 } else { 4 }..whole).unwrap_or_default();
        if own.len() >= LONG {
            all.push(own.replace('+', "-").replace('/', "_"));
            all.push(own.to_owned());
        }
    }
    all
}
