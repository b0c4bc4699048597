//! A fake whose every exchange is held against the description when the test is over. Tests that use a fake use this one.

use std::{
    collections::BTreeSet,
    fs::OpenOptions,
    io::Write as _,
    ops::Deref,
    path::PathBuf,
    sync::{Arc, Mutex},
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
    pub(crate) succeeded: BTreeSet<String>,
    /// Operation, status, code.
    pub(crate) refused: BTreeSet<(String, u16, String)>,
}

type Asked = Arc<Mutex<Vec<RecordedRequest>>>;

#[derive(Debug)]
pub(crate) struct Watched {
    fake: Fake,
    /// Kept here, because a fake forgets what was before it loaded a state.
    asked: Asked,
}

pub(crate) async fn watched() -> Watched {
    Fake::builder().watched().await
}

pub(crate) fn watched_blocking() -> Watched {
    let (builder, asked) = listening(Fake::builder());
    Watched { fake: builder.start_blocking(), asked }
}

pub(crate) trait Watch {
    async fn watched(self) -> Watched;
}

impl Watch for FakeBuilder {
    async fn watched(self) -> Watched {
        let (builder, asked) = listening(self);
        Watched { fake: builder.start().await, asked }
    }
}

fn listening(builder: FakeBuilder) -> (FakeBuilder, Asked) {
    let asked = Asked::default();
    let all = Arc::clone(&asked);
    let look = move |request: &RecordedRequest| all.lock().expect("no panic with the lock").push(request.clone());
    (builder.on_request(look), asked)
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
        let (seen, faults) = look(&self.asked.lock().expect("no panic with the lock"), false);
        assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
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
