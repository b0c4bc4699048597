//! What one list of servers means for a wait for many of them. No I/O here, so every rule can be tested on paused time.

#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, HashSet, VecDeque},
    mem,
    time::Duration,
};

use tokio::time::Instant;
use uuid::Uuid;

use super::{
    engine::{Goal, Progress, Track},
    poll::PollOptions,
    status::{Event, Status},
};
use crate::{call::Pauses, error::Error};

/// The memory of a wait for many servers.
pub(super) struct Set {
    open: Vec<(Uuid, Track<Status>)>,
    /// Servers that the last list did not have and that a closer poll has to decide.
    unsure: VecDeque<Uuid>,
    by_pages: bool,
    /// Whether a server that the list lacked was asked for, although it could be forgiven.
    probed: bool,
    trouble: Option<Error>,
    /// How long the last answer asked to wait.
    asked: Option<Duration>,
    pauses: Pauses,
}

impl Set {
    pub(super) fn new(uuids: &[Uuid], goal: impl Fn() -> Goal<Status>, poll: PollOptions) -> Self {
        let begin = Instant::now();
        let mut known = HashSet::new();
        let open = uuids.iter().copied().filter(|uuid| known.insert(*uuid));
        Self {
            open: open.map(|uuid| (uuid, Track::new(uuid, goal(), poll, begin))).collect(),
            unsure: VecDeque::new(),
            by_pages: false,
            probed: false,
            trouble: None,
            asked: None,
            pauses: poll.pauses(begin),
        }
    }

    /// Whether there is nothing left to wait for.
    pub(super) fn is_done(&self) -> bool {
        self.open.is_empty()
    }

    /// When the wait ends whatever happens.
    pub(super) fn deadline(&self) -> Instant {
        self.pauses.deadline()
    }

    /// The pause before the next list; `None` if the time is over before that.
    pub(super) fn pause(&mut self) -> Option<Duration> {
        let asked = self.asked.take();
        self.pauses.next(asked)
    }

    /// Whether the list has to be read page by page to be whole.
    pub(super) fn by_pages(&self) -> bool {
        self.by_pages
    }

    /// At most so many servers that need a closer poll before the next list.
    pub(super) fn unsure(&mut self, most: usize) -> Vec<Uuid> {
        self.unsure.drain(..most.min(self.unsure.len())).collect()
    }

    /// Takes in a list.
    pub(super) fn listed(&mut self, list: Result<Vec<Status>, Error>) -> Vec<Event> {
        let list = match list {
            Ok(list) => list,
            Err(error) if error.is_transient() || error.is_decode() => {
                for (_, track) in &mut self.open {
                    track.looked_in_vain();
                }
                self.asked = error.retry_after();
                self.trouble = Some(error);
                return Vec::new();
            }
            Err(error) => return self.open.drain(..).map(|(uuid, _)| (uuid, Err(error.clone()))).collect(),
        };
        self.trouble = None;
        let mut found: HashMap<Uuid, Status> = list.into_iter().map(|server| (server.uuid, server)).collect();
        let mut forgiven = None;
        let events = self.review(|uuid, track, unsure| {
            let seen = found.remove(&uuid).map(Ok);
            if seen.is_none() {
                if track.missing() {
                    unsure.push_back(uuid);
                } else {
                    forgiven.get_or_insert(uuid);
                }
            }
            seen
        });
        // One closer poll tells whether the list is whole, so that nobody waits for a server that stands on another page.
        let probe = forgiven.filter(|_| !self.by_pages && !mem::replace(&mut self.probed, true));
        self.unsure.extend(probe);
        events
    }

    /// Takes in closer polls.
    pub(super) fn asked(&mut self, looks: Vec<(Uuid, Result<Status, Error>)>) -> Vec<Event> {
        if !self.by_pages && looks.iter().any(|(_, look)| look.is_ok()) {
            // The list is not whole, so what else it lacks says nothing: the next one is read to its end.
            self.by_pages = true;
            self.unsure.clear();
        }
        self.asked = looks.iter().filter_map(|(_, look)| look.as_ref().err()?.retry_after()).chain(self.asked).max();
        let mut looks: HashMap<_, _> = looks.into_iter().collect();
        self.review(|uuid, _, _| looks.remove(&uuid))
    }

    /// Every server that is left did not make it in time.
    pub(super) fn over(&mut self) -> Vec<Event> {
        let Self { open, trouble, .. } = self;
        let late = open.drain(..).map(|(uuid, mut track)| {
            if let Some(trouble) = trouble.clone() {
                track.hindered(trouble);
            }
            (uuid, Err(track.over()))
        });
        late.collect()
    }

    /// Judges the servers of which there is something new.
    fn review(
        &mut self,
        mut news: impl FnMut(Uuid, &mut Track<Status>, &mut VecDeque<Uuid>) -> Option<Result<Status, Error>>,
    ) -> Vec<Event> {
        let Self { open, unsure, pauses, .. } = self;
        let mut events = Vec::new();
        open.retain_mut(|(uuid, track)| {
            let Some(look) = news(*uuid, track, unsure) else { return true };
            match track.judge(look) {
                Progress::Done(seen) => events.push((*uuid, Ok(seen))),
                Progress::Failed(error) => events.push((*uuid, Err(error))),
                Progress::Open { moved } => {
                    if moved {
                        pauses.hurry();
                    }
                    return true;
                }
            }
            pauses.hurry();
            false
        });
        events
    }
}
