//! TypeScript, for Node.js.

use std::{path::Path, process::Command};

use super::{Client, Generator, Language, add, bench, bench::Bench};
use crate::{export::CLOSED, tools};

// In TypeScript an enum is a union of texts that nothing checks when an answer comes in, so the closed form is the better.
pub(super) const CLIENTS: &[Client] = &[
    Client {
        language: Language::TypeScript,
        generator: Generator::Redocly,
        from: CLOSED,
        checks: "tsc --strict and 9 more",
        generate: |bench, home| bench.redocly(CLOSED, home, &["--args-style", "flat"]),
        compile: |bench, home| {
            add(bench, "typescript/redocly.ts", &home.join("main.ts"))?;
            add(bench, "typescript/samples.ts", &home.join("samples.ts"))?;
            compile(bench, home, &["main.ts", "samples.ts"], &[BASIC, UNUSED, STRICTER].concat())
        },
        driver: Some(|_, home| node(home, "main")),
        samples: Some(("TypeScript", |_, home| node(home, "samples"))),
    },
    Client {
        language: Language::TypeScript,
        generator: Generator::OpenapiGenerator,
        from: CLOSED,
        // Its template has unused imports and parameter properties, and gives `undefined` to optional properties.
        checks: "tsc --strict and 3 more",
        generate: |bench, home| {
            bench.openapi_generator("typescript-fetch", CLOSED, &home.join("client"), "importFileExtension=.js")
        },
        compile: |bench, home| {
            add(bench, "typescript/openapi_generator.ts", &home.join("main.ts"))?;
            compile(bench, home, &["main.ts"], BASIC)
        },
        driver: Some(|_, home| node(home, "main")),
        samples: None,
    },
    Client {
        language: Language::TypeScript,
        generator: Generator::OpenapiTypescript,
        from: CLOSED,
        checks: "tsc --strict and 9 more",
        generate: |bench, home| {
            let mut command = bench.node.program("openapi-typescript");
            tools::run(command.arg(bench.exported(CLOSED)).arg("--output").arg(home.join("main.ts")))
        },
        compile: |bench, home| compile(bench, home, &["main.ts"], &[BASIC, UNUSED, STRICTER].concat()),
        // Types alone; a client on top of them is a library of the caller's choice.
        driver: None,
        samples: None,
    },
];

const BASIC: &[&str] = &["noImplicitReturns", "noFallthroughCasesInSwitch", "forceConsistentCasingInFileNames"];
const UNUSED: &[&str] = &["noUnusedLocals", "noUnusedParameters"];
const STRICTER: &[&str] =
    &["exactOptionalPropertyTypes", "noUncheckedIndexedAccess", "noImplicitOverride", "erasableSyntaxOnly"];

fn node(home: &Path, program: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(format!("out/{program}.js")).current_dir(home);
    command
}

fn compile(bench: &Bench, home: &Path, files: &[&str], more: &[&str]) -> Result<(), String> {
    let mut options = serde_json::json!({
        "strict": true,
        "target": "es2022",
        "module": "nodenext",
        "lib": ["es2023", "dom", "dom.iterable"],
        "types": ["node"],
        "typeRoots": [bench.node.home().join("node_modules/@types")],
        "outDir": "out",
    });
    for option in more {
        options[*option] = true.into();
    }
    let config = serde_json::json!({"compilerOptions": options, "files": files});
    bench::write(&home.join("tsconfig.json"), &config.to_string())?;
    bench::write(&home.join("package.json"), "{\"type\": \"module\"}")?;
    tools::run(&mut bench::within(bench.node.program("tsc"), home))
}
