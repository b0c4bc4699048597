#![doc = include_str!("../README.md")]
#![cfg_attr(feature = "schemars", doc = include_str!("schema.md"))]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod call;
mod catalog;
mod checks;
mod client;
mod credentials;
mod docs;
mod endpoint;
pub mod error;
#[cfg(feature = "fake")]
#[cfg_attr(docsrs, doc(cfg(feature = "fake")))]
pub mod fake;
mod metadata;
mod model;
mod open_enum;
mod operations;
mod retry;
#[cfg(feature = "schemars")]
mod schema;
mod server;
mod server_group;
mod shown;
mod tls;
mod transport;
mod wire;

pub use catalog::Catalog;
pub use client::{Client, ClientBuilder};
pub use credentials::Credentials;
pub use error::Error;
pub use metadata::MetadataClient;
pub use model::types::{
    CreateServer, CreateServerGroup, ModifyServer, ModifyServerGroup, Server, ServerGroup, ServerSummary,
};
pub use model::{ErrorCode, ErrorKind, ServerState};
pub use retry::RetryPolicy;
pub use server::{Servers, SimpleBackup, StopMode};
pub use server_group::ServerGroups;
pub use wire::{List, Secret};

/// What requests and answers are made of: the objects and words of the description, and what is used with them.
pub mod types {
    pub use crate::{
        metadata::MetadataClientBuilder,
        model::{
            AddressAccess, AddressFamily, AntiAffinity, AntiAffinityState, BackupDeletion, ErrorCode, NetworkType,
            NicModel, PasswordDelivery, RemoteAccessType, ServerState, StartType, StopType, StorageAccess,
            StorageAction, StorageDeviceType, StorageState, StorageTier, StorageType, TemplateType, TimeoutAction,
            VideoModel, types::*,
        },
        server::{BootDevice, NewSize, Template},
        server_group::AntiAffinitySummary,
        wire::{Exposed, Extra},
    };
    pub use http::{Method, StatusCode};
    pub use uuid::Uuid;
}

/// One type for the call of each operation, with what can be said of it. The methods of [`Servers`], [`ServerGroups`] and
/// [`Catalog`] give them; `.await` makes the call.
///
/// Each is a future, and so are waits: they can be spawned, joined and raced as they are. A clone of one has not begun.
///
/// ```
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = upcloud::fake::Fake::start().await;
/// # let upcloud = fake.client();
/// # let uuids = [fake.add_server("web-1.example.net"), fake.add_server("web-2.example.net")];
/// let mut gets: tokio::task::JoinSet<_> = uuids.map(|uuid| upcloud.servers().get(uuid)).into_iter().collect();
/// while let Some(server) = gets.join_next().await {
///     println!("{}", server??.hostname);
/// }
/// # Ok(()) }
/// ```
pub mod calls {
    pub use crate::{
        call::{FindLost, Response},
        endpoint::EndpointCall,
        model::{Idempotency, Operation},
        operations::*,
        server::{FindServers, ModifyServerLabelCall, ServerStream},
        server_group::ModifyServerGroupLabelCall,
        transport::Attempt,
    };
}

/// Waits for what becomes of servers, from methods of [`Servers`] and of the [calls] that change a server.
pub mod wait {
    pub use crate::server::{
        Resize, ServerAction,
        wait::{Wait, WaitAll},
    };
}

/// Many servers at once: [`create_all`](Servers::create_all), [`start_all`](Servers::start_all),
/// [`stop_all`](Servers::stop_all) and [`delete_all`](Servers::delete_all) of [`Servers`].
///
/// | What | How |
/// | --- | --- |
/// | how many requests at a time | `in_flight`, 8 unless it is said |
/// | what the API refuses for the moment | all of them pause together, as [`Refusals`](fleet::Refusals) says |
/// | a lost answer | a create is looked for before anything is sent again; what others did is seen in the next list |
/// | how far it is | `on_progress`, and `on_made` of a create |
/// | an end before the end | `stop_on`, `stop_on_failure`, `limit` |
/// | what became of each | [`Outcome`](fleet::Outcome): no result is dropped |
/// | requests | one for each create, start, stop or delete, and one list per poll for all of them |
///
/// All of it runs within the task that awaits it. Dropping it ends it, and what was under way then may have been carried
/// out; `stop_on` ends it without that doubt. To go on beside it: `tokio::spawn(fleet.into_future())`.
pub mod fleet {
    pub use crate::server::fleet::{CreateAll, End, EnsureAll, Fate, Outcome, Progress, Refusals};
}

/// The generated client, for what the rest of the crate does not offer: one method for each operation, from
/// [`Client::generated`](crate::Client::generated).
///
/// **This module has no promise of stability.** Its client and errors are those of the generator, `progenitor`, and change
/// with it. Its calls are sent once, and its errors hold answers as they came, secrets included: log none of them.
pub mod generated {
    pub use crate::transport::api::Client;
    pub use progenitor_client::{ByteStream, ClientInfo, Error, ResponseValue};
}
