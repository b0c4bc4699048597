//! What is wrong with the description, in one sentence that names the place.

use super::spec::Spec;

/// One fault of the description.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The line of the YAML text, as near as it can be told.
    pub line: usize,
    /// The JSON pointer, `#/components/schemas/Server` for example.
    pub pointer: String,
    /// What is wrong there and what would be right.
    pub sentence: String,
}

impl Fault {
    /// A fault at a JSON pointer of `spec`.
    pub fn new(spec: &Spec, pointer: &str, sentence: impl Into<String>) -> Self {
        Self { line: line_of(spec.text(), pointer), pointer: pointer.to_owned(), sentence: sentence.into() }
    }

    /// `FILE:LINE: POINTER: SENTENCE`, on one line whatever the sentence quotes.
    pub fn in_file(&self, file: &str) -> String {
        let sentence = self.sentence.split_whitespace().collect::<Vec<_>>().join(" ");
        format!("{file}:{}: {}: {sentence}", self.line, self.pointer)
    }
}

/// Follows the pointer through the block mappings and sequences of the text; inside a flow mapping (`{a: b}`), which is
/// on one line as a rule, the line of the nearest block key is the answer.
fn line_of(text: &str, pointer: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let mut at = 0;
    let mut found = 0;
    let mut inside: Option<usize> = None;
    for segment in pointer.trim_start_matches('#').split('/').skip(1) {
        let name = segment.replace("~1", "/").replace("~0", "~");
        let Some(line) = child(&lines, at, inside, &name) else { break };
        found = line;
        inside = Some(indent(lines[line]));
        at = line + 1;
    }
    found + 1
}

fn child(lines: &[&str], from: usize, parent: Option<usize>, name: &str) -> Option<usize> {
    let index: Option<usize> = name.parse().ok();
    let mut level = None;
    let mut item = 0;
    for (n, line) in lines.iter().enumerate().skip(from) {
        let text = line.trim_start();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let depth = indent(line);
        if parent.is_some_and(|parent| depth <= parent) {
            return None;
        }
        if depth != *level.get_or_insert(depth) {
            continue;
        }
        let key = text.split(':').next().unwrap_or_default().trim_matches(['\'', '"']);
        if key == name {
            return Some(n);
        }
        if text.starts_with("- ") {
            if index == Some(item) {
                return Some(n);
            }
            item += 1;
        }
    }
    None
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}
