//! The page in a real browser: does it open without a network, and can everything be found in it?

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{SET, errors};
use crate::{
    codegen::spec::{Spec, texts},
    samples::LANGUAGES,
    tools::{self, Tools},
};

/// Programs that are Chromium, by name.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];
/// What drives the browser, in the folder of the pins.
const SCRIPT: &str = "check.mjs";

/// One line for each thing that the browser complains of or that cannot be found.
pub(super) fn check(
    root: &Path,
    tools: &Tools,
    page: &Path,
    spec: &Spec,
    pictures: Option<&Path>,
) -> Result<(), Vec<String>> {
    let browser = browser().ok_or_else(|| {
        vec![format!("no browser found: install Chromium, or set CHROMIUM to it (looked for {})", NAMES.join(", "))]
    })?;
    if let Some(folder) = pictures {
        fs::create_dir_all(folder).map_err(|e| vec![format!("{}: cannot be made: {e}", folder.display())])?;
    }
    let absolute = |path: &Path| path.canonicalize().map_err(|e| vec![format!("{}: {e}", path.display())]);
    let task = json!({
        "browser": browser,
        "page": absolute(page)?,
        "pictures": pictures.map(absolute).transpose()?,
        "operations": operations(spec),
        "codes": codes(spec),
        "samples": LANGUAGES.map(|language| language.label),
    });
    println!("Opening the page in {}", browser.display());
    // Node.js looks for packages beside the script.
    let (script, order) = (tools.home().join(SCRIPT), tools.home().join("task.json"));
    fs::copy(root.join("xtask/tools").join(SET).join(SCRIPT), &script)
        .and_then(|_| fs::write(&order, task.to_string()))
        .map_err(|e| vec![format!("{}: cannot be written: {e}", tools.home().display())])?;
    let mut command = std::process::Command::new("node");
    let said =
        tools::output(command.arg(&script).arg(&order).current_dir(tools.home())).map_err(|sentence| vec![sentence])?;
    verdict(&said)
}

/// What the script answers: what it looked at, and its findings.
fn verdict(said: &str) -> Result<(), Vec<String>> {
    let answer: Value =
        serde_json::from_str(said).map_err(|e| vec![format!("the answer of the browser is no JSON: {e}: {said}")])?;
    let list = |key: &str| texts(answer.get(key)).map(str::to_owned).collect::<Vec<_>>();
    for line in list("seen") {
        println!("{line}");
    }
    let findings = list("findings");
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

fn operations(spec: &Spec) -> Vec<Value> {
    let one = |operation: crate::codegen::spec::Operation<'_>| json!({"id": operation.id(), "summary": operation.object.get("summary"), "path": operation.path});
    spec.operations().map(one).collect()
}

/// Each code with the title of the part of the index that it stands in.
fn codes(spec: &Spec) -> Vec<Value> {
    let schema = spec.schema("ErrorCode");
    let facts = |code: &str| schema.and_then(|schema| schema.get("x-error-codes")?.get(code)?.get("kind")?.as_str());
    let codes = texts(schema.and_then(|schema| schema.get("enum")));
    codes.map(|code| json!({"code": code, "title": errors::title(facts(code).unwrap_or_default())})).collect()
}

fn browser() -> Option<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM") {
        return Some(named.into());
    }
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name))).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        docs::{enrich, page},
        planted::REAL,
        samples::Samples,
    };

    #[test]
    #[ignore = "needs Node.js and Chromium; .ci/run calls it"]
    fn what_is_missing_and_what_is_fetched_is_found() {
        let root = crate::root();
        let tools = tools::node(&root, SET).unwrap();
        let viewer = page::Viewer::read(&tools.home().join("node_modules/redoc")).unwrap();
        let spec = Spec::parse(REAL).unwrap();
        let samples = Samples::read(&root).unwrap();
        let whole = page::html(&spec, &enrich::enriched(&spec, &samples), &viewer).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index.html");
        let look = |page: &str| {
            fs::write(&path, page).unwrap();
            check(&root, &tools, &path, &spec, None).err().unwrap_or_default()
        };
        let has =
            |said: &[String], words: &str| assert!(said.iter().any(|one| one.contains(words)), "{words}: {said:#?}");

        let fetching =
            whole.replace("</body>\n</html>", "<img src=\"https://docs.example.com/logo.png\"></body>\n</html>");
        has(&look(&fetching), "Content Security Policy");
        let trusting = fetching.replace("Content-Security-Policy", "X-None");
        has(&look(&trusting), "1440 wide: the page asked the network for https://docs.example.com/logo.png");

        let poorer = whole.replace("UNABLE_TO_CANCEL", "UNABLE_TO_CANCL").replace("stopServer", "haltServer");
        let said = look(&poorer);
        has(&said, "the error code UNABLE_TO_CANCEL is not in the text");
        has(&said, "the search of the page does not find UNABLE_TO_CANCEL");
        has(&said, "the search of the page does not find stopServer");
    }

    #[test]
    fn findings_are_an_error_and_silence_is_one_too() {
        assert!(verdict(r#"{"seen": ["25 operations"], "findings": []}"#).is_ok());
        assert_eq!(verdict(r#"{"seen": [], "findings": ["a", "b"]}"#).unwrap_err(), ["a", "b"]);
        assert!(verdict("").is_err());
    }
}
