//! The table cell by cell, and the properties of waits, `Retry-After` and budget for whatever comes.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use super::{budget::Taken, *};
use crate::{
    error::{Class, Error, retry_after::retry_after},
    model::Idempotency::{Creates, Idempotent, Safe, StateDependent},
};

#[test]
fn every_cell_of_the_table() {
    use Decision::{Again, Never, VerifyFirst};

    for (failure, cells) in [
        (Failure::NeverSent, [Again, Again, Again, Again]),
        (Failure::Unanswered, [Again, Again, VerifyFirst, VerifyFirst]),
        (Failure::RequestTimeout, [Again, Again, VerifyFirst, VerifyFirst]),
        (Failure::Busy, [Again, Again, Again, Again]),
        (Failure::Server, [Again, Again, VerifyFirst, VerifyFirst]),
        (Failure::Other, [Never, Never, Never, Never]),
    ] {
        let found = [Safe, Idempotent, StateDependent, Creates].map(|idempotency| decide(failure, idempotency));
        assert_eq!(found, cells, "{failure:?}");
    }
}

#[test]
fn the_row_of_every_error() {
    for (class, failure) in [
        (Class::Configuration, Failure::Other),
        (Class::Connect, Failure::NeverSent),
        (Class::Certificate, Failure::Other),
        (Class::Transport, Failure::Unanswered),
        (Class::Timeout, Failure::Unanswered),
        (Class::Decode, Failure::Other),
        (Class::Wait, Failure::Other),
        (Class::Undecided, Failure::Other),
    ] {
        assert_eq!(Failure::of(&Error::new(class, "")), failure, "{class:?}");
        // A status that came before the body broke off changes nothing.
        assert_eq!(Failure::of(&Error::new(class, "").with_status(200)), failure, "{class:?}");
    }
    for status in 100..=999 {
        let expected = match status {
            408 => Failure::RequestTimeout,
            429 => Failure::Busy,
            500..=599 => Failure::Server,
            _ => Failure::Other,
        };
        assert_eq!(Failure::of(&Error::new(Class::Response, "").with_status(status)), expected, "{status}");
    }
}

