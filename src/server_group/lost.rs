//! Creates of groups whose answer was lost: made recognisable before, found after.

use tokio::time::Instant;

use super::ServerGroups;
use crate::{
    Error,
    generated::{
        Operation,
        types::{CreateServerGroup, ServerGroup},
    },
    request::{FindLost, Lost, LostThing, Request, Search, TRACE_LABEL, trace},
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
    /// Finds what a create has made whose answer was lost ([`is_lost_create`](Error::is_lost_create)). `None` says that no
    /// such group appeared for [half a minute](FindLost::limit): a new one may not be visible at once.
    ///
    /// With the label that [`traceable`](Request#method.traceable) puts on it, the group is the one that carries the label,
    /// key and value; that the list was filtered is never taken on trust.
    ///
    /// Without the label it is the only group with the title, if it has the members of the request and there are any: a
    /// server is in one group only, so no older group can have them. Groups tell no time of creation, so any other group with
    /// the title ends in an error for which [`is_undecided`](Error::is_undecided) is true. `None` then says that no group
    /// has the title.
    ///
    /// # Errors
    ///
    /// When the error is not that of a lost create of a group ([`is_configuration`](Error::is_configuration)), when it
    /// cannot be decided, when the time is over before a look is, and those of [`list`](Self::list). After all but the first
    /// the create is as lost as before: look again, do not create again.
    pub fn find_lost(&self, error: &Error) -> FindLost<ServerGroup> {
        let lost = match error.lost() {
            Some(lost @ Lost { what: LostThing::Group { .. }, .. }) => Ok((Operation::CreateServerGroup, lost.clone())),
            _ => Err("the error is not that of a lost create of a server group"),
        };
        let groups = self.clone();
        FindLost::new(lost, move |lost, deadline| {
            let groups = groups.clone();
            async move { groups.look_for_lost(&lost, deadline).await }
        })
    }

    async fn look_for_lost(&self, lost: &Lost, deadline: Instant) -> Result<Search<ServerGroup>, Error> {
        let LostThing::Group { title, servers } = &lost.what else { return Ok(Search::Nothing) };
        let every = self.list().by(deadline);
        let found = match &lost.trace {
            Some(trace) => every.label(TRACE_LABEL, trace),
            None => every,
        };
        let (mut fits, mut may_fit) = (Vec::new(), Vec::new());
        for group in found.await?.complete()? {
            let has_members = !servers.is_empty()
                && group.servers.len() == servers.len()
                && servers.iter().all(|server| group.servers.contains(server));
            if lost.trace.is_some() {
                if lost.is_traced_by(&group.labels) {
                    fits.push(group);
                }
            } else if group.title == *title {
                if has_members {
                    fits.push(group);
                } else {
                    may_fit.push(group.uuid);
                }
            }
        }
        Ok(Search::among(fits, &may_fit, |group| group.uuid))
    }
}
