//! Requests that are under way together, within one task: dropping the fleet drops them all.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::Poll,
};

use tokio::time::{Instant, sleep_until};

use super::{
    outcome::{End, Progress},
    pace::Pace,
    settings::{Observer, Settings, Stop},
};
use crate::{call::after, error::Error};

/// A request that is under way.
pub(super) type Sending<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// What an answer means for those that follow.
#[derive(Clone, Copy, Debug)]
pub(super) enum Landing {
    /// More may follow.
    Well,
    /// It failed for a reason of its own.
    Alone,
    /// All have to wait, at least as long as the answer asked for.
    Wait(Option<std::time::Duration>),
    /// All have to wait so long; nothing was refused.
    Rest(std::time::Duration),
    /// Nothing more may be begun.
    Last,
}

/// The requests of a fleet and what becomes of them.
pub(super) trait Board {
    type Output;

    /// The next request that is to be sent. While none is under way there is one as long as [`has_next`](Self::has_next)
    /// says so.
    fn next(&mut self) -> Option<(usize, Sending<Self::Output>)>;

    /// Whether there is one.
    fn has_next(&self) -> bool;

    /// Takes in an answer.
    fn landed(&mut self, number: usize, result: Result<Self::Output, Error>, control: &Control) -> Landing;

    fn progress(&mut self) -> &mut Progress;
}

/// What decides whether a request may be sent.
pub(super) struct Control {
    pace: Pace,
    stop: Option<Stop>,
    observer: Observer,
    stop_on_failure: bool,
    pub(super) deadline: Instant,
    /// Why nothing more is begun.
    pub(super) end: Option<End>,
}

enum Event<T> {
    Landed(usize, u64, Result<T, Error>),
    Stopped,
    Clock,
}

impl Control {
    pub(super) fn new(settings: Settings) -> Self {
        let Settings { in_flight, refusals, limit, stop, stop_on_failure, observer, .. } = settings;
        let deadline = after(Instant::now(), limit);
        Self { pace: Pace::new(in_flight, refusals), stop, observer, stop_on_failure, deadline, end: None }
    }

    /// Whether nothing more is begun.
    pub(super) fn is_over(&self) -> bool {
        self.end.is_some()
    }

    /// A request has failed for good.
    pub(super) fn failure(&self) -> Landing {
        if self.stop_on_failure { Landing::Last } else { Landing::Alone }
    }

    pub(super) fn end(&mut self, end: End) {
        self.end.get_or_insert(end);
    }

    /// Tells whoever wants to know.
    pub(super) fn show(&mut self, progress: &mut Progress, in_flight: usize) {
        let now = Instant::now();
        progress.in_flight = in_flight;
        progress.pause = self.pace.pause(now).filter(|_| self.end.is_none()).map(|until| until - now);
        progress.end = self.end;
        self.observer.tell(progress);
    }

    /// Everything that the board has, as far as it may be sent.
    pub(super) async fn send<B: Board>(&mut self, board: &mut B) {
        let mut flying: Vec<(usize, u64, Sending<B::Output>)> = Vec::new();
        loop {
            // Before anything is sent, for a stop may have come while nobody asked.
            if poll_fn(|cx| Poll::Ready(is_told(&mut self.stop, cx))).await {
                self.end(End::Stopped);
            }
            let now = Instant::now();
            let is_late = self.pace.pause(now).unwrap_or(now) >= self.deadline;
            if is_late && board.has_next() {
                self.end(End::Limit);
            }
            while self.end.is_none() && self.pace.has_room(flying.len(), now) {
                let Some((number, sending)) = board.next() else { break };
                flying.push((number, self.pace.round(), sending));
            }
            self.show(board.progress(), flying.len());
            let waits = board.has_next() && self.end.is_none();
            if flying.is_empty() && !waits {
                return;
            }
            match self.event(&mut flying, waits).await {
                Event::Stopped => self.end(End::Stopped),
                Event::Clock => {}
                Event::Landed(number, round, result) => {
                    let landing = board.landed(number, result, self);
                    match landing {
                        Landing::Well => self.pace.went_well(round),
                        Landing::Alone => {}
                        Landing::Wait(asked) => {
                            board.progress().refused += 1;
                            self.pace.refused(round, asked, Instant::now());
                        }
                        Landing::Rest(pause) => {
                            self.pace.went_well(round);
                            self.pace.rest(pause, Instant::now());
                        }
                        Landing::Last => self.end(End::Failure),
                    }
                }
            }
        }
    }

    /// What happens next; `waits` says that there is something to be sent once a pause is over.
    async fn event<T>(&mut self, flying: &mut Vec<(usize, u64, Sending<T>)>, waits: bool) -> Event<T> {
        let now = Instant::now();
        let clock = self.pace.pause(now).unwrap_or(self.deadline).min(self.deadline);
        let mut clock = pin!(sleep_until(clock));
        poll_fn(|cx| {
            // A stop goes before answers, so that no answer lets another request out.
            if is_told(&mut self.stop, cx) {
                return Poll::Ready(Event::Stopped);
            }
            for at in 0..flying.len() {
                if let Poll::Ready(result) = flying[at].2.as_mut().poll(cx) {
                    let (number, round, _) = flying.swap_remove(at);
                    return Poll::Ready(Event::Landed(number, round, result));
                }
            }
            if waits && clock.as_mut().poll(cx).is_ready() {
                return Poll::Ready(Event::Clock);
            }
            Poll::Pending
        })
        .await
    }

    /// What the future gives, unless there is a stop before that.
    pub(super) async fn unless_stopped<F: Future>(&mut self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        let output = poll_fn(|cx| {
            if is_told(&mut self.stop, cx) {
                return Poll::Ready(None);
            }
            future.as_mut().poll(cx).map(Some)
        })
        .await;
        if output.is_none() {
            self.end(End::Stopped);
        }
        output
    }
}

/// Whether the stop is told now; it is told once.
fn is_told(stop: &mut Option<Stop>, cx: &mut std::task::Context<'_>) -> bool {
    let told = stop.as_mut().is_some_and(|stop| stop.as_mut().poll(cx).is_ready());
    if told {
        *stop = None;
    }
    told
}
