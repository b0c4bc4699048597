//! The crate `upcloud-api`: a trait over the part of the API that its authors need, with the document of a create in the
//! caller's hands and every answer as JSON.

use std::time::Duration;

use serde_json::{Value, json};
use upcloud_api::{BootOrder, Console, Credential, Endpoint, Options, Reply, Stop, UpCloudApi, WithStorages, connect};

use crate::{
    Access, NOBODY, TEMPLATE,
    report::{self, ensure},
};

type Client = Box<dyn UpCloudApi + Send + Sync>;

pub(crate) fn run(access: &Access) -> Result<(), String> {
    report::cannot(
        "take the base URL from UPCLOUD_DEBUG_API_BASE_URL",
        "it refuses to reach the account while the variable is set, and takes a base URL by `Endpoint::mock`",
        "mock-variable-on-an-account-run",
        Endpoint::account(),
    )?;
    let endpoint = Endpoint::mock(&access.base_url)?;
    let options = Options { call_timeout: Duration::from_secs(30), retry_transport: false, ..Options::default() };
    let client = connect(&endpoint, Credential::Token(access.token.clone()), options);

    let plans = |reply: Reply| count(&reply, "/plans/plan", 10);
    report::can("list plans", "plans", client.plans().and_then(plans))?;
    report::can("list zones", "zones", client.zones().and_then(|reply| count(&reply, "/zones/zone", 9)))?;
    let uuid = life(&client)?;

    let refused = client.start_server(&uuid).and_then(|reply| {
        ensure(reply.status == 409 && reply.error_code() == "SERVER_STATE_ILLEGAL", || format!("{reply:?}"))
    });
    report::can("read the code of an error", "Reply::error_code", refused)?;
    let missing = client.server(NOBODY).and_then(|reply| {
        ensure(reply.status == 404 && reply.error_code() == "SERVER_NOT_FOUND", || format!("{reply:?}"))
    });
    missing?;
    let stranger = connect(&endpoint, Credential::Token("ucat_stranger".to_owned()), options);
    report::cannot(
        "read the code of an error in the newer form",
        "`Reply::error_code` is empty for `application/problem+json`; the body can be looked at",
        "AUTHENTICATION_FAILED",
        stranger.servers().and_then(|reply| match reply.error_code() {
            "" if reply.status == 401 => Err(reply.text),
            code => Ok(code.to_owned()),
        }),
    )?;

    client.stop_server(&uuid, Stop::Hard).and_then(expect(200))?;
    state(&client, &uuid, "started")?;
    state(&client, &uuid, "stopped")?;
    let delete = client.delete_server(&uuid, WithStorages::AndTheirBackups).and_then(expect(204));
    report::can("delete a server with its storages", "delete_server", delete)?;
    client.servers().and_then(|reply| count(&reply, "/servers/server", 0))?;

    report::lacks(&[
        "list templates",
        "wait for a state of a server",
        "restart a server",
        "create a server group",
        "create a server group with members",
        "create a server in a group",
        "list server groups",
        "get a server group",
        "modify a server group",
        "add a server to a group",
        "list the servers of a group",
        "remove a server from a group",
        "delete a server group",
    ]);
    Ok(())
}

/// Creates a server, does to it what the client can, and leaves it running.
fn life(client: &Client) -> Result<String, String> {
    let document = json!({ "server": {
        "hostname": "api.example.net",
        "labels": { "label": [{ "key": "env", "value": "prod" }] },
        "login_user": { "create_password": "no", "ssh_keys": { "ssh_key": ["ssh-ed25519 AAAA api"] } },
        "metadata": "yes",
        "networking": { "interfaces": { "interface": [
            { "type": "public", "ip_addresses": { "ip_address": [{ "family": "IPv4" }] } },
        ] } },
        "plan": "1xCPU-2GB",
        "storage_devices": { "storage_device": [
            { "action": "clone", "storage": TEMPLATE, "size": 25, "title": "Disk", "tier": "maxiops" },
        ] },
        "title": "Made by upcloud-api",
        "zone": "fi-hel1",
    } });
    let created = client.create_server(&document).and_then(expect(202));
    let created = report::can("create a server", "create_server", created)?;
    let uuid = text(&created, "/server/uuid")?;
    state(client, &uuid, "maintenance")?;

    let listed = client.servers().and_then(|reply| count(&reply, "/servers/server", 1));
    report::can("list servers", "servers", listed)?;
    let nobody = client.servers_labelled(&[("env", "test")]).and_then(|reply| count(&reply, "/servers/server", 0));
    let labelled = client.servers_labelled(&[("env", "prod")]).and_then(|reply| {
        count(&reply, "/servers/server", 1)?;
        is(&reply, "/servers/server/0/labels/label/0/value", "prod")
    });
    report::can("list servers by label", "servers_labelled", nobody.and(labelled.clone()))?;
    report::can("label a server", "create_server", labelled)?;
    let details = client.server(&uuid).and_then(expect(200)).and_then(|reply| is(&reply, "/server/state", "started"));
    report::can("get a server", "server", details)?;

    let stopped = client.stop_server(&uuid, Stop::Soft { timeout_s: 60 }).and_then(expect(200));
    report::can("stop a server", "stop_server", stopped)?;
    state(client, &uuid, "started")?;
    state(client, &uuid, "stopped")?;
    let modified = client.modify_server_plan(&uuid, "2xCPU-4GB").and_then(expect(202));
    let modified = modified.and_then(|reply| is(&reply, "/server/core_number", "2"));
    report::can("modify a server", "modify_server_plan", modified)?;
    client.set_boot_order(&uuid, BootOrder::Cdrom).and_then(expect(202))?;
    let started = client.start_server(&uuid).and_then(expect(200));
    report::can("start a server", "start_server", started)?;
    state(client, &uuid, "started")?;

    let console = client.set_console(&uuid, Console::Vnc { password: "secret12" }).and_then(expect(202))?;
    is(&console, "/server/remote_access_enabled", "yes")?;
    let details = client.server(&uuid)?;
    is(&details, "/server/boot_order", "cdrom")?;
    is(&details, "/server/title", "Made by upcloud-api")?;
    Ok(uuid)
}

fn expect(status: u16) -> impl Fn(Reply) -> Result<Reply, String> {
    move |reply| if reply.status == status { Ok(reply) } else { Err(reply.describe_failure("the fake")) }
}

fn text(reply: &Reply, pointer: &str) -> Result<String, String> {
    let found = reply.body.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    found.ok_or_else(|| format!("{pointer} is no text in {}", reply.text))
}

fn is(reply: &Reply, pointer: &str, wanted: &str) -> Result<(), String> {
    let found = text(reply, pointer)?;
    ensure(found == wanted, || format!("{pointer} is {found} and not {wanted}"))
}

fn count(reply: &Reply, pointer: &str, wanted: usize) -> Result<(), String> {
    let found = reply.body.pointer(pointer).and_then(Value::as_array).map(Vec::len);
    ensure(found == Some(wanted), || format!("{pointer} holds {found:?} and not {wanted}: {}", reply.text))
}

fn state(client: &Client, uuid: &str, wanted: &str) -> Result<(), String> {
    is(&client.server(uuid)?, "/server/state", wanted)
}
