//! What the HTTP clients for the API and for the metadata service have in common, and the limits that no client can have.

use std::time::Duration;

use http::HeaderValue;

use super::{base_url, network::Proxy};
use crate::error::Error;

/// What this crate calls itself.
pub(crate) const USER_AGENT: &str = concat!("upcloud-rust/", env!("CARGO_PKG_VERSION"));

/// One request for one call, to nowhere but this URL.
pub(crate) fn http_client(
    url: &url::Url,
    user_agent: &HeaderValue,
    proxy: &Proxy,
) -> Result<reqwest::ClientBuilder, Error> {
    let http = reqwest::Client::builder()
        .user_agent(user_agent.clone())
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false);
    // The rule of loopback goes last, so that it holds for any proxy.
    Ok(base_url::stays_here(proxy.apply(http)?, url))
}

/// Nothing can be done in no time, so zero is a mistake: a number that was never set, or meant as "no limit".
pub(crate) fn not_zero(setting: &str, limit: Option<Duration>) -> Result<(), Error> {
    match limit {
        Some(Duration::ZERO) => {
            Err(Error::configuration(format!("{setting} is zero: give a time, or `Duration::MAX` for no limit")))
        }
        _ => Ok(()),
    }
}

/// The same for the size of answers.
pub(crate) fn size_not_zero(setting: &str, bytes: Option<u64>) -> Result<(), Error> {
    match bytes {
        Some(0) => {
            Err(Error::configuration(format!("{setting} is zero: give a number of bytes, or `u64::MAX` for no limit")))
        }
        _ => Ok(()),
    }
}
