//! What a program says of its network: an HTTP client of its own, certificates, a proxy.

use std::fmt;

use url::Url;

use super::base_url;
use crate::{error::Error, wire::Secret};

/// How a proxy looks.
const EXAMPLE: &str = "http://proxy.example.net:3128";

/// The settings of a client's network.
#[derive(Clone, Default)]
pub(crate) struct Network {
    /// Which makes all others impossible.
    pub(crate) http: Option<reqwest::Client>,
    pub(crate) trust: Trust,
    pub(crate) proxy: Proxy,
}

/// The certificates of a client.
#[derive(Clone, Default)]
pub(crate) struct Trust {
    /// PEM, to be trusted beside those of the operating system.
    pub(crate) roots: Vec<Vec<u8>>,
    /// PEM of what the client shows, and of its key.
    pub(crate) own: Option<(Vec<u8>, Secret)>,
    /// Nothing is checked.
    pub(crate) nothing_checked: bool,
}

/// The way to the API.
#[derive(Clone, Default)]
pub(crate) enum Proxy {
    #[default]
    Environment,
    None,
    /// Its URL may hold a password.
    Url(Secret),
}

impl Network {
    /// The client cannot have been given and be made as well.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.http.is_none() {
            return Ok(());
        }
        let set = [
            ("root_certificate", !self.trust.roots.is_empty()),
            ("client_certificate", self.trust.own.is_some()),
            ("proxy", matches!(self.proxy, Proxy::Url(_))),
            ("no_proxy", matches!(self.proxy, Proxy::None)),
        ];
        match set.into_iter().find(|(_, is_set)| *is_set) {
            Some((setter, _)) => Err(Error::configuration(format!(
                "`ClientBuilder::{setter}` has no effect on the client of `ClientBuilder::http_client`: set it there"
            ))),
            None => Ok(()),
        }
    }
}

impl Proxy {
    pub(crate) fn apply(&self, http: reqwest::ClientBuilder) -> Result<reqwest::ClientBuilder, Error> {
        match self {
            Self::Environment => Ok(http),
            Self::None => Ok(http.no_proxy()),
            Self::Url(text) => {
                let proxy = reqwest::Proxy::all(read(text)?).map_err(|_| wrong("is no URL"))?;
                Ok(http.proxy(proxy))
            }
        }
    }
}

fn wrong(what: &str) -> Error {
    Error::configuration(format!("the proxy {what}: give scheme, host and port, {EXAMPLE} for example"))
}

fn read(text: &Secret) -> Result<Url, Error> {
    let url = Url::parse(text.expose().trim()).map_err(|_| wrong("is no URL"))?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err(wrong("is neither http nor https"));
    }
    if !url.has_host() || url.query().is_some() || url.fragment().is_some() || url.path().len() > 1 {
        return Err(wrong("has more or less than a scheme, a host and a port"));
    }
    Ok(url)
}

impl fmt::Debug for Network {
    /// Without certificates, and without what may be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("http_client", &self.http.is_some())
            .field("root_certificates", &self.trust.roots.len())
            .field("client_certificate", &self.trust.own.is_some())
            .field("proxy", &self.proxy)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment => f.write_str("of the environment"),
            Self::None => f.write_str("none"),
            Self::Url(url) => f.write_str(&base_url::shown(url.expose())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies() {
        for (text, what) in [
            ("http://proxy.example.net:3128", None),
            ("https://ann:canary@proxy.example.net:3128/", None),
            ("proxy.example.net:3128", Some("neither http nor https")),
            ("socks5://proxy.example.net", Some("neither http nor https")),
            ("", Some("no URL")),
            ("http://", Some("no URL")),
            ("http://proxy.example.net/x?canary", Some("more or less")),
        ] {
            let proxy = Proxy::Url(Secret::new(text));
            match (proxy.apply(reqwest::Client::builder()), what) {
                (Ok(_), None) => {}
                (Err(error), Some(what)) => {
                    assert!(error.is_configuration() && error.message().contains(what), "{text}: {error}");
                    assert!(!error.to_string().contains("canary"), "{error}");
                }
                (result, _) => panic!("{text}: {:?}", result.err()),
            }
            assert!(!format!("{proxy:?}").contains("canary"), "{proxy:?}");
        }
    }
}
