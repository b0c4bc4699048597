//! Waiting for many servers with one list call per look: the futures and streams around the rules in `set.rs`.

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
use tokio::time::{sleep, timeout_at};
use uuid::Uuid;

use super::{
    Goal, Terms,
    set::{Event, Set},
    status::{Bodies, Outcome, Status, Wanted},
    terms_setters,
};
use crate::{
    Error, Servers,
    error::Class,
    generated::{ServerState, types::ServerSummary},
};

/// How many servers that the list lacks are asked for at the same time.
const AT_ONCE: usize = 8;

/// A wait for many servers, from [`Servers::wait_all`]. Say what to wait for; the result can be awaited for all of them, or
/// read as a stream that gives each one when its wait is over.
///
/// Each look is one list call, however many servers there are. The pauses in between are shared: they grow from half a
/// second to five, and shrink again whenever one of the servers moves. A server in the state `error`, or one that cannot
/// become what is wanted any more, fails alone; the others go on. Failures of the service or the network, and answers that
/// cannot be understood, are ridden out within the time limit; credentials that are not accepted end the wait for all.
///
/// Of a list only UUID, state and progress are looked at, so nothing else in it can disturb a wait; all attributes are read
/// of servers whose wait is over, and by [`until_met`](Self::until_met) of all that are waited for. An element without a UUID
/// is left out.
///
/// A server that the list lacks is forgiven for half a minute if it was never seen; then, or at once if it was seen before
/// or its deletion is waited for, one call for its details decides whether it is gone. The first that could be forgiven is
/// asked for at once. Should such a call find a server, the list is not whole (the API may give a first page only): from
/// then on every look reads the list in pages of 100, one call per page, and a server that even those lack costs one call
/// per look.
#[derive(Clone, Debug)]
#[must_use = "say what to wait for: `.until(state)`"]
pub struct WaitAll {
    servers: Servers,
    uuids: Vec<Uuid>,
}

impl WaitAll {
    pub(in crate::server) fn new(servers: Servers, uuids: impl IntoIterator<Item = Uuid>) -> Self {
        let mut known = HashSet::new();
        Self { servers, uuids: uuids.into_iter().filter(|uuid| known.insert(*uuid)).collect() }
    }

    /// Until each server is in this state.
    ///
    /// ```
    /// use upcloud::{ServerState, fake::AddServer};
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let web = fake.add_server("web-1.example.net");
    /// # let db = fake.add_server(AddServer::new("db-1.example.net").state(ServerState::Error));
    /// for (uuid, outcome) in upcloud.servers().wait_all([web, db]).until(ServerState::Started).await {
    ///     match outcome {
    ///         Ok(server) => println!("{} is up", server.hostname),
    ///         Err(error) => println!("{uuid}: {error}"),
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub fn until(self, state: ServerState) -> WaitingAll<ServerSummary> {
        self.with(false, move || Goal::Reach(state.clone()), seen)
    }

    /// Until each server is in any state but this, `maintenance` for example.
    ///
    /// ```
    /// use upcloud::ServerState;
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuids = [fake.add_server("web-1.example.net"), fake.add_server("web-2.example.net")];
    /// let settled = upcloud.servers().wait_all(uuids).until_not(ServerState::Maintenance).await;
    /// assert!(settled.iter().all(|(_, outcome)| outcome.is_ok()));
    /// # Ok(()) }
    /// ```
    pub fn until_not(self, state: ServerState) -> WaitingAll<ServerSummary> {
        self.with(false, move || Goal::Leave(state.clone()), seen)
    }

    /// Until the condition holds for what the list tells of each server.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuids = [fake.add_server("web-1.example.net"), fake.add_server("web-2.example.net")];
    /// for (uuid, outcome) in upcloud.servers().wait_all(uuids).until_met(|server| server.host.is_some()).await {
    ///     println!("{uuid} runs on host {:?}", outcome?.host);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn until_met(
        self,
        condition: impl Fn(&ServerSummary) -> bool + Send + Sync + 'static,
    ) -> WaitingAll<ServerSummary> {
        let condition = Arc::new(condition);
        let goal = move || {
            let condition = Arc::clone(&condition);
            Goal::Meet(Box::new(move |status: &Status| status.server().is_some_and(|server| condition(server))))
        };
        self.with(true, goal, seen)
    }

    /// Until each server is really gone. This costs one call for the details of each server beside the lists.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuids = [uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2)];
    /// for (uuid, outcome) in upcloud.servers().wait_all(uuids).until_deleted().await {
    ///     outcome?;
    ///     println!("{uuid} is gone");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn until_deleted(self) -> WaitingAll<()> {
        self.with(false, || Goal::Vanish, |_| Ok(()))
    }

    fn with<T>(
        self,
        whole: bool,
        goals: impl Fn() -> Goal<Status> + Send + Sync + 'static,
        finish: Finish<T>,
    ) -> WaitingAll<T> {
        WaitingAll { wait: self, whole, goals: Box::new(goals), finish, terms: Terms::default() }
    }
}

