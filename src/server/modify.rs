//! Changing a server; one label alone is in `labels.rs`. The settings that a new server has as well are in `settings.rs`.

use uuid::Uuid;

use super::action::{Becomes, ChangesServer, server_action};
use crate::{
    call::Behavior,
    checks,
    error::Error,
    model::types::{LabelInput, ModifyServer, Server},
    operations::ModifyServerCall,
};

impl Behavior for ModifyServerCall {
    fn check(&self) -> Result<(), Error> {
        checks::modify_server(&self.body.server, "")
    }
}

/// Changes to a server: whatever is not set stays as it is.
///
/// ```
/// let changes = upcloud::ModifyServer::default().title("web, larger").plan("4xCPU-8GB").label("env", "prod");
/// assert_eq!(changes.hostname, None);
/// ```
impl ModifyServer {
    /// Adds a label to the full set that the server shall have; the rules are those of
    /// [`CreateServer::label`](crate::CreateServer::label).
    #[must_use]
    pub fn label(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.get_or_insert_default().push(LabelInput::new(key, value));
        self
    }

    /// The server shall have no labels (but those that [`label`](Self::label) adds after this).
    #[must_use]
    pub fn no_labels(mut self) -> Self {
        self.labels = Some(Vec::new());
        self
    }
}

impl ChangesServer for ModifyServerCall {
    fn server(&self) -> Option<Uuid> {
        Some(self.uuid)
    }

    fn becomes(&self) -> Becomes {
        Becomes::AtRest
    }
}

server_action!(ModifyServerCall => Server, when_ready);
