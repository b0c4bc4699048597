//! The state file: read at the beginning, written at the end.

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    path::Path,
};

use upcloud::fake::SavedState;

/// The state in the file, or `None` if there is no file.
pub(crate) fn load(path: &Path) -> Result<Option<SavedState>, String> {
    match fs::read_to_string(path) {
        Ok(text) => SavedState::from_json(&text).map(Some).map_err(|e| format!("{}: {e}", path.display())),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(format!("{} cannot be read: {e}", path.display())),
    }
}

/// Writes a new file beside the old one and puts it in its place, so that an end in between leaves a whole one.
pub(crate) fn save(path: &Path, state: &SavedState) -> Result<(), String> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        // There may be passwords in it.
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let write = || {
        let mut file = options.open(&new)?;
        file.write_all(state.to_json().as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    write().map_err(|e| format!("{} cannot be written: {e}", path.display()))
}
