//! What `build.rs` makes of `openapi.yaml` beside the client: the types, the open enums, and the tables of error codes and
//! operations.

mod facts;
mod kinds;

pub use kinds::{ErrorKind, Idempotency};
pub use source::*;

#[allow(
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
mod source {
    use super::kinds::{ErrorKind, Idempotency};

    include!(concat!(env!("OUT_DIR"), "/types.rs"));
    include!(concat!(env!("OUT_DIR"), "/tables.rs"));
    #[cfg(feature = "schemars")]
    include!(concat!(env!("OUT_DIR"), "/schemas.rs"));
}
