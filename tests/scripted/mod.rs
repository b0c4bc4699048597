//! A server that answers every operation with the example of the description, or with an error on demand, and remembers
//! what it was asked; and of each operation one call through the hand layer, with the request that the documentation shows for
//! it. A new operation has its row and its call here, and in no other table of the tests.

#![allow(dead_code, reason = "each test file uses a part")]

use std::{
    future::Future,
    net::IpAddr,
    pin::Pin,
    sync::{Arc, LazyLock, Mutex, OnceLock},
    time::Duration,
};

use httpmock::{HttpMockRequest, HttpMockResponse, MockServer};
use serde_json::{Value, json};
use upcloud::{
    Client, CreateServer, Error, MetadataClient, ModifyServer, SimpleBackup, StopMode,
    calls::Operation,
    types::{
        AddressFamily, AntiAffinity, BackupDeletion, BootDevice, CreateInterface, CreateIpAddress, CreateServerGroup,
        CreateStorageDevice, LoginUser, ModifyServerGroup, NicModel, PasswordDelivery, RemoteAccessType,
        StorageDeviceType, StorageTier, VideoModel,
    },
};
use uuid::{Uuid, uuid};

/// The server that all calls are about.
pub const SERVER: Uuid = uuid!("00c4f3ab-7d5c-4b4e-9a8b-0d6f1f2e3a4b");
/// Another one.
pub const OTHER: Uuid = uuid!("005d1b7e-2f4a-4c83-8d1e-6b7a8c9d0e1f");
/// The group that all calls are about.
pub const GROUP: Uuid = uuid!("0b9c1e52-3f0d-4a59-8a35-5d8f7b1e2c64");
const TEMPLATE: Uuid = uuid!("01000000-0000-4000-8000-000030240200");
const NETWORK: Uuid = uuid!("03a9d0c4-51e7-4c55-b2bb-1c2f7e0f9d11");
const HOST: i64 = 5_302_410_115;

/// The description as JSON.
pub static SPEC: LazyLock<Value> = LazyLock::new(|| {
    let text = std::fs::read_to_string("openapi.yaml").expect("openapi.yaml beside Cargo.toml");
    yaml_serde::from_str(&text).expect("YAML")
});

/// The object of an operation in the description.
pub fn described(operation: Operation) -> &'static Value {
    let method = operation.method().to_ascii_lowercase();
    &SPEC["paths"][operation.path()][method]
}

/// The named example behind a media type.
pub fn example(media: &Value) -> Option<&'static Value> {
    let reference = media["examples"].as_object()?.values().next()?["$ref"].as_str()?;
    Some(&SPEC.pointer(reference.strip_prefix('#')?)?["value"])
}

/// Status, content type and body.
#[derive(Clone, Debug)]
pub struct Reply(pub u16, pub &'static str, pub String);

impl Reply {
    /// The success that the description shows for the operation.
    pub fn success(operation: Operation) -> Self {
        let responses = described(operation)["responses"].as_object().expect("responses");
        let (status, response) = responses.iter().find(|(status, _)| status.starts_with('2')).expect("a success");
        let status = status.parse().expect("a status");
        if let Some(body) = example(&response["content"]["application/json"]) {
            return Self(status, "application/json; charset=UTF-8", body.to_string());
        }
        let text = example(&response["content"]["text/plain"]).and_then(Value::as_str).unwrap_or_default();
        Self(status, "text/plain", text.to_owned())
    }

    /// The error body of the endpoints of this chapter.
    pub fn error(status: u16, code: &str) -> Self {
        let body = json!({"error": {"error_code": code, "error_message": format!("about {code}")}});
        Self(status, "application/json; charset=UTF-8", body.to_string())
    }

    /// The error body of newer endpoints.
    pub fn problem(status: u16, code: &str) -> Self {
        let body = json!({
            "type": format!("https://developers.upcloud.com/1.3/errors#ERROR_{code}"),
            "title": format!("about {code}"), "status": status, "correlation_id": "01JTEST",
        });
        Self(status, "application/problem+json", body.to_string())
    }
}

/// What the server was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub body: Option<Value>,
    pub authorization: Option<String>,
}

