//! Changing one label of a server group: a look and a modification as one call.

use uuid::Uuid;

use super::ServerGroups;
use crate::{
    model::{
        Operation,
        types::{ModifyServerGroup, ModifyServerGroupRequest, ServerGroup, ServerGroupResponse},
    },
    server::{LabelChange, label_call},
};

impl ServerGroups {
    /// Sets one label and leaves the others as they are, as [`Servers::set_label`](crate::Servers::set_label) does.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let group = upcloud.server_groups().create(upcloud::types::CreateServerGroup::titled("web")).await?.uuid;
    /// let labelled = upcloud.server_groups().set_label(group, "env", "prod").await?;
    /// assert_eq!(labelled.label("env"), Some("prod"));
    /// let group = upcloud.server_groups().remove_label(group, "env").await?;
    /// assert!(group.labels.is_empty());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get) and [`modify`](Self::modify).
    pub fn set_label(
        &self,
        uuid: Uuid,
        key: impl Into<String>,
        value: impl Into<String>,
    ) -> ModifyServerGroupLabelCall {
        ModifyServerGroupLabelCall::new(&self.connection, uuid, LabelChange::set(key, value))
    }

    /// Removes one label and leaves the others as they are; see [`set_label`](Self::set_label).
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get) and [`modify`](Self::modify).
    pub fn remove_label(&self, uuid: Uuid, key: impl Into<String>) -> ModifyServerGroupLabelCall {
        ModifyServerGroupLabelCall::new(&self.connection, uuid, LabelChange::remove(key))
    }
}

label_call! {
    /// A call of [`ServerGroups::set_label`] or [`ServerGroups::remove_label`]; `.await` makes it.
    ModifyServerGroupLabelCall, GetServerGroup, ModifyServerGroup, "/server-group", "upcloud.server_group.uuid",
    server_group, modify_server_group, ModifyServerGroup, ModifyServerGroupRequest, ServerGroupResponse => ServerGroup
}
