//! The request log: a thread that writes lines to stderr, so that a pipe that nobody reads does not stop the fake.

use std::{
    io::{self, IsTerminal as _, Write as _},
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
    /// For people at a terminal; a program that reads the lines gets them plain.
    colors: bool,
}

/// One request, as it is logged.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    /// `None` for a connection that was closed without an answer.
    pub(crate) status: Option<u16>,
    pub(crate) operation: &'a str,
    pub(crate) code: &'a str,
}

impl<'a> Line<'a> {
    /// A request that is no operation.
    pub(crate) fn of(method: &'a http::Method, path: &'a str, status: u16) -> Self {
        Self { method: method.as_str(), path, status: Some(status), operation: "-", code: "-" }
    }

    fn to_text(self, colors: bool) -> String {
        let Self { method, path, status, operation, code } = self;
        let status_text = status.map_or("dropped".to_owned(), |status| status.to_string());
        let (dim, mark, end) = match status {
            _ if !colors => ("", "", ""),
            Some(200..=299) => ("\u{1b}[2m", "\u{1b}[32m", "\u{1b}[0m"),
            Some(300..=499) => ("\u{1b}[2m", "\u{1b}[33m", "\u{1b}[0m"),
            _ => ("\u{1b}[2m", "\u{1b}[31m", "\u{1b}[0m"),
        };
        format!("{dim}{}{end} {method} {path} {mark}{status_text}{end} {operation} {mark}{code}{end}", now())
    }
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
        let colors = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self { lines: Mutex::new(Some(lines)), written: Mutex::new(written), colors }
    }

    /// A line about a request.
    pub(crate) fn line(&self, line: Line<'_>) {
        self.text(line.to_text(self.colors));
    }

    /// Any other line.
    pub(crate) fn text(&self, line: String) {
        if let Some(lines) = &*self.lines.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = lines.try_send(line);
        }
    }

    pub(crate) fn request(&self, request: &RecordedRequest) {
        let shown = request.query.iter().map(|(name, value)| (name, if is_known(name) { value } else { ".." }));
        let query = Serializer::new(String::new()).extend_pairs(shown).finish();
        let mark = if query.is_empty() { "" } else { "?" };
        let status = Some(request.status).filter(|status| *status != 0);
        let operation = request.operation.map_or("-", |operation| operation.id());
        let code = request.error_code();
        let code = code.as_ref().map_or("-", |code| if code.is_known() { code.as_str() } else { "_OTHER" });
        let path = format!("{}{mark}{query}", request.path);
        self.line(Line { method: &request.method, path: &path, status, operation, code });
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
fn now() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = now.as_secs() % 86_400;
    format!("{:02}:{:02}:{:02}.{:03}", seconds / 3600, seconds / 60 % 60, seconds % 60, now.subsec_millis())
}
