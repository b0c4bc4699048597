//! Creates of groups whose answer was lost: made recognisable before, found after.

use tokio::time::Instant;

use uuid::Uuid;

use super::ServerGroups;
use crate::{
    call::{FindLost, Search, trace},
    error::{Error, LostCreate, TRACE_LABEL},
    model::{Operation, types::ServerGroup},
    operations::CreateServerGroupCall,
};

/// What tells a group that was to be made from others.
#[derive(Debug)]
struct Sought {
    title: String,
    servers: Vec<Uuid>,
}

/// What finds the group of this create.
pub(super) fn lost_create(call: &CreateServerGroupCall) -> LostCreate {
    let group = &call.body.server_group;
    let sought =
        Sought { title: group.title.clone().unwrap_or_default(), servers: group.servers.clone().unwrap_or_default() };
    LostCreate::new(Operation::CreateServerGroup, group.labels.as_ref(), sought)
}

impl CreateServerGroupCall {
    /// Puts a label with a value of its own on the group (`upcloud-rust-create`), so that
    /// [`find_lost`](ServerGroups::find_lost) finds it beyond doubt if the answer is lost. The label stays on the group.
    pub fn traceable(mut self) -> Self {
        trace(&mut std::sync::Arc::make_mut(&mut self.body).server_group.labels);
        self
    }
}

impl ServerGroups {
    /// Finds what a create has made whose answer was lost ([`is_lost_create`](Error::is_lost_create)). `None` says that no
    /// such group appeared for [half a minute](FindLost::limit): a new one may not be visible at once.
    ///
    /// With the label that [`traceable`](CreateServerGroupCall::traceable) puts on it, the group is the one that carries the label,
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
    /// cannot be decided, when the time is over before a poll is, and those of [`list`](Self::list). After all but the first
    /// the create is as lost as before: look again, do not create again.
    pub fn find_lost(&self, error: &Error) -> FindLost<ServerGroup> {
        let lost = match error.lost() {
            Some(lost) if lost.sought::<Sought>().is_some() => Ok(lost.clone()),
            _ => Err("the error is not that of a lost create of a server group"),
        };
        let groups = self.clone();
        FindLost::new(lost, move |lost, deadline| {
            let groups = groups.clone();
            async move { groups.look_for_lost(&lost, deadline).await }
        })
    }

    async fn look_for_lost(&self, lost: &LostCreate, deadline: Instant) -> Result<Search<ServerGroup>, Error> {
        let Some(Sought { title, servers }) = lost.sought() else { return Ok(Search::Nothing) };
        let call = self.list().by(deadline);
        let call = match &lost.trace {
            Some(trace) => call.label(TRACE_LABEL, trace),
            None => call,
        };
        let (mut fits, mut may_fit) = (Vec::new(), Vec::new());
        let groups = call.await?;
        let complete = groups.unreadable().is_empty();
        for group in groups.iter().cloned() {
            let has_members = !servers.is_empty()
                && group.servers.len() == servers.len()
                && servers.iter().all(|server| group.servers.contains(server));
            if lost.trace.is_some() {
                if lost.is_traced_by(&group.labels) {
                    fits.push(group);
                } else if group.labels.is_empty() && group.title.is_empty() {
                    // A group that shows neither title nor labels may be any.
                    may_fit.push(group.uuid);
                }
            } else if group.title.is_empty() || group.title == *title {
                if has_members {
                    fits.push(group);
                } else {
                    may_fit.push(group.uuid);
                }
            }
        }
        match Search::among(fits, &may_fit, |group| group.uuid) {
            // What cannot be read may be what is looked for.
            Search::Nothing if !complete => groups.complete().map(|_| Search::Nothing),
            found => Ok(found),
        }
    }
}
