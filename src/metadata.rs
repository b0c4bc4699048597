//! The metadata service: what a server can ask about itself, from inside. A client of its own, because it has another
//! address, plain HTTP, and must never see credentials.

use std::{
    fmt,
    time::{Duration, Instant},
};

use serde::de::DeserializeOwned;
use url::Url;

use crate::{
    Error, client,
    error::{Class, from_reqwest, from_response},
    generated::{Operation, types::Metadata},
    request::wire_docs,
    tls,
    wire::Problem,
};

const ADDRESS: &str = "http://169.254.169.254";

/// A client of the metadata service. It sends no credentials, uses no proxy and follows no redirect.
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
}

/// Settings of a [`MetadataClient`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct MetadataClientBuilder {
    base: String,
    timeout: Duration,
    attempts: u32,
    pause: Duration,
}

impl MetadataClientBuilder {
    /// Another address, for tests.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base = url.into();
        self
    }

    /// How long one attempt may take, 2 seconds by default.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.timeout = limit;
        self
    }

    /// How often to try when there is no answer, or an answer that tells of trouble of the service itself; 3 times by
    /// default.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// How long to rest between two attempts, 2 seconds by default.
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// The client.
    ///
    /// # Errors
    ///
    /// When the address is no HTTP address.
    pub fn build(self) -> Result<MetadataClient, Error> {
        let base = Url::parse(&self.base)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| {
                let text = "the address of the metadata service is none: give scheme, host and port";
                Error::configuration(format!("{text}, {ADDRESS} for example"))
            })?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .user_agent(client::USER_AGENT);
        let http = tls::http_client(http, base.as_str())?;
        Ok(MetadataClient { http, base, timeout: self.timeout, attempts: self.attempts, pause: self.pause })
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
        }
    }

    /// Everything at once. Outside of a server there is no connection or a timeout;
    /// [`is_not_found`](Error::is_not_found) tells that the service is switched off for this server.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let uuid = fake.add_server(upcloud::fake::AddServer::new("web-1.example.net").metadata());
    /// # fake.metadata_for(uuid);
    /// # let service = upcloud::MetadataClient::builder().base_url(fake.base_url()).build()?;
    /// let metadata = service.get().await?;
    /// assert_eq!(metadata.hostname, "web-1.example.net");
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("getMetadata")]
    pub async fn get(&self) -> Result<Metadata, Error> {
        let body = self.read("metadata/v1.json", Operation::GetMetadata, self.attempts).await?;
        decode(&body).map_err(|e| e.during(Some(Operation::GetMetadata), true, Duration::ZERO))
    }

    /// One field as text, by its path: `region`, `storage/disks/1/tier`. [`is_not_found`](Error::is_not_found) tells that
    /// there is no such field.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let uuid = fake.add_server(upcloud::fake::AddServer::new("web-1.example.net").metadata());
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
        self.read(&format!("metadata/v1/{path}"), operation, self.attempts).await
    }

    /// The names in a folder, folders among them with a slash at the end; the top of the tree is `""`.
    ///
    #[doc = wire_docs!("listMetadataFields")]
    pub async fn folder(&self, path: &str) -> Result<Vec<String>, Error> {
        let text = self.field(path).await?;
        Ok(text.lines().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect())
    }

    /// Whether the service answers, found out in one attempt of one second at most.
    pub async fn is_available(&self) -> bool {
        let quick = Self { timeout: self.timeout.min(Duration::from_secs(1)), ..self.clone() };
        quick.read("metadata/v1/", Operation::ListMetadataFields, 1).await.is_ok()
    }

    async fn read(&self, path: &str, operation: Operation, attempts: u32) -> Result<String, Error> {
        let begin = Instant::now();
        let mut attempt = 1;
        loop {
            match self.once(path).await {
                Ok(text) => return Ok(text),
                Err(error) if attempt < attempts && error.is_transient() => attempt += 1,
                Err(error) => return Err(error.during(Some(operation), true, begin.elapsed()).after(attempt)),
            }
            tokio::time::sleep(self.pause).await;
        }
    }

    async fn once(&self, path: &str) -> Result<String, Error> {
        let mut url = self.base.clone();
        // Set as a path, so that no character of a field's name can begin a query or a host.
        url.set_path(path);
        let response =
            self.http.get(url).timeout(self.timeout).send().await.map_err(|e| from_reqwest(&e.without_url()))?;
        if !response.status().is_success() {
            return Err(from_response(response).await);
        }
        response.text().await.map_err(|e| from_reqwest(&e.without_url()))
    }
}

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
            .finish_non_exhaustive()
    }
}