/// A server whose next answer is set by the test.
pub struct Scripted {
    server: MockServer,
    reply: Arc<Mutex<Reply>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    // A client is not cheap to make.
    client: OnceLock<Client>,
    metadata: OnceLock<MetadataClient>,
}

impl Scripted {
    pub async fn start() -> Self {
        let server = MockServer::start_async().await;
        let reply = Arc::new(Mutex::new(Reply(500, "text/plain", "nothing is set".into())));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (next, seen) = (Arc::clone(&reply), Arc::clone(&asked));
        server
            .mock_async(move |when, then| {
                when.any_request();
                then.respond_with(move |request: &HttpMockRequest| {
                    // What the client of the metadata service asks first of all, whatever it is asked for.
                    if request.uri().path() == "/metadata/v1/cloud_name" {
                        return HttpMockResponse::builder().status(200).body("upcloud").build();
                    }
                    seen.lock().expect("a lock").push(Asked {
                        method: request.method_str().to_owned(),
                        path: request.uri().path().to_owned(),
                        query: request.query_params(),
                        body: serde_json::from_slice(request.body_ref()).ok(),
                        authorization: request
                            .headers_vec()
                            .iter()
                            .find(|(name, _)| name.eq_ignore_ascii_case("authorization"))
                            .map(|(_, value)| value.clone()),
                    });
                    let Reply(status, content_type, body) = next.lock().expect("a lock").clone();
                    HttpMockResponse::builder().status(status).header("content-type", content_type).body(body).build()
                });
            })
            .await;
        Self { server, reply, asked, client: OnceLock::new(), metadata: OnceLock::new() }
    }

    pub fn answer(&self, reply: Reply) {
        *self.reply.lock().expect("a lock") = reply;
    }

    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    pub fn client(&self) -> Client {
        let build = || {
            let builder = Client::builder().token("ucat_test").retry(upcloud::RetryPolicy::off());
            builder.base_url(self.base_url()).build().expect("a client")
        };
        self.client.get_or_init(build).clone()
    }

    pub fn metadata(&self) -> MetadataClient {
        let builder = || MetadataClient::builder().base_url(self.base_url()).attempts(1);
        self.metadata.get_or_init(|| builder().build().expect("a client")).clone()
    }

    /// What was asked since the last time.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.asked.lock().expect("a lock"))
    }

    /// One call of the operation through the hand layer; the answer is thrown away once it is understood.
    pub fn call(&self, operation: Operation) -> Pin<Box<dyn Future<Output = Result<(), Error>>>> {
        macro_rules! call {
            ($request:expr) => {{
                let request = $request;
                Box::pin(async move { request.await.map(drop) })
            }};
        }
        let (upcloud, metadata) = (self.client(), self.metadata());
        let (servers, groups, catalog) = (upcloud.servers(), upcloud.server_groups(), upcloud.catalog());
        match operation {
            Operation::ListServerConfigurations => call!(servers.sizes()),
            Operation::ListServers => {
                call!(servers.list().label("env", "prod & test").label_key("team").limit(50).offset(100))
            }
            Operation::GetServer => call!(servers.get(SERVER)),
            Operation::CreateServer => call!(servers.create(new_server())),
            Operation::StartServer => call!(servers.start(SERVER).host(HOST).avoid_host(5_302_410_371).asynchronous()),
            Operation::StopServer => call!(servers.stop(SERVER, StopMode::SoftThenHard(Duration::from_secs(90)))),
            Operation::RestartServer => {
                call!(servers.restart(SERVER, StopMode::SoftThenHard(Duration::from_secs(90))).host(HOST))
            }
            Operation::ModifyServer => call!(servers.modify(SERVER, changed_server())),
            Operation::CancelServerOperation => call!(servers.cancel(SERVER)),
            Operation::DeleteServer => {
                call!(servers.delete(SERVER).with_storages_and_backups(BackupDeletion::KeepLatest))
            }
            Operation::ListServerGroups => call!(groups.list().label("team", "payments").label_key("canary")),
            Operation::GetServerGroup => call!(groups.get(GROUP)),
            Operation::ListServersInGroup => call!(groups.servers(GROUP)),
            Operation::CreateServerGroup => call!(
                groups.create(
                    CreateServerGroup::titled("Payment servers")
                        .anti_affinity(AntiAffinity::BestEffort)
                        .label("team", "payments")
                        .servers([SERVER, OTHER])
                )
            ),
            Operation::ModifyServerGroup => call!(
                groups.modify(
                    GROUP,
                    ModifyServerGroup::default()
                        .title("Payment servers, strict")
                        .anti_affinity(AntiAffinity::Strict)
                        .label("team", "payments")
                        .servers([SERVER])
                )
            ),
            Operation::DeleteServerGroup => call!(groups.delete(GROUP)),
            Operation::AddServerToGroup => call!(groups.add_server(GROUP, OTHER)),
            Operation::RemoveServerFromGroup => call!(groups.remove_server(GROUP, SERVER)),
            Operation::ListStorageTemplates => call!(catalog.templates()),
            Operation::ListStorageCdroms => call!(catalog.cdroms()),
            Operation::ListPlans => call!(catalog.plans()),
            Operation::ListZones => call!(catalog.zones()),
            Operation::ListTimezones => call!(catalog.timezones()),
            Operation::GetMetadata => Box::pin(async move { metadata.get().await.map(drop) }),
            Operation::ListMetadataFields => Box::pin(async move { metadata.folder("").await.map(drop) }),
            Operation::GetMetadataField => {
                Box::pin(async move { metadata.field("storage/disks/1/tier").await.map(drop) })
            }
            other => panic!("{other} has no call here: add one"),
        }
    }
}

