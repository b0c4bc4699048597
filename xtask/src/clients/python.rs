//! Python, in the environment that the tools are in.

use std::{path::Path, process::Command};

use super::{Client, Generator, Language, add, bench, bench::Bench};
use crate::{export::LENIENT, tools};

pub(super) const CLIENTS: &[Client] = &[
    Client {
        language: Language::Python,
        generator: Generator::Redocly,
        from: LENIENT,
        checks: "mypy --strict",
        generate: |bench, home| bench.redocly(LENIENT, home, &["--generator", "python"]),
        compile: |bench, home| check(bench, home, "redocly.py", PROGRAM, &[]),
        driver: Some(driver),
        samples: None,
    },
    Client {
        language: Language::Python,
        generator: Generator::OpenapiGenerator,
        from: LENIENT,
        checks: "mypy --strict less 4 rules",
        generate: |bench, home| bench.openapi_generator("python", LENIENT, home, "packageName=upcloud_servers"),
        // The template itself breaks these four in 250 places; the program that uses the code is checked by all of them.
        compile: |bench, home| {
            let codes = ["no-any-return", "no-untyped-def", "no-untyped-call", "attr-defined"];
            let lenient: Vec<&str> = codes.iter().flat_map(|code| ["--disable-error-code", code]).collect();
            tools::run(
                bench::within(bench.python.program("mypy"), home).args(["--strict", "upcloud_servers"]).args(lenient),
            )?;
            check(bench, home, "openapi_generator.py", PROGRAM, &["--follow-imports", "silent"])?;
            check(bench, home, "samples.py", SAMPLES, &["--follow-imports", "silent"])
        },
        driver: Some(driver),
        samples: Some(("Python", |bench, home| python(bench, home, SAMPLES))),
    },
    Client {
        language: Language::Python,
        generator: Generator::OpenapiPythonClient,
        from: LENIENT,
        checks: "mypy --strict",
        generate: |bench, home| {
            let mut command = bench.python.program("openapi-python-client");
            command.args(["generate", "--fail-on-warning", "--overwrite", "--path"]).arg(bench.exported(LENIENT));
            tools::run(command.arg("--output-path").arg(home))
        },
        compile: |bench, home| check(bench, home, "openapi_python_client.py", PROGRAM, &[]),
        driver: Some(driver),
        samples: None,
    },
];

const PROGRAM: &str = "life.py";
const SAMPLES: &str = "samples.py";

fn check(bench: &Bench, home: &Path, from: &str, program: &str, options: &[&str]) -> Result<(), String> {
    add(bench, &format!("python/{from}"), &home.join(program))?;
    tools::run(bench::within(bench.python.program("mypy"), home).args(["--strict", program]).args(options))
}

fn driver(bench: &Bench, home: &Path) -> Command {
    python(bench, home, PROGRAM)
}

fn python(bench: &Bench, home: &Path, program: &str) -> Command {
    let mut command = bench::within(bench.python.program("python"), home);
    command.args(["-W", "error", program]);
    command
}
