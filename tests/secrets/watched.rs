//! A subscriber that remembers all that `tracing` is told, of this crate and of everything below it.

use std::{
    fmt::{Debug, Write as _},
    sync::{Arc, Mutex},
};

use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

#[derive(Clone, Default)]
pub(crate) struct Watched(Arc<Mutex<String>>);

impl Watched {
    /// What was told since the last time.
    pub(crate) fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().expect("a lock"))
    }

    fn add(&self, record: impl FnOnce(&mut Line<'_>)) {
        record(&mut Line(&mut self.0.lock().expect("a lock")));
    }
}

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0, "{field} {value:?}").expect("a string");
    }
}

impl Subscriber for Watched {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        self.add(|line| span.record(line));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        self.add(|line| values.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.add(|line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
