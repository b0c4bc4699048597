//! A fleet of new servers: created with a bounded number of requests at a time, found again where an answer was lost, and
//! waited for with one list per poll.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    future::Future,
    mem,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::time::Instant;
use uuid::Uuid;

use super::{
    flight::{Board, Control, Landing, Sending},
    outcome::{End, Fate, Outcome, Progress},
    settings::{Refusals, Settings, ends_all, fleet_setters},
    slots::Slots,
};
use crate::{
    call::{Boxed, Pauses, rest},
    error::{Class, Error, TRACE_LABEL},
    model::{
        ErrorCode, Operation, ServerState,
        types::{CreateServer, Server, ServerSummary},
    },
    operations::CreateServerCall,
    server::{
        Servers,
        wait::{PollOptions, Wanted},
    },
};

/// How long a server may be invisible whose answer was lost.
const LOOK: Duration = Duration::from_secs(30);
/// How often a create is sent at most of which every answer was lost and nothing was made.
const SENT: u32 = 4;

type Each = Box<dyn Fn(CreateServerCall) -> CreateServerCall + Send + Sync>;
type OnMade = Box<dyn FnMut(&Server) + Send>;

/// Many creates, from [`Servers::create_all`]; `.await` makes them and gives what became of each.
///
/// A create whose answer was lost is looked for, and sent again only after a search that was sure that it made nothing.
/// For this each create gets the label of [`traceable`](CreateServerCall::traceable), unless
/// [told otherwise](Self::traceable). All that were lost are looked for with one list per poll.
///
/// ```
/// use std::time::Duration;
/// use upcloud::CreateServer;
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = upcloud::fake::Fake::start().await;
/// # let upcloud = fake.client();
/// # let template = upcloud::fake::NATIVE_TEMPLATE;
/// let wanted = ["db", "web"].map(|name| {
///     CreateServer::from_template(format!("{name}.example.net"), "de-fra1", template).plan("1xCPU-1GB")
/// });
/// let outcome = upcloud
///     .servers()
///     .create_all(wanted)
///     .each(|call| call.attempt_timeout(Duration::from_secs(120)))
///     .on_made(|server| println!("{} is {}", server.hostname, server.uuid))
///     .limit(Duration::from_secs(600))
///     .stop_on_failure()
///     .await;
/// let servers = outcome.into_result()?;
/// assert!(servers.iter().all(|server| server.password.is_some()));
/// # Ok(()) }
/// ```
#[must_use = "a fleet does nothing until it is awaited"]
pub struct CreateAll {
    servers: Servers,
    requests: Vec<CreateServer>,
    settings: Settings,
    waits: bool,
    traceable: bool,
    look: Duration,
    each: Each,
    on_made: Option<OnMade>,
    running: Option<Boxed<Outcome<CreateServer, Server>>>,
}

impl CreateAll {
    pub(super) fn new(servers: &Servers, requests: Vec<CreateServer>) -> Self {
        Self {
            servers: servers.clone(),
            requests,
            settings: Settings::default(),
            waits: false,
            traceable: true,
            look: LOOK,
            each: Box::new(|call| call),
            on_made: None,
            running: None,
        }
    }

    fleet_setters!();

