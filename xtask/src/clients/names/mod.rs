//! What openapi-generator calls things, in each language that it serves: a name that it has to bend, or gives twice, is a
//! finding. What may live here: the languages that are looked at for their names alone, and how the names are had; the rules
//! and the waivers have files of their own.

mod rules;
mod waivers;

use std::{fs, path::Path, process::Command, sync::Mutex, time::Instant};

use serde_json::json;

use super::{bench, bench::Bench};
use crate::{export::CLOSED, tools};

/// The template that writes the names, in the folder of the pins.
const TEMPLATE: &str = "names.mustache";
/// What it is written to, beside the code.
const NAMES: &str = "names.tsv";

/// Languages whose code is not compiled here, as openapi-generator calls them.
const GENERATORS: [&str; 7] = ["php", "dart", "swift6", "kotlin", "csharp", "ruby", "rust"];

/// A thing that openapi-generator names otherwise than the description does, or complains of.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Finding {
    generator: String,
    /// What it is and what the description calls it: `property interface`.
    thing: String,
    becomes: String,
    sentence: String,
}

impl Finding {
    fn line(&self) -> String {
        format!("{}: {} {}", self.generator, self.thing, self.sentence)
    }
}

/// What the generators did so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    generators: Vec<String>,
    findings: Vec<Finding>,
}

/// Generates for the languages that are not compiled.
pub(super) fn generate_all(bench: &Bench) -> Result<(), Vec<String>> {
    println!("Generating for {}", GENERATORS.join(", "));
    let begun = Instant::now();
    let queue = Mutex::new(GENERATORS.iter());
    let failed = Mutex::new(Vec::new());
    let take = || queue.lock().ok().and_then(|mut queue| queue.next().copied());
    let work = || {
        while let Some(generator) = take() {
            let home = bench.fresh(&format!("names-{generator}"));
            if let Err(sentence) = home.and_then(|home| generate(bench, generator, CLOSED, &home, "")) {
                failed.lock().into_iter().for_each(|mut failed| failed.push(sentence.clone()));
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads.min(GENERATORS.len()) {
            scope.spawn(work);
        }
    });
    println!("Generated for {} languages in {:.1} s", GENERATORS.len(), begun.elapsed().as_secs_f64());
    let failed = failed.into_inner().unwrap_or_default();
    if failed.is_empty() { Ok(()) } else { Err(failed) }
}

/// Runs openapi-generator, without tests and pages of each model, and looks at the names that it chose and at what it
/// complained of.
pub(super) fn generate(bench: &Bench, generator: &str, from: &str, to: &Path, properties: &str) -> Result<(), String> {
    let no = "false";
    let mut config = json!({
        "generatorName": generator,
        "inputSpec": bench.exported(from),
        "outputDir": to,
        "globalProperties": {"apiTests": no, "modelTests": no, "apiDocs": no, "modelDocs": no},
        "additionalProperties": {},
        // A template that is not in this folder is the generator's own.
        "templateDir": bench.pins(),
        "files": {TEMPLATE: {"templateType": "SupportingFiles", "destinationFilename": NAMES}},
    });
    for (key, value) in properties.split(',').filter_map(|property| property.split_once('=')) {
        config["additionalProperties"][key] = value.into();
    }
    let file = to.join("openapi-generator.json");
    bench::write(&file, &config.to_string())?;
    let mut java = Command::new("java");
    // Warnings and errors alone; and what makes a short run short.
    java.args(["-Dlog.level=warn", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar"]).arg(bench.jar());
    let said = tools::all_output(java.args(["generate", "--config"]).arg(&file))?;
    let names = fs::read_to_string(to.join(NAMES)).map_err(|e| format!("{generator}: it wrote no names: {e}"))?;
    let mut findings = rules::findings(generator, &names, bench.spec())?;
    findings.extend(complaints(generator, &said, to));
    if let Ok(mut found) = bench.names().lock() {
        found.generators.push(generator.to_owned());
        found.findings.extend(findings);
    }
    Ok(())
}

/// What a generator warns of, each once. That it bends a name is not taken from here: it says so of names as well that it
/// does not use in the end, and the table of names is exact.
fn complaints(generator: &str, said: &str, folder: &Path) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let is_one = |line: &&str| line.contains("] WARN ") || line.contains("] ERROR ");
    for line in said.lines().filter(is_one).filter(|line| !line.contains("Renamed to ")) {
        let text = line.split_once(" - ").map_or(line, |(_, text)| text);
        let text = text.replace(&format!("{}/", folder.display()), "");
        if findings.iter().all(|known| known.becomes != text) {
            let sentence = text.clone();
            findings.push(Finding {
                generator: generator.to_owned(),
                thing: "warning".to_owned(),
                becomes: text,
                sentence,
            });
        }
    }
    findings
}

/// One line for each finding that no waiver covers, and for each waiver that a generator no longer needs.
pub(super) fn verdict(root: &Path, found: &Found) -> Vec<String> {
    let waivers = match waivers::read(root) {
        Ok(waivers) => waivers,
        Err(sentence) => return vec![sentence],
    };
    let (open, waived): (Vec<_>, Vec<_>) =
        found.findings.iter().partition(|finding| !waivers.iter().any(|waiver| waiver.covers(finding)));
    if !found.generators.is_empty() {
        println!(
            "Names: {} generators, {} findings, {} of them waived",
            found.generators.len(),
            found.findings.len(),
            waived.len()
        );
    }
    let mut lines: Vec<String> = open.into_iter().map(Finding::line).collect();
    // One thing in many models is one finding.
    lines.sort();
    lines.dedup();
    lines.extend(waivers.iter().flat_map(|waiver| waiver.unused(found)));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_a_finding_once() {
        let said = "############\n\
                    [main] WARN  o.o.c.languages.AbstractPhpCodegen - Interface (reserved word) cannot be used as model name. Renamed to ModelInterface\n\
                    [main] WARN  o.o.c.languages.AbstractPhpCodegen - Interface (reserved word) cannot be used as model name. Renamed to ModelInterface\n\
                    [main] INFO  o.o.codegen.TemplateManager - writing file /work/php/lib/Model/Zone.php\n\
                    [main] WARN  o.o.codegen.DefaultGenerator - Duplicate file path detected. path=/work/php/lib/Model/ModelInterface.php\n\
                    [main] WARN  o.o.codegen.DefaultGenerator - Duplicate file path detected. path=/work/php/lib/Model/ModelInterface.php\n";
        let lines: Vec<String> = complaints("php", said, Path::new("/work/php")).iter().map(Finding::line).collect();
        assert_eq!(lines, ["php: warning Duplicate file path detected. path=lib/Model/ModelInterface.php"]);
    }
}
