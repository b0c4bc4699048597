//! What became of a fleet, and how far it is.

use std::{fmt, time::Duration};

use uuid::Uuid;

use crate::{
    error::Error,
    model::types::{CreateServer, Server},
};

/// What became of one request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Fate<T = ()> {
    /// It is done, and what was to be waited for has happened.
    Done(T),
    /// The API accepted it, and what was to be waited for was not seen to happen. After a create the server exists.
    Unfinished(T, Error),
    /// It had no effect: it was refused, never sent, or looked for in vain after its answer was lost.
    Failed(Error),
    /// It may have had an effect, and nobody knows. After a create,
    /// [`find_lost`](crate::Servers::find_lost) can look again with the error.
    InDoubt(Error),
    /// It was never sent, because the fleet ended before.
    NotBegun,
}

/// Why a fleet ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// All requests were made, well or not.
    Complete,
    /// It was [told to stop](super::CreateAll::stop_on).
    Stopped,
    /// The [limit](super::CreateAll::limit) was over.
    Limit,
    /// Nothing more was begun after a failure: because no other request could succeed either, or because it was
    /// [told so](super::CreateAll::stop_on_failure).
    Failure,
}

/// How far a fleet is, in numbers of requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// All.
    pub total: usize,
    /// Sent, and not answered yet.
    pub in_flight: usize,
    /// Servers that were made, or are as they shall be.
    pub done: usize,
    /// Servers that were made and seen to be started. Counts only where that is waited for.
    pub ready: usize,
    /// Failed for good.
    pub failed: usize,
    /// Accepted, and not seen to come to what was waited for. Servers that were made count as done as well.
    pub unfinished: usize,
    /// Answers that were lost, of which nobody knows yet whether they were carried out.
    pub in_doubt: usize,
    /// What is left to do, with what is in flight.
    pub left: usize,
    /// How often a request was refused or troubled, and all made a pause.
    pub refused: usize,
    /// The pause that all make now.
    pub pause: Option<Duration>,
    /// Why nothing more is begun, if so.
    pub end: Option<End>,
}

/// What became of a fleet: each request in its order, whatever became of it. Nothing is dropped when it ends early.
///
/// It is an error too, for [`into_result`](Self::into_result): its text tells the numbers and one of the errors.
///
/// ```
/// use upcloud::{CreateServer, fleet::Fate};
/// # #[tokio::main] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = upcloud::fake::Fake::start().await;
/// # let upcloud = fake.client();
/// # let template = upcloud::fake::NATIVE_TEMPLATE;
/// let wanted = ["de-fra1", "nowhere"]
///     .map(|zone| CreateServer::from_template("web-1.example.net", zone, template).plan("1xCPU-1GB"));
/// let outcome = upcloud.servers().create_all(wanted).await;
/// for (request, fate) in &outcome {
///     match fate {
///         Fate::Done(server) => println!("{} has {}", request.zone, server.uuid),
///         Fate::Unfinished(server, error) => println!("{} exists: {error}", server.uuid),
///         Fate::Failed(error) => println!("{} was refused: {error}", request.zone),
///         Fate::InDoubt(error) => println!("look for it: {error}"),
///         _ => println!("{} was not begun", request.zone),
///     }
/// }
/// assert_eq!((outcome.made().count(), outcome.failed().count()), (1, 1));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "an outcome has the errors of a fleet"]
pub struct Outcome<R, T = ()> {
    entries: Vec<(R, Fate<T>)>,
    end: End,
}

impl<R, T> Outcome<R, T> {
    pub(super) fn new(entries: Vec<(R, Fate<T>)>, end: Option<End>) -> Self {
        Self { entries, end: end.unwrap_or(End::Complete) }
    }