    /// How long it may take as a whole, an hour by default. After that no create is sent and no wait goes on; creates that
    /// are under way are waited for, within their own time limits, and looked for if their answers are lost, because
    /// giving up would leave servers that nobody knows of. With [`Duration::ZERO`] nothing is sent; [`Duration::MAX`] is no
    /// limit.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.settings.limit = limit;
        self
    }

    /// Waits until all that were made are started, with one list per poll. A server that ends in the state `error`, or does
    /// not start within the limit, is [`Fate::Unfinished`](super::Fate::Unfinished).
    pub fn and_wait(mut self) -> Self {
        self.waits = true;
        self
    }

    /// Whether each create gets a label by which it can be found beyond doubt if its answer is lost; it does by default, and
    /// the label stays on the server. Without it a create whose answer was lost is
    /// [in doubt](super::Fate::InDoubt) and is not looked for.
    pub fn traceable(mut self, traceable: bool) -> Self {
        self.traceable = traceable;
        self
    }

    /// How long a create whose answer was lost is looked for until it counts as not made: 30 seconds by default, because a
    /// new server may not be visible at once. With [`Duration::ZERO`] there is one look, which suits a fake. It is not
    /// shortened by the limit or a stop.
    pub fn look_for_lost(mut self, limit: Duration) -> Self {
        self.look = limit;
        self
    }

    /// Says something of each create: its time limits, its retries, query pairs.
    pub fn each(mut self, say: impl Fn(CreateServerCall) -> CreateServerCall + Send + Sync + 'static) -> Self {
        self.each = Box::new(say);
        self
    }

    /// Calls this with each server as soon as it is known to be made, before any wait for it: to write down what must not be
    /// lost with the program, the one-time password above all.
    pub fn on_made(mut self, tell: impl FnMut(&Server) + Send + 'static) -> Self {
        self.on_made = Some(Box::new(tell));
        self
    }

    async fn run(self) -> Outcome<CreateServer, Server> {
        let Self { servers, requests, settings, waits, traceable, look, each, on_made, .. } = self;
        let (refusals, poll) = (settings.refusals, settings.poll);
        let mut control = Control::new(settings);
        let total = requests.len();
        let mut creation = Creation {
            servers,
            queue: (0..total).collect(),
            entries: requests.into_iter().map(|request| (request, Fate::NotBegun)).collect(),
            sent: vec![0; total],
            lost: Vec::new(),
            refusals,
            traceable,
            each,
            on_made,
            slots: Slots::default(),
            under_way: 0,
            is_looking: false,
            looks: unlimited(poll).pauses(Instant::now()),
            progress: Progress { total, left: total, ..Progress::default() },
        };
        loop {
            control.send(&mut creation).await;
            if creation.lost.is_empty() {
                break;
            }
            creation.find_lost(&mut control, look, poll).await;
        }
        if waits {
            creation.wait(&mut control, poll).await;
        }
        control.show(&mut creation.progress, 0);
        Outcome::new(creation.entries, control.end)
    }
}

impl Future for CreateAll {
    type Output = Outcome<CreateServer, Server>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if this.running.is_none() {
            let Self { servers, requests, settings, waits, traceable, look, each, on_made, .. } = this;
            let begun = Self {
                servers: servers.clone(),
                requests: mem::take(requests),
                settings: mem::take(settings),
                waits: *waits,
                traceable: *traceable,
                look: *look,
                each: mem::replace(each, Box::new(|call| call)),
                on_made: on_made.take(),
                running: None,
            };
            this.running = Some(Box::pin(begun.run()));
        }
        match &mut this.running {
            Some(running) => running.as_mut().poll(cx),
            None => Poll::Pending,
        }
    }
}

impl fmt::Debug for CreateAll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateAll")
            .field("requests", &self.requests.len())
            .field("settings", &self.settings)
            .field("and_wait", &self.waits)
            .field("traceable", &self.traceable)
            .finish_non_exhaustive()
    }
}

/// A create whose answer was lost.
struct Lost {
    number: usize,
    error: Error,
    since: Instant,
}

/// The creates of a fleet.
struct Creation {
    servers: Servers,
    entries: Vec<(CreateServer, Fate<Server>)>,
    queue: VecDeque<usize>,
    /// How often each was sent without a refusal.
    sent: Vec<u32>,
    lost: Vec<Lost>,
    refusals: Refusals,
    traceable: bool,
    each: Each,
    on_made: Option<OnMade>,
    /// How many may be in creation.
    slots: Slots,
    /// Creates that are not answered yet.
    under_way: usize,
    /// Whether a look for a place is under way.
    is_looking: bool,
    /// The pauses between two looks for a place.
    looks: Pauses,
    progress: Progress,
}

/// What a request of a fleet brings.
enum Answer {
    Made(Box<Server>),
    /// The states of servers that may be in creation.
    Looked(HashMap<Uuid, ServerState>),
}

/// The number of a look, which is no request of the caller.
const LOOK_NUMBER: usize = usize::MAX;

/// The same without an end of its own.
fn unlimited(mut poll: PollOptions) -> PollOptions {
    poll.limit = Duration::MAX;
    poll
}

impl Board for Creation {
    type Output = Answer;

    fn next(&mut self) -> Option<(usize, Sending<Answer>)> {
        if !self.slots.is_free(self.under_way) {
            // What is under way tells more than a look.
            let looks = self.under_way == 0 && self.has_next() && !std::mem::replace(&mut self.is_looking, true);
            return looks.then(|| (LOOK_NUMBER, self.look()));
        }
        let number = self.queue.pop_front()?;
        self.sent[number] += 1;
        self.under_way += 1;
        let call = (self.each)(self.servers.create(self.entries[number].0.clone()));
        let call = if self.traceable { call.traceable() } else { call };
        Some((number, Box::pin(async move { Ok(Answer::Made(Box::new(call.await?))) })))
    }