/// What the caller gets of the last look at a server.
type Finish<T> = fn(Option<ServerSummary>) -> Result<T, Error>;

fn seen(server: Option<ServerSummary>) -> Result<ServerSummary, Error> {
    server.ok_or_else(|| Error::new(Class::Wait, "a wait ended without a look"))
}

/// Makes the goal of each server.
type Goals = Box<dyn Fn() -> Goal<Status> + Send + Sync>;

/// A wait for many servers with its goal: `.await` gives what became of each one, in the order in which they were named. A
/// server that is named twice is in it once.
#[must_use = "a wait does nothing until it is awaited"]
pub struct WaitingAll<T> {
    wait: WaitAll,
    /// Whether the goal looks at more of a server than its status.
    whole: bool,
    goals: Goals,
    finish: Finish<T>,
    terms: Terms,
}

impl<T> WaitingAll<T> {
    terms_setters!();

    /// What becomes of each server, as it happens.
    ///
    /// ```
    /// use upcloud::ServerState;
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuids = [fake.add_server("web-1.example.net"), fake.add_server("web-2.example.net")];
    /// let mut outcomes = upcloud.servers().wait_all(uuids).until(ServerState::Started).stream();
    /// while let Some((uuid, outcome)) = outcomes.next().await {
    ///     println!("{uuid} is {}", outcome?.state);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn stream(self) -> Outcomes<T> {
        let WaitAll { servers, uuids } = self.wait;
        let set = Set::new(&uuids, self.goals, self.terms);
        let wanted = Wanted { uuids: Arc::new(uuids.into_iter().collect()), whole: self.whole };
        let watch = Watch { servers, set, wanted, looked: false };
        Outcomes { watch: Some(watch), step: None, ready: VecDeque::new(), finish: self.finish }
    }
}

impl<T: Send + 'static> IntoFuture for WaitingAll<T> {
    type Output = Vec<(Uuid, Result<T, Error>)>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let order = self.wait.uuids.clone();
        let mut outcomes = self.stream();
        Box::pin(async move {
            let mut results = HashMap::new();
            while let Some((uuid, outcome)) = outcomes.next().await {
                results.insert(uuid, outcome);
            }
            order.into_iter().filter_map(|uuid| Some((uuid, results.remove(&uuid)?))).collect()
        })
    }
}

impl<T> fmt::Debug for WaitingAll<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitingAll")
            .field("servers", &self.wait.uuids.len())
            .field("goal", &(self.goals)().describe())
            .field("limit", &self.terms.limit)
            .finish_non_exhaustive()
    }
}

struct Watch {
    servers: Servers,
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
            let asked = unsure.iter().map(|uuid| self.servers.get(*uuid).into_future()).collect();
            let Ok(looks) = timeout_at(deadline, together(asked)).await else { return self.over() };
            let looks = looks.into_iter().map(|look| look.map(Status::from));
            return (self.set.asked(unsure.into_iter().zip(looks).collect()), Bodies::default());
        }
        if mem::replace(&mut self.looked, true) {
            let Some(pause) = self.set.pause() else { return self.over() };
            sleep(pause).await;
        }
        match timeout_at(deadline, self.wanted.list(&self.servers, self.set.by_pages())).await {
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

/// What becomes of each server, from [`WaitingAll::stream`]. Dropping it ends the wait.
#[must_use = "a stream does nothing until it is polled"]
pub struct Outcomes<T> {
    watch: Option<Watch>,
    step: Option<NextStep>,
    ready: VecDeque<Outcome>,
    finish: Finish<T>,
}

impl<T> Outcomes<T> {
    /// The next server of which something has become, and what; `None` when there is none left.
    pub async fn next(&mut self) -> Option<(Uuid, Result<T, Error>)> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<T> Stream for Outcomes<T> {
    type Item = (Uuid, Result<T, Error>);

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some((uuid, outcome)) = self.ready.pop_front() {
                return Poll::Ready(Some((uuid, outcome.and_then(self.finish))));
            }
            if let Some(watch) = self.watch.take().filter(|watch| !watch.set.is_done()) {
                self.step = Some(Box::pin(watch.step()));
            }
            let Some(step) = &mut self.step else { return Poll::Ready(None) };
            let (watch, events) = ready!(step.as_mut().poll(cx));
            self.step = None;
            self.watch = Some(watch);
            self.ready.extend(events);
        }
    }
}

impl<T> fmt::Debug for Outcomes<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcomes").field("ready", &self.ready.len()).finish_non_exhaustive()
    }
}
