//! Changing one label of a server group: a look and a modification as one call.

use progenitor_client::ResponseValue;
use uuid::Uuid;

use super::ServerGroups;
use crate::{
    generated::{
        self, Operation,
        types::{ModifyServerGroup, ModifyServerGroupRequest, ServerGroup, ServerGroupResponse},
    },
    request::{Request, SendsBody, Sent, Subject, prepared},
    server::{LabelChange, look},
    wire::Extra,
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
    ) -> Request<ChangeServerGroupLabel> {
        Request::new(&self.client, ChangeServerGroupLabel::new(uuid, LabelChange::set(key, value)))
    }

    /// Removes one label and leaves the others as they are; see [`set_label`](Self::set_label).
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get) and [`modify`](Self::modify).
    pub fn remove_label(&self, uuid: Uuid, key: impl Into<String>) -> Request<ChangeServerGroupLabel> {
        Request::new(&self.client, ChangeServerGroupLabel::new(uuid, LabelChange::remove(key)))
    }
}

/// The request of [`ServerGroups::set_label`] and [`ServerGroups::remove_label`].
#[derive(Clone, Debug)]
pub struct ChangeServerGroupLabel {
    uuid: Uuid,
    change: LabelChange,
    extra: Extra,
}

impl ChangeServerGroupLabel {
    fn new(uuid: Uuid, change: LabelChange) -> Self {
        Self { uuid, change, extra: Extra::default() }
    }

    async fn send(self, api: generated::Client) -> Sent<ServerGroupResponse> {
        let path = format!("/server-group/{}", self.uuid);
        let found: ResponseValue<ServerGroupResponse> =
            look(&api, Operation::GetServerGroup, &path, "server_group").await?;
        let group = &found.server_group;
        let labels = self.change.applied_to(&group.labels, &group.extra);
        let Some(labels) = labels.map_err(progenitor_client::Error::Custom)? else { return Ok(found) };
        let mut changes = ModifyServerGroup { labels: Some(labels), ..ModifyServerGroup::default() };
        changes.extra = self.extra;
        api.modify_server_group(&self.uuid, &ModifyServerGroupRequest::new(changes)).await
    }
}

prepared!(ChangeServerGroupLabel, ModifyServerGroup, ServerGroupResponse => ServerGroup,
    |this, api| ChangeServerGroupLabel::send(this, api),
    |body| body.server_group,
    check |this| this.change.check(),
    subject |this| Subject::group(this.uuid));

impl SendsBody for ChangeServerGroupLabel {
    fn extra(&mut self) -> &mut Extra {
        &mut self.extra
    }
}
