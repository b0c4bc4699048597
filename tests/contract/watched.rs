//! A fake whose every exchange is held against the description when the test is over. Tests that use a fake use this one.

use std::{
    collections::BTreeSet,
    fs::OpenOptions,
    io::Write as _,
    ops::Deref,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde::{Deserialize, Serialize};
use upcloud::fake::{Fake, FakeBuilder, RecordedRequest};

use super::{Seen, look};

/// What one fake was asked, as a line of the file that the counts of the whole suite come from.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) exchanges: usize,
    pub(crate) bodies: usize,
    pub(crate) canned: usize,
    /// Exchanges that the fake no longer remembered at its end.
    pub(crate) forgotten: usize,
    pub(crate) succeeded: BTreeSet<String>,
    /// Operation, status, code.
    pub(crate) refused: BTreeSet<(String, u16, String)>,
}

#[derive(Debug)]
pub(crate) struct Watched {
    fake: Fake,
    asked: Arc<AtomicUsize>,
}

pub(crate) async fn watched() -> Watched {
    Fake::builder().watched().await
}

pub(crate) fn watched_blocking() -> Watched {
    let (builder, asked) = counting(Fake::builder());
    Watched { fake: builder.start_blocking(), asked }
}

pub(crate) trait Watch {
    async fn watched(self) -> Watched;
}

impl Watch for FakeBuilder {
    async fn watched(self) -> Watched {
        let (builder, asked) = counting(self);
        Watched { fake: builder.start().await, asked }
    }
}

fn counting(builder: FakeBuilder) -> (FakeBuilder, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let look = move |_: &RecordedRequest| {
        count.fetch_add(1, Ordering::SeqCst);
    };
    (builder.keep_requests(usize::MAX).on_request(look), asked)
}

impl Deref for Watched {
    type Target = Fake;

    fn deref(&self) -> &Fake {
        &self.fake
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let (seen, faults) = look(&self.fake, false);
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
        // Large answers may have pushed others out, and a loaded state forgets what was before.
        note(&seen, self.asked.load(Ordering::SeqCst) - seen.exchanges - seen.canned);
    }
}

/// Where the lines are.
pub(crate) fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("exchanges.jsonl")
}

fn note(seen: &Seen, forgotten: usize) {
    let line = Line {
        exchanges: seen.exchanges,
        bodies: seen.bodies,
        canned: seen.canned,
        forgotten,
        succeeded: seen.succeeded.keys().map(ToString::to_string).collect(),
        refused: seen
            .refused
            .iter()
            .map(|(operation, status, code)| (operation.to_string(), *status, code.clone()))
            .collect(),
    };
    let text = serde_json::to_string(&line).expect("JSON") + "\n";
    // One write, so that tests of other processes do not come in between.
    let mut file = OpenOptions::new().create(true).append(true).open(file()).expect("a file for the counts");
    file.write_all(text.as_bytes()).expect("a line is written");
}
