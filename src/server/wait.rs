//! Waiting for what becomes of a server.

mod all;
mod engine;
mod set;
mod status;
mod terms;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use engine::{Engine, Step};
use futures_core::Stream;
use uuid::Uuid;

use super::Servers;
use crate::{
    Error,
    error::Class,
    generated::{ServerState, types::Server},
};

pub use all::{Outcomes, WaitAll, WaitingAll};
pub(super) use engine::Goal;
use engine::{Track, Verdict};
pub(super) use terms::{Pace, Terms, terms_setters};

/// A wait for one server, from [`Servers::wait`]. Say what to wait for; the result can be awaited, or read as a stream of
/// what it saw.
///
/// The first look is at once, further ones after pauses that grow from half a second to five and shrink again whenever
/// something moves. A server that is not found is forgiven for half a minute, because a new one may not be visible
/// everywhere yet; failures of the service (every 5xx) or the network, and answers that cannot be understood, are ridden out
/// within the time limit. A `Retry-After` makes a pause longer, never shorter.
#[derive(Clone, Debug)]
#[must_use = "say what to wait for: `.until(state)`"]
pub struct Wait {
    servers: Servers,
    uuid: Uuid,
}

impl Wait {
    pub(super) fn new(servers: Servers, uuid: Uuid) -> Self {
        Self { servers, uuid }
    }

    /// Until the server is in this state. It ends in an error at once when the server is in the state `error`, is deleted,
    /// or has left `maintenance` for the opposite state.
    ///
    /// ```
    /// use upcloud::ServerState;
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// let server = upcloud.servers().wait(uuid).until(ServerState::Started).await?;
    /// assert_eq!(server.state, ServerState::Started);
    /// # Ok(()) }
    /// ```
    pub fn until(self, state: ServerState) -> Waiting {
        self.with(Goal::Reach(state))
    }

    /// Until the server is in any state but this, `maintenance` for example.
    pub fn until_not(self, state: ServerState) -> Waiting {
        self.with(Goal::Leave(state))
    }

    /// Until the condition holds for what a look sees.
    pub fn until_met(self, condition: impl FnMut(&Server) -> bool + Send + 'static) -> Waiting {
        self.with(Goal::Meet(Box::new(condition)))
    }

    /// Until the server is really gone: a deletion is answered before that.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = uuid::Uuid::nil();
    /// upcloud.servers().wait(uuid).until_deleted().await?;
    /// # Ok(()) }
    /// ```
    pub fn until_deleted(self) -> WaitingForDeletion {
        WaitingForDeletion { wait: self, terms: Terms::default() }
    }

    fn with(self, goal: Goal<Server>) -> Waiting {
        self.on(goal, Terms::default())
    }

    pub(super) fn on(self, goal: Goal<Server>, terms: Terms) -> Waiting {
        Waiting { wait: self, goal, terms, on_look: None }
    }
}

type OnLook = Box<dyn FnMut(&Server) + Send>;

/// A wait with its goal: `.await` gives the server as it was when the goal was reached.
#[must_use = "a wait does nothing until it is awaited"]
pub struct Waiting {
    wait: Wait,
    goal: Goal<Server>,
    terms: Terms,
    on_look: Option<OnLook>,
}

impl Waiting {
    terms_setters!();

    /// Calls `look` with what every look at the server sees, for progress bars.
    pub fn on_look(mut self, look: impl FnMut(&Server) + Send + 'static) -> Self {
        self.on_look = Some(Box::new(look));
        self
    }

    /// What the looks see, one by one. The last one is the server as it was when the goal was reached; an error ends it.
    ///
    /// ```
    /// use upcloud::ServerState;
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// let mut looks = upcloud.servers().wait(uuid).until(ServerState::Started).stream();
    /// while let Some(server) = looks.next().await {
    ///     println!("{}", server?.state);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn stream(self) -> Looks {
        let Wait { servers, uuid } = self.wait;
        let engine = Engine::new(uuid, self.goal, self.terms);
        Looks { watch: Some(Watch { servers, uuid, engine, pause: None }), look: None, on_look: self.on_look }
    }

    /// What the last look saw; nothing of a server that is gone.
    pub(super) async fn run(self) -> Result<Option<Server>, Error> {
        let mut looks = self.stream();
        let mut last = None;
        while let Some(server) = looks.next().await {
            last = Some(server?);
        }
        Ok(last)
    }
}

