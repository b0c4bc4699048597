//! The client and its builder: where settings are read and checked, once.

use std::{env, ffi::OsString, net::IpAddr, sync::Arc, time::Duration};

use tracing::Span;
use url::{Host, Url};

use crate::{
    Credentials, Error, RetryPolicy,
    catalog::Catalog,
    generated,
    retry::Budget,
    server::Servers,
    server_group::ServerGroups,
    tls,
    transport::{Call, Query, Shared},
};

const BASE_URL: &str = "https://api.upcloud.com";
pub(crate) const VERSION: &str = "1.3";
pub(crate) const USER_AGENT: &str = concat!("upcloud-rust/", env!("CARGO_PKG_VERSION"));

/// A client of the UpCloud API. Cheap to clone; clones share connections and the budget of retries.
///
/// # Time limits
///
/// Unless the client ([`ClientBuilder::timeout`], [`ClientBuilder::attempt_timeout`]) or the call
/// ([`Request::timeout`](crate::Request::timeout), [`Request::attempt_timeout`](crate::Request::attempt_timeout)) says
/// otherwise:
///
/// | call | an attempt | the call with all its attempts |
/// | --- | --- | --- |
/// | start, unless it is asynchronous; hard restart | 5 minutes | 6 minutes |
/// | soft restart within *t* | 5 minutes + *t* | 6 minutes + *t* |
/// | soft stop that becomes hard after *t* | 1 minute + *t* | 2 minutes + *t*, 5 at least |
/// | any other | 1 minute | 5 minutes |
///
/// Connecting may take 10 seconds of an attempt ([`ClientBuilder::connect_timeout`]); because calls share connections, that
/// is the client's to say. A [wait](crate::Servers::wait), an action [with a wait](crate::Request::and_wait) and an
/// [ensured state](crate::Servers::ensure_started) may take 15 minutes in all.
///
/// All futures and streams can be dropped at any time: what was sent may take effect all the same, and the client goes on.
///
/// # Spans
///
/// With `tracing`, each call is a span `upcloud.call` and each of its attempts a span `upcloud.attempt` within, at the level
/// `INFO`, with fields as OpenTelemetry names them: `otel.name`, `otel.kind`, `otel.status_code`, `error.type`,
/// `http.request.method`, `http.request.resend_count`, `http.response.status_code`, `server.address`, `server.port`,
/// `url.full` without its query, `url.template`. What it has no name for is `upcloud.operation`, `upcloud.server.uuid`,
/// `upcloud.server_group.uuid`, `upcloud.error_code`, `upcloud.attempt` and `upcloud.attempts`. There is never a header, a
/// body, a query or a secret in them. The wait before a further attempt is an event at `DEBUG`.
///
/// ```no_run
/// # async fn example() -> Result<(), upcloud::Error> {
/// let upcloud = upcloud::Client::from_env()?;
/// for server in upcloud.servers().list().await? {
///     println!("{} is {}", server.hostname, server.state);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Client {
    api: Arc<generated::Client>,
}

impl Client {
    /// A client with credentials from the environment (see [`Credentials::from_env`]) and default settings.
    ///
    /// # Errors
    ///
    /// When no credentials are found, or `UPCLOUD_DEBUG_API_BASE_URL` is set to something that is no base URL.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().credentials(Credentials::from_env()?).build()
    }

    /// A client with other settings.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Servers: list, create, start, stop, delete, and wait for what becomes of them.
    #[must_use]
    pub fn servers(&self) -> Servers {
        Servers::new(self)
    }

    /// Server groups: their members and their anti-affinity policy.
    #[must_use]
    pub fn server_groups(&self) -> ServerGroups {
        ServerGroups::new(self)
    }

    /// What a create needs to know first: templates, CD-ROMs, plans, zones and time zones.
    #[must_use]
    pub fn catalog(&self) -> Catalog {
        Catalog::new(self)
    }

    /// The generated client with the settings and credentials of this one, for what the hand layer does not offer. Its calls
    /// are sent once, and only the connection has a time limit. Its errors are those of the generator, which hold the answer as
    /// it came, secrets included: log none of them.
    #[must_use]
    pub fn generated(&self) -> generated::Client {
        generated::Client::clone(&self.api)
    }

    /// What all calls share.
    pub(crate) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.api.inner.shared)
    }

    /// The generated client for one request within this span.
    pub(crate) fn api(&self, query: Option<Query>, span: Span) -> generated::Client {
        let generated::Client { baseurl, client, inner } = &*self.api;
        generated::Client { baseurl: baseurl.clone(), client: client.clone(), inner: inner.again(query, span) }
    }
}