    fn has_next(&self) -> bool {
        !self.queue.is_empty()
    }

    fn landed(&mut self, number: usize, result: Result<Answer, Error>, control: &Control) -> Landing {
        if number == LOOK_NUMBER {
            self.is_looking = false;
            return self.looked(result);
        }
        self.under_way -= 1;
        let error = match result {
            Ok(Answer::Made(server)) => {
                self.made(number, *server);
                return self.next_place();
            }
            Ok(Answer::Looked(_)) => return Landing::Well,
            Err(error) => error,
        };
        if error.is_lost_create() || error.created().is_some() {
            let asked = error.retry_after();
            self.progress.left -= 1;
            self.progress.in_doubt += 1;
            if self.traceable || error.created().is_some() {
                self.lost.push(Lost { number, error, since: Instant::now() });
                // What loses answers may lose more of them.
                return Landing::Wait(asked);
            }
            self.entries[number].1 = Fate::InDoubt(error);
            return match control.failure() {
                Landing::Last => Landing::Last,
                _ => Landing::Wait(asked),
            };
        }
        if self.refusals.waits_for(&error) {
            if error.code() == Some(&ErrorCode::ServerCreatingLimitReached) {
                self.slots.refused(self.under_way);
            }
            self.sent[number] -= 1;
            self.queue.push_front(number);
            let asked = error.retry_after();
            // What is said of it if its turn does not come again.
            self.entries[number].1 = Fate::Failed(error);
            return Landing::Wait(asked);
        }
        let landing = if ends_all(&error) { Landing::Last } else { control.failure() };
        self.progress.left -= 1;
        self.progress.failed += 1;
        self.entries[number].1 = Fate::Failed(error);
        landing
    }

    fn progress(&mut self) -> &mut Progress {
        &mut self.progress
    }
}

impl Creation {
    /// Looks which servers are in creation still.
    fn look(&self) -> Sending<Answer> {
        let connection = self.servers.connection.clone();
        let wanted = Wanted { uuids: Arc::new(self.slots.taken()), whole: false };
        Box::pin(async move {
            let (statuses, _) = wanted.list(&connection, false).await?;
            Ok(Answer::Looked(statuses.into_iter().map(|status| (status.uuid, status.state)).collect()))
        })
    }

    fn looked(&mut self, result: Result<Answer, Error>) -> Landing {
        match result {
            Ok(Answer::Looked(states)) => {
                if self.slots.looked(&states, Instant::now()) {
                    self.looks.hurry();
                }
            }
            Err(error) if error.is_transient() => {
                return self.looks.next(error.retry_after()).map_or(Landing::Well, Landing::Rest);
            }
            // A create will tell.
            Ok(Answer::Made(_)) | Err(_) => self.slots.give_up(),
        }
        self.next_place()
    }

    /// Whether there is a place for the next create, or a pause before the next look for one.
    fn next_place(&mut self) -> Landing {
        if !self.has_next() || self.under_way > 0 || self.slots.is_free(0) {
            return Landing::Well;
        }
        self.looks.next(None).map_or(Landing::Well, Landing::Rest)
    }

    fn made(&mut self, number: usize, server: Server) {
        if let Some(tell) = &mut self.on_made {
            tell(&server);
        }
        if server.state == ServerState::Maintenance {
            self.slots.take(server.uuid, Instant::now());
        }
        self.progress.left -= 1;
        self.progress.done += 1;
        self.entries[number].1 = Fate::Done(server);
    }

