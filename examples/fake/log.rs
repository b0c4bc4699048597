//! The request log: a thread that writes lines to stderr, so that a pipe that nobody reads does not stop the fake.

use std::{
    io::{self, Write as _},
    sync::{
        Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, channel, sync_channel},
    },
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use upcloud::fake::RecordedRequest;
use url::form_urlencoded::Serializer;

/// Lines that wait for the reader of stderr; further ones are lost.
const WAITING: usize = 10_000;
/// How long the end of the program waits for lines to be written.
const LAST_LINES: Duration = Duration::from_secs(1);

pub(crate) struct Log {
    lines: Mutex<Option<SyncSender<String>>>,
    written: Mutex<Receiver<()>>,
}

impl Log {
    pub(crate) fn start() -> Self {
        let (lines, waiting) = sync_channel::<String>(WAITING);
        let (done, written) = channel();
        thread::spawn(move || {
            let mut stderr = io::stderr().lock();
            for line in waiting {
                let _ = writeln!(stderr, "{line}");
            }
            drop(done);
        });
        Self { lines: Mutex::new(Some(lines)), written: Mutex::new(written) }
    }

    pub(crate) fn line(&self, line: String) {
        if let Some(lines) = &*self.lines.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = lines.try_send(line);
        }
    }

    pub(crate) fn request(&self, request: &RecordedRequest) {
        let shown = request.query.iter().map(|(name, value)| (name, if is_known(name) { value } else { ".." }));
        let query = Serializer::new(String::new()).extend_pairs(shown).finish();
        let mark = if query.is_empty() { "" } else { "?" };
        let status = if request.status == 0 { "dropped".to_owned() } else { request.status.to_string() };
        let operation = request.operation.map_or("-", |operation| operation.id());
        let code = request.error_code();
        let code = code.as_ref().map_or("-", |code| if code.is_known() { code.as_str() } else { "_OTHER" });
        self.line(format!("{} {} {}{mark}{query} {status} {operation} {code}", now(), request.method, request.path));
    }

    /// Waits until what was said is written, unless nobody reads it.
    pub(crate) fn end(&self) {
        drop(self.lines.lock().unwrap_or_else(PoisonError::into_inner).take());
        let _ = self.written.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(LAST_LINES);
    }
}

/// Whether the description knows a parameter of this name; the value of any other may be a secret.
fn is_known(name: &str) -> bool {
    matches!(name, "backups" | "label" | "limit" | "offset" | "storages")
}

/// The time of day in UTC.
pub(crate) fn now() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = now.as_secs() % 86_400;
    format!("{:02}:{:02}:{:02}.{:03}", seconds / 3600, seconds / 60 % 60, seconds % 60, now.subsec_millis())
}
