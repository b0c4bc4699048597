//! Servers: the operations as methods. What a request carries is in the files below this one.

mod actions;
mod backup;
pub(crate) mod check;
mod create;
mod ensure;
mod labels;
mod list;
mod lost;
mod modify;
mod paging;
mod settings;
mod state_aware;
mod told;
mod wait;

use uuid::Uuid;

use crate::{
    Client, List,
    generated::types::{CreateServer, ModifyServer, Server, ServerResponse, ServerSize, ServerSizesResponse},
    request::{Request, Subject, prepared, wire_docs},
};

pub use actions::{CancelOperation, DeleteServer, Restart, RestartServer, StartServer, StopServer};
pub use backup::SimpleBackup;
pub use create::CreateServerCall;
pub use ensure::{Ensuring, StopHow};
pub use labels::ChangeServerLabel;
pub(crate) use labels::{LabelChange, look};
pub use list::{ListServers, ServerStream};
pub use modify::ModifyServerCall;
pub use settings::BootDevice;
pub use state_aware::{ChangesServer, NeedsServer, ServerAction};
pub use wait::{Looks, Outcomes, Wait, WaitAll, Waiting, WaitingAll, WaitingForDeletion};

/// The operations on servers, from [`Client::servers`].
#[derive(Clone, Debug)]
pub struct Servers {
    client: Client,
}

impl Servers {
    pub(crate) fn new(client: &Client) -> Self {
        Self { client: client.clone() }
    }

