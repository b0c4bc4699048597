//! The version that a change deserves, by Semantic Versioning as Cargo reads it: in 0.x the number after the zero stands
//! for what breaks, and everything else raises the last one.

use semver::{Prerelease, Version};

use super::change::Level;

/// The lowest version that may follow `old`; `None` is no change at all.
pub(crate) fn deserved(old: &Version, level: Option<Level>) -> Version {
    let Some(level) = level else { return old.clone() };
    // What precedes a release promises nothing, so that release itself will do.
    if !old.pre.is_empty() {
        let mut next = old.clone();
        next.pre = Prerelease::EMPTY;
        return next;
    }
    match (level, old.major) {
        (Level::Breaking, 0) => Version::new(0, old.minor + 1, 0),
        (Level::Breaking, major) => Version::new(major + 1, 0, 0),
        (Level::Compatible, 1..) => Version::new(old.major, old.minor + 1, 0),
        (Level::Compatible, 0) | (Level::Patch, _) => Version::new(old.major, old.minor, old.patch + 1),
    }
}

/// The version in the `[package]` of a manifest, with its line.
pub(crate) fn of_package(manifest: &str) -> Option<(Version, usize)> {
    let inside = manifest.lines().enumerate().skip_while(|(_, line)| line.trim() != "[package]").skip(1);
    let mut inside = inside.take_while(|(_, line)| !line.starts_with('['));
    inside.find_map(|(n, line)| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "version").then(|| value.trim().trim_matches('"').parse().ok())?.map(|version| (version, n + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_has_its_place_in_the_number() {
        use Level::{Breaking, Compatible, Patch};
        for (old, level, new) in [
            ("0.1.0", None, "0.1.0"),
            ("0.1.3", Some(Patch), "0.1.4"),
            ("0.1.3", Some(Compatible), "0.1.4"),
            ("0.1.3", Some(Breaking), "0.2.0"),
            ("1.2.3", Some(Patch), "1.2.4"),
            ("1.2.3", Some(Compatible), "1.3.0"),
            ("1.2.3", Some(Breaking), "2.0.0"),
            ("1.0.0-rc.1", Some(Breaking), "1.0.0"),
        ] {
            assert_eq!(deserved(&old.parse().unwrap(), level).to_string(), new, "{old} {level:?}");
        }
    }

    #[test]
    fn the_version_of_a_package_is_not_that_of_a_dependency() {
        let manifest = "[workspace.package]\nversion = \"9.9.9\"\n\n[package]\nname = \"a\"\nversion = \"0.3.1\"\n\
                        [dependencies.b]\nversion = \"7.0.0\"\n";
        assert_eq!(of_package(manifest), Some((Version::new(0, 3, 1), 6)));
        assert_eq!(of_package("[package]\nname = \"a\"\n[dependencies.b]\nversion = \"7.0.0\"\n"), None);
    }
}
