//! The call of a create: what is checked before it, and what finds the server if its answer is lost.

use uuid::Uuid;

use crate::{
    call::{Behavior, Resource},
    error::{Error, LostCreate},
    model::{ServerState, types::Server},
    operations::CreateServerCall,
    server::{
        action::{Becomes, ChangesServer, server_action},
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
