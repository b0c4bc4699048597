//! Changing one label of a server: a look and a modification as one call. The rules are those of server groups too.

use progenitor_client::{ClientHooks as _, ClientInfo as _, OperationInfo, ResponseValue};
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

use super::{
    Servers,
    action::{Becomes, ChangesServer, server_action},
};
use crate::{
    call::Sent,
    checks,
    error::Error,
    model::{
        Operation,
        types::{Label, LabelInput, ModifyServer, ModifyServerRequest, Server, ServerResponse},
    },
    transport::Api,
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
    pub fn set_label(&self, uuid: Uuid, key: impl Into<String>, value: impl Into<String>) -> ModifyServerLabelCall {
        ModifyServerLabelCall::new(&self.connection, uuid, LabelChange::set(key, value))
    }

    /// Removes one label and leaves the others as they are; see [`set_label`](Self::set_label).
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get) and [`modify`](Self::modify).
    pub fn remove_label(&self, uuid: Uuid, key: impl Into<String>) -> ModifyServerLabelCall {
        ModifyServerLabelCall::new(&self.connection, uuid, LabelChange::remove(key))
    }
}

/// Makes the type of a call that changes one label: its name, the operations that look and change, what the thing is called
/// on the wire and in Rust.
macro_rules! label_call {
    (
        $(#[$meta:meta])*
        $type:ident, $look:ident, $change:ident, $path:literal, $resource:literal, $member:ident,
        $modify:ident, $changes:ident, $body:ident, $response:ident => $output:ident
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        #[must_use = "a call does nothing until it is awaited"]
        pub struct $type {
            options: $crate::call::Options,
            uuid: ::uuid::Uuid,
            change: $crate::server::LabelChange,
            extra: $crate::wire::Extra,
            running: $crate::call::Running<Result<$output, $crate::Error>>,
        }

        impl $type {
            pub(super) fn new(
                connection: &$crate::transport::Connection,
                uuid: ::uuid::Uuid,
                change: $crate::server::LabelChange,
            ) -> Self {
                Self {
                    options: $crate::call::Options::new(connection),
                    uuid,
                    change,
                    extra: $crate::wire::Extra::default(),
                    running: $crate::call::Running::default(),
                }
            }

            /// Sends an attribute that this version of the crate does not know, as it is, beside the labels.
            pub fn field(mut self, name: impl Into<String>, value: impl Into<serde_json::Value>) -> Self {
                self.extra.insert(name.into(), value.into());
                self
            }
        }

        impl $crate::call::Call for $type {
            type Body = $response;
            type Output = $output;
            const OPERATION: Option<Operation> = Some(Operation::$change);

            fn options(&self) -> &$crate::call::Options {
                &self.options
            }

            fn options_mut(&mut self) -> &mut $crate::call::Options {
                &mut self.options
            }

            fn resources(&self) -> Vec<$crate::call::Resource> {
                vec![($resource, self.uuid)]
            }

            fn is_answered_by(&self, output: &$output) -> bool {
                output.uuid == self.uuid
            }

            async fn send(&self, api: $crate::transport::Api) -> $crate::call::Sent<$response> {
                let path = format!(concat!($path, "/{}"), self.uuid);
                let member = stringify!($member);
                let found: progenitor_client::ResponseValue<$response> =
                    $crate::server::look(&api, Operation::$look, &path, member).await?;
                if found.$member.uuid != self.uuid {
                    return Err(progenitor_client::Error::Custom($crate::call::ABOUT_ANOTHER.to_owned()));
                }
                let labels = self.change.applied_to(&found.$member.labels, &found.$member.extra);
                let Some(labels) = labels.map_err(progenitor_client::Error::Custom)? else { return Ok(found) };
                let changes = $changes { labels: Some(labels), extra: self.extra.clone(), ..$changes::default() };
                api.$modify(&self.uuid, &$body::new(changes)).await
            }

            fn output(body: $response) -> $output {
                body.$member
            }
        }

        impl $crate::call::Behavior for $type {
            fn check(&self) -> Result<(), $crate::error::Error> {
                self.change.check()
            }
        }

        $crate::call::call!($type => $output);
    };
}

pub(crate) use label_call;

label_call! {
    /// A call of [`Servers::set_label`] or [`Servers::remove_label`]; `.await` makes it.
    ModifyServerLabelCall, GetServer, ModifyServer, "/server", "upcloud.server.uuid", server,
    modify_server, ModifyServer, ModifyServerRequest, ServerResponse => Server
}

impl ChangesServer for ModifyServerLabelCall {
    fn server(&self) -> Option<Uuid> {
        Some(self.uuid)
    }

    fn becomes(&self) -> Becomes {
        Becomes::AtRest
    }
}

server_action!(ModifyServerLabelCall => Server, when_ready);

/// Reads a thing whose labels are to be changed. An answer that does not tell them, for whatever reason, is an error: the set
/// is replaced as a whole, so labels that are not known would be removed.
pub(crate) async fn look<T: DeserializeOwned>(api: &Api, operation: Operation, path: &str, outer: &str) -> Sent<T> {
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

    pub(crate) fn check(&self) -> Result<(), Error> {
        let Some(value) = &self.value else { return Ok(()) };
        checks::label_input(&LabelInput::new(self.key.clone(), value.clone()), "")
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
