//! What every language needs: the tools, the export, folders, and commands that begin from them.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

use super::names::{self, Found};
use crate::{
    codegen::spec::Spec,
    export,
    samples::Samples,
    tools::{self, Tools},
};

/// The pins, in `xtask/tools`.
const SET: &str = "clients";
/// Where generated code goes, from the root of the repository.
const WORK: &str = "target/clients";

pub(super) struct Bench {
    pub(super) root: PathBuf,
    pub(super) node: Tools,
    pub(super) python: Tools,
    /// Where Python packages lie; Go and the jar of openapi-generator are among them.
    pub(super) packages: PathBuf,
    work: PathBuf,
    spec: Spec,
    samples: Samples,
    names: Mutex<Found>,
}

impl Bench {
    pub(super) fn set_up(root: &Path) -> Result<Self, Vec<String>> {
        // The tools run in folders of their own.
        let root = &std::path::absolute(root).map_err(|e| vec![format!("{}: {e}", root.display())])?;
        let node = tools::node(root, SET)?;
        let python = tools::python(root, SET)?;
        let ask = ["-c", "import sysconfig; print(sysconfig.get_path('purelib'))"];
        let packages = tools::output(python.program("python").args(ask)).map_err(|e| vec![e])?;
        let (text, samples, work) = (crate::spec(root)?, Samples::read(root)?, root.join(WORK));
        let spec = Spec::parse(&text).map_err(|fault| vec![fault.in_file(crate::SPEC)])?;
        println!("Exporting the description");
        export::to(&work.join("export"), &text, &samples, |_| ())?;
        let (root, packages, names) = (root.to_owned(), packages.trim().into(), Mutex::default());
        Ok(Self { root, node, python, packages, work, spec, samples, names })
    }

    /// An empty folder below the work.
    pub(super) fn fresh(&self, name: &str) -> Result<PathBuf, String> {
        let folder = self.work.join(name);
        let made = || {
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            fs::create_dir_all(&folder)
        };
        made().map(|()| folder.clone()).map_err(|e| format!("{}: {e}", folder.display()))
    }

    /// A file of the export.
    pub(super) fn exported(&self, name: &str) -> PathBuf {
        self.work.join("export").join(name)
    }

    /// Redocly's generator. It writes beside `to`, in the language of the generator.
    pub(super) fn redocly(&self, from: &str, to: &Path, options: &[&str]) -> Result<(), String> {
        let mut command = self.node.program("redocly");
        command.arg("generate-client").arg(self.exported(from)).arg("--output").arg(to.join("client.ts"));
        tools::run(command.args(options))
    }

    /// openapi-generator; its names are looked at by the way.
    pub(super) fn openapi_generator(
        &self,
        generator: &str,
        from: &str,
        to: &Path,
        properties: &str,
    ) -> Result<(), String> {
        names::generate(self, generator, from, to, properties)
    }

    pub(super) fn spec(&self) -> &Spec {
        &self.spec
    }

    pub(super) fn samples(&self) -> &Samples {
        &self.samples
    }

    /// What openapi-generator made of the names so far.
    pub(super) fn names(&self) -> &Mutex<Found> {
        &self.names
    }

    /// The folder of the pins, and of what the tools need.
    pub(super) fn pins(&self) -> PathBuf {
        self.root.join("xtask/tools").join(SET)
    }

    pub(super) fn jar(&self) -> PathBuf {
        self.packages.join("openapi_generator_cli/openapi-generator.jar")
    }
}

/// How much code a generator wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) files: usize,
    pub(super) lines: usize,
}

impl Size {
    pub(super) fn of(folder: &Path) -> io::Result<Self> {
        let mut size = Self::default();
        for file in sources(folder, &["go", "java", "py", "ts"])? {
            size.files += 1;
            size.lines += fs::read_to_string(file)?.lines().count();
        }
        Ok(size)
    }
}

/// All files with these endings, in order.
pub(super) fn sources(folder: &Path, endings: &[&str]) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(sources(&path, endings)?);
        } else if path.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| endings.contains(&ending)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Writes a small file that a compiler needs.
pub(super) fn write(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).and_then(|()| fs::write(path, text)).map_err(|e| format!("{}: {e}", path.display()))
}

/// A command in a folder.
pub(super) fn within(mut command: Command, folder: &Path) -> Command {
    command.current_dir(folder);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_counts_sources_in_all_folders() {
        let home = tempfile::tempdir().unwrap();
        write(&home.path().join("a.go"), "1\n2\n").unwrap();
        write(&home.path().join("b/c.java"), "1\n").unwrap();
        write(&home.path().join("b/README.md"), "1\n").unwrap();
        assert_eq!(Size::of(home.path()).unwrap(), Size { files: 2, lines: 3 });
    }
}
