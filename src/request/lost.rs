//! What an error keeps of a create whose answer was lost, and the search for what it made.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    time::{Duration, Instant as SteadyInstant, SystemTime},
};

use tokio::time::{Instant, sleep_until, timeout_at};
use uuid::Uuid;

use super::after;
use crate::{
    Error,
    error::Class,
    generated::{
        Operation,
        types::{Label, LabelInput},
    },
};

/// The key of the label that [`traceable`](crate::Request#method.traceable) puts on a create.
#[doc(hidden)]
pub const TRACE_LABEL: &str = "upcloud-rust-create";

/// By how much two clocks may differ of which one is believed.
const SKEW: Duration = Duration::from_secs(60);
/// What is older than the create by more than this is not of it, even if the clocks of the service differ among themselves.
const SURELY_OLDER: i64 = 15 * 60;
/// The rest between two looks for something that is not there yet.
const PAUSE: Duration = Duration::from_secs(2);
const LIMIT: Duration = Duration::from_secs(30);
/// So many are named at most.
const NAMED: usize = 10;

/// A create whose answer was lost.
#[derive(Clone, Debug)]
pub struct Lost {
    /// The value of the label, if it was traceable.
    pub(crate) trace: Option<String>,
    pub(crate) what: LostThing,
    sent: Moment,
}

/// What was to be made, as far as it can be recognised.
#[derive(Clone, Debug)]
pub(crate) enum LostThing {
    Server { hostname: String },
    Group { title: String, servers: Vec<Uuid> },
}

/// A point in time by both clocks of this machine: one may be set, the other may stand still while the machine sleeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    steady: SteadyInstant,
    wall: SystemTime,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Self { steady: SteadyInstant::now(), wall: SystemTime::now() }
    }

    /// How long ago the other was, in whole seconds; `None` if the clocks disagree about it.
    fn since(self, other: Self) -> Option<i64> {
        let steady = self.steady.saturating_duration_since(other.steady);
        let wall = self.wall.duration_since(other.wall).unwrap_or_default();
        let elapsed = i64::try_from(steady.as_secs()).ok()?;
        (steady.abs_diff(wall) <= SKEW).then_some(elapsed.saturating_add(1))
    }
}

/// What the service called the time in the header `Date` of an answer, and when that came.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServiceTime {
    pub(crate) date: SystemTime,
    pub(crate) at: Moment,
}

/// Whether something was made before the create was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Age {
    Younger,
    Older,
    Unknown,
}

impl Lost {
    pub(crate) fn new(labels: Option<&Vec<LabelInput>>, what: LostThing) -> Self {
        let label = labels.and_then(|labels| labels.iter().rfind(|label| label.key == TRACE_LABEL));
        Self { trace: label.map(|label| label.value.clone()), what, sent: Moment::now() }
    }

    pub(super) fn sent_now(self) -> Self {
        Self { sent: Moment::now(), ..self }
    }

    /// Whether one of the labels is the one that was put on the create.
    pub(crate) fn is_traced_by(&self, labels: &[Label]) -> bool {
        let is_ours = |label: &Label| {
            label.key.eq_ignore_ascii_case(TRACE_LABEL) && Some(label.value.as_str()) == self.trace.as_deref()
        };
        labels.iter().any(is_ours)
    }

    /// Compares the time of creation that the service tells with what the service called the time, so that the clock of
    /// this machine does not matter.
    pub(crate) fn age(&self, created: Option<i64>, told: Option<ServiceTime>) -> Age {
        let known = created.zip(told).and_then(|(created, told)| {
            let now = told.date.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
            Some((created, i64::try_from(now).ok()?, told.at.since(self.sent)?))
        });
        let Some((created, now, elapsed)) = known else { return Age::Unknown };
        // Both times are cut to whole seconds.
        let sent = now.saturating_sub(elapsed).saturating_sub(1);
        if created > now.saturating_add(2) {
            // The service has two clocks itself.
            Age::Unknown
        } else if created >= sent {
            Age::Younger
        } else if created < sent.saturating_sub(SURELY_OLDER) {
            Age::Older
        } else {
            Age::Unknown
        }
    }
}

/// Puts a label with a new value on a create.
pub(crate) fn trace(labels: &mut Option<Vec<LabelInput>>) {
    let labels = labels.get_or_insert_default();
    labels.retain(|label| label.key != TRACE_LABEL);
    let value = uuid::Builder::from_random_bytes(fastrand::u128(..).to_be_bytes()).into_uuid();
    labels.push(LabelInput::new(TRACE_LABEL.to_owned(), value.to_string()));
}

/// What a look for what a lost create has made gives.
#[derive(Debug)]
pub(crate) enum Search<T> {
    Found(T),
    Nothing,
    /// There is something, and nobody can tell whether the create has made it.
    Undecided(String),
}

