//! `cargo xtask regenerate`: from an edit of the description to what it changed for a Rust user.

use std::{fs, path::Path};

use crate::{
    SPEC,
    codegen::{self, Generated},
    coverage,
    difference::Difference,
    listing,
};

/// The committed listing of the generated public API.
const LISTING: &str = "xtask/generated-api.txt";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing; fail if something committed is stale
    #[arg(long)]
    check: bool,
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<(), Vec<String>> {
    println!("Checking {SPEC} and generating the client from it");
    let yaml = crate::spec(root)?;
    let generated = codegen::generate(&yaml).map_err(|fault| vec![fault.in_file(SPEC)])?;
    let spec = codegen::spec::Spec::parse(&yaml).map_err(|fault| vec![fault.in_file(SPEC)])?;
    println!("Comparing the public API with {LISTING}");
    refresh(&root.join(LISTING), &generated, arguments.check)?;
    println!("Tracing each section of the documentation to its operation, method and tests");
    refresh_coverage(root, &coverage::table(root, &spec)?, arguments.check)
}

fn refresh_coverage(root: &Path, fresh: &str, check: bool) -> Result<(), Vec<String>> {
    let path = root.join(coverage::TABLE);
    if fs::read_to_string(&path).is_ok_and(|committed| committed == fresh) {
        return Ok(());
    }
    if check {
        return Err(vec![format!(
            "{}:1: stale: run `cargo xtask regenerate` and commit what it writes",
            coverage::TABLE
        )]);
    }
    fs::write(&path, fresh).map_err(|e| vec![format!("{}: cannot be written: {e}", coverage::TABLE)])?;
    println!("Wrote {}", coverage::TABLE);
    Ok(())
}

fn refresh(path: &Path, generated: &Generated, check: bool) -> Result<(), Vec<String>> {
    let fresh = listing::of(generated).map_err(|e| vec![format!("{SPEC}: the generated code is no Rust: {e}")])?;
    let committed = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(vec![format!("{LISTING}: cannot be read: {e}")]),
    };
    if committed == fresh {
        println!("Nothing changed for a Rust user ({} items)", listing::items(&fresh));
        return Ok(());
    }
    let difference = Difference::between(&committed, &fresh);
    print!("{difference}");
    println!(
        "{} added, {} removed, {} changed",
        difference.added.len(),
        difference.removed.len(),
        difference.changed.len()
    );
    if check {
        return Err(vec![format!(
            "{LISTING}:1: {} items are stale: run `cargo xtask regenerate` and commit what it writes",
            difference.len()
        )]);
    }
    fs::write(path, fresh).map_err(|e| vec![format!("{LISTING}: cannot be written: {e}")])?;
    println!("Wrote {LISTING}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generated(client: &str) -> Generated {
        Generated { client: client.to_owned(), ..Generated::default() }
    }

    #[test]
    fn a_check_writes_nothing_and_fails_when_stale() {
        let folder = std::env::temp_dir().join(format!("upcloud-xtask-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("generated-api.txt");

        assert!(refresh(&path, &generated("pub struct Plan;"), true).is_err());
        assert!(!path.exists());
        refresh(&path, &generated("pub struct Plan;"), false).unwrap();
        refresh(&path, &generated("pub struct Plan;"), true).unwrap();
        let before = fs::read_to_string(&path).unwrap();
        let findings = refresh(&path, &generated("pub struct Zone;"), true).unwrap_err();
        assert!(findings[0].contains("2 items are stale"), "{findings:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), before);

        fs::remove_dir_all(folder).unwrap();
    }
}
