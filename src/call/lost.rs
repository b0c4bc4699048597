//! The search for what a create has made whose answer was lost.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::{
    pause::{Pauses, after},
    running::Boxed,
};
use crate::{
    error::{Class, Error, LostCreate, TRACE_LABEL},
    model::types::LabelInput,
};

/// The pause between two polls for something that is not there yet.
const PAUSE: Duration = Duration::from_secs(2);
const LIMIT: Duration = Duration::from_secs(30);
/// So many are named at most.
const NAMED: usize = 10;

/// Puts a label with a new value on a create.
pub(crate) fn trace(labels: &mut Option<Vec<LabelInput>>) {
    let labels = labels.get_or_insert_default();
    labels.retain(|label| label.key != TRACE_LABEL);
    let value = uuid::Builder::from_random_bytes(fastrand::u128(..).to_be_bytes()).into_uuid();
    labels.push(LabelInput::new(TRACE_LABEL.to_owned(), value.to_string()));
}

/// What a poll for what a lost create has made gives.
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

type Look<T> = Box<dyn Fn(LostCreate, Instant) -> Looking<T> + Send>;
type Looking<T> = Pin<Box<dyn Future<Output = Result<Search<T>, Error>> + Send>>;

/// The search for what a lost create has made, from [`Servers::find_lost`](crate::Servers::find_lost) and
/// [`ServerGroups::find_lost`](crate::ServerGroups::find_lost): `.await` gives it, or `None` if nothing was made.
///
/// The first poll is at once. If it finds nothing, others follow every two seconds, or later if an answer asks for it by
/// `Retry-After`, within the [limit](Self::limit): the service may still be at work on the request, or not show everywhere
/// what it has just made. Trouble of the service or the network is ridden out within the limit, which holds for all of it:
/// slow answers and lists without an end do not prolong it.
///
/// `None` is said only after a whole poll that was sure of it. Whatever else ends the search is an error for which
/// [`is_lost_create`](Error::is_lost_create) and [`may_have_taken_effect`](Error::may_have_taken_effect) are still true, so
/// that no caller takes it for leave to create again; it can be handed to another search. Where something may be it but
/// nobody can tell, [`is_undecided`](Error::is_undecided) is true and the message names it.
#[must_use = "a search does nothing until it is awaited"]
pub struct FindLost<T> {
    lost: Result<LostCreate, &'static str>,
    /// `None` when it has begun.
    look: Option<Look<T>>,
    limit: Duration,
    running: Option<Boxed<Result<Option<T>, Error>>>,
}

impl<T: 'static> FindLost<T> {
    /// `look` makes one look, over by the time it is told.
    pub(crate) fn new<F>(
        lost: Result<LostCreate, &'static str>,
        look: impl Fn(LostCreate, Instant) -> F + Send + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Search<T>, Error>> + Send + 'static,
    {
        let look: Look<T> = Box::new(move |lost, deadline| Box::pin(look(lost, deadline)));
        Self { lost, look: Some(look), limit: LIMIT, running: None }
    }

    /// How long it may take as a whole, 30 seconds by default. When it is over while a poll is under way, or after a poll
    /// that could not decide, it ends in an error.
    ///
    /// With [`Duration::ZERO`] there is one poll, which has 30 seconds; [`Duration::MAX`] means until something is found.
    /// With little time `None` says little: what has just been made may not be visible yet.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

impl<T: Send + 'static> Future for FindLost<T> {
    type Output = Result<Option<T>, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if let Some(look) = self.look.take() {
            let (lost, limit) = (self.lost.clone(), self.limit);
            self.running = Some(Box::pin(find(lost, look, limit)));
        }
        let Some(running) = &mut self.running else {
            return Poll::Ready(Err(Error::new(Class::Wait, "the search was over already")));
        };
        let result = ready!(running.as_mut().poll(cx));
        self.running = None;
        Poll::Ready(result)
    }
}

async fn find<T>(lost: Result<LostCreate, &'static str>, look: Look<T>, limit: Duration) -> Result<Option<T>, Error> {
    let lost = lost.map_err(Error::configuration)?;
    let begin = Instant::now();
    let once = limit.is_zero();
    let limit = if once { LIMIT } else { limit };
    let mut pauses = Pauses::new(PAUSE, PAUSE, after(begin, limit), once);
    let end = loop {
        let deadline = pauses.deadline();
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
        if !pauses.rest(asked).await {
            break seen;
        }
    };
    let error = match end {
        Ok(Search::Found(found)) => return Ok(Some(found)),
        Ok(Search::Nothing) => return Ok(None),
        Ok(Search::Undecided(text)) => Error::new(Class::Undecided, text),
        Err(error) => error,
    };
    Err(error.took(begin.elapsed()).still_lost(lost))
}

impl<T> fmt::Debug for FindLost<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FindLost").field("limit", &self.limit).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
