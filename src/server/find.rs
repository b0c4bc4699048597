//! Finding servers by what people know of them. Filters of the API are asked for where they are documented, and what comes is
//! looked at in any case, so the result does not depend on them.

use std::{
    fmt,
    future::{Future, poll_fn},
    net::IpAddr,
    pin::Pin,
    task::{Context, Poll},
};

use uuid::Uuid;

use super::Servers;
use crate::{
    call::{Boxed, Running},
    error::{Class, Error},
    model::{
        ServerState,
        types::{Server, ServerSummary},
    },
    shown::Quoted,
};

/// How many servers are asked for their addresses at the same time.
const AT_ONCE: usize = 8;
/// So many are named in an error.
const NAMED: usize = 10;

impl Servers {
    /// Finds servers by hostname, title, label, state and address. All that is asked for must fit; with nothing asked for it
    /// finds all.
    ///
    /// The list is read page by page, one call for 100 servers and one more at the end, with the label filters of the API; whether a server fits is
    /// decided here, so it does not matter what the API makes of a filter. Only an address costs more, see
    /// [`address`](FindServers::address).
    ///
    /// # Errors
    ///
    /// Those of [`list`](Self::list). A server in the list that cannot be read may be the one that is looked for, so it is an
    /// error ([`is_decode`](Error::is_decode)), and nothing is found.
    ///
    /// ```
    /// use upcloud::ServerState;
    /// # #[tokio::main] async fn main() -> Result<(), upcloud::Error> {
    /// # let fake = upcloud::fake::Fake::start().await;
    /// # let upcloud = fake.client();
    /// # let uuid = fake.add_server("web-1.example.net");
    /// let servers = upcloud.servers();
    /// let running = servers.find().state(ServerState::Started).await?;
    /// assert_eq!(running.len(), 1);
    /// let server = servers.find().hostname("web-1.example.net").one().await?;
    /// assert_eq!(server.uuid, uuid);
    /// # Ok(()) }
    /// ```
    pub fn find(&self) -> FindServers {
        FindServers { servers: self.clone(), wanted: Wanted::default(), running: Running::default() }
    }
}

/// A search for servers, from [`Servers::find`]: `.await` gives all that fit, in the order of the list;
/// [`one`](Self::one) the only one.
#[derive(Clone)]
#[must_use = "a search does nothing until it is awaited"]
pub struct FindServers {
    servers: Servers,
    wanted: Wanted,
    running: Running<Result<Vec<ServerSummary>, Error>>,
}

#[derive(Clone, Debug, Default)]
struct Wanted {
    hostname: Option<String>,
    title: Option<String>,
    state: Option<ServerState>,
    /// Keys, with values where they matter.
    labels: Vec<(String, Option<String>)>,
    address: Option<IpAddr>,
}

impl FindServers {
    /// Only servers with this hostname, compared without regard to case, as names of hosts are.
    pub fn hostname(mut self, hostname: impl Into<String>) -> Self {
        self.wanted.hostname = Some(hostname.into());
        self
    }

    /// Only servers with exactly this title.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.wanted.title = Some(title.into());
        self
    }

    /// Only servers in this state.
    pub fn state(mut self, state: ServerState) -> Self {
        self.wanted.state = Some(state);
        self
    }

    /// Only servers that have this label; can be called again for more, which must all be there. Keys are compared without
    /// regard to case.
    pub fn label(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.wanted.labels.push((key.into(), Some(value.into())));
        self
    }

    /// Only servers that have a label with this key, whatever its value.
    pub fn label_key(mut self, key: impl Into<String>) -> Self {
        self.wanted.labels.push((key.into(), None));
        self
    }

    /// Only servers that have this address, of any kind and on any interface. A list does not tell addresses, so each server
    /// that fits otherwise is asked for its details, eight at a time: say more than the address where there are many. A
    /// private address can be that of several servers, in networks of their own.
    pub fn address(mut self, address: impl Into<IpAddr>) -> Self {
        self.wanted.address = Some(address.into());
        self
    }

    /// The only server that fits.
    ///
    /// # Errors
    ///
    /// Those of the search. Where none fits [`is_not_found`](Error::is_not_found) is true; where several do
    /// [`is_conflict`](Error::is_conflict) is, and the message names them.
    pub async fn one(self) -> Result<ServerSummary, Error> {
        let wanted = self.wanted.clone();
        let mut found = self.await?;
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => Err(Error::none_found(format!("there is no server{wanted}"))),
            many => {
                let names: Vec<String> = found.iter().take(NAMED).map(|server| server.uuid.to_string()).collect();
                let more = if many > NAMED { format!(" and {} more", many - NAMED) } else { String::new() };
                let text = format!("there are {many} servers{wanted}: {}{more}", names.join(", "));
                Err(Error::new(Class::Ambiguous, text))
            }
        }
    }

    async fn search(self) -> Result<Vec<ServerSummary>, Error> {
        let Self { servers, wanted, .. } = self;
        let mut list = servers.list();
        for (key, value) in &wanted.labels {
            list = match value {
                Some(value) => list.label(key, value),
                None => list.label_key(key),
            };
        }
        let (mut found, mut stream) = (Vec::new(), list.stream());
        while let Some(server) = stream.next().await {
            let server = server?;
            if wanted.fits(&server) {
                found.push(server);
            }
        }
        match wanted.address {
            Some(address) => with_address(&servers, found, address).await,
            None => Ok(found),
        }
    }
}

