//! `cargo xtask overhead`: how many instructions a call takes beyond the same call written by hand on reqwest. Instructions
//! and not seconds, because they are the same whatever else the machine does.

use std::{path::Path, process::Command};

use crate::{cargo, fake_process::FakeProcess, tools};

/// The bench that makes the calls, and in another process answers them.
const BENCH: &str = "call";
/// What is measured, how much more it may take in per cent, and what the crate does in it that the hand does not.
const CALLS: [(&str, f64, &str); 4] = [
    ("get", 5.0, "limits of time, attempts, spans, one error"),
    ("list", 5.0, "the same, in a larger answer"),
    ("create", 7.0, "documented limits are checked, and what finds a lost create is kept"),
    // A cold path: before a word of a refusal is quoted, each secret of the request is looked for in every usual spelling.
    (
        "refused",
        130.0,
        "either form of errors is read, secrets are looked for in every spelling, the call is described",
    ),
];
/// Two lengths of a run: their difference has neither the start of the process nor the first connection in it.
const SHORT: u64 = 50;
const LONG: u64 = 250;

pub(crate) fn run(root: &Path) -> Result<(), Vec<String>> {
    println!("Building the bench `{BENCH}`");
    let bench =
        cargo::built(root, &["bench", "--bench", BENCH, "--no-run"], BENCH).map_err(|sentence| vec![sentence])?;
    let fake = FakeProcess::start(Command::new(&bench).arg("serve")).map_err(|sentence| vec![sentence])?;
    println!("Counting instructions per call (valgrind)");
    println!("{:<8} {:>10} {:>10} {:>8} {:>8}", "", "upcloud", "reqwest", "more", "allowed");
    let mut findings = Vec::new();
    for (operation, allowed, for_what) in CALLS {
        let count =
            |how: &str| per_call(root, &bench, fake.base_url(), how, operation).map_err(|sentence| vec![sentence]);
        let (ours, theirs) = (count("upcloud")?, count("reqwest")?);
        #[expect(clippy::cast_precision_loss, reason = "a call takes fewer than 2^52 instructions")]
        let more = (ours as f64 / theirs as f64 - 1.0) * 100.0;
        println!("{operation:<8} {ours:>10} {theirs:>10} {more:>7.1}% {allowed:>7.1}%  {for_what}");
        if more > allowed {
            findings.push(format!(
                "{operation}: a call takes {more:.1} % more instructions than by hand, at most {allowed} % are allowed"
            ));
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

fn per_call(root: &Path, bench: &Path, base_url: &str, how: &str, operation: &str) -> Result<u64, String> {
    let [short, long] = [SHORT, LONG].map(|calls| {
        let file = root.join("target").join("overhead.callgrind");
        let mut command = Command::new("valgrind");
        let command = command
            .arg("--tool=callgrind")
            .arg(format!("--callgrind-out-file={}", file.display()))
            .arg(bench)
            .args([how, operation, &calls.to_string(), base_url]);
        tools::run(command)?;
        let profile = std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        total(&profile).ok_or_else(|| format!("{}: it tells no total", file.display()))
    });
    Ok(long?.saturating_sub(short?) / (LONG - SHORT))
}

/// The number of instructions that a profile tells.
fn total(profile: &str) -> Option<u64> {
    let line = profile.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")))?;
    line.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_tells_its_total() {
        assert_eq!(total("events: Ir\nfn=(1) main\n1 5\nsummary: 12\ntotals: 34\n"), Some(12));
        assert_eq!(total("events: Ir\ntotals: 34\n"), Some(34));
        assert_eq!(total("events: Ir\n"), None);
    }
}
