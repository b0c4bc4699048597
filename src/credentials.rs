//! Where a token, or a user name and a password, come from, and how they are put on a request. Nothing here prints one.

mod file;

use std::{env, ffi::OsString, fmt};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::HeaderValue;

use crate::{Error, Secret};

/// What the API is asked with: an API token, or a user name and a password.
///
/// `Debug` shows which of the two it is and the user name, never a secret.
///
/// What the API can only refuse is a [configuration error](Error::is_configuration) before anything is sent, of
/// [`from_env`](Self::from_env) or of [`ClientBuilder::build`](crate::ClientBuilder::build): a token, a user name or a
/// password that is empty, blank, or begins or ends with white space; one with a control character, such as a line break
/// in the middle; a token with characters beyond ASCII; a user name with a colon.
///
/// ```
/// use upcloud::Credentials;
///
/// let credentials = Credentials::token("ucat_01EXAMPLE");
/// assert_eq!(format!("{credentials:?}"), "Credentials(token)");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials(Kind);

#[derive(Clone, PartialEq, Eq)]
enum Kind {
    Token(Secret),
    Basic { username: String, password: Secret },
}

impl Credentials {
    /// An API token, which begins with `ucat_`. Sent as `Authorization: Bearer`.
    pub fn token(token: impl Into<Secret>) -> Self {
        Self(Kind::Token(token.into()))
    }

    /// User name and password of an account or a sub-account that may use the API. Sent as `Authorization: Basic`.
    pub fn basic(username: impl Into<String>, password: impl Into<Secret>) -> Self {
        Self(Kind::Basic { username: username.into(), password: password.into() })
    }

    /// From where the vendor's own tools look, in their order: the environment (`UPCLOUD_TOKEN`, else `UPCLOUD_USERNAME`
    /// and `UPCLOUD_PASSWORD`, each also as the path of a file that holds it: `UPCLOUD_TOKEN_FILE` and so on), then, with
    /// the feature `keyring`, the keyring of the operating system (service `UpCloud`: the entry of the user name holds the
    /// password, the entry without a name the token). An empty variable counts as none.
    ///
    /// A file must be a regular one of at most 64 KiB; line breaks at its end do not count.
    ///
    /// # Errors
    ///
    /// When nothing is found; the error lists each place that was looked at. When a file cannot be read, or what is found
    /// cannot be sent (see [`Credentials`]); the error names the variable, never its value or what is in the file.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_lookup(&|name| env::var_os(name))
    }

    /// The same with the environment as a function, so that tests need not change the real one.
    pub(crate) fn from_lookup(env: &dyn Fn(&str) -> Option<OsString>) -> Result<Self, Error> {
        Self::from_places(env, &keyring::read)
    }

    fn from_places(
        env: &dyn Fn(&str) -> Option<OsString>,
        keyring: &dyn Fn(&str) -> keyring::Found,
    ) -> Result<Self, Error> {
        let mut tried = Vec::new();
        if let Some(token) = find(env, "UPCLOUD_TOKEN", &mut tried)? {
            return Ok(Self::token(token.checked(Part::Token)?));
        }
        let username = find(env, "UPCLOUD_USERNAME", &mut tried)?;
        let username = username.map(|username| username.checked(Part::Username)).transpose()?;
        let password = find(env, "UPCLOUD_PASSWORD", &mut tried)?;
        let password = password.map(|password| password.checked(Part::Password)).transpose()?;
        let mut stored = |user: &str, what: &str, part: Part| match keyring(user) {
            keyring::Found::Secret(secret) => {
                part.check(&format!("the keyring entry of {what}"), secret.expose()).map(|()| Some(secret))
            }
            keyring::Found::Nothing(why) => {
                tried.push(format!("the keyring entry of {what} ({why})"));
                Ok(None)
            }
            keyring::Found::NotBuiltIn => Ok(None),
        };
        let found = match (username, password) {
            (Some(username), Some(password)) => Some(Self::basic(username, password)),
            (Some(username), None) => stored(&username, &format!("UpCloud for {username:?}"), Part::Password)?
                .map(|password| Self::basic(username, password)),
            (None, _) => stored("", "UpCloud for the token", Part::Token)?.map(Self::token),
        };
        found.ok_or_else(|| Error::configuration(format!("no credentials found; looked at {}", tried.join(", "))))
    }

    /// Whether they can be sent at all.
    fn check(&self) -> Result<(), Error> {
        match &self.0 {
            Kind::Token(token) => Part::Token.check("the token", token.expose()),
            Kind::Basic { username, password } => {
                Part::Username.check("the user name", username)?;
                Part::Password.check("the password", password.expose())
            }
        }
    }

    /// The value of the `Authorization` header, marked sensitive so that no layer below prints it.
    pub(crate) fn authorization(&self) -> Result<HeaderValue, Error> {
        self.check()?;
        let text = match &self.0 {
            Kind::Token(token) => format!("Bearer {}", token.expose()),
            Kind::Basic { username, password } => {
                format!("Basic {}", basic(username, password))
            }
        };
        let mut value = HeaderValue::try_from(text)
            .map_err(|_| Error::configuration("the token has characters that no HTTP header can carry"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// What no error may repeat: the secret, and how it looks on a request.
    pub(crate) fn secrets(&self) -> Vec<Secret> {
        match &self.0 {
            Kind::Token(token) => vec![token.clone()],
            Kind::Basic { username, password } => vec![password.clone(), basic(username, password).into()],
        }
    }
}

/// User name and password as the `Basic` scheme spells them.
fn basic(username: &str, password: &Secret) -> String {
    BASE64_STANDARD.encode(format!("{username}:{}", password.expose()))
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Token(_) => f.write_str("Credentials(token)"),
            Kind::Basic { username, .. } => {
                // What stands behind a colon is a password in the wrong place.
                let username = username.split(':').next().unwrap_or_default();
                write!(f, "Credentials(password of {username:?})")
            }
        }
    }
}

