//! The only place where generated code comes in: the client, its types and the tables that `build.rs` made from
//! `openapi.yaml`. Public as the escape hatch: what the hand layer does not offer can be called here.

#![allow(
    missing_docs,
    unused,
    unreachable_patterns,
    unreachable_pub,
    missing_debug_implementations,
    rustdoc::all,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::exhaustive_enums,
    reason = "generated code follows its generator's style"
)]

use crate::error_code::{CodeFacts, ErrorKind, OperationClass, OperationFacts};

include!(concat!(env!("OUT_DIR"), "/client.rs"));
include!(concat!(env!("OUT_DIR"), "/tables.rs"));
#[cfg(feature = "schemars")]
include!(concat!(env!("OUT_DIR"), "/schemas.rs"));
