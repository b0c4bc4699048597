//! The client and its builder: where settings are read and checked, once.

use std::{env, ffi::OsString, fmt, sync::Arc, time::Duration};

use http::{HeaderValue, Method};

use crate::{
    Credentials, Error, RetryPolicy,
    catalog::Catalog,
    endpoint::EndpointCall,
    retry::Budget,
    server::Servers,
    server_group::ServerGroups,
    tls,
    transport::{
        Api, Attempt, Connection, Hooks, InProcess, OnAttempt, Shared,
        base_url::{self, BASE_URL},
        network::{Network, Proxy},
        settings::{USER_AGENT, http_client, not_zero, size_not_zero},
    },
};

/// A list of 100,000 servers must fit: one of them takes 0.3 to 0.6 kB in the examples of the description, so this is the
/// double of such a list, for labels, tags and what the API may add.
const RESPONSE_SIZE: u64 = 128 * 1024 * 1024;

const SKIP_VERIFY: &str = "UPCLOUD_DEBUG_SKIP_CERTIFICATE_VERIFY";

/// A client of the UpCloud API. Cheap to clone; clones share connections and the budget of retries.
///
/// # Time limits
///
/// Unless the client ([`ClientBuilder::timeout`], [`ClientBuilder::attempt_timeout`]) or the call
/// (its own `timeout` and `attempt_timeout`, such as [`CreateServerCall::timeout`](crate::calls::CreateServerCall::timeout)) says
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
/// is the client's to say. A [wait](crate::wait::Wait), an [action with a wait](crate::wait::ServerAction) and an
/// [ensured state](crate::Servers::ensure_started) may take 15 minutes in all.
///
/// All futures and streams can be dropped at any time: what was sent may take effect all the same, and the client goes on.
///
/// # Runtimes
///
/// A client makes its calls in a tokio runtime with time and network switched on. **A connection belongs to the runtime
/// that opened it.** A client that is used in a second runtime, such as one runtime for each test or each `block_on`, may
/// take a connection that only the first one can drive: while the first one stands still, the call hangs for its whole
/// attempt, and a create whose attempt is over is [in doubt](Error::may_have_taken_effect). Make one client for each
/// runtime; a clone shares the connections and does not help.
///
/// # Without async
///
/// There is no blocking face: each call is a future, and a runtime makes a blocking call of it. Another face would double
/// every method, and hide that a wait of minutes holds a thread.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = upcloud::fake::Fake::start_blocking();
/// # let upcloud = fake.client();
/// let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// let servers = runtime.block_on(upcloud.servers().list())?;
/// println!("{} servers", servers.len());
/// # Ok(()) }
/// ```
///
/// In a browser (`wasm32-unknown-unknown`) the crate does not compile: the reqwest of that target has neither time limits for
/// connecting, nor a way to refuse redirects and retries, which this crate counts on. This was read in its source and not
/// tried.
///
/// # Proxies and certificates
///
/// The environment decides, as it does for the program's other HTTP clients: `HTTPS_PROXY` or `ALL_PROXY`, in upper or
/// lower case, names the proxy, and `NO_PROXY` what goes past it. A proxy sees the host and the port, never the request or
/// the credentials, which are inside TLS from here to the API. What is for loopback never goes through a proxy. With rustls
/// on Linux, and with OpenSSL, `SSL_CERT_FILE` names a file of certificates that are trusted in the place of those of the
/// operating system.
///
/// A program says otherwise with [`ClientBuilder::proxy`], [`no_proxy`](ClientBuilder::no_proxy),
/// [`root_certificate`](ClientBuilder::root_certificate) and [`client_certificate`](ClientBuilder::client_certificate), or gives
/// an HTTP client of its own with [`http_client`](ClientBuilder::http_client).
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
    connection: Connection,
}

impl Client {
    /// A client with credentials from the environment (see [`Credentials::from_env`]) and default settings.
    ///
    /// Two more variables are looked at, as the vendor's tools do: `UPCLOUD_DEBUG_API_BASE_URL` says where the API is. And
    /// `UPCLOUD_DEBUG_SKIP_CERTIFICATE_VERIFY=1` takes **any certificate from anybody**, so whoever is on the way gets the
    /// credentials: for a look at one's own traffic, never for use. Each client that is made so says it in a `tracing` event
    /// at the level `WARN`. Any other value leaves the checks on, and no setting of [`builder`](Self::builder) switches them off.
    ///
    /// # Errors
    ///
    /// When no credentials are found, or `UPCLOUD_DEBUG_API_BASE_URL` is set to something that is no base URL.
    pub fn from_env() -> Result<Self, Error> {
        Self::from_lookup(&|name| env::var_os(name))
    }

