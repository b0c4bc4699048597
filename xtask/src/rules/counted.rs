//! What a rule of completeness looked at, and what of it was wrong: a rule that counts nothing proves nothing.

use crate::codegen::{fault::Fault, spec::Spec};

/// The result of a rule that counts.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    pub(crate) faults: Vec<Fault>,
    /// How many places were looked at.
    pub(crate) places: usize,
}

impl Counted {
    /// One place, and what is wrong there if anything is.
    pub(super) fn look(&mut self, spec: &Spec, pointer: &str, wrong: Option<String>) {
        self.places += 1;
        self.faults.extend(wrong.map(|sentence| Fault::new(spec, pointer, sentence)));
    }

    /// `25 of 25`: the places where nothing is wrong, and all.
    pub(crate) fn tally(&self) -> String {
        format!("{} of {}", self.places - self.faults.len(), self.places)
    }
}
