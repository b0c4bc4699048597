//! What must be true of the names: each is the description's own in the style of the language, none is given twice, and none
//! hides what the language itself has.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Finding;
use crate::codegen::spec::{Spec, texts};

/// Types that are everywhere in a language, so that a model of the name would hide them.
const EVERYWHERE: [(&str, &str); 10] = [
    (
        "csharp",
        "Action Attribute Boolean DateTime Enum Environment Exception Guid List Object Stream String Task Type \
         Version",
    ),
    ("dart", "DateTime Error Exception Function Future List Map Object Set String Symbol Type Uri"),
    (
        "java",
        "Boolean Error Exception Integer Iterable Long Module Number Object Override Package Process Record Runtime \
         String Thread Void",
    ),
    ("kotlin", "Any Array Boolean Error Exception Int List Long Map Nothing Number Pair Result Set String Unit"),
    ("php", "Closure DateTime Directory Error Exception Generator Iterator"),
    ("python", "BaseModel Enum Exception Field Warning"),
    ("ruby", "Array Class Comparable Data Date File Hash Method Module Object Process Range Set String Struct Time"),
    ("rust", "Box Default Err Error HashMap None Ok Option Result Some String Vec"),
    ("swift6", "Any Array Data Date Dictionary Error Int Never Optional Result Set String Task URL UUID"),
    (
        "typescript-fetch",
        "Array Blob Date Error File FormData Headers Map Object Partial Promise Record Request Response Set",
    ),
];

/// One line of what the template writes.
#[derive(Debug)]
struct Name<'a> {
    kind: &'a str,
    /// The model of a property or a value, the operation of a parameter, the API of an operation.
    owner: &'a str,
    wire: &'a str,
    /// As the generator has it.
    given: &'a str,
}

pub(super) fn findings(generator: &str, table: &str, spec: &Spec) -> Result<Vec<Finding>, String> {
    let names = read(table).map_err(|line| format!("{generator}: this is no name: {line}"))?;
    let operations = names.iter().filter(|name| name.kind == "operation").count();
    if operations != spec.operations().count() {
        return Err(format!("{generator}: it named {operations} operations of {}", spec.operations().count()));
    }
    let mut findings = Vec::new();
    let mut find = |kind: &str, wire: &str, becomes: &str, sentence: String| {
        let (generator, thing) = (generator.to_owned(), format!("{kind} {wire}"));
        findings.push(Finding { generator, thing, becomes: becomes.to_owned(), sentence });
    };
    let everywhere = EVERYWHERE.iter().find(|(of, _)| *of == generator).map(|(_, names)| *names).unwrap_or_default();
    // Files and classes; many file systems do not tell capitals from small letters.
    let mut classes: BTreeMap<String, &Name<'_>> = BTreeMap::new();
    let mut members: BTreeMap<(&str, &str, &str), &Name<'_>> = BTreeMap::new();
    let mut values: BTreeMap<&str, usize> = BTreeMap::new();
    for one in &names {
        let Name { kind, owner, wire, given: name } = *one;
        let mut wanted = wire;
        match kind {
            "model" if spec.schema(wire).is_none() => {
                find(
                    kind,
                    wire,
                    name,
                    "is a name of the generator's own: give what it stands for a component".to_owned(),
                );
                continue;
            }
            "value" => {
                let n = values.entry(owner).or_default();
                wanted = value_name(spec, owner, *n).unwrap_or(wire);
                *n += 1;
            }
            _ => {}
        }
        let shown = value_of(kind, wire);
        if is_bent(kind, wanted, name) {
            find(kind, shown, name, format!("of {owner} becomes {name}").replace("of  ", ""));
        }
        let other = if matches!(kind, "model" | "api") {
            if everywhere.split_whitespace().any(|one| one == name) {
                find(kind, shown, name, format!("hides {name}, which the language has everywhere"));
            }
            classes.insert(name.to_lowercase(), one)
        } else {
            members.insert((kind, owner, name), one)
        };
        if let Some(other) = other {
            let before = value_of(other.kind, other.wire);
            find(kind, shown, name, format!("gets the name of {} {before}: {name}", other.kind));
        }
    }
    Ok(findings)
}

