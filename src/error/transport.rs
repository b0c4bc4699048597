//! What a failure below HTTP means: which of name, connection, TLS, certificate or answer it was. The types below are not
//! ours, so their texts are read where nothing else tells; of what the other side sent, nothing is shown.

use std::{error::Error as StdError, fmt, io};

use super::{Class, Error, TooLarge};

/// How much of the text of a lower layer is shown.
const SHOWN: usize = 300;

/// Where a request went.
pub(crate) struct Place<'a> {
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    /// The variable that may name a proxy on the way.
    pub(crate) proxy: Option<&'static str>,
}

impl Place<'_> {
    /// The lower layers do not tell whether it was the proxy that failed.
    fn way(&self) -> String {
        self.proxy.map(|variable| format!(" (or to the proxy of {variable})")).unwrap_or_default()
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// A request that got no whole answer, or a success that was larger than it may be.
pub(crate) fn from_reqwest(error: &reqwest::Error, place: &Place<'_>) -> Error {
    if let Some(too_large) = too_large(error) {
        return Error::new(Class::Decode, too_large.to_string());
    }
    let cause = cause(error);
    if error.is_builder() {
        return Error::new(Class::Configuration, format!("the request could not be made{cause}"));
    }
    if error.is_connect() {
        return no_connection(error, place, &cause);
    }
    if error.is_timeout() {
        return Error::new(Class::Timeout, format!("no answer of {place} within the time"));
    }
    Error::new(Class::Transport, format!("the connection to {place} broke before the answer was complete{cause}"))
}

fn no_connection(error: &reqwest::Error, place: &Place<'_>, cause: &str) -> Error {
    let way = place.way();
    if error.is_dns() {
        let text = format!("no connection to {place}{way}: the address of the host was not found{cause}");
        return Error::new(Class::Connect, text);
    }
    let text = texts(error);
    if let Some(fault) = CertificateFault::of(&text) {
        return Error::new(
            Class::Certificate,
            format!("the certificate of {place} is not trusted: {}", fault.advice()),
        );
    }
    let message = if chain(error).any(|e| io_kind(e) == Some(io::ErrorKind::ConnectionRefused)) {
        format!("no connection to {place}{way}: it was refused")
    } else if error.is_timeout() {
        format!("no connection to {place}{way} within the time")
    } else if is_tls(&text) {
        format!("no TLS with {place}{way}{cause}")
    } else {
        format!("no connection to {place}{way}{cause}")
    };
    Error::new(Class::Connect, message)
}

/// What says that a body was larger than it may be.
pub(crate) fn too_large(error: &reqwest::Error) -> Option<&TooLarge> {
    chain(error).find_map(|e| e.downcast_ref())
}

/// What stands behind an error, from the outside in. What an I/O error is made of is left out by its own `source`.
fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(error.source(), |error| {
        let error: &'a (dyn StdError + 'static) = *error;
        match error.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as _),
            None => error.source(),
        }
    })
}

fn io_kind(error: &(dyn StdError + 'static)) -> Option<io::ErrorKind> {
    error.downcast_ref::<io::Error>().map(io::Error::kind)
}

/// The innermost cause, on one line: it is the one that says something.
fn cause(error: &reqwest::Error) -> String {
    let Some(inner) = chain(error).last() else { return String::new() };
    let text: String = inner.to_string().escape_debug().take(SHOWN).collect();
    format!(": {text}")
}

/// The texts of all causes, to look for words in.
fn texts(error: &reqwest::Error) -> String {
    let texts: Vec<String> = chain(error).map(|e| e.to_string().to_lowercase()).collect();
    texts.join("\n")
}

/// Whether the words are those of a TLS library.
fn is_tls(text: &str) -> bool {
    ["tls", "ssl", "handshake", "fatal alert", "corrupt message", "peer is incompatible", "peer misbehaved"]
        .iter()
        .any(|word| text.contains(word))
}

/// Why a certificate is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CertificateFault {
    Time,
    Host,
    Revoked,
    Issuer,
}

