//! From any state to the one that is wanted: look, wait out `maintenance`, act, wait for the result. Each can be called
//! twice, and from any state.

use std::{fmt, future::Future, marker::PhantomData, pin::Pin, time::Duration};

use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::{
    DeleteServer, Servers, StopServer,
    state_aware::{ServerAction, moved},
    wait::{Pace, Terms, terms_setters},
};
use crate::{
    Error, ErrorKind, Request,
    error::Class,
    generated::{BackupDeletion, types::Server},
};

/// How a server is made to stop before something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopHow {
    /// Ask the guest, and leave it at that.
    Soft,
    /// Ask the guest, and cut the power if it is still up after this time: whole seconds, rounded up, at least one.
    SoftThenHard(Duration),
    /// Cut the power.
    Hard,
}

impl Servers {
    /// The server, started: waits out `maintenance`, starts a stopped server, and waits until it runs. A server that runs
    /// already is left alone, so it is safe to call twice.
    ///
    /// The start is asynchronous: its answer comes at once, and the looks of the wait tell the rest. A synchronous one would
    /// hold a connection for minutes, which any gateway on the way may cut, and then nobody knows without a look.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get), [`start`](Self::start) and [`wait`](Self::wait); the state `error` ends it at once.
    /// Trouble of the service or the network is ridden out within the [limit](Ensuring::limit), but a zone that has no room
    /// ([`is_capacity`](Error::is_capacity)) is told at once.
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
    pub fn ensure_started(&self, uuid: Uuid) -> Ensuring<Server> {
        Ensuring::new(self, uuid, Aim::Started)
    }

    /// The server, stopped: waits out `maintenance`, stops a running server, and waits until it is down. A server that is
    /// down already is left alone, so it is safe to call twice.
    ///
    /// # Errors
    ///
    /// Those of [`get`](Self::get), [`stop`](Self::stop) and [`wait`](Self::wait); the state `error` ends it at once, and a
    /// guest that does not obey a soft stop ends it when the [limit](Ensuring::limit) is over. Trouble of the service or the
    /// network is ridden out within the limit.
    ///
    /// ```
    /// use std::time::Duration;
    /// use upcloud::{ServerState, StopHow};
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// let gently = StopHow::SoftThenHard(Duration::from_secs(60));
    /// let server = upcloud.servers().ensure_stopped(uuid, gently).limit(Duration::from_secs(300)).await?;
    /// assert_eq!(server.state, ServerState::Stopped);
    /// # Ok(()) }
    /// ```
    pub fn ensure_stopped(&self, uuid: Uuid, how: StopHow) -> Ensuring<Server> {
        Ensuring::new(self, uuid, Aim::Stopped(how))
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
    pub fn ensure_deleted(&self, uuid: Uuid, storages: Option<BackupDeletion>) -> Ensuring<()> {
        Ensuring::new(self, uuid, Aim::Deleted(storages))
    }
}

#[derive(Clone, Debug)]
enum Aim {
    Started,
    Stopped(StopHow),
    Deleted(Option<BackupDeletion>),
}

/// A state that is ensured, from [`Servers::ensure_started`], [`Servers::ensure_stopped`] and [`Servers::ensure_deleted`].
///
/// One limit holds for all of it, the actions included: no step outlives it.
#[must_use = "nothing is ensured until it is awaited"]
pub struct Ensuring<T> {
    servers: Servers,
    uuid: Uuid,
    aim: Aim,
    terms: Terms,
    gives: PhantomData<fn() -> T>,
}

impl<T> Ensuring<T> {
    fn new(servers: &Servers, uuid: Uuid, aim: Aim) -> Self {
        Self { servers: servers.clone(), uuid, aim, terms: Terms::default(), gives: PhantomData }
    }

    terms_setters!();

    fn stop(&self, how: StopHow) -> Request<StopServer> {
        let stop = self.servers.stop(self.uuid);
        match how {
            StopHow::Soft => stop,
            StopHow::SoftThenHard(after) => stop.soft_then_hard(after),
            StopHow::Hard => stop.hard(),
        }
    }

    fn deletion(&self, storages: Option<&BackupDeletion>) -> Request<DeleteServer> {
        let delete = self.servers.delete(self.uuid);
        match storages {
            Some(backups) => delete.with_storages_and_backups(backups.clone()),
            None => delete,
        }
    }

    /// `None` for a server that is gone.
    async fn run(self) -> Result<Option<Server>, Error> {
        match &self.aim {
            Aim::Started => {
                let start = self.servers.start(self.uuid).asynchronous();
                ServerAction::ensure(start, self.terms).run().await.map(Some)
            }
            Aim::Stopped(how) => ServerAction::ensure(self.stop(*how), self.terms).run().await.map(Some),
            Aim::Deleted(storages) => {
                // Not being there is success, so nothing is forgiven for not being there yet.
                let terms = Terms { grace: Duration::ZERO, ..self.terms.begun() };
                self.delete(storages.as_ref(), terms).await.map(|()| None)
            }
        }
    }

    async fn delete(&self, storages: Option<&BackupDeletion>, terms: Terms) -> Result<(), Error> {
        let mut pace = Pace::new(&terms, Instant::now());
        loop {
            let error = match self.stop_and_delete(storages, terms).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            // Somebody else may have deleted it while this waited.
            if error.told_kind() == Some(ErrorKind::NotFound)
                || (error.is_wait_failed() && self.is_gone(pace.deadline()).await)
            {
                return Ok(());
            }
            // Somebody else may have started it after the stop.
            let pause = pace.pause(error.retry_after()).filter(|_| moved(&error));
            let Some(pause) = pause else { return Err(error) };
            sleep(pause).await;
        }
    }

    async fn stop_and_delete(&self, storages: Option<&BackupDeletion>, terms: Terms) -> Result<(), Error> {
        ServerAction::ensure(self.stop(StopHow::Hard), terms).run().await?;
        ServerAction::ensure(self.deletion(storages), terms).run().await
    }

    async fn is_gone(&self, deadline: Instant) -> bool {
        self.servers.get(self.uuid).by(deadline).await.is_err_and(|error| error.is_not_found())
    }
}

impl IntoFuture for Ensuring<Server> {
    type Output = Result<Server, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.run().await?.ok_or_else(|| Error::new(Class::Wait, "a wait ended without a look")) })
    }
}

impl IntoFuture for Ensuring<()> {
    type Output = Result<(), Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.run().await.map(drop) })
    }
}

impl<T> fmt::Debug for Ensuring<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ensuring")
            .field("uuid", &self.uuid)
            .field("aim", &self.aim)
            .field("limit", &self.terms.limit)
            .finish_non_exhaustive()
    }
}
