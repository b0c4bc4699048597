//! Creating a server.

use http::StatusCode;
use serde_json::Value;

use super::{
    Fake,
    answer::{Fault, Outcome},
    catalog, devices,
    input::Block,
    machine::{Machine, ServerGoal},
    placement::Wish,
    settings,
    state::{State, whole},
};
use crate::{
    ErrorCode, Secret,
    model::{ServerState, types::Server},
};

impl State {
    pub(super) fn create(&mut self, body: &Value) -> Outcome {
        let block = Block::of_body(body, "server")?;
        if self.is_full() {
            let text = format!("The fake has {} servers already, which is its limit.", Fake::MOST_SERVERS);
            return Err(Fault::because(ErrorCode::ServerResourcesUnavailable, text));
        }
        let zone = zone(block)?;
        let hostname = block.text("hostname", ErrorCode::HostnameInvalid)?.ok_or(ErrorCode::HostnameMissing)?;
        block.get("title").ok_or(ErrorCode::ServerTitleMissing)?;
        block.one_of("password_delivery", &["none", "email", "sms"], ErrorCode::PasswordDeliveryInvalid)?;
        let user_data = user_data(block)?;
        let wish = Wish { host: block.host("host")?, avoid: block.host("avoid_host")? };
        let group = devices::group(block, self)?;

        let mut view = self.blank(hostname.to_owned(), zone.to_owned());
        settings::apply(block, &mut view, ErrorCode::ServerTitleInvalid)?;
        let storage = self.devices(block, zone)?;
        let login = devices::login(block, storage.template.as_ref(), view.metadata == Some(true))?;
        self.connect(block, &mut view)?;
        let host = self.place(view.uuid, group, wish, ErrorCode::ServerResourcesUnavailableForStrictAa)?;

        self.storages.retain(|free| free.zone.is_none() || !storage.attached.contains(&free.uuid));
        view.storage_devices = storage.list;
        view.license = Some(storage.license);
        view.state = ServerState::Maintenance;
        view.progress = Some(0);
        let password = login.password.then(|| Secret::new(self.ids.password(16)));
        let uuid = view.uuid;
        let machine =
            Machine { host: Some(host), ssh_keys: login.ssh_keys, user_data: user_data.into(), ..Machine::new(view) };
        let username = Some(login.username);
        let answer = Server { password, username, server_group: group, ..machine.view.clone() };
        self.insert(machine);
        self.begin(uuid, ServerGoal::Started, None);
        if let Some(group) = group {
            self.join(uuid, group)?;
        }
        Ok(whole(StatusCode::ACCEPTED, &answer))
    }
}

fn zone(block: Block<'_>) -> Result<&str, Fault> {
    let zone = block.text("zone", ErrorCode::ZoneInvalid)?.ok_or(ErrorCode::ZoneMissing)?;
    let well_formed =
        zone.contains('-') && zone.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !well_formed {
        return Err(ErrorCode::ZoneInvalid.into());
    }
    if catalog::zone_names().any(|known| known == zone) { Ok(zone) } else { Err(ErrorCode::ZoneNotFound.into()) }
}

/// A script, or where to get one.
fn user_data(block: Block<'_>) -> Result<&str, Fault> {
    match block.text("user_data", ErrorCode::UserDataInvalid)? {
        Some(text) if text.trim().is_empty() => Err(ErrorCode::UserDataInvalid.into()),
        Some(text) if text.starts_with("http") && text.parse::<url::Url>().is_err() => {
            Err(ErrorCode::UserDataInvalid.into())
        }
        text => Ok(text.unwrap_or_default()),
    }
}
