//! What an export promises: the same bytes each time, schemas that hold for the examples, whole tables, fitting sums.

use std::{collections::BTreeSet, process::Command, sync::LazyLock};

use jsonschema::Validator;
use serde_json::json;

use super::*;
use crate::{
    planted::{Edit, REAL},
    rules::samples,
};

const UUID: &str = "01000000-0000-4000-8000-000030240200";

static FILES: LazyLock<Files> = LazyLock::new(|| files(REAL, &SAMPLES, |_| ()).unwrap());
static SAMPLES: LazyLock<Samples> = LazyLock::new(|| Samples::read(&crate::root()).unwrap());

fn read(name: &str) -> Value {
    serde_json::from_str(&FILES[name]).unwrap()
}

fn validator(name: &str) -> Validator {
    jsonschema::options().should_validate_formats(true).build(&read(name)).unwrap()
}

#[test]
fn the_same_description_gives_the_same_bytes() {
    assert_eq!(files(REAL, &SAMPLES, |_| ()).unwrap(), *FILES);
}

#[test]
fn the_yaml_has_every_committed_line_and_the_json_says_the_same() {
    let mut lines = FILES[CLOSED].lines();
    assert!(REAL.lines().all(|committed| lines.any(|line| line == committed)));
    for (yaml, json) in
        [(CLOSED, "openapi.json"), (LENIENT, "openapi.lenient.json"), ("openapi.3.1.yaml", "openapi.3.1.json")]
    {
        assert_eq!(Spec::parse(&FILES[yaml]).unwrap().document(), &read(json));
    }
    let order: Vec<_> = FILES["openapi.json"].lines().filter(|line| line.starts_with("  \"")).take(2).collect();
    assert_eq!(order[0], "  \"openapi\": \"3.0.3\",", "keys keep the order of the text");
}

#[test]
fn every_schema_holds_for_every_example_of_its_component() {
    let spec = Spec::parse(REAL).unwrap();
    let mut checked = 0;
    for folder in ["json-schema", "json-schema.lenient"] {
        let schemas: BTreeMap<_, _> =
            spec.schemas().keys().map(|name| (name, validator(&format!("{folder}/{name}.json")))).collect();
        for (pointer, schema, example) in samples(&spec) {
            // Its own component, or the one that a body or a property refers to.
            let own = pointer.strip_prefix("#/components/schemas/").and_then(|rest| rest.strip_suffix("/example"));
            let Some(name) = crate::codegen::spec::referred(schema).or(own).filter(|name| !name.contains('/')) else {
                continue;
            };
            let faults: Vec<_> = schemas[&name.to_owned()].iter_errors(example).map(|e| e.to_string()).collect();
            assert!(faults.is_empty(), "{folder}/{name}.json refuses {pointer}: {faults:?}");
            checked += 1;
        }
    }
    assert!(checked > 500, "only {checked} examples were checked");
}

#[test]
fn a_schema_stands_alone() {
    for (name, text) in FILES.iter().filter(|(name, _)| name.starts_with("json-schema")) {
        let schema: Value = serde_json::from_str(text).unwrap();
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        assert!(!text.contains("#/components/") && !text.contains("\"nullable\"") && !text.contains("\"x-"), "{name}");
        jsonschema::meta::validate(&schema).unwrap_or_else(|e| panic!("{name}: {e}"));
    }
    let schemas = FILES.keys().filter(|name| name.starts_with("json-schema/")).count();
    assert_eq!(schemas, Spec::parse(REAL).unwrap().schemas().len());
}

#[test]
fn null_passes_where_the_description_allows_it() {
    let schema = validator("json-schema/ServerGroup.json");
    let group = |status: Value| json!({"labels": {"label": []}, "servers": {"server": []}, "title": "t", "uuid": "0b9c1e52-3f0d-4a59-8a35-5d8f7b1e2c64", "anti_affinity_status": status});
    assert!(schema.is_valid(&group(Value::Null)));
    assert!(schema.is_valid(&group(json!([]))));
    assert!(!schema.is_valid(&group(json!("none"))));
}

#[test]
fn a_new_value_of_an_open_enum_passes_in_the_open_flavour_alone() {
    let mut answer = Spec::parse(REAL).unwrap().document()["components"]["examples"]["ServerStarted"]["value"].clone();
    let [closed, lenient] =
        ["json-schema", "json-schema.lenient"].map(|f| validator(&format!("{f}/ServerResponse.json")));
    assert!(closed.is_valid(&answer) && lenient.is_valid(&answer));
    answer["server"]["state"] = json!("hibernated");
    assert!(!closed.is_valid(&answer) && lenient.is_valid(&answer));
    answer["server"]["firewall"] = json!("perhaps");
    assert!(!lenient.is_valid(&answer), "a switch is no open enum");
}