    fn from_lookup(env: &dyn Fn(&str) -> Option<OsString>) -> Result<Self, Error> {
        let mut builder = Self::builder();
        builder.network.trust.nothing_checked = env(SKIP_VERIFY).is_some_and(|value| value == "1");
        builder.build_with(env)
    }

    /// A client with other settings.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Servers: list, create, start, stop, delete, and wait for what becomes of them.
    #[must_use]
    pub fn servers(&self) -> Servers {
        Servers::new(self.connection.clone())
    }

    /// Server groups: their members and their anti-affinity policy.
    #[must_use]
    pub fn server_groups(&self) -> ServerGroups {
        ServerGroups::new(self.connection.clone())
    }

    /// What a create needs to know first: templates, CD-ROMs, plans, zones and time zones.
    #[must_use]
    pub fn catalog(&self) -> Catalog {
        Catalog::new(self.connection.clone())
    }

    /// Calls any endpoint of the API: `path` begins with a slash and stands below the version, which it may begin with:
    /// `/account` and `/1.3/account` are the same. The answer is JSON, `null` where there is none. `GET` and other safe
    /// methods are [retried](crate::RetryPolicy) as reads, `PUT` and `DELETE` as repeatable requests, and the rest as
    /// creates. Errors begin with method and path.
    ///
    /// The path is sent as it is given, with characters encoded that a URL cannot hold. A path that would leave the version
    /// (`..` in any spelling), that has a backslash or a control character, or that has a query or a fragment is a
    /// [configuration error](Error::is_configuration) of the call, and nothing is sent;
    /// [`without_checks`](EndpointCall::without_checks) does not change that. A query is added with [`query`](EndpointCall::query).
    ///
    /// ```
    /// use http::Method;
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// let zones = upcloud.endpoint(Method::GET, "/zone").await?;
    /// assert!(zones["zones"]["zone"].is_array());
    /// # Ok(()) }
    /// ```
    pub fn endpoint(&self, method: Method, path: impl Into<String>) -> EndpointCall {
        EndpointCall::new(&self.connection, method, path.into())
    }

    /// The generated client with the settings and credentials of this one, for what the rest of the crate does not offer. Its calls
    /// are sent once. Connecting has a time limit and the answer a largest size; the call as a whole has no time limit. Its
    /// errors are those of the generator, which hold the answer as it came, secrets included: log none of them.
    #[must_use]
    pub fn generated(&self) -> Api {
        self.connection.generated()
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
/// All trust the certificates of the operating system. They speak HTTP/1.1, with the feature `http2` HTTP/2 where the other side
/// offers it; with the feature `gzip` answers may come compressed. Plain HTTP (to loopback, and to the metadata service) is always
/// HTTP/1.1 and needs no TLS. A client takes the provider that is installed when it is built.
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
#[derive(Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder {
    credentials: Option<Credentials>,
    base_url: Option<String>,
    user_agent: String,
    connect_timeout: Duration,
    timeout: Option<Duration>,
    attempt_timeout: Option<Duration>,
    max_response_size: u64,
    retry: RetryPolicy,
    retry_budget: u32,
    in_process: Option<Arc<dyn InProcess>>,
    network: Network,
    on_attempt: Option<OnAttempt>,
    attempt_bodies: bool,
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
            max_response_size: RESPONSE_SIZE,
            retry: RetryPolicy::default(),
            retry_budget: 100,
            in_process: None,
            network: Network::default(),
            on_attempt: None,
            attempt_bodies: false,
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

    /// Where the API is: scheme, host and port, with or without the version. The default is `https://api.upcloud.com`, or
    /// the variable `UPCLOUD_DEBUG_API_BASE_URL` if it is set.
    ///
    /// Plain HTTP is possible to loopback only: to an address such as `127.0.0.1` or `[::1]`, or to `localhost`, which is
    /// `127.0.0.1` or `::1` here whatever `/etc/hosts` or DNS say. It never goes through a proxy. Anything else that is no
    /// base URL (no host, a user name, a query) is an error of [`build`](Self::build).
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self.in_process = None;
        self
    }

    /// What takes the requests in the place of the network.
    #[cfg(feature = "fake")]
    pub(crate) fn in_process(mut self, service: Arc<dyn InProcess>) -> Self {
        self.in_process = Some(service);
        self
    }

    /// What stands before the crate's own name in the `User-Agent` header, `my-tool/1.2` for example.
    pub fn user_agent(mut self, product: impl AsRef<str>) -> Self {
        self.user_agent = format!("{} {USER_AGENT}", product.as_ref());
        self
    }