impl Future for FindServers {
    type Output = Result<Vec<ServerSummary>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self { servers, wanted, running } = self.get_mut();
        running.poll(cx, || {
            let search = Self { servers: servers.clone(), wanted: wanted.clone(), running: Running::default() };
            Box::pin(search.search())
        })
    }
}

impl fmt::Debug for FindServers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FindServers").field("wanted", &self.wanted).finish_non_exhaustive()
    }
}

impl Wanted {
    fn fits(&self, server: &ServerSummary) -> bool {
        let has = |(key, value): &(String, Option<String>)| {
            let own = server.label(key);
            own.is_some() && value.as_deref().is_none_or(|value| own == Some(value))
        };
        self.hostname.as_deref().is_none_or(|hostname| server.hostname.eq_ignore_ascii_case(hostname))
            && self.title.as_deref().is_none_or(|title| server.title == title)
            && self.state.as_ref().is_none_or(|state| server.state == *state)
            && self.labels.iter().all(has)
    }
}

/// In words, for an error: what stands behind "server".
impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.hostname.as_ref().map(|hostname| format!("the hostname {}", Quoted(hostname))));
        parts.extend(self.title.as_ref().map(|title| format!("the title {}", Quoted(title))));
        parts.extend(self.state.as_ref().map(|state| format!("the state {}", Quoted(state.as_str()))));
        parts.extend(self.labels.iter().map(|(key, value)| match value {
            Some(value) => format!("the label {}", Quoted(&format!("{key}={value}"))),
            None => format!("a label {}", Quoted(key)),
        }));
        parts.extend(self.address.map(|address| format!("the address {address}")));
        f.write_str(if parts.is_empty() { "" } else { " with " })?;
        f.write_str(&parts.join(" and "))
    }
}

/// Those whose details tell this address.
async fn with_address(
    servers: &Servers,
    candidates: Vec<ServerSummary>,
    address: IpAddr,
) -> Result<Vec<ServerSummary>, Error> {
    let mut waiting = candidates.iter().map(|server| server.uuid).rev().collect::<Vec<_>>();
    let mut asked: Vec<(Uuid, Boxed<Result<Server, Error>>)> = Vec::new();
    let mut found = Vec::new();
    loop {
        while asked.len() < AT_ONCE {
            let Some(uuid) = waiting.pop() else { break };
            asked.push((uuid, Box::pin(servers.get(uuid))));
        }
        if asked.is_empty() {
            break;
        }
        let (uuid, details) = poll_fn(|cx| {
            for at in 0..asked.len() {
                if let Poll::Ready(details) = asked[at].1.as_mut().poll(cx) {
                    let (uuid, _) = asked.swap_remove(at);
                    return Poll::Ready((uuid, details));
                }
            }
            Poll::Pending
        })
        .await;
        match details {
            Ok(server) if has_address(&server, address) => found.push(uuid),
            Ok(_) => {}
            // It was deleted in between.
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(candidates.into_iter().filter(|server| found.contains(&server.uuid)).collect())
}

fn has_address(server: &Server, address: IpAddr) -> bool {
    let of_interfaces = server.interfaces().iter().flat_map(|interface| &interface.ip_addresses).map(|of| &of.address);
    let mut all = server.ip_addresses.iter().map(|of| &of.address).chain(of_interfaces);
    all.any(|text| text.parse() == Ok(address))
}
