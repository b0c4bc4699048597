//! `cargo xtask clients`: what other languages make of the description. What may live here: the command, the list of
//! clients and the table; each language has a file of its own.

mod bench;
mod go;
mod java;
mod life;
mod names;
mod python;
mod samples;
mod table;
mod typescript;

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use bench::Bench;
use clap::ValueEnum;

use crate::fake_process::FakeProgram;

/// Generate clients for Go, TypeScript, Python and Java from the exported description, compile each under its strictest
/// checks, and let them run a server's life and the code samples against the fake; look at the names in seven more languages
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The life: create, wait until started, list by label, stop, wait, an error decoded to its code, delete. \
                        The programs that run it are in xtask/clients; what is generated goes to target/clients."
)]
pub(crate) struct Arguments {
    /// Only this language; may be given several times
    #[arg(long = "language", value_name = "LANGUAGE")]
    languages: Vec<Language>,
    /// Only this generator; may be given several times
    #[arg(long = "generator", value_name = "GENERATOR")]
    generators: Vec<Generator>,
    /// Only this part
    #[arg(long, value_enum, conflicts_with_all = ["languages", "generators"])]
    only: Option<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The clients that are compiled and run, and their code samples
    Clients,
    /// The names that openapi-generator gives in languages that are not compiled
    Names,
    /// The code samples that need no generated client
    Samples,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Language {
    Go,
    #[value(name = "typescript")]
    TypeScript,
    Python,
    Java,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(clippy::enum_variant_names, reason = "one of them is called a generator")]
enum Generator {
    Redocly,
    OpenapiGenerator,
    OpenapiTypescript,
    OpenapiPythonClient,
}

/// One language with one generator. Each step is given a folder of the client's own.
struct Client {
    language: Language,
    generator: Generator,
    /// The file of the export that it is made from.
    from: &'static str,
    /// What the code must pass, for the table.
    checks: &'static str,
    generate: fn(&Bench, &Path) -> Result<(), String>,
    compile: fn(&Bench, &Path) -> Result<(), String>,
    /// The program that runs the life, ready to be started.
    driver: Option<Program>,
    /// The program with the code samples, and how they are labelled.
    samples: Option<(&'static str, Program)>,
}

type Program = fn(&Bench, &Path) -> Command;

/// What became of a client; `None` for a step that was not reached.
#[derive(Debug, Default)]
struct Outcome {
    size: Option<bench::Size>,
    compiled: Option<bool>,
    /// The requests that the fake saw.
    ran: Option<usize>,
    took: Duration,
    finding: Option<String>,
}

impl Client {
    fn name(&self) -> String {
        format!("{} with {}", name(&self.language), name(&self.generator))
    }

    fn folder(&self) -> String {
        format!("{}-{}", name(&self.language), name(&self.generator))
    }
}

/// The name that the command line takes.
fn name(value: &impl ValueEnum) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

fn all() -> impl Iterator<Item = &'static Client> {
    go::CLIENTS.iter().chain(typescript::CLIENTS).chain(python::CLIENTS).chain(java::CLIENTS)
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<(), Vec<String>> {
    let chosen = chosen(arguments)?;
    let bench = Bench::set_up(root)?;
    let everything = arguments.languages.is_empty() && arguments.generators.is_empty();
    let wanted = |part| arguments.only.map_or(everything, |only| only == part);
    let mut findings = Vec::new();
    if wanted(Part::Names) {
        findings.extend(names::generate_all(&bench).err().into_iter().flatten());
    }
    if wanted(Part::Clients) || !everything || wanted(Part::Samples) {
        let fake = FakeProgram::build(root)?;
        if wanted(Part::Samples) {
            findings.extend(samples::run_all(&bench, &fake));
        }
        if wanted(Part::Clients) || !everything {
            findings.extend(clients(&chosen, &bench, &fake));
        }
    }
    if let Ok(found) = bench.names().lock() {
        findings.extend(names::verdict(root, &found));
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

fn clients(chosen: &[&'static Client], bench: &Bench, fake: &FakeProgram) -> Vec<String> {
    let mut outcomes = Vec::new();
    for client in chosen {
        outcomes.push(outcome(client, bench, fake));
    }
    print!("\n{}", table::of(chosen.iter().copied().zip(&outcomes)));
    let failed = chosen.iter().zip(outcomes).filter_map(|(client, outcome)| {
        let finding = outcome.finding?;
        Some(format!("{}: {finding}", client.name()))
    });
    failed.collect()
}

fn chosen(arguments: &Arguments) -> Result<Vec<&'static Client>, Vec<String>> {
    let wanted = |client: &&Client| {
        (arguments.languages.is_empty() || arguments.languages.contains(&client.language))
            && (arguments.generators.is_empty() || arguments.generators.contains(&client.generator))
    };
    let chosen: Vec<_> = all().filter(wanted).collect();
    if !chosen.is_empty() {
        return Ok(chosen);
    }
    let there: Vec<String> = all().map(Client::name).collect();
    Err(vec![format!("none of the clients is of that language and that generator; there are: {}", there.join(", "))])
}

fn outcome(client: &Client, bench: &Bench, fake: &FakeProgram) -> Outcome {
    let started = Instant::now();
    let mut outcome = Outcome::default();
    outcome.finding = steps(client, bench, fake, &mut outcome).err();
    outcome.took = started.elapsed();
    outcome
}

fn steps(client: &Client, bench: &Bench, fake: &FakeProgram, outcome: &mut Outcome) -> Result<(), String> {
    let who = client.name();
    let home = bench.fresh(&client.folder())?;
    println!("Generating {who}");
    (client.generate)(bench, &home)?;
    outcome.size = Some(bench::Size::of(&home).map_err(|e| format!("{}: {e}", home.display()))?);
    println!("Compiling {who}");
    outcome.compiled = Some(false);
    (client.compile)(bench, &home)?;
    outcome.compiled = Some(true);
    if let Some(driver) = client.driver {
        println!("Running {who}");
        outcome.ran = Some(life::run(&mut driver(bench, &home), fake)?);
    }
    if let Some((label, program)) = client.samples {
        samples::run(label, &mut program(bench, &home), bench, fake)?;
    }
    Ok(())
}

/// Copies a program of `xtask/clients` beside the code that it uses.
fn add(bench: &Bench, program: &str, to: &Path) -> Result<(), String> {
    let from = bench.root.join("xtask/clients").join(program);
    let folder = to.parent().unwrap_or(to);
    fs::create_dir_all(folder)
        .and_then(|()| fs::copy(&from, to))
        .map(drop)
        .map_err(|e| format!("xtask/clients/{program}: {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_two_generators_and_one_that_runs() {
        for language in Language::value_variants() {
            let of_it: Vec<_> = all().filter(|client| client.language == *language).collect();
            assert!(of_it.len() >= 2, "{language:?}");
            assert!(of_it.iter().any(|client| client.driver.is_some()), "{language:?}");
        }
    }

    #[test]
    fn a_choice_that_leaves_nothing_says_what_there_is() {
        let choose = |languages: &[Language], generators: &[Generator]| {
            chosen(&Arguments { languages: languages.to_vec(), generators: generators.to_vec(), only: None })
        };
        let found = choose(&[Language::Go], &[]).unwrap();
        assert!(found.iter().all(|client| client.language == Language::Go) && found.len() == 2);
        let Err(said) = choose(&[Language::Go], &[Generator::OpenapiPythonClient]) else { panic!("there is none") };
        assert!(said[0].contains("go with redocly, go with openapi-generator, typescript with redocly"), "{said:?}");
    }
}
