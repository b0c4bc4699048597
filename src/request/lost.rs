//! What an error keeps of a create whose answer was lost, so that what it made can be found.

use std::time::{Duration, SystemTime};

use uuid::Uuid;

use crate::{Error, error::Class, generated::types::LabelInput};

/// The key of the label that [`traceable`](crate::Request#method.traceable) puts on a create.
#[doc(hidden)]
pub const TRACE_LABEL: &str = "upcloud-rust-create";

/// How far the clock of the service may be behind.
const SKEW: Duration = Duration::from_secs(60);

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
