//! Listing servers: at once, or page by page.

use std::{
    collections::VecDeque,
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use http::{HeaderMap, header::DATE};

use super::paging::{Paging, USUAL};
use crate::{
    call::{Behavior, Response},
    error::{Error, Moment, ServiceTime},
    model::{ServerState, types::ServerSummary},
    operations::{ListServerConfigurationsCall, ListServersCall},
    wire::List,
};

impl Behavior for ListServersCall {}

impl Behavior for ListServerConfigurationsCall {}

impl ListServersCall {
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
        self.label.get_or_insert_default().push(format!("{}={}", key.as_ref(), value.as_ref()));
        self
    }

    /// Only servers that have a label with this key, whatever its value.
    pub fn label_key(mut self, key: impl Into<String>) -> Self {
        self.label.get_or_insert_default().push(key.into());
        self
    }

    /// At most this many servers. Not in the documentation of this chapter; known from a client of the vendor.
    pub fn limit(mut self, limit: u64) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Leaves out this many servers from the beginning. Not in the documentation of this chapter; known from a client of
    /// the vendor.
    pub fn offset(mut self, offset: u64) -> Self {
        self.offset = Some(offset);
        self
    }

    /// Only servers in this state. Not in the documentation, as the next three are not: the vendor's own types have them, and
    /// what the live API does with them was not seen. So look at what comes, or let [`find`](crate::Servers::find) do it.
    pub fn state(mut self, state: ServerState) -> Self {
        self.state = Some(state);
        self
    }

    /// Only servers that have this tag; as sure as [`state`](Self::state).
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// Only servers on this host; as sure as [`state`](Self::state).
    pub fn host(mut self, host: i64) -> Self {
        self.host = Some(host);
        self
    }

    /// Only servers that a search for this text finds; as sure as [`state`](Self::state), and which attributes are searched is
    /// not known either. The fake looks for it in hostname and title.
    pub fn search(mut self, text: impl Into<String>) -> Self {
        self.search = Some(text.into());
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
        let paging = Paging::new(self.limit.unwrap_or(USUAL), self.offset.unwrap_or(0));
        ServerStream { call: self, paging, page: None, ready: VecDeque::new(), date: None, done: false }
    }
}

type Page = Pin<Box<dyn Future<Output = Result<Response<List<ServerSummary>>, Error>> + Send>>;

/// Servers one by one, from [`ListServersCall::stream`].
#[must_use = "a stream does nothing until it is polled"]
pub struct ServerStream {
    call: ListServersCall,
    paging: Paging,
    page: Option<Page>,
    ready: VecDeque<Result<ServerSummary, Error>>,
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
        let (news, last) = self.paging.take(servers, |server| server.uuid, unreadable.len());
        self.ready.extend(news.servers.into_iter().map(Ok));
        if news.unreadable {
            self.ready.extend(unreadable.iter().map(|left_out| Err(left_out.to_error())));
        }
        last
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
            let (limit, offset) = (self.paging.limit(), self.paging.offset());
            if self.page.is_none() {
                self.page = Some(Box::pin(self.call.clone().limit(limit).offset(offset).send()));
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
            .field("limit", &self.paging.limit())
            .field("offset", &self.paging.offset())
            .field("done", &self.done)
            .finish_non_exhaustive()
    }
}
