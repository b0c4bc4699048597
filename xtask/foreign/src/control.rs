//! The controls of the fake, for what a client under test cannot do itself. The fake's count of its requests leaves them out.

use serde_json::Value;

use crate::Access;

/// Does something to the fake from outside.
pub(crate) fn control(access: &Access, name: &str, body: &Value) -> Result<(), String> {
    let url = format!("{}/_fake/{name}", access.base_url);
    ureq::post(&url).send(body.to_string()).map(drop).map_err(|e| format!("{url}: {e}"))
}
