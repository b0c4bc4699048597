//! The HTTP clients of the crate and the TLS in them. What may live here: the choice that the features make, and what it says
//! when it cannot be made.

#[cfg(all(feature = "rustls-no-provider", not(any(feature = "default-tls", feature = "native-tls"))))]
mod unused;

use std::{error::Error as _, fmt::Write as _};

use crate::{Error, transport::network::Trust};

/// The HTTP client for a base URL, whose scheme says whether it will need TLS.
pub(crate) fn http_client(
    settings: reqwest::ClientBuilder,
    base: &str,
    trust: &Trust,
) -> Result<reqwest::Client, Error> {
    let encrypted = base.starts_with("https:");
    let settings = backend(only_our_features(settings), encrypted)?;
    let settings = if encrypted { trusting(settings, trust)? } else { settings };
    settings.build().map_err(|e| Error::configuration(cannot_be_made(&e)))
}

/// What reqwest can do depends on the features that any crate of the program switches on. A call must not depend on those, but
/// on the features of this crate.
fn only_our_features(settings: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    #[cfg(not(feature = "http2"))]
    let settings = settings.http1_only();
    #[cfg(not(feature = "gzip"))]
    let settings = settings.no_gzip();
    settings.no_brotli().no_zstd().no_deflate()
}

/// What the program says of certificates.
#[cfg(any(feature = "default-tls", feature = "rustls-no-provider", feature = "native-tls"))]
fn trusting(mut settings: reqwest::ClientBuilder, trust: &Trust) -> Result<reqwest::ClientBuilder, Error> {
    for pem in &trust.roots {
        let found = reqwest::Certificate::from_pem_bundle(pem).unwrap_or_default();
        if found.is_empty() {
            return Err(no_pem(
                "root_certificate",
                "a certificate: give one or more, each from `-----BEGIN CERTIFICATE-----` on",
            ));
        }
        settings = settings.tls_certs_merge(found);
    }
    if let Some((certificate, key)) = &trust.own {
        let own = identity(certificate, key.expose().as_bytes());
        let expected =
            "a certificate and its key: give both as PEM, the key as PKCS #8 (`-----BEGIN PRIVATE KEY-----`)";
        settings = settings.identity(own.map_err(|_| no_pem("client_certificate", expected))?);
    }
    if trust.nothing_checked {
        settings = settings.tls_danger_accept_invalid_certs(true);
    }
    Ok(settings)
}

#[cfg(not(any(feature = "default-tls", feature = "rustls-no-provider", feature = "native-tls")))]
#[allow(clippy::unnecessary_wraps, reason = "with other features it can fail")]
fn trusting(settings: reqwest::ClientBuilder, _: &Trust) -> Result<reqwest::ClientBuilder, Error> {
    Ok(settings)
}

#[cfg(any(feature = "default-tls", feature = "rustls-no-provider", feature = "native-tls"))]
fn no_pem(setter: &str, expected: &str) -> Error {
    Error::configuration(format!("`ClientBuilder::{setter}` was not given {expected}"))
}

#[cfg(feature = "native-tls")]
fn identity(certificate: &[u8], key: &[u8]) -> reqwest::Result<reqwest::Identity> {
    reqwest::Identity::from_pkcs8_pem(certificate, key)
}

#[cfg(all(any(feature = "default-tls", feature = "rustls-no-provider"), not(feature = "native-tls")))]
fn identity(certificate: &[u8], key: &[u8]) -> reqwest::Result<reqwest::Identity> {
    reqwest::Identity::from_pem(&[certificate, b"\n", key].concat())
}

/// Says the backend, for reqwest's own choice depends on the features that other crates of the program ask for.
#[cfg(feature = "native-tls")]
#[allow(clippy::unnecessary_wraps, reason = "with other features it can fail")]
fn backend(settings: reqwest::ClientBuilder, encrypted: bool) -> Result<reqwest::ClientBuilder, Error> {
    Ok(certificates(settings.tls_backend_native(), encrypted))
}

#[cfg(all(feature = "default-tls", not(feature = "native-tls")))]
#[allow(clippy::unnecessary_wraps, reason = "with other features it can fail")]
fn backend(settings: reqwest::ClientBuilder, encrypted: bool) -> Result<reqwest::ClientBuilder, Error> {
    Ok(certificates(settings.tls_backend_rustls(), encrypted))
}

#[cfg(all(feature = "rustls-no-provider", not(any(feature = "default-tls", feature = "native-tls"))))]
fn backend(settings: reqwest::ClientBuilder, encrypted: bool) -> Result<reqwest::ClientBuilder, Error> {
    if !encrypted {
        return Ok(settings.tls_backend_preconfigured(unused::config()?));
    }
    // reqwest panics where there is none.
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        return Err(Error::configuration(
            "TLS has no provider of cryptography, because the crate was built with rustls-no-provider: install one at the \
             start of the program, rustls::crypto::ring::default_provider().install_default() for example, or use the \
             feature default-tls",
        ));
    }
    Ok(settings.tls_backend_rustls())
}

#[cfg(not(any(feature = "default-tls", feature = "rustls-no-provider", feature = "native-tls")))]
fn backend(settings: reqwest::ClientBuilder, encrypted: bool) -> Result<reqwest::ClientBuilder, Error> {
    if encrypted {
        return Err(Error::configuration(
            "the crate was built without TLS: switch on its feature default-tls, rustls-no-provider or native-tls",
        ));
    }
    Ok(settings)
}

/// Without encryption no certificate is looked at: reading those of the operating system would cost milliseconds, and fail
/// where there are none.
#[cfg(any(feature = "default-tls", feature = "native-tls"))]
fn certificates(settings: reqwest::ClientBuilder, encrypted: bool) -> reqwest::ClientBuilder {
    if encrypted { settings } else { settings.tls_certs_only([]) }
}

/// What reqwest said, with its causes: its own text is "builder error" and no more.
fn cannot_be_made(error: &reqwest::Error) -> String {
    let mut text = format!("the HTTP client cannot be made: {error}");
    let mut cause = error.source();
    while let Some(inner) = cause {
        let _ = write!(text, ": {inner}");
        cause = inner.source();
    }
    if text.contains("No CA certificates") {
        text.push_str("; install the package of the operating system that holds them, often called ca-certificates");
    }
    text
}

#[cfg(all(test, any(feature = "default-tls", feature = "native-tls")))]
mod tests {
    use super::*;

    // reqwest shows its choice with this feature only; the programs of `cargo xtask tls` see it in the handshake.
    #[cfg(feature = "default-tls")]
    #[test]
    fn the_features_choose_the_backend_and_nobody_else() {
        let expected = if cfg!(feature = "native-tls") { "NativeTls" } else { "Rustls" };
        for encrypted in [false, true] {
            let settings = backend(reqwest::Client::builder(), encrypted).expect("settings");
            let shown = format!("{settings:?}");
            assert!(shown.contains(&format!("tls_backend: {expected}")), "{shown}");
        }
    }

    #[test]
    fn what_reqwest_refuses_is_told_with_its_cause() {
        let error = reqwest::Client::builder().user_agent("a\nb").build().expect_err("no header value");
        assert_eq!(
            cannot_be_made(&error),
            "the HTTP client cannot be made: builder error: failed to parse header value"
        );
    }
}
