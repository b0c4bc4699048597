//! What the description knows of an operation, as documentation of the method that makes the call.

/// The part of the documentation that `src/codegen/docs.rs` writes.
macro_rules! wire_docs {
    ($id:literal) => {
        include_str!(concat!(env!("OUT_DIR"), "/docs/", $id, ".md"))
    };
}

pub(crate) use wire_docs;
