//! Outside tools at pinned versions: each folder of `xtask/tools` names some, for npm in `package-lock.json` and for pip in
//! `requirements.txt`. They are installed into `target/tools`, once for each state of those files.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Where the pins are, from the root of the repository.
const PINS: &str = "xtask/tools";
/// Where the tools go.
const TOOLS: &str = "target/tools";
/// A file that says for which pins a folder was filled.
const STAMP: &str = ".installed-for";

/// The programs of one installed set of tools.
#[derive(Clone, Debug)]
pub(crate) struct Tools {
    home: PathBuf,
    programs: PathBuf,
}

impl Tools {
    /// The folder that everything is in.
    pub(crate) fn home(&self) -> &Path {
        &self.home
    }

    /// A program of the set, ready to be given arguments.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        // A tool may start another of its set by name.
        let others = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(self.programs.clone()).chain(std::env::split_paths(&others));
        if let Ok(path) = std::env::join_paths(path) {
            command.env("PATH", path);
        }
        // None of them has to tell anybody that it was used.
        command.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
        command
    }
}

/// The tools of `xtask/tools/<set>/package-lock.json`; needs Node.js with npm.
pub(crate) fn node(root: &Path, set: &str) -> Result<Tools, Vec<String>> {
    let home = root.join(TOOLS).join(format!("{set}-node"));
    let pins = root.join(PINS).join(set);
    let tools = Tools { programs: home.join("node_modules/.bin"), home: home.clone() };
    install(&home, &pins.join("package-lock.json"), &format!("{set}: npm"), || {
        for file in ["package.json", "package-lock.json", ".npmrc"] {
            fs::copy(pins.join(file), home.join(file)).map_err(|e| format!("{PINS}/{set}/{file}: {e}"))?;
        }
        let npm = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
        run(Command::new("npm").args(npm).current_dir(&home))
    })?;
    Ok(tools)
}

/// The tools of `xtask/tools/<set>/requirements.txt`; needs Python with venv.
pub(crate) fn python(root: &Path, set: &str) -> Result<Tools, Vec<String>> {
    let home = root.join(TOOLS).join(format!("{set}-python"));
    let pins = root.join(PINS).join(set).join("requirements.txt");
    let tools = Tools { programs: home.join("bin"), home: home.clone() };
    install(&home, &pins, &format!("{set}: pip"), || {
        run(Command::new("python3").args(["-m", "venv"]).arg(&home))?;
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        run(tools.program("python").args(pip).arg(&pins))
    })?;
    Ok(tools)
}

/// The version of a package that a set pins; empty where it pins none.
pub(crate) fn version(root: &Path, set: &str, package: &str) -> String {
    let read = |file: &str| fs::read_to_string(root.join(PINS).join(set).join(file)).unwrap_or_default();
    let node: Option<serde_json::Value> = serde_json::from_str(&read("package.json")).ok();
    let node = node.as_ref().and_then(|pins| pins.get("devDependencies")?.get(package)?.as_str());
    let python = read("requirements.txt");
    let python = || python.lines().find_map(|line| line.strip_prefix(package)?.strip_prefix("=="));
    node.or_else(python).unwrap_or_default().to_owned()
}

/// Fills a folder, unless it was filled for the same pins.
fn install(home: &Path, pins: &Path, what: &str, fill: impl Fn() -> Result<(), String>) -> Result<(), Vec<String>> {
    let wanted = fs::read_to_string(pins).map_err(|e| vec![format!("{}: cannot be read: {e}", pins.display())])?;
    let stamp = home.join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("Installing tools ({what})");
    let io = |e: std::io::Error| format!("{}: {e}", home.display());
    let fresh = || {
        if home.exists() {
            fs::remove_dir_all(home).map_err(io)?;
        }
        fs::create_dir_all(home).map_err(io)?;
        fill()?;
        fs::write(&stamp, &wanted).map_err(io)
    };
    fresh().map_err(|sentence| vec![format!("the tools cannot be installed: {sentence}")])
}

/// Runs a command to its end; what it said is the error if it fails.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    output(command).map(drop)
}

/// Runs a command to its end and gives what it wrote; what it said is the error if it fails.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    both(command).map(|(said, _)| said)
}

/// The same with what it complained of behind what it wrote.
pub(crate) fn all_output(command: &mut Command) -> Result<String, String> {
    both(command).map(|(said, complained)| said + &complained)
}

fn both(command: &mut Command) -> Result<(String, String), String> {
    let name = shown(command);
    let done = command.stdin(Stdio::null()).output().map_err(|e| format!("{name}: cannot be run: {e}"))?;
    let [said, complained] = [&done.stdout, &done.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    if done.status.success() {
        Ok((said, complained))
    } else {
        Err(format!("{name}: {}\n{said}{complained}", done.status))
    }
}

/// The command as a person would type it, without folders before the program.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_else(|| command.get_program());
    let words = std::iter::once(program).chain(command.get_args()).map(OsStr::to_string_lossy);
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_command_says_what_it_was_and_what_it_said() {
        let said = output(Command::new("/bin/sh").args(["-c", "echo out; echo err >&2; exit 3"])).unwrap_err();
        assert!(said.starts_with("sh -c"), "{said}");
        assert!(said.contains("exit status: 3") && said.contains("out\n") && said.ends_with("err\n"), "{said}");
    }

    #[test]
    fn versions_are_those_of_the_pins() {
        let root = crate::root();
        for (package, version) in [("@redocly/cli", "2."), ("yamllint", "1."), ("openapi-spec-validator", "0.")] {
            assert!(super::version(&root, "lint", package).starts_with(version), "{package}");
        }
        assert_eq!(version(&root, "lint", "pydantic-set"), "");
    }

    #[test]
    fn a_folder_is_filled_once_for_each_state_of_its_pins() {
        let folder = tempfile::tempdir().unwrap();
        let (pins, home) = (folder.path().join("pins"), folder.path().join("home"));
        let filled = std::cell::Cell::new(0);
        let fill = || {
            filled.set(filled.get() + 1);
            Ok(())
        };
        fs::write(&pins, "one").unwrap();
        for _ in 0..2 {
            install(&home, &pins, "test", fill).unwrap();
        }
        assert_eq!(filled.get(), 1);
        fs::write(&pins, "two").unwrap();
        let failed = install(&home, &pins, "test", || Err("no network".to_owned())).unwrap_err();
        assert!(failed[0].contains("no network"), "{failed:?}");
        install(&home, &pins, "test", fill).unwrap();
        assert_eq!(filled.get(), 2, "a failed attempt leaves nothing that counts as installed");
    }
}
