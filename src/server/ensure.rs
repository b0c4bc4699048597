//! From any state to the one that is wanted: look, wait out `maintenance`, act, wait for the result. Each can be called
//! twice, and from any state.

use std::time::Duration;

use uuid::Uuid;

use super::Servers;
use crate::{
    Error, ErrorCode,
    generated::{BackupDeletion, ServerState, types::Server},
};

/// How a server is made to stop before something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopHow {
    /// Ask the guest, and leave it at that.
    Soft,
    /// Ask the guest, and cut the power if it is still up after this time (whole seconds).
    SoftThenHard(Duration),
    /// Cut the power.
    Hard,
}

/// How often an action is tried that meets a server which has begun to move in between.
const TRIES: u32 = 8;
/// The rest before such an action is tried again; it grows with each try, to 14 seconds in all.
const REST: Duration = Duration::from_millis(500);

impl Servers {
    /// The server, started: waits out `maintenance`, starts a stopped server, and waits until it runs. A server that runs
    /// already is left alone, so it is safe to call twice.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get), [`start`](Self::start) and [`wait`](Self::wait); the state `error` ends it at once.
    ///
    /// ```
    /// use upcloud::{ServerState, fake::AddServer};
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server(AddServer::new("web-1.example.net").state(ServerState::Stopped));
    /// let server = upcloud.servers().ensure_started(uuid).await?;
    /// assert_eq!(server.state, ServerState::Started);
    /// # Ok(()) }
    /// ```
    pub async fn ensure_started(&self, uuid: Uuid) -> Result<Server, Error> {
        self.ensure(uuid, ServerState::Started, async || self.start(uuid).await.map(drop)).await
    }

    /// The server, stopped: waits out `maintenance`, stops a running server, and waits until it is down. A server that is
    /// down already is left alone, so it is safe to call twice.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get), [`stop`](Self::stop) and [`wait`](Self::wait); the state `error` ends it at once, and a
    /// guest that does not obey a soft stop ends it when the time of the wait is over.
    ///
    /// ```
    /// use upcloud::{ServerState, StopHow};
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// let server = upcloud.servers().ensure_stopped(uuid, StopHow::Hard).await?;
    /// assert_eq!(server.state, ServerState::Stopped);
    /// # Ok(()) }
    /// ```
    pub async fn ensure_stopped(&self, uuid: Uuid, how: StopHow) -> Result<Server, Error> {
        self.ensure(uuid, ServerState::Stopped, async || {
            let stop = self.stop(uuid);
            let stop = match how {
                StopHow::Soft => stop,
                StopHow::SoftThenHard(after) => stop.soft_then_hard(after),
                StopHow::Hard => stop.hard(),
            };
            stop.await.map(drop)
        })
        .await
    }

    /// The server, gone: stops it hard if it runs, deletes it, and waits until it is not found any more. A server that is
    /// not there is what was wanted, so it is safe to call twice. With `storages` its storages go as well, and their
    /// backups as told; without, they stay.
    ///
    /// # Errors
    ///
    /// Those of [`ensure_stopped`](Self::ensure_stopped) and [`delete`](Self::delete).
    ///
    /// ```
    /// use upcloud::BackupDeletion;
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// upcloud.servers().ensure_deleted(uuid, Some(BackupDeletion::Keep)).await?;
    /// upcloud.servers().ensure_deleted(uuid, None).await?;
    /// # Ok(()) }
    /// ```
    pub async fn ensure_deleted(&self, uuid: Uuid, storages: Option<BackupDeletion>) -> Result<(), Error> {
        for attempt in 1.. {
            match self.ensure_stopped(uuid, StopHow::Hard).await {
                Ok(_) => {}
                Err(error) if error.is_not_found() => return Ok(()),
                // Somebody else may have deleted it while this waited for the stop.
                Err(error) if error.is_wait_failed() && self.is_gone(uuid).await => return Ok(()),
                Err(error) => return Err(error),
            }
            let delete = self.delete(uuid);
            let delete = match &storages {
                Some(backups) => delete.with_storages_and_backups(backups.clone()),
                None => delete,
            };
            match delete.await {
                Ok(()) => break,
                Err(error) if error.is_not_found() => return Ok(()),
                Err(error) if attempt < TRIES && moved(&error) => tokio::time::sleep(REST * attempt).await,
                Err(error) => return Err(error),
            }
        }
        self.wait(uuid).until_deleted().await
    }

    async fn is_gone(&self, uuid: Uuid) -> bool {
        self.get(uuid).await.is_err_and(|error| error.is_not_found())
    }

    async fn ensure(
        &self,
        uuid: Uuid,
        wanted: ServerState,
        act: impl AsyncFn() -> Result<(), Error>,
    ) -> Result<Server, Error> {
        let mut attempt = 1;
        loop {
            let mut server = self.get(uuid).await?;
            if server.state == ServerState::Maintenance {
                server = self.wait(uuid).until_not(ServerState::Maintenance).await?;
            }
            if server.state == wanted {
                return Ok(server);
            }
            if server.state == ServerState::Error {
                // The wait says it in the words of all waits, and keeps the look.
                return self.wait(uuid).until(wanted).await;
            }
            match act().await {
                Ok(()) => return self.wait(uuid).until(wanted).await,
                Err(error) if attempt < TRIES && moved(&error) => {
                    tokio::time::sleep(REST * attempt).await;
                    attempt += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// Whether the server, or one of its storages, was in another state than it had just been seen in.
fn moved(error: &Error) -> bool {
    matches!(error.code(), Some(ErrorCode::ServerStateIllegal | ErrorCode::StorageStateIllegal))
}
