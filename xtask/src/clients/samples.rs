//! The code samples of the description, run as the programs that they are in: each must make every operation of its
//! samples, in their order, with success.

use std::process::Command;

use serde_json::Value;

use super::bench::Bench;
use crate::{
    cargo,
    fake_process::{FakeProcess, FakeProgram, Request},
    tools,
};

/// One look sees an operation under way, so that it can be cancelled, and the next sees it done. The one server is that of
/// the metadata service.
const OPTIONS: [&str; 4] = ["--timing", "1", "--servers", "1"];

/// The programs that need no generated client.
pub(super) fn run_all(bench: &Bench, fake: &FakeProgram) -> Vec<String> {
    let curl = || {
        let mut bash = Command::new("bash");
        bash.arg(bench.root.join("xtask/clients/curl/samples.sh"));
        Ok(bash)
    };
    let rust = || cargo::built(&bench.root, &["build", "--quiet", "--example", "samples"], "samples").map(Command::new);
    let done = [("curl", curl().and_then(|mut program| run("curl", &mut program, bench, fake)))];
    let done =
        done.into_iter().chain([("Rust", rust().and_then(|mut program| run("Rust", &mut program, bench, fake)))]);
    done.filter_map(|(label, done)| Some(format!("samples in {label}: {}", done.err()?))).collect()
}

/// Runs a program against a fake of its own.
pub(super) fn run(label: &str, program: &mut Command, bench: &Bench, fake: &FakeProgram) -> Result<(), String> {
    println!("Running the samples in {label}");
    let lines = |findings: Vec<String>| findings.join("\n");
    let process = fake.start(&OPTIONS).map_err(lines)?;
    metadata(&process)?;
    program.env("UPCLOUD_DEBUG_API_BASE_URL", process.base_url()).env("UPCLOUD_TOKEN", "ucat_of_the_fake");
    let done = tools::run(program);
    let requests = process.stop().map_err(lines)?;
    done?;
    check(&bench.samples().order(label), &requests)
}

/// Lets the metadata service speak of the server that the fake began with.
fn metadata(fake: &FakeProcess) -> Result<(), String> {
    let ask = |arguments: &[&str], path: &str| {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--fail-with-body", "--user", "any:any"]).args(arguments);
        tools::output(curl.arg(format!("{}{path}", fake.base_url())))
    };
    let servers: Value = serde_json::from_str(&ask(&[], "/1.3/server")?).map_err(|e| e.to_string())?;
    let uuid = servers.pointer("/servers/server/0/uuid").and_then(Value::as_str).ok_or("the fake has no server")?;
    let on = r#"{"server": {"metadata": "yes"}}"#;
    ask(&["--request", "PUT", "--json", on], &format!("/1.3/server/{uuid}"))?;
    ask(&["--json", &format!(r#"{{"uuid": "{uuid}"}}"#)], "/_fake/metadata_for").map(drop)
}

/// Whether the fake saw the operations in this order; others in between are of the program around the samples.
fn check(order: &[&str], requests: &[Request]) -> Result<(), String> {
    let mut seen = requests.iter();
    for operation in order {
        let is_it = |request: &Request| {
            request.operation == *operation && request.status.is_some_and(|status| (200..300).contains(&status))
        };
        if !seen.any(is_it) {
            let all: Vec<String> = requests.iter().map(|one| format!("{one} {}", one.operation)).collect();
            return Err(format!("the fake saw no {operation} with success in its place:\n{}", all.join("\n")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_that_does_not_make_its_operation_is_a_finding() {
        let request = |operation: &str, status: u16| Request {
            method: "GET".to_owned(),
            path: "/1.3/x".to_owned(),
            status: Some(status),
            operation: operation.to_owned(),
        };
        let requests = [request("listZones", 200), request("getServer", 200), request("stopServer", 409)];
        check(&["listZones"], &requests).unwrap();
        let said = check(&["getServer", "listZones"], &requests).unwrap_err();
        assert!(said.starts_with("the fake saw no listZones with success in its place:\nGET /1.3/x 200"), "{said}");
        let said = check(&["listZones", "stopServer"], &requests).unwrap_err();
        assert!(said.starts_with("the fake saw no stopServer"), "{said}");
    }
}
