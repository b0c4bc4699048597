//! Listing servers: at once, or page by page.

use std::{
    collections::{HashSet, VecDeque},
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures_core::Stream;
use http::{HeaderMap, header::DATE};
use uuid::Uuid;

use crate::{
    Error, List,
    error::Class,
    generated::{
        Operation,
        types::{Server, ServerSummary, ServersResponse},
    },
    request::{Answer, Moment, Request, ServiceTime, prepared},
};

/// No account has so many servers; a list that goes on has no end.
const MOST: usize = 1_000_000;

/// The request of [`Servers::list`](super::Servers::list).
#[derive(Clone, Debug, Default)]
pub struct ListServers {
    labels: Vec<String>,
    limit: Option<u64>,
    offset: Option<u64>,
}

prepared!(ListServers, ListServers, ServersResponse => List<ServerSummary>,
    |this, api| async move {
        let labels = Some(&this.labels).filter(|labels| !labels.is_empty());
        api.list_servers(labels, this.limit, this.offset).await
    },
    |body| body.servers);

/// What a list tells of a server of which all is known.
impl From<Server> for ServerSummary {
    fn from(server: Server) -> Self {
        Self {
            core_number: server.core_number,
            created: server.created,
            host: server.host,
            hostname: server.hostname,
            labels: server.labels,
            license: server.license,
            memory_amount: server.memory_amount,
            plan: server.plan,
            plan_ipv4_bytes: server.plan_ipv4_bytes,
            plan_ipv6_bytes: server.plan_ipv6_bytes,
            server_group: server.server_group,
            simple_backup: server.simple_backup,
            state: server.state,
            tags: server.tags,
            title: server.title,
            uuid: server.uuid,
            zone: server.zone,
            extra: server.extra,
        }
    }
}

impl Request<ListServers> {
    /// Only servers that have this label. Given several times, all must match. Keys are compared without regard to case,
    /// and any character arrives as it is meant.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// let servers = upcloud.servers().list().label("env", "prod & test").label_key("team").await?;
    /// assert!(servers.is_empty());
    /// # Ok(()) }
    /// ```
    pub fn label(mut self, key: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.prepared.labels.push(format!("{}={}", key.as_ref(), value.as_ref()));
        self
    }

    /// Only servers that have a label with this key, whatever its value.
    pub fn label_key(mut self, key: impl Into<String>) -> Self {
        self.prepared.labels.push(key.into());
        self
    }

    /// At most this many servers. Not in the documentation of this chapter; known from a client of the vendor.
    pub fn limit(mut self, limit: u64) -> Self {
        self.prepared.limit = Some(limit);
        self
    }

    /// Leaves out this many servers from the beginning. Not in the documentation of this chapter; known from a client of
    /// the vendor.
    pub fn offset(mut self, offset: u64) -> Self {
        self.prepared.offset = Some(offset);
        self
    }

    /// The servers one by one, read in pages of `limit` (100 unless set, at least 1). It gives the whole list and no server
    /// twice, whether or not the API honours `limit` and `offset`: where a page comes again although `offset` has moved on,
    /// larger and larger pages are asked for from the beginning. A list without an end ends in an error after a million
    /// servers.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// let mut servers = upcloud.servers().list().stream();
    /// while let Some(server) = servers.next().await {
    ///     println!("{}", server?.hostname);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn stream(self) -> ServerStream {
        let limit = self.prepared.limit.unwrap_or(100).max(1);
        let offset = self.prepared.offset.unwrap_or(0);
        ServerStream {
            request: self,
            limit,
            offset,
            page: None,
            ready: VecDeque::new(),
            seen: HashSet::new(),
            first: None,
            from_the_beginning: false,
            date: None,
            done: false,
        }
    }
}

type Page = Pin<Box<dyn Future<Output = Result<Answer<List<ServerSummary>>, Error>> + Send>>;

/// Servers one by one, from [`Request::stream`](Request#method.stream).
#[must_use = "a stream does nothing until it is polled"]
pub struct ServerStream {
    request: Request<ListServers>,
    limit: u64,
    offset: u64,
    page: Option<Page>,
    ready: VecDeque<Result<ServerSummary, Error>>,
    seen: HashSet<Uuid>,
    /// The first server of the first page.
    first: Option<Uuid>,
    /// `offset` is ignored, so that only a larger page tells more.
    from_the_beginning: bool,
    date: Option<ServiceTime>,
    done: bool,
}

impl ServerStream {
    /// The next server; `None` after the last one. After the error of a call the same page is asked for again. A server
    /// that could not be read is an error of its own, [`is_decode`](Error::is_decode), and those behind it follow.
    pub async fn next(&mut self) -> Option<Result<ServerSummary, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// What the service called the time in its latest page.
    pub(super) fn date(&self) -> Option<ServiceTime> {
        self.date
    }

    /// Takes a page in, and tells whether it was the last.
    fn take(&mut self, page: List<ServerSummary>) -> Result<bool, Error> {
        let (servers, unreadable) = page.into_parts();
        let count = (servers.len() + unreadable.len()) as u64;
        let before = self.seen.len();
        let first = servers.first().map(|server| server.uuid);
        let comes_again = before > 0 && first == self.first;
        self.first = self.first.or(first);
        self.ready.extend(servers.into_iter().filter(|server| self.seen.insert(server.uuid)).map(Ok));
        if self.seen.len() > before || before == 0 {
            self.ready.extend(unreadable.iter().map(|left_out| Err(left_out.to_error())));
        }
        // A longer page means that `limit` is ignored and the list is whole.
        if count == 0 || count > self.limit {
            return Ok(true);
        }
        // A shorter page is the last one, or the service has shorter pages than asked for: the next one tells.
        if count < self.limit && !self.from_the_beginning {
            self.offset = self.offset.saturating_add(count);
            return Ok(self.seen.len() == before);
        }
        if count < self.limit {
            return Ok(true);
        }
        let has_news = self.seen.len() > before;
        if self.seen.len() > MOST || (self.from_the_beginning && !has_news) {
            return Err(Error::new(Class::Decode, "the list of servers has no end").during(
                Some(Operation::ListServers),
                true,
                Duration::ZERO,
            ));
        }
        self.from_the_beginning |= comes_again || !has_news;
        if self.from_the_beginning {
            self.offset = self.request.prepared.offset.unwrap_or(0);
            self.limit = self.limit.saturating_mul(2);
        } else {
            self.offset = self.offset.saturating_add(count);
        }
        Ok(false)
    }
}

/// What an answer says about the time.
fn date(headers: &HeaderMap) -> Option<ServiceTime> {
    let date = httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()?;
    Some(ServiceTime { date, at: Moment::now() })
}

impl Stream for ServerStream {
    type Item = Result<ServerSummary, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(server) = self.ready.pop_front() {
                return Poll::Ready(Some(server));
            }
            if self.done {
                return Poll::Ready(None);
            }
            let (limit, offset) = (self.limit, self.offset);
            if self.page.is_none() {
                self.page = Some(Box::pin(self.request.clone().limit(limit).offset(offset).send()));
            }
            let Some(page) = &mut self.page else { continue };
            let result = ready!(page.as_mut().poll(cx));
            self.page = None;
            let page = match result {
                Ok(page) => page,
                Err(error) => return Poll::Ready(Some(Err(error))),
            };
            self.date = date(&page.headers);
            match self.take(page.value) {
                Ok(done) => self.done = done,
                Err(error) => {
                    self.done = true;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl fmt::Debug for ServerStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerStream")
            .field("limit", &self.limit)
            .field("offset", &self.offset)
            .field("done", &self.done)
            .finish_non_exhaustive()
    }
}
