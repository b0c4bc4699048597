//! Starting, stopping, restarting, cancelling and deleting: what a caller can say beside which server.

use std::time::Duration;

use uuid::Uuid;

use super::state_aware::{Becomes, ChangesServer, NeedsServer};
use crate::{
    generated::{
        self, BackupDeletion, ServerState, StartType, StopType, TimeoutAction,
        types::{self, RestartServerRequest, Server, ServerResponse, StartServerRequest, StopServerRequest},
    },
    request::{Looked, Request, SendsBody, Subject, prepared},
    wire::Extra,
};

/// Starts and restarts are answered when the server runs.
const SLOW: Duration = Duration::from_secs(300);
/// What a soft stop may take beyond its own time limit.
const MARGIN: Duration = Duration::from_secs(60);

/// A time limit as the API takes it: a part of a second counts as a whole one, and none would be refused.
fn whole_seconds(limit: Duration) -> u64 {
    limit.as_secs().saturating_add(u64::from(limit.subsec_nanos() > 0)).max(1)
}

/// Looks at the state of a server; `done` says whether it shows that the action was done, `None` if it does not tell.
async fn looked(api: generated::Client, uuid: Uuid, done: impl FnOnce(&ServerState) -> Option<bool>) -> Looked<Server> {
    let Ok(response) = api.get_server(&uuid).await else { return Looked::Unknown };
    let server = response.into_inner().server;
    match done(&server.state) {
        Some(true) => Looked::Done(server),
        Some(false) => Looked::NotDone,
        None => Looked::Unknown,
    }
}

/// The request of [`Servers::start`](super::Servers::start).
#[derive(Clone, Debug)]
pub struct StartServer {
    uuid: Uuid,
    body: types::StartServer,
}

impl StartServer {
    pub(super) fn new(uuid: Uuid) -> Self {
        Self { uuid, body: types::StartServer::default() }
    }
}

prepared!(StartServer, StartServer, ServerResponse => Server,
|this, api| async move {
    let body = StartServerRequest::new(this.body);
    api.start_server(&this.uuid, &body).await
},
|body| body.server,
subject |this| Subject::server(this.uuid),
patience |this| (this.body.start_type != Some(StartType::Async)).then_some(SLOW),
look |this, api| looked(api, this.uuid, |state| match state {
    ServerState::Started => Some(true),
    ServerState::Stopped => Some(false),
    _ => None,
}));

impl NeedsServer for StartServer {}

impl ChangesServer for StartServer {
    const NEEDS: Option<ServerState> = Some(ServerState::Stopped);

    fn becomes(&self) -> Becomes {
        Becomes::State(ServerState::Started)
    }
}

impl SendsBody for StartServer {
    fn extra(&mut self) -> &mut Extra {
        &mut self.body.extra
    }
}

impl Request<StartServer> {
    /// Starts the server on this host. Only for accounts with private cloud hosts.
    pub fn host(mut self, host: i64) -> Self {
        self.prepared.body.host = Some(host);
        self
    }

    /// Starts the server on any host but this one.
    pub fn avoid_host(mut self, host: i64) -> Self {
        self.prepared.body.avoid_host = Some(host);
        self
    }

    /// Answers at once; whether the server has started is for [`wait`](super::Servers::wait) to see.
    pub fn asynchronous(mut self) -> Self {
        self.prepared.body.start_type = Some(StartType::Async);
        self
    }
}

/// The request of [`Servers::stop`](super::Servers::stop).
#[derive(Clone, Debug)]
pub struct StopServer {
    uuid: Uuid,
    body: types::StopServer,
}

impl StopServer {
    pub(super) fn new(uuid: Uuid) -> Self {
        Self { uuid, body: types::StopServer { stop_type: Some(StopType::Soft), ..types::StopServer::default() } }
    }
}

prepared!(StopServer, StopServer, ServerResponse => Server,
|this, api| async move {
    let body = StopServerRequest::new(this.body);
    api.stop_server(&this.uuid, &body).await
},
|body| body.server,
subject |this| Subject::server(this.uuid),
patience |this| this.body.timeout.map(|limit| Duration::from_secs(limit).saturating_add(MARGIN)),
look |this, api| {
    let hard = this.body.stop_type == Some(StopType::Hard);
    looked(api, this.uuid, move |state| match state {
        ServerState::Stopped => Some(true),
        // A guest that still runs may have got the signal all the same.
        ServerState::Started if hard => Some(false),
        _ => None,
    })
});

impl NeedsServer for StopServer {}

impl ChangesServer for StopServer {
    const NEEDS: Option<ServerState> = Some(ServerState::Started);

    fn becomes(&self) -> Becomes {
        Becomes::State(ServerState::Stopped)
    }
}

impl SendsBody for StopServer {
    fn extra(&mut self) -> &mut Extra {
        &mut self.body.extra
    }
}

impl Request<StopServer> {
    /// Cuts the power.
    pub fn hard(mut self) -> Self {
        self.prepared.body.stop_type = Some(StopType::Hard);
        self.prepared.body.timeout = None;
        self
    }

