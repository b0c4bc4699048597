//! Mistakes planted in a text: how all tests of the build, of the commands and of their rules make a wrong description out of
//! the committed one. The tests share this file; it needs nothing but the text.

/// The committed description.
pub(crate) const REAL: &str = include_str!("../../../openapi.yaml");

/// One edit of a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edit<'a> {
    /// Where to begin to look for `from`; empty for the beginning of the text.
    pub(crate) after: &'a str,
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    reach: Reach,
}

#[derive(Clone, Copy, Debug)]
enum Reach {
    First,
    /// With what is written under it.
    Block,
    Every,
}

impl<'a> Edit<'a> {
    /// The first `from` of the text becomes `to`.
    pub(crate) const fn first(from: &'a str, to: &'a str) -> Self {
        Self::behind("", from, to)
    }

    /// The first `from` behind `after` becomes `to`.
    pub(crate) const fn behind(after: &'a str, from: &'a str, to: &'a str) -> Self {
        Self { after, from, to, reach: Reach::First }
    }

    /// The first `from` behind `after` goes, with the lines under it that are indented further.
    pub(crate) const fn block(after: &'a str, from: &'a str) -> Self {
        Self { after, from, to: "", reach: Reach::Block }
    }

    /// Every `from` becomes `to`.
    pub(crate) const fn every(from: &'a str, to: &'a str) -> Self {
        Self { after: "", from, to, reach: Reach::Every }
    }

    /// The text with the edit in it. An edit that finds nothing to change is a fault of the test.
    #[track_caller]
    pub(crate) fn apply(&self, text: &str) -> String {
        let behind = text.find(self.after).unwrap_or_else(|| panic!("{:?} is not in the text", self.after));
        let (head, tail) = text.split_at(behind);
        let (before, rest) =
            tail.split_once(self.from).unwrap_or_else(|| panic!("{:?} is not behind {:?}", self.from, self.after));
        let rest = match self.reach {
            Reach::First => rest.to_owned(),
            Reach::Every => rest.replace(self.from, self.to),
            Reach::Block => {
                let depth = |line: &str| line.len() - line.trim_start().len();
                let under = rest.split_inclusive('\n').take_while(|line| depth(line) > depth(self.from));
                rest[under.map(str::len).sum()..].to_owned()
            }
        };
        format!("{head}{before}{}{rest}", self.to)
    }
}

/// The line, from 1, on which `on` stands: behind `after`, or if it is not there, anywhere.
#[track_caller]
pub(crate) fn line(text: &str, after: &str, on: &str) -> usize {
    let from = text.find(after).unwrap_or_default();
    let at = text[from..].find(on).map(|at| from + at).or_else(|| text.find(on));
    text[..at.unwrap_or_else(|| panic!("{on:?} is not in the text"))].matches('\n').count() + 1
}
