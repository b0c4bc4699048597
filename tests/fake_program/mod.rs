//! The fake as a process: where the program is, how it is started and ended, and its controls.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread::{self, JoinHandle},
    time::SystemTime,
};

use http::{Method, StatusCode};
use serde_json::Value;
use upcloud::{Client, Credentials};

use crate::fake_http::ask_at;

/// The example, which `cargo test` builds before it runs anything; built here if this file alone is asked for.
pub(crate) fn program() -> PathBuf {
    let here = std::env::current_exe().expect("the path of this test");
    let program = here.ancestors().nth(2).expect("a target folder").join("examples/fake");
    let description = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.yaml");
    let sources = ["src/fake", "examples/fake"].into_iter().flat_map(files).chain([description]);
    if changed(&program) < sources.filter_map(|file| changed(&file)).max() {
        static BUILT: OnceLock<bool> = OnceLock::new();
        let build = || Command::new(env!("CARGO")).args(["build", "--quiet", "--example", "fake"]).status();
        assert!(*BUILT.get_or_init(|| build().expect("cargo runs").success()));
    }
    program
}

fn changed(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|data| data.modified()).ok()
}

fn files(folder: &str) -> impl Iterator<Item = PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path())
}

#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    pub(crate) url: String,
    log: Option<JoinHandle<String>>,
}

impl Process {
    pub(crate) fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(program());
        command.args(arguments).envs(environment.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the fake starts");
        let mut url = String::new();
        BufReader::new(child.stdout.as_mut().expect("stdout")).read_line(&mut url).expect("a first line");
        let mut stderr = child.stderr.take().expect("stderr");
        let log = thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).expect("text");
            text
        });
        Self { child, url: url.trim().to_owned(), log: Some(log) }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn client(&self, credentials: Credentials) -> Client {
        Client::builder().credentials(credentials).base_url(&self.url).build().expect("a client")
    }

    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> (StatusCode, String) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = ask_at(&self.url, method.as_str(), &format!("/_fake{path}"), "", &body).await;
        (StatusCode::from_u16(answer.status).expect("a status"), answer.text)
    }

    pub(crate) async fn order(&self, path: &str, body: Value) {
        let (status, text) = self.control(Method::POST, path, body).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{path}: {text}");
    }

    /// Ends it with a signal: the exit status, and what it wrote to stderr.
    pub(crate) fn end(mut self, signal: &str) -> (Option<i32>, String) {
        // The shell's own, because not every system has it as a program.
        let sent = Command::new("sh").args(["-c", &format!("kill {signal} {}", self.child.id())]).status();
        assert!(sent.expect("kill runs").success());
        let status = self.child.wait().expect("it ends");
        let log = self.log.take().expect("not taken before").join().expect("a text");
        (status.code(), log)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A test that failed leaves nothing running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
