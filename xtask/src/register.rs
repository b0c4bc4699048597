//! The register of deviations must not outlive what it speaks of: each place that `DEVIATIONS.md` names exists.

use crate::codegen::spec::Spec;

/// The register, from the root of the repository.
pub(crate) const REGISTER: &str = "DEVIATIONS.md";

/// One line for each place in the register that the description does not have.
pub(crate) fn findings(register: &str, spec: &Spec) -> Vec<String> {
    let mut findings = Vec::new();
    for (n, line) in register.lines().enumerate() {
        let places = line.split('`').skip(1).step_by(2).filter(|code| code.starts_with("#/"));
        for place in places.filter(|place| spec.resolve(place).is_none()) {
            findings.push(format!("{REGISTER}:{}: {place}: this place is not in {}", n + 1, crate::SPEC));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::{REAL, planted};

    const COMMITTED: &str = include_str!("../../DEVIATIONS.md");

    #[test]
    fn every_place_of_the_register_exists() {
        assert_eq!(findings(COMMITTED, &Spec::parse(REAL).unwrap()), [""; 0]);
    }

    #[test]
    fn finds_a_place_that_was_renamed() {
        let renamed = planted(
            "        username:\n          type: string\n          description: The adm",
            "        user:\n          type: string\n          description: The adm",
        );
        let found = findings(COMMITTED, &renamed);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("DEVIATIONS.md:"), "{found:?}");
        assert!(found[0].contains("#/components/schemas/Server/properties/username: this place is not"), "{found:?}");
    }
}
