//! A server's life: a program of another language runs it, and the fake tells whether it did.

use std::process::Command;

use crate::{
    fake_process::{FakeProgram, Request},
    tools,
};

/// Long enough that a client must wait for it, short enough for a test.
const PACE: [&str; 2] = ["--timing", "150ms"];

/// What the fake must have seen, in this order, looks in between left aside: method, what the path holds, status.
const STEPS: [(&str, &str, u16); 8] = [
    ("GET", "/1.3/storage/template", 200),
    ("POST", "/1.3/server", 202),
    ("GET", "/1.3/server/", 200),
    ("GET", "/1.3/server?label=made-by", 200),
    ("POST", "/stop", 200),
    ("GET", "/1.3/server/", 200),
    ("POST", "/stop", 409),
    ("DELETE", "storages=1", 204),
];

/// Runs the program against a fake of its own, and says how many requests that took.
pub(super) fn run(program: &mut Command, fake: &FakeProgram) -> Result<usize, String> {
    let lines = |findings: Vec<String>| findings.join("\n");
    let process = fake.start(&PACE).map_err(lines)?;
    // The variable of the vendor's own tools.
    program.env("UPCLOUD_DEBUG_API_BASE_URL", process.base_url()).env("UPCLOUD_TOKEN", "ucat_of_the_fake");
    let done = tools::run(program);
    let requests = process.stop().map_err(lines)?;
    done?;
    check(&requests)?;
    Ok(requests.len())
}

fn check(requests: &[Request]) -> Result<(), String> {
    let mut seen = requests.iter();
    for (method, part, status) in STEPS {
        let is_it = |request: &&Request| {
            request.method == method && request.path.contains(part) && request.status == Some(status)
        };
        if seen.find(is_it).is_none() {
            let all: Vec<String> = requests.iter().map(ToString::to_string).collect();
            return Err(format!("the fake saw no {method} ..{part}.. with {status} in its place:\n{}", all.join("\n")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(method: &str, path: &str, status: u16) -> Request {
        Request { method: method.to_owned(), path: path.to_owned(), status: Some(status), operation: "-".to_owned() }
    }

    #[test]
    fn a_life_is_whole_or_is_a_finding() {
        let mut life = vec![
            request("GET", "/1.3/storage/template", 200),
            request("POST", "/1.3/server", 202),
            request("GET", "/1.3/server/a", 200),
            request("GET", "/1.3/server/a", 200),
            request("GET", "/1.3/server?label=made-by%3Dgo", 200),
            request("POST", "/1.3/server/a/stop", 200),
            request("GET", "/1.3/server/a", 200),
            request("POST", "/1.3/server/a/stop", 409),
            request("DELETE", "/1.3/server/a?storages=1", 204),
        ];
        check(&life).unwrap();
        life.remove(7);
        let said = check(&life).unwrap_err();
        assert!(said.starts_with("the fake saw no POST ../stop.. with 409 in its place:\nGET /1.3/storage"), "{said}");
    }
}
