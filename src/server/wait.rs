//! Waiting for what becomes of a server.

mod all;
mod engine;
mod poll;
mod set;
mod status;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    fmt,
    future::{Future, poll_fn},
    mem,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use engine::{Engine, Step};
use futures_core::Stream;
use tokio::time::timeout_at;
use uuid::Uuid;

use super::Servers;
use crate::{
    call::rest,
    error::{Class, Error},
    model::{ServerState, types::Server},
    operations::GetServerCall,
    transport::Connection,
};

pub use all::WaitAll;
pub(super) use engine::Goal;
pub(super) use poll::{PollOptions, poll_setters};
pub(super) use status::Wanted;

impl Servers {
    /// Waits until the server is in this state. It ends in an error at once when the server is in the state `error`, is
    /// deleted, or has left `maintenance` for the opposite state.
    ///
    /// ```
    /// use upcloud::ServerState;
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// let server = upcloud.servers().wait_until(uuid, ServerState::Started).await?;
    /// assert_eq!(server.state, ServerState::Started);
    /// # Ok(()) }
    /// ```
    pub fn wait_until(&self, uuid: Uuid, state: ServerState) -> Wait<Server> {
        self.wait_for_server(uuid, Goal::Reach(state))
    }

    /// Waits until the server is in any state but this, `maintenance` for example.
    pub fn wait_until_not(&self, uuid: Uuid, state: ServerState) -> Wait<Server> {
        self.wait_for_server(uuid, Goal::Leave(state))
    }

    /// Waits until the condition holds for the server.
    pub fn wait_until_met(&self, uuid: Uuid, condition: impl FnMut(&Server) -> bool + Send + 'static) -> Wait<Server> {
        self.wait_for_server(uuid, Goal::Meet(Box::new(condition)))
    }

    /// Waits until the server is really gone: a deletion is answered before that.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = uuid::Uuid::nil();
    /// upcloud.servers().wait_until_deleted(uuid).await?;
    /// # Ok(()) }
    /// ```
    pub fn wait_until_deleted(&self, uuid: Uuid) -> Wait<()> {
        let connection = self.connection.clone();
        Wait::new(uuid, move |poll, mut observer| async move {
            wait_for(&connection, uuid, Goal::Vanish, poll, &mut observer).await.map(drop)
        })
    }

    fn wait_for_server(&self, uuid: Uuid, goal: Goal<Server>) -> Wait<Server> {
        let connection = self.connection.clone();
        Wait::new(uuid, move |poll, mut observer| async move {
            wait_for(&connection, uuid, goal, poll, &mut observer).await?.ok_or_else(nothing_seen)
        })
    }
}

/// The error of what cannot happen: a wait for a server that ends well without a server.
pub(super) fn nothing_seen() -> Error {
    Error::new(Class::Wait, "a wait ended without a look")
}

/// Whoever wants to know of each poll.
#[derive(Default)]
pub(super) struct Observer(Option<Mutex<Update>>);

type Update = Box<dyn FnMut(&Server) + Send>;

impl Observer {
    pub(super) fn set(&mut self, update: impl FnMut(&Server) + Send + 'static) {
        self.0 = Some(Mutex::new(Box::new(update)));
    }

    fn sees(&mut self, server: &Server) {
        if let Some(update) = &mut self.0 {
            update.get_mut().unwrap_or_else(PoisonError::into_inner)(server);
        }
    }
}

/// Looks at a server until the goal is reached: as it was seen then, or nothing of a server that is gone.
pub(super) async fn wait_for(
    connection: &Connection,
    uuid: Uuid,
    goal: Goal<Server>,
    poll: PollOptions,
    observer: &mut Observer,
) -> Result<Option<Server>, Error> {
    let mut engine = Engine::new(uuid, goal, poll);
    loop {
        let call = GetServerCall::new(connection, uuid).into_future();
        let Ok(seen) = timeout_at(engine.deadline(), call).await else { return Err(engine.over()) };
        if let Ok(server) = &seen {
            observer.sees(server);
        }
        match engine.judge(seen) {
            Step::Done(last) => return Ok(last),
            Step::Failed(error) => return Err(error),
            Step::Again(pause) => {
                rest(pause, engine.deadline()).await;
            }
        }
    }
}