    /// All requests with what became of them, in their order.
    pub fn iter(&self) -> std::slice::Iter<'_, (R, Fate<T>)> {
        self.entries.iter()
    }

    /// How many requests there were.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there were no requests.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Those that are done.
    pub fn done(&self) -> impl Iterator<Item = (&R, &T)> {
        self.entries.iter().filter_map(|(request, fate)| match fate {
            Fate::Done(value) => Some((request, value)),
            _ => None,
        })
    }

    /// Those that were accepted, and not seen to come to what was waited for, with why.
    pub fn unfinished(&self) -> impl Iterator<Item = (&R, &T, &Error)> {
        self.entries.iter().filter_map(|(request, fate)| match fate {
            Fate::Unfinished(value, error) => Some((request, value, error)),
            _ => None,
        })
    }

    /// Those that have failed without an effect, with why.
    pub fn failed(&self) -> impl Iterator<Item = (&R, &Error)> {
        self.entries.iter().filter_map(|(request, fate)| match fate {
            Fate::Failed(error) => Some((request, error)),
            _ => None,
        })
    }

    /// Those of which nobody knows whether they had an effect.
    pub fn in_doubt(&self) -> impl Iterator<Item = (&R, &Error)> {
        self.entries.iter().filter_map(|(request, fate)| match fate {
            Fate::InDoubt(error) => Some((request, error)),
            _ => None,
        })
    }

    /// Those that were never sent; they can be handed to another fleet.
    pub fn not_begun(&self) -> impl Iterator<Item = &R> {
        self.entries.iter().filter(|(_, fate)| matches!(fate, Fate::NotBegun)).map(|(request, _)| request)
    }

    /// All that are not done, with why; without an error those that were never sent. After
    /// [`delete_all`](crate::Servers::delete_all) that is what is left.
    pub fn not_done(&self) -> impl Iterator<Item = (&R, Option<&Error>)> {
        self.entries.iter().filter_map(|(request, fate)| match fate {
            Fate::Done(_) => None,
            Fate::Unfinished(_, error) | Fate::Failed(error) | Fate::InDoubt(error) => Some((request, Some(error))),
            Fate::NotBegun => Some((request, None)),
        })
    }

    /// Why it ended.
    #[must_use]
    pub fn end(&self) -> End {
        self.end
    }

    /// Whether all are done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.entries.iter().all(|(_, fate)| matches!(fate, Fate::Done(_)))
    }

    /// What was done, in the order of the requests, if all of it was.
    ///
    /// # Errors
    ///
    /// The outcome itself, with all that was done, if a single one is not.
    pub fn into_result(self) -> Result<Vec<T>, Self> {
        if !self.is_done() {
            return Err(self);
        }
        let done = self.entries.into_iter().filter_map(|(_, fate)| match fate {
            Fate::Done(value) => Some(value),
            _ => None,
        });
        Ok(done.collect())
    }
}

impl Outcome<CreateServer, Server> {
    /// The servers that exist, whether or not they were seen to start. The one-time password is in each whose answer came;
    /// where the answer was lost and the server found again, nobody knows it.
    pub fn made(&self) -> impl Iterator<Item = &Server> {
        self.entries.iter().filter_map(|(_, fate)| match fate {
            Fate::Done(server) | Fate::Unfinished(server, _) => Some(server),
            _ => None,
        })
    }

    /// The identifiers of all servers that this fleet is known to have made, for
    /// [`delete_all`](crate::Servers::delete_all): those of [`made`](Self::made), and those of which a broken answer told
    /// [no more](Error::created).
    #[must_use]
    pub fn uuids(&self) -> Vec<Uuid> {
        let uuid = |(_, fate): &(CreateServer, Fate<Server>)| match fate {
            Fate::Done(server) | Fate::Unfinished(server, _) => Some(server.uuid),
            Fate::InDoubt(error) => error.created().map(|created| created.uuid),
            Fate::Failed(_) | Fate::NotBegun => None,
        };
        self.entries.iter().filter_map(uuid).collect()
    }
}

impl<R, T> IntoIterator for Outcome<R, T> {
    type Item = (R, Fate<T>);
    type IntoIter = std::vec::IntoIter<(R, Fate<T>)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<'a, R, T> IntoIterator for &'a Outcome<R, T> {
    type Item = &'a (R, Fate<T>);
    type IntoIter = std::slice::Iter<'a, (R, Fate<T>)>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<R, T> fmt::Display for Outcome<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} done", self.done().count(), self.entries.len())?;
        let counts = [
            (self.unfinished().count(), "accepted but unfinished"),
            (self.failed().count(), "failed"),
            (self.in_doubt().count(), "in doubt"),
            (self.not_begun().count(), "not begun"),
        ];
        for (count, what) in counts.iter().filter(|(count, _)| *count > 0) {
            write!(f, ", {count} {what}")?;
        }
        match self.end {
            End::Complete | End::Failure => {}
            End::Stopped => write!(f, "; it was told to stop")?,
            End::Limit => write!(f, "; the time was over")?,
        }
        let unfinished = self.unfinished().map(|(_, _, error)| error);
        let errors = self.failed().chain(self.in_doubt()).map(|(_, error)| error);
        if let Some(error) = errors.chain(unfinished).next() {
            write!(f, "; for example: {error}")?;
        }
        Ok(())
    }
}

impl<R: fmt::Debug, T: fmt::Debug> std::error::Error for Outcome<R, T> {}
