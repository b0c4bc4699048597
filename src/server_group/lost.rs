//! Creates of groups whose answer was lost: made recognisable before, found after.

use super::ServerGroups;
use crate::{
    Error,
    generated::types::{CreateServerGroup, ServerGroup},
    request::{FindLost, Lost, LostThing, Request, TRACE_LABEL, only, trace},
};

impl Request<CreateServerGroup> {
    /// Puts a label with a value of its own on the group (`upcloud-rust-create`), so that
    /// [`find_lost`](ServerGroups::find_lost) finds it beyond doubt if the answer is lost. The label stays on the group.
    pub fn traceable(mut self) -> Self {
        trace(&mut self.prepared.labels);
        self
    }
}

impl ServerGroups {
    /// Finds what a create has made whose answer was lost ([`is_lost_create`](Error::is_lost_create)): by the label that
    /// [`traceable`](Request#method.traceable) put on it, else by title and members. Groups tell no time of creation, so
    /// without the label an older group that looks the same is found as well. `None` says that no such group appeared for
    /// [half a minute](FindLost::limit): a new one may not be visible at once.
    ///
    /// # Errors
    ///
    /// When the error is not that of a lost create of a group, when several groups fit, and those of [`list`](Self::list).
    pub fn find_lost(&self, error: &Error) -> FindLost<ServerGroup> {
        let (groups, lost) = (self.clone(), error.lost().cloned());
        FindLost::new(move || {
            let (groups, lost) = (groups.clone(), lost.clone());
            async move { groups.look_for_lost(lost).await }
        })
    }

    async fn look_for_lost(&self, create: Option<Lost>) -> Result<Option<ServerGroup>, Error> {
        let Some(Lost { trace, what: LostThing::Group { title, servers }, .. }) = create else {
            return Err(Error::configuration("the error is not that of a lost create of a server group"));
        };
        let list = self.list();
        let list = match &trace {
            Some(trace) => list.label(TRACE_LABEL, trace),
            None => list,
        };
        let mut found = list.await?.complete()?;
        if trace.is_none() {
            let same = |group: &ServerGroup| {
                group.title == title
                    && group.servers.len() == servers.len()
                    && servers.iter().all(|server| group.servers.contains(server))
            };
            found.retain(same);
        }
        only(found, |group| group.uuid)
    }
}
