//! For the tests: a repository of its own with what the commands read, committed once, to plant mistakes in.

use std::{fs, path::Path, process::Command};

use tempfile::TempDir;

/// What the commands read, from the root of the repository.
const PARTS: [&str; 8] =
    ["Cargo.toml", "DEVIATIONS.md", "SPEC.md", "examples", "openapi.yaml", "src", "tests", "xtask"];

/// A copy of the repository that is gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Scratch {
    root: TempDir,
}

impl Scratch {
    /// The state of the repository, in one commit.
    pub(crate) fn new() -> Self {
        let scratch = Self { root: tempfile::tempdir().unwrap() };
        let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for part in PARTS {
            copy(&repository.join(part), &scratch.root().join(part));
        }
        scratch.git(&["init", "--quiet"]);
        scratch.commit("As it is");
        scratch
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.root().join(file)).unwrap()
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        fs::write(self.root().join(file), text).unwrap();
    }

    /// Runs a command of this program over it: whether it was content, what it told, and what it found.
    pub(crate) fn run(&self, xtask: &str, arguments: &[&str]) -> (bool, String, String) {
        let done = Command::new(xtask).arg("--root").arg(self.root()).args(arguments).output().unwrap();
        let [told, found] = [done.stdout, done.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (done.status.success(), told, found)
    }

    /// Commits all that is there.
    pub(crate) fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "--message", message]);
    }

    /// Runs git, which nothing outside of this folder may influence.
    pub(crate) fn git(&self, arguments: &[&str]) {
        let mut git = Command::new("git");
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").current_dir(self.root());
        let done = git.args(arguments).output().unwrap();
        assert!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::copy(from, to).unwrap();
    }
}
