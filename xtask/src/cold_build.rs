//! `cargo xtask cold-build`: what the first build of a program on this crate costs, beside that of a program on bare reqwest with
//! the same TLS. Seconds of the processors say it best: they hardly depend on what else the machine does, as the time does.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{cargo, tools};

/// Where the programs are written and built.
const WORK: &str = "target/cold-build";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Build only so
    #[arg(long, value_enum)]
    only: Option<Profile>,
    /// How many jobs cargo may run at a time
    #[arg(long, default_value_t = 2)]
    jobs: u32,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, clap::ValueEnum)]
enum Profile {
    Debug,
    Release,
}

/// A program that makes one call.
struct Program {
    name: &'static str,
    dependencies: &'static str,
    /// Before the call.
    first: &'static str,
    call: &'static str,
}

const REQWEST: &str = r#"drop(reqwest::get("http://127.0.0.1:9").await)"#;
const UPCLOUD: &str = r#"drop(upcloud::Client::from_env().expect("a client").servers().list().await)"#;
const INSTALL: &str = r#"rustls::crypto::ring::default_provider().install_default().expect("the first")"#;

/// Each of ours behind what it is compared with.
const PROGRAMS: [Program; 4] = [
    Program {
        name: "reqwest, aws-lc-rs",
        dependencies: "reqwest = { version = \"0.13\", features = [\"json\"] }\n",
        first: "",
        call: REQWEST,
    },
    Program {
        name: "upcloud, aws-lc-rs",
        dependencies: "upcloud = { path = \"../../..\" }\n",
        first: "",
        call: UPCLOUD,
    },
    Program {
        name: "reqwest, ring",
        dependencies: "reqwest = { version = \"0.13\", default-features = false, features = [\"http2\", \"charset\", \
                       \"system-proxy\", \"json\", \"rustls-no-provider\"] }\n\
                       rustls = { version = \"0.23\", default-features = false, features = [\"ring\", \"std\", \"tls12\"] }\n",
        first: INSTALL,
        call: REQWEST,
    },
    Program {
        name: "upcloud, ring",
        dependencies: "upcloud = { path = \"../../..\", default-features = false, features = [\"rustls-no-provider\"] }\n\
                       rustls = { version = \"0.23\", default-features = false, features = [\"ring\", \"std\", \"tls12\"] }\n",
        first: INSTALL,
        call: UPCLOUD,
    },
];

/// What a build took, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cost {
    time: f64,
    processors: f64,
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<(), Vec<String>> {
    println!("{:<8} {:<20} {:>8} {:>14} {:>10}", "", "", "time", "of processors", "more");
    for profile in [Profile::Debug, Profile::Release] {
        if arguments.only.is_some_and(|only| only != profile) {
            continue;
        }
        let mut before: Option<Cost> = None;
        for program in &PROGRAMS {
            let cost = measure(root, program, profile, arguments.jobs).map_err(|sentence| vec![sentence])?;
            let more = before.map_or(String::new(), |bare| format!("{:.0} s", cost.processors - bare.processors));
            let shown = format!("{profile:?}").to_lowercase();
            let Cost { time, processors } = cost;
            println!("{shown:<8} {:<20} {time:>6.0} s {processors:>12.0} s {more:>10}", program.name);
            before = if before.is_none() { Some(cost) } else { None };
        }
    }
    Ok(())
}

fn measure(root: &Path, program: &Program, profile: Profile, jobs: u32) -> Result<Cost, String> {
    let home = write(root, program).map_err(|e| format!("{WORK}: {e}"))?;
    tools::run(cargo::command(&home).args(["fetch", "--quiet"]))?;
    let target = home.join("target");
    if target.exists() {
        fs::remove_dir_all(&target).map_err(|e| format!("{}: {e}", target.display()))?;
    }
    let build = cargo::command(&home);
    let mut bash = Command::new("bash");
    // What cargo says goes where what bash says does not.
    bash.args(["-c", r#"TIMEFORMAT="%R %U %S"; time "$@" 2>build.log"#, "bash"]);
    bash.arg(build.get_program()).args(["build", "--offline", "--jobs", &jobs.to_string(), "--target-dir", "target"]);
    if profile == Profile::Release {
        bash.arg("--release");
    }
    let done = bash.current_dir(&home).output().map_err(|e| format!("bash: cannot be run: {e}"))?;
    if !done.status.success() {
        return Err(format!("{}: it cannot be built, see build.log in {}", program.name, home.display()));
    }
    let said = String::from_utf8_lossy(&done.stderr);
    cost(&said).ok_or_else(|| format!("bash told no times: {said}"))
}

fn write(root: &Path, program: &Program) -> std::io::Result<PathBuf> {
    let Program { name, dependencies, first, call } = program;
    let home = root.join(WORK).join(name.replace(", ", "-"));
    fs::create_dir_all(home.join("src"))?;
    fs::copy(root.join("Cargo.lock"), home.join("Cargo.lock"))?;
    let manifest = format!(
        "[package]\nname = \"cold\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         tokio = {{ version = \"1.40\", features = [\"rt\"] }}\n{dependencies}\n[workspace]\n"
    );
    fs::write(home.join("Cargo.toml"), manifest)?;
    let runtime = "tokio::runtime::Builder::new_current_thread().enable_all().build().expect(\"a runtime\")";
    let main = format!("fn main() {{\n    {first};\n    {runtime}.block_on(async {{\n        {call}\n    }});\n}}\n");
    fs::write(home.join("src/main.rs"), main)?;
    Ok(home)
}

/// The last line: the time, and that of the processors in the program and in the kernel.
fn cost(said: &str) -> Option<Cost> {
    let numbers = said.lines().last()?.split(' ').map(|number| number.parse().ok()).collect::<Option<Vec<f64>>>()?;
    let [time, user, kernel] = numbers[..] else { return None };
    Some(Cost { time, processors: user + kernel })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_are_those_that_bash_tells_last() {
        assert_eq!(cost("a warning\n60.000 100.500 6.500\n"), Some(Cost { time: 60.0, processors: 107.0 }));
        assert_eq!(cost("60.000 100.500\n"), None);
        assert_eq!(cost(""), None);
    }
}
