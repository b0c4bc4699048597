//! The rules of `cargo xtask lint`. What may live here: the list of them and the walks that they share; each rule is a
//! function from the description to its findings.

mod conditions;
mod counted;
mod descriptions;
mod enums;
mod errors;
mod evidence;
mod examples;
mod limits;
mod modifications;
mod operation_ids;
pub(crate) mod reach;
mod references;
mod round_trip;
mod sections;
mod shown;

pub(crate) use counted::Counted;

use crate::codegen::{fault::Fault, spec::Spec};

#[cfg(test)]
pub(crate) use examples::samples;

/// One rule.
pub(crate) type Rule = fn(&Spec) -> Vec<Fault>;

/// One rule that also says how many places it looked at.
pub(crate) type CountedRule = fn(&Spec) -> Counted;

/// The rules about what must not be; each sentence continues "Checking that".
pub(crate) const ALL: [(&str, Rule); 11] = [
    ("every keyword is one of OpenAPI 3.0", round_trip::rule),
    ("every operationId begins with a known verb", operation_ids::rule),
    ("parameters, schemas and examples are named components", references::named),
    ("every component is used", references::used),
    ("every listed error code has its example, and no other", errors::rule),
    ("an enum is marked open where a response can carry it, and nowhere else", enums::rule),
    ("no modification has a default", modifications::rule),
    ("every witness is named at the top, and heard", evidence::witnesses),
    ("every condition speaks of what is there", conditions::rule),
    ("every example is valid", examples::valid),
    ("no example has a field that its schema does not know", examples::complete),
];

/// The rules about what must be there; each sentence continues "Checking that".
pub(crate) const COMPLETE: [(&str, CountedRule); 13] = [
    ("every operation and every schema names its section of the documentation", sections::sources),
    ("every section of the documentation leads to a place in the description", sections::headings),
    ("every operation answers to wrong credentials and to the unexpected", errors::answers),
    ("every error code is listed by an answer or known from the wire", errors::codes),
    ("every kind of error is told", errors::kinds),
    ("every answer of success has an example", shown::answers),
    ("every request has an example", shown::requests),
    ("every parameter has an example", shown::parameters),
    ("operations, answers, parameters and tags are described", descriptions::operations),
    ("schemas and properties are described", descriptions::schemas),
    ("every value of an enumeration is described", descriptions::values),
    ("every limit is told in words", limits::rule),
    ("every description that speaks of a witness names it", evidence::sentences),
];
