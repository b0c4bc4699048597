//! The metadata service: what a server can ask about itself, from inside. A client of its own, because it has another
//! address, plain HTTP, and must never see credentials.

mod cloud;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use http::{HeaderValue, header::CONTENT_TYPE};
use serde::de::DeserializeOwned;
use url::Url;

use crate::{
    call::{after, rest},
    docs::wire_docs,
    endpoint::below,
    error::{Class, Error, Place, from_reqwest, from_response},
    model::{Operation, types::Metadata},
    tls,
    transport::{
        base_url, bounded, max_response_size,
        network::{Proxy, Trust},
        settings::{USER_AGENT, http_client, not_zero, size_not_zero},
    },
    wire::Problem,
};
use cloud::{Page, is_upcloud, names_upcloud};

const ADDRESS: &str = "http://169.254.169.254";
/// The document holds user data and little else; this is many times what fits into a create.
const RESPONSE_SIZE: u64 = 4 * 1024 * 1024;
/// Longer rests than this are a mistake, or a way to say that there is no service.
const LONGEST_PAUSE: Duration = Duration::from_secs(60 * 60);
/// Nobody who asks for metadata waits longer because the service asks for it.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// What a look at whether there is a service may take.
const LOOK: Duration = Duration::from_secs(1);

/// A client of the metadata service. It sends no credentials, uses no proxy and follows no redirect.
///
/// Other clouds have services at the same address, and networks have pages for people that answer everywhere. So an answer
/// counts only if its `cloud_name` is that of UpCloud: [`get`](Self::get) finds it in the document;
/// [`field`](Self::field) and [`folder`](Self::folder) ask for it first, once for a client and its clones. Of anything else
/// nothing is handed over: it is an error that says that this is not UpCloud's service.
///
/// ```no_run
/// # async fn example() -> Result<(), upcloud::Error> {
/// let service = upcloud::MetadataClient::new()?;
/// if service.is_available().await {
///     let metadata = service.get().await?;
///     println!("{} in {}", metadata.hostname, metadata.region);
///     println!("{:?}", service.folder("storage/disks").await?);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct MetadataClient {
    http: reqwest::Client,
    base: Url,
    timeout: Duration,
    attempts: u32,
    pause: Duration,
    max_response_size: u64,
    /// Whether it was UpCloud's once.
    known: Arc<AtomicBool>,
}

/// Settings of a [`MetadataClient`].
#[derive(Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct MetadataClientBuilder {
    base: String,
    timeout: Duration,
    attempts: u32,
    pause: Duration,
    max_response_size: u64,
}

impl MetadataClientBuilder {
    /// Another address, for tests: scheme, host and port. A user name or a password in it is an error of
    /// [`build`](Self::build), for nothing is sent but the request.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base = url.into();
        self
    }

    /// How long one attempt may take, 2 seconds by default. `Duration::MAX` means no limit; zero is an error of
    /// [`build`](Self::build).
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// How often to try when there is no answer, or an answer that tells of trouble of the service itself; 3 times by
    /// default. 0 counts as 1.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// How long to rest between two attempts, 2 seconds by default; zero means not at all, and more than an hour is an error
    /// of [`build`](Self::build). An answer with `Retry-After` makes the rest longer; if it asks for more than a minute,
    /// there is no further attempt.
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// How large the body of an answer may be, in bytes; 4 MiB by default, and 1 MiB at most for one that tells of failure.
    /// A larger answer is an error for which [`is_decode`](Error::is_decode) is true. `u64::MAX` means no limit for
    /// successes; zero is an error of [`build`](Self::build).
    pub fn max_response_size(mut self, bytes: u64) -> Self {
        self.max_response_size = bytes;
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// All of them are [configuration errors](Error::is_configuration): when the address is no HTTP address or has more than
    /// scheme, host and port, when a limit is zero, or the pause is longer than an hour.
    pub fn build(self) -> Result<MetadataClient, Error> {
        let base = base_url::read("the address of the metadata service", &self.base, ADDRESS)?;
        not_zero("`MetadataClientBuilder::timeout`", Some(self.timeout))?;
        size_not_zero("`MetadataClientBuilder::max_response_size`", Some(self.max_response_size))?;
        if self.pause > LONGEST_PAUSE {
            return Err(Error::configuration(format!(
                "`MetadataClientBuilder::pause` is {:?}, allowed: up to an hour",
                self.pause
            )));
        }
        let http = http_client(&base, &HeaderValue::from_static(USER_AGENT), &Proxy::None)?;
        let http = tls::http_client(http, base.as_str(), &Trust::default())?;
        let Self { timeout, attempts, pause, max_response_size, .. } = self;
        Ok(MetadataClient { http, base, timeout, attempts, pause, max_response_size, known: Arc::default() })
    }
}

