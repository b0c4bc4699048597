//! Reading a list of servers in pages: which page comes next, whether or not the API honours `limit` and `offset`.

use std::{collections::HashSet, time::Duration};

use uuid::Uuid;

use crate::{
    error::{Class, Error},
    model::Operation,
};

/// No account has so many servers; a list that goes on has no end.
const MOST: usize = 1_000_000;
/// How many servers a page has unless it is said.
pub(super) const USUAL: u64 = 100;

/// The memory of a list that is read in pages.
#[derive(Debug)]
pub(super) struct Paging {
    /// Where the list begins for the caller.
    begin: u64,
    limit: u64,
    offset: u64,
    seen: HashSet<Uuid>,
    /// The first server of the first page.
    first: Option<Uuid>,
    /// `offset` is ignored, so that only a larger page tells more.
    from_the_beginning: bool,
}

/// What a page has that no page before it had.
pub(super) struct News<T> {
    pub(super) servers: Vec<T>,
    /// Whether the elements that could not be read are new as well.
    pub(super) unreadable: bool,
}

impl Paging {
    pub(super) fn new(limit: u64, begin: u64) -> Self {
        let limit = limit.max(1);
        Self { begin, limit, offset: begin, seen: HashSet::new(), first: None, from_the_beginning: false }
    }

    /// How many servers the next page is to have.
    pub(super) fn limit(&self) -> u64 {
        self.limit
    }

    /// How many servers stand before the next page.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Takes a page in: its servers, and how many elements could not be read. Tells what is new, and whether it was the last
    /// page.
    pub(super) fn take<T>(
        &mut self,
        mut servers: Vec<T>,
        uuid: impl Fn(&T) -> Uuid,
        unreadable: usize,
    ) -> (News<T>, Result<bool, Error>) {
        let count = (servers.len() + unreadable) as u64;
        let before = self.seen.len();
        let first = servers.first().map(&uuid);
        let comes_again = before > 0 && first == self.first;
        self.first = self.first.or(first);
        servers.retain(|server| self.seen.insert(uuid(server)));
        let has_news = self.seen.len() > before;
        (News { servers, unreadable: has_news || before == 0 }, self.turn(count, comes_again, has_news))
    }

    fn turn(&mut self, count: u64, comes_again: bool, has_news: bool) -> Result<bool, Error> {
        // A longer page means that `limit` is ignored and the list is whole.
        if count == 0 || count > self.limit || (count < self.limit && self.from_the_beginning) {
            return Ok(true);
        }
        // A shorter page is the last one, or the service has shorter pages than asked for: the next one tells.
        if count < self.limit {
            self.offset = self.offset.saturating_add(count);
            return Ok(!has_news);
        }
        if self.seen.len() > MOST || (self.from_the_beginning && !has_news) {
            return Err(Error::new(Class::Decode, "the list of servers has no end").during(
                Some(Operation::ListServers),
                true,
                Duration::ZERO,
            ));
        }
        self.from_the_beginning |= comes_again || !has_news;
        if self.from_the_beginning {
            self.offset = self.begin;
            self.limit = self.limit.saturating_mul(2);
        } else {
            self.offset = self.offset.saturating_add(count);
        }
        Ok(false)
    }
}
