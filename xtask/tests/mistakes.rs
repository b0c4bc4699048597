//! An edit of the description by a stranger is safe: each of these mistakes is planted in a copy of the repository, the
//! commands themselves run over it, and what they say is compared, by file and line. `CONTRIBUTING.md` shows the same as a
//! table, which is compared too.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test fails where it stands")]

#[allow(dead_code, reason = "shared with tests that use more of it")]
#[path = "../src/planted/edit.rs"]
mod edit;
#[allow(dead_code, reason = "shared with tests that use more of it")]
#[path = "../src/scratch.rs"]
mod scratch;

use std::fmt::Write as _;

use edit::{Edit, line};
use scratch::Scratch;

const SPEC: &str = "openapi.yaml";
const LINT: &str = "lint";
const REGENERATE: &str = "regenerate --check";
const DIFF: &str = "diff HEAD";

/// One mistake, and what each command that notices it says. `lint` and `regenerate --check` must be content where they are
/// not named. `LINE` is the line of the file that the sentence names on which the text `on` stands.
struct Mistake {
    what: &'static str,
    edits: &'static [Edit<'static>],
    said: &'static [(&'static [&'static str], &'static str, &'static str)],
}

const MISTAKES: &[Mistake] = &[
    Mistake {
        what: "A wrong `$ref`",
        edits: &[Edit::behind("operationId: getServer", "schemas/ServerResponse'", "schemas/ServerRespons'")],
        said: &[(
            &[LINT, REGENERATE],
            "openapi.yaml:LINE: #/paths/~1server~1{uuid}/get/responses/200/content/application~1json/schema: `$ref` leads to #/components/schemas/ServerRespons, which does not exist",
            "schemas/ServerRespons'",
        )],
    },
    Mistake {
        what: "An operationId that is taken",
        edits: &[Edit::behind("\n  /server/{uuid}/stop:", "operationId: stopServer", "operationId: startServer")],
        said: &[(
            &[LINT, REGENERATE],
            "openapi.yaml:LINE: #/paths/~1server~1{uuid}~1stop/post/operationId: the operationId startServer is taken by #/paths/~1server~1{uuid}~1start/post already",
            "operationId: startServer",
        )],
    },
    Mistake {
        what: "A misspelt keyword",
        edits: &[Edit::behind("\n    Hostname:", "maxLength: 128", "maxLenght: 128")],
        said: &[(
            &[LINT],
            "openapi.yaml:LINE: #/components/schemas/Hostname/maxLenght: `maxLenght` is no keyword of OpenAPI 3.0 here, so readers drop it",
            "maxLenght",
        )],
    },
    Mistake {
        what: "An example that breaks its schema",
        edits: &[Edit::behind("\n    TimezoneName:", "example: Europe/Berlin", "example: 7")],
        said: &[(
            &[LINT],
            "openapi.yaml:LINE: #/components/schemas/TimezoneName/example: the example breaks its schema: 7 is not of type \"string\"",
            "      example: 7",
        )],
    },
    Mistake {
        what: "An error code that is missing in the list of an answer, its example still there",
        edits: &[Edit::block("operationId: stopServer", "            - STOP_TYPE_INVALID\n")],
        said: &[
            (
                &[LINT],
                "openapi.yaml:LINE: #/paths/~1server~1{uuid}~1stop/post/responses/400/content/application~1json/examples/STOP_TYPE_INVALID: STOP_TYPE_INVALID has an example but is not in `x-error-codes`",
                "                STOP_TYPE_INVALID: {$ref",
            ),
            (
                &[REGENERATE],
                "xtask/coverage.md:LINE: stale: it has \"| Stop server | `stopServer` | `Servers::stop` | operations.rs, error_matrix.rs (6) |\" where \"| Stop server | `stopServer` | `Servers::stop` | operations.rs, error_matrix.rs (5) |\" should be",
                "| `stopServer` |",
            ),
            (
                &[DIFF],
                "openapi.yaml:LINE: #/paths/~1server~1{uuid}~1stop/post/responses/400/x-error-codes: compatible: the error code STOP_TYPE_INVALID is no longer listed for this answer",
                "          x-error-codes:",
            ),
        ],
    },
    Mistake {
        what: "An error row that is missing as a whole, with its example",
        edits: &[
            Edit::block("operationId: stopServer", "            - STOP_TYPE_INVALID\n"),
            Edit::block(
                "operationId: stopServer",
                "                STOP_TYPE_INVALID: {$ref: '#/components/examples/STOP_TYPE_INVALID'}\n",
            ),
        ],
        said: &[
            (
                &[REGENERATE],
                "xtask/coverage.md:LINE: stale: it has \"| Stop server | `stopServer` | `Servers::stop` | operations.rs, error_matrix.rs (6) |\" where \"| Stop server | `stopServer` | `Servers::stop` | operations.rs, error_matrix.rs (5) |\" should be",
                "| `stopServer` |",
            ),
            (
                &[DIFF],
                "openapi.yaml:LINE: #/paths/~1server~1{uuid}~1stop/post/responses/400/x-error-codes: compatible: the error code STOP_TYPE_INVALID is no longer listed for this answer",
                "          x-error-codes:",
            ),
        ],
    },
    Mistake {
        what: "An object written inline",
        edits: &[Edit::behind(
            "\n    Server:\n",
            "networking: {$ref: '#/components/schemas/Networking'}",
            "networking: {type: object, properties: {name: {type: string}}}",
        )],
        said: &[(
            &[LINT, REGENERATE],
            "openapi.yaml:LINE: #/components/schemas/Server/properties/networking: an object written inline has no name: make it a component and refer to it",
            "networking: {type: object",
        )],
    },
    Mistake {
        what: "A closed enum in an answer",
        edits: &[Edit::block("\n    ServerState:", "      x-open-enum: true\n")],
        said: &[(
            &[LINT],
            "openapi.yaml:LINE: #/components/schemas/ServerState: a response can carry this enum, so it needs `x-open-enum: true`",
            "    ServerState:",
        )],
    },
    Mistake {
        what: "A default in a modification",
        edits: &[Edit::behind(
            "\n    ModifyServer:",
            "          description: The order of boot devices.",
            "          default: cdrom\n          description: The order of boot devices.",
        )],
        said: &[(
            &[LINT, REGENERATE],
            "openapi.yaml:LINE: #/components/schemas/ModifyServer/properties/boot_order/default: a default in a modification would be read as a reset of what the caller did not name",
            "          default: cdrom",
        )],
    },
    Mistake {
        what: "A dropped field",
        edits: &[Edit::block("\n    Plan:\n", "        gpu_model:\n")],
        said: &[
            (
                &[LINT],
                "openapi.yaml:LINE: #/components/examples/Plans/value/plans/plan/0: the example breaks its schema: Additional properties are not allowed ('gpu_model' was unexpected)",
                "            - {core_number: 4, current_offering",
            ),
            (
                &[REGENERATE],
                "xtask/generated-api.txt:LINE: stale: it has \"field types::Plan::gpu_model: Option<String>\"",
                "field types::Plan::gpu_model:",
            ),
            (
                &[DIFF],
                "openapi.yaml:LINE: #/components/schemas/Plan/properties/gpu_model: breaking: the property gpu_model is gone, and clients read it",
                "      properties:",
            ),
        ],
    },
    Mistake {
        what: "A renamed property, its examples renamed with it",
        edits: &[Edit::every(" parent_zone:", " zone_parent:")],
        said: &[
            (
                &[REGENERATE],
                "xtask/generated-api.txt:LINE: stale: it has \"field types::Zone::parent_zone: Option<String>\"",
                "field types::Zone::parent_zone:",
            ),
            (
                &[DIFF],
                "openapi.yaml:LINE: #/components/schemas/Zone/properties/zone_parent: breaking: the property parent_zone is called zone_parent now, and clients read it",
                "        zone_parent:\n",
            ),
        ],
    },
];

