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

    /// From the environment, with the names that the vendor's own tools use: `UPCLOUD_TOKEN`, else `UPCLOUD_USERNAME` and
    /// `UPCLOUD_PASSWORD`. Each can be given as the path of a file that holds it (`UPCLOUD_TOKEN_FILE` and so on).
    ///
    /// # Errors
    ///
    /// When nothing is found; the error lists each place that was looked at.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_lookup(&|name| env::var_os(name))
    }

    /// The same with the environment as a function, so that tests need not change the real one.
    pub(crate) fn from_lookup(env: &dyn Fn(&str) -> Option<OsString>) -> Result<Self, Error> {
        let mut tried = Vec::new();
        if let Some(token) = find(env, "UPCLOUD_TOKEN", &mut tried)? {
            return Ok(Self::token(token));
        }
        let username = find(env, "UPCLOUD_USERNAME", &mut tried)?;
        let password = find(env, "UPCLOUD_PASSWORD", &mut tried)?;
        match (username, password) {
            (Some(username), Some(password)) => Ok(Self::basic(username, password)),
            _ => Err(Error::configuration(format!("no credentials found; looked at {}", tried.join(", ")))),
        }
    }

    /// The value of the `Authorization` header, marked sensitive so that no layer below prints it.
    pub(crate) fn authorization(&self) -> Result<HeaderValue, Error> {
        let text = match &self.0 {
            Kind::Token(token) => format!("Bearer {}", token.expose()),
            Kind::Basic { username, password } => {
                format!("Basic {}", BASE64_STANDARD.encode(format!("{username}:{}", password.expose())))
            }
        };
        let mut value = HeaderValue::try_from(text)
            .map_err(|_| Error::configuration("the token has characters that no HTTP header can carry"))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// What must not be in any text that is shown.
    pub(crate) fn secret(&self) -> &Secret {
        match &self.0 {
            Kind::Token(secret) | Kind::Basic { password: secret, .. } => secret,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Token(_) => f.write_str("Credentials(token)"),
            Kind::Basic { username, .. } => write!(f, "Credentials(password of {username:?})"),
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
