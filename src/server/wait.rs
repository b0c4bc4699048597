//! Waiting for what becomes of a server.

use std::{future::Future, pin::Pin, time::Duration};

use tokio::time::Instant;
use uuid::Uuid;

use super::Servers;
use crate::{
    Error,
    error::Class,
    generated::{Operation, ServerState, types::Server},
};

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const DEFAULT_LIMIT: Duration = Duration::from_secs(15 * 60);

/// A wait for one server, from [`Servers::wait`].
#[derive(Clone, Debug)]
#[must_use = "say what to wait for: `.until(state)`"]
pub struct Wait {
    servers: Servers,
    uuid: Uuid,
}

impl Wait {
    pub(super) fn new(servers: Servers, uuid: Uuid) -> Self {
        Self { servers, uuid }
    }

    /// Waits until the server is in this state. The first look is at once, further ones after growing pauses. The state
    /// `error` ends the wait at once.
    pub fn until(self, state: ServerState) -> Waiting {
        Waiting { wait: self, state, limit: DEFAULT_LIMIT, on_look: None }
    }
}

type OnLook = Box<dyn FnMut(&Server) + Send>;

/// A wait with its goal: `.await` gives the server in the state that was waited for.
#[must_use = "a wait does nothing until it is awaited"]
pub struct Waiting {
    wait: Wait,
    state: ServerState,
    limit: Duration,
    on_look: Option<OnLook>,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting")
            .field("uuid", &self.wait.uuid)
            .field("state", &self.state)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl Waiting {
    /// How long to wait, 15 minutes by default. When it is over the wait ends in an error.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Calls `look` with what every look at the server sees, for progress bars.
    pub fn on_look(mut self, look: impl FnMut(&Server) + Send + 'static) -> Self {
        self.on_look = Some(Box::new(look));
        self
    }

    async fn run(mut self) -> Result<Server, Error> {
        let begin = Instant::now();
        let mut pause = FIRST_PAUSE;
        let mut last;
        let mut looks = 0;
        loop {
            let server =
                match tokio::time::timeout_at(begin + self.limit, self.wait.servers.get(self.wait.uuid).into_future())
                    .await
                {
                    Ok(server) => server?,
                    Err(_) => return Err(self.over(None, looks, begin)),
                };
            looks += 1;
            if let Some(look) = &mut self.on_look {
                look(&server);
            }
            if server.state == self.state {
                return Ok(server);
            }
            if server.state == ServerState::Error {
                let text =
                    format!("server {} is in the state error, so it will not become {}", server.uuid, self.state);
                return Err(Error::new(Class::Wait, text)
                    .during(Some(Operation::GetServerDetails), true, begin.elapsed())
                    .after(looks));
            }
            last = server.state;
            if begin.elapsed() + pause >= self.limit {
                return Err(self.over(Some(last), looks, begin));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    fn over(&self, last: Option<ServerState>, looks: u32, begin: Instant) -> Error {
        let last = last.map_or_else(|| "was never seen".to_owned(), |state| format!("was {state} at the last look"));
        let text =
            format!("server {} did not become {} within {:?}: it {last}", self.wait.uuid, self.state, self.limit);
        Error::new(Class::Timeout, text).during(Some(Operation::GetServerDetails), true, begin.elapsed()).after(looks)
    }
}

impl IntoFuture for Waiting {
    type Output = Result<Server, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