    /// Asks the guest to power off and cuts the power if it is still up after this time: whole seconds, rounded up, at least
    /// one. The documentation allows 1 to 600, the API was seen to take more.
    pub fn soft_then_hard(mut self, after: Duration) -> Self {
        self.prepared.body.stop_type = Some(StopType::Soft);
        self.prepared.body.timeout = Some(whole_seconds(after));
        self
    }
}

/// How a server is restarted. A soft restart always has a time limit, as the API demands.
///
/// ```
/// use std::time::Duration;
/// use upcloud::Restart;
///
/// let gently = Restart::soft(Duration::from_secs(90)).then_hard();
/// let at_once = Restart::hard();
/// # assert_ne!(gently, at_once);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "pass it to `restart`"]
pub struct Restart(types::RestartServer);

impl Restart {
    /// Cuts the power and starts the server again.
    pub fn hard() -> Self {
        Self(types::RestartServer { stop_type: Some(StopType::Hard), ..types::RestartServer::default() })
    }

    /// Asks the guest to power off and starts the server once it is down. A guest that is still up after this time (whole
    /// seconds, rounded up, at least one; the documentation allows 1 to 600) is left as it is, unless
    /// [`then_hard`](Self::then_hard) is said.
    pub fn soft(limit: Duration) -> Self {
        Self(types::RestartServer {
            stop_type: Some(StopType::Soft),
            timeout: Some(whole_seconds(limit)),
            ..types::RestartServer::default()
        })
    }

    /// Cuts the power of a guest that is still up when the time is over. Without effect on a hard restart.
    pub fn then_hard(mut self) -> Self {
        if self.0.timeout.is_some() {
            self.0.timeout_action = Some(TimeoutAction::Destroy);
        }
        self
    }
}

/// The request of [`Servers::restart`](super::Servers::restart).
#[derive(Clone, Debug)]
pub struct RestartServer {
    uuid: Uuid,
    body: types::RestartServer,
}

impl RestartServer {
    pub(super) fn new(uuid: Uuid, how: Restart) -> Self {
        Self { uuid, body: how.0 }
    }
}

prepared!(RestartServer, RestartServer, ServerResponse => Server,
    |this, api| async move {
        let body = RestartServerRequest::new(this.body);
        api.restart_server(&this.uuid, &body).await
    },
    |body| body.server,
    subject |this| Subject::server(this.uuid),
    patience |this| Some(SLOW.saturating_add(Duration::from_secs(this.body.timeout.unwrap_or_default()))));

impl NeedsServer for RestartServer {}

impl ChangesServer for RestartServer {
    const NEEDS: Option<ServerState> = Some(ServerState::Started);

    fn becomes(&self) -> Becomes {
        let is_soft = self.body.stop_type == Some(StopType::Soft);
        let limit = self.body.timeout.filter(|_| is_soft).unwrap_or_default();
        let surely = !is_soft || self.body.timeout_action == Some(TimeoutAction::Destroy);
        Becomes::Restarted { begins_within: Duration::from_secs(limit), surely }
    }
}

impl SendsBody for RestartServer {
    fn extra(&mut self) -> &mut Extra {
        &mut self.body.extra
    }
}

impl Request<RestartServer> {
    /// Restarts the server on this host. Only for accounts with private cloud hosts.
    pub fn host(mut self, host: i64) -> Self {
        self.prepared.body.host = Some(host);
        self
    }
}

/// The request of [`Servers::cancel`](super::Servers::cancel).
#[derive(Clone, Copy, Debug)]
pub struct CancelOperation {
    pub(super) uuid: Uuid,
}

prepared!(CancelOperation, CancelServerOperation, () => (),
    |this, api| async move { api.cancel_server_operation(&this.uuid).await },
    |()| (),
    subject |this| Subject::server(this.uuid));

/// The request of [`Servers::delete`](super::Servers::delete).
#[derive(Clone, Debug)]
pub struct DeleteServer {
    uuid: Uuid,
    storages: bool,
    backups: Option<BackupDeletion>,
}

impl DeleteServer {
    pub(super) fn new(uuid: Uuid) -> Self {
        Self { uuid, storages: false, backups: None }
    }
}

prepared!(DeleteServer, DeleteServer, () => (),
    |this, api| async move { api.delete_server(&this.uuid, this.backups.as_ref(), this.storages.then_some(true)).await },
    |()| (),
    subject |this| Subject::server(this.uuid),
    settled |refusal| refusal.is_not_found().then_some(()));

impl NeedsServer for DeleteServer {}

impl ChangesServer for DeleteServer {
    const NEEDS: Option<ServerState> = Some(ServerState::Stopped);

    fn becomes(&self) -> Becomes {
        Becomes::Gone
    }
}

impl Request<DeleteServer> {
    /// Deletes the storages of the server as well; their backups stay.
    pub fn with_storages(mut self) -> Self {
        self.prepared.storages = true;
        self.prepared.backups = None;
        self
    }

    /// Deletes the storages of the server as well, and their backups as told. The API refuses to delete backups of
    /// storages that stay, so there is no way to ask for that.
    pub fn with_storages_and_backups(mut self, backups: BackupDeletion) -> Self {
        self.prepared.storages = true;
        self.prepared.backups = Some(backups);
        self
    }
}
