//! Code samples: pieces of programs that are compiled and run against the fake, marked by comments in them. What may live
//! here: which programs there are, how samples are found in them, and what must be true of them all together.

use std::path::Path;

use serde_json::{Value, json};

use crate::codegen::{fault::Fault, spec::Spec};

/// How viewers find the samples of an operation.
pub(crate) const EXTENSION: &str = "x-codeSamples";
/// The sample that comes before all others: where the credentials are from.
const SET_UP: &str = "setUp";
const BEGIN: &str = "sample: ";
const END: &str = "end of the sample";

/// A language with the program that its samples are taken from.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Language {
    /// As viewers know it, for colours.
    lang: &'static str,
    /// As readers know it.
    pub(crate) label: &'static str,
    /// From the root of the repository.
    file: &'static str,
    comment: &'static str,
}

pub(crate) const LANGUAGES: [Language; 5] = [
    Language { lang: "Shell", label: "curl", file: "xtask/clients/curl/samples.sh", comment: "#" },
    Language { lang: "Rust", label: "Rust", file: "examples/samples.rs", comment: "//" },
    Language { lang: "Go", label: "Go", file: "xtask/clients/go/samples.go", comment: "//" },
    Language { lang: "Python", label: "Python", file: "xtask/clients/python/samples.py", comment: "#" },
    Language { lang: "TypeScript", label: "TypeScript", file: "xtask/clients/typescript/samples.ts", comment: "//" },
];

/// All samples of all languages.
#[derive(Debug)]
pub(crate) struct Samples {
    /// In the order of [`LANGUAGES`].
    programs: Vec<Vec<Sample>>,
}

#[derive(Debug)]
struct Sample {
    /// The operationId, or [`SET_UP`].
    name: String,
    line: usize,
    source: String,
}

impl Samples {
    pub(crate) fn read(root: &Path) -> Result<Self, Vec<String>> {
        let (mut programs, mut findings) = (Vec::new(), Vec::new());
        for language in &LANGUAGES {
            let text = std::fs::read_to_string(root.join(language.file));
            match text
                .map_err(|e| vec![format!("{}: cannot be read: {e}", language.file)])
                .and_then(|t| cut(language, &t))
            {
                Ok(samples) => programs.push(samples),
                Err(found) => findings.extend(found),
            }
        }
        if findings.is_empty() { Ok(Self { programs }) } else { Err(findings) }
    }

    /// One line for each operation that lacks a sample, and for each sample of nothing.
    pub(crate) fn findings(&self, spec: &Spec) -> Vec<String> {
        let mut findings = Vec::new();
        for (language, samples) in LANGUAGES.iter().zip(&self.programs) {
            let has = |name: &str| samples.iter().any(|sample| sample.name == name);
            let file = language.file;
            for operation in spec.operations().filter(|operation| !has(operation.id())) {
                let sentence = format!("{} has no sample in {file}", operation.id());
                findings.push(Fault::new(spec, &operation.pointer(), sentence).in_file(crate::SPEC));
            }
            if !has(SET_UP) {
                findings
                    .push(format!("{file}:1: there is no sample {SET_UP}, which says where the credentials are from"));
            }
            let known = |name: &str| name == SET_UP || spec.operations().any(|operation| operation.id() == name);
            for Sample { name, line, .. } in samples.iter().filter(|sample| !known(&sample.name)) {
                findings.push(format!("{file}:{line}: {} has no operation {name}", crate::SPEC));
            }
        }
        findings
    }

    /// One line for each language whose set-up the guide does not show word for word.
    pub(crate) fn guide_findings(&self, guide: &str, file: &str) -> Vec<String> {
        let missing = self.set_up().filter(|(_, source)| !guide.contains(&format!("\n{source}```\n")));
        missing
            .map(|(language, _)| format!("{file}: it does not show the sample {SET_UP} of {}", language.file))
            .collect()
    }

    /// Where the credentials are from, in each language.
    pub(crate) fn set_up(&self) -> impl Iterator<Item = (&'static Language, &str)> {
        self.named(SET_UP)
    }

    /// The samples of an operation as viewers expect them; nothing where there are none.
    pub(crate) fn of(&self, operation: &str) -> Vec<Value> {
        let one = |(language, source): (&Language, &str)| json!({"lang": language.lang, "label": language.label, "source": source});
        self.named(operation).map(one).collect()
    }

    fn named(&self, name: &str) -> impl Iterator<Item = (&'static Language, &str)> {
        LANGUAGES.iter().zip(&self.programs).filter_map(move |(language, samples)| {
            Some((language, samples.iter().find(|sample| sample.name == name)?.source.as_str()))
        })
    }

    /// The operations in the order in which the program of a language makes them.
    pub(crate) fn order(&self, label: &str) -> Vec<&str> {
        let of_it = LANGUAGES.iter().zip(&self.programs).find(|(language, _)| language.label == label);
        let samples = of_it.into_iter().flat_map(|(_, samples)| samples);
        samples.map(|sample| sample.name.as_str()).filter(|name| *name != SET_UP).collect()
    }
}

impl Language {
    /// The language of a fence in Markdown.
    pub(crate) fn fence(&self) -> String {
        self.lang.to_lowercase()
    }
}

/// The samples of a program. One that begins again goes on: what lies between its parts is of the run alone.
fn cut(language: &Language, text: &str) -> Result<Vec<Sample>, Vec<String>> {
    let mut samples: Vec<Sample> = Vec::new();
    let mut findings = Vec::new();
    let mut open: Option<(usize, &str, Vec<&str>)> = None;
    for (n, line) in text.lines().enumerate() {
        let comment = line.trim().strip_prefix(language.comment).map(str::trim_start);
        let mut find = |sentence: String| findings.push(format!("{}:{}: {sentence}", language.file, n + 1));
        if let Some(name) = comment.and_then(|comment| comment.strip_prefix(BEGIN)) {
            if let Some((_, before, _)) = open.replace((n + 1, name, Vec::new())) {
                find(format!("the sample {before} does not end before {name} begins"));
            }
        } else if comment == Some(END) {
            match open.take() {
                None => find("no sample begins before this end".to_owned()),
                Some((_, name, lines)) if lines.iter().all(|line| line.trim().is_empty()) => {
                    find(format!("the sample {name} is empty"));
                }
                Some((line, name, lines)) => {
                    let source = dedented(&lines);
                    match samples.iter_mut().find(|sample| sample.name == name) {
                        Some(begun) => begun.source.push_str(&source),
                        None => samples.push(Sample { name: name.to_owned(), line, source }),
                    }
                }
            }
        } else if let Some((_, _, lines)) = &mut open {
            lines.push(line);
        }
    }
    if let Some((line, name, _)) = open {
        findings.push(format!("{}:{line}: the sample {name} does not end", language.file));
    }
    if findings.is_empty() { Ok(samples) } else { Err(findings) }
}

/// The lines without the indent that they share.
fn dedented(lines: &[&str]) -> String {
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let shared = lines.iter().filter(|line| !line.trim().is_empty()).map(indent).min().unwrap_or_default();
    let lines: Vec<&str> = lines.iter().map(|line| line.get(shared..).unwrap_or_default().trim_end()).collect();
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests;
