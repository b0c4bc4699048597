//! A user's project with one dev-dependency and the test of the README, built and run as cargo does it for a user.

use std::{fs, path::Path, process::Command};

/// Where cargo builds it: apart from this package, whose own build may be going on.
const TARGET: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/user");

#[test]
#[ignore = "it builds the crate and all it depends on once more; run it with `cargo test --test downstream_crate -- --ignored`"]
fn one_dev_dependency_and_five_lines() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = root.join("tests/downstream_crate");
    // The versions that this package was tested with; cargo drops what is not needed.
    fs::copy(root.join("Cargo.lock"), project.join("Cargo.lock")).expect("a lock file");
    let run = Command::new(env!("CARGO"))
        .args(["test", "--offline", "--test", "servers", "--target-dir", TARGET])
        .current_dir(&project)
        .output()
        .expect("cargo runs");
    fs::remove_file(project.join("Cargo.lock")).expect("the lock file goes");
    let said = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}

/// The README shows this test and no other.
#[test]
#[ignore = "it is run together with the project"]
fn the_readme_shows_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(root.join(path)).expect("a file");
    let test = read("tests/downstream_crate/tests/servers.rs");
    let (_, shown) = test.split_once("\n\n").expect("a test after its first line");
    assert!(read("README.md").contains(shown.trim()), "README.md does not show:\n{shown}");
}
