//! Java, with the compiler alone: Jackson is in the jar of openapi-generator itself.

use std::{path::Path, process::Command};

use super::{Client, Generator, Language, add, bench, bench::Bench};
use crate::{export::LENIENT, tools};

pub(super) const CLIENTS: &[Client] = &[
    Client {
        language: Language::Java,
        generator: Generator::Redocly,
        from: LENIENT,
        checks: "javac -Xlint:all -Werror",
        generate: |bench, home| bench.redocly(LENIENT, &home.join("upcloudservers"), &["--generator", "java"]),
        compile: |bench, home| {
            add(bench, "java/Redocly.java", &home.join("Redocly.java"))?;
            compile(bench, home, "-Xlint:all")
        },
        driver: Some(|_, home| java(home, "out", "Redocly")),
        samples: None,
    },
    Client {
        language: Language::Java,
        generator: Generator::OpenapiGenerator,
        from: LENIENT,
        // The deprecated calls are of its template, into a newer Jackson than it was written for.
        checks: "javac -Xlint:all,-deprecation -Werror",
        generate: |bench, home| {
            bench.openapi_generator(
                "java",
                LENIENT,
                home,
                "library=native,openApiNullable=false,annotationLibrary=none,documentationProvider=none,\
                 hideGenerationTimestamp=true",
            )
        },
        compile: |bench, home| {
            bench::write(&home.join("src/main/java/javax/annotation/Generated.java"), GENERATED)?;
            add(bench, "java/OpenapiGenerator.java", &home.join("src/main/java/OpenapiGenerator.java"))?;
            compile(bench, home, "-Xlint:all,-deprecation")
        },
        driver: Some(|bench, home| java(home, &format!("out:{}", bench.jar().display()), "OpenapiGenerator")),
        samples: None,
    },
];

/// An annotation that left the JDK and that the generated code carries.
const GENERATED: &str = "package javax.annotation;

public @interface Generated {
    String[] value();

    String comments() default \"\";
}
";

fn compile(bench: &Bench, home: &Path, lint: &str) -> Result<(), String> {
    let sources = bench::sources(home, &["java"]).map_err(|e| format!("{}: {e}", home.display()))?;
    // Quotes, because a path may hold a space.
    let listed: Vec<String> = sources.iter().map(|path| format!("\"{}\"\n", path.display())).collect();
    bench::write(&home.join("sources"), &listed.concat())?;
    let mut javac = Command::new("javac");
    javac.args(["-proc:none", lint, "-Werror", "-d", "out", "-classpath"]).arg(bench.jar());
    tools::run(javac.arg("@sources").current_dir(home))
}

fn java(home: &Path, classes: &str, program: &str) -> Command {
    let mut command = Command::new("java");
    command.args(["-classpath", classes, program]).current_dir(home);
    command
}
