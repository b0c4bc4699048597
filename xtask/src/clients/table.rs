//! The table of `cargo xtask clients`.

use super::{Client, Outcome, name};

const HEAD: [&str; 8] = ["language", "generator", "from", "files", "lines", "compiles", "ran", "seconds"];
/// What is said of a step that was not reached or that there is none of.
const NOTHING: &str = "-";

pub(super) fn of<'a>(outcomes: impl Iterator<Item = (&'a Client, &'a Outcome)>) -> String {
    let rows: Vec<[String; 8]> = std::iter::once(HEAD.map(str::to_owned))
        .chain(outcomes.map(|(client, outcome)| row(client, outcome)))
        .collect();
    let mut widths = [0; 8];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.len());
        }
    }
    let line = |row: &[String; 8]| {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

fn row(client: &Client, outcome: &Outcome) -> [String; 8] {
    let or_nothing = |text: Option<String>| text.unwrap_or_else(|| NOTHING.to_owned());
    let compiled = outcome.compiled.map(|passed| if passed { client.checks.to_owned() } else { "NO".to_owned() });
    let ran = match (outcome.ran, client.driver, outcome.compiled) {
        (Some(requests), ..) => format!("{requests} requests"),
        (None, Some(_), Some(true)) => "NO".to_owned(),
        _ => NOTHING.to_owned(),
    };
    [
        name(&client.language),
        name(&client.generator),
        client.from.to_owned(),
        or_nothing(outcome.size.map(|size| size.files.to_string())),
        or_nothing(outcome.size.map(|size| size.lines.to_string())),
        or_nothing(compiled),
        ran,
        format!("{:.1}", outcome.took.as_secs_f64()),
    ]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clients::{all, bench::Size};

    #[test]
    fn what_failed_is_seen_and_what_was_not_reached_is_not_claimed() {
        let client = all().next().unwrap();
        let size = Some(Size { files: 1, lines: 20 });
        let took = Duration::from_millis(1250);
        let outcomes = [
            Outcome { size, compiled: Some(true), ran: Some(12), took, finding: None },
            Outcome { size, compiled: Some(true), took, ..Outcome::default() },
            Outcome { size, compiled: Some(false), took, ..Outcome::default() },
            Outcome::default(),
        ];
        let text = of(outcomes.iter().map(|outcome| (client, outcome)));
        let ends: Vec<_> = text.lines().map(|line| line.split_whitespace().rev().take(2).collect::<Vec<_>>()).collect();
        assert!(text.starts_with("language  generator  from"), "{text}");
        assert_eq!(ends[1..], [["1.2", "requests"], ["1.2", "NO"], ["1.2", "-"], ["0.0", "-"]], "{text}");
        assert_eq!(text.matches("go vet").count(), 2, "{text}");
    }
}
