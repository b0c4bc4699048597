#![doc = include_str!("../README.md")]
#![cfg_attr(feature = "schemars", doc = include_str!("schema.md"))]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod catalog;
mod client;
mod credentials;
mod endpoint;
mod error;
mod error_code;
#[cfg(feature = "fake")]
#[cfg_attr(docsrs, doc(cfg(feature = "fake")))]
pub mod fake;
pub mod generated;
mod list;
mod metadata;
mod open_enum;
mod request;
mod retry;
#[cfg(feature = "schemars")]
mod schema;
mod secret;
mod server;
mod server_group;
mod shown;
mod tls;
mod transport;
mod wire;

pub use catalog::{Catalog, ListCdroms, ListPlans, ListTemplates, ListTimezones, ListZones};
pub use client::{Client, ClientBuilder};
pub use credentials::Credentials;
pub use endpoint::Endpoint;
pub use error::{Created, Error, ErrorBuilder, InvalidParam};
pub use error_code::{ErrorKind, OperationClass};
pub use generated::types::{CreateServer, ModifyServer, Server, ServerGroup, ServerSummary};
pub use generated::{
    AddressAccess, AddressFamily, AntiAffinity, AntiAffinityState, BackupDeletion, ErrorCode, NetworkType, NicModel,
    Operation, PasswordDelivery, RemoteAccessType, ServerState, StartType, StopType, StorageAccess, StorageAction,
    StorageDeviceType, StorageState, StorageTier, StorageType, TemplateType, TimeoutAction, VideoModel, types,
};
pub use list::{List, Unreadable};
pub use metadata::{MetadataClient, MetadataClientBuilder};
pub use request::{Answer, FindLost, Prepared, Request, SendsBody};
pub use retry::RetryPolicy;
pub use secret::{Exposed, Secret};
pub use server::{
    BootDevice, CancelOperation, ChangeServerLabel, ChangesServer, CreateServerCall, DeleteServer, Ensuring, GetServer,
    ListServers, ListSizes, Looks, ModifyServerCall, NeedsServer, Outcomes, Restart, RestartServer, ServerAction,
    ServerStream, Servers, SimpleBackup, StartServer, StopHow, StopServer, Wait, WaitAll, Waiting, WaitingAll,
    WaitingForDeletion,
};
pub use server_group::{
    AddServerToGroup, AntiAffinitySummary, ChangeServerGroupLabel, DeleteServerGroup, GetServerGroup, ListServerGroups,
    ListServersInGroup, ModifyServerGroupCall, RemoveServerFromGroup, ServerGroups,
};
pub use wire::Extra;
