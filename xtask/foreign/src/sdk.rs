//! The crate `upcloud-sdk`: typed requests and answers for servers.

use std::time::Duration;

use serde_json::json;
use upcloud_sdk::{
    client::Client,
    config::Config,
    error::Error,
    resources::server::ServerOperations as _,
    types::{
        common::{LabelFilter, Labels},
        server::{
            CreateServerRequest, CreateServerStorageDevice, LoginUser, ModifyServerRequest, RestartServerRequest,
            Server, ServerState, StartServerRequest, StopServerRequest,
        },
    },
};

use crate::{
    Access, NOBODY, TEMPLATE,
    control::control,
    report::{self, ensure},
};

/// What serde says of an answer that the crate does not understand.
const PART_OF_PLAN: &str = "missing field `part_of_plan`";
/// What the fake says of a body without its outer key.
const NO_ENVELOPE: &str = "API error (400)";

pub(crate) fn run(access: &Access) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    runtime.block_on(drive(access))
}

fn client(access: &Access, password: &str) -> Result<Client, String> {
    let config = Config::new(access.username.as_str(), password).with_base_url(access.base_url.as_str());
    Client::with_config(config.with_timeout(Duration::from_secs(30))).map_err(said)
}

async fn drive(access: &Access) -> Result<(), String> {
    let client = client(access, &access.password)?;
    let uuid = created(&client).await?;
    actions(access, &client, &uuid).await?;
    errors(access, &client).await?;

    control(access, "set_state", &json!({ "uuid": uuid, "state": "stopped" }))?;
    let deleted = client.delete_server_and_storages(&uuid, false).await.map_err(said);
    report::can("delete a server with its storages", "delete_server_and_storages", deleted)?;
    let left = client.list_servers().await.map_err(said)?.server;
    ensure(left.is_empty(), || format!("{left:?}"))?;

    report::lacks(&[
        "take the base URL from UPCLOUD_DEBUG_API_BASE_URL",
        "list plans",
        "list zones",
        "list templates",
        "create a server group",
        "create a server group with members",
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

/// Creates a server, and finds it in lists because the answer to the create is not understood.
async fn created(client: &Client) -> Result<String, String> {
    let key = LoginUser::new("deploy").with_ssh_key("ssh-ed25519 AAAA sdk").with_create_password(false);
    let disk = CreateServerStorageDevice::from_template(TEMPLATE).with_size(25).with_tier("maxiops");
    let request = |group: Option<&str>| {
        let request = CreateServerRequest::new()
            .with_zone("fi-hel1")
            .with_hostname("sdk.example.net")
            .with_title("Made by upcloud-sdk")
            .with_plan("1xCPU-2GB")
            .with_metadata("yes")
            .with_labels(Labels::new().with("env", "prod"));
        match group {
            Some(group) => request.with_server_group(group.to_owned()),
            None => request,
        }
    };
    let request_alone = request(None).with_login_user(key).with_storage_device(disk).build();
    report::cannot(
        "create a server",
        "the server is made, but its answer is not understood: `part_of_plan` of a storage device is taken for required",
        PART_OF_PLAN,
        client.create_server(&request_alone).await.map_err(said),
    )?;

    let list = client.list_servers().await.map_err(said).and_then(|list| only(list.server));
    let server = report::can("list servers", "list_servers", list)?;
    let uuid = server.uuid.clone();
    let labelled = client.list_servers_by_labels(&LabelFilter::new().with("env", "prod")).await.map_err(said);
    let nobody = client.list_servers_by_labels(&LabelFilter::new().with("env", "test")).await.map_err(said)?.server;
    ensure(nobody.is_empty(), || format!("{nobody:?}"))?;
    let labelled = labelled.and_then(|list| only(list.server));
    report::can("list servers by label", "list_servers_by_labels", labelled)?;
    let labels = server.labels.unwrap_or_default().label;
    let has = labels.iter().any(|label| (label.key.as_str(), label.value.as_str()) == ("env", "prod"));
    report::can("label a server", "with_labels", ensure(has, || format!("{labels:?}")))?;

    report::cannot(
        "get a server",
        "the answer is not understood, as that of a create",
        PART_OF_PLAN,
        client.get_server(&uuid).await.map_err(said),
    )?;
    report::cannot(
        "wait for a state of a server",
        "it gets the server, which fails",
        PART_OF_PLAN,
        client
            .wait_for_server_state(&uuid, Some(&ServerState::Started), None, Duration::from_secs(30))
            .await
            .map_err(said),
    )?;

    let disk = CreateServerStorageDevice::from_template(TEMPLATE).with_size(25);
    let into_group = request(Some(NOBODY)).with_storage_device(disk).build();
    report::cannot(
        "create a server in a group",
        "the group is sent, but the answer is not understood, as that of any create",
        "GROUP_NOT_FOUND",
        client.create_server(&into_group).await.map_err(said),
    )?;
    Ok(uuid)
}

async fn actions(access: &Access, client: &Client, uuid: &str) -> Result<(), String> {
    let bare = "the request is sent without its outer key";
    let change = ModifyServerRequest {
        boot_order: None,
        core_number: None,
        memory_amount: None,
        title: Some("Changed".to_owned()),
        zone: None,
    };
    let changed = client.modify_server(uuid, &change).await.map_err(said);
    report::cannot("modify a server", bare, NO_ENVELOPE, changed)?;
    let stop = StopServerRequest { stop_type: Some("hard".to_owned()), timeout: None };
    report::cannot("stop a server", bare, NO_ENVELOPE, client.stop_server(uuid, &stop).await.map_err(said))?;
    let restart = RestartServerRequest {
        stop_type: Some("hard".to_owned()),
        timeout: Some(60),
        timeout_action: Some("destroy".to_owned()),
        host: None,
    };
    report::cannot("restart a server", bare, NO_ENVELOPE, client.restart_server(uuid, &restart).await.map_err(said))?;
    control(access, "set_state", &json!({ "uuid": uuid, "state": "stopped" }))?;
    let start = StartServerRequest { host: None, avoid_host: None };
    report::cannot("start a server", bare, NO_ENVELOPE, client.start_server(uuid, &start).await.map_err(said))
}

async fn errors(access: &Access, client: &Client) -> Result<(), String> {
    let status = |outcome: Result<String, Error>, wanted: u16| match outcome {
        Err(Error::ApiError { status, message }) if status == wanted => Err(message),
        other => Ok(format!("{other:?}")),
    };
    report::cannot(
        "read the code of an error",
        "`Error::ApiError` has the status and the text of the body",
        "SERVER_NOT_FOUND",
        status(client.get_server(NOBODY).await.map(|server| server.server.uuid), 404),
    )?;
    let stranger = self::client(access, "wrong")?;
    report::cannot(
        "read the code of an error in the newer form",
        "`Error::ApiError` has the status and the text of the body",
        "AUTHENTICATION_FAILED",
        status(stranger.list_servers().await.map(|list| format!("{list:?}")), 401),
    )
}

fn only(mut servers: Vec<Server>) -> Result<Server, String> {
    match (servers.len(), servers.pop()) {
        (1, Some(server)) if server.title == "Made by upcloud-sdk" => Ok(server),
        (count, last) => Err(format!("{count} servers, the last of them {last:?}")),
    }
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
