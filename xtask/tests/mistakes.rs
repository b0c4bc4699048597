//! An edit of the description by a stranger is safe: each of these mistakes is planted in a copy of the repository, the
//! commands themselves run over it, and what they say is compared, by file and line. `CONTRIBUTING.md` shows the same as a
//! table, which is compared too.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test fails where it stands")]

#[allow(dead_code, reason = "shared with tests that use more of it")]
#[path = "../src/scratch.rs"]
mod scratch;

use std::{fmt::Write as _, process::Command};

use scratch::Scratch;

const SPEC: &str = "openapi.yaml";
const LINT: &str = "lint";
const REGENERATE: &str = "regenerate --check";
const DIFF: &str = "diff HEAD";

/// An edit of the description: the first `from` behind `after` becomes `to`; without a place to begin at, every one.
/// What becomes nothing takes with it what is written under it.
struct Edit {
    after: &'static str,
    from: &'static str,
    to: &'static str,
}

/// One mistake, and what each command that notices it says. `lint` and `regenerate --check` must be content where they are
/// not named. `LINE` is the line of the file that the sentence names on which the text `on` stands.
struct Mistake {
    what: &'static str,
    edits: &'static [Edit],
    said: &'static [(&'static [&'static str], &'static str, &'static str)],
}

const MISTAKES: &[Mistake] = &[
    Mistake {
        what: "A wrong `$ref`",
        edits: &[Edit {
            after: "operationId: getServer",
            from: "schemas/ServerResponse'",
            to: "schemas/ServerRespons'",
        }],
        said: &[(
            &[LINT, REGENERATE],
            "openapi.yaml:LINE: #/paths/~1server~1{uuid}/get/responses/200/content/application~1json/schema: `$ref` leads to #/components/schemas/ServerRespons, which does not exist",
            "schemas/ServerRespons'",
        )],
    },
    Mistake {
        what: "An operationId that is taken",
        edits: &[Edit {
            after: "\n  /server/{uuid}/stop:",
            from: "operationId: stopServer",
            to: "operationId: startServer",
        }],
        said: &[(
            &[LINT, REGENERATE],
            "openapi.yaml:LINE: #/paths/~1server~1{uuid}~1stop/post/operationId: the operationId startServer is taken by #/paths/~1server~1{uuid}~1start/post already",
            "operationId: startServer",
        )],
    },
    Mistake {
        what: "A misspelt keyword",
        edits: &[Edit { after: "\n    Hostname:", from: "maxLength: 128", to: "maxLenght: 128" }],
        said: &[(
            &[LINT],
            "openapi.yaml:LINE: #/components/schemas/Hostname/maxLenght: `maxLenght` is no keyword of OpenAPI 3.0 here, so readers drop it",
            "maxLenght",
        )],
    },
    Mistake {
        what: "An example that breaks its schema",
        edits: &[Edit { after: "\n    TimezoneName:", from: "example: Europe/Berlin", to: "example: 7" }],
        said: &[(
            &[LINT],
            "openapi.yaml:LINE: #/components/schemas/TimezoneName/example: the example breaks its schema: 7 is not of type \"string\"",
            "      example: 7",
        )],
    },
    Mistake {
        what: "An error code that is missing in the list of an answer, its example still there",
        edits: &[Edit { after: "operationId: stopServer", from: "            - STOP_TYPE_INVALID\n", to: "" }],
        said: &[
            (
                &[LINT],
                "openapi.yaml:LINE: #/paths/~1server~1{uuid}~1stop/post/responses/400/content/application~1json/examples/STOP_TYPE_INVALID: STOP_TYPE_INVALID has an example but is not in `x-error-codes`",
                "                STOP_TYPE_INVALID: {$ref",
            ),
            (
                &[REGENERATE],
                "xtask/coverage.md:LINE: stale: it has \"| Stop server | `stopServer` | `Servers::stop` | operations.rs, error_rows.rs (6) |\" where \"| Stop server | `stopServer` | `Servers::stop` | operations.rs, error_rows.rs (5) |\" should be",
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
            Edit { after: "operationId: stopServer", from: "            - STOP_TYPE_INVALID\n", to: "" },
            Edit {
                after: "operationId: stopServer",
                from: "                STOP_TYPE_INVALID: {$ref: '#/components/examples/STOP_TYPE_INVALID'}\n",
                to: "",
            },
        ],
        said: &[
            (
                &[REGENERATE],
                "xtask/coverage.md:LINE: stale: it has \"| Stop server | `stopServer` | `Servers::stop` | operations.rs, error_rows.rs (6) |\" where \"| Stop server | `stopServer` | `Servers::stop` | operations.rs, error_rows.rs (5) |\" should be",
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
        edits: &[Edit {
            after: "\n    Server:\n",
            from: "networking: {$ref: '#/components/schemas/Networking'}",
            to: "networking: {type: object, properties: {name: {type: string}}}",
        }],
        said: &[(
            &[LINT, REGENERATE],
            "openapi.yaml:LINE: #/components/schemas/Server/properties/networking: an object written inline has no name: make it a component and refer to it",
            "networking: {type: object",
        )],
    },
    Mistake {
        what: "A closed enum in an answer",
        edits: &[Edit { after: "\n    ServerState:", from: "      x-open-enum: true\n", to: "" }],
        said: &[(
            &[LINT],
            "openapi.yaml:LINE: #/components/schemas/ServerState: a response can carry this enum, so it needs `x-open-enum: true`",
            "    ServerState:",
        )],
    },
    Mistake {
        what: "A default in a modification",
        edits: &[Edit {
            after: "\n    ModifyServer:",
            from: "          description: The order of boot devices.",
            to: "          default: cdrom\n          description: The order of boot devices.",
        }],
        said: &[(
            &[LINT, REGENERATE],
            "openapi.yaml:LINE: #/components/schemas/ModifyServer/properties/boot_order/default: a default in a modification would be read as a reset of what the caller did not name",
            "          default: cdrom",
        )],
    },
    Mistake {
        what: "A dropped field",
        edits: &[Edit { after: "\n    Plan:\n", from: "        gpu_model:\n", to: "" }],
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
        edits: &[Edit { after: "", from: " parent_zone:", to: " zone_parent:" }],
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

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut text = text.to_owned();
    for edit in edits {
        let behind = text.find(edit.after).unwrap_or_else(|| panic!("{:?} is not in {SPEC}", edit.after));
        let (head, tail) = text.split_at(behind);
        assert!(tail.contains(edit.from), "{:?} is not behind {:?}", edit.from, edit.after);
        text = if edit.to.is_empty() {
            let (before, behind) = tail.split_once(edit.from).unwrap();
            let depth = |line: &str| line.len() - line.trim_start().len();
            let under = behind.split_inclusive('\n').take_while(|line| depth(line) > depth(edit.from));
            format!("{head}{before}{}", &behind[under.map(str::len).sum()..])
        } else {
            let count = if edit.after.is_empty() { usize::MAX } else { 1 };
            format!("{head}{}", tail.replacen(edit.from, edit.to, count))
        };
    }
    text
}

/// Runs a command of the repository; whether it was content, and what it said.
fn run(scratch: &Scratch, command: &str) -> (bool, String) {
    let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
    let done = xtask.arg("--root").arg(scratch.root()).args(command.split(' ')).output().unwrap();
    let said = [done.stdout, done.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (done.status.success(), said)
}

/// The line on which `on` stands behind the first edit, or, if not there, anywhere.
fn line(scratch: &Scratch, sentence: &str, on: &str, mistake: &Mistake) -> usize {
    let text = scratch.read(sentence.split(':').next().unwrap());
    let from = text.find(mistake.edits[0].after).unwrap_or_default();
    let at = text[from..].find(on).map(|at| from + at).or_else(|| text.find(on));
    text[..at.unwrap_or_else(|| panic!("{on:?} is not in the text"))].matches('\n').count() + 1
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
        scratch.write(SPEC, &edited(&real, mistake.edits));
        for command in [LINT, REGENERATE, DIFF] {
            let expected: Vec<String> = mistake
                .said
                .iter()
                .filter(|(by, ..)| by.contains(&command))
                .map(|(_, sentence, on)| {
                    sentence.replacen("LINE", &line(&scratch, sentence, on, mistake).to_string(), 1)
                })
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
