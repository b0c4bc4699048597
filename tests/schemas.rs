//! The JSON Schemas of the feature `schemars`: every type with a JSON form has one, they accept and refuse what
//! `openapi.yaml` does, and serde reads and writes what they say.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]
#![allow(clippy::print_stdout, reason = "a test over a corpus says how large it was")]

#[path = "schemas/corpus.rs"]
mod corpus;
#[path = "schemas/judge.rs"]
mod judge;
#[path = "schemas/models.rs"]
mod models;
#[path = "support/schema.rs"]
mod schema;
#[path = "support/mod.rs"]
mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use corpus::{Corpus, heap_of_mistakes, mistakes};
use jsonschema::{draft7, draft202012};
use judge::{DIFFERENCES, Judges, LENIENCE, REFUSALS, Tally};
use models::models;
use schema::Validators;
use schemars::{JsonSchema, generate::SchemaSettings};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use support::{description, escape};
use upcloud::{
    CreateServer, Secret, ServerState,
    types::{CreateServerRequest, Exposed, Extra, ModifyServerGroup, ModifyServerGroupRequest, Server},
};

/// The types of hand: their schemas are no components of the description.
const BY_HAND: [&str; 2] = ["Extra", "Secret"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
}

/// How the listing begins the line of such an implementation.
const WRITTEN: &str = "serde::Serialize for types::";