/// The keyring of the operating system, in the vendor's format.
mod keyring {
    use crate::Secret;

    /// What a look into the keyring gave.
    #[allow(dead_code, reason = "which of them is made depends on the feature")]
    pub(super) enum Found {
        Secret(Secret),
        Nothing(String),
        NotBuiltIn,
    }

    #[cfg(feature = "keyring")]
    pub(super) fn read(user: &str) -> Found {
        match keyring::Entry::new("UpCloud", user).and_then(|entry| entry.get_password()) {
            Ok(text) => decode(&text),
            Err(e) => Found::Nothing(e.to_string()),
        }
    }

    #[cfg(not(feature = "keyring"))]
    pub(super) fn read(_: &str) -> Found {
        Found::NotBuiltIn
    }

    /// The vendor's Go library stores some values in base64 behind a mark.
    #[cfg_attr(not(feature = "keyring"), allow(dead_code, reason = "tested with and without the feature"))]
    pub(super) fn decode(text: &str) -> Found {
        use base64::prelude::{BASE64_STANDARD, Engine as _};

        let Some(encoded) = text.strip_prefix("go-keyring-base64:") else {
            return Found::Secret(text.into());
        };
        let bytes = BASE64_STANDARD.decode(encoded).ok();
        match bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
            Some(text) => Found::Secret(text.into()),
            None => Found::Nothing("its value is not in the form that go-keyring writes".to_owned()),
        }
    }
}

/// What a text is used as.
#[derive(Clone, Copy, Debug)]
enum Part {
    Token,
    Username,
    Password,
}

impl Part {
    /// What could only be refused by the API, or never reach it, is refused here. `from` says where the text is from; the
    /// text itself is not shown.
    fn check(self, from: &str, text: &str) -> Result<(), Error> {
        let what = if text.is_empty() {
            "is empty"
        } else if text.trim().is_empty() {
            "is blank"
        } else if text.trim() != text {
            "begins or ends with white space"
        } else if text.contains(char::is_control) {
            "has a control character, such as a line break"
        } else {
            match self {
                Self::Token if !text.bytes().all(|byte| byte.is_ascii_graphic()) => {
                    "has characters that no token has: only ASCII without spaces can be sent"
                }
                Self::Username if text.contains(':') => "has a colon, which no user name can have",
                _ => return Ok(()),
            }
        };
        Err(Error::configuration(format!("{from} {what}")))
    }
}

/// A text and the variable that it is from.
struct Given {
    from: String,
    text: String,
}

impl Given {
    fn checked(self, part: Part) -> Result<String, Error> {
        part.check(&self.from, &self.text)?;
        Ok(self.text)
    }
}

