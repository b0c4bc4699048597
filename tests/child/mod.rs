//! A test of this very program in a process of its own, for what only the environment of a process decides.

use std::{
    env,
    process::{Command, Stdio},
};

/// What a child says at its end, so that one that did nothing is noticed.
pub const DONE: &str = "the child is done";

/// Every name under which the environment names a proxy, or an exception from it.
const PROXIES: [&str; 8] =
    ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"];

/// Runs the ignored test of this name with these variables; it must succeed.
pub fn run(name: &str, variables: &[(&str, &str)]) {
    let mut command = Command::new(env::current_exe().expect("this program"));
    command.args([name, "--exact", "--ignored", "--nocapture"]).stdin(Stdio::null());
    for variable in PROXIES.iter().chain(&["SSL_CERT_FILE", "SSL_CERT_DIR"]) {
        command.env_remove(variable);
    }
    let output = command.envs(variables.iter().copied()).output().expect("a child");
    let (told, failed) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && told.contains(DONE), "{name} with {variables:?}:\n{told}\n{failed}");
}

/// A variable that the parent has set.
pub fn told(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is set by the test that starts this one"))
}
