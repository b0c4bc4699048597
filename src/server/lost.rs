//! Creates whose answer was lost: made recognisable before, found after.

use tokio::time::Instant;

use super::Servers;
use crate::{
    call::{FindLost, Search, trace},
    error::{Age, Error, ErrorBuilder, LostCreate, TRACE_LABEL},
    model::{Operation, types::Server},
    operations::CreateServerCall,
};

/// What tells a server that was to be made from others.
#[derive(Debug)]
struct Sought {
    hostname: String,
}

/// What finds the server of this create.
pub(super) fn lost_create(call: &CreateServerCall) -> LostCreate {
    let server = &call.body.server;
    LostCreate::new(Operation::CreateServer, server.labels.as_ref(), Sought { hostname: server.hostname.clone() })
}

impl ErrorBuilder {
    /// A create of a server whose answer did not come.
    pub fn lost_create(hostname: impl Into<String>) -> Self {
        Self::losing(LostCreate::new(Operation::CreateServer, None, Sought { hostname: hostname.into() }))
    }
}

impl CreateServerCall {
    /// Puts a label with a value of its own on the server (`upcloud-rust-create`), so that
    /// [`find_lost`](Servers::find_lost) finds it beyond doubt if the answer is lost. The label stays on the server.
    pub fn traceable(mut self) -> Self {
        trace(&mut std::sync::Arc::make_mut(&mut self.body).server.labels);
        self
    }
}

impl Servers {
    /// Finds what a create has made whose answer was lost ([`is_lost_create`](Error::is_lost_create)). `None` says that no
    /// such server appeared for [half a minute](FindLost::limit): a new one may not be visible at once.
    ///
    /// With the label that [`traceable`](CreateServerCall::traceable) puts on it, the server is the one that carries the label,
    /// key and value; that the list was filtered is never taken on trust.
    ///
    /// Without the label it is the only server with the hostname that was made after the request was sent, by the clock of
    /// the service: its header `Date` against the time of creation, never the clock of this machine. `None` then says that
    /// no server has the hostname, or only ones that are older by more than a quarter of an hour. Anything in between, and
    /// any such server where the answers have no `Date`, ends in an error for which
    /// [`is_undecided`](Error::is_undecided) is true. So a create that may have to be found is better made traceable.
    ///
    /// # Errors
    ///
    /// When the error is not that of a lost create of a server ([`is_configuration`](Error::is_configuration)), when it
    /// cannot be decided, when the time is over before a poll is, and those of [`list`](Self::list) and [`get`](Self::get).
    /// After all but the first the create is as lost as before: look again, do not create again.
    ///
    /// ```no_run
    /// # async fn example(upcloud: upcloud::Client, server: upcloud::CreateServer) -> Result<(), upcloud::Error> {
    /// let server = match upcloud.servers().create(server).traceable().await {
    ///     Err(error) if error.is_lost_create() => upcloud.servers().find_lost(&error).await?.ok_or(error)?,
    ///     other => other?,
    /// };
    /// # drop(server); Ok(()) }
    /// ```
    pub fn find_lost(&self, error: &Error) -> FindLost<Server> {
        let lost = match error.lost() {
            Some(lost) if lost.sought::<Sought>().is_some() => Ok(lost.clone()),
            _ => Err("the error is not that of a lost create of a server"),
        };
        let servers = self.clone();
        FindLost::new(lost, move |lost, deadline| {
            let servers = servers.clone();
            async move { servers.look_for_lost(&lost, deadline).await }
        })
    }

    async fn look_for_lost(&self, lost: &LostCreate, deadline: Instant) -> Result<Search<Server>, Error> {
        let Some(Sought { hostname }) = lost.sought() else { return Ok(Search::Nothing) };
        let call = self.list().by(deadline);
        let mut servers = match &lost.trace {
            Some(trace) => call.label(TRACE_LABEL, trace),
            None => call,
        }
        .stream();
        let (mut fits, mut may_fit, mut unlabelled) = (Vec::new(), Vec::new(), Vec::new());
        let mut unreadable = None;
        while let Some(server) = servers.next().await {
            let server = match server {
                Ok(server) => server,
                // What cannot be read may be what is looked for; a label that fits beside it decides all the same.
                Err(error) if error.is_element() => {
                    unreadable.get_or_insert(error);
                    continue;
                }
                Err(error) => return Err(error),
            };
            // An answer that tells no name does not say that it is another.
            let is_named_so = server.hostname.is_empty() || server.hostname.eq_ignore_ascii_case(hostname);
            if lost.trace.is_some() {
                if lost.is_traced_by(&server.labels) {
                    fits.push(server.uuid);
                } else if is_named_so && server.labels.is_empty() {
                    unlabelled.push(server.uuid);
                }
            } else if is_named_so {
                match lost.age(server.created, servers.date()) {
                    Age::Younger => fits.push(server.uuid),
                    Age::Unknown => may_fit.push(server.uuid),
                    Age::Older => {}
                }
            }
        }
        // A list that shows no labels says nothing about them.
        for uuid in unlabelled {
            match self.get(uuid).by(deadline).await {
                Ok(server) if lost.is_traced_by(&server.labels) => fits.push(uuid),
                Ok(_) => {}
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
        }
        let uuid = match Search::among(fits, &may_fit, |uuid| *uuid) {
            Search::Found(uuid) => uuid,
            Search::Nothing => return unreadable.map_or(Ok(Search::Nothing), Err),
            Search::Undecided(text) => return Ok(Search::Undecided(text)),
        };
        match self.get(uuid).by(deadline).await {
            Ok(server) if server.uuid == uuid => Ok(Search::Found(server)),
            Err(error) if !error.is_not_found() => Err(error),
            _ => Ok(Search::Undecided(format!(
                "server {uuid} looks like what the lost create has made, and has no details"
            ))),
        }
    }
}
