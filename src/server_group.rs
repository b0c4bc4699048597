//! Server groups: the operations as methods, and what the anti-affinity policy comes to.

mod labels;
mod lost;

use uuid::Uuid;

use crate::{
    call::{Behavior, Resource, Verified},
    checks,
    docs::wire_docs,
    error::{Error, LostCreate},
    model::{
        AntiAffinity, AntiAffinityState,
        types::{CreateServerGroup, LabelInput, ModifyServerGroup, ServerGroup, ServerReference},
    },
    operations::{
        AddServerToGroupCall, CreateServerGroupCall, DeleteServerGroupCall, GetServerGroupCall, ListServerGroupsCall,
        ListServersInGroupCall, ModifyServerGroupCall, RemoveServerFromGroupCall,
    },
    server::{check, field},
    transport::{Api, Connection},
};

pub use labels::ModifyServerGroupLabelCall;

/// The operations on server groups, from [`Client::server_groups`](crate::Client::server_groups).
///
/// ```
/// use upcloud::types::{AntiAffinity, CreateServerGroup, ModifyServerGroup};
/// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
/// # let fake = upcloud::fake::Fake::start().await;
/// # let upcloud = fake.client();
/// # let server = fake.add_server("web-1.example.net");
/// let groups = upcloud.server_groups();
/// let group = groups
///     .create(CreateServerGroup::titled("web").anti_affinity(AntiAffinity::BestEffort).label("team", "web"))
///     .await?;
/// groups.add_server(group.uuid, server).await?;
/// assert_eq!(groups.servers(group.uuid).await?, [server]);
/// groups.modify(group.uuid, ModifyServerGroup::default().servers([])).await?;
/// groups.delete(group.uuid).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct ServerGroups {
    connection: Connection,
}

impl ServerGroups {
    pub(crate) fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// Lists the server groups of the account with their members and the status of their policy.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// for group in upcloud.server_groups().list().label_key("team").await? {
    ///     println!("{}: {:?}", group.title, group.anti_affinity_summary());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("listServerGroups")]
    pub fn list(&self) -> ListServerGroupsCall {
        ListServerGroupsCall::new(&self.connection)
    }

    /// Tells everything about one group.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let group = upcloud.server_groups().create(upcloud::types::CreateServerGroup::titled("web")).await?.uuid;
    /// let group = upcloud.server_groups().get(group).await?;
    /// assert_eq!(group.title, "web");
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("getServerGroup")]
    pub fn get(&self, uuid: Uuid) -> GetServerGroupCall {
        GetServerGroupCall::new(&self.connection, uuid)
    }

    /// Lists the members of a group.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let group = upcloud.server_groups().create(upcloud::types::CreateServerGroup::titled("web")).await?.uuid;
    /// assert!(upcloud.server_groups().servers(group).await?.is_empty());
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("listServersInGroup")]
    pub fn servers(&self, uuid: Uuid) -> ListServersInGroupCall {
        ListServersInGroupCall::new(&self.connection, uuid)
    }

    /// Creates a group.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// use upcloud::types::{AntiAffinity, CreateServerGroup};
    ///
    /// let group = CreateServerGroup::titled("web").anti_affinity(AntiAffinity::Strict).servers([uuid]);
    /// let group = upcloud.server_groups().create(group).await?;
    /// assert_eq!(group.servers, [uuid]);
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("createServerGroup")]
    pub fn create(&self, group: CreateServerGroup) -> CreateServerGroupCall {
        CreateServerGroupCall::new(&self.connection, group)
    }

    /// Changes a group; whatever `changes` leaves out stays as it is. Send labels and members as full sets; an empty set of
    /// members removes them all.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let group = upcloud.server_groups().create(upcloud::types::CreateServerGroup::titled("web")).await?.uuid;
    /// use upcloud::types::ModifyServerGroup;
    ///
    /// let changes = ModifyServerGroup::default().title("front").servers([]);
    /// let group = upcloud.server_groups().modify(group, changes).await?;
    /// assert_eq!(group.title, "front");
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("modifyServerGroup")]
    pub fn modify(&self, uuid: Uuid, changes: ModifyServerGroup) -> ModifyServerGroupCall {
        ModifyServerGroupCall::new(&self.connection, uuid, changes)
    }

    /// Deletes a group. Its servers stay.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let group = upcloud.server_groups().create(upcloud::types::CreateServerGroup::titled("web")).await?.uuid;
    /// upcloud.server_groups().delete(group).await?;
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("deleteServerGroup")]
    pub fn delete(&self, uuid: Uuid) -> DeleteServerGroupCall {
        DeleteServerGroupCall::new(&self.connection, uuid)
    }

    /// Makes a server a member of a group. It must not be in another one.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// # let group = upcloud.server_groups().create(upcloud::types::CreateServerGroup::titled("web")).await?.uuid;
    /// upcloud.server_groups().add_server(group, uuid).await?;
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("addServerToGroup")]
    pub fn add_server(&self, group: Uuid, server: Uuid) -> AddServerToGroupCall {
        AddServerToGroupCall::new(&self.connection, group, ServerReference::new(server))
    }

    /// Takes a server out of a group.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// # let group = upcloud.server_groups().create(upcloud::types::CreateServerGroup::titled("web")).await?.uuid;
    /// # upcloud.server_groups().add_server(group, uuid).await?;
    /// upcloud.server_groups().remove_server(group, uuid).await?;
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("removeServerFromGroup")]
    pub fn remove_server(&self, group: Uuid, server: Uuid) -> RemoveServerFromGroupCall {
        RemoveServerFromGroupCall::new(&self.connection, group, server)
    }
}