/// A variable, or else the content of the file that `<name>_FILE` names; an empty one counts as absent.
fn find(env: &dyn Fn(&str) -> Option<OsString>, name: &str, tried: &mut Vec<String>) -> Result<Option<Given>, Error> {
    tried.push(name.to_owned());
    if let Some(value) = env(name).filter(|value| !value.is_empty()) {
        let text = value.into_string().map_err(|_| Error::configuration(format!("{name} is no valid text")))?;
        return Ok(Some(Given { from: name.to_owned(), text }));
    }
    let file = format!("{name}_FILE");
    let path = env(&file).filter(|path| !path.is_empty());
    tried.push(file.clone());
    let Some(path) = path else { return Ok(None) };
    // The value may be the secret itself, put into the wrong variable, so it is not shown.
    let text = file::read(path.as_ref()).map_err(|what| {
        Error::configuration(format!("{file} must be the path of a file that holds the value: {what}"))
    })?;
    let from = format!("the file that {file} names");
    Ok(Some(Given { from, text: text.trim_end_matches(['\r', '\n']).to_owned() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(pairs: &[(&str, &str)]) -> Result<Credentials, Error> {
        let pairs: Vec<(String, OsString)> = pairs.iter().map(|(k, v)| ((*k).to_owned(), OsString::from(v))).collect();
        Credentials::from_lookup(&move |name| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()))
    }

    #[test]
    fn the_order_of_the_vendors_own_tools() {
        let token = Credentials::token("t");
        let basic = Credentials::basic("u", "p");
        for (pairs, expected) in [
            (&[("UPCLOUD_TOKEN", "t")][..], &token),
            (&[("UPCLOUD_TOKEN", "t"), ("UPCLOUD_USERNAME", "u"), ("UPCLOUD_PASSWORD", "p")], &token),
            (&[("UPCLOUD_USERNAME", "u"), ("UPCLOUD_PASSWORD", "p")], &basic),
            (&[("UPCLOUD_TOKEN", ""), ("UPCLOUD_USERNAME", "u"), ("UPCLOUD_PASSWORD", "p")], &basic),
        ] {
            assert_eq!(&from(pairs).expect("credentials"), expected, "{pairs:?}");
        }
    }

    #[test]
    fn what_was_looked_at_is_listed() {
        for (pairs, places) in [
            (&[][..], &["UPCLOUD_TOKEN", "UPCLOUD_TOKEN_FILE", "UPCLOUD_USERNAME", "UPCLOUD_PASSWORD_FILE"][..]),
            (&[("UPCLOUD_USERNAME", "u")], &["UPCLOUD_PASSWORD", "UPCLOUD_PASSWORD_FILE"]),
            (&[("UPCLOUD_PASSWORD", "hunter2")], &["UPCLOUD_USERNAME", "UPCLOUD_USERNAME_FILE"]),
        ] {
            let error = from(pairs).expect_err("not enough");
            for name in places {
                assert!(error.message().contains(name), "{error}");
            }
            assert!(!error.message().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn the_keyring_comes_after_the_environment() {
        let stored = |user: &str| match user {
            "" => keyring::decode("go-keyring-base64:dWNhdF8x"),
            "ann" => keyring::decode("pw"),
            _ => keyring::Found::Nothing("no entry".to_owned()),
        };
        let from = |pairs: &'static [(&'static str, &'static str)]| {
            let env = |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value));
            Credentials::from_places(&env, &stored)
        };
        for (pairs, expected) in [
            (&[][..], Credentials::token("ucat_1")),
            (&[("UPCLOUD_USERNAME", "ann")], Credentials::basic("ann", "pw")),
            (&[("UPCLOUD_USERNAME", "ann"), ("UPCLOUD_PASSWORD", "env")], Credentials::basic("ann", "env")),
            (&[("UPCLOUD_TOKEN", "env")], Credentials::token("env")),
        ] {
            assert_eq!(from(pairs).expect("credentials"), expected, "{pairs:?}");
        }
        let error = from(&[("UPCLOUD_USERNAME", "bob")]).expect_err("not stored");
        assert!(error.message().contains("the keyring entry of UpCloud for \"bob\" (no entry)"), "{error}");
        assert!(matches!(keyring::decode("go-keyring-base64:!"), keyring::Found::Nothing(_)));
    }

    #[test]
    fn what_could_only_be_refused() {
        let long = "x".repeat(10_000);
        for (text, token, username, password) in [
            ("hunter2", true, true, true),
            ("", false, false, false),
            (" ", false, false, false),
            ("\t\n", false, false, false),
            ("\u{a0}", false, false, false),
            ("hunter2 ", false, false, false),
            (" hunter2", false, false, false),
            ("hunter2\n", false, false, false),
            ("hunter2\u{2003}", false, false, false),
            ("hun\nter2", false, false, false),
            ("hun\u{0}ter2", false, false, false),
            ("hun\u{85}ter2", false, false, false),
            ("hun ter2", false, true, true),
            ("hünter2", false, true, true),
            ("hun:ter2", true, false, true),
            (&long, true, true, true),
        ] {
            for (credentials, good, name, variables) in [
                (Credentials::token(text), token, "the token", [("UPCLOUD_TOKEN", text), ("X", "x")]),
                (
                    Credentials::basic(text, "p"),
                    username,
                    "the user name",
                    [("UPCLOUD_USERNAME", text), ("UPCLOUD_PASSWORD", "p")],
                ),
                (
                    Credentials::basic("u", text),
                    password,
                    "the password",
                    [("UPCLOUD_USERNAME", "u"), ("UPCLOUD_PASSWORD", text)],
                ),
            ] {
                let built = crate::Client::builder().credentials(credentials.clone()).build();
                assert_eq!(built.is_ok(), good, "{name} {text:?}");
                if let Err(error) = built {
                    assert!(error.is_configuration() && error.message().starts_with(name), "{error}");
                    assert!(!format!("{error} {error:?}").contains("ter2"), "{error:?}");
                }
                if text.is_empty() {
                    continue;
                }
                let found = from(&variables);
                assert_eq!(found.is_ok(), good, "{name} {text:?}");
                if let Err(error) = found {
                    let named = variables.iter().any(|(variable, _)| error.message().starts_with(variable));
                    assert!(error.is_configuration() && named, "{error}");
                    assert!(!format!("{error} {error:?}").contains("ter2"), "{error:?}");
                }
            }
        }
        let misplaced = format!("{:?}", Credentials::basic("ann:hunter2", "p"));
        assert_eq!(misplaced, "Credentials(password of \"ann\")");
    }

    #[test]
    fn files_hold_secrets_too() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("hunter2");
        let text = path.to_str().expect("a text");
        for (variable, content, expected) in [
            ("UPCLOUD_TOKEN_FILE", "ucat_1\n", Ok(Credentials::token("ucat_1"))),
            ("UPCLOUD_TOKEN_FILE", "ucat_1\r\n\n", Ok(Credentials::token("ucat_1"))),
            ("UPCLOUD_PASSWORD_FILE", "pass word\n", Ok(Credentials::basic("u", "pass word"))),
            ("UPCLOUD_TOKEN_FILE", "\n", Err("the file that UPCLOUD_TOKEN_FILE names is empty")),
            ("UPCLOUD_TOKEN_FILE", "ucat_hunter2 \n", Err("the file that UPCLOUD_TOKEN_FILE names begins or ends")),
            ("UPCLOUD_TOKEN_FILE", "a\nhunter2\n", Err("the file that UPCLOUD_TOKEN_FILE names has a control")),
            ("UPCLOUD_PASSWORD_FILE", " hunter2", Err("the file that UPCLOUD_PASSWORD_FILE names begins or ends")),
        ] {
            std::fs::write(&path, content).expect("a file");
            match (from(&[(variable, text), ("UPCLOUD_USERNAME", "u")]), expected) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                (Err(error), Err(expected)) => {
                    assert!(error.message().starts_with(expected), "{error}");
                    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
                }
                (found, _) => panic!("{variable} {content:?}: {found:?}"),
            }
        }
    }

    #[test]
    fn a_secret_in_the_place_of_a_path_is_not_shown() {
        for variable in ["UPCLOUD_TOKEN_FILE", "UPCLOUD_USERNAME_FILE", "UPCLOUD_PASSWORD_FILE"] {
            for value in ["ucat_hunter2", "hunter2\nline", "/hunter2", "hunter2\0", "."] {
                let error = from(&[(variable, value)]).expect_err("no file");
                assert!(error.is_configuration() && error.message().starts_with(variable), "{error}");
                assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
            }
        }
    }

    #[test]
    fn headers() {
        for (credentials, header) in
            [(Credentials::token("ucat_1"), "Bearer ucat_1"), (Credentials::basic("ann", "p:w"), "Basic YW5uOnA6dw==")]
        {
            let value = credentials.authorization().expect("a header");
            assert_eq!(value.to_str().expect("a text"), header);
            assert!(value.is_sensitive());
        }
        let error = Credentials::token("new\nhunter2").authorization().expect_err("no header");
        assert!(!error.message().contains("hunter2"), "{error}");
    }
}
