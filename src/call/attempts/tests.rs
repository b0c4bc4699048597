//! The loop on paused time, with attempts that a script gives.

mod properties;

use std::{collections::VecDeque, future::pending};

use http::StatusCode;

use super::*;
use crate::error::Class;

/// What an attempt does.
#[derive(Clone, Copy, Debug)]
enum Does {
    Succeed,
    Fail(Class),
    Answer(u16),
    /// 503 with a `Retry-After` of so many seconds.
    Ask(u64),
    /// Answers 503 after so many milliseconds.
    Take(u64),
    Hang,
}

/// What a look finds.
#[derive(Clone, Copy, Debug)]
enum Sees {
    Done,
    NotDone,
    Nothing,
    Hangs,
}

#[derive(Debug, Default)]
struct Script {
    attempts: VecDeque<Does>,
    looks: Option<VecDeque<Sees>>,
    settles: bool,
    reads: bool,
    /// When each attempt began, since the first.
    begins: Vec<Instant>,
    looked: u32,
}

impl Script {
    fn new(attempts: impl IntoIterator<Item = Does>) -> Self {
        Self { attempts: attempts.into_iter().collect(), ..Self::default() }
    }

    fn seeing(self, looks: impl IntoIterator<Item = Sees>) -> Self {
        Self { looks: Some(looks.into_iter().collect()), ..self }
    }

    fn error(&self, class: Class, status: Option<u16>) -> Error {
        let error = Error::new(class, "scripted").during(None, self.reads, Duration::ZERO);
        match status {
            Some(status) => error.with_status(status),
            None => error,
        }
    }
}

impl Tries for Script {
    type Output = &'static str;

    async fn attempt(&mut self, number: u32) -> Result<Self::Output, Error> {
        self.begins.push(Instant::now());
        assert_eq!(number as usize, self.begins.len());
        match self.attempts.pop_front().expect("no attempt was expected") {
            Does::Succeed => Ok("answered"),
            Does::Fail(class) => Err(self.error(class, None)),
            Does::Answer(status) => Err(self.error(Class::Response, Some(status))),
            Does::Ask(seconds) => {
                Err(self.error(Class::Response, Some(503)).with_retry_after(Duration::from_secs(seconds)))
            }
            Does::Take(millis) => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                Err(self.error(Class::Response, Some(503)))
            }
            Does::Hang => pending().await,
        }
    }

    fn timed_out(&self, limit: Duration) -> Error {
        Error::new(Class::Timeout, format!("{limit:?}")).during(None, self.reads, Duration::ZERO)
    }

    fn can_verify(&self) -> bool {
        self.looks.is_some()
    }

    async fn verify(&mut self) -> Verified<Self::Output> {
        self.looked += 1;
        match self.looks.as_mut().and_then(VecDeque::pop_front).expect("no look was expected") {
            Sees::Done => Verified::Done("seen"),
            Sees::NotDone => Verified::NotDone,
            Sees::Nothing => Verified::Unknown,
            Sees::Hangs => pending().await,
        }
    }

    fn done_by(&self, refusal: &Error) -> Option<Self::Output> {
        (self.settles && refusal.status() == Some(StatusCode::NOT_FOUND)).then_some("settled")
    }
}

#[derive(Debug)]
struct Given {
    policy: RetryPolicy,
    budget: Budget,
    attempt: Duration,
    total: Duration,
}

impl Default for Given {
    fn default() -> Self {
        Self {
            policy: RetryPolicy::default(),
            budget: Budget::new(100),
            attempt: Duration::from_secs(60),
            total: Duration::from_secs(300),
        }
    }
}

impl Given {
    async fn run(&self, class: Idempotency, script: &mut Script) -> Result<&'static str, Error> {
        script.reads = class == Idempotency::Safe;
        let rules = Rules {
            policy: &self.policy,
            budget: &self.budget,
            idempotency: class,
            attempt: self.attempt,
            deadline: after(Instant::now(), self.total),
            chance: || 1.0,
        };
        drive(&rules, script).await
    }
}

