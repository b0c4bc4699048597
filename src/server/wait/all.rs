//! Waiting for many servers with one list call per poll: the futures and streams around the rules in `set.rs`.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    fmt,
    future::{Future, poll_fn},
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
use tokio::time::timeout_at;
use uuid::Uuid;

use super::{
    Servers,
    engine::Goal,
    nothing_seen,
    poll::{PollOptions, poll_setters},
    set::Set,
    status::{Bodies, Event, Outcome, Status, Wanted},
};
use crate::{
    call::rest,
    error::Error,
    model::{ServerState, types::ServerSummary},
    operations::GetServerCall,
    transport::Connection,
};

/// How many servers that the list lacks are asked for at the same time.
const AT_ONCE: usize = 8;

impl Servers {
    /// Waits until each server is in this state, with one list call per poll instead of a call for each of them.
    ///
    /// ```
    /// use upcloud::{ServerState, fake::ServerSeed};
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let web = fake.add_server("web-1.example.net");
    /// # let db = fake.add_server(ServerSeed::new("db-1.example.net").state(ServerState::Error));
    /// for (uuid, result) in upcloud.servers().wait_all_until([web, db], ServerState::Started).await {
    ///     match result {
    ///         Ok(server) => println!("{} is up", server.hostname),
    ///         Err(error) => println!("{uuid}: {error}"),
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub fn wait_all_until(&self, uuids: impl IntoIterator<Item = Uuid>, state: ServerState) -> WaitAll<ServerSummary> {
        WaitAll::new(self, uuids, false, move || Goal::Reach(state.clone()), seen)
    }

    /// Waits until each server is in any state but this, `maintenance` for example.
    ///
    /// ```
    /// use upcloud::ServerState;
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuids = [fake.add_server("web-1.example.net"), fake.add_server("web-2.example.net")];
    /// let results = upcloud.servers().wait_all_until_not(uuids, ServerState::Maintenance).await;
    /// assert!(results.iter().all(|(_, result)| result.is_ok()));
    /// # Ok(()) }
    /// ```
    pub fn wait_all_until_not(
        &self,
        uuids: impl IntoIterator<Item = Uuid>,
        state: ServerState,
    ) -> WaitAll<ServerSummary> {
        WaitAll::new(self, uuids, false, move || Goal::Leave(state.clone()), seen)
    }

    /// Waits until the condition holds for what the list tells of each server.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuids = [fake.add_server("web-1.example.net"), fake.add_server("web-2.example.net")];
    /// for (uuid, result) in upcloud.servers().wait_all_until_met(uuids, |server| server.host.is_some()).await {
    ///     println!("{uuid} runs on host {:?}", result?.host);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn wait_all_until_met(
        &self,
        uuids: impl IntoIterator<Item = Uuid>,
        condition: impl Fn(&ServerSummary) -> bool + Send + Sync + 'static,
    ) -> WaitAll<ServerSummary> {
        let condition = Arc::new(condition);
        let goal = move || {
            let condition = Arc::clone(&condition);
            Goal::Meet(Box::new(move |status: &Status| status.server().is_some_and(|server| condition(server))))
        };
        WaitAll::new(self, uuids, true, goal, seen)
    }

    /// Waits until each server is really gone. This costs one call for the details of each server beside the lists.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuids = [uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2)];
    /// for (uuid, result) in upcloud.servers().wait_all_until_deleted(uuids).await {
    ///     result?;
    ///     println!("{uuid} is gone");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn wait_all_until_deleted(&self, uuids: impl IntoIterator<Item = Uuid>) -> WaitAll<()> {
        WaitAll::new(self, uuids, false, || Goal::Vanish, |_| Ok(()))
    }
}

/// What the caller gets of the last poll at a server.
type Finish<T> = fn(Option<ServerSummary>) -> Result<T, Error>;

fn seen(server: Option<ServerSummary>) -> Result<ServerSummary, Error> {
    server.ok_or_else(nothing_seen)
}

/// A wait for many servers: `.await` gives what became of each one, in the order in which they were named. A server that is
/// named twice is in it once.
///
/// Each poll is one list call, however many servers there are. The pauses in between are shared: they grow from half a
/// second to five, and shrink again whenever one of the servers moves. A server in the state `error`, or one that cannot
/// become what is wanted any more, fails alone; the others go on. Failures of the service or the network, and answers that
/// cannot be understood, are ridden out within the time limit; credentials that are not accepted end the wait for all.
///
/// Of a list only UUID, state and progress are looked at, so nothing else in it can disturb a wait; all attributes are read
/// of servers whose wait is over, and by [`wait_all_until_met`](Servers::wait_all_until_met) of all that are waited for. An element without a UUID
/// is left out.
///
/// A server that the list lacks is forgiven for half a minute if it was never seen; then, or at once if it was seen before
/// or its deletion is waited for, one call for its details decides whether it is gone. The first that could be forgiven is
/// asked for at once. Should such a call find a server, the list is not whole (the API may give a first page only): from
/// then on every poll reads the list in pages of 100, one call per page, and a server that even those lack costs one call
/// per poll.
///
/// It is also a stream that gives each server when its wait is over:
///
/// ```
/// use upcloud::ServerState;
/// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
/// # let fake = upcloud::fake::Fake::start().await;
/// # let upcloud = fake.client();
/// # let uuids = [fake.add_server("web-1.example.net"), fake.add_server("web-2.example.net")];
/// let mut wait = upcloud.servers().wait_all_until(uuids, ServerState::Started);
/// while let Some((uuid, result)) = wait.next().await {
///     println!("{uuid} is {}", result?.state);
/// }
/// # Ok(()) }
/// ```
#[must_use = "a wait does nothing until it is awaited"]
pub struct WaitAll<T> {
    connection: Connection,
    uuids: Vec<Uuid>,
    /// Whether the goal looks at more of a server than its status.
    whole: bool,
    /// Makes the goal of each server.
    goals: Box<dyn Fn() -> Goal<Status> + Send + Sync>,
    finish: Finish<T>,
    poll: PollOptions,
    state: State,
    ready: VecDeque<Outcome>,
    /// For who awaits all of them.
    results: HashMap<Uuid, Result<T, Error>>,
}

