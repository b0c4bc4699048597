//! `cargo xtask docs`: the API as one HTML page that needs no network. What may live here: the command; what is added to
//! the description for people, the tables of error codes, the page and the look at it in a browser have files of their own.

mod browser;
mod enrich;
mod errors;
mod page;

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{SPEC, codegen::spec::Spec, samples::Samples, tools};

/// The set of tools: the viewer, and what drives a browser.
const SET: &str = "docs";
/// The page in the folder that the caller names.
const PAGE: &str = "index.html";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The folder to write index.html into; made if it is missing
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Open the page in Chromium without a network, and look for every operation and every error code in it; the browser is
    /// the one that CHROMIUM names, or the first found
    #[arg(long)]
    check: bool,
    /// With --check, take pictures of a wide and a narrow window into this folder
    #[arg(long, value_name = "DIR", requires = "check")]
    pictures: Option<PathBuf>,
}

pub(crate) fn run(root: &Path, arguments: &Arguments) -> Result<(), Vec<String>> {
    println!("Reading {SPEC}");
    let text = crate::spec(root)?;
    let spec = Spec::parse(&text).map_err(|fault| vec![fault.in_file(SPEC)])?;
    let tools = tools::node(root, SET)?;
    println!("Writing the page with Redoc {}", tools::version(root, SET, "redoc"));
    let viewer = page::Viewer::read(&tools.home().join("node_modules/redoc"))?;
    let page = page::html(&spec, &enrich::enriched(&spec, &Samples::read(root)?), &viewer)?;
    let path = arguments.folder.join(PAGE);
    fs::create_dir_all(&arguments.folder)
        .and_then(|()| fs::write(&path, &page))
        .map_err(|e| vec![format!("{}: cannot be written: {e}", path.display())])?;
    println!("Wrote {} ({} kB)", path.display(), page.len() / 1000);
    if arguments.check {
        browser::check(root, &tools, &path, &spec, arguments.pictures.as_deref())?;
    }
    Ok(())
}
