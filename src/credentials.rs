//! Where a token, or a user name and a password, come from, and how they are put on a request. Nothing here prints one.

use std::{env, ffi::OsString, fmt, fs};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::HeaderValue;

use crate::{Error, Secret};

/// What the API is asked with: an API token, or a user name and a password.
///
/// `Debug` shows which of the two it is and the user name, never a secret.
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
    /// password, the entry without a name the token).
    ///
    /// # Errors
    ///
    /// When nothing is found; the error lists each place that was looked at.
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
            return Ok(Self::token(token));
        }
        let username = find(env, "UPCLOUD_USERNAME", &mut tried)?;
        let password = find(env, "UPCLOUD_PASSWORD", &mut tried)?;
        let mut stored = |user: &str, what: &str| match keyring(user) {
            keyring::Found::Secret(secret) => Some(secret),
            keyring::Found::Nothing(why) => {
                tried.push(format!("the keyring entry of {what} ({why})"));
                None
            }
            keyring::Found::NotBuiltIn => None,
        };
        let found = match (username, password) {
            (Some(username), Some(password)) => Some(Self::basic(username, password)),
            (Some(username), None) => {
                stored(&username, &format!("UpCloud for {username:?}")).map(|password| Self::basic(username, password))
            }
            (None, _) => stored("", "UpCloud for the token").map(Self::token),
        };
        found.ok_or_else(|| Error::configuration(format!("no credentials found; looked at {}", tried.join(", "))))
    }

    /// The value of the `Authorization` header, marked sensitive so that no layer below prints it.
    pub(crate) fn authorization(&self) -> Result<HeaderValue, Error> {
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
            Kind::Basic { username, .. } => write!(f, "Credentials(password of {username:?})"),
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

/// A variable, or else the content of the file that `<name>_FILE` names; an empty one counts as absent.
fn find(env: &dyn Fn(&str) -> Option<OsString>, name: &str, tried: &mut Vec<String>) -> Result<Option<String>, Error> {
    tried.push(name.to_owned());
    if let Some(value) = env(name).filter(|value| !value.is_empty()) {
        let text = value.into_string().map_err(|_| Error::configuration(format!("{name} is no valid text")))?;
        return Ok(Some(text));
    }
    let file = format!("{name}_FILE");
    let path = env(&file).filter(|path| !path.is_empty());
    tried.push(file.clone());
    let Some(path) = path else { return Ok(None) };
    let text = fs::read_to_string(&path)
        .map_err(|e| Error::configuration(format!("{file} names {}, which cannot be read: {e}", path.display())))?;
    let text = text.trim_end_matches(['\r', '\n']).to_owned();
    if text.is_empty() {
        return Err(Error::configuration(format!("{file} names {}, which is empty", path.display())));
    }
    Ok(Some(text))
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
    fn files_hold_secrets_too() {
        let dir = std::env::temp_dir().join(format!("upcloud-credentials-{}", std::process::id()));
        fs::create_dir_all(&dir).expect("a folder");
        let path = dir.join("token");
        fs::write(&path, "ucat_from_file\n").expect("a file");
        let text = path.to_str().expect("a text");
        assert_eq!(from(&[("UPCLOUD_TOKEN_FILE", text)]).expect("a token"), Credentials::token("ucat_from_file"));

        fs::write(&path, "\n").expect("a file");
        let error = from(&[("UPCLOUD_TOKEN_FILE", text)]).expect_err("empty");
        assert!(error.message().contains("which is empty"), "{error}");

        fs::remove_dir_all(&dir).expect("the folder goes");
        let error = from(&[("UPCLOUD_TOKEN_FILE", text)]).expect_err("missing");
        assert!(error.message().contains("cannot be read"), "{error}");
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
        let error = Credentials::token("new\nline").authorization().expect_err("no header");
        assert!(!error.message().contains("line"), "{error}");
    }
}
