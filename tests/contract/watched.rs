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
use upcloud::fake::{Fake, FakeBuilder};

use super::{Seen, look};

/// What one fake was asked, as a line of the file that the counts of the whole suite come from.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) exchanges: usize,
    pub(crate) bodies: usize,
    pub(crate) canned: usize,
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

pub(crate) trait Watch {
    async fn watched(self) -> Watched;
}

impl Watch for FakeBuilder {
    async fn watched(self) -> Watched {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let builder = self.keep_requests(usize::MAX).on_request(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
        });
        Watched { fake: builder.start().await, asked }
    }
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
        assert!(self.fake.requests().len() <= self.asked.load(Ordering::SeqCst));
        note(&seen);
    }
}

/// Where the lines are.
pub(crate) fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("exchanges.jsonl")
}

fn note(seen: &Seen) {
    let line = Line {
        exchanges: seen.exchanges,
        bodies: seen.bodies,
        canned: seen.canned,
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
