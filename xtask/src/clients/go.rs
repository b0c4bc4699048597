//! Go. The toolchain is a Python package; nothing is fetched, so the code must do with the standard library.

use std::{path::Path, process::Command};

use super::{Client, Generator, Language, add, bench, bench::Bench};
use crate::{
    export::{CLOSED, LENIENT},
    tools,
};

pub(super) const CLIENTS: &[Client] = &[
    Client {
        language: Language::Go,
        generator: Generator::Redocly,
        // Its enums are named strings, which take any value.
        from: CLOSED,
        checks: "go vet, go build",
        generate: |bench, home| {
            let package = home.join("client");
            bench.redocly(CLOSED, &package, &["--generator", "go", "--go-package", "client"])
        },
        compile: |bench, home| {
            add(bench, "go/redocly.go", &home.join("main.go"))?;
            add(bench, "go/samples.go", &home.join(SAMPLES).join("main.go"))?;
            compile(bench, home)
        },
        driver: Some(|_, home| Command::new(home.join("out").join(PROGRAM))),
        samples: Some(("Go", |_, home| Command::new(home.join("out").join(SAMPLES)))),
    },
    Client {
        language: Language::Go,
        generator: Generator::OpenapiGenerator,
        from: LENIENT,
        checks: "go vet, go build",
        generate: |bench, home| {
            bench.openapi_generator(
                "go",
                LENIENT,
                &home.join("client"),
                "packageName=client,enumClassPrefix=true,withGoMod=false",
            )
        },
        compile: |bench, home| {
            add(bench, "go/openapi_generator.go", &home.join("main.go"))?;
            compile(bench, home)
        },
        driver: Some(|_, home| Command::new(home.join("out").join(PROGRAM))),
        samples: None,
    },
];

/// What the module, and so its program, is called.
const PROGRAM: &str = "upcloud";
/// The folder of the code samples, and so their program.
const SAMPLES: &str = "samples";

fn compile(bench: &Bench, home: &Path) -> Result<(), String> {
    bench::write(&home.join("go.mod"), "module example.com/upcloud\n\ngo 1.23\n")?;
    let go = || {
        let root = bench.packages.join("go");
        let mut go = Command::new(root.join("bin/go"));
        // Packages and newer toolchains would come from elsewhere. The cache saves the standard library.
        go.env("GOROOT", root).env("GOPROXY", "off").env("GOTOOLCHAIN", "local").env("GOFLAGS", "");
        go.env("GOCACHE", bench.root.join("target/tools/go-cache")).current_dir(home);
        go
    };
    tools::run(go().args(["vet", "./..."]))?;
    // A folder, with the slash that says so, takes all programs there are.
    tools::run(go().args(["build", "-o", "out/", "./..."]))
}
