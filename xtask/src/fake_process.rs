//! The fake as a process of its own, as teams of other languages run it: built, started on a free port, asked for its request
//! log, stopped. Nothing here knows who talks to it.

use std::{
    fmt,
    io::{BufRead as _, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread::JoinHandle,
    time::{Duration, Instant},
};

use crate::cargo;

/// The example of the crate that is the process.
const EXAMPLE: &str = "fake";
/// How long it may take to say where it is, and to end when it is told to.
const PATIENCE: Duration = Duration::from_secs(20);
/// Where its controls are; requests for them are no requests of a client.
const CONTROLS: &str = "/_fake";
/// What Rust writes when a thread fails; the process may well go on.
const PANIC: &str = "panicked at";

/// The built program; one may start many processes.
#[derive(Clone, Debug)]
pub(crate) struct FakeProgram {
    path: PathBuf,
}

impl FakeProgram {
    /// Builds the program, or finds it built.
    pub(crate) fn build(root: &Path) -> Result<Self, Vec<String>> {
        println!("Building the fake");
        let path = cargo::built(root, &["build", "--quiet", "--example", EXAMPLE], EXAMPLE).map_err(|e| vec![e])?;
        Ok(Self { path })
    }

    /// Starts a process with these options; the port is a free one.
    pub(crate) fn start(&self, options: &[&str]) -> Result<FakeProcess, Vec<String>> {
        FakeProcess::start(Command::new(&self.path).args(["--port", "0"]).args(options)).map_err(|e| vec![e])
    }
}

/// A running fake. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct FakeProcess {
    child: Child,
    base_url: String,
    log: Option<JoinHandle<Log>>,
}

/// What the fake wrote to stderr: its request log, and all else, of which a welcome is the usual part.
#[derive(Debug, Default)]
struct Log {
    requests: Vec<Request>,
    rest: Vec<String>,
}

/// A request of the fake's log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Request {
    /// The HTTP method in capitals.
    pub(crate) method: String,
    /// The path as it was sent, with the query.
    pub(crate) path: String,
    /// The status of the answer; `None` if the connection was closed without one.
    pub(crate) status: Option<u16>,
    /// The operation of the description, or `-` if it is none.
    pub(crate) operation: String,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        self.status.map_or(Ok(()), |status| write!(f, " {status}"))
    }
}

impl FakeProcess {
    /// Starts whatever prints the base URL of a fake as its first line.
    pub(crate) fn start(command: &mut Command) -> Result<Self, String> {
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|e| format!("the fake cannot be started: {e}"))?;
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err("the fake has no output".to_owned());
        };
        let (say, told) = mpsc::channel();
        // Both pipes are read to their ends, always: a full one would stop the fake.
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                say.send(line).ok();
            }
        });
        let log = std::thread::spawn(move || Log::read(stderr));
        let mut fake = Self { child, base_url: String::new(), log: Some(log) };
        match told.recv_timeout(PATIENCE) {
            Ok(line) if line.starts_with("http://") => line.trim_end_matches('/').clone_into(&mut fake.base_url),
            Ok(line) => return Err(format!("the first line of the fake is no base URL: {line}")),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                return Err(format!("the fake did not print its base URL within {} seconds", PATIENCE.as_secs()));
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let log = fake.log.take().and_then(|log| log.join().ok()).unwrap_or_default();
                return Err(format!("the fake ended without its base URL\n{}", log.rest.join("\n")));
            }
        }
        Ok(fake)
    }

    /// Scheme, host and port.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Ends the fake as Ctrl-C does, and gives the requests that it saw, those to its own controls left out. A fake that does
    /// not end, ends with an error or panicked on its way is a finding.
    pub(crate) fn stop(mut self) -> Result<Vec<Request>, Vec<String>> {
        interrupt(&mut self.child).map_err(|e| vec![format!("the fake cannot be stopped: {e}")])?;
        let asked = Instant::now();
        let ended = loop {
            match self.child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if asked.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(20)),
                Ok(None) => return Err(vec![format!("the fake did not end within {} seconds", PATIENCE.as_secs())]),
                Err(e) => return Err(vec![format!("the fake cannot be waited for: {e}")]),
            }
        };
        let log = self.log.take().and_then(|log| log.join().ok()).unwrap_or_default();
        let panics = log.rest.iter().filter(|line| line.contains(PANIC));
        let mut findings: Vec<String> = panics.map(|line| format!("the fake: {line}")).collect();
        if cfg!(unix) && !ended.success() {
            findings.push(format!("the fake ended with {ended} when it was interrupted"));
        }
        if findings.is_empty() { Ok(log.requests) } else { Err(findings) }
    }
}