/// The lines of the table; an unreadable one is the error.
fn read(table: &str) -> Result<Vec<Name<'_>>, &str> {
    let mut names = Vec::new();
    let (mut model, mut api, mut operation) = ("", "", "");
    for line in table.lines().filter(|line| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split('\t').collect();
        let (&[kind, wire, name] | &[kind, wire, name, _]) = cells.as_slice() else { return Err(line) };
        // One generator replaces the model by one of its own that does not know the schema.
        let wire = if wire.is_empty() { cells.get(3).copied().unwrap_or(wire) } else { wire };
        let owner = match kind {
            "model" => {
                model = wire;
                ""
            }
            "api" => {
                api = wire;
                ""
            }
            "operation" => {
                operation = wire;
                api
            }
            "property" | "value" => model,
            "parameter" => operation,
            _ => return Err(line),
        };
        // The body of a request has no name but that of its type.
        if !(kind == "parameter" && wire.is_empty()) {
            names.push(Name { kind, owner, wire, given: name });
        }
    }
    Ok(names)
}

/// What the value of an enum is best called, as the description says.
fn value_name<'a>(spec: &'a Spec, schema: &str, n: usize) -> Option<&'a str> {
    let schema = spec.schema(schema)?;
    let named = schema.get("x-enum-varnames").and_then(Value::as_array);
    texts(if named.is_some() { schema.get("x-enum-varnames") } else { schema.get("enum") }).nth(n)
}

/// A value stands in the table as the language writes it.
fn value_of<'a>(kind: &str, wire: &'a str) -> &'a str {
    if kind == "value" { wire.trim_matches(['"', '\'']) } else { wire }
}

