//! Starting, stopping, restarting, cancelling and deleting: what a caller can say beside which server, and how to see whether
//! it was done.

use std::{sync::Arc, time::Duration};

use uuid::Uuid;

use super::action::{Becomes, ChangesServer, server_action};
use crate::{
    call::{Behavior, Verified},
    checks,
    error::Error,
    model::{
        BackupDeletion, ServerState, StartType, StopType, TimeoutAction,
        types::{RestartServer, Server, StartServer, StopServer},
    },
    operations::{CancelServerOperationCall, DeleteServerCall, RestartServerCall, StartServerCall, StopServerCall},
    transport::Api,
};

/// Starts and restarts are answered when the server runs.
const SLOW: Duration = Duration::from_secs(300);
/// What a soft stop may take beyond its own time limit.
const MARGIN: Duration = Duration::from_secs(60);
/// What a guest has for a soft restart unless it is said.
const SOFT_RESTART: Duration = Duration::from_secs(60);

/// How a server is made to stop: for itself, before a restart, or before something else.
///
/// ```
/// use std::time::Duration;
/// use upcloud::StopMode;
/// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
/// # let fake = upcloud::fake::Fake::start().await;
/// # let upcloud = fake.client();
/// # let uuid = fake.add_server("web-1.example.net");
/// upcloud.servers().restart(uuid, StopMode::SoftThenHard(Duration::from_secs(90))).await?;
/// upcloud.servers().stop(uuid, StopMode::Hard).and_wait().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopMode {
    /// Ask the guest to power off, and leave it at that.
    Soft,
    /// Ask the guest to power off, and cut the power if it is still up after this time: whole seconds, rounded up, at least
    /// one. The documentation allows 1 to 600, the API was seen to take more.
    SoftThenHard(Duration),
    /// Cut the power.
    Hard,
}

impl StopMode {
    fn of_stop(self) -> StopServer {
        let (stop_type, timeout) = match self {
            Self::Soft => (StopType::Soft, None),
            Self::SoftThenHard(limit) => (StopType::Soft, Some(whole_seconds(limit))),
            Self::Hard => (StopType::Hard, None),
        };
        StopServer { stop_type: Some(stop_type), timeout, ..StopServer::default() }
    }

    /// A soft restart always has a time limit, as the API demands.
    fn of_restart(self) -> RestartServer {
        let (stop_type, timeout, action) = match self {
            Self::Soft => (StopType::Soft, Some(whole_seconds(SOFT_RESTART)), None),
            Self::SoftThenHard(limit) => (StopType::Soft, Some(whole_seconds(limit)), Some(TimeoutAction::Destroy)),
            Self::Hard => (StopType::Hard, None, None),
        };
        RestartServer { stop_type: Some(stop_type), timeout, timeout_action: action, ..RestartServer::default() }
    }
}

/// A time limit as the API takes it: a part of a second counts as a whole one, and none would be refused.
fn whole_seconds(limit: Duration) -> u64 {
    limit.as_secs().saturating_add(u64::from(limit.subsec_nanos() > 0)).max(1)
}

/// Looks at the state of a server; `done` says whether it shows that the action was done, `None` if it does not tell.
async fn verified(api: Api, uuid: Uuid, done: impl FnOnce(&ServerState) -> Option<bool>) -> Verified<Server> {
    let Ok(response) = api.get_server(&uuid).await else { return Verified::Unknown };
    let server = response.into_inner().server;
    if server.uuid != uuid {
        return Verified::Unknown;
    }
    match done(&server.state) {
        Some(true) => Verified::Done(server),
        Some(false) => Verified::NotDone,
        None => Verified::Unknown,
    }
}

/// The body of a call that its caller does not see.
macro_rules! field {
    ($type:ident, $member:ident) => {
        impl $type {
            /// Sends an attribute that this version of the crate does not know, as it is, beside those that it does.
            pub fn field(
                mut self,
                name: impl ::std::convert::Into<::std::string::String>,
                value: impl ::std::convert::Into<::serde_json::Value>,
            ) -> Self {
                ::std::sync::Arc::make_mut(&mut self.body).$member.extra.insert(name.into(), value.into());
                self
            }
        }
    };
}

pub(crate) use field;

impl Behavior for StartServerCall {
    const CAN_VERIFY: bool = true;

    fn check(&self) -> Result<(), Error> {
        checks::start_server(&self.body.server, "")
    }

    fn patience(&self) -> Option<Duration> {
        (self.body.server.start_type != Some(StartType::Async)).then_some(SLOW)
    }

    async fn verify(&self, api: Api) -> Verified<Server> {
        verified(api, self.uuid, |state| match state {
            ServerState::Started => Some(true),
            ServerState::Stopped => Some(false),
            _ => None,
        })
        .await
    }
}

impl ChangesServer for StartServerCall {
    const NEEDS: Option<ServerState> = Some(ServerState::Stopped);

    fn server(&self) -> Option<Uuid> {
        Some(self.uuid)
    }

    fn becomes(&self) -> Becomes {
        Becomes::State(ServerState::Started)
    }
}

field!(StartServerCall, server);
server_action!(StartServerCall => Server, when_ready);

impl StartServerCall {
    pub(super) fn to_start(connection: &crate::transport::Connection, uuid: Uuid) -> Self {
        Self::new(connection, uuid, StartServer::default())
    }

