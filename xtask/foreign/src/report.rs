//! What a client can do and what not, as lines of JSON that `cargo xtask foreign` makes a table of.

use serde_json::json;

/// The client does it, by this call of its own.
pub(crate) fn can<T>(task: &str, call: &str, outcome: Result<T, String>) -> Result<T, String> {
    let value = outcome.map_err(|e| format!("it can no longer {task} ({call}): {e}"))?;
    say(task, "yes", &format!("`{call}`"));
    Ok(value)
}

/// The client has a call for it, which fails with these words in its error.
pub(crate) fn cannot<T>(task: &str, why: &str, fails: &str, outcome: Result<T, String>) -> Result<(), String> {
    match outcome {
        Ok(_) => Err(format!("it can {task} now, but is said not to, because {why}")),
        Err(error) if !error.contains(fails) => {
            Err(format!("it fails to {task} in a new way: not with {fails:?}, but {error}"))
        }
        Err(_) => {
            say(task, "no", why);
            Ok(())
        }
    }
}

/// The client has no call for it.
pub(crate) fn lacks(tasks: &[&str]) {
    for task in tasks {
        say(task, "no", "");
    }
}

fn say(task: &str, answer: &str, note: &str) {
    println!("{}", json!({ "task": task, "answer": answer, "note": note }));
}

/// What was expected did not come.
pub(crate) fn ensure(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}
