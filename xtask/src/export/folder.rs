//! How an export reaches the disk: whole or not at all, with checksums, and never over something else.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::Files;

/// The file of the checksums, in the form that `sha256sum --check` reads.
pub(crate) const SUMS: &str = "SHA256SUMS";

pub(crate) fn checksums(files: &Files) -> String {
    let mut sums = String::new();
    for (name, text) in files {
        for byte in Sha256::digest(text) {
            // Writing to a string cannot fail.
            let _ = write!(sums, "{byte:02x}");
        }
        let _ = writeln!(sums, "  {name}");
    }
    sums
}

/// Fills a folder beside `to` and puts it there in one step.
pub(crate) fn write(to: &Path, files: &Files) -> Result<(), Vec<String>> {
    may_be_replaced(to)?;
    let failed = |e: io::Error| vec![format!("{}: cannot be written: {e}", to.display())];
    let to = &std::path::absolute(to).map_err(failed)?;
    let (Some(parent), Some(name)) = (to.parent(), to.file_name()) else {
        return Err(vec![format!("{}: name a folder below another", to.display())]);
    };
    fs::create_dir_all(parent).map_err(failed)?;
    let unfinished =
        tempfile::Builder::new().prefix(&format!(".{}-", name.to_string_lossy())).tempdir_in(parent).map_err(failed)?;
    let fresh = unfinished.path().join("fresh");
    for (name, text) in files {
        let file = fresh.join(name);
        fs::create_dir_all(file.parent().unwrap_or(&fresh)).and_then(|()| fs::write(&file, text)).map_err(failed)?;
    }
    // The earlier one goes aside first, so that it can come back.
    let earlier = unfinished.path().join("earlier");
    let had = to.exists();
    if had {
        fs::rename(to, &earlier).map_err(failed)?;
    }
    if let Err(e) = fs::rename(&fresh, to) {
        if had {
            fs::rename(&earlier, to).map_err(failed)?;
        }
        return Err(failed(e));
    }
    Ok(())
}

/// An earlier export holds what its checksums name and nothing else.
fn may_be_replaced(folder: &Path) -> Result<(), Vec<String>> {
    let failed = |e: io::Error| vec![format!("{}: cannot be read: {e}", folder.display())];
    if !folder.exists() {
        return Ok(());
    }
    if !folder.is_dir() {
        return Err(vec![format!("{}: is no folder", folder.display())]);
    }
    let mut there = BTreeSet::new();
    names(folder, Path::new(""), &mut there).map_err(failed)?;
    if there.is_empty() {
        return Ok(());
    }
    let sums = fs::read_to_string(folder.join(SUMS)).unwrap_or_default();
    let ours: BTreeSet<PathBuf> =
        sums.lines().filter_map(|line| line.split_once("  ")).map(|(_, name)| name.into()).collect();
    match there.iter().find(|name| **name != Path::new(SUMS) && !ours.contains(*name)) {
        None => Ok(()),
        Some(other) => Err(vec![format!(
            "{}: {} is not of an earlier export, so nothing was written; name a new or an empty folder",
            folder.display(),
            other.display()
        )]),
    }
}

fn names(folder: &Path, below: &Path, found: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = below.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            names(&entry.path(), &name, found)?;
        } else {
            found.insert(name);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, text: &str) -> Files {
        let mut files = Files::from([(name.to_owned(), text.to_owned())]);
        files.insert(SUMS.to_owned(), checksums(&files));
        files
    }

    #[test]
    fn an_earlier_export_is_replaced_and_nothing_stays_of_it() {
        let home = tempfile::tempdir().unwrap();
        let to = home.path().join("a/b");
        write(&to, &one("old/file", "1")).unwrap();
        write(&to, &one("new", "2")).unwrap();
        assert_eq!(fs::read_to_string(to.join("new")).unwrap(), "2");
        assert!(!to.join("old").exists());
        let beside: Vec<_> = fs::read_dir(home.path().join("a")).unwrap().collect();
        assert_eq!(beside.len(), 1, "something unfinished stayed: {beside:?}");
    }

    #[test]
    fn a_folder_with_something_else_stays_as_it_is() {
        let home = tempfile::tempdir().unwrap();
        write(&home.path().join("there"), &one("file", "1")).unwrap();
        fs::write(home.path().join("there/notes.txt"), "mine").unwrap();
        let said = write(&home.path().join("there"), &one("file", "2")).unwrap_err();
        assert!(said[0].contains("notes.txt is not of an earlier export"), "{said:?}");
        assert_eq!(fs::read_to_string(home.path().join("there/file")).unwrap(), "1");
        let said = write(&home.path().join("there/file"), &one("file", "2")).unwrap_err();
        assert!(said[0].ends_with("is no folder"), "{said:?}");
    }
}
