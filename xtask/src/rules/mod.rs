//! The rules of `cargo xtask lint`. What may live here: the list of them and the walks that they share; each rule is a
//! function from the description to its findings.

mod enums;
mod errors;
mod examples;
mod modifications;
mod operation_ids;
pub(crate) mod reach;
mod references;
mod round_trip;
mod sections;

use crate::codegen::{fault::Fault, spec::Spec};

#[cfg(test)]
pub(crate) use examples::samples;

/// One rule.
pub(crate) type Rule = fn(&Spec) -> Vec<Fault>;

/// All rules; each sentence continues "Checking that".
pub(crate) const ALL: [(&str, Rule); 10] = [
    ("every keyword is one of OpenAPI 3.0", round_trip::rule),
    ("every operationId begins with a known verb", operation_ids::rule),
    ("parameters, schemas and examples are named components", references::named),
    ("every component is used", references::used),
    ("every operation and every schema names its section of the documentation", sections::rule),
    ("every listed error code has its example, and no other", errors::rule),
    ("an enum is marked open where a response can carry it, and nowhere else", enums::rule),
    ("no modification has a default", modifications::rule),
    ("every example is valid", examples::valid),
    ("no example has a field that its schema does not know", examples::complete),
];
