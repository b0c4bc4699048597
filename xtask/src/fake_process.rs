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

use serde_json::Value;

/// The example of the crate that is the process.
const EXAMPLE: &str = "fake";
/// How long it may take to say where it is, and to end when it is told to.
const PATIENCE: Duration = Duration::from_secs(20);

/// The built program; one may start many processes.
#[derive(Clone, Debug)]
pub(crate) struct FakeProgram {
    path: PathBuf,
}

impl FakeProgram {
    /// Builds the program, or finds it built.
    pub(crate) fn build(root: &Path) -> Result<Self, Vec<String>> {
        println!("Building the fake");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let arguments = ["build", "--quiet", "--example", EXAMPLE, "--message-format", "json-render-diagnostics"];
        let said = crate::tools::output(Command::new(cargo).args(arguments).current_dir(root)).map_err(|e| vec![e])?;
        match executable(&said) {
            Some(path) => Ok(Self { path }),
            None => Err(vec![format!("cargo does not say where the example {EXAMPLE} is")]),
        }
    }

    /// Starts a process with these options; the port is a free one.
    pub(crate) fn start(&self, options: &[&str]) -> Result<FakeProcess, Vec<String>> {
        FakeProcess::start(Command::new(&self.path).args(["--port", "0"]).args(options)).map_err(|e| vec![e])
    }
}

/// What cargo says of the program, among all that it says.
fn executable(messages: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mine = messages.filter(|message| message.pointer("/target/name").is_some_and(|name| name == EXAMPLE));
    mine.filter_map(|message| message.get("executable")?.as_str().map(PathBuf::from)).last()
}

/// A running fake. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct FakeProcess {
    child: Child,
    base_url: String,
    output: Option<JoinHandle<Vec<Request>>>,
}

/// A request of the fake's log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Request {
    /// The HTTP method in capitals.
    pub(crate) method: String,
    /// The path as it was sent, with the query if the log has it.
    pub(crate) path: String,
    /// The status of the answer; `None` if the log has none, because the connection was closed.
    pub(crate) status: Option<u16>,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        self.status.map_or(Ok(()), |status| write!(f, " {status}"))
    }
}

impl FakeProcess {
    fn start(command: &mut Command) -> Result<Self, String> {
        let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|e| format!("the fake cannot be started: {e}"))?;
        let Some(stdout) = child.stdout.take() else { return Err("the fake has no output".to_owned()) };
        let (say, told) = mpsc::channel();
        // Read to the end, always: a full pipe would stop the fake.
        let output = std::thread::spawn(move || read(stdout, &say));
        let mut fake = Self { child, base_url: String::new(), output: Some(output) };
        match told.recv_timeout(PATIENCE) {
            Ok(base_url) => fake.base_url = base_url,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                return Err(format!("the fake did not print its base URL within {} seconds", PATIENCE.as_secs()));
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => return Err("the fake ended without its base URL".to_owned()),
        }
        Ok(fake)
    }

    /// Scheme, host and port.
    pub(crate) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Ends the fake as Ctrl-C does, and gives its whole log. A fake that has to be killed, or ends with an error, is a finding.
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
        if cfg!(unix) && !ended.success() {
            return Err(vec![format!("the fake ended with {ended} when it was interrupted")]);
        }
        let log = self.output.take().and_then(|output| output.join().ok());
        log.ok_or_else(|| vec!["the log of the fake cannot be read".to_owned()])
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

/// Says the first address and collects the requests.
fn read(stdout: impl Read, say: &mpsc::Sender<String>) -> Vec<Request> {
    let mut log = Vec::new();
    let mut told = false;
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        if let Some(address) = address(&line).filter(|_| !told) {
            told = say.send(address).is_ok();
        }
        log.extend(request(&line));
    }
    log
}

/// The address in a line, without a slash at its end.
fn address(line: &str) -> Option<String> {
    let at = line.find("http://")?;
    let address = line[at..].split(|c: char| c.is_whitespace() || "\"',;)".contains(c)).next()?;
    Some(address.trim_end_matches(['/', '.']).to_owned())
}

/// The request in a line: a method, a path and, somewhere after it, a status.
fn request(line: &str) -> Option<Request> {
    const METHODS: [&str; 9] = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];
    let mut words = line.split_whitespace().skip_while(|word| !METHODS.contains(word));
    let (method, path) = (words.next()?, words.next().filter(|path| path.starts_with('/'))?);
    let status = words.find_map(|word| word.parse().ok().filter(|status| (100..600).contains(status)));
    Some(Request { method: method.to_owned(), path: path.to_owned(), status })
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
    fn a_line_of_the_log_is_a_request_and_others_are_not() {
        let line = "12:00:01 GET /1.3/server?label=env%3Dprod 200 listServers 3 ms";
        let found = request(line).unwrap();
        assert_eq!(found.to_string(), "GET /1.3/server?label=env%3Dprod 200");
        assert_eq!(request("DELETE /1.3/server/x closed").unwrap().status, None);
        assert_eq!(request("Listening on http://127.0.0.1:8080, GET it"), None);
    }

    #[test]
    fn the_address_is_found_in_a_sentence() {
        assert_eq!(address("UpCloud at http://127.0.0.1:8080/.").unwrap(), "http://127.0.0.1:8080");
        assert_eq!(address("export BASE=\"http://127.0.0.1:1\"").unwrap(), "http://127.0.0.1:1");
        assert_eq!(address("nothing"), None);
    }

    #[test]
    fn the_program_is_what_cargo_names_last() {
        let said = r#"{"reason":"compiler-artifact","target":{"name":"upcloud"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"fake"},"executable":"/t/examples/fake"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(executable(said).unwrap(), Path::new("/t/examples/fake"));
        assert_eq!(executable(""), None);
    }

    #[test]
    fn a_process_tells_where_it_is_and_gives_its_log_when_it_is_stopped() {
        let script = "trap 'echo GET /late 404; exit 0' INT; echo at http://127.0.0.1:9; echo GET /1.3/zone 200; \
                      while :; do sleep 0.01; done";
        let fake = FakeProcess::start(&mut shell(script)).unwrap();
        assert_eq!(fake.base_url(), "http://127.0.0.1:9");
        let log: Vec<String> = fake.stop().unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(log, ["GET /1.3/zone 200", "GET /late 404"]);
    }

    #[test]
    fn a_process_that_ends_badly_is_a_finding() {
        let silent = FakeProcess::start(&mut shell("exit 1")).unwrap_err();
        assert!(silent.contains("without its base URL"), "{silent}");
        let script = "trap 'exit 3' INT; echo http://127.0.0.1:9; while :; do sleep 0.01; done";
        let findings = FakeProcess::start(&mut shell(script)).unwrap().stop().unwrap_err();
        assert!(findings[0].contains("exit status: 3"), "{findings:?}");
    }
}
