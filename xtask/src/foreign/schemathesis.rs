//! schemathesis.
use crate::{fake_process::FakeProgram, tools::Tools};
use std::path::Path;
pub(super) fn run(_root: &Path, _fake: &FakeProgram, _tools: &Tools) -> Result<(), Vec<String>> {
    Ok(())
}