enum State {
    Open,
    Between(Watch),
    Running(NextStep),
    Over,
}

impl<T> WaitAll<T> {
    fn new(
        servers: &Servers,
        uuids: impl IntoIterator<Item = Uuid>,
        whole: bool,
        goals: impl Fn() -> Goal<Status> + Send + Sync + 'static,
        finish: Finish<T>,
    ) -> Self {
        let mut known = HashSet::new();
        Self {
            connection: servers.connection.clone(),
            uuids: uuids.into_iter().filter(|uuid| known.insert(*uuid)).collect(),
            whole,
            goals: Box::new(goals),
            finish,
            poll: PollOptions::default(),
            state: State::Open,
            ready: VecDeque::new(),
            results: HashMap::new(),
        }
    }

    poll_setters!(limits);

    /// The next server whose wait is over, and what became of it; `None` when there is none left.
    pub async fn next(&mut self) -> Option<(Uuid, Result<T, Error>)> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    fn begin(&self) -> Watch {
        let set = Set::new(&self.uuids, &self.goals, self.poll);
        let wanted = Wanted { uuids: Arc::new(self.uuids.iter().copied().collect()), whole: self.whole };
        Watch { connection: self.connection.clone(), set, wanted, looked: false }
    }
}

/// The results are not pinned, only kept.
impl<T> Unpin for WaitAll<T> {}

impl<T: Send + 'static> Future for WaitAll<T> {
    type Output = Vec<(Uuid, Result<T, Error>)>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        while let Some((uuid, result)) = ready!(self.as_mut().poll_next(cx)) {
            self.results.insert(uuid, result);
        }
        let mut results = mem::take(&mut self.results);
        Poll::Ready(self.uuids.iter().filter_map(|uuid| Some((*uuid, results.remove(uuid)?))).collect())
    }
}

impl<T> fmt::Debug for WaitAll<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitAll")
            .field("servers", &self.uuids.len())
            .field("goal", &(self.goals)().describe())
            .field("limit", &self.poll.limit)
            .finish_non_exhaustive()
    }
}

struct Watch {
    connection: Connection,
    set: Set,
    /// What is read of a list.
    wanted: Wanted,
    looked: bool,
}

impl Watch {
    /// Looks until something has become of some server.
    async fn step(mut self) -> (Self, Vec<Outcome>) {
        loop {
            let (events, bodies) = self.look().await;
            if !events.is_empty() || self.set.is_done() {
                return (self, bodies.complete(events));
            }
        }
    }

    /// What has become of servers, and the answers in which the rest of them stands.
    async fn look(&mut self) -> (Vec<Event>, Bodies) {
        let deadline = self.set.deadline();
        let unsure = self.set.unsure(AT_ONCE);
        if !unsure.is_empty() {
            let asked = unsure.iter().map(|uuid| GetServerCall::new(&self.connection, *uuid).into_future()).collect();
            let Ok(looks) = timeout_at(deadline, together(asked)).await else { return self.over() };
            let looks = looks.into_iter().map(|look| look.map(Status::from));
            return (self.set.asked(unsure.into_iter().zip(looks).collect()), Bodies::default());
        }
        if mem::replace(&mut self.looked, true) {
            let Some(pause) = self.set.pause() else { return self.over() };
            rest(pause, deadline).await;
        }
        match timeout_at(deadline, self.wanted.list(&self.connection, self.set.by_pages())).await {
            Ok(Ok((statuses, bodies))) => (self.set.listed(Ok(statuses)), bodies),
            Ok(Err(error)) => (self.set.listed(Err(error)), Bodies::default()),
            Err(_) => self.over(),
        }
    }

    fn over(&mut self) -> (Vec<Event>, Bodies) {
        (self.set.over(), Bodies::default())
    }
}

/// What all these futures give, in their order.
async fn together<F: Future + Unpin>(mut futures: Vec<F>) -> Vec<F::Output> {
    let mut outputs: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    poll_fn(|cx| {
        for (future, output) in futures.iter_mut().zip(&mut outputs).filter(|(_, output)| output.is_none()) {
            if let Poll::Ready(ready) = Pin::new(future).poll(cx) {
                *output = Some(ready);
            }
        }
        if outputs.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

type NextStep = Pin<Box<dyn Future<Output = (Watch, Vec<Outcome>)> + Send>>;

impl<T> Stream for WaitAll<T> {
    type Item = (Uuid, Result<T, Error>);

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some((uuid, outcome)) = self.ready.pop_front() {
                return Poll::Ready(Some((uuid, outcome.and_then(self.finish))));
            }
            let mut step: NextStep = match mem::replace(&mut self.state, State::Over) {
                State::Open => {
                    self.state = State::Between(self.begin());
                    continue;
                }
                State::Between(watch) if watch.set.is_done() => return Poll::Ready(None),
                State::Between(watch) => Box::pin(watch.step()),
                State::Running(step) => step,
                State::Over => return Poll::Ready(None),
            };
            match step.as_mut().poll(cx) {
                Poll::Ready((watch, outcomes)) => {
                    self.state = State::Between(watch);
                    self.ready.extend(outcomes);
                }
                Poll::Pending => {
                    self.state = State::Running(step);
                    return Poll::Pending;
                }
            }
        }
    }
}
