//! What an error keeps of a create whose answer was lost, and the search for what it made.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    time::{Duration, SystemTime},
};

use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::{Error, error::Class, generated::types::LabelInput};

/// The key of the label that [`traceable`](crate::Request#method.traceable) puts on a create.
#[doc(hidden)]
pub const TRACE_LABEL: &str = "upcloud-rust-create";

/// How far the clock of the service may be behind.
const SKEW: Duration = Duration::from_secs(60);
/// The rest between two looks for something that is not there yet.
const PAUSE: Duration = Duration::from_secs(2);

/// A create whose answer was lost.
#[derive(Clone, Debug)]
pub struct Lost {
    /// The value of the label, if it was traceable.
    pub(crate) trace: Option<String>,
    pub(crate) what: LostThing,
    /// The earliest time of creation, in seconds since 1970.
    pub(crate) since: i64,
}

/// What was to be made, as far as it can be recognised.
#[derive(Clone, Debug)]
pub(crate) enum LostThing {
    Server { hostname: String },
    Group { title: String, servers: Vec<Uuid> },
}

impl Lost {
    pub(crate) fn new(labels: Option<&Vec<LabelInput>>, what: LostThing) -> Self {
        let label = labels.and_then(|labels| labels.iter().rfind(|label| label.key == TRACE_LABEL));
        Self { trace: label.map(|label| label.value.clone()), what, since: 0 }
    }

    pub(super) fn sent_at(self, now: SystemTime) -> Self {
        let since = now.duration_since(SystemTime::UNIX_EPOCH + SKEW).unwrap_or_default();
        Self { since: i64::try_from(since.as_secs()).unwrap_or(i64::MAX), ..self }
    }
}

/// Puts a label with a new value on a create.
pub(crate) fn trace(labels: &mut Option<Vec<LabelInput>>) {
    let labels = labels.get_or_insert_default();
    labels.retain(|label| label.key != TRACE_LABEL);
    let value = uuid::Builder::from_random_bytes(fastrand::u128(..).to_be_bytes()).into_uuid();
    labels.push(LabelInput::new(TRACE_LABEL.to_owned(), value.to_string()));
}

/// The one that was found, if it is one.
pub(crate) fn only<T>(mut found: Vec<T>, uuid: impl Fn(&T) -> Uuid) -> Result<Option<T>, Error> {
    if found.len() > 1 {
        let names = found.iter().map(|thing| uuid(thing).to_string()).collect::<Vec<_>>().join(", ");
        return Err(Error::new(
            Class::Configuration,
            format!("several look like what the lost create may have made: {names}"),
        ));
    }
    Ok(found.pop())
}

type Looking<T> = Pin<Box<dyn Future<Output = Result<Option<T>, Error>> + Send>>;

/// The search for what a lost create has made, from [`Servers::find_lost`](crate::Servers::find_lost) and
/// [`ServerGroups::find_lost`](crate::ServerGroups::find_lost): `.await` gives it, or `None` if nothing was made.
///
/// The first look is at once. If it finds nothing, others follow every two seconds within the [limit](Self::limit): the
/// service may still be at work on the request, or not show everywhere what it has just made.
#[must_use = "a search does nothing until it is awaited"]
pub struct FindLost<T> {
    look: Box<dyn Fn() -> Looking<T> + Send>,
    limit: Duration,
}

impl<T: 'static> FindLost<T> {
    pub(crate) fn new<F>(look: impl Fn() -> F + Send + 'static) -> Self
    where
        F: Future<Output = Result<Option<T>, Error>> + Send + 'static,
    {
        Self { look: Box::new(move || Box::pin(look())), limit: Duration::from_secs(30) }
    }

    /// How long to go on if there is nothing, 30 seconds by default. No look begins after that; with zero there is one.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

impl<T: Send + 'static> IntoFuture for FindLost<T> {
    type Output = Result<Option<T>, Error>;
    type IntoFuture = Looking<T>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let begin = Instant::now();
            loop {
                let look = (self.look)();
                if let Some(found) = look.await? {
                    return Ok(Some(found));
                }
                if begin.elapsed().saturating_add(PAUSE) > self.limit {
                    return Ok(None);
                }
                sleep(PAUSE).await;
            }
        })
    }
}

impl<T> fmt::Debug for FindLost<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FindLost").field("limit", &self.limit).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    };

    use super::*;

    /// Finds something at this look; and counts the looks.
    fn search(at: u32) -> (FindLost<&'static str>, Arc<AtomicU32>) {
        let looks = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&looks);
        let find = FindLost::new(move || {
            let look = counted.fetch_add(1, Relaxed) + 1;
            async move { Ok((look >= at).then_some("found")) }
        });
        (find, looks)
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_visible_yet_is_looked_for_again() {
        let begin = Instant::now();
        let (find, looks) = search(1);
        assert_eq!(find.await.expect("an answer"), Some("found"));
        assert_eq!((looks.load(Relaxed), begin.elapsed()), (1, Duration::ZERO), "the first look is at once");
        let (find, looks) = search(8);
        assert_eq!(find.await.expect("an answer"), Some("found"));
        assert_eq!((looks.load(Relaxed), begin.elapsed()), (8, 7 * PAUSE));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_said_only_when_the_time_is_over() {
        for (limit, looked) in [(0, 1), (1, 1), (2, 2), (30, 16)] {
            let begin = Instant::now();
            let (find, looks) = search(u32::MAX);
            let found = find.limit(Duration::from_secs(limit)).await.expect("an answer");
            assert_eq!((found, looks.load(Relaxed)), (None, looked), "{limit}");
            assert!(begin.elapsed() <= Duration::from_secs(limit));
        }
        let default = search(u32::MAX).0;
        assert_eq!(default.limit, Duration::from_secs(30));
        let refused = FindLost::<()>::new(|| async { Err(Error::configuration("no")) });
        refused.await.expect_err("an error ends it at once");
    }
}
