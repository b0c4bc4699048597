//! The state file: read at the beginning, written at the end.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Read as _, Write as _},
    path::Path,
};

use tempfile::{Builder, NamedTempFile};
use upcloud::fake::Snapshot;

/// The state in the file, or `None` if there is no file; and that a new one can be written there at the end, which is no
/// time to learn that it cannot.
pub(crate) fn load(path: &Path) -> Result<Option<Snapshot>, String> {
    let state = match read(path) {
        Ok(text) => Some(Snapshot::from_json(&text).map_err(|e| format!("{}: {e}", path.display()))?),
        Err(e) if e.kind() == ErrorKind::NotFound => None,
        Err(e) => return Err(format!("{} cannot be read: {e}", path.display())),
    };
    new_file(path).map_err(|e| format!("{} cannot be written at the end: {e}", path.display()))?;
    Ok(state)
}

/// A link is refused, not followed: in a folder that others can write to, one of them may have laid it, to have another file
/// read or replaced. Who wants it can name the file that it leads to. Pipes and devices have no end.
fn read(path: &Path) -> io::Result<String> {
    let found = fs::symlink_metadata(path)?;
    let wrong = |what| io::Error::new(ErrorKind::InvalidInput, what);
    if found.is_symlink() {
        return Err(wrong("it is a link; name the file that it leads to"));
    }
    if !found.is_file() {
        return Err(wrong("it is no file"));
    }
    let mut file = File::open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let opened = file.metadata()?;
        if (opened.dev(), opened.ino()) != (found.dev(), found.ino()) {
            return Err(wrong("it was replaced while it was opened"));
        }
    }
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    Ok(text)
}

/// A file beside it with a name that nobody can know before, which only its owner can read: there may be passwords in it.
fn new_file(path: &Path) -> io::Result<NamedTempFile> {
    Builder::new().prefix(".fake-state-").suffix(".new").tempfile_in(folder(path))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a new file beside the old one and puts it in its place, so that an end in between leaves a whole one. What stands
/// there by now is replaced and not followed, even if it is a link.
pub(crate) fn save(path: &Path, state: &Snapshot) -> Result<(), String> {
    let write = || {
        let mut file = new_file(path)?;
        file.write_all(state.to_json().as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        #[cfg(unix)]
        File::open(folder(path))?.sync_all()?;
        Ok::<_, io::Error>(())
    };
    write().map_err(|e| format!("{} cannot be written: {e}", path.display()))
}