impl<T> Search<T> {
    /// One that fits and nothing beside it is found; what fits or may fit otherwise decides nothing.
    pub(crate) fn among(mut fits: Vec<T>, may_fit: &[Uuid], uuid: impl Fn(&T) -> Uuid) -> Self {
        let names = |uuids: &mut dyn Iterator<Item = Uuid>| {
            let named: Vec<String> = uuids.take(NAMED).map(|uuid| uuid.to_string()).collect();
            named.join(", ")
        };
        match (fits.len(), may_fit.len()) {
            (0, 0) => Self::Nothing,
            (1, 0) => fits.pop().map_or(Self::Nothing, Self::Found),
            (0, _) => Self::Undecided(format!(
                "nobody can tell whether the lost create has made this, or somebody else before: {}",
                names(&mut may_fit.iter().copied())
            )),
            _ => Self::Undecided(format!(
                "several look like what the lost create may have made: {}",
                names(&mut fits.iter().map(&uuid).chain(may_fit.iter().copied()))
            )),
        }
    }
}

type Finding<T> = Pin<Box<dyn Future<Output = Result<Option<T>, Error>> + Send>>;
type Looking<T> = Pin<Box<dyn Future<Output = Result<Search<T>, Error>> + Send>>;

/// The search for what a lost create has made, from [`Servers::find_lost`](crate::Servers::find_lost) and
/// [`ServerGroups::find_lost`](crate::ServerGroups::find_lost): `.await` gives it, or `None` if nothing was made.
///
/// The first look is at once. If it finds nothing, others follow every two seconds, or later if an answer asks for it by
/// `Retry-After`, within the [limit](Self::limit): the service may still be at work on the request, or not show everywhere
/// what it has just made. Trouble of the service or the network is ridden out within the limit, which holds for all of it:
/// slow answers and lists without an end do not prolong it.
///
/// `None` is said only after a whole look that was sure of it. Whatever else ends the search is an error for which
/// [`is_lost_create`](Error::is_lost_create) and [`may_have_taken_effect`](Error::may_have_taken_effect) are still true, so
/// that no caller takes it for leave to create again; it can be handed to another search. Where something may be it but
/// nobody can tell, [`is_undecided`](Error::is_undecided) is true and the message names it.
#[must_use = "a search does nothing until it is awaited"]
pub struct FindLost<T> {
    lost: Result<(Operation, Lost), &'static str>,
    look: Box<dyn Fn(Lost, Instant) -> Looking<T> + Send>,
    limit: Duration,
}

impl<T: 'static> FindLost<T> {
    /// `look` makes one look, over by the time it is told.
    pub(crate) fn new<F>(
        lost: Result<(Operation, Lost), &'static str>,
        look: impl Fn(Lost, Instant) -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Search<T>, Error>> + Send + 'static,
    {
        Self { lost, look: Box::new(move |lost, deadline| Box::pin(look(lost, deadline))), limit: LIMIT }
    }

    /// How long it may take as a whole, 30 seconds by default. When it is over while a look is under way, or after a look
    /// that could not decide, it ends in an error.
    ///
    /// With [`Duration::ZERO`] there is one look, which has 30 seconds; [`Duration::MAX`] means until something is found.
    /// With little time `None` says little: what has just been made may not be visible yet.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

impl<T: Send + 'static> IntoFuture for FindLost<T> {
    type Output = Result<Option<T>, Error>;
    type IntoFuture = Finding<T>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { lost, look, limit } = self;
            let (operation, lost) = lost.map_err(Error::configuration)?;
            let begin = Instant::now();
            let once = limit.is_zero();
            let limit = if once { LIMIT } else { limit };
            let deadline = after(begin, limit);
            let end = loop {
                let Ok(seen) = timeout_at(deadline, look(lost.clone(), deadline)).await else {
                    let text = format!("the search for what it has made was not over within {limit:?}");
                    break Err(Error::new(Class::Timeout, text));
                };
                let asked = match &seen {
                    Ok(Search::Found(_)) => break seen,
                    Err(error) if !(error.is_transient() || error.is_decode()) => break seen,
                    Err(error) => error.retry_after(),
                    Ok(_) => None,
                };
                let next = after(Instant::now(), PAUSE.max(asked.unwrap_or_default()));
                if once || next >= deadline {
                    break seen;
                }
                sleep_until(next).await;
            };
            let error = match end {
                Ok(Search::Found(found)) => return Ok(Some(found)),
                Ok(Search::Nothing) => return Ok(None),
                Ok(Search::Undecided(text)) => Error::new(Class::Undecided, text),
                Err(error) => error,
            };
            Err(error.took(begin.elapsed()).still_lost(operation, lost))
        })
    }
}

impl<T> fmt::Debug for FindLost<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FindLost").field("limit", &self.limit).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