/// Whether the letters and digits are others than they should be, or something stands around them.
fn is_bent(kind: &str, wanted: &str, name: &str) -> bool {
    let letters = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    let suffix = if kind == "api" { "api" } else { "" };
    let around = |text: &str| {
        let inside = |c: char| c.is_ascii_alphanumeric();
        (text.starts_with(inside), text.ends_with(inside))
    };
    letters(name) != letters(wanted) + suffix || around(name) != around(wanted)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::planted::{Edit, REAL};

    /// What a generator would write that keeps every name, with one line changed.
    fn said(generator: &str, from: &str, to: &str) -> Vec<String> {
        let spec = Spec::parse(REAL).unwrap();
        let mut table = String::new();
        for (name, schema) in spec.schemas() {
            writeln!(table, "model\t{name}\t{name}\t{name}").unwrap();
            for key in schema.get("properties").and_then(Value::as_object).into_iter().flat_map(|all| all.keys()) {
                writeln!(table, "property\t{key}\t{key}").unwrap();
            }
            let values: Vec<&str> = texts(schema.get("enum")).collect();
            for (n, value) in values.iter().enumerate() {
                writeln!(table, "value\t\"{value}\"\t{}", value_name(&spec, name, n).unwrap()).unwrap();
            }
        }
        table.push_str("api\tServers\tServersApi\n");
        for operation in spec.operations() {
            writeln!(table, "operation\t{0}\t{0}\nparameter\tuuid\tuuid\nparameter\t\tbody", operation.id()).unwrap();
        }
        assert!(table.contains(from), "nothing to plant the fault in: {from}");
        let table = table.replacen(from, to, 1);
        findings(generator, &table, &spec).unwrap().iter().map(Finding::line).collect()
    }

    #[test]
    fn names_in_the_style_of_a_language_are_no_finding() {
        assert_eq!(
            said("swift6", "property\tcore_number\tcore_number\n", "property\tcore_number\tcoreNumber\n"),
            [""; 0]
        );
        assert_eq!(said("python", "api\tServers\tServersApi\n", "api\tServer_groups\tServerGroupsApi\n"), [""; 0]);
        assert_eq!(said("kotlin", "value\t\"1\"\tYES\n", "value\t\"1\"\tyes\n"), [""; 0]);
    }

    #[test]
    fn a_reserved_word_is_found_in_the_form_that_each_language_gives_it() {
        for (generator, from, to, line) in [
            (
                "php",
                "model\tInvalidParam\tInvalidParam",
                "model\tInvalidParam\tModelInvalidParam",
                "php: model InvalidParam becomes ModelInvalidParam",
            ),
            (
                "dart",
                "parameter\tuuid\tuuid",
                "parameter\tuuid\tuuid_",
                "dart: parameter uuid of getMetadata becomes uuid_",
            ),
            (
                "swift6",
                "value\t\"none\"\tnone",
                "value\t\"none\"\t_none",
                "swift6: value none of PasswordDelivery becomes _none",
            ),
            (
                "kotlin",
                "property\tpublic\tpublic",
                "property\tpublic\t`public`",
                "kotlin: property public of Zone becomes `public`",
            ),
            (
                "csharp",
                "property\tpublic\tpublic",
                "property\tpublic\t@public",
                "csharp: property public of Zone becomes @public",
            ),
            (
                "ruby",
                "operation\tstopServer\tstopServer",
                "operation\tstopServer\t_stop_server",
                "ruby: operation stopServer of Servers becomes _stop_server",
            ),
            (
                "rust",
                "property\tpublic\tpublic",
                "property\tpublic\tr#public",
                "rust: property public of Zone becomes r#public",
            ),
            (
                "kotlin",
                "property\tpublic\tpublic",
                "property\tpublic\tpropertyPublic",
                "kotlin: property public of Zone becomes propertyPublic",
            ),
            (
                "java",
                "operation\tstopServer\tstopServer",
                "operation\tstopServer\tstopServer_0",
                "java: operation stopServer of Servers becomes stopServer_0",
            ),
            (
                "python",
                "value\t\"soft\"\tsoft",
                "value\t\"soft\"\tVALUE_SOFT",
                "python: value soft of StopType becomes VALUE_SOFT",
            ),
        ] {
            assert_eq!(said(generator, from, to), [line]);
        }
    }

    #[test]
    fn two_things_with_one_name_are_a_finding() {
        assert_eq!(
            said("go", "property\tpublic\tpublic\n", "property\tpublic\tpublic\nproperty\tPublic\tpublic\n"),
            ["go: property Public gets the name of property public: public"]
        );
        assert_eq!(
            said("ruby", "api\tServers\tServersApi\n", "model\tIpAddress\tIPAddress\napi\tServers\tServersApi\n"),
            ["ruby: model IpAddress gets the name of model IpAddress: IPAddress"]
        );
        assert_eq!(
            said("dart", "api\tServers\tServersApi\n", "api\tServers\tServersApi\napi\tservers\tServersApi\n"),
            ["dart: api servers gets the name of api Servers: ServersApi"]
        );
    }

    #[test]
    fn a_model_that_hides_a_type_of_the_language_is_a_finding() {
        let renamed = Edit::every("schemas/Zone'", "schemas/Data'").apply(REAL);
        let renamed = Edit::first("\n    Zone:\n", "\n    Data:\n").apply(&renamed);
        let spec = Spec::parse(&renamed).unwrap();
        let mut table = "model\tData\tData\tData\n".to_owned();
        spec.operations().for_each(|operation| writeln!(table, "operation\t{0}\t{0}", operation.id()).unwrap());
        let said = |generator: &str| findings(generator, &table, &spec).unwrap().len();
        assert_eq!((said("swift6"), said("ruby"), said("php")), (1, 1, 0));
    }

    #[test]
    fn a_model_that_no_component_is_behind_is_a_finding() {
        let line = "model\tstopServer_request\tStopServerRequest1\tstopServer_request\napi\tServers\tServersApi\n";
        let found = said("rust", "api\tServers\tServersApi\n", line);
        assert_eq!(
            found,
            ["rust: model stopServer_request is a name of the generator's own: give what it stands for a component"]
        );
    }

    #[test]
    fn a_table_with_too_little_in_it_is_not_taken_for_good_names() {
        let spec = Spec::parse(REAL).unwrap();
        assert!(findings("php", "", &spec).unwrap_err().starts_with("php: it named 0 operations of "));
        assert_eq!(findings("php", "noise\n", &spec).unwrap_err(), "php: this is no name: noise");
    }
}
