//! The client that progenitor makes of `openapi.yaml`: one method for each operation. [`super`] has the hooks under it.

#![allow(
    missing_docs,
    unused,
    unreachable_pub,
    missing_debug_implementations,
    rustdoc::all,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    reason = "generated code follows its generator's style"
)]

use crate::model::types;

include!(concat!(env!("OUT_DIR"), "/client.rs"));
