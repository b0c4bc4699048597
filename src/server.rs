//! Servers: the operations as methods. What a request carries is in the files below this one.

mod action;
mod actions;
mod backup;
pub(crate) mod check;
mod create;
mod ensure;
mod find;
pub(crate) mod fleet;
mod labels;
mod list;
mod lost;
mod modify;
mod paging;
mod resize;
mod settings;
mod told;
pub(crate) mod wait;

use uuid::Uuid;

use crate::{
    call::Behavior,
    docs::wire_docs,
    model::types::{CreateServer, ModifyServer},
    operations::{
        CancelServerOperationCall, CreateServerCall, DeleteServerCall, GetServerCall, ListServerConfigurationsCall,
        ListServersCall, ModifyServerCall, RestartServerCall, StartServerCall, StopServerCall,
    },
    transport::Connection,
};

pub use action::ServerAction;
pub use actions::StopMode;
pub(crate) use actions::field;
pub use backup::SimpleBackup;
pub use create::Template;
pub use find::FindServers;
pub use labels::ModifyServerLabelCall;
pub(crate) use labels::{LabelChange, label_call, look};
pub use list::ServerStream;
pub use resize::{NewSize, Resize};
pub use settings::BootDevice;

/// The operations on servers, from [`Client::servers`](crate::Client::servers).
#[derive(Clone, Debug)]
pub struct Servers {
    connection: Connection,
}

impl Servers {
    pub(crate) fn new(connection: Connection) -> Self {
        Self { connection }
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
    pub fn sizes(&self) -> ListServerConfigurationsCall {
        ListServerConfigurationsCall::new(&self.connection)
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
    pub fn list(&self) -> ListServersCall {
        ListServersCall::new(&self.connection)
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
    pub fn get(&self, uuid: Uuid) -> GetServerCall {
        GetServerCall::new(&self.connection, uuid)
    }

    /// Creates a server and starts it. The answer comes before the server is ready: its state is `maintenance` until
    /// everything is set up, then `started`, which `and_wait` waits for. The answer alone has the
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
    pub fn create(&self, server: CreateServer) -> CreateServerCall {
        CreateServerCall::new(&self.connection, server.with_default_interfaces())
    }

    /// Starts a stopped server. Unless told otherwise the answer comes when the server runs, which may take minutes.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # use upcloud::ServerState;
    /// # let uuid = fake.add_server("web-1.example.net");
    /// # upcloud.servers().stop(uuid, upcloud::StopMode::Hard).await?;
    /// # upcloud.servers().wait_until(uuid, ServerState::Stopped).await?;
    /// let server = upcloud.servers().start(uuid).await?;
    /// assert_eq!(server.uuid, uuid);
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("startServer")]
    pub fn start(&self, uuid: Uuid) -> StartServerCall {
        StartServerCall::to_start(&self.connection, uuid)
    }

    /// Stops a started server, in one of three [ways](StopMode). The answer still shows `started`; the
    /// state becomes `stopped` once the server is down, which `and_wait` waits for. A server in
    /// `maintenance` refuses it, unless `when_ready` waits for the end of that.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// use std::time::Duration;
    /// use upcloud::StopMode;
    ///
    /// upcloud.servers().stop(uuid, StopMode::SoftThenHard(Duration::from_secs(60))).await?;
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("stopServer")]
    pub fn stop(&self, uuid: Uuid, mode: StopMode) -> StopServerCall {
        StopServerCall::to_stop(&self.connection, uuid, mode)
    }

    /// Stops a started server and starts it again. The answer comes before that; `and_wait` waits until
    /// it is over.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// use std::time::Duration;
    /// use upcloud::StopMode;
    ///
    /// upcloud.servers().restart(uuid, StopMode::SoftThenHard(Duration::from_secs(60))).await?;
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("restartServer")]
    pub fn restart(&self, uuid: Uuid, mode: StopMode) -> RestartServerCall {
        RestartServerCall::to_restart(&self.connection, uuid, mode)
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
    pub fn modify(&self, uuid: Uuid, changes: ModifyServer) -> ModifyServerCall {
        ModifyServerCall::new(&self.connection, uuid, changes)
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
    pub fn cancel(&self, uuid: Uuid) -> CancelServerOperationCall {
        CancelServerOperationCall::new(&self.connection, uuid)
    }

    /// Deletes a stopped server; its storages stay unless told otherwise. It may be visible for some time after the answer,
    /// and `and_wait` waits until it is not. [`ensure_deleted`](Self::ensure_deleted) stops it first.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # use upcloud::ServerState;
    /// # let uuid = fake.add_server("web-1.example.net");
    /// # upcloud.servers().stop(uuid, upcloud::StopMode::Hard).await?;
    /// # upcloud.servers().wait_until(uuid, ServerState::Stopped).await?;
    /// upcloud.servers().delete(uuid).with_storages().await?;
    /// # Ok(()) }
    /// ```
    ///
    #[doc = wire_docs!("deleteServer")]
    pub fn delete(&self, uuid: Uuid) -> DeleteServerCall {
        DeleteServerCall::new(&self.connection, uuid)
    }
}

impl Behavior for GetServerCall {}