/// Operation, method, path, query, and the name of the example that is the body.
pub type Shown = (Operation, &'static str, &'static str, &'static [(&'static str, &'static str)], Option<&'static str>);

/// What the documentation shows for each operation: method, path, query. The body is the one of the description's
/// example, which `tests/spec.rs` holds against the schema.
#[rustfmt::skip]
pub const SHOWN: &[Shown] = &[
    (Operation::ListServerConfigurations, "GET", "/1.3/server_size", &[], None),
    (Operation::ListServers, "GET", "/1.3/server", &[("label", "env=prod & test"), ("label", "team"), ("limit", "50"), ("offset", "100")], None),
    (Operation::CreateServer, "POST", "/1.3/server", &[], Some("CreateFromTemplate")),
    (Operation::GetServer, "GET", "/1.3/server/00c4f3ab-7d5c-4b4e-9a8b-0d6f1f2e3a4b", &[], None),
    (Operation::StartServer, "POST", "/1.3/server/00c4f3ab-7d5c-4b4e-9a8b-0d6f1f2e3a4b/start", &[], Some("StartOnHost")),
    (Operation::StopServer, "POST", "/1.3/server/00c4f3ab-7d5c-4b4e-9a8b-0d6f1f2e3a4b/stop", &[], Some("Stop")),
    (Operation::RestartServer, "POST", "/1.3/server/00c4f3ab-7d5c-4b4e-9a8b-0d6f1f2e3a4b/restart", &[], Some("RestartOnHost")),
    (Operation::ModifyServer, "PUT", "/1.3/server/00c4f3ab-7d5c-4b4e-9a8b-0d6f1f2e3a4b", &[], Some("Modify")),
    (Operation::CancelServerOperation, "POST", "/1.3/server/00c4f3ab-7d5c-4b4e-9a8b-0d6f1f2e3a4b/cancel", &[], None),
    (Operation::DeleteServer, "DELETE", "/1.3/server/00c4f3ab-7d5c-4b4e-9a8b-0d6f1f2e3a4b", &[("backups", "keep_latest"), ("storages", "true")], None),
    (Operation::ListServerGroups, "GET", "/1.3/server-group", &[("label", "team=payments"), ("label", "canary")], None),
    (Operation::GetServerGroup, "GET", "/1.3/server-group/0b9c1e52-3f0d-4a59-8a35-5d8f7b1e2c64", &[], None),
    (Operation::ListServersInGroup, "GET", "/1.3/server-group/0b9c1e52-3f0d-4a59-8a35-5d8f7b1e2c64/servers", &[], None),
    (Operation::CreateServerGroup, "POST", "/1.3/server-group", &[], Some("CreateGroup")),
    (Operation::ModifyServerGroup, "PATCH", "/1.3/server-group/0b9c1e52-3f0d-4a59-8a35-5d8f7b1e2c64", &[], Some("ModifyGroup")),
    (Operation::DeleteServerGroup, "DELETE", "/1.3/server-group/0b9c1e52-3f0d-4a59-8a35-5d8f7b1e2c64", &[], None),
    (Operation::AddServerToGroup, "POST", "/1.3/server-group/0b9c1e52-3f0d-4a59-8a35-5d8f7b1e2c64/servers", &[], Some("AddServer")),
    (Operation::RemoveServerFromGroup, "DELETE", "/1.3/server-group/0b9c1e52-3f0d-4a59-8a35-5d8f7b1e2c64/servers/00c4f3ab-7d5c-4b4e-9a8b-0d6f1f2e3a4b", &[], None),
    (Operation::ListStorageTemplates, "GET", "/1.3/storage/template", &[], None),
    (Operation::ListStorageCdroms, "GET", "/1.3/storage/cdrom", &[], None),
    (Operation::ListPlans, "GET", "/1.3/plan", &[], None),
    (Operation::ListZones, "GET", "/1.3/zone", &[], None),
    (Operation::ListTimezones, "GET", "/1.3/timezone", &[], None),
    (Operation::GetMetadata, "GET", "/metadata/v1.json", &[], None),
    (Operation::ListMetadataFields, "GET", "/metadata/v1/", &[], None),
    (Operation::GetMetadataField, "GET", "/metadata/v1/storage/disks/1/tier", &[], None),
];

