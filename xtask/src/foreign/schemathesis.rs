//! schemathesis, which makes requests up from the description and holds the answers of the fake against it: with a fixed seed,
//! all of its checks on, and a fake in which requests can succeed.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use serde_json::Value;

use super::TOKEN;
use crate::{
    SPEC,
    codegen::spec::Spec,
    fake_process::{FakeProgram, Request},
    tools::{self, Tools},
};

/// Settings, the rules that no schema can say, and what fills the fake.
const SOURCES: &str = "xtask/foreign";
const SETTINGS: &str = "schemathesis.toml";
/// Where reports go, and what the fake has; made anew for each run.
const WORK: &str = "target/foreign/schemathesis";
/// Enough servers for those that requests delete.
const FAKE: [&str; 6] = ["--token", TOKEN, "--servers", "60", "--timing", "2"];
/// The metadata service is at the root of the fake, all else below the version.
const METADATA: &str = "^/metadata/";

/// What one run of schemathesis says.
#[derive(Debug, Default)]
struct Report {
    cases: u64,
    findings: Vec<String>,
}

pub(super) fn run(root: &Path, fake: &FakeProgram, python: &Tools) -> Result<(), Vec<String>> {
    let began = Instant::now();
    let work = root.join(WORK);
    let io = |e: std::io::Error| vec![format!("{WORK}: {e}")];
    if work.exists() {
        fs::remove_dir_all(&work).map_err(io)?;
    }
    fs::create_dir_all(&work).map_err(io)?;
    fs::copy(root.join(SOURCES).join(SETTINGS), work.join(SETTINGS)).map_err(io)?;

    let fake = fake.start(&FAKE)?;
    let mut prepare = python.program("python");
    prepare.arg(root.join(SOURCES).join("prepare.py")).args([fake.base_url(), TOKEN]).arg(&work);
    tools::run(&mut prepare).map_err(|e| vec![e])?;
    println!("schemathesis makes requests up for the metadata service");
    // No answer of the metadata service has links, so there are no states to go through.
    let phases = "examples,coverage,fuzzing";
    let metadata = ["--url", fake.base_url(), "--include-path-regex", METADATA, "--phases", phases];
    let metadata = schemathesis(root, python, "metadata", &metadata)?;
    println!("schemathesis makes requests up for all else (this takes a minute or two)");
    let others = ["--origin", fake.base_url(), "--exclude-path-regex", METADATA];
    let others = schemathesis(root, python, "others", &others)?;
    let requests = fake.stop()?;

    let spec = Spec::parse(&crate::spec(root)?).map_err(|fault| vec![fault.in_file(SPEC)])?;
    let operations: Vec<String> = spec.operations().map(|operation| operation.id().to_owned()).collect();
    let mut findings: Vec<String> = [metadata.findings, others.findings].concat();
    findings.extend(never_succeeded(&operations, &requests));
    println!(
        "schemathesis: {} operations, {} cases, {} requests, {} findings, {} s",
        operations.len(),
        metadata.cases + others.cases,
        requests.len(),
        findings.len(),
        began.elapsed().as_secs()
    );
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

fn schemathesis(root: &Path, python: &Tools, name: &str, part: &[&str]) -> Result<Report, Vec<String>> {
    let work = root.join(WORK);
    let report = work.join(format!("{name}.json"));
    fs::remove_file(&report).ok();
    let mut command = python.program("schemathesis");
    command
        .current_dir(&work)
        .args(["--no-color", "--config-file", SETTINGS, "run"])
        .arg(root.join(SPEC))
        .args(part)
        .args(["--header", &format!("Authorization: Bearer {TOKEN}"), "--report", "json", "--report-json-path"])
        .arg(&report)
        .env("SCHEMATHESIS_HOOKS", "rules")
        .env("PYTHONPATH", root.join(SOURCES))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        // The order of a set is part of what the seed decides.
        .env("PYTHONHASHSEED", "0")
        .env("FOREIGN_FOLDER", &work)
        .env("NO_PROXY", "127.0.0.1");
    // It ends with an error when it finds something; its report says so in better words, if there is one.
    let said = tools::output(&mut command);
    let log = work.join(format!("{name}.log"));
    fs::write(&log, said.as_ref().unwrap_or_else(|text| text)).map_err(|e| vec![format!("{WORK}: {e}")])?;
    let text = fs::read_to_string(&report).map_err(|_| vec![said.clone().err().unwrap_or_default()])?;
    let mut read = read(&text).map_err(|e| vec![format!("{}: {e}", report.display())])?;
    if said.is_err() && read.findings.is_empty() {
        read.findings.push(format!("schemathesis failed and its report does not say why; see {}", shown(root, &log)));
    } else if !read.findings.is_empty() {
        println!("The requests are in {}", shown(root, &log));
    }
    Ok(read)
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).map_or_else(|_| path.to_path_buf(), PathBuf::from).display().to_string()
}

/// Reads the report of a run.
fn read(text: &str) -> Result<Report, String> {
    let report: Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let cases = report.pointer("/test_cases/generated").and_then(Value::as_u64).ok_or("it counts no cases")?;
    let list = |name: &str| report.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut findings = Vec::new();
    for failure in list("failures") {
        let text = |name: &str| failure.get(name).and_then(Value::as_str).unwrap_or_default();
        let operations: Vec<&str> = failure
            .get("operations")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        findings.push(format!("schemathesis: {} {}: {}", text("code"), operations.join(", "), text("title")));
    }
    findings.extend(list("errors").iter().map(|error| format!("schemathesis: {error}")));
    if report.get("complete") != Some(&Value::Bool(true)) {
        findings.push("schemathesis did not come to its end".to_owned());
    }
    Ok(Report { cases, findings })
}

/// Operations of which no request was carried out: nothing that schemathesis says of them means much.
fn never_succeeded(operations: &[String], requests: &[Request]) -> Vec<String> {
    let mut succeeded: BTreeMap<&str, usize> = BTreeMap::new();
    for request in requests.iter().filter(|request| request.status.is_some_and(|status| status < 300)) {
        *succeeded.entry(request.operation.as_str()).or_default() += 1;
    }
    let silent = operations.iter().filter(|operation| !succeeded.contains_key(operation.as_str()));
    silent.map(|operation| format!("no request that schemathesis made up for {operation} succeeded")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_a_line_with_its_operations() {
        let report = r#"{"complete": true, "test_cases": {"generated": 7}, "errors": [], "failures": [
            {"code": "ST201", "title": "Schema-violating request accepted", "operations": ["GET /server", "GET /zone"]}]}"#;
        let report = read(report).unwrap();
        assert_eq!(report.cases, 7);
        assert_eq!(report.findings, ["schemathesis: ST201 GET /server, GET /zone: Schema-violating request accepted"]);
    }

    #[test]
    fn a_run_that_ended_early_or_says_nothing_is_no_success() {
        let report = read(r#"{"complete": false, "test_cases": {"generated": 7}}"#).unwrap();
        assert_eq!(report.findings, ["schemathesis did not come to its end"]);
        assert!(read("{}").is_err());
        assert!(read("").is_err());
    }

    #[test]
    fn an_operation_without_a_success_is_a_finding() {
        let request = |operation: &str, status| Request {
            method: "GET".to_owned(),
            path: "/".to_owned(),
            status: Some(status),
            operation: operation.to_owned(),
        };
        let requests = [request("listZones", 200), request("listPlans", 404)];
        let operations = ["listPlans", "listZones"].map(str::to_owned);
        let findings = never_succeeded(&operations, &requests);
        assert_eq!(findings, ["no request that schemathesis made up for listPlans succeeded"]);
    }
}
