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