    /// Finds out about all whose answers were lost. What was not made goes back to be sent again, unless the fleet is over.
    async fn find_lost(&mut self, control: &mut Control, limit: Duration, poll: PollOptions) {
        let mut pauses = unlimited(poll).pauses(Instant::now());
        loop {
            let by_label = if self.traceable { traced(&self.servers).await } else { HashMap::new() };
            let mut asked = None;
            for mut lost in std::mem::take(&mut self.lost) {
                let made = lost.error.created().map(|created| created.uuid);
                let seen = lost.error.lost().and_then(|lost| lost.trace.as_deref()).and_then(|of| by_label.get(of));
                if let Some(uuid) = made.or(seen.copied().flatten()) {
                    match self.servers.get(uuid).await {
                        Ok(server) => {
                            self.found(&lost, server);
                            continue;
                        }
                        Err(error) => asked = asked.max(error.retry_after()),
                    }
                }
                if lost.since.elapsed() < limit {
                    self.lost.push(lost);
                    continue;
                }
                // The last look, at this one alone, which also sees what a list may not show.
                match self.servers.find_lost(&lost.error).limit(Duration::ZERO).await {
                    Ok(Some(server)) => self.found(&lost, server),
                    Ok(None) => self.not_made(lost, control),
                    Err(error) => {
                        if error.is_lost_create() {
                            lost.error = error;
                        }
                        self.entries[lost.number].1 = Fate::InDoubt(lost.error);
                        if matches!(control.failure(), Landing::Last) {
                            control.end(End::Failure);
                        }
                    }
                }
                control.show(&mut self.progress, 0);
            }
            if self.lost.is_empty() {
                return;
            }
            let Some(pause) = pauses.next(asked) else { return };
            rest(pause, pauses.deadline()).await;
        }
    }

    fn found(&mut self, lost: &Lost, mut server: Server) {
        if let Some(created) = lost.error.created() {
            server.username = server.username.take().or_else(|| created.username.clone());
            server.password = server.password.take().or_else(|| created.password.clone());
        }
        self.progress.in_doubt -= 1;
        self.progress.left += 1;
        self.made(lost.number, server);
    }

    fn not_made(&mut self, lost: Lost, control: &Control) {
        self.progress.in_doubt -= 1;
        let number = lost.number;
        self.entries[number].1 = Fate::Failed(lost.error);
        if control.is_over() || self.sent[number] >= SENT {
            self.progress.failed += 1;
        } else {
            self.progress.left += 1;
            self.queue.push_back(number);
        }
    }

    /// Waits until all that were made are started.
    async fn wait(&mut self, control: &mut Control, poll: PollOptions) {
        let mut numbers: HashMap<Uuid, usize> = HashMap::new();
        for (number, (_, fate)) in self.entries.iter().enumerate() {
            if let Fate::Done(server) = fate {
                numbers.insert(server.uuid, number);
            }
        }
        let uuids: Vec<Uuid> = numbers.keys().copied().collect();
        let left = control.deadline.saturating_duration_since(Instant::now());
        let mut wait = self.servers.wait_all_until(uuids, ServerState::Started).limit(left);
        wait = wait.poll_every(poll.first, poll.longest);
        let may_wait = !matches!(control.end, Some(End::Stopped | End::Failure));
        while may_wait && !numbers.is_empty() {
            let Some(Some((uuid, result))) = control.unless_stopped(wait.next()).await else { break };
            let Some(number) = numbers.remove(&uuid) else { continue };
            match result {
                Ok(seen) => self.ready(number, seen),
                Err(error) => {
                    if error.is_timeout() {
                        control.end(End::Limit);
                    }
                    self.unfinished(number, error);
                }
            }
            control.show(&mut self.progress, 0);
        }
        for (uuid, number) in numbers {
            let text = format!("server {uuid} was no longer waited for, because the fleet ended");
            self.unfinished(number, Error::new(Class::Timeout, text));
        }
    }

    fn ready(&mut self, number: usize, seen: ServerSummary) {
        self.progress.ready += 1;
        if let (_, Fate::Done(server)) = &mut self.entries[number] {
            server.state = seen.state;
            server.host = seen.host.or(server.host);
            server.progress = None;
        }
    }

    fn unfinished(&mut self, number: usize, error: Error) {
        self.progress.unfinished += 1;
        let entry = &mut self.entries[number].1;
        *entry = match std::mem::replace(entry, Fate::NotBegun) {
            Fate::Done(server) => {
                let error = error.accepted(Some(Operation::CreateServer), Some(server.clone()));
                Fate::Unfinished(server, error)
            }
            other => other,
        };
    }
}

/// Which servers carry which label of a create; none where several carry the same.
async fn traced(servers: &Servers) -> HashMap<String, Option<Uuid>> {
    let mut found = HashMap::new();
    // What a look like this one does not find is looked for alone before anything is believed.
    let listed = servers.list().label_key(TRACE_LABEL).await.unwrap_or_default();
    for ServerSummary { uuid, labels, .. } in listed {
        for label in labels.into_iter().filter(|label| label.key.eq_ignore_ascii_case(TRACE_LABEL)) {
            found.entry(label.value).and_modify(|found| *found = None).or_insert(Some(uuid));
        }
    }
    found
}
