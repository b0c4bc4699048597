//! What other people's clients can do, as the committed table.

use std::{collections::BTreeMap, fmt::Write as _};

use serde_json::Value;

/// Where the table is.
pub(super) const FILE: &str = "xtask/foreign.md";

/// What each client is tried with, in the order of the table.
const TASKS: [&str; 27] = [
    "take the base URL from UPCLOUD_DEBUG_API_BASE_URL",
    "list plans",
    "list zones",
    "list templates",
    "create a server",
    "label a server",
    "list servers",
    "list servers by label",
    "get a server",
    "wait for a state of a server",
    "modify a server",
    "stop a server",
    "start a server",
    "restart a server",
    "delete a server with its storages",
    "create a server group",
    "create a server group with members",
    "create a server in a group",
    "list server groups",
    "get a server group",
    "modify a server group",
    "add a server to a group",
    "list the servers of a group",
    "remove a server from a group",
    "delete a server group",
    "read the code of an error",
    "read the code of an error in the newer form",
];

const HEAD: &str = "\
<!-- Written by `cargo xtask foreign --only clients`; do not edit. -->
# Other people's clients against the fake

Each client is used unchanged. What it is said to do was done against the fake; what it is said not to do was tried and failed
in the way that is written, unless it has no call for it (`no call`). `generic` means: no call of its own, but one for any
request, which did it. The versions are the pinned ones; `cargo xtask foreign --check` fails when a client no longer does what
is written here.

The vendor's Go client, its command line `upctl` and its Terraform provider could not be had where this was made (they are in
no registry that was reachable), so nothing is said of them.
";

/// What one client can do.
#[derive(Debug)]
pub(super) struct Column {
    title: String,
    /// Answer and note of each task.
    cells: BTreeMap<&'static str, (String, String)>,
}

impl Column {
    /// Reads what a driver said, a line of JSON for each task; other lines are the client's own.
    pub(super) fn read(title: String, said: &str) -> Result<Self, Vec<String>> {
        let mut cells = BTreeMap::new();
        let mut findings = Vec::new();
        for line in said.lines() {
            let Ok(line) = serde_json::from_str::<Value>(line) else { continue };
            let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
            let (answer, note) = (text("answer").to_owned(), text("note").to_owned());
            match TASKS.into_iter().find(|task| *task == text("task")) {
                None => findings.push(format!("its driver speaks of a task that is not in the table: {line}")),
                Some(task) => {
                    if cells.insert(task, (answer, note)).is_some() {
                        findings.push(format!("its driver says twice whether it can {task}"));
                    }
                }
            }
        }
        let silent = TASKS.into_iter().filter(|task| !cells.contains_key(task));
        findings.extend(silent.map(|task| format!("its driver does not say whether it can {task}")));
        if findings.is_empty() { Ok(Self { title, cells }) } else { Err(findings) }
    }

    /// One line about it.
    pub(super) fn summary(&self) -> String {
        let count = |wanted: &str| self.cells.values().filter(|(answer, _)| answer == wanted).count();
        let (own, generic) = (count("yes"), count("generic"));
        format!("{}: does {} of {} things, {generic} of them generically", self.title, own + generic, TASKS.len())
    }
}

/// The whole file.
pub(super) fn render(columns: &[Column]) -> String {
    let mut text = HEAD.to_owned();
    let titles: Vec<&str> = columns.iter().map(|column| column.title.as_str()).collect();
    let _ = write!(text, "\n| to | {} |\n| --- |{}\n", titles.join(" | "), " --- |".repeat(titles.len()));
    for task in TASKS {
        let cells: Vec<String> = columns.iter().map(|column| cell(&column.cells[task])).collect();
        let _ = writeln!(text, "| {task} | {} |", cells.join(" | "));
    }
    text
}

fn cell((answer, note): &(String, String)) -> String {
    match (answer.as_str(), note.as_str()) {
        ("no", "") => "no call".to_owned(),
        (answer, note) => format!("{answer}: {note}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(task: &str, answer: &str, note: &str) -> String {
        format!("{}\n", serde_json::json!({ "task": task, "answer": answer, "note": note }))
    }

    fn all() -> String {
        TASKS.iter().map(|task| line(task, "yes", "`call`")).collect()
    }

    #[test]
    fn every_task_is_a_row_and_noise_is_not() {
        let column = Column::read("`c` 1.0".to_owned(), &format!("POST: something\n{}", all())).unwrap();
        assert_eq!(column.summary(), "`c` 1.0: does 27 of 27 things, 0 of them generically");
        let text = render(&[column]);
        assert_eq!(text.lines().filter(|line| line.ends_with("| yes: `call` |")).count(), TASKS.len());
    }

    #[test]
    fn a_driver_that_leaves_something_out_or_makes_something_up_is_a_finding() {
        let all = all();
        let (_, short) = all.split_once('\n').unwrap();
        let findings = Column::read(String::new(), short).unwrap_err();
        assert_eq!(
            findings,
            ["its driver does not say whether it can take the base URL from UPCLOUD_DEBUG_API_BASE_URL"]
        );
        let findings = Column::read(String::new(), &(all.clone() + &line("dance", "yes", ""))).unwrap_err();
        assert!(findings[0].contains("dance"), "{findings:?}");
        let findings = Column::read(String::new(), &(all + &line("list plans", "no", ""))).unwrap_err();
        assert_eq!(findings, ["its driver says twice whether it can list plans"]);
    }

    #[test]
    fn a_call_that_is_not_there_needs_no_reason() {
        assert_eq!(cell(&("no".to_owned(), String::new())), "no call");
        assert_eq!(cell(&("no".to_owned(), "it fails".to_owned())), "no: it fails");
    }
}