impl IntoFuture for Waiting {
    type Output = Result<Server, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.run().await?.ok_or_else(|| Error::new(Class::Wait, "a wait ended without a look")) })
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting")
            .field("uuid", &self.wait.uuid)
            .field("limit", &self.terms.limit)
            .finish_non_exhaustive()
    }
}

/// A wait for a server to be gone, from [`Wait::until_deleted`].
#[derive(Debug)]
#[must_use = "a wait does nothing until it is awaited"]
pub struct WaitingForDeletion {
    wait: Wait,
    terms: Terms,
}

impl WaitingForDeletion {
    terms_setters!();
}

impl IntoFuture for WaitingForDeletion {
    type Output = Result<(), Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let waiting = self.wait.on(Goal::Vanish, self.terms);
        Box::pin(async move { waiting.run().await.map(drop) })
    }
}

type NextLook = Pin<Box<dyn Future<Output = (Watch, Seen)> + Send>>;

/// What the looks of a wait see, from [`Waiting::stream`]. Dropping it ends the wait.
#[must_use = "a stream does nothing until it is polled"]
pub struct Looks {
    watch: Option<Watch>,
    look: Option<NextLook>,
    on_look: Option<OnLook>,
}

struct Watch {
    servers: Servers,
    uuid: Uuid,
    engine: Engine,
    pause: Option<Duration>,
}

/// What the stream tells of a look, and whether it goes on.
#[allow(clippy::large_enum_variant, reason = "one is made for each look, and taken apart at once")]
enum Seen {
    More(Server),
    Last(Server),
    Nothing,
    End(Error),
}

impl Watch {
    /// Looks until there is something to tell.
    async fn look(mut self) -> (Self, Seen) {
        loop {
            if let Some(pause) = self.pause.take() {
                tokio::time::sleep(pause).await;
            }
            let request = self.servers.get(self.uuid).into_future();
            let Ok(look) = tokio::time::timeout_at(self.engine.deadline(), request).await else {
                let error = self.engine.over();
                return (self, Seen::End(error));
            };
            let server = look.as_ref().ok().cloned();
            match self.engine.judge(look) {
                Step::Done(Some(server)) => return (self, Seen::Last(server)),
                Step::Done(None) => return (self, Seen::Nothing),
                Step::Failed(error) => return (self, Seen::End(error)),
                Step::Again(pause) => {
                    self.pause = Some(pause);
                    if let Some(server) = server {
                        return (self, Seen::More(server));
                    }
                }
            }
        }
    }
}

impl Looks {
    /// What the next look sees; `None` after the goal was reached or the wait has failed.
    pub async fn next(&mut self) -> Option<Result<Server, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl Stream for Looks {
    type Item = Result<Server, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(watch) = self.watch.take() {
            self.look = Some(Box::pin(watch.look()));
        }
        let Some(look) = &mut self.look else { return Poll::Ready(None) };
        let (watch, seen) = ready!(look.as_mut().poll(cx));
        self.look = None;
        let (server, more) = match seen {
            Seen::More(server) => (server, true),
            Seen::Last(server) => (server, false),
            Seen::Nothing => return Poll::Ready(None),
            Seen::End(error) => return Poll::Ready(Some(Err(error))),
        };
        self.watch = more.then_some(watch);
        if let Some(on_look) = &mut self.on_look {
            on_look(&server);
        }
        Poll::Ready(Some(Ok(server)))
    }
}

impl fmt::Debug for Looks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Looks").field("done", &(self.watch.is_none() && self.look.is_none())).finish_non_exhaustive()
    }
}
