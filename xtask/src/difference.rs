//! What differs between two listings of the public API, item by item.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What one listing has and the other has not.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Items that are new.
    pub(crate) added: Vec<String>,
    /// Items that are gone.
    pub(crate) removed: Vec<String>,
    /// Items of the same name that are no longer the same: before, after.
    pub(crate) changed: Vec<(String, String)>,
}

impl Difference {
    /// Compares two listings, line by line; the order of the lines does not count.
    pub(crate) fn between(before: &str, after: &str) -> Self {
        let lines = |text: &str| -> BTreeSet<String> {
            text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
        };
        let (before, after) = (lines(before), lines(after));
        let gone: BTreeMap<&str, &String> = before.difference(&after).map(|line| (item(line), line)).collect();
        let mut difference = Self::default();
        let mut matched = BTreeSet::new();
        for line in after.difference(&before) {
            match gone.get(item(line)) {
                Some(old) => {
                    matched.insert(item(line));
                    difference.changed.push(((*old).clone(), line.clone()));
                }
                None => difference.added.push(line.clone()),
            }
        }
        let removed = gone.iter().filter(|(item, _)| !matched.contains(**item));
        difference.removed = removed.map(|(_, line)| (*line).clone()).collect();
        difference
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.removed {
            writeln!(f, "removed  {line}")?;
        }
        for line in &self.added {
            writeln!(f, "added    {line}")?;
        }
        for (before, after) in &self.changed {
            writeln!(f, "changed  {before}\n      to {after}")?;
        }
        Ok(())
    }
}

/// The part of a line that names the item: all up to the first thing that may change about it. An `impl` is nothing but
/// its name, and the type of a method may have parameters.
fn item(line: &str) -> &str {
    if line.starts_with("impl") {
        return line;
    }
    if line.contains("fn ") {
        return line.split_once('(').map_or(line, |(name, _)| name);
    }
    let ends = line.match_indices([':', '(', '<', '=', ';']).filter(|(at, sign)| {
        let double = line[*at..].starts_with("::") || line[..*at].ends_with(':');
        *sign != ":" || !double
    });
    ends.map(|(at, _)| &line[..at]).next().unwrap_or(line).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_added_from_removed_from_changed() {
        let before =
            "# a remark\nfield types::Plan::name: String\nfield types::Plan::size: u64\nstruct types::Plan: Clone\n";
        let after =
            "field types::Plan::name: Option<String>\nfield types::Plan::tier: String\nstruct types::Plan: Clone\n";
        let difference = Difference::between(before, after);
        assert_eq!(difference.added, ["field types::Plan::tier: String"]);
        assert_eq!(difference.removed, ["field types::Plan::size: u64"]);
        let changed =
            ("field types::Plan::name: String".to_owned(), "field types::Plan::name: Option<String>".to_owned());
        assert_eq!(difference.changed, [changed]);
        assert_eq!(Difference::between(after, after), Difference::default());
    }

    #[test]
    fn a_method_is_the_same_item_whatever_it_takes() {
        let difference = Difference::between(
            "fn Client::list_plans(&self) -> Result<(), Error>",
            "fn Client::list_plans(&self, limit: Option<u64>) -> Result<(), Error>",
        );
        assert_eq!((difference.added.len(), difference.removed.len(), difference.changed.len()), (0, 0, 1));
    }

    #[test]
    fn items_of_a_type_with_parameters_are_told_apart() {
        let difference = Difference::between(
            "pub fn A<T>::a(&self) -> u8\npub fn A<T>::b(&self) -> u8\nimpl<T> Clone for A<T>",
            "pub fn A<T>::a(&self) -> u16\npub fn A<T>::b(&self) -> u16\nimpl<T> Copy for A<T>",
        );
        assert_eq!((difference.added.len(), difference.removed.len(), difference.changed.len()), (1, 1, 2));
    }

    #[test]
    fn says_each_difference_on_a_line() {
        let said = Difference::between("struct Old\nfield A::b: u64", "struct New\nfield A::b: u32").to_string();
        assert_eq!(
            said,
            "removed  struct Old\nadded    struct New\nchanged  field A::b: u64\n      to field A::b: u32\n"
        );
    }
}
