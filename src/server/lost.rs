//! Creates whose answer was lost: made recognisable before, found after.

use super::{CreateServerCall, Servers};
use crate::{
    Error,
    generated::types::Server,
    request::{FindLost, Lost, LostThing, Request, TRACE_LABEL, only, trace},
};

impl Request<CreateServerCall> {
    /// Puts a label with a value of its own on the server (`upcloud-rust-create`), so that
    /// [`find_lost`](Servers::find_lost) finds it beyond doubt if the answer is lost. The label stays on the server.
    pub fn traceable(mut self) -> Self {
        trace(&mut self.prepared.server().labels);
        self
    }
}

impl Servers {
    /// Finds what a create has made whose answer was lost ([`is_lost_create`](Error::is_lost_create)): by the label that
    /// [`traceable`](Request#method.traceable) put on it, else by its hostname and a time of creation not before the
    /// request (less a minute, for clocks that differ). `None` says that no such server appeared for
    /// [half a minute](FindLost::limit): a new one may not be visible at once.
    ///
    /// # Errors
    ///
    /// When the error is not that of a lost create of a server, when several servers fit, and those of
    /// [`list`](Self::list) and [`get`](Self::get).
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
        let (servers, lost) = (self.clone(), error.lost().cloned());
        FindLost::new(move || {
            let (servers, lost) = (servers.clone(), lost.clone());
            async move { servers.look_for_lost(lost).await }
        })
    }

    async fn look_for_lost(&self, create: Option<Lost>) -> Result<Option<Server>, Error> {
        let Some(Lost { trace, what: LostThing::Server { hostname }, since }) = create else {
            return Err(Error::configuration("the error is not that of a lost create of a server"));
        };
        let list = self.list();
        let mut list = match &trace {
            Some(trace) => list.label(TRACE_LABEL, trace),
            None => list,
        }
        .stream();
        let mut found = Vec::new();
        while let Some(server) = list.next().await {
            let server = server?;
            let young = server.created.is_some_and(|created| created >= since);
            if trace.is_some() || (server.hostname == hostname && young) {
                found.push(server.uuid);
            }
        }
        match only(found, |uuid| *uuid)? {
            Some(uuid) => self.get(uuid).await.map(Some),
            None => Ok(None),
        }
    }
}
