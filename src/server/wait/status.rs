//! What a wait for many reads of a list: the state of the servers that it waits for, and the rest only of those that have
//! come to their end.

mod reading;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use http::HeaderMap;
use progenitor_client::{ClientHooks as _, ClientInfo as _, OperationInfo, QueryParam, ResponseValue};
use uuid::Uuid;

use super::engine::Look;
use crate::{
    call::{Behavior, Call, Options, Sent, send},
    error::{Class, Error},
    model::{
        Operation, ServerState,
        types::{Server, ServerSummary},
    },
    server::paging::{Paging, USUAL},
    transport::{Api, Connection},
};

/// What became of one server: as it was seen, `None` if it is gone.
pub(super) type Event = (Uuid, Result<Option<Status>, Error>);

/// What became of one server, for the caller.
pub(super) type Outcome = (Uuid, Result<Option<ServerSummary>, Error>);

/// What a wait looks at.
#[derive(Debug)]
pub(in crate::server) struct Status {
    pub(in crate::server) uuid: Uuid,
    pub(in crate::server) state: ServerState,
    progress: Option<u64>,
    attributes: Attributes,
}

/// Where the other attributes of a server are.
#[derive(Debug)]
enum Attributes {
    Read(Box<ServerSummary>),
    /// In the element with this number of the answer with that number.
    Unread {
        answer: usize,
        element: usize,
    },
}

impl Status {
    /// All that a list tells of the server, if it was read.
    pub(super) fn server(&self) -> Option<&ServerSummary> {
        match &self.attributes {
            Attributes::Read(server) => Some(server),
            Attributes::Unread { .. } => None,
        }
    }
}

impl From<ServerSummary> for Status {
    fn from(server: ServerSummary) -> Self {
        let (uuid, state) = (server.uuid, server.state.clone());
        Self { uuid, state, progress: None, attributes: Attributes::Read(Box::new(server)) }
    }
}

impl From<Server> for Status {
    fn from(server: Server) -> Self {
        Self { progress: server.progress, ..ServerSummary::from(server).into() }
    }
}

impl Look for Status {
    const OPERATION: Operation = Operation::ListServers;

    fn state(&self) -> &ServerState {
        &self.state
    }

    fn progress(&self) -> Option<u64> {
        self.progress
    }

    fn whole(self) -> Option<Server> {
        None
    }
}

/// What is read of a list.
#[derive(Clone, Debug)]
pub(in crate::server) struct Wanted {
    /// The servers that are waited for.
    pub(in crate::server) uuids: Arc<HashSet<Uuid>>,
    /// Whether all is read of them at once.
    pub(in crate::server) whole: bool,
}

impl Wanted {
    /// One look at the list.
    pub(in crate::server) async fn list(
        &self,
        connection: &Connection,
        by_pages: bool,
    ) -> Result<(Vec<Status>, Bodies), Error> {
        let page = async |page| {
            let call = ListStatusesCall { options: Options::new(connection), wanted: self.clone(), page };
            Ok::<_, Error>(Box::pin(send(call)).await?.value)
        };
        if !by_pages {
            let List { statuses, body, .. } = page(None).await?;
            return Ok((statuses, Bodies(vec![body])));
        }
        let mut paging = Paging::new(USUAL, 0);
        let (mut statuses, mut bodies) = (Vec::new(), Vec::new());
        loop {
            let list = page(Some((paging.limit(), paging.offset()))).await?;
            statuses.extend(list.statuses.into_iter().map(|status| status.of(bodies.len())));
            bodies.push(list.body);
            // A server that cannot be read is looked at alone if it is waited for.
            let (_, is_last) = paging.take(list.uuids, |uuid| *uuid, list.unreadable);
            if is_last? {
                return Ok((statuses, Bodies(bodies)));
            }
        }
    }
}

impl Status {
    /// The same, in the answer with this number.
    fn of(mut self, number: usize) -> Self {
        if let Attributes::Unread { answer, .. } = &mut self.attributes {
            *answer = number;
        }
        self
    }
}

/// The same request as that of [`Servers::list`](crate::Servers::list), whose answer is read for a wait. Limit and offset
/// make it one page.
#[derive(Clone, Debug)]
struct ListStatusesCall {
    options: Options,
    wanted: Wanted,
    page: Option<(u64, u64)>,
}

/// What a wait reads of one answer.
#[derive(Debug, Default)]
struct List {
    body: Vec<u8>,
    /// Of all its servers, for they tell whether there are further pages.
    uuids: Vec<Uuid>,
    /// How many elements have no UUID.
    unreadable: usize,
    statuses: Vec<Status>,
}

impl Behavior for ListStatusesCall {}

impl Call for ListStatusesCall {
    type Body = List;
    type Output = List;
    const OPERATION: Option<Operation> = Some(Operation::ListServers);

    fn options(&self) -> &Options {
        &self.options
    }

    fn options_mut(&mut self) -> &mut Options {
        &mut self.options
    }

    async fn send(&self, api: Api) -> Sent<List> {
        let operation = Operation::ListServers;
        let (limit, offset) = self.page.unzip();
        let request = api
            .client()
            .get(format!("{}{}", api.baseurl(), operation.path()))
            .query(&QueryParam::new("limit", &limit))
            .query(&QueryParam::new("offset", &offset))
            .build()?;
        let response = api.exec(request, &OperationInfo { operation_id: operation.id() }).await?;
        if !response.status().is_success() {
            return Err(progenitor_client::Error::UnexpectedResponse(response));
        }
        let status = response.status();
        let body = response.bytes().await.map_err(progenitor_client::Error::ResponseBodyError)?;
        match reading::list(&body, &self.wanted) {
            Ok(list) => Ok(ResponseValue::new(List { body: body.into(), ..list }, status, HeaderMap::new())),
            Err(error) => Err(progenitor_client::Error::InvalidResponsePayload(body, error)),
        }
    }

    fn output(list: List) -> List {
        list
    }
}

/// The answers of one poll, for the attributes that were not read in the first place.
#[derive(Debug, Default)]
pub(in crate::server) struct Bodies(Vec<Vec<u8>>);

impl Bodies {
    /// Reads the servers that have come to their end.
    pub(super) fn complete(self, events: Vec<Event>) -> Vec<Outcome> {
        let mut wanted: Vec<HashSet<usize>> = vec![HashSet::new(); self.0.len()];
        for (_, outcome) in &events {
            if let Ok(Some(Status { attributes: Attributes::Unread { answer, element }, .. })) = outcome {
                wanted[*answer].insert(*element);
            }
        }
        let mut read: Vec<HashMap<usize, ServerSummary>> =
            self.0.iter().zip(wanted).map(|(body, wanted)| reading::whole(body, wanted)).collect();
        let mut take = |status: Status| match status.attributes {
            Attributes::Read(server) => Ok(*server),
            Attributes::Unread { answer, element } => read[answer].remove(&element).ok_or_else(|| {
                Error::new(Class::Decode, format!("server {} came to its end, but cannot be read", status.uuid))
            }),
        };
        events
            .into_iter()
            .map(|(uuid, outcome)| (uuid, outcome.and_then(|seen| seen.map(&mut take).transpose())))
            .collect()
    }
}
