//! Where a service is: its base URL, read and checked once, and what the HTTP client must never do with it.

use std::{
    ffi::OsString,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
};

use url::{Host, Url};

use crate::error::Error;

/// Where the API is unless it is said.
pub(crate) const BASE_URL: &str = "https://api.upcloud.com";
/// The version of the API, which stands in the path.
pub(crate) const VERSION: &str = "1.3";

/// A base URL without credentials, query and fragment, of one of these schemes. `from` says who gave it, `example` how one
/// looks; the text itself is never shown, for it may hold a password.
pub(crate) fn read(from: &str, text: &str, example: &str) -> Result<Url, Error> {
    let wrong =
        |what: &str| Error::configuration(format!("{from} {what}: give scheme, host and port, {example} for example"));
    let text = text.trim();
    // The parser of URLs mends what browsers mend: it drops tabs and newlines, and takes what comes after any number of
    // slashes for the host. With an unset variable in its place that is another machine.
    let Some((scheme, rest)) = text.split_once(':') else { return Err(wrong("is no URL")) };
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Err(wrong("is neither https nor http"));
    }
    if text.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(wrong("has a character that no URL has"));
    }
    let Some(authority) = rest.strip_prefix("//") else { return Err(wrong("has no `//` before its host")) };
    if authority.is_empty() || authority.starts_with(['/', '?', '#', ':']) {
        return Err(wrong("names no host"));
    }
    let url = Url::parse(text).map_err(|_| wrong("is no URL"))?;
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("has more than a scheme, a host and a path"));
    }
    if !url.has_host() {
        return Err(wrong("names no host"));
    }
    Ok(url)
}

/// The base URL of the API with the version, without a slash at the end: the API answers 404 to a doubled one.
pub(crate) fn api(from: &str, text: &str) -> Result<Url, Error> {
    let mut url = read(from, text, BASE_URL)?;
    if url.scheme() != "https" && !is_loopback(&url) {
        return Err(Error::configuration(format!(
            "{from} is plain HTTP to another machine, which would show the credentials to the network: give an https \
             URL, {BASE_URL} for example"
        )));
    }
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix(VERSION).and_then(|path| path.strip_suffix('/')).unwrap_or(path);
    let path = format!("{}/{VERSION}", path.trim_end_matches('/'));
    url.set_path(&path);
    Ok(url)
}

/// Whether nothing that is sent there leaves this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == LOCALHOST,
        None => false,
    }
}

const LOCALHOST: &str = "localhost";

/// What is for this machine goes there directly: neither a proxy of the environment nor a file or a service that gives
/// addresses to names can send it elsewhere.
pub(crate) fn stays_here(http: reqwest::ClientBuilder, url: &Url) -> reqwest::ClientBuilder {
    if !is_loopback(url) {
        return http;
    }
    let addresses: [SocketAddr; 2] = [(Ipv4Addr::LOCALHOST, 0).into(), (Ipv6Addr::LOCALHOST, 0).into()];
    http.no_proxy().resolve_to_addrs(LOCALHOST, &addresses)
}

/// The variable that names a proxy for this URL, unless another one makes an exception.
pub(crate) fn proxy(url: &Url, env: &dyn Fn(&str) -> Option<OsString>) -> Option<&'static str> {
    let set = |name: &&str| env(name).is_some_and(|value| !value.is_empty());
    if is_loopback(url) { None } else { ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"].into_iter().find(set) }
}

