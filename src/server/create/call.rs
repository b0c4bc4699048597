//! The call of a create: what is checked before it, and what finds the server if its answer is lost.

use uuid::Uuid;

use crate::{
    call::{Behavior, Resource},
    error::{Error, LostCreate},
    model::{ServerState, types::Server},
    operations::CreateServerCall,
    server::{
        action::{Becomes, ChangesServer, ServerAction, server_action},
        check,
        lost::lost_create,
    },
};

impl Behavior for CreateServerCall {
    fn check(&self) -> Result<(), Error> {
        check::create(&self.body.server)
    }

    fn lost(&self) -> Option<LostCreate> {
        Some(lost_create(self))
    }

    fn made(output: &Server) -> Option<Resource> {
        Some(("upcloud.server.uuid", output.uuid))
    }
}

impl ChangesServer for CreateServerCall {
    fn server(&self) -> Option<Uuid> {
        None
    }

    fn becomes(&self) -> Becomes {
        Becomes::State(ServerState::Started)
    }
}

server_action!(CreateServerCall => Server);

impl CreateServerCall {
    /// Waits for the storages that it clones or attaches: a create that is refused because one of them is not `online`
    /// ([`StorageStateIllegal`](crate::ErrorCode::StorageStateIllegal)) has made nothing, and is sent again after pauses until
    /// it is accepted or the [limit](ServerAction::limit) is over. Where the refusal names a state that does not pass by
    /// itself, it is the result. Any other failure is the result as ever: a create that may have made a server is not sent
    /// again.
    ///
    /// ```
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// use upcloud::CreateServer;
    ///
    /// let original = upcloud.servers().get(uuid).await?;
    /// let disk = original.storage_devices[0].storage.expect("a disk");
    /// let twin = CreateServer::clone_of("web-2.example.net", original.zone, disk);
    /// let server = upcloud.servers().create(twin).when_ready().and_wait().await?;
    /// assert_eq!(server.hostname, "web-2.example.net");
    /// # Ok(()) }
    /// ```
    pub fn when_ready(self) -> ServerAction<Server> {
        ServerAction::new(self).when_ready()
    }
}
