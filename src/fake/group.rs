//! What the fake remembers of a server group.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::{AntiAffinity, types::Label};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) uuid: Uuid,
    pub(super) title: String,
    pub(super) anti_affinity: AntiAffinity,
    pub(super) labels: Vec<Label>,
    pub(super) servers: Vec<Uuid>,
}
