//! How a file that holds a secret is read: never more than a secret can need, and never waiting for anybody.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _},
    path::Path,
};

/// No token and no password is longer; a larger file is another one.
const LIMIT: u64 = 64 * 1024;

/// The content, or what is wrong, which tells neither the path nor the content.
pub(super) fn read(path: &Path) -> Result<String, String> {
    let failed = |e: io::Error| format!("it cannot be read ({})", e.kind());
    // To open a pipe or a device may wait or do something, so it is looked at first, and again when it is open.
    regular(&fs::metadata(path).map_err(failed)?)?;
    let file = open(path).map_err(failed)?;
    regular(&file.metadata().map_err(failed)?)?;
    let mut bytes = Vec::new();
    file.take(LIMIT + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LIMIT {
        return Err(format!("the file is larger than {LIMIT} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "the file is no text in UTF-8".to_owned())
}

fn regular(metadata: &fs::Metadata) -> Result<(), String> {
    if metadata.is_file() { Ok(()) } else { Err("it is no regular file".to_owned()) }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread, time::Duration};

    use super::*;

    /// What is read within a time in which nothing can be waited for.
    fn at_once(path: &Path) -> Result<String, String> {
        let (tell, told) = mpsc::channel();
        let path = path.to_owned();
        thread::spawn(move || tell.send(read(&path)));
        told.recv_timeout(Duration::from_secs(10)).expect("reading never waits")
    }

    #[test]
    fn only_small_regular_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        let whole = "x".repeat(usize::try_from(LIMIT).expect("a small number"));
        for (content, expected) in [
            (whole.clone(), Ok(whole.clone())),
            (format!("{whole}x"), Err("the file is larger than 65536 bytes".to_owned())),
            (String::new(), Ok(String::new())),
        ] {
            fs::write(&path, content).expect("a file");
            assert_eq!(at_once(&path), expected);
        }
        fs::write(&path, b"hunter2\xff").expect("a file");
        assert_eq!(at_once(&path), Err("the file is no text in UTF-8".to_owned()));
        assert_eq!(at_once(folder.path()), Err("it is no regular file".to_owned()));
        assert_eq!(at_once(&folder.path().join("hunter2")), Err("it cannot be read (entity not found)".to_owned()));
    }

    #[cfg(unix)]
    #[test]
    fn pipes_and_devices_are_not_opened() {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo is there");
        assert!(made.success());
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&pipe, &link).expect("a link");
        for path in [&pipe, &link, Path::new("/dev/zero"), Path::new("/dev/null")] {
            assert_eq!(at_once(path), Err("it is no regular file".to_owned()), "{}", path.display());
        }
        // Somebody may put a pipe there between the look and the opening.
        let (tell, told) = mpsc::channel();
        thread::spawn(move || tell.send(open(&pipe).is_ok()));
        assert!(told.recv_timeout(Duration::from_secs(10)).expect("opening never waits"));
    }
}
