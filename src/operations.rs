//! The call of each operation, made by `src/codegen/calls.rs`: what is sent and what is read. What is particular about an
//! operation is written by hand, in `server`, `server_group` and `catalog`.

#![allow(clippy::all, clippy::pedantic, reason = "generated code follows its generator's style")]

use crate::model::types;

include!(concat!(env!("OUT_DIR"), "/calls.rs"));