    fn change(&mut self) -> &mut StartServer {
        &mut Arc::make_mut(&mut self.body).server
    }

    /// Starts the server on this host. Only for accounts with private cloud hosts.
    pub fn host(mut self, host: i64) -> Self {
        self.change().host = Some(host);
        self
    }

    /// Starts the server on any host but this one.
    pub fn avoid_host(mut self, host: i64) -> Self {
        self.change().avoid_host = Some(host);
        self
    }

    /// Answers at once; whether the server has started is for [`and_wait`](Self::and_wait) to see.
    pub fn asynchronous(mut self) -> Self {
        self.change().start_type = Some(StartType::Async);
        self
    }
}

impl Behavior for StopServerCall {
    const CAN_VERIFY: bool = true;

    fn check(&self) -> Result<(), Error> {
        checks::stop_server(&self.body.stop_server, "")
    }

    fn patience(&self) -> Option<Duration> {
        self.body.stop_server.timeout.map(|limit| Duration::from_secs(limit).saturating_add(MARGIN))
    }

    async fn verify(&self, api: Api) -> Verified<Server> {
        let hard = self.body.stop_server.stop_type == Some(StopType::Hard);
        verified(api, self.uuid, move |state| match state {
            ServerState::Stopped => Some(true),
            // A guest that still runs may have got the signal all the same.
            ServerState::Started if hard => Some(false),
            _ => None,
        })
        .await
    }
}

impl ChangesServer for StopServerCall {
    const NEEDS: Option<ServerState> = Some(ServerState::Started);

    fn server(&self) -> Option<Uuid> {
        Some(self.uuid)
    }

    fn becomes(&self) -> Becomes {
        Becomes::State(ServerState::Stopped)
    }
}

field!(StopServerCall, stop_server);
server_action!(StopServerCall => Server, when_ready);

impl StopServerCall {
    pub(super) fn to_stop(connection: &crate::transport::Connection, uuid: Uuid, mode: StopMode) -> Self {
        Self::new(connection, uuid, mode.of_stop())
    }
}

impl Behavior for RestartServerCall {
    fn check(&self) -> Result<(), Error> {
        checks::restart_server(&self.body.restart_server, "")
    }

    fn patience(&self) -> Option<Duration> {
        let limit = self.body.restart_server.timeout.unwrap_or_default();
        Some(SLOW.saturating_add(Duration::from_secs(limit)))
    }
}

impl ChangesServer for RestartServerCall {
    const NEEDS: Option<ServerState> = Some(ServerState::Started);

    fn server(&self) -> Option<Uuid> {
        Some(self.uuid)
    }

    fn becomes(&self) -> Becomes {
        let body = &self.body.restart_server;
        let is_soft = body.stop_type == Some(StopType::Soft);
        let limit = body.timeout.filter(|_| is_soft).unwrap_or_default();
        let surely = !is_soft || body.timeout_action == Some(TimeoutAction::Destroy);
        Becomes::Restarted { begins_within: Duration::from_secs(limit), surely }
    }
}

field!(RestartServerCall, restart_server);
server_action!(RestartServerCall => Server, when_ready);

impl RestartServerCall {
    pub(super) fn to_restart(connection: &crate::transport::Connection, uuid: Uuid, mode: StopMode) -> Self {
        Self::new(connection, uuid, mode.of_restart())
    }

    /// Restarts the server on this host. Only for accounts with private cloud hosts.
    pub fn host(mut self, host: i64) -> Self {
        Arc::make_mut(&mut self.body).restart_server.host = Some(host);
        self
    }

    /// How long the guest has for a [soft](StopMode::Soft) restart before it is left as it is: whole seconds, rounded up, at
    /// least one; a minute unless told otherwise. The documentation allows 1 to 600. Without effect on the other modes.
    pub fn give_up_after(mut self, limit: Duration) -> Self {
        let body = &mut Arc::make_mut(&mut self.body).restart_server;
        if body.stop_type == Some(StopType::Soft) && body.timeout_action.is_none() {
            body.timeout = Some(whole_seconds(limit));
        }
        self
    }
}

impl Behavior for CancelServerOperationCall {}

impl Behavior for DeleteServerCall {
    fn done_by(&self, refusal: &Error) -> Option<()> {
        refusal.is_not_found().then_some(())
    }
}

impl ChangesServer for DeleteServerCall {
    const NEEDS: Option<ServerState> = Some(ServerState::Stopped);

    fn server(&self) -> Option<Uuid> {
        Some(self.uuid)
    }

    fn becomes(&self) -> Becomes {
        Becomes::Gone
    }
}

server_action!(DeleteServerCall => (), when_ready);

impl DeleteServerCall {
    /// Deletes the storages of the server as well; their backups stay.
    pub fn with_storages(mut self) -> Self {
        self.storages = Some(true);
        self.backups = None;
        self
    }

    /// Deletes the storages of the server as well, and their backups as told. The API refuses to delete backups of
    /// storages that stay, so there is no way to ask for that.
    pub fn with_storages_and_backups(mut self, backups: BackupDeletion) -> Self {
        self.storages = Some(true);
        self.backups = Some(backups);
        self
    }
}
