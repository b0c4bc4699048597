//! Changing one label of a server: a look and a modification as one call.

use progenitor_client::{ClientHooks as _, ClientInfo as _, OperationInfo, ResponseValue};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::{
    Servers, check,
    state_aware::{Becomes, ChangesServer, NeedsServer},
};
use crate::{
    generated::{
        self, Operation,
        types::{Label, LabelInput, ModifyServer, ModifyServerRequest, Server, ServerResponse},
    },
    request::{Request, SendsBody, Sent, Subject, prepared},
    wire::Extra,
};

impl Servers {
    /// Sets one label and leaves the others as they are: reads the labels and replaces the set. Another writer between
    /// the two would be overwritten; the API has no way to prevent that. Only the new label is checked, what the server has
    /// already is sent back as it came. Labels of the platform, whose keys begin with `_`, belong to nobody else and stay.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// upcloud.servers().set_label(uuid, "env", "prod").await?;
    /// let server = upcloud.servers().remove_label(uuid, "env").await?;
    /// assert!(server.labels.is_empty());
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
    ) -> Request<ChangeServerLabel> {
        Request::new(&self.client, ChangeServerLabel::new(uuid, LabelChange::set(key, value)))
    }

    /// Removes one label and leaves the others as they are; see [`set_label`](Self::set_label).
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get) and [`modify`](Self::modify).
    pub fn remove_label(&self, uuid: Uuid, key: impl Into<String>) -> Request<ChangeServerLabel> {
        Request::new(&self.client, ChangeServerLabel::new(uuid, LabelChange::remove(key)))
    }
}

/// The request of [`Servers::set_label`] and [`Servers::remove_label`].
#[derive(Clone, Debug)]
pub struct ChangeServerLabel {
    uuid: Uuid,
    change: LabelChange,
    extra: Extra,
}

impl ChangeServerLabel {
    fn new(uuid: Uuid, change: LabelChange) -> Self {
        Self { uuid, change, extra: Extra::default() }
    }

    async fn send(self, api: generated::Client) -> Sent<ServerResponse> {
        let path = format!("/server/{}", self.uuid);
        let found: ResponseValue<ServerResponse> = look(&api, Operation::GetServer, &path, "server").await?;
        let labels = self.change.applied_to(&found.server.labels, &found.server.extra);
        let Some(labels) = labels.map_err(progenitor_client::Error::Custom)? else { return Ok(found) };
        let mut changes = ModifyServer { labels: Some(labels), ..ModifyServer::default() };
        changes.extra = self.extra;
        api.modify_server(&self.uuid, &ModifyServerRequest::new(changes)).await
    }
}

prepared!(ChangeServerLabel, ModifyServer, ServerResponse => Server,
    |this, api| ChangeServerLabel::send(this, api),
    |body| body.server,
    check |this| this.change.check(),
    subject |this| Subject::server(this.uuid));

impl SendsBody for ChangeServerLabel {
    fn extra(&mut self) -> &mut Extra {
        &mut self.extra
    }
}

impl NeedsServer for ChangeServerLabel {}

impl ChangesServer for ChangeServerLabel {
    fn becomes(&self) -> Becomes {
        Becomes::Settled
    }
}

/// Reads a thing whose labels are to be changed. An answer that does not tell them, for whatever reason, is an error: the set
/// is replaced as a whole, so labels that are not known would be removed.
pub(crate) async fn look<T: DeserializeOwned>(
    api: &generated::Client,
    operation: Operation,
    path: &str,
    outer: &str,
) -> Sent<T> {
    let request = api.client().get(format!("{}{path}", api.baseurl())).build()?;
    let response = api.exec(request, &OperationInfo { operation_id: operation.id() }).await?;
    let status = response.status();
    if !status.is_success() {
        return Err(progenitor_client::Error::UnexpectedResponse(response));
    }
    let body = response.bytes().await.map_err(progenitor_client::Error::ResponseBodyError)?;
    let read = serde_json::from_slice::<T>(&body);
    let told = serde_json::from_slice::<Value>(&body).is_ok_and(|value| {
        let labels = &value[outer]["labels"];
        labels.is_array() || labels.as_object().is_some_and(|labels| labels.values().any(Value::is_array))
    });
    match read {
        Ok(value) if told => Ok(ResponseValue::new(value, status, http::HeaderMap::new())),
        Ok(_) => Err(progenitor_client::Error::Custom(
            "the answer does not tell the labels, and replacing the set would remove them: nothing was changed"
                .to_owned(),
        )),
        Err(error) => Err(progenitor_client::Error::InvalidResponsePayload(body, error)),
    }
}

/// What becomes of one label.
#[derive(Clone, Debug)]
pub(crate) struct LabelChange {
    key: String,
    /// Nothing, if it is removed.
    value: Option<String>,
}

impl LabelChange {
    pub(crate) fn set(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self { key: key.into(), value: Some(value.into()) }
    }

    pub(crate) fn remove(key: impl Into<String>) -> Self {
        Self { key: key.into(), value: None }
    }

    pub(crate) fn check(&self) -> Result<(), crate::Error> {
        self.value.as_ref().map_or(Ok(()), |value| check::label("", &self.key, value))
    }

    /// The set to send, `None` if it is that already. An error if some labels could not be read: sending the others would
    /// remove them.
    pub(crate) fn applied_to(&self, labels: &[Label], unread: &Extra) -> Result<Option<Vec<LabelInput>>, String> {
        if unread.get("labels").is_some_and(|labels| labels != "") {
            return Err("some of the labels cannot be read, and replacing the set would remove them".to_owned());
        }
        let own = labels.iter().filter(|label| !label.key.starts_with('_'));
        let before: Vec<_> = own.map(|label| LabelInput::new(label.key.clone(), label.value.clone())).collect();
        let mut after = before.clone();
        after.retain(|label| !label.key.eq_ignore_ascii_case(&self.key));
        after.extend(self.value.iter().map(|value| LabelInput::new(self.key.clone(), value.clone())));
        Ok((after != before).then_some(after))
    }
}