#[test]
fn the_table_of_the_documentation_is_the_table_of_the_code() {
    let rows: Vec<Vec<&str>> = include_str!("../retry.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("/// | ")?.strip_suffix(" |"))
        .map(|line| line.split(" | ").collect())
        .collect();
    let [head, rule, rows @ ..] = rows.as_slice() else { panic!("a head, a rule and rows: {rows:?}") };
    assert_eq!(rule, &["---"; 5]);
    let classes =
        [("safe", Safe), ("idempotent", Idempotent), ("state-dependent", StateDependent), ("creates", Creates)];
    assert!(head[1..].iter().zip(classes).all(|(column, (name, _))| column.starts_with(name)), "{head:?}");
    let failures = [
        ("never sent", Failure::NeverSent),
        ("sent", Failure::Unanswered),
        ("408", Failure::RequestTimeout),
        ("429", Failure::Busy),
        ("5xx", Failure::Server),
        ("anything else", Failure::Other),
    ];
    assert_eq!(rows.len(), failures.len());
    for (row, (name, failure)) in rows.iter().zip(failures) {
        assert!(row[0].starts_with(name), "{row:?}");
        for (cell, (_, class)) in row[1..].iter().zip(classes) {
            let said = match *cell {
                "again" => Decision::Again,
                "never" => Decision::Never,
                "verify first" => Decision::VerifyFirst,
                other => panic!("{other} in {row:?}"),
            };
            assert_eq!(said, decide(failure, class), "{name}, {class:?}");
        }
    }
}

/// Any duration at all, short ones often.
fn durations() -> impl Strategy<Value = Duration> {
    prop_oneof![
        4 => (0..100_000_u64).prop_map(Duration::from_millis),
        1 => (any::<u64>(), 0..1_000_000_000_u32).prop_map(|(seconds, nanos)| Duration::new(seconds, nanos)),
        1 => Just(Duration::MAX),
    ]
}

fn policies() -> impl Strategy<Value = RetryPolicy> {
    let factors = prop_oneof![4 => 0..6_u32, 1 => any::<u32>()];
    (durations(), durations(), durations(), factors).prop_map(|(first, longest, shortest, factor)| {
        RetryPolicy::default().first_wait(first).longest_wait(longest).shortest_wait(shortest).factor(factor)
    })
}

proptest! {
    #[test]
    fn waits_keep_their_bounds_and_their_envelope_never_shrinks(
        policy in policies(),
        attempts in prop_oneof![1..70_u32, any::<u32>()],
        chance in 0.0..=1.0,
    ) {
        let longest = policy.longest.max(policy.shortest);
        let envelope = policy.envelope(attempts);
        prop_assert!(envelope <= longest && envelope >= policy.shortest);
        prop_assert!(policy.envelope(attempts.saturating_add(1)) >= envelope);
        let wait = policy.wait(attempts, chance, None);
        prop_assert!(wait >= policy.shortest && wait >= envelope / 2, "a floor, and half is for sure: {wait:?}");
        prop_assert!(wait <= envelope, "{wait:?} > {envelope:?}");
    }

    #[test]
    fn an_answer_can_make_a_wait_longer_and_never_shorter(
        policy in policies(),
        attempts in 1..70_u32,
        chance in 0.0..=1.0,
        asked in durations(),
    ) {
        let without = policy.wait(attempts, chance, None);
        prop_assert_eq!(policy.wait(attempts, chance, Some(asked)), without.max(asked));
    }

    #[test]
    fn retry_after_is_read_from_whatever_a_header_holds(
        text in prop_oneof![
            any::<Vec<u8>>().prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
            "\\PC{0,40}",
            "[0-9]{1,40}",
            "[A-Z][a-z]{2,8},? [0-9]{2}[ -][A-Z][a-z]{2}[ -][0-9]{2,4} [0-9]{2}:[0-9]{2}:[0-9]{2} GMT",
        ],
        now in 0..10_000_000_000_u64,
    ) {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(now);
        let found = retry_after(&text, now);
        let trimmed = text.trim();
        if trimmed.bytes().all(|byte| byte.is_ascii_digit()) {
            prop_assert_eq!(found, trimmed.parse().ok().map(Duration::from_secs));
        }
    }

    #[test]
    fn a_date_is_the_time_until_then(then in 0..250_000_000_000_u64, now in 0..250_000_000_000_u64) {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let found = retry_after(&httpdate::fmt_http_date(at(then)), at(now));
        prop_assert_eq!(found, Some(Duration::from_secs(then.saturating_sub(now))));
    }
}

#[test]
fn chance_spreads_waits_over_half_of_the_envelope() {
    let policy = RetryPolicy::default();
    let millis = |chance| policy.wait(3, chance, None).as_millis();
    assert_eq!((millis(0.0), millis(0.5), millis(1.0)), (1000, 1500, 2000));
}

#[test]
fn retry_after_in_seconds_and_as_a_date() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
    for (value, seconds) in [
        ("0", Some(0)),
        (" 120 ", Some(120)),
        ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10)),
        ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60)),
        ("Sun Nov  6 08:49:37 1994", Some(0)),
        ("Sat, 05 Nov 1994 08:49:37 GMT", Some(0)),
        ("18446744073709551615", Some(u64::MAX)),
        ("18446744073709551616", None),
        ("-1", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
    ] {
        assert_eq!(retry_after(value, now), seconds.map(Duration::from_secs), "{value:?}");
    }
}

#[test]
fn no_number_is_too_small_or_too_large() {
    let numbers = [0, 1, 2, u32::MAX - 1, u32::MAX];
    let durations =
        [Duration::ZERO, Duration::from_nanos(1), Duration::MAX.saturating_sub(Duration::from_nanos(1)), Duration::MAX];
    for number in numbers {
        for duration in durations {
            for other in durations {
                let policy = RetryPolicy::default()
                    .attempts(number)
                    .factor(number)
                    .budget_cost(number)
                    .first_wait(duration)
                    .longest_wait(other)
                    .shortest_wait(duration);
                assert!(policy.allows_more_than(0), "a call is sent once at least");
                for attempts in numbers {
                    for chance in [0.0, 1.0, f64::MAX, -1.0] {
                        let wait = policy.wait(attempts, chance, Some(other));
                        assert!(wait >= other.max(duration), "{policy:?}");
                    }
                }
                let budget = Budget::new(number);
                drop(budget.take(policy.cost()));
                budget.put_back();
                assert_eq!(budget.tokens(), number);
            }
        }
    }
}