impl Drop for FakeProcess {
    fn drop(&mut self) {
        // After `stop` there is nothing left to end, and both calls say so.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// Ctrl-C from afar. Where there are no signals, the process is killed.
fn interrupt(child: &mut Child) -> std::io::Result<()> {
    if cfg!(unix) {
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().map(drop)
    } else {
        child.kill()
    }
}

impl Log {
    fn read(stderr: impl Read) -> Self {
        let mut log = Self::default();
        for line in BufReader::new(stderr).lines().map_while(Result::ok) {
            match request(&line) {
                Some(request) if request.path.starts_with(CONTROLS) => {}
                Some(request) => log.requests.push(request),
                None if line.trim().is_empty() => {}
                None => log.rest.push(line),
            }
        }
        log
    }
}

/// The request in a line of the log: time, method, path, status, operation, error code.
fn request(line: &str) -> Option<Request> {
    const METHODS: [&str; 9] = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];
    let mut words = line.split_whitespace().skip_while(|word| !METHODS.contains(word));
    let (method, path) = (words.next()?, words.next().filter(|path| path.starts_with('/'))?);
    let status = words.next()?.parse().ok();
    let operation = words.next().unwrap_or("-").to_owned();
    Some(Request { method: method.to_owned(), path: path.to_owned(), status, operation })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_line_of_the_log_is_a_request() {
        let line = "12:00:01.005 GET /1.3/server?label=env%3Dprod 200 listServers -";
        let read = request(line).unwrap();
        assert_eq!(read.to_string(), "GET /1.3/server?label=env%3Dprod 200");
        assert_eq!(read.operation, "listServers");
        assert_eq!(request("12:00:01.005 DELETE /1.3/server/x dropped - -").unwrap().status, None);
        assert_eq!(request("thread 'main' panicked: GET it"), None);
    }

    #[test]
    fn a_process_tells_where_it_is_and_gives_its_requests_when_it_is_stopped() {
        let script = "trap 'echo GET /late 404 >&2; exit 0' INT; echo GET /1.3/zone 200 >&2; \
                      echo POST /_fake/fill 204 >&2; echo http://127.0.0.1:9; while :; do sleep 0.01; done";
        let fake = FakeProcess::start(&mut shell(script)).unwrap();
        assert_eq!(fake.base_url(), "http://127.0.0.1:9");
        let requests: Vec<String> = fake.stop().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(requests, ["GET /1.3/zone 200", "GET /late 404"]);
    }

    #[test]
    fn a_process_that_fails_is_a_finding() {
        let failed = FakeProcess::start(&mut shell("echo no port >&2; exit 1")).unwrap_err();
        assert!(failed.ends_with("without its base URL\nno port"), "{failed}");
        let script =
            "trap 'exit 3' INT; echo thread x panicked at y >&2; echo http://127.0.0.1:9; while :; do sleep 0.01; done";
        let findings = FakeProcess::start(&mut shell(script)).unwrap().stop().unwrap_err();
        assert!(findings[0].ends_with("panicked at y") && findings[1].contains("exit status: 3"), "{findings:?}");
    }
}
