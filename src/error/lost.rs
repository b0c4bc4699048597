//! What an error keeps of a create whose answer was lost: enough to recognise what it made, and to tell its age.

use std::{
    any::Any,
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use crate::model::{
    Operation,
    types::{Label, LabelInput},
};

/// The key of the label that makes a create traceable.
pub(crate) const TRACE_LABEL: &str = "upcloud-rust-create";

/// By how much two clocks may differ of which one is believed.
const SKEW: Duration = Duration::from_secs(60);
/// What is older than the create by more than this is not of it, even if the clocks of the service differ among themselves.
const SURELY_OLDER: i64 = 15 * 60;

/// A create whose answer was lost.
#[derive(Clone, Debug)]
pub(crate) struct LostCreate {
    pub(crate) operation: Operation,
    /// The value of the label, if it was traceable.
    pub(crate) trace: Option<String>,
    /// What was to be made, as far as the operation can recognise it.
    sought: Arc<dyn Any + Send + Sync>,
    sent: Moment,
}

/// A point in time by both clocks of this machine: one may be set, the other may stand still while the machine sleeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    steady: Instant,
    wall: SystemTime,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Self { steady: Instant::now(), wall: SystemTime::now() }
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

impl LostCreate {
    pub(crate) fn new<T: Any + Send + Sync>(operation: Operation, labels: Option<&Vec<LabelInput>>, sought: T) -> Self {
        let label = labels.and_then(|labels| labels.iter().rfind(|label| label.key == TRACE_LABEL));
        let trace = label.map(|label| label.value.clone());
        Self { operation, trace, sought: Arc::new(sought), sent: Moment::now() }
    }

    pub(crate) fn sent_now(self) -> Self {
        Self { sent: Moment::now(), ..self }
    }

    /// What was to be made, if it is of this type.
    pub(crate) fn sought<T: Any>(&self) -> Option<&T> {
        self.sought.downcast_ref()
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

#[cfg(test)]
mod tests;