impl Behavior for ListServerGroupsCall {}

impl ListServerGroupsCall {
    /// Only groups that have this label. Given several times, all must match. Keys are compared without regard to case.
    pub fn label(mut self, key: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.label.get_or_insert_default().push(format!("{}={}", key.as_ref(), value.as_ref()));
        self
    }

    /// Only groups that have a label with this key, whatever its value.
    pub fn label_key(mut self, key: impl Into<String>) -> Self {
        self.label.get_or_insert_default().push(key.into());
        self
    }
}

impl Behavior for GetServerGroupCall {}

impl Behavior for ListServersInGroupCall {}

impl Behavior for CreateServerGroupCall {
    fn check(&self) -> Result<(), Error> {
        let group = &self.body.server_group;
        checks::create_server_group(group, "")?;
        check::distinct_keys(group.labels.as_deref())
    }

    fn lost(&self) -> Option<LostCreate> {
        Some(lost::lost_create(self))
    }

    fn made(output: &ServerGroup) -> Option<Resource> {
        Some(("upcloud.server_group.uuid", output.uuid))
    }
}

impl Behavior for ModifyServerGroupCall {
    fn check(&self) -> Result<(), Error> {
        let changes = &self.body.server_group;
        checks::modify_server_group(changes, "")?;
        check::distinct_keys(changes.labels.as_deref())
    }
}

impl Behavior for DeleteServerGroupCall {
    fn done_by(&self, refusal: &Error) -> Option<()> {
        refusal.is_not_found().then_some(())
    }
}

impl Behavior for AddServerToGroupCall {
    const CAN_VERIFY: bool = true;

    async fn verify(&self, api: Api) -> Verified<()> {
        members(api, self.uuid, self.body.server.uuid, true).await
    }
}

field!(AddServerToGroupCall, server);

impl Behavior for RemoveServerFromGroupCall {
    const CAN_VERIFY: bool = true;

    async fn verify(&self, api: Api) -> Verified<()> {
        members(api, self.uuid, self.server_uuid, false).await
    }
}

/// Whether the server is a member, as it was wanted.
async fn members(api: Api, group: Uuid, server: Uuid, wanted: bool) -> Verified<()> {
    match api.list_servers_in_group(&group).await {
        Ok(response) if response.servers.contains(&server) == wanted => Verified::Done(()),
        Ok(_) => Verified::NotDone,
        Err(_) => Verified::Unknown,
    }
}

impl CreateServerGroup {
    /// A group with this title, 0 to 255 characters.
    #[must_use]
    pub fn titled(title: impl Into<String>) -> Self {
        Self { title: Some(title.into()), ..Self::default() }
    }
}

/// The setters that creating and modifying a group have in common.
macro_rules! group_setters {
    ($type:ident) => {
        impl $type {
            /// Adds a label to the full set that the group shall have.
            #[must_use]
            pub fn label(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
                self.labels.get_or_insert_default().push(LabelInput::new(key, value));
                self
            }

            /// The group shall have no labels (but those that [`label`](Self::label) adds after this).
            #[must_use]
            pub fn no_labels(mut self) -> Self {
                self.labels = Some(Vec::new());
                self
            }
        }
    };
}

