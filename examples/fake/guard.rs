//! Which requests a web page may have made behind the back of its reader: by a name that leads here although it is another's,
//! or from a page of another origin.

use http::{HeaderMap, header, uri::Authority};

/// Knows under which names the fake may be asked.
pub(crate) struct Guard {
    names: Vec<String>,
}

impl Guard {
    pub(crate) fn new(names: &[String]) -> Self {
        Self { names: names.iter().map(|name| plain(name)).collect() }
    }

    /// Refuses a `Host` that is neither an address, nor this machine, nor a name that was allowed. A page can make its own
    /// name lead here and then read everything as its own; it cannot do so with an address. The port is not looked at: it is
    /// always the one that the request came to, unless a container or a tunnel has changed it.
    pub(crate) fn check_host<'a>(&self, hosts: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
        let mut hosts = hosts.into_iter().peekable();
        if hosts.peek().is_none() {
            return Err("the request has no Host".to_owned());
        }
        match hosts.find(|host| !self.allows(host)) {
            Some(host) => Err(format!(
                "the fake does not answer to the Host {host:?}, but to addresses and localhost; --allow-host adds a name"
            )),
            None => Ok(()),
        }
    }

    /// Refuses what a page of another origin sends: browsers name the page's in `Origin`, other clients send none.
    pub(crate) fn check_origin<'a>(host: &str, origins: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
        let own = format!("http://{host}");
        match origins.into_iter().find(|origin| !origin.eq_ignore_ascii_case(&own)) {
            Some(origin) => Err(format!("the controls do not obey a page of {origin:?}")),
            None => Ok(()),
        }
    }

    fn allows(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else { return false };
        let name = plain(authority.host());
        let is_address = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
        is_address || name == "localhost" || name.ends_with(".localhost") || self.names.contains(&name)
    }
}

/// A name as it is compared: without regard to case and to a dot at its end.
fn plain(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// The values of a header; one that is no text matches nothing that is allowed.
pub(crate) fn values(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    headers.get_all(name).iter().map(|value| value.to_str().unwrap_or_default())
}
