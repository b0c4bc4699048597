//! What git knows of the repository: revisions, release tags, and files as they were.

use std::{
    path::Path,
    process::{Command, Stdio},
};

/// What git writes for the arguments, or what it complains of.
fn git(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let done = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|e| format!("git cannot be run: {e}"))?;
    if done.status.success() {
        return String::from_utf8(done.stdout).map_err(|e| format!("git {}: {e}", arguments.join(" ")));
    }
    let complaint = String::from_utf8_lossy(&done.stderr);
    Err(complaint.lines().next().unwrap_or("git said nothing").to_owned())
}

/// The short hash of the commit that `rev` names.
pub(crate) fn commit(root: &Path, rev: &str) -> Result<String, String> {
    let name = format!("{rev}^{{commit}}");
    let hash = git(root, &["rev-parse", "--quiet", "--verify", "--short", "--end-of-options", &name]);
    hash.map(|hash| hash.trim().to_owned()).map_err(|_| format!("{rev} is no revision of this repository"))
}

/// The newest tag of a release (`v1.2.3`) that this commit follows.
pub(crate) fn last_release(root: &Path) -> Option<String> {
    let tag = git(root, &["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]).ok()?;
    Some(tag.trim().to_owned())
}

/// A file as it was at a commit.
pub(crate) fn file_at(root: &Path, commit: &str, file: &str) -> Result<String, String> {
    git(root, &["show", &format!("{commit}:./{file}")]).map_err(|e| format!("{file} cannot be read at {commit}: {e}"))
}