impl CertificateFault {
    /// Reads the texts of rustls, OpenSSL, Secure Transport and `SChannel`, in small letters.
    fn of(text: &str) -> Option<Self> {
        // An alert is what the other side says of our own certificate; rustls says all of theirs in one form.
        let theirs = text.contains("invalid peer certificate");
        if !theirs && (text.contains(" alert") || !["certificate", "principal name"].iter().any(|w| text.contains(w))) {
            return None;
        }
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        Some(if has(&["expired", "not yet valid", "not valid yet", "validity period"]) {
            Self::Time
        } else if has(&[
            "not valid for name",
            "notvalidforname",
            "host name",
            "hostname mismatch",
            "ip address mismatch",
            "does not match",
            "principal name",
        ]) {
            Self::Host
        } else if has(&["revoked"]) {
            Self::Revoked
        } else {
            Self::Issuer
        })
    }

    fn advice(self) -> &'static str {
        match self {
            Self::Time => "it has expired or is not valid yet; check the clock of this machine",
            Self::Host => "it is for another host; check the base URL, and what stands in between",
            Self::Revoked => "it was revoked",
            Self::Issuer => {
                "this machine does not know who has signed it; a company's own CA is added with \
                 `ClientBuilder::root_certificate`, or to the certificates that the operating system trusts, on Linux also \
                 by SSL_CERT_FILE"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A resolver that finds nothing.
    struct Nowhere;

    impl reqwest::dns::Resolve for Nowhere {
        fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
            Box::pin(async { Err("no such\nname".into()) })
        }
    }

    #[tokio::test]
    async fn a_name_without_an_address() {
        let http = reqwest::Client::builder().no_proxy().dns_resolver(Nowhere).build().expect("a client");
        let error = http.get("http://api.example.net").send().await.expect_err("no address");
        for (proxy, way) in [(None, ""), (Some("ALL_PROXY"), " (or to the proxy of ALL_PROXY)")] {
            let error = from_reqwest(&error, &Place { host: "api.example.net", port: 443, proxy });
            let text = format!(
                "no connection to api.example.net:443{way}: the address of the host was not found: no such\\nname"
            );
            assert!(error.is_connect() && error.message() == text, "{error:?}");
        }
    }

    #[test]
    fn what_libraries_say_of_certificates() {
        use CertificateFault::{Host, Issuer, Revoked, Time};

        for (text, fault) in [
            ("invalid peer certificate: UnknownIssuer", Some(Issuer)),
            ("invalid peer certificate: BadSignature", Some(Issuer)),
            ("invalid peer certificate: Expired", Some(Time)),
            (
                "invalid peer certificate: certificate expired: verification time 1764226800 (UNIX), but certificate is not valid after 1",
                Some(Time),
            ),
            ("invalid peer certificate: certificate not valid yet: verification time 1 (UNIX)", Some(Time)),
            (
                "invalid peer certificate: certificate not valid for name \"a\"; certificate is only valid for DnsName(\"red alert\")",
                Some(Host),
            ),
            ("invalid peer certificate: Revoked", Some(Revoked)),
            (
                "error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify failed:../ssl/statem/statem_clnt.c:1889: (self-signed certificate)",
                Some(Issuer),
            ),
            ("certificate verify failed: (unable to get local issuer certificate)", Some(Issuer)),
            ("certificate verify failed: (certificate has expired)", Some(Time)),
            ("certificate verify failed: (certificate is not yet valid)", Some(Time)),
            ("certificate verify failed: (Hostname mismatch)", Some(Host)),
            ("certificate verify failed: (IP address mismatch)", Some(Host)),
            ("The certificate was not trusted.", Some(Issuer)),
            (
                "A certificate chain processed, but terminated in a root certificate which is not trusted by the trust provider. (os error -2146762487)",
                Some(Issuer),
            ),
            (
                "A required certificate is not within its validity period when verifying against the current system clock",
                Some(Time),
            ),
            ("The certificate's CN name does not match the passed value. (os error -2146762481)", Some(Host)),
            ("The target principal name is incorrect. (os error -2146893022)", Some(Host)),
            ("received fatal alert: CertificateRequired", None),
            ("error:14094412:SSL routines:ssl3_read_bytes:sslv3 alert bad certificate", None),
            ("received corrupt message of type InvalidContentType", None),
            ("tls handshake eof", None),
            ("Connection refused (os error 111)", None),
        ] {
            assert_eq!(CertificateFault::of(&text.to_lowercase()), fault, "{text}");
        }
    }
}