/// Takes tokens out for a retry that is sent.
fn spend(budget: &Budget, cost: u32) -> bool {
    budget.take(cost).map(Taken::spend).is_some()
}

#[test]
fn the_budget_gives_what_it_has_and_holds_what_it_can() {
    let budget = Budget::new(12);
    assert!(spend(&budget, 5) && spend(&budget, 5));
    assert!(!spend(&budget, 5), "two are left");
    assert!(spend(&budget, 2), "a refusal takes nothing");
    assert!(!spend(&budget, 1));
    assert!(spend(&budget, 0), "what costs nothing needs nothing");
    (0..100).for_each(|_| budget.put_back());
    drop(budget.take(12).expect("all are back"));
    assert!(spend(&budget, 12), "what was not spent is back");
    assert!(!spend(&budget, 1), "never more than at the beginning");
}

/// What the calls of a client do to their budget.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// A retry is decided on.
    Take(u32),
    /// The oldest of those is sent.
    Spend,
    /// The oldest of those is given up.
    GiveUp,
    Succeed,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        3 => (0..9_u32).prop_map(Deed::Take),
        2 => Just(Deed::Spend),
        1 => Just(Deed::GiveUp),
        2 => Just(Deed::Succeed),
    ];
    proptest::collection::vec(deed, 0..60)
}

/// Plays the deeds, and gives the number of tokens that were spent and that were put back.
fn play(budget: &Budget, capacity: u32, deeds: &[Deed]) -> (u32, u32) {
    let mut taken = std::collections::VecDeque::new();
    let (mut spent, mut earned) = (0, 0);
    for deed in deeds {
        match *deed {
            Deed::Take(cost) => taken.extend(budget.take(cost).map(|tokens| (tokens, cost))),
            Deed::Spend => {
                if let Some((tokens, cost)) = taken.pop_front() {
                    tokens.spend();
                    spent += cost;
                }
            }
            Deed::GiveUp => drop(taken.pop_front()),
            Deed::Succeed => {
                budget.put_back();
                earned += 1;
            }
        }
        assert!(budget.tokens() <= capacity, "never above its capacity: {budget:?}");
    }
    (spent, earned)
}

proptest! {
    #[test]
    fn the_budget_keeps_its_bounds_whatever_is_done(capacity in 0..40_u32, deeds in deeds()) {
        let budget = Budget::new(capacity);
        let mut left = capacity;
        let mut taken = std::collections::VecDeque::new();
        for deed in deeds {
            match deed {
                Deed::Take(cost) => {
                    let tokens = budget.take(cost);
                    prop_assert_eq!(tokens.is_some(), cost <= left, "all or none");
                    if let Some(tokens) = tokens {
                        left -= cost;
                        taken.push_back((tokens, cost));
                    }
                }
                Deed::Spend => if let Some((tokens, _)) = taken.pop_front() { tokens.spend() },
                Deed::GiveUp => if let Some((tokens, cost)) = taken.pop_front() {
                    drop(tokens);
                    left = capacity.min(left + cost);
                },
                Deed::Succeed => {
                    budget.put_back();
                    left = capacity.min(left + 1);
                }
            }
            prop_assert_eq!(budget.tokens(), left);
        }
    }

    #[test]
    fn the_budget_is_not_overdrawn_by_many_at_once(
        capacity in 0..60_u32,
        callers in proptest::collection::vec(deeds(), 1..5),
    ) {
        let budget = Budget::new(capacity);
        let played: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = callers.iter().map(|deeds| scope.spawn(|| play(&budget, capacity, deeds))).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        let (spent, earned) = played.iter().fold((0, 0), |(s, e), (spent, earned)| (s + spent, e + earned));
        prop_assert!(spent <= capacity + earned, "{spent} spent of {capacity} and {earned}");
        // What was neither spent nor put back is there again, so nothing has leaked.
        prop_assert!(budget.tokens() >= capacity.saturating_sub(spent));
        prop_assert!(budget.tokens() <= capacity);
    }
}
