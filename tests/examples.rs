//! Every example runs on the fake, ends well, and prints what it is for; and says how it is used.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
};

/// What each example prints, in this order, beside more.
const PRINTED: &[(&str, &[&str])] = &[
    ("autoscaler", &["minute  0: load", "more", "less", "All are deleted."]),
    ("blocking", &["server-1.example.com is started", "server-3.example.com is started"]),
    (
        "clone_and_install",
        &["twin.example.net is started, with", "bare.example.net is started; install it over", "deleted"],
    ),
    ("create_from_template", &["first.example.net is started", "ssh deploy@", "found again: true", "deleted"]),
    ("endpoint", &["de-fra1: 1.3 for 1 core(s)", "fi-hel1: no price"]),
    (
        "exit_codes",
        &["SERVER_NOT_FOUND", "exit code 66", "exit code 73", "exit code 77", "exit code 68", "exit code 78"],
    ),
    (
        "fleet",
        &["Making 50 servers.", "50 of 50 made", "fleet-50.example.net", "50 of 50 done.", "0 servers are left."],
    ),
    ("lost_create", &["Lost: createServer", "It was made: lost.example.net", "Servers of this name: 0"]),
    ("metadata", &["web-1.example.net in fi-hel1", "hostname, asked for by itself: web-1.example.net", "interface 1"]),
    ("own_network", &["attempt 1: GET /1.3/zone 200", "{\"zones\"", "zones"]),
    ("own_state", &["2 servers are kept.", "is now \"Renamed\"", "is gone", "2 changes."]),
    (
        "resize",
        &[
            "larger, without a stop: resize.example.net is started with 4xCPU-8GB",
            "refused without leave to stop",
            "  stopped",
            "smaller, with a stop: resize.example.net is started with 1xCPU-1GB",
            "deleted",
        ],
    ),
    ("quickstart", &["1. Choose a template", "Refused, as it should be", "7. Delete it with its disk", "Gone."]),
];

/// Those that are tried elsewhere: the fake as a process, and the samples of the API's page.
const ELSEWHERE: [&str; 2] = ["fake", "samples"];

fn program(name: &str) -> PathBuf {
    // `cargo test` builds the examples before it runs anything; they are built here if this file alone is asked for.
    static BUILT: OnceLock<bool> = OnceLock::new();
    let build = || Command::new(env!("CARGO")).args(["build", "--quiet", "--examples"]).status();
    let here = std::env::current_exe().expect("the path of this test");
    let program = here.ancestors().nth(2).expect("a target folder").join("examples").join(name);
    if !program.exists() {
        assert!(*BUILT.get_or_init(|| build().expect("cargo runs").success()));
    }
    program
}

fn run(name: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program(name));
    for variable in ["UPCLOUD_TOKEN", "UPCLOUD_USERNAME", "UPCLOUD_PASSWORD", "COMPANY_CA", "COMPANY_PROXY"] {
        command.env_remove(variable);
    }
    command.args(arguments).stdin(Stdio::null()).output().expect("the example starts")
}

fn names() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let programs = entries.filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    programs.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
}

#[test]
fn every_example_prints_what_it_is_for() {
    let tried: BTreeSet<String> = PRINTED.iter().map(|(name, _)| *name).chain(ELSEWHERE).map(str::to_owned).collect();
    let there = names().into_iter().chain(["fake".to_owned()]).collect::<BTreeSet<_>>();
    assert_eq!(there, tried, "every example is tried");
    for (name, expected) in PRINTED {
        let output = run(name, &[]);
        let (told, failed) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{name}: {}\n{told}\n{failed}", output.status);
        let mut rest = &*told;
        for part in *expected {
            let at = rest.find(part).unwrap_or_else(|| panic!("{name} does not print {part:?} at its place:\n{told}"));
            rest = &rest[at + part.len()..];
        }
    }
}

#[test]
fn every_example_says_how_it_is_used_and_what_it_costs() {
    for (name, _) in PRINTED.iter().filter(|(name, _)| *name != "blocking") {
        let help = run(name, &["--help"]);
        let text = String::from_utf8_lossy(&help.stdout);
        assert!(help.status.success() && text.contains("--live ZONE PLAN") && text.contains("REAL account"), "{text}");
        let wrong = run(name, &["--nonsense"]);
        let text = String::from_utf8_lossy(&wrong.stderr);
        assert!(wrong.status.code() == Some(2) && text.contains("--nonsense") && text.contains("--live"), "{text}");
    }
}

/// README's table names each.
#[test]
fn the_readme_names_every_example() {
    let readme = include_str!("../README.md");
    let missing: Vec<String> =
        names().into_iter().filter(|name| !readme.contains(&format!("examples/{name}.rs"))).collect();
    assert_eq!(missing, ["samples"]);
}