group_setters!(CreateServerGroup);
group_setters!(ModifyServerGroup);

/// What the anti-affinity policy of a group comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AntiAffinitySummary {
    /// There is no policy, or nothing to apply it to.
    NotApplicable,
    /// Every server is alone on its host, as far as the group goes.
    Met,
    /// These servers share a host with another server of the group.
    Unmet(Vec<Uuid>),
}

impl ServerGroup {
    /// The policy of the group; a group that does not tell has none. The numbers that the API sent in 2022 are understood.
    #[must_use]
    pub fn policy(&self) -> AntiAffinity {
        match self.anti_affinity.as_ref().map(AntiAffinity::as_str) {
            None | Some("0") => AntiAffinity::None,
            Some("1") => AntiAffinity::BestEffort,
            Some(text) => text.into(),
        }
    }

    /// What the policy comes to for the group as a whole. A server with an unknown status counts as unmet, because nothing
    /// vouches for it.
    #[must_use]
    pub fn anti_affinity_summary(&self) -> AntiAffinitySummary {
        if self.policy() == AntiAffinity::None || self.anti_affinity_status.is_empty() {
            return AntiAffinitySummary::NotApplicable;
        }
        let sharing = self.anti_affinity_status.iter().filter(|server| server.status != AntiAffinityState::Met);
        let unmet: Vec<Uuid> = sharing.map(|server| server.uuid).collect();
        if unmet.is_empty() { AntiAffinitySummary::Met } else { AntiAffinitySummary::Unmet(unmet) }
    }

    /// The status of one member; `None` where the API gives none.
    #[must_use]
    pub fn anti_affinity_of(&self, server: Uuid) -> Option<&AntiAffinityState> {
        self.anti_affinity_status.iter().find(|status| status.uuid == server).map(|status| &status.status)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn group(policy: &serde_json::Value, status: &[(u128, &str)]) -> ServerGroup {
        let status: Vec<_> =
            status.iter().map(|(uuid, status)| json!({"uuid": Uuid::from_u128(*uuid), "status": status})).collect();
        serde_json::from_value(json!({
            "uuid": Uuid::nil(), "title": "", "labels": [], "servers": [],
            "anti_affinity": policy, "anti_affinity_status": status,
        }))
        .expect("a group")
    }

    #[test]
    fn summaries() {
        for (policy, status, expected) in [
            (json!("no"), vec![], AntiAffinitySummary::NotApplicable),
            (json!(0), vec![(1, "unmet")], AntiAffinitySummary::NotApplicable),
            (json!(null), vec![(1, "unmet")], AntiAffinitySummary::NotApplicable),
            (json!("strict"), vec![], AntiAffinitySummary::NotApplicable),
            (json!("strict"), vec![(1, "met"), (2, "met")], AntiAffinitySummary::Met),
            (json!(1), vec![(1, "met"), (2, "unmet")], AntiAffinitySummary::Unmet(vec![Uuid::from_u128(2)])),
            (json!("yes"), vec![(1, "new")], AntiAffinitySummary::Unmet(vec![Uuid::from_u128(1)])),
        ] {
            assert_eq!(group(&policy, &status).anti_affinity_summary(), expected, "{policy} {status:?}");
        }
    }

    #[test]
    fn policies() {
        for (wire, policy) in [
            (json!("strict"), AntiAffinity::Strict),
            (json!("yes"), AntiAffinity::BestEffort),
            (json!(1), AntiAffinity::BestEffort),
            (json!("no"), AntiAffinity::None),
            (json!(0), AntiAffinity::None),
            (json!(null), AntiAffinity::None),
            (json!("new"), AntiAffinity::Unknown("new".into())),
        ] {
            assert_eq!(group(&wire, &[]).policy(), policy, "{wire}");
        }
    }

    #[test]
    fn one_member() {
        let group = group(&json!("yes"), &[(1, "met"), (2, "unmet")]);
        assert_eq!(group.anti_affinity_of(Uuid::from_u128(2)), Some(&AntiAffinityState::Unmet));
        assert_eq!(group.anti_affinity_of(Uuid::from_u128(3)), None);
    }
}