    /// Lists the combinations of cores and memory that a server without a plan can have.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// let sizes = upcloud.servers().sizes().await?;
    /// assert!(sizes.iter().any(|size| size.core_number == 1 && size.memory_amount == 1024));
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("listServerConfigurations")]
    pub fn sizes(&self) -> Request<ListSizes> {
        Request::new(&self.client, ListSizes)
    }

    /// Lists the servers of the account with their main facts; [`get`](Self::get) tells the rest.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// for server in upcloud.servers().list().label("env", "prod").await? {
    ///     println!("{} is {}", server.hostname, server.state);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("listServers")]
    pub fn list(&self) -> Request<ListServers> {
        Request::new(&self.client, ListServers::default())
    }

    /// Tells everything about one server.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// let server = upcloud.servers().get(uuid).await?;
    /// assert_eq!(server.hostname, "web-1.example.net");
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("getServer")]
    pub fn get(&self, uuid: Uuid) -> Request<GetServer> {
        Request::new(&self.client, GetServer { uuid })
    }

    /// Creates a server and starts it. The answer comes before the server is ready: its state is `maintenance` until
    /// everything is set up, then `started`, which [`and_wait`](Request::and_wait) waits for. The answer alone has the
    /// one-time password.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// use upcloud::{CreateServer, ServerState};
    ///
    /// let template = upcloud.catalog().templates().await?[0].uuid;
    /// let server = CreateServer::from_template("web-1.example.net", "de-fra1", template)
    ///     .plan("1xCPU-1GB")
    ///     .metadata(true)
    ///     .ssh_key("ssh-ed25519 AAAA... ops");
    /// let created = upcloud.servers().create(server).await?;
    /// assert_eq!(created.state, ServerState::Maintenance);
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("createServer")]
    pub fn create(&self, server: CreateServer) -> Request<CreateServerCall> {
        Request::new(&self.client, CreateServerCall::new(server))
    }

    /// Starts a stopped server. Unless told otherwise the answer comes when the server runs, which may take minutes.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # use upcloud::ServerState;
    /// # let uuid = fake.add_server("web-1.example.net");
    /// # upcloud.servers().stop(uuid).hard().await?;
    /// # upcloud.servers().wait(uuid).until(ServerState::Stopped).await?;
    /// let server = upcloud.servers().start(uuid).await?;
    /// assert_eq!(server.uuid, uuid);
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("startServer")]
    pub fn start(&self, uuid: Uuid) -> Request<StartServer> {
        Request::new(&self.client, StartServer::new(uuid))
    }

    /// Stops a started server: softly without a time limit unless told otherwise. The answer still shows `started`; the
    /// state becomes `stopped` once the server is down, which [`and_wait`](Request::and_wait) waits for. A server in
    /// `maintenance` refuses it, unless [`when_ready`](Request::when_ready) waits for the end of that.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// use std::time::Duration;
    ///
    /// upcloud.servers().stop(uuid).soft_then_hard(Duration::from_secs(60)).await?;
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("stopServer")]
    pub fn stop(&self, uuid: Uuid) -> Request<StopServer> {
        Request::new(&self.client, StopServer::new(uuid))
    }

    /// Stops a started server and starts it again. The answer comes before that; [`and_wait`](Request::and_wait) waits until
    /// it is over.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// use std::time::Duration;
    /// use upcloud::Restart;
    ///
    /// upcloud.servers().restart(uuid, Restart::soft(Duration::from_secs(60)).then_hard()).await?;
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("restartServer")]
    pub fn restart(&self, uuid: Uuid, how: Restart) -> Request<RestartServer> {
        Request::new(&self.client, RestartServer::new(uuid, how))
    }

    /// Changes attributes of a server; whatever `changes` leaves out stays as it is. Send the full set of labels, see
    /// [`set_label`](Self::set_label) for one at a time.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// use upcloud::ModifyServer;
    ///
    /// let changes = ModifyServer::default().title("Web server one").firewall(true);
    /// let server = upcloud.servers().modify(uuid, changes).await?;
    /// assert_eq!(server.title, "Web server one");
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("modifyServer")]
    pub fn modify(&self, uuid: Uuid, changes: ModifyServer) -> Request<ModifyServerCall> {
        Request::new(&self.client, ModifyServerCall::new(uuid, changes))
    }

    /// Cancels what the platform is doing to a server in state `maintenance`, for example its creation.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// let refused = upcloud.servers().cancel(uuid).await.unwrap_err();
    /// assert!(refused.is_state(), "there is nothing to cancel");
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("cancelServerOperation")]
    pub fn cancel(&self, uuid: Uuid) -> Request<CancelOperation> {
        Request::new(&self.client, CancelOperation { uuid })
    }

    /// Deletes a stopped server; its storages stay unless told otherwise. It may be visible for some time after the answer,
    /// and [`and_wait`](Request::and_wait) waits until it is not. [`ensure_deleted`](Self::ensure_deleted) stops it first.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # use upcloud::ServerState;
    /// # let uuid = fake.add_server("web-1.example.net");
    /// # upcloud.servers().stop(uuid).hard().await?;
    /// # upcloud.servers().wait(uuid).until(ServerState::Stopped).await?;
    /// upcloud.servers().delete(uuid).with_storages().await?;
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("deleteServer")]
    pub fn delete(&self, uuid: Uuid) -> Request<DeleteServer> {
        Request::new(&self.client, DeleteServer::new(uuid))
    }

    /// Waits for what becomes of a server.
    pub fn wait(&self, uuid: Uuid) -> Wait {
        Wait::new(self.clone(), uuid)
    }

    /// Waits for what becomes of many servers, with one list call per look instead of a call for each of them.
    pub fn wait_all(&self, uuids: impl IntoIterator<Item = Uuid>) -> WaitAll {
        WaitAll::new(self.clone(), uuids)
    }
}

/// The request of [`Servers::get`].
#[derive(Clone, Copy, Debug)]
pub struct GetServer {
    uuid: Uuid,
}

prepared!(GetServer, GetServer, ServerResponse => Server,
    |this, api| async move { api.get_server(&this.uuid).await },
    |body| body.server,
    subject |this| Subject::server(this.uuid));

/// The request of [`Servers::sizes`].
#[derive(Clone, Copy, Debug)]
pub struct ListSizes;

prepared!(ListSizes, ListServerConfigurations, ServerSizesResponse => List<ServerSize>,
    |_this, api| async move { api.list_server_configurations().await },
    |body| body.server_sizes);
