//! Many servers at once: made, started, stopped, deleted, with a bounded number of requests at a time and one list per poll.

mod create;
mod ensure;
mod flight;
mod outcome;
mod pace;
mod settings;
mod slots;

use uuid::Uuid;

use super::{Servers, StopMode};
use crate::model::{BackupDeletion, types::CreateServer};

pub use create::CreateAll;
pub use ensure::EnsureAll;
pub use outcome::{End, Fate, Outcome, Progress};
pub use settings::Refusals;

impl Servers {
    /// Creates many servers, with a bounded number of requests at a time.
    ///
    /// What the API refuses for the moment is [waited out](CreateAll::when_refused) by all of them together; creates whose
    /// answers were lost are found again; all results are kept, in the order of the requests, however it ends. The
    /// requests are read before the first is sent.
    ///
    /// # Errors
    ///
    /// None by itself: the [`Outcome`] has an error for each request that failed, that of [`create`](Self::create) or of the
    /// wait, and [`into_result`](Outcome::into_result) makes one of all of them.
    ///
    /// ```
    /// use upcloud::{CreateServer, fleet::Refusals};
    /// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let template = upcloud::fake::NATIVE_TEMPLATE;
    /// let wanted = (1..=20).map(|number| {
    ///     CreateServer::from_template(format!("web-{number}.example.net"), "de-fra1", template).plan("1xCPU-1GB")
    /// });
    /// let outcome = upcloud
    ///     .servers()
    ///     .create_all(wanted)
    ///     .in_flight(10)
    ///     .when_refused(Refusals::wait_out_limits())
    ///     .on_progress(|progress| println!("{} of {}", progress.done, progress.total))
    ///     .stop_on(tokio::signal::ctrl_c())
    ///     .and_wait()
    ///     .await;
    /// for (request, error) in outcome.failed() {
    ///     println!("{}: {error}", request.hostname);
    /// }
    /// if !outcome.is_done() {
    ///     // All or nothing.
    ///     upcloud.servers().delete_all(outcome.uuids(), None).await.into_result()?;
    /// }
    /// assert_eq!(outcome.into_result()?.len(), 20);
    /// # Ok(()) }
    /// ```
    pub fn create_all(&self, requests: impl IntoIterator<Item = CreateServer>) -> CreateAll {
        CreateAll::new(self, requests.into_iter().collect())
    }

    /// The servers, started: what [`ensure_started`](Self::ensure_started) does for one, with one list per poll for all.
    /// Those that run already are left alone, so it is safe to call twice. A server that is named twice is in it once.
    ///
    /// # Errors
    ///
    /// None by itself, see [`create_all`](Self::create_all). For a single server they are those of [`start`](Self::start); the
    /// state `error` ends it for that server.
    ///
    /// ```
    /// use upcloud::{ServerState, fake::ServerSeed};
    /// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuids: Vec<uuid::Uuid> = (1..=3)
    /// #     .map(|n| fake.add_server(ServerSeed::new(format!("web-{n}.example.net")).state(ServerState::Stopped)))
    /// #     .collect();
    /// upcloud.servers().start_all(uuids).await.into_result()?;
    /// assert!(fake.servers().iter().all(|server| server.state == ServerState::Started));
    /// # Ok(()) }
    /// ```
    pub fn start_all(&self, uuids: impl IntoIterator<Item = Uuid>) -> EnsureAll {
        EnsureAll::to_start(self, uuids)
    }

    /// The servers, stopped in one of three [ways](StopMode): what [`ensure_stopped`](Self::ensure_stopped) does for one,
    /// with one list per poll for all. Safe to call twice. A guest that does not obey a soft stop is waited for until the
    /// [limit](EnsureAll::limit) is over. A server that is named twice is in it once.
    ///
    /// # Errors
    ///
    /// None by itself, see [`create_all`](Self::create_all). For a single server they are those of [`stop`](Self::stop); the
    /// state `error` ends it for that server.
    ///
    /// ```
    /// use std::time::Duration;
    /// use upcloud::StopMode;
    /// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuids = [fake.add_server("web-1.example.net"), fake.add_server("web-2.example.net")];
    /// let gently = StopMode::SoftThenHard(Duration::from_secs(60));
    /// upcloud.servers().stop_all(uuids, gently).await.into_result()?;
    /// # Ok(()) }
    /// ```
    pub fn stop_all(&self, uuids: impl IntoIterator<Item = Uuid>, mode: StopMode) -> EnsureAll {
        EnsureAll::to_stop(self, uuids, mode)
    }

    /// The servers, gone: stops hard those that run, deletes them, and waits until the list does not have them any more.
    /// That is two requests for a server that runs and one for a stopped one, and one list per poll for all. With `storages`
    /// the storages go as well, and their backups as told; without, they stay.
    ///
    /// A server that is not there is what was wanted, so it is safe to call twice, and after a stop or an error. For one
    /// in the state `error` the deletion is tried once, as it is. A server that is named twice is in it once.
    ///
    /// # Errors
    ///
    /// None by itself, see [`create_all`](Self::create_all). For a single server they are those of [`stop`](Self::stop) and
    /// [`delete`](Self::delete).
    ///
    /// ```
    /// use upcloud::types::BackupDeletion;
    /// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuids = [fake.add_server("web-1.example.net"), fake.add_server("web-2.example.net")];
    /// upcloud.servers().delete_all(uuids, Some(BackupDeletion::Keep)).await.into_result()?;
    /// upcloud.servers().delete_all(uuids, None).await.into_result()?;
    /// assert!(fake.servers().is_empty());
    /// # Ok(()) }
    /// ```
    pub fn delete_all(&self, uuids: impl IntoIterator<Item = Uuid>, storages: Option<BackupDeletion>) -> EnsureAll {
        EnsureAll::to_delete(self, uuids, storages)
    }
}
