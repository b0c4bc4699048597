//! The page: the viewer, the description and our style in one file.

use std::{fs, path::Path};

use serde_json::Value;

use super::{enrich, errors::escaped};
use crate::{SPEC, codegen::spec::Spec, order::Ordered};

/// The page with a place for each part.
const TEMPLATE: &str = include_str!("../../tools/docs/page.html");
/// A picture that the viewer fetches to show who made it; the link beside it stays.
const FETCHED: &str = "\"https://cdn.redoc.ly/redoc/logo-mini.svg\"";
/// A picture of nothing instead.
const EMPTY: &str = "\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E\"";

/// The program that draws the page.
#[derive(Clone, Debug)]
pub(super) struct Viewer {
    script: String,
    licence: String,
}

impl Viewer {
    /// From the folder of its package.
    pub(super) fn read(package: &Path) -> Result<Self, Vec<String>> {
        let read = |file: &str| {
            let path = package.join(file);
            fs::read_to_string(&path).map_err(|e| vec![format!("{}: cannot be read: {e}", path.display())])
        };
        Ok(Self { script: read("bundles/redoc.standalone.js")?, licence: read("LICENSE")? })
    }

    /// The script, without what it would fetch.
    fn offline(&self) -> Result<String, Vec<String>> {
        match self.script.matches(FETCHED).count() {
            1 => Ok(in_element(&self.script.replace(FETCHED, EMPTY))),
            found => Err(vec![format!(
                "the viewer names {FETCHED} {found} times, not once: see what it fetches now and mend xtask/src/docs/page.rs"
            )]),
        }
    }
}

pub(super) fn html(spec: &Spec, enriched: &Value, viewer: &Viewer) -> Result<String, Vec<String>> {
    let broken = |e: &dyn std::fmt::Display| vec![format!("{SPEC}: cannot be written as JSON: {e}")];
    let like = spec.text().replace(enrich::VALUES, enrich::VALUES_SHOWN);
    let like: yaml_serde::Value = yaml_serde::from_str(&like).map_err(|e| broken(&e))?;
    let description = serde_json::to_string(&Ordered::new(enriched, &like)).map_err(|e| broken(&e))?;
    let info = |key: &str| spec.document()["info"][key].as_str().unwrap_or_default();
    let title = format!("{} {}: API reference", info("title"), info("version"));
    let summary = info("description").split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let parts = [
        ("summary", escaped(&summary)),
        ("title", escaped(&title)),
        ("description", in_element(&description)),
        ("licence", format!("The viewer is Redoc.\n\n{}", viewer.licence.trim().replace("--", "- -"))),
        ("viewer", viewer.offline()?),
    ];
    let mut page = String::with_capacity(TEMPLATE.len() + description.len() + viewer.script.len());
    let mut rest = TEMPLATE;
    for (name, text) in &parts {
        // The parts are in the order of the template, so that none is looked for inside another.
        let Some((before, after)) = rest.split_once(&format!("{{{{{name}}}}}")) else {
            return Err(vec![format!("xtask/tools/docs/page.html: there is no place for the {name}")]);
        };
        page.push_str(before);
        page.push_str(text);
        rest = after;
    }
    page.push_str(rest);
    Ok(page)
}

/// Nothing in a script may look like its end; in a string, which is where it can be, a backslash changes nothing.
fn in_element(script: &str) -> String {
    script.replace("</script", "<\\/script").replace("<!--", "<\\!--")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{docs::enrich, planted::REAL, samples::Samples};

    fn enriched(spec: &Spec) -> Value {
        enrich::enriched(spec, &Samples::read(&crate::root()).unwrap())
    }

    fn viewer(script: &str) -> Viewer {
        Viewer { script: script.to_owned(), licence: "MIT".to_owned() }
    }

    #[test]
    fn the_page_is_whole_and_always_the_same() {
        let spec = Spec::parse(REAL).unwrap();
        let viewer = viewer(&format!("let logo={FETCHED};let end='</script>';"));
        let page = html(&spec, &enriched(&spec), &viewer).unwrap();
        assert_eq!(page, html(&spec, &enriched(&spec), &viewer).unwrap());
        assert!(
            ["title", "summary", "description", "licence", "viewer"]
                .iter()
                .all(|one| !page.contains(&format!("{{{{{one}")))
        );
        assert!(!page.contains("cdn.redoc.ly"));
        assert_eq!(page.matches("</script>").count(), 3);
        let begin = page.find("id=\"description\">").unwrap() + "id=\"description\">".len();
        let json = &page[begin..begin + page[begin..].find("</script>").unwrap()];
        let document: Value = serde_json::from_str(json).unwrap();
        assert_eq!(document, enriched(&spec));
        assert!(
            json.find("listServerConfigurations").unwrap() < json.find("getMetadata").unwrap(),
            "the order is lost"
        );
    }

    #[test]
    fn a_viewer_that_fetches_something_new_is_a_finding() {
        let spec = Spec::parse(REAL).unwrap();
        let said = html(&spec, &enriched(&spec), &viewer("nothing")).unwrap_err();
        assert!(said[0].contains("0 times, not once"), "{said:?}");
    }
}