/// Settings of a [`Client`].
///
/// # TLS
///
/// The features of the crate decide, with the names and the meaning that they have in reqwest. Where several are on, whoever of
/// the program asked for them, the first of these rules that applies decides:
///
/// 1. `native-tls`: what the operating system offers, OpenSSL on Linux.
/// 2. `default-tls`: rustls with the provider that the program installed, or else with aws-lc-rs.
/// 3. `rustls-no-provider`: rustls with the provider that the program installed. Where it installed none,
///    [`build`](Self::build) gives an error for https.
///
/// All trust the certificates of the operating system, and speak HTTP/1.1. Plain HTTP (to loopback, and to the metadata
/// service) needs none of it. A client takes the provider that is installed when it is built.
///
/// ```
/// use std::time::Duration;
/// use upcloud::{Client, Credentials};
///
/// let upcloud = Client::builder()
///     .credentials(Credentials::basic("robot", "secret"))
///     .base_url("http://127.0.0.1:8080")
///     .timeout(Duration::from_secs(30))
///     .build()?;
/// # Ok::<(), upcloud::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder {
    credentials: Option<Credentials>,
    base_url: Option<String>,
    user_agent: String,
    connect_timeout: Duration,
    timeout: Option<Duration>,
    attempt_timeout: Option<Duration>,
    retry: RetryPolicy,
    retry_budget: u32,
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            credentials: None,
            base_url: None,
            user_agent: USER_AGENT.to_owned(),
            connect_timeout: Duration::from_secs(10),
            timeout: None,
            attempt_timeout: None,
            retry: RetryPolicy::default(),
            retry_budget: 100,
        }
    }
}

impl ClientBuilder {
    /// The credentials. Without them [`build`](Self::build) looks in the environment.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// An API token, see [`Credentials::token`].
    pub fn token(self, token: impl Into<crate::Secret>) -> Self {
        self.credentials(Credentials::token(token))
    }

    /// Where the API is: scheme, host and port, without the version. The default is `https://api.upcloud.com`, or the
    /// variable `UPCLOUD_DEBUG_API_BASE_URL` if it is set. Plain HTTP is possible to loopback addresses only.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// What stands before the crate's own name in the `User-Agent` header, `my-tool/1.2` for example.
    pub fn user_agent(mut self, product: impl AsRef<str>) -> Self {
        self.user_agent = format!("{} {USER_AGENT}", product.as_ref());
        self
    }

    /// How long connecting may take, 10 seconds by default.
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// How long a call may take as a whole, with all attempts and waits. The default depends on the call, see
    /// [`Request::timeout`](crate::Request::timeout).
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// How long one attempt may take. The default depends on the call, see
    /// [`Request::attempt_timeout`](crate::Request::attempt_timeout).
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt_timeout = Some(limit);
        self
    }

    /// What is tried again, and after which waits.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// The tokens that all clones of the client share for their retries, 100 by default. A retry takes
    /// [5 of them](RetryPolicy::budget_cost), a call that succeeds puts one back; with too few nothing is tried again. So in
    /// the long run there is at most one retry for every five successes.
    pub fn retry_budget(mut self, tokens: u32) -> Self {
        self.retry_budget = tokens;
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// When there are no credentials, or the base URL is none, or it is plain HTTP to another machine, or https without the TLS
    /// for it (see [above](Self#tls)): no feature, no provider, or no certificates of the operating system.
    pub fn build(self) -> Result<Client, Error> {
        self.build_with(&|name| env::var_os(name))
    }

    fn build_with(self, env: &dyn Fn(&str) -> Option<OsString>) -> Result<Client, Error> {
        let credentials = match self.credentials {
            Some(credentials) => credentials,
            None => Credentials::from_lookup(env)?,
        };
        let (from, text) = match self.base_url {
            Some(text) => ("the base URL", text),
            None => ("UPCLOUD_DEBUG_API_BASE_URL", base_url_of(env)?),
        };
        let base = base_url(from, &text)?;
        let http = reqwest::Client::builder()
            .user_agent(self.user_agent)
            .connect_timeout(self.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false);
        let http = tls::http_client(http, &base)?;
        let url = Url::parse(&base).map_err(|_| Error::configuration("the base URL is none"))?;
        let shared = Shared {
            authorization: credentials.authorization()?,
            credentials,
            address: url.host_str().unwrap_or_default().to_owned(),
            port: url.port_or_known_default().unwrap_or_default(),
            retry: self.retry,
            total: self.timeout,
            attempt: self.attempt_timeout,
            budget: Budget::new(self.retry_budget),
        };
        let api = generated::Client::new_with_client(base.as_str(), http, Call::new(Arc::new(shared)));
        Ok(Client { api: Arc::new(api) })
    }
}

