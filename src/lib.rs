//! x
#![allow(missing_docs)]
extern crate self as upcloud;

mod client;
mod credentials;
mod error;
mod error_code;
#[cfg(feature = "fake")]
#[cfg_attr(docsrs, doc(cfg(feature = "fake")))]
pub mod fake;
pub mod generated;
mod open_enum;
mod request;
mod secret;
mod server;
mod transport;
pub mod wire;

pub use client::{Client, ClientBuilder};
pub use credentials::Credentials;
pub use error::{Error, InvalidParam};
pub use error_code::ErrorKind;
pub use generated::{ErrorCode, Operation, types};
pub use request::{Answer, Prepared, Request};
pub use secret::Secret;