/// A body that lacks the property, once where the condition holds and once where it does not, for each condition.
#[test]
fn what_is_required_under_a_condition_is_required_there_alone() {
    let address = || json!({"ip_address": [{"family": "IPv4"}]});
    let bodies = [
        ("CreateStorageDevice.size", json!({"action": "create"}), true),
        ("CreateStorageDevice.size", json!({"action": "attach", "storage": UUID}), false),
        ("CreateStorageDevice.storage", json!({"action": "clone"}), true),
        ("CreateStorageDevice.storage", json!({"action": "attach"}), true),
        ("CreateStorageDevice.storage", json!({"action": "create", "size": 10}), false),
        ("CreateInterface.network", json!({"type": "private", "ip_addresses": address()}), true),
        ("CreateInterface.network", json!({"type": "public", "ip_addresses": address()}), false),
        ("RestartServer.timeout", json!({"stop_type": "soft"}), true),
        ("RestartServer.timeout", json!({}), true),
        ("RestartServer.timeout", json!({"stop_type": "hard"}), false),
    ];
    let of_3_1 = read("openapi.3.1.json");
    let mut told = BTreeSet::new();
    for (place, body, required) in bodies {
        let (schema, property) = place.split_once('.').unwrap();
        let whole = json!({"$ref": format!("#/components/schemas/{schema}"), "components": of_3_1["components"]});
        let of_3_1 = jsonschema::draft202012::new(&whole).unwrap();
        for validator in [of_3_1, validator(&format!("json-schema/{schema}.json"))] {
            let faults: Vec<_> = validator.iter_errors(&body).map(|e| e.to_string()).collect();
            let expected = if required { vec![format!("\"{property}\" is a required property")] } else { Vec::new() };
            assert_eq!(faults, expected, "{place}: {body}");
        }
        told.insert((place.to_owned(), required));
    }
    let spec = Spec::parse(REAL).unwrap();
    let conditions = spec.schemas().iter().flat_map(|(schema, of)| {
        let properties = of.get("x-required-if").and_then(Value::as_object).into_iter().flatten();
        properties.map(move |(property, _)| format!("{schema}.{property}"))
    });
    let both: BTreeSet<_> = conditions.flat_map(|place| [(place.clone(), true), (place, false)]).collect();
    assert_eq!(told, both, "each condition has a body on both sides");
}

#[test]
fn requests_take_no_members_but_those_listed_and_answers_do() {
    let mut request = Spec::parse(REAL).unwrap().document()["components"]["examples"]["Stop"]["value"].clone();
    let [closed, lenient] =
        ["json-schema", "json-schema.lenient"].map(|f| validator(&format!("{f}/StopServerRequest.json")));
    assert!(closed.is_valid(&request) && lenient.is_valid(&request));
    request["stop_server"]["timeout_action"] = json!("destroy");
    assert!(!closed.is_valid(&request) && lenient.is_valid(&request));

    let mut answer = Spec::parse(REAL).unwrap().document()["components"]["examples"]["ServerStarted"]["value"].clone();
    answer["server"]["new"] = json!("more");
    assert!(validator("json-schema/ServerResponse.json").is_valid(&answer));
}

#[test]
fn the_tables_have_every_error_row() {
    let table = read("error-codes.json");
    let rows = table["rows"].as_array().unwrap();
    let spec = Spec::parse(REAL).unwrap();
    let documented: Vec<_> =
        spec.operations().flat_map(|operation| operation.error_rows().collect::<Vec<_>>()).collect();
    assert_eq!(rows.len(), documented.len());
    let codes = table["codes"].as_object().unwrap();
    let in_chapter: BTreeSet<&str> =
        codes.iter().filter(|(_, code)| code["in_chapter"] == true).map(|(code, _)| code.as_str()).collect();
    assert_eq!(in_chapter, rows.iter().map(|row| row["code"].as_str().unwrap()).collect());

    let mut csv = csv::Reader::from_reader(FILES["error-codes.csv"].as_bytes());
    let records: Vec<csv::StringRecord> = csv.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(records.len(), rows.len());
    let page = &FILES["error-codes.md"];
    for (row, record) in rows.iter().zip(&records) {
        let (operation, status, code) = (&row["operation"], &row["status"], row["code"].as_str().unwrap());
        let facts = &codes[code];
        assert_eq!(json!([record[0], record[1], record[2]]), json!([operation, status.to_string(), code]));
        assert_eq!(json!([record[3], record[6]]), json!([facts["kind"], facts["meaning"]]));
        assert_eq!(&record[4], facts["attribute"].as_str().unwrap_or_default());
        assert!(!record[3].is_empty() && !record[6].is_empty(), "{code}");
        let line = format!("| {status} | `{code}` | {} |", &record[3]);
        let part = page.split(&format!("## `{}`:", operation.as_str().unwrap())).nth(1).unwrap();
        let part = part.split("\n## ").next().unwrap();
        assert!(part.contains(&line) && part.contains(&record[6]), "the page lacks {line}");
    }
}

#[test]
fn the_checksums_fit() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("export");
    to(&folder, REAL, &SAMPLES, |_| ()).unwrap();
    let check = || Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(&folder).output();
    // Not every desk has coreutils; where it is missing the sums are only counted.
    if let Ok(said) = check() {
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        std::fs::write(folder.join("VERSION"), "9.9.9\n").unwrap();
        assert!(!check().unwrap().status.success());
    }
    assert_eq!(FILES["SHA256SUMS"].lines().count(), FILES.len() - 1);
}

#[test]
fn what_leads_out_of_the_file_is_named() {
    let text = Edit::first("'#/components/schemas/ServerSizesResponse'", "'other.yaml#/ServerSizes'").apply(REAL);
    let said = files(&text, &SAMPLES, |_| ()).unwrap_err();
    assert!(
        said[0].contains("/paths/~1server_size/get") && said[0].contains("other.yaml#/ServerSizes leads out"),
        "{said:?}"
    );
}