/// Every attribute that goes with a template, as the example `CreateFromTemplate` of the description has it.
fn new_server() -> CreateServer {
    let address = |text: &str| text.parse::<IpAddr>().expect("an address");
    CreateServer::with_storage_devices(
        "app-1.example.net",
        "de-fra1",
        [CreateStorageDevice::clone_of(TEMPLATE)
            .title("System disk of app-1")
            .size(40)
            .tier(StorageTier::Maxiops)
            .device_type(StorageDeviceType::Disk)
            .address("virtio:0")
            .boot_disk(true)
            .encrypted(true)
            .label("team", "payments")],
    )
    .title("Application server one")
    .label("team", "payments")
    .label("canary", "second")
    .plan("4xCPU-8GB")
    .cores_and_memory(4, 8192)
    .server_group(GROUP)
    .boot_order([BootDevice::Disk])
    .firewall(true)
    .metadata(true)
    .nic_model(NicModel::Virtio)
    .video_model(VideoModel::Vga)
    .password_delivery(PasswordDelivery::None)
    .timezone("Europe/Berlin")
    .simple_backup(SimpleBackup::weeklies(2, 15).expect("a time"))
    .user_data("#!/bin/sh\necho ready > /etc/motd\n")
    .remote_access(true)
    .remote_access_type(RemoteAccessType::Vnc)
    .remote_access_password("Zx81qL0m")
    .interface(CreateInterface::public(AddressFamily::IPv4).index(1).bootable(false))
    .interface(CreateInterface::utility())
    .interface(CreateInterface::public(AddressFamily::IPv6))
    .interface(
        CreateInterface::private(NETWORK)
            .source_ip_filtering(false)
            .ip(CreateIpAddress::at(address("10.20.30.40")).dhcp_provided(true))
            .ip(CreateIpAddress::at(address("10.20.30.41"))),
    )
    .login_user(
        LoginUser::default()
            .username("deploy")
            .password(false)
            .ssh_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLE ops"),
    )
}

/// Every attribute that can be changed, as the example `Modify` of the description has it.
fn changed_server() -> ModifyServer {
    ModifyServer::default()
        .title("Application server one, larger")
        .hostname("app-1.example.net")
        .plan("custom")
        .cores_and_memory(6, 12288)
        .labels([("team", "payments")])
        .server_group(GROUP)
        .boot_order([BootDevice::Cdrom, BootDevice::Disk])
        .firewall(false)
        .metadata(true)
        .nic_model(NicModel::Virtio)
        .video_model(VideoModel::Cirrus)
        .timezone("Europe/Berlin")
        .simple_backup(SimpleBackup::off())
        .remote_access(true)
        .remote_access_type(RemoteAccessType::Vnc)
        .remote_access_password("Zx81qL0m")
}
