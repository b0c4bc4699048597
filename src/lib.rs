//! x
#![allow(missing_docs)]
extern crate self as upcloud;
mod error_code;
mod open_enum;
mod secret;
pub mod wire;
mod transport;
pub mod generated;
pub use secret::Secret;
