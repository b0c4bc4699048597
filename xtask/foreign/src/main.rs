//! One client against one fake: `foreign NAME`, with the base URL and the credentials in the environment under the names that
//! the vendor's tools use. What may live here: the choice of the client; each client has a file of its own.
//!
//! Every client is used as its users use it, unchanged. A thing that it cannot do is tried as well, and must fail in the way
//! that is written here, so that nothing said about a client outlives the version it was said of.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program whose output is read by its caller")]

mod api;
mod control;
mod report;
mod sdk;

use std::process::ExitCode;

/// A template of the fake that needs no cloud-init.
pub(crate) const TEMPLATE: &str = "01000000-0000-4000-8000-000020060100";
/// A UUID that no server has.
pub(crate) const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// Where the fake is and what it accepts.
pub(crate) struct Access {
    pub(crate) base_url: String,
    pub(crate) token: String,
    pub(crate) username: String,
    pub(crate) password: String,
}

impl Access {
    fn from_env() -> Result<Self, String> {
        let read = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
        Ok(Self {
            base_url: read("UPCLOUD_DEBUG_API_BASE_URL")?,
            token: read("UPCLOUD_TOKEN")?,
            username: read("UPCLOUD_USERNAME")?,
            password: read("UPCLOUD_PASSWORD")?,
        })
    }
}

fn main() -> ExitCode {
    let name = std::env::args().nth(1).unwrap_or_default();
    let done = Access::from_env().and_then(|access| match name.as_str() {
        "upcloud-api" => api::run(&access),
        "upcloud-sdk" => sdk::run(&access),
        other => Err(format!("there is no client {other:?}; there are upcloud-api and upcloud-sdk")),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}
