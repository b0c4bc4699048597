//! Cargo as the commands call it: the one that runs them, from the root of the repository.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::tools;

/// Cargo, ready to be given arguments.
pub(crate) fn command(root: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root);
    cargo
}

/// Builds, or finds built, and tells where the program of this target is.
pub(crate) fn built(root: &Path, arguments: &[&str], target: &str) -> Result<PathBuf, String> {
    let said = tools::output(command(root).args(arguments).args(["--message-format", "json-render-diagnostics"]))?;
    executable(&said, target).ok_or_else(|| format!("cargo does not say where the program of {target} is"))
}

/// What cargo says of the program, among all that it says.
fn executable(messages: &str, target: &str) -> Option<PathBuf> {
    let messages = messages.lines().rev().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut mine = messages.filter(|message| message.pointer("/target/name").is_some_and(|name| name == target));
    mine.find_map(|message| message.get("executable")?.as_str().map(PathBuf::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_what_cargo_names_last() {
        let said = r#"{"reason":"compiler-artifact","target":{"name":"upcloud"},"executable":null}
{"reason":"compiler-artifact","target":{"name":"fake"},"executable":"/t/examples/fake"}
{"reason":"build-finished","success":true}"#;
        assert_eq!(executable(said, "fake").unwrap(), Path::new("/t/examples/fake"));
        assert_eq!(executable("", "fake"), None);
    }
}