use Does::{Answer, Ask, Fail, Hang, Succeed, Take};
use Idempotency::{Creates, Idempotent, Safe, StateDependent};

#[tokio::test(start_paused = true)]
async fn waits_grow_between_attempts() {
    let mut script = Script::new([Answer(503), Fail(Class::Transport), Answer(429), Fail(Class::Connect), Succeed]);
    let begin = Instant::now();
    assert_eq!(Given::default().run(Safe, &mut script).await.expect("an answer"), "answered");
    let begins: Vec<_> = script.begins.iter().map(|at| (*at - begin).as_millis()).collect();
    assert_eq!(begins, [0, 500, 1500, 3500, 7500]);
}

#[tokio::test(start_paused = true)]
async fn the_last_attempt_gives_the_error() {
    let mut script = Script::new([Answer(503); 4].into_iter().chain([Answer(504)]));
    let error = Given::default().run(Idempotent, &mut script).await.expect_err("no luck");
    assert_eq!((error.attempts(), error.status()), (5, Some(StatusCode::GATEWAY_TIMEOUT)));
    assert!(error.may_have_taken_effect());
}

#[tokio::test(start_paused = true)]
async fn off_means_once() {
    let rules = Given { policy: RetryPolicy::off(), ..Given::default() };
    for class in [Safe, Idempotent, StateDependent, Creates] {
        for does in [Answer(503), Answer(429), Fail(Class::Connect), Fail(Class::Transport)] {
            let mut script = Script::new([does]).seeing([]);
            assert_eq!(rules.run(class, &mut script).await.expect_err("no luck").attempts(), 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_goes_out_again_only_if_it_never_arrived() {
    let rules = Given::default();
    for does in
        [Answer(500), Answer(522), Answer(408), Answer(101), Answer(307), Answer(999), Fail(Class::Transport), Hang]
    {
        let mut script = Script::new([does]);
        let error = rules.run(Creates, &mut script).await.expect_err("no luck");
        assert_eq!(error.attempts(), 1, "{does:?}");
        assert!(error.may_have_taken_effect(), "{does:?}");
    }
    for does in [Answer(429), Fail(Class::Connect)] {
        let mut script = Script::new([does, Succeed]);
        assert_eq!(rules.run(Creates, &mut script).await.expect("an answer"), "answered", "{does:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_looked_at_ends_at_once() {
    let begin = Instant::now();
    Given::default().run(StateDependent, &mut Script::new([Answer(503)])).await.expect_err("no luck");
    assert_eq!(begin.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_look_decides_about_a_guarded_action() {
    let rules = Given::default();
    let mut script = Script::new([Answer(503)]).seeing([Sees::Done]);
    assert_eq!(rules.run(StateDependent, &mut script).await.expect("it was done"), "seen");

    let mut script = Script::new([Fail(Class::Transport), Succeed]).seeing([Sees::NotDone]);
    assert_eq!(rules.run(StateDependent, &mut script).await.expect("an answer"), "answered");

    let mut script = Script::new([Answer(503)]).seeing([Sees::Nothing]);
    let error = rules.run(StateDependent, &mut script).await.expect_err("nobody knows");
    assert!(error.may_have_taken_effect());
    assert_eq!(error.attempts(), 1);

    let mut script = Script::new([Fail(Class::Connect), Succeed]).seeing([]);
    rules.run(StateDependent, &mut script).await.expect("nothing to look for");
}

#[tokio::test(start_paused = true)]
async fn a_look_is_given_up_like_an_attempt() {
    let rules = Given { attempt: Duration::from_secs(3), ..Given::default() };
    let begin = Instant::now();
    let mut script = Script::new([Answer(503)]).seeing([Sees::Hangs]);
    rules.run(StateDependent, &mut script).await.expect_err("nobody knows");
    assert_eq!(begin.elapsed(), Duration::from_millis(3500));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_after_a_lost_answer_is_not_believed_at_once() {
    let rules = Given::default();
    let mut script = Script::new([Fail(Class::Transport), Answer(409)]).seeing([Sees::NotDone, Sees::Done]);
    assert_eq!(rules.run(StateDependent, &mut script).await.expect("it was done"), "seen");

    let mut script = Script::new([Fail(Class::Transport), Answer(409)]).seeing([Sees::NotDone, Sees::NotDone]);
    let error = rules.run(StateDependent, &mut script).await.expect_err("refused");
    assert_eq!(error.status(), Some(StatusCode::CONFLICT));
    assert!(error.may_have_taken_effect(), "by its first attempt");

    let mut script = Script::new([Answer(409)]).seeing([]);
    let error = rules.run(StateDependent, &mut script).await.expect_err("refused");
    assert!(!error.may_have_taken_effect());
    assert_eq!(script.looked, 0);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_that_meets_its_own_effect_has_succeeded() {
    let rules = Given::default();
    let deletes = |attempts| Script { settles: true, ..Script::new(attempts) };
    let mut script = deletes([Answer(502), Answer(404)]);
    assert_eq!(rules.run(Idempotent, &mut script).await.expect("deleted"), "settled");
    for before in [Answer(429), Fail(Class::Connect)] {
        let mut script = deletes([before, Answer(404)]);
        let error = rules.run(Idempotent, &mut script).await.expect_err("never there");
        assert!(!error.may_have_taken_effect());
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_says_how_long_to_wait() {
    let begin = Instant::now();
    let mut script = Script::new([Ask(40), Ask(0), Succeed]);
    Given::default().run(Safe, &mut script).await.expect("an answer");
    let begins: Vec<_> = script.begins.iter().map(|at| (*at - begin).as_millis()).collect();
    assert_eq!(begins, [0, 40_000, 41_000]);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_would_pass_the_deadline_is_not_begun() {
    for asked in [300, 100_000, u64::MAX] {
        let begin = Instant::now();
        let rules = Given::default();
        let error = rules.run(Safe, &mut Script::new([Ask(asked)])).await.expect_err("too long");
        assert_eq!(begin.elapsed(), Duration::ZERO);
        assert_eq!(error.status(), Some(StatusCode::SERVICE_UNAVAILABLE));
        assert_eq!(rules.budget.tokens(), 100, "it costs nothing");
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_has_a_limit_and_the_call_another() {
    let rules = Given { attempt: Duration::from_secs(10), total: Duration::from_secs(25), ..Given::default() };
    let begin = Instant::now();
    let error = rules.run(Safe, &mut Script::new([Hang; 3])).await.expect_err("no answer");
    assert_eq!(begin.elapsed(), Duration::from_secs(25));
    assert!(error.is_timeout());
    assert_eq!((error.attempts(), error.message()), (3, "3.5s"));
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_not_multiplied() {
    let rules = Given { budget: Budget::new(100), ..Given::default() };
    let mut sent = 0;
    for _ in 0..1000 {
        let mut script = Script::new([Answer(503); 5]);
        rules.run(Safe, &mut script).await.expect_err("an outage");
        sent += script.begins.len();
    }
    assert_eq!(sent, 1000 + 100 / 5, "20 retries in all");
    for _ in 0..5 {
        rules.run(Safe, &mut Script::new([Succeed])).await.expect("an answer");
    }
    let mut script = Script::new([Answer(503); 2]);
    rules.run(Safe, &mut script).await.expect_err("still out");
    assert_eq!(script.begins.len(), 2, "five successes earn one retry");

    let free = Given { policy: RetryPolicy::default().budget_cost(0), budget: Budget::new(0), ..Given::default() };
    let mut script = Script::new([Answer(503), Succeed]);
    free.run(Safe, &mut script).await.expect("past the budget");
}