/// The text of a base URL for people: without what stands before an `@`, and without a query.
pub(crate) fn shown(text: &str) -> String {
    if !text.contains(['@', '?', '#']) {
        return text.to_owned();
    }
    let Ok(url) = Url::parse(text) else { return "[redacted]".to_owned() };
    let Some(host) = url.host() else { return "[redacted]".to_owned() };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://[redacted]@{host}{port}{}", url.scheme(), url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls() {
        for (text, base) in [
            ("https://api.upcloud.com", Ok("https://api.upcloud.com/1.3")),
            ("https://api.upcloud.com/", Ok("https://api.upcloud.com/1.3")),
            ("https://api.upcloud.com/1.3/", Ok("https://api.upcloud.com/1.3")),
            (" HTTPS://API.upcloud.com/1.3 ", Ok("https://api.upcloud.com/1.3")),
            ("https://proxy.example.net/upcloud//", Ok("https://proxy.example.net/upcloud/1.3")),
            ("https://proxy.example.net/v1.3", Ok("https://proxy.example.net/v1.3/1.3")),
            ("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080/1.3")),
            ("http://127.9.9.9", Ok("http://127.9.9.9/1.3")),
            ("http://[::1]:80", Ok("http://[::1]/1.3")),
            ("http://localhost:8080", Ok("http://localhost:8080/1.3")),
            ("http://LOCALHOST:8080", Ok("http://localhost:8080/1.3")),
            ("http://api.upcloud.com", Err("plain HTTP to another machine")),
            ("http://10.0.0.1", Err("plain HTTP to another machine")),
            ("http://0.0.0.0", Err("plain HTTP to another machine")),
            ("http://[::ffff:127.0.0.1]", Err("plain HTTP to another machine")),
            ("http://localhost.example.net", Err("plain HTTP to another machine")),
            ("http://localhost.", Err("plain HTTP to another machine")),
            ("http://127.0.0.1.example.net", Err("plain HTTP to another machine")),
            ("ftp://127.0.0.1", Err("neither https nor http")),
            ("file:///etc/passwd", Err("neither https nor http")),
            ("https://user:pw@api.upcloud.com", Err("more than a scheme")),
            ("https://pw@api.upcloud.com", Err("more than a scheme")),
            ("https://@api.upcloud.com", Err("more than a scheme")),
            ("https://api.upcloud.com?x=1", Err("more than a scheme")),
            ("https://api.upcloud.com#pw", Err("more than a scheme")),
            ("api.upcloud.com", Err("is no URL")),
            ("", Err("is no URL")),
            ("https://api.upcloud.com:pw", Err("is no URL")),
        ] {
            match (api("the base URL", text), base) {
                (Ok(found), Ok(expected)) => assert_eq!(found.as_str(), expected, "{text}"),
                (Err(error), Err(part)) => {
                    assert!(error.message().contains(part), "{text}: {error}");
                    assert!(!error.message().contains("pw"), "{text}: {error}");
                    assert!(error.is_configuration());
                }
                (found, _) => panic!("{text}: {found:?}"),
            }
        }
    }

    #[test]
    fn an_unset_variable_names_no_other_machine() {
        for text in [
            "https:///1.3",
            "https:////1.3",
            "https://",
            "https:",
            "https:/1.3",
            "https:api.upcloud.com",
            "https:/api.upcloud.com",
            "https:\\\\api.upcloud.com",
            "https://\\api.upcloud.com",
            "https:/\\api.upcloud.com",
            "https://\t/1.3",
            "https://\n/1.3",
            "https://api.up\ncloud.com",
            "ht\ntps://api.upcloud.com",
            "https:// /1.3",
            "https://:443/1.3",
            "https://?host=api.upcloud.com",
            "http:///127.0.0.1",
            "http:127.0.0.1",
        ] {
            let error = api("UPCLOUD_DEBUG_API_BASE_URL", text).expect_err(text);
            assert!(error.is_configuration() && error.message().starts_with("UPCLOUD_DEBUG_API_BASE_URL "), "{error}");
        }
    }

    #[test]
    fn localhost_is_this_machine_whatever_names_say() {
        let of = |text: &str| {
            let url = api("the base URL", text).expect(text);
            format!("{:?}", stays_here(reqwest::Client::builder(), &url))
        };
        for text in ["http://localhost:1", "https://localhost", "http://127.0.0.1", "http://[::1]"] {
            let shown = of(text);
            assert!(shown.contains(r#""localhost": [127.0.0.1:0, [::1]:0]"#), "{text}: {shown}");
        }
        assert!(!of("https://api.upcloud.com").contains("localhost"));
    }

    #[test]
    fn shown_without_credentials() {
        for (text, expected) in [
            ("http://127.0.0.1:1/x", "http://127.0.0.1:1/x"),
            ("http://ann:hunter2@127.0.0.1:1/x", "http://[redacted]@127.0.0.1:1/x"),
            ("http://a@b:hunter2@c", "http://[redacted]@c/"),
            ("ann:hunter2@127.0.0.1", "[redacted]"),
            ("127.0.0.1?hunter2", "[redacted]"),
            ("http://ann:hun?ter2@127.0.0.1", "[redacted]"),
            ("http://127.0.0.1:1?token=a@hunter2", "http://[redacted]@127.0.0.1:1/"),
            ("http://127.0.0.1:1#hunter2", "http://[redacted]@127.0.0.1:1/"),
        ] {
            assert_eq!(shown(text), expected);
        }
    }
}
