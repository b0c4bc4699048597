//! Modifying a server.

use http::StatusCode;
use serde_json::Value;
use uuid::Uuid;

use super::{
    answer::{Fault, Outcome},
    input::Block,
    settings,
    state::{State, whole},
};
use crate::{ErrorCode, model::ServerState};

impl State {
    pub(super) fn modify(&mut self, uuid: Uuid, body: &Value) -> Outcome {
        let machine = self.machine(uuid)?;
        let block = Block::of_body(body, "server")?;
        let mut view = machine.view.clone();
        settings::apply(block, &mut view, ErrorCode::TitleInvalid)?;
        let group = block.uuid("server_group", ErrorCode::GroupInvalid)?;

        let machine = self.machine_in(uuid, &[ServerState::Started, ServerState::Stopped])?;
        let shrinks = view.core_number < machine.view.core_number || view.memory_amount < machine.view.memory_amount;
        let other_access = view.remote_access_type != machine.view.remote_access_type;
        if machine.view.state == ServerState::Started && (shrinks || other_access) {
            let text = format!("The server {uuid} must be stopped for this change, and is in state 'started'.");
            return Err(Fault::because(ErrorCode::ServerStateIllegal, text));
        }
        if let Some(group) = group.filter(|group| view.server_group != Some(*group)) {
            self.join(uuid, group)?;
            view.server_group = Some(group);
        }
        let machine = self.machine_mut(uuid)?;
        machine.view = view;
        Ok(whole(StatusCode::ACCEPTED, &machine.show()))
    }
}
