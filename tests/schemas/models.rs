//! The types that have a JSON Schema, by name: how to ask for the schema and how to send a value through serde. The list is
//! held against the sources by `every_type_with_a_json_form_has_a_schema`.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use upcloud::{Secret, types::*};

/// One type.
pub(crate) struct Model {
    /// The name of the Rust type.
    pub(crate) name: &'static str,
    /// The schema as a document of its own.
    pub(crate) root: fn(SchemaSettings) -> Schema,
    /// The schema among others.
    pub(crate) among: fn(&mut SchemaGenerator) -> Schema,
    /// What serde writes after it has read a value.
    pub(crate) reread: fn(&Value) -> Result<Value, String>,
}

fn model<T: JsonSchema + Serialize + DeserializeOwned>(name: &'static str) -> Model {
    Model {
        name,
        root: |settings| settings.into_generator().into_root_schema_for::<T>(),
        among: SchemaGenerator::subschema_for::<T>,
        reread: |value| {
            let read: T = serde_json::from_value(value.clone()).map_err(|e| e.to_string())?;
            serde_json::to_value(Exposed(&read)).map_err(|e| e.to_string())
        },
    }
}

macro_rules! models {
    ($($name:ident)+) => {
        pub(crate) fn models() -> Vec<Model> {
            vec![model::<Secret>("Secret"), model::<Extra>("Extra"), $(model::<$name>(stringify!($name))),+]
        }
    };
}

// All types that are made of the description.
include!(concat!(env!("OUT_DIR"), "/models.rs"));