/// Adds the public types of a source, and the types that it says how to write as JSON.
fn look(file: &syn::File, public: &mut BTreeSet<String>, written: &mut BTreeSet<String>) {
    for item in &file.items {
        let (ident, vis, attributes) = match item {
            syn::Item::Struct(of) => (&of.ident, &of.vis, &of.attrs),
            syn::Item::Enum(of) => (&of.ident, &of.vis, &of.attrs),
            syn::Item::Impl(of) => {
                let of_serde = of.trait_.as_ref().and_then(|(path, _)| path.segments.last());
                if of_serde.is_some_and(|s| s.ident == "Serialize")
                    && let syn::Type::Path(path) = &*of.self_ty
                {
                    written.extend(path.path.segments.last().map(|s| s.ident.to_string()));
                }
                continue;
            }
            _ => continue,
        };
        if matches!(vis, syn::Visibility::Public(_)) {
            public.insert(ident.to_string());
        }
        let derives = attributes.iter().filter(|a| a.path().is_ident("derive"));
        if derives.into_iter().any(|a| quote::quote!(#a).to_string().contains("Serialize")) {
            written.insert(ident.to_string());
        }
    }
}

#[test]
fn every_type_with_a_json_form_has_a_schema() {
    let mut files = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    sources(&folder, &mut files);
    // A type and how it is written may stand in two files of one module.
    let mut modules: BTreeMap<PathBuf, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for path in files {
        let module = path.strip_prefix(&folder).unwrap().iter().next().unwrap();
        let (public, written) = modules.entry(Path::new(module).with_extension("")).or_default();
        look(&syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap(), public, written);
    }
    let of_module =
        |(public, written): &(BTreeSet<String>, _)| public.intersection(written).cloned().collect::<Vec<_>>();
    let mut with_json: BTreeSet<String> = modules.values().flat_map(of_module).collect();
    // It is written as what is in it, and never read.
    assert!(with_json.remove("Exposed"), "drop the exception");
    // A file that only the fake writes and reads: no type of the API, and its form may change with each version.
    assert!(with_json.remove("Snapshot"), "drop the exception");
    assert_eq!(with_json, BTreeSet::from(BY_HAND.map(str::to_owned)));
    for line in include_str!("../xtask/generated-api.txt").lines() {
        let (item, traits) = line.split_once(": ").unwrap_or((line, ""));
        // The macro of the open enums derives nothing that the listing could show.
        let name = match item.split_once(' ') {
            Some(("struct", path)) if traits.contains("Serialize") => path.strip_prefix("types::").unwrap(),
            // Answers are written by generated code, not by a derive.
            Some(("impl", of)) if of.starts_with(WRITTEN) => &of[WRITTEN.len()..],
            Some(("enum", name)) if traits.is_empty() => name,
            _ => continue,
        };
        assert!(with_json.insert(name.to_owned()), "{name} twice");
    }
    let with_schema: BTreeSet<_> = models().iter().map(|model| model.name.to_owned()).collect();
    let missing: Vec<_> = with_json.difference(&with_schema).collect();
    assert!(missing.is_empty(), "without a schema, or missing in tests/schemas/models.rs: {missing:?}");
    assert_eq!(with_json, with_schema);
}

/// The schemas of all types and of what they refer to, by name.
fn definitions(settings: SchemaSettings) -> serde_json::Map<String, Value> {
    let mut generator = settings.into_generator();
    for model in models() {
        let schema = (model.among)(&mut generator);
        // What has a name is referred to by it.
        let reference = schema.get("$ref").and_then(Value::as_str);
        let name = reference.and_then(|reference| reference.rsplit('/').next());
        assert_eq!(name, (model.name != "Extra").then_some(model.name));
    }
    generator.take_definitions(true)
}

#[test]
fn the_schemas_are_the_components_under_their_names() {
    let description = description();
    let components = description["components"]["schemas"].as_object().unwrap();
    for settings in [SchemaSettings::draft2020_12(), SchemaSettings::draft2020_12().for_serialize()] {
        let definitions = definitions(settings);
        let names: BTreeSet<_> = definitions.keys().map(String::as_str).collect();
        // What only a query parameter has is part of no type.
        let expected = components.keys().map(String::as_str).filter(|name| *name != "StorageDeletion");
        assert_eq!(names, expected.chain(["Secret"]).collect());
        for (name, definition) in &definitions {
            let told = definition["description"].as_str().unwrap();
            let documented = components.get(name).and_then(|c| c["description"].as_str()).unwrap_or(told);
            assert!(told.starts_with(documented), "{name}: {told}");
        }
        let state = definitions["ServerState"]["description"].as_str().unwrap();
        assert!(state.ends_with("\n* `pending_delete`: About to be deleted."), "{state}");
        // A place that refers to a component may tell more of it.
        let progress = &definitions["Server"]["properties"]["progress"];
        assert_eq!(progress["$ref"], "#/$defs/NumericString");
        assert_eq!(
            progress["description"], components["Server"]["properties"]["progress"]["description"],
            "{progress}"
        );
        assert_eq!(definitions["CreateServer"]["properties"]["firewall"]["default"], "on");
        assert_eq!(definitions["HostId"]["examples"], json!([5_302_410_115_u64]));
    }
}

#[test]
fn every_schema_is_valid_in_every_dialect() {
    for model in models() {
        let schema = (model.root)(SchemaSettings::draft2020_12());
        assert_eq!(schema.get("title"), Some(&json!(model.name)));
        draft202012::meta::validate(schema.as_value()).unwrap_or_else(|e| panic!("{}: {e}", model.name));
        draft202012::new(schema.as_value()).unwrap_or_else(|e| panic!("{}: {e}", model.name));

        let schema = (model.root)(SchemaSettings::draft07());
        draft7::meta::validate(schema.as_value()).unwrap_or_else(|e| panic!("{}: {e}", model.name));
        draft7::new(schema.as_value()).unwrap_or_else(|e| panic!("{}: {e}", model.name));
    }
    for (name, schema) in definitions(SchemaSettings::openapi3()) {
        let read: openapiv3::ReferenceOr<openapiv3::Schema> =
            serde_json::from_value(schema.clone()).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(matches!(read, openapiv3::ReferenceOr::Item(_)), "{name}: {schema}");
        let nothing_of_3_1 = ["\"const\":", "\"examples\":", "\"null\"", "$defs"];
        let text = schema.to_string();
        assert!(nothing_of_3_1.iter().all(|word| !text.contains(word)), "{name}: {text}");
    }
}

#[test]
fn every_secret_is_marked() {
    let definitions = definitions(SchemaSettings::draft2020_12());
    assert_eq!(definitions["Secret"]["format"], "password");
    let mut secrets = 0;
    for line in include_str!("../xtask/generated-api.txt").lines().filter(|line| line.contains("crate::wire::Secret")) {
        let Some((path, _)) = line.strip_prefix("field types::").and_then(|line| line.split_once(": ")) else {
            continue;
        };
        let (schema, field) = path.split_once("::").unwrap();
        let property = &definitions[schema]["properties"][field];
        let target = property["$ref"].as_str().map(|to| &definitions[to.rsplit('/').next().unwrap()]);
        assert_eq!(target.unwrap_or(property)["format"], "password", "{path}: {property}");
        secrets += 1;
    }
    assert!(secrets >= 6, "{secrets}");
}

#[test]
fn schemas_description_and_serde_agree() {
    let description = description();
    let mut open_description = description.clone();
    for schema in open_description["components"]["schemas"].as_object_mut().unwrap().values_mut() {
        if schema["x-open-enum"] == true {
            schema.as_object_mut().unwrap().remove("enum");
        }
    }
    let mut theirs = Validators::new(&description, false);
    let mut opened = Validators::new(&open_description, false);
    let mut corpus = Corpus::of(&description);
    let bodies = corpus.add_recordings(&description);
    let mut random = fastrand::Rng::with_seed(20_261_125);
    let mut tally = Tally::default();

    for model in models().iter().filter(|model| !BY_HAND.contains(&model.name)) {
        let schema = (model.root)(SchemaSettings::draft2020_12());
        let judges = Judges {
            model,
            ours: draft202012::options().should_validate_formats(true).build(schema.as_value()).unwrap(),
            component: json!({"$ref": format!("#/components/schemas/{}", model.name)}),
        };
        let values = corpus.values(model.name);
        assert!(values.iter().any(|value| judges.ours.is_valid(value)), "no valid {} to try", model.name);
        for (n, value) in values.into_iter().enumerate() {
            judges.judge(value, &mut theirs, &mut opened, &mut tally);
            for _ in 0..5 {
                judges.judge(&heap_of_mistakes(value, &mut random), &mut theirs, &mut opened, &mut tally);
            }
            if n == 0 {
                for wrong in mistakes(value) {
                    judges.judge(&wrong, &mut theirs, &mut opened, &mut tally);
                }
            }
        }
    }

    println!("{} values, {} of them accepted; {bodies} recorded bodies", tally.values, tally.accepted);
    println!("differences: {:?}\nrefusals: {:?}\nlenience: {:?}", tally.differences, tally.refusals, tally.lenience);
    assert!(
        tally.faults.is_empty(),
        "{} faults:\n{}",
        tally.faults.len(),
        tally.faults[..20.min(tally.faults.len())].join("\n")
    );
    let explained = |table: &[(&'static str, &str)]| table.iter().map(|(what, _)| *what).collect::<BTreeSet<_>>();
    assert_eq!(tally.differences.keys().copied().collect::<BTreeSet<_>>(), explained(&DIFFERENCES));
    assert_eq!(tally.refusals.keys().copied().collect::<BTreeSet<_>>(), explained(&REFUSALS));
    assert_eq!(tally.lenience.keys().map(String::as_str).collect::<BTreeSet<_>>(), explained(&LENIENCE));
}

#[test]
fn what_the_builders_make_is_valid() {
    let template: uuid::Uuid = "01000000-0000-4000-8000-000030240200".parse().unwrap();
    let server = CreateServer::from_template("web-1.example.com", "fi-hel1", template)
        .plan("2xCPU-4GB")
        .metadata(true)
        .ssh_key("ssh-ed25519 AAAA ops")
        .label("env", "prod")
        .with_default_interfaces();
    let mut group = ModifyServerGroup::default();
    group.servers = Some(Vec::new());
    let valid = |schema: schemars::Schema, value: &serde_json::Value| {
        let validator = draft202012::options().should_validate_formats(true).build(schema.as_value()).unwrap();
        let faults: Vec<_> = validator.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(faults.is_empty(), "{value}: {faults:#?}");
    };
    let server = serde_json::to_value(Exposed(&CreateServerRequest::new(server))).unwrap();
    valid(schemars::schema_for!(CreateServerRequest), &server);
    let group = serde_json::to_value(ModifyServerGroupRequest::new(group)).unwrap();
    valid(schemars::schema_for!(ModifyServerGroupRequest), &group);
}

#[test]
fn types_of_a_user_hold_ours() {
    /// What an API of its own tells of a machine.
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Machine {
        wanted: ServerState,
        password: Option<Secret>,
        server: Server,
        other: other::Server,
        #[serde(flatten)]
        extra: Extra,
    }
    #[derive(Serialize, Deserialize, JsonSchema)]
    struct Flat {
        rack: u8,
        #[serde(flatten)]
        server: Server,
    }
    mod other {
        /// Another thing of the same name.
        #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub(crate) struct Server {
            rack: u8,
        }
    }

    let schema = schemars::schema_for!(Machine);
    let properties = schema.get("properties").unwrap();
    for (property, definition) in [("wanted", "ServerState"), ("server", "Server"), ("other", "Server2")] {
        assert_eq!(properties[property]["$ref"], format!("#/$defs/{definition}"));
    }
    assert_eq!(properties["password"], json!({"anyOf": [{"$ref": "#/$defs/Secret"}, {"type": "null"}]}));
    let validator = draft202012::new(schema.as_value()).unwrap();
    let server = &description()["components"]["examples"]["ServerStarted"]["value"]["server"];
    let machine = json!({"wanted": "resting", "password": "pw", "server": server, "other": {"rack": 7}, "more": [1]});
    assert!(validator.is_valid(&machine));
    let read: Machine = serde_json::from_value(machine.clone()).unwrap();
    assert_eq!(read.extra["more"], json!([1]));
    assert!(validator.is_valid(&serde_json::to_value(Exposed(&read)).unwrap()));
    let mut wrong = machine;
    wrong["server"]["core_number"] = json!(4);
    assert!(!validator.is_valid(&wrong), "the wire has a text there");

    // Inlined or flattened, they mean the same.
    let inlined = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let flat = inlined.into_generator().into_root_schema_for::<Flat>();
    assert_eq!(flat.get("$defs"), None);
    let validator = draft202012::new(flat.as_value()).unwrap();
    let mut machine = server.clone();
    assert!(!validator.is_valid(&machine), "there is no rack");
    machine["rack"] = json!(7);
    assert!(validator.is_valid(&machine));
    machine["networking"]["interfaces"]["interface"][0]["index"] = json!("first");
    assert!(!validator.is_valid(&machine));
}
