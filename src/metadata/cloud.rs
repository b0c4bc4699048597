//! Whose metadata service it is that answers: told by what it says, for others have the same address.

use http::HeaderValue;
use serde_json::Value;

/// The `cloud_name` of UpCloud, as the description says.
const UPCLOUD: &str = "upcloud";

/// An answer that tells of success.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) content_type: Option<HeaderValue>,
    pub(super) text: String,
}

impl Page {
    /// Whether it is a page for people.
    pub(super) fn is_html(&self) -> bool {
        let declared = self.content_type.as_ref().and_then(|value| value.to_str().ok()).unwrap_or_default();
        let begin: String = self.text.trim_start().chars().take(16).collect::<String>().to_ascii_lowercase();
        declared.trim().to_ascii_lowercase().starts_with("text/html")
            || ["<!doctype", "<html", "<head", "<body"].iter().any(|tag| begin.starts_with(tag))
    }
}

/// Whether this is the value of the field `cloud_name` of UpCloud.
pub(super) fn names_upcloud(page: &Page) -> bool {
    page.text.trim().eq_ignore_ascii_case(UPCLOUD)
}

/// Whether this is the document of UpCloud: as far as its name goes, for the rest of it may have changed.
pub(super) fn is_upcloud(page: &Page) -> bool {
    let document: Option<Value> = serde_json::from_str(&page.text).ok();
    let name = document.as_ref().and_then(|document| document.get("cloud_name")?.as_str());
    name.is_some_and(|name| name.eq_ignore_ascii_case(UPCLOUD))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(content_type: &'static str, text: &str) -> Page {
        Page { content_type: Some(HeaderValue::from_static(content_type)), text: text.to_owned() }
    }

    #[test]
    fn whose_service_it_is() {
        for (text, name, document) in [
            ("upcloud", true, false),
            ("UpCloud\n", true, false),
            (r#"{"cloud_name": "upcloud"}"#, false, true),
            (r#"{"cloud_name": "UPCLOUD", "new": [1]}"#, false, true),
            (r#"{"cloud_name": "other"}"#, false, false),
            (r#"{"cloud_name": null}"#, false, false),
            (r#"{"cloud_name": ["upcloud"]}"#, false, false),
            (r#"{"droplet_id": 1}"#, false, false),
            (r#"["upcloud"]"#, false, false),
            ("cloud_name\nhostname\n", false, false),
            ("id\nhostname\nregion\n", false, false),
            ("<html>upcloud</html>", false, false),
            ("", false, false),
        ] {
            let page = page("text/plain", text);
            assert_eq!((names_upcloud(&page), is_upcloud(&page)), (name, document), "{text}");
        }
    }

    #[test]
    fn pages_for_people() {
        for (content_type, text, expected) in [
            ("text/html", "de-fra1", true),
            ("Text/HTML; charset=utf-8", "", true),
            ("text/plain", "\n <!DOCTYPE html><title>Log in</title>", true),
            ("application/octet-stream", "<HTML><body>", true),
            ("text/plain; charset=utf-8", "de-fra1", false),
            ("text/plain", "<script>", false),
            ("application/json", "{}", false),
        ] {
            assert_eq!(page(content_type, text).is_html(), expected, "{content_type} {text}");
        }
    }
}