impl fmt::Debug for MetadataClientBuilder {
    /// Without what may be a password in the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetadataClientBuilder")
            .field("base", &base_url::shown(&self.base))
            .field("timeout", &self.timeout)
            .field("attempts", &self.attempts)
            .field("pause", &self.pause)
            .field("max_response_size", &self.max_response_size)
            .finish()
    }
}

impl MetadataClient {
    /// A client with default settings.
    ///
    /// # Errors
    ///
    /// When the HTTP client cannot be made.
    pub fn new() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// A client with other settings.
    pub fn builder() -> MetadataClientBuilder {
        MetadataClientBuilder {
            base: ADDRESS.to_owned(),
            timeout: Duration::from_secs(2),
            attempts: 3,
            pause: Duration::from_secs(2),
            max_response_size: RESPONSE_SIZE,
        }
    }

    /// Everything at once. It is tried again as the [builder](MetadataClientBuilder::attempts) says, and may be at any time.
    ///
    /// # Errors
    ///
    /// Outside of a server there is no connection or a timeout; [`is_not_found`](Error::is_not_found) tells that the service
    /// is switched off for this server; [`is_decode`](Error::is_decode) that it is not UpCloud's, or that its document cannot
    /// be understood. The message tells them apart.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let uuid = fake.add_server(upcloud::fake::ServerSeed::new("web-1.example.net").metadata());
    /// # fake.metadata_for(uuid);
    /// # let service = upcloud::MetadataClient::builder().base_url(fake.base_url()).build()?;
    /// let metadata = service.get().await?;
    /// assert_eq!(metadata.hostname, "web-1.example.net");
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("getMetadata")]
    pub async fn get(&self) -> Result<Metadata, Error> {
        let operation = Operation::GetMetadata;
        let begin = Instant::now();
        let page = self.read(DOCUMENT, operation, self.attempts).await.map_err(|e| self.explain(e, Asked::Service))?;
        if !is_upcloud(&page) {
            return Err(self.stranger().during(Some(operation), true, begin.elapsed()));
        }
        self.known.store(true, Relaxed);
        decode(&page.text).map_err(|e| e.during(Some(operation), true, begin.elapsed()))
    }

    /// One field as text, by its path: `region`, `storage/disks/1/tier`. It is tried again as the
    /// [builder](MetadataClientBuilder::attempts) says, and may be at any time. The path is sent as it is given, with
    /// characters encoded that a URL cannot hold; one that would leave the tree (`..` in any spelling), or that has a
    /// backslash or a control character, is a [configuration error](Error::is_configuration), and nothing is sent.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get); and [`is_not_found`](Error::is_not_found) may also tell that there is no such field.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let uuid = fake.add_server(upcloud::fake::ServerSeed::new("web-1.example.net").metadata());
    /// # fake.metadata_for(uuid);
    /// # let service = upcloud::MetadataClient::builder().base_url(fake.base_url()).build()?;
    /// assert_eq!(service.field("hostname").await?, "web-1.example.net");
    /// assert!(service.folder("").await?.contains(&"region".to_owned()));
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("getMetadataField")]
    pub async fn field(&self, path: &str) -> Result<String, Error> {
        let path = path.trim_start_matches('/');
        let operation = if path.is_empty() { Operation::ListMetadataFields } else { Operation::GetMetadataField };
        let begin = Instant::now();
        let path = format!("{TREE}{path}");
        // Looked at before anything is sent.
        self.url(&path).map_err(|e| e.during(Some(operation), true, begin.elapsed()))?;
        let fresh = !self.known.load(Relaxed);
        if fresh {
            self.find_out(self.attempts).await?;
        }
        let page = self.read(&path, operation, self.attempts).await.map_err(|e| self.explain(e, Asked::Field))?;
        // A page for people may come up later as well. User data can be one, and is handed over if the service is there.
        if page.is_html() {
            if !FREE_TEXTS.iter().any(|name| path == format!("{TREE}{name}")) {
                return Err(self.stranger().during(Some(operation), true, begin.elapsed()));
            }
            if !fresh {
                self.find_out(self.attempts).await?;
            }
        }
        Ok(page.text)
    }

    /// The names in a folder, folders among them with a slash at the end; the top of the tree is `""`.
    ///
    #[doc = wire_docs!("listMetadataFields")]
    pub async fn folder(&self, path: &str) -> Result<Vec<String>, Error> {
        let text = self.field(path).await?;
        Ok(text.lines().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect())
    }

    /// Whether UpCloud's service answers, found out in one attempt of one second at most. False for the service of another
    /// cloud, for a page that answers in its place, and where the metadata of this server are switched off.
    pub async fn is_available(&self) -> bool {
        let quick = Self { timeout: self.timeout.min(LOOK), ..self.clone() };
        tokio::time::timeout(LOOK, quick.find_out(1)).await.is_ok_and(|found| found.is_ok())
    }

    /// Asks for the name of the cloud, or looks for it in the document where there is no tree.
    async fn find_out(&self, attempts: u32) -> Result<(), Error> {
        let operation = Operation::GetMetadataField;
        let begin = Instant::now();
        let found = match self.read(CLOUD_NAME, operation, attempts).await {
            Ok(page) => names_upcloud(&page),
            Err(error) if error.is_not_found() => is_upcloud(
                &self.read(DOCUMENT, operation, attempts).await.map_err(|e| self.explain(e, Asked::Service))?,
            ),
            Err(error) => return Err(self.explain(error, Asked::Service)),
        };
        self.known.store(found, Relaxed);
        if found { Ok(()) } else { Err(self.stranger().during(Some(operation), true, begin.elapsed())) }
    }

    /// The error for answers of somebody else.
    fn stranger(&self) -> Error {
        let text = format!("what answers at {} is not UpCloud's metadata service", self.place());
        Error::new(Class::Decode, text)
    }

    /// What a failure means for somebody who asks for metadata.
    fn explain(&self, error: Error, asked: Asked) -> Error {
        let place = self.place();
        match error.class() {
            Class::Connect | Class::Timeout | Class::Transport => {
                error.saying(|text| format!("no answer of the metadata service at {place}, this may be no UpCloud server: {text}"))
            }
            Class::Response if error.is_not_found() => match asked {
                Asked::Service if error.code().is_some() => error.saying(|text| {
                    format!("the metadata service is switched off for this server, switch on its `metadata`: {text}")
                }),
                Asked::Service => error.saying(|_| {
                    format!(
                        "{place} has no metadata of UpCloud: they are switched off for this server (its `metadata`), or \
                         it is no UpCloud server"
                    )
                }),
                Asked::Field => error.saying(|text| format!("there is no such field or folder: {text}")),
            },
            // Whoever refuses to tell its name need not be the service.
            Class::Response if matches!(asked, Asked::Service) && !error.is_transient() => error.saying(|text| {
                format!("what answers at {place} may not be UpCloud's metadata service: {text}")
            }),
            _ => error,
        }
    }

    fn place(&self) -> Place<'_> {
        let port = self.base.port_or_known_default().unwrap_or_default();
        Place { host: self.base.host_str().unwrap_or_default(), port, proxy: None }
    }

    fn url(&self, path: &str) -> Result<Url, Error> {
        below(&self.base, path).map_err(|what| {
            Error::configuration(format!("the path of the field {what}: it stays in the tree of the metadata"))
        })
    }

    async fn read(&self, path: &str, operation: Operation, attempts: u32) -> Result<Page, Error> {
        let begin = Instant::now();
        let mut attempt = 1;
        loop {
            let error = match self.once(path).await {
                Ok(page) => return Ok(page),
                Err(error) => error,
            };
            let asked = error.retry_after().unwrap_or_default();
            if attempt >= attempts || !error.is_transient() || asked > LONGEST_WAIT {
                return Err(error.during(Some(operation), true, begin.elapsed()).after(attempt));
            }
            attempt += 1;
            rest(self.pause.max(asked), after(tokio::time::Instant::now(), Duration::MAX)).await;
        }
    }

    async fn once(&self, path: &str) -> Result<Page, Error> {
        let request = self.http.get(self.url(path)?);
        let request = match self.timeout {
            Duration::MAX => request,
            limit => request.timeout(limit),
        };
        let failed = |e: reqwest::Error| from_reqwest(&e, &self.place());
        let response = request.send().await.map_err(failed)?;
        let size = max_response_size(self.max_response_size, response.status());
        let response = bounded(response, size, None, None);
        if !response.status().is_success() {
            return Err(from_response(response).await);
        }
        let content_type = response.headers().get(CONTENT_TYPE).cloned();
        let body = response.bytes().await.map_err(failed)?;
        Ok(Page { content_type, text: String::from_utf8_lossy(&body).into_owned() })
    }
}

/// What was asked for, which decides what 404 means.
#[derive(Clone, Copy)]
enum Asked {
    Service,
    Field,
}

const DOCUMENT: &str = "/metadata/v1.json";
const TREE: &str = "/metadata/v1/";
const CLOUD_NAME: &str = "/metadata/v1/cloud_name";
/// The fields that hold what a user wrote, whatever that is.
const FREE_TEXTS: [&str; 2] = ["user_data", "vendor_data"];

fn decode<T: DeserializeOwned>(body: &str) -> Result<T, Error> {
    // The document holds user data, so its text is not quoted.
    serde_json::from_str(body).map_err(|e| {
        let (text, at) = (e.to_string(), format!("line {} column {}", e.line(), e.column()));
        let reason = Problem::told_by(&text).map_or_else(|| format!("it is no JSON at {at}"), str::to_owned);
        Error::new(Class::Decode, format!("the metadata cannot be understood: {reason}"))
    })
}

impl fmt::Debug for MetadataClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetadataClient")
            .field("base", &self.base.as_str())
            .field("timeout", &self.timeout)
            .field("attempts", &self.attempts)
            .field("pause", &self.pause)
            .field("max_response_size", &self.max_response_size)
            .finish_non_exhaustive()
    }
}
