//! What the fake keeps beside servers, groups and storages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// What the fake keeps beside servers, groups and storages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Beside {
    /// The firewall rules of a server, in their order.
    pub(super) firewall: BTreeMap<Uuid, Vec<Map<String, Value>>>,
    /// What each tag says about itself.
    pub(super) tags: BTreeMap<String, String>,
}

impl Beside {
    /// A server is gone.
    pub(super) fn forget(&mut self, server: Uuid) {
        self.firewall.remove(&server);
    }
}