fn base_url_of(env: &dyn Fn(&str) -> Option<OsString>) -> Result<String, Error> {
    match env("UPCLOUD_DEBUG_API_BASE_URL").filter(|value| !value.is_empty()) {
        Some(value) => {
            value.into_string().map_err(|_| Error::configuration("UPCLOUD_DEBUG_API_BASE_URL is no valid text"))
        }
        None => Ok(BASE_URL.to_owned()),
    }
}

/// The base URL with the version, without a slash at the end: the API answers 404 to a doubled one.
fn base_url(from: &str, text: &str) -> Result<String, Error> {
    let wrong =
        |what: &str| Error::configuration(format!("{from} {what}: give scheme, host and port, {BASE_URL} for example"));
    let url = Url::parse(text.trim()).map_err(|_| wrong("is no URL"))?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("has more than a scheme, a host and a path"));
    }
    let loopback = match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::from(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::from(ip).is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => return Err(wrong("names no host")),
    };
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        "http" => {
            return Err(wrong("is plain HTTP to another machine, which would show the credentials to the network"));
        }
        _ => return Err(wrong("is neither https nor http")),
    }
    let base = url.as_str().trim_end_matches('/');
    let base = base.strip_suffix(VERSION).and_then(|base| base.strip_suffix('/')).unwrap_or(base);
    Ok(format!("{base}/{VERSION}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &'static [(&'static str, &'static str)]) -> impl Fn(&str) -> Option<OsString> {
        move |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
    }

    #[test]
    fn base_urls() {
        for (text, base) in [
            ("https://api.upcloud.com", Ok("https://api.upcloud.com/1.3")),
            ("https://api.upcloud.com/", Ok("https://api.upcloud.com/1.3")),
            ("https://api.upcloud.com/1.3/", Ok("https://api.upcloud.com/1.3")),
            ("https://proxy.example.net/upcloud//", Ok("https://proxy.example.net/upcloud/1.3")),
            ("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080/1.3")),
            ("http://127.9.9.9", Ok("http://127.9.9.9/1.3")),
            ("http://[::1]:80", Ok("http://[::1]/1.3")),
            ("http://localhost:8080", Ok("http://localhost:8080/1.3")),
            ("http://api.upcloud.com", Err("plain HTTP to another machine")),
            ("http://10.0.0.1", Err("plain HTTP to another machine")),
            ("http://localhost.example.net", Err("plain HTTP to another machine")),
            ("ftp://127.0.0.1", Err("neither https nor http")),
            ("https://user:pw@api.upcloud.com", Err("more than a scheme")),
            ("https://api.upcloud.com?x=1", Err("more than a scheme")),
            ("api.upcloud.com", Err("is no URL")),
            ("", Err("is no URL")),
        ] {
            match (base_url("the base URL", text), base) {
                (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{text}"),
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
    fn the_environment_gives_credentials_and_base_url() {
        let client = Client::builder()
            .build_with(&env(&[("UPCLOUD_TOKEN", "ucat_1"), ("UPCLOUD_DEBUG_API_BASE_URL", "http://127.0.0.1:9")]))
            .expect("a client");
        assert_eq!(client.api.baseurl, "http://127.0.0.1:9/1.3");
        assert!(format!("{client:?}").contains("Credentials(token)"), "{client:?}");
        assert!(!format!("{client:?}").contains("ucat_1"), "{client:?}");
    }

    #[test]
    fn what_the_caller_says_goes_before_the_environment() {
        let client = Client::builder()
            .credentials(Credentials::basic("ann", "pw"))
            .base_url("http://127.0.0.1:1")
            .build_with(&env(&[("UPCLOUD_TOKEN", "t"), ("UPCLOUD_DEBUG_API_BASE_URL", "http://127.0.0.1:2")]))
            .expect("a client");
        assert_eq!(client.api.baseurl, "http://127.0.0.1:1/1.3");
        assert!(format!("{client:?}").contains("password of \"ann\""));
    }

    #[test]
    fn a_wrong_base_url_in_the_environment_is_named() {
        let error = Client::builder()
            .token("t")
            .build_with(&env(&[("UPCLOUD_DEBUG_API_BASE_URL", "nonsense")]))
            .expect_err("no URL");
        assert!(error.message().starts_with("UPCLOUD_DEBUG_API_BASE_URL is no URL"), "{error}");
    }
}
