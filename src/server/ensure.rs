//! From any state to the one that is wanted: look, wait out `maintenance`, act, wait for the result. Each can be called
//! twice, and from any state.

use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Servers, StopMode,
    action::{Action, moved},
    wait::{Observer, PollOptions, Wait},
};
use crate::{
    error::Error,
    model::{BackupDeletion, ErrorKind, types::Server},
    operations::{DeleteServerCall, GetServerCall, StartServerCall, StopServerCall},
    transport::Connection,
};

impl Servers {
    /// The server, started: waits out `maintenance`, starts a stopped server, and waits until it runs. A server that runs
    /// already is left alone, so it is safe to call twice.
    ///
    /// The start is asynchronous: its answer comes at once, and the wait tells the rest. A synchronous one would
    /// hold a connection for minutes, which any gateway on the way may cut, and then nobody knows without a poll.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get), [`start`](Self::start) and [`wait_until`](Self::wait_until); the state `error` ends it at once.
    /// Trouble of the service or the network is ridden out within the [limit](Wait::limit), but a zone that has no room
    /// ([`is_capacity`](Error::is_capacity)) is told at once.
    ///
    /// ```
    /// use upcloud::{ServerState, fake::ServerSeed};
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server(ServerSeed::new("web-1.example.net").state(ServerState::Stopped));
    /// let server = upcloud.servers().ensure_started(uuid).await?;
    /// assert_eq!(server.state, ServerState::Started);
    /// # Ok(()) }
    /// ```
    pub fn ensure_started(&self, uuid: Uuid) -> Wait<Server> {
        let start = StartServerCall::to_start(&self.connection, uuid).asynchronous();
        Wait::new(uuid, move |poll, observer| Action::ensure(start, poll, observer).run())
    }

    /// The server, stopped: waits out `maintenance`, stops a running server, and waits until it is down. A server that is
    /// down already is left alone, so it is safe to call twice.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get), [`stop`](Self::stop) and [`wait_until`](Self::wait_until); the state `error` ends it at once, and a
    /// guest that does not obey a soft stop ends it when the [limit](Wait::limit) is over. Trouble of the service or the
    /// network is ridden out within the limit.
    ///
    /// ```
    /// use std::time::Duration;
    /// use upcloud::{ServerState, StopMode};
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// let gently = StopMode::SoftThenHard(Duration::from_secs(60));
    /// let server = upcloud.servers().ensure_stopped(uuid, gently).limit(Duration::from_secs(300)).await?;
    /// assert_eq!(server.state, ServerState::Stopped);
    /// # Ok(()) }
    /// ```
    pub fn ensure_stopped(&self, uuid: Uuid, mode: StopMode) -> Wait<Server> {
        let stop = StopServerCall::to_stop(&self.connection, uuid, mode);
        Wait::new(uuid, move |poll, observer| Action::ensure(stop, poll, observer).run())
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
    /// use upcloud::types::BackupDeletion;
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// upcloud.servers().ensure_deleted(uuid, Some(BackupDeletion::Keep)).await?;
    /// upcloud.servers().ensure_deleted(uuid, None).await?;
    /// # Ok(()) }
    /// ```
    pub fn ensure_deleted(&self, uuid: Uuid, storages: Option<BackupDeletion>) -> Wait<()> {
        let deletion = Deletion { connection: self.connection.clone(), uuid, storages };
        Wait::new(uuid, move |poll, observer| deletion.run(poll, observer))
    }
}

/// A server that shall be gone.
struct Deletion {
    connection: Connection,
    uuid: Uuid,
    storages: Option<BackupDeletion>,
}

impl Deletion {
    async fn run(self, poll: PollOptions, mut observer: Observer) -> Result<(), Error> {
        // Not being there is success.
        let poll = poll.begun().without_grace();
        let mut pauses = poll.pauses(Instant::now());
        loop {
            let error = match self.stop_and_delete(poll, &mut observer).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            // Somebody else may have deleted it while this waited.
            if error.told_kind() == ErrorKind::NotFound
                || (error.is_wait_failed() && self.is_gone(pauses.deadline()).await)
            {
                return Ok(());
            }
            // Somebody else may have started it after the stop.
            if !(moved(&error) && pauses.rest(error.retry_after()).await) {
                return Err(error);
            }
        }
    }

    async fn stop_and_delete(&self, poll: PollOptions, observer: &mut Observer) -> Result<(), Error> {
        let stop = StopServerCall::to_stop(&self.connection, self.uuid, StopMode::Hard);
        let (stopped, told) = Action::ensure(stop, poll, std::mem::take(observer)).run_observed().await;
        *observer = told;
        stopped?;
        let delete = DeleteServerCall::new(&self.connection, self.uuid);
        let delete = match &self.storages {
            Some(backups) => delete.with_storages_and_backups(backups.clone()),
            None => delete,
        };
        let (deleted, told) = Action::ensure(delete, poll, std::mem::take(observer)).run_observed().await;
        *observer = told;
        deleted
    }

    async fn is_gone(&self, deadline: Instant) -> bool {
        let look = GetServerCall::new(&self.connection, self.uuid).by(deadline);
        look.await.is_err_and(|error| error.is_not_found())
    }
}