/// Runs a command of the repository; whether it was content, and what it said.
fn run(scratch: &Scratch, command: &str) -> (bool, String) {
    let mut arguments: Vec<&str> = command.split(' ').collect();
    // What is written by hand is no different after a mistake in the description, and to list it takes a build.
    if command == REGENERATE {
        arguments.push("--quick");
    }
    let (content, told, found) = scratch.run(env!("CARGO_BIN_EXE_xtask"), &arguments);
    (content, told + &found)
}

/// The sentence with the line on which `on` stands behind the first edit, or, if not there, anywhere.
fn with_line(scratch: &Scratch, sentence: &str, on: &str, mistake: &Mistake) -> String {
    let text = scratch.read(sentence.split(':').next().unwrap());
    sentence.replacen("LINE", &line(&text, mistake.edits[0].after, on).to_string(), 1)
}

#[test]
fn each_planted_mistake_is_caught_and_named_by_file_and_line() {
    let scratch = Scratch::new();
    let real = scratch.read(SPEC);
    for command in [LINT, REGENERATE, DIFF] {
        let (content, said) = run(&scratch, command);
        assert!(content, "{command} finds fault with the repository as it is:\n{said}");
    }
    let mut wrong = Vec::new();
    for mistake in MISTAKES {
        scratch.write(SPEC, &mistake.edits.iter().fold(real.clone(), |text, edit| edit.apply(&text)));
        for command in [LINT, REGENERATE, DIFF] {
            let expected: Vec<String> = mistake
                .said
                .iter()
                .filter(|(by, ..)| by.contains(&command))
                .map(|(_, sentence, on)| with_line(&scratch, sentence, on, mistake))
                .collect();
            // What `diff` says of the others is true and of no help: it rates changes, and a mistake is a change.
            if command == DIFF && expected.is_empty() {
                continue;
            }
            let (content, said) = run(&scratch, command);
            let missing = expected.iter().any(|sentence| !said.lines().any(|line| line.starts_with(sentence)));
            if missing || content != expected.is_empty() {
                wrong.push(format!("{}: {command} should say {expected:#?} and said:\n{said}", mistake.what));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(MISTAKES.iter().all(|mistake| !mistake.said.is_empty()), "a mistake that nothing catches");
}

#[test]
fn the_table_in_contributing_says_the_same() {
    let mut table = "| mistake | caught by `cargo xtask` | what it says |\n| --- | --- | --- |\n".to_owned();
    for mistake in MISTAKES {
        for (n, (commands, sentence, _)) in mistake.said.iter().enumerate() {
            let what = if n == 0 { mistake.what } else { "" };
            let commands = format!("`{}`", commands.join("`, `"));
            let sentence = sentence.replace('|', "\\|");
            writeln!(table, "| {what} | {commands} | `` {sentence} `` |").unwrap();
        }
    }
    let contributing = include_str!("../../CONTRIBUTING.md");
    assert!(contributing.contains(&table), "CONTRIBUTING.md does not have this table:\n\n{table}");
}
