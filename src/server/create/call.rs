//! The create as a request: its body is made once, and shared by its attempts.

use std::sync::Arc;

use crate::{
    generated::types::{CreateServer, CreateServerRequest, Server, ServerResponse},
    request::{Lost, LostThing, SendsBody, prepared},
    server::check,
    wire::Extra,
};

/// The request of [`Servers::create`](crate::Servers::create).
#[derive(Clone, Debug)]
pub struct CreateServerCall {
    body: Arc<CreateServerRequest>,
}

impl CreateServerCall {
    pub(in crate::server) fn new(server: CreateServer) -> Self {
        Self { body: Arc::new(CreateServerRequest::new(server.with_default_interfaces())) }
    }

    pub(in crate::server) fn server(&mut self) -> &mut CreateServer {
        &mut Arc::make_mut(&mut self.body).server
    }
}

prepared!(CreateServerCall, CreateServer, ServerResponse => Server,
|this, api| async move { api.create_server(&this.body).await },
|body| body.server,
check |this| check::create(&this.body.server),
lost |this| {
    let server = &this.body.server;
    Lost::new(server.labels.as_ref(), LostThing::Server { hostname: server.hostname.clone() })
});

impl SendsBody for CreateServerCall {
    fn extra(&mut self) -> &mut Extra {
        &mut self.server().extra
    }
}