    /// How long connecting may take, with the name look-up and the TLS handshake; 10 seconds by default. `Duration::MAX`
    /// means no limit of its own; zero is an error of [`build`](Self::build).
    pub fn connect_timeout(mut self, limit: Duration) -> Self {
        self.connect_timeout = limit;
        self
    }

    /// How long a call may take as a whole, with all attempts and waits. The default depends on the call, see
    /// [`Client`](Client#time-limits). `Duration::MAX` means no limit; zero is an error of
    /// [`build`](Self::build).
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = Some(limit);
        self
    }

    /// How long one attempt may take. The default depends on the call, see
    /// [`Client`](Client#time-limits). `Duration::MAX` means no limit; zero is an error of
    /// [`build`](Self::build).
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt_timeout = Some(limit);
        self
    }

    /// How large the body of an answer may be, in bytes after decompression; 128 MiB by default, which is enough for a list
    /// of 100,000 servers. A larger answer is not read any further: it is an error for which
    /// [`is_decode`](Error::is_decode) is true, and is not asked for again. While an answer is read and understood it
    /// takes several times its size. The body of an answer that tells of failure may have 1 MiB, or this if it is less.
    /// `u64::MAX` means no limit for successes; zero is an error of [`build`](Self::build).
    ///
    /// Each call has a method of this name too.
    pub fn max_response_size(mut self, bytes: u64) -> Self {
        self.max_response_size = bytes;
        self
    }

    /// Makes all requests with this HTTP client, whose settings then hold for certificates, proxies, HTTP versions, compression
    /// and the time limit of connecting: `connect_timeout` has no effect.
    ///
    /// What this crate's own client is made to be is then the caller's business:
    ///
    /// - **No redirects** (`redirect(Policy::none())`). One that is followed repeats the request at another address.
    /// - **No retries** (`retry(retry::never())`). What is tried again without this crate knowing may create a server twice.
    /// - **No proxy for loopback**, where the API may be plain HTTP: a proxy would see the credentials.
    /// - **No time limit** of the whole request: the limits of the call decide.
    ///
    /// The version of reqwest is 0.13, and a part of this method: another one is another type.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let http = reqwest::Client::builder()
    ///     .redirect(reqwest::redirect::Policy::none())
    ///     .retry(reqwest::retry::never())
    ///     .build()?;
    /// let upcloud = upcloud::Client::builder().token("ucat_...").http_client(http).build()?;
    /// # Ok(()) }
    /// ```
    ///
    /// Together with a certificate or a proxy it is an error of [`build`](Self::build).
    pub fn http_client(mut self, client: reqwest::Client) -> Self {
        self.network.http = Some(client);
        self.in_process = None;
        self
    }

    /// Trusts these certificates too, beside those of the operating system: that of a company's own CA, for example. PEM,
    /// one or more; can be called again for more. Something else is an error of [`build`](Self::build).
    pub fn root_certificate(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.network.trust.roots.push(pem.as_ref().to_vec());
        self
    }

    /// Shows this certificate to a gateway that asks for one: PEM, and its key as PEM in PKCS #8. Something else is an error of
    /// [`build`](Self::build).
    pub fn client_certificate(mut self, pem: impl AsRef<[u8]>, key: impl Into<crate::Secret>) -> Self {
        self.network.trust.own = Some((pem.as_ref().to_vec(), key.into()));
        self
    }

    /// Goes through this proxy instead of those of the environment: scheme (`http` or `https`), host and port, with a user
    /// name and a password if it asks for them. It sees the host and the port of the API, never the request. What is for
    /// loopback never goes through a proxy.
    ///
    /// ```
    /// let upcloud = upcloud::Client::builder().token("ucat_...").proxy("http://ann:secret@proxy.example.net:3128").build()?;
    /// # Ok::<(), upcloud::Error>(())
    /// ```
    pub fn proxy(mut self, url: impl Into<crate::Secret>) -> Self {
        self.network.proxy = Proxy::Url(url.into());
        self
    }

    /// Goes through no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.network.proxy = Proxy::None;
        self
    }

    /// Calls this at the end of each attempt of each call, for metrics or a log of one's own. `tracing` tells the same without
    /// any setting, see [`Client`](Client#spans). It runs within the call, so it should be quick. An attempt of a call that is
    /// dropped is not told, and the metadata service has no attempts of this kind.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// use std::sync::{Arc, atomic::{AtomicUsize, Ordering}};
    ///
    /// let bytes = Arc::new(AtomicUsize::new(0));
    /// let counted = Arc::clone(&bytes);
    /// let upcloud = fake
    ///     .client_builder()
    ///     .on_attempt(move |attempt| {
    ///         println!("{} {:?} {:?}", attempt.method(), attempt.url_template(), attempt.status());
    ///         counted.fetch_add(attempt.response_size().unwrap_or_default(), Ordering::Relaxed);
    ///     })
    ///     .build()?;
    /// upcloud.catalog().zones().await?;
    /// assert!(bytes.load(Ordering::Relaxed) > 0);
    /// # Ok(()) }
    /// ```
    pub fn on_attempt(mut self, tell: impl Fn(&Attempt<'_>) + Send + Sync + 'static) -> Self {
        self.on_attempt = Some(Arc::new(tell));
        self
    }

    /// Whether attempts are told with their bodies, without the secrets in them; off by default, because it costs a copy of
    /// each body. See [`Attempt::response_body`] for what is redacted.
    pub fn attempt_bodies(mut self, yes: bool) -> Self {
        self.attempt_bodies = yes;
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
    /// All of them are [configuration errors](Error::is_configuration), and nothing is sent: when there are no
    /// credentials, or they cannot be sent ([`Credentials`] says which those are); when the base URL is none, or is plain
    /// HTTP to another machine, or https without the TLS for it (see [above](Self#tls)): no feature, no provider, or no
    /// certificates of the operating system; when a certificate or a proxy cannot be read; when a limit is zero; when the user agent has characters that no header can carry.
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
        let url = base_url::api(from, &text)?;
        let timeouts = [("timeout", self.timeout), ("attempt_timeout", self.attempt_timeout)];
        for (setter, limit) in timeouts.into_iter().chain([("connect_timeout", Some(self.connect_timeout))]) {
            not_zero(&format!("`ClientBuilder::{setter}`"), limit)?;
        }
        size_not_zero("`ClientBuilder::max_response_size`", Some(self.max_response_size))?;
        let user_agent = HeaderValue::try_from(self.user_agent)
            .map_err(|_| Error::configuration("the user agent has characters that no HTTP header can carry"))?;
        self.network.check()?;
        let proxy = match self.network.proxy {
            Proxy::Environment => base_url::proxy(&url, env),
            Proxy::Url(_) if !base_url::is_loopback(&url) => Some("`ClientBuilder::proxy`"),
            _ => None,
        };
        let sends_user_agent = self.network.http.is_none() && self.in_process.is_none();
        let http = if let Some(http) = self.network.http {
            http
        } else {
            let http = http_client(&url, &user_agent, &self.network.proxy)?.https_only(url.scheme() == "https");
            let http = match self.connect_timeout {
                Duration::MAX => http,
                limit => http.connect_timeout(limit),
            };
            tls::http_client(http, url.as_str(), &self.network.trust)?
        };
        if self.network.trust.nothing_checked {
            tracing::warn!(
                "certificates are not checked, because {SKIP_VERIFY} is set: anybody can read the credentials"
            );
        }
        let shared = Shared {
            authorization: credentials.authorization()?,
            credentials,
            address: url.host_str().unwrap_or_default().to_owned(),
            port: url.port_or_known_default().unwrap_or_default(),
            proxy,
            retry: self.retry,
            total: self.timeout,
            attempt: self.attempt_timeout,
            max_response_size: self.max_response_size,
            budget: Budget::new(self.retry_budget),
            in_process: self.in_process,
            user_agent: (!sends_user_agent).then_some(user_agent),
            on_attempt: self.on_attempt,
            attempt_bodies: self.attempt_bodies,
        };
        let api = Api::new_with_client(url.as_str(), http, Hooks::new(Arc::new(shared)));
        Ok(Client { connection: Connection::new(api) })
    }
}

impl fmt::Debug for ClientBuilder {
    /// Without what may be a password in the base URL.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("credentials", &self.credentials)
            .field("base_url", &self.base_url.as_deref().map(base_url::shown))
            .field("user_agent", &self.user_agent)
            .field("network", &self.network)
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("max_response_size", &self.max_response_size)
            .field("retry", &self.retry)
            .field("retry_budget", &self.retry_budget)
            .field("on_attempt", &self.on_attempt.is_some())
            .field("attempt_bodies", &self.attempt_bodies)
            .finish_non_exhaustive()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &'static [(&'static str, &'static str)]) -> impl Fn(&str) -> Option<OsString> {
        move |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
    }

    #[test]
    fn the_environment_gives_credentials_and_base_url() {
        let client = Client::builder()
            .build_with(&env(&[("UPCLOUD_TOKEN", "ucat_1"), ("UPCLOUD_DEBUG_API_BASE_URL", "http://127.0.0.1:9")]))
            .expect("a client");
        assert_eq!(client.generated().baseurl, "http://127.0.0.1:9/1.3");
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
        assert_eq!(client.generated().baseurl, "http://127.0.0.1:1/1.3");
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
