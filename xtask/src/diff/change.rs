//! One change of the description: how much it breaks, whom, and where it stands on both sides.

use std::fmt;

use crate::{
    SPEC,
    codegen::{fault::Fault, spec::Spec},
};

/// How much a change asks of those who follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Words and examples: nobody's program is another.
    Patch,
    /// Something new that nobody has to look at.
    Compatible,
    /// A program that was right may be wrong now.
    Breaking,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Patch => "patch",
            Self::Compatible => "compatible",
            Self::Breaking => "breaking",
        })
    }
}

/// Whom a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Area {
    /// What travels, so clients in every language, also those that are built already.
    Wire,
    /// What generators make names and types of: a client has to be changed when it is generated anew.
    Names,
}

/// Which way a part of the description travels; what is narrower for one is wider for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Direction {
    Request,
    Response,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) level: Level,
    pub(crate) area: Area,
    /// Where it was, if it was: pointer and line.
    pub(crate) before: Option<(String, usize)>,
    /// Where it is; for what is gone, where it would be.
    pub(crate) after: (String, usize),
    /// What of the place the change is about: one place can have several.
    pub(crate) topic: String,
    /// What is different, and for whom.
    pub(crate) sentence: String,
}

impl Change {
    /// A change with the lines of both sides.
    pub(crate) fn new(
        (before, after): (&Spec, &Spec),
        (level, area): (Level, Area),
        (from, to): (Option<&str>, Option<&str>),
        topic: &str,
        sentence: impl Into<String>,
    ) -> Self {
        let place = |spec: &Spec, pointer: &str| (pointer.to_owned(), Fault::new(spec, pointer, "").line);
        Self {
            level,
            area,
            before: from.map(|pointer| place(before, pointer)),
            after: place(after, to.or(from).unwrap_or("#")),
            topic: topic.to_owned(),
            sentence: sentence.into(),
        }
    }

    /// `FILE:LINE: POINTER: LEVEL: SENTENCE`, and the line that it had at `rev`.
    pub(crate) fn told(&self, rev: &str) -> String {
        let (pointer, line) = &self.after;
        let level = match self.area {
            Area::Wire => self.level.to_string(),
            Area::Names => format!("{} in generated code", self.level),
        };
        let was = match &self.before {
            None => format!(" (not in {rev})"),
            Some((old, line)) if old == pointer => format!(" (line {line} in {rev})"),
            Some((old, line)) => format!(" (line {line} in {rev}, {old})"),
        };
        format!("{SPEC}:{line}: {pointer}: {level}: {}{was}", self.sentence)
    }
}

/// The highest level among those changes of the area.
pub(crate) fn highest(changes: &[Change], area: Area) -> Option<Level> {
    changes.iter().filter(|change| change.area == area).map(|change| change.level).max()
}