type Running<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;
type Begin<T> = Box<dyn FnOnce(PollOptions, Observer) -> Running<T> + Send>;

/// A wait for one server, or a state that is ensured: `.await` gives its result.
///
/// The server is looked at at once, and again after pauses that grow from half a second to five and shrink again whenever
/// something moves. A server that is not found is forgiven for half a minute, because a new one may not be visible
/// everywhere yet; failures of the service (every 5xx) or the network, and answers that cannot be understood, are ridden out
/// within the time limit. A `Retry-After` makes a pause longer, never shorter. One limit holds for all of it, the actions
/// of an ensured state included: no step outlives it.
///
/// It is also a stream of the server as it was seen each time, until the wait is over; an error ends it:
///
/// ```
/// use upcloud::ServerState;
/// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
/// # let fake = upcloud::fake::Fake::start().await;
/// # let upcloud = fake.client();
/// # let uuid = fake.add_server("web-1.example.net");
/// let mut wait = upcloud.servers().wait_until(uuid, ServerState::Started);
/// while let Some(server) = wait.next().await {
///     println!("{}", server?.state);
/// }
/// # Ok(()) }
/// ```
#[must_use = "a wait does nothing until it is awaited"]
pub struct Wait<T> {
    uuid: Uuid,
    poll: PollOptions,
    observer: Observer,
    state: State<T>,
    /// What a reader of the stream has not been told yet.
    updates: Arc<Mutex<VecDeque<Server>>>,
}

enum State<T> {
    Open(Begin<T>),
    Running(Running<T>),
    Over,
}

impl<T: Send + 'static> Wait<T> {
    pub(super) fn new<F>(uuid: Uuid, wait: impl FnOnce(PollOptions, Observer) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let state = State::Open(Box::new(|poll, observer| Box::pin(wait(poll, observer))));
        Self { uuid, poll: PollOptions::default(), observer: Observer::default(), state, updates: Arc::default() }
    }

    poll_setters!();

    /// The server as it is seen next; `None` when the wait is over.
    pub async fn next(&mut self) -> Option<Result<Server, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Tells the reader of the stream, beside whoever wants to know already.
    fn observed(&mut self) -> Observer {
        let mut told = mem::take(&mut self.observer);
        let updates = Arc::clone(&self.updates);
        let mut observer = Observer::default();
        observer.set(move |server| {
            told.sees(server);
            updates.lock().unwrap_or_else(PoisonError::into_inner).push_back(server.clone());
        });
        observer
    }

    fn update(&self) -> Option<Server> {
        self.updates.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

impl<T: Send + 'static> Future for Wait<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut running = match mem::replace(&mut self.state, State::Over) {
            State::Open(begin) => begin(self.poll, mem::take(&mut self.observer)),
            State::Running(running) => running,
            State::Over => return Poll::Ready(Err(Error::new(Class::Wait, "the wait was over already"))),
        };
        let result = running.as_mut().poll(cx);
        if result.is_pending() {
            self.state = State::Running(running);
        }
        result
    }
}

impl<T: Send + 'static> Stream for Wait<T> {
    type Item = Result<Server, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(server) = self.update() {
            return Poll::Ready(Some(Ok(server)));
        }
        let mut running = match mem::replace(&mut self.state, State::Over) {
            State::Open(begin) => begin(self.poll, self.observed()),
            State::Running(running) => running,
            State::Over => return Poll::Ready(None),
        };
        let failed = match running.as_mut().poll(cx) {
            Poll::Ready(result) => result.err(),
            Poll::Pending => {
                self.state = State::Running(running);
                return self.update().map_or(Poll::Pending, |server| Poll::Ready(Some(Ok(server))));
            }
        };
        match (self.update(), failed) {
            (Some(server), failed) => {
                if let Some(error) = failed {
                    // Told after what was seen before it.
                    self.state = State::Running(Box::pin(async { Err(error) }));
                }
                Poll::Ready(Some(Ok(server)))
            }
            (None, Some(error)) => Poll::Ready(Some(Err(error))),
            (None, None) => Poll::Ready(None),
        }
    }
}

impl<T> fmt::Debug for Wait<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wait").field("uuid", &self.uuid).field("limit", &self.poll.limit).finish_non_exhaustive()
    }
}
