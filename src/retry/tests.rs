//! The table cell by cell, and the properties of waits and budget for many seeds.

use std::time::{Duration, SystemTime};

use super::*;
use crate::OperationClass::{Create, Guarded, Read, Repeatable};

#[test]
fn every_cell_of_the_table() {
    use Verdict::{Again, LookFirst, Never};

    for (failure, cells) in [
        (Failure::NeverSent, [Again, Again, Again, Again]),
        (Failure::Unanswered, [Again, Again, LookFirst, LookFirst]),
        (Failure::RequestTimeout, [Again, Again, LookFirst, LookFirst]),
        (Failure::Busy, [Again, Again, Again, Again]),
        (Failure::Server, [Again, Again, LookFirst, LookFirst]),
        (Failure::Other, [Never, Never, Never, Never]),
    ] {
        let found = [Read, Repeatable, Guarded, Create].map(|class| verdict(failure, class));
        assert_eq!(found, cells, "{failure:?}");
    }
}

#[test]
fn the_row_of_every_error() {
    for (class, failure) in [
        (Class::Configuration, Failure::Other),
        (Class::Connect, Failure::NeverSent),
        (Class::Transport, Failure::Unanswered),
        (Class::Timeout, Failure::Unanswered),
        (Class::Decode, Failure::Other),
        (Class::Wait, Failure::Other),
    ] {
        assert_eq!(Failure::of(&Error::new(class, "")), failure, "{class:?}");
        // A status that came before the body broke off changes nothing.
        assert_eq!(Failure::of(&Error::new(class, "").with_status(200)), failure, "{class:?}");
    }
    for status in 100..=599 {
        let expected = match status {
            408 => Failure::RequestTimeout,
            429 => Failure::Busy,
            500 | 502 | 503 | 504 => Failure::Server,
            _ => Failure::Other,
        };
        assert_eq!(Failure::of(&Error::new(Class::Response, "").with_status(status)), expected, "{status}");
    }
}

/// The policies that the properties are tried on, the default among them.
fn policies(random: &mut fastrand::Rng) -> Vec<RetryPolicy> {
    let mut all = vec![RetryPolicy::default()];
    for _ in 0..200 {
        let mut millis = |most| Duration::from_millis(random.u64(0..most));
        let policy = RetryPolicy::default()
            .first_wait(millis(5000))
            .longest_wait(millis(60_000))
            .shortest_wait(millis(2000))
            .factor(random.u32(1..6));
        all.push(policy);
    }
    all
}

#[test]
fn waits_keep_their_bounds_and_their_envelope_never_shrinks() {
    let mut random = fastrand::Rng::with_seed(4);
    for policy in policies(&mut random) {
        let longest = policy.longest.max(policy.shortest);
        let mut before = Duration::ZERO;
        for attempts in 1..70 {
            let envelope = policy.envelope(attempts);
            assert!(envelope >= before && envelope <= longest, "{policy:?} {attempts}: {envelope:?}");
            before = envelope;
            for _ in 0..20 {
                let wait = policy.wait(attempts, random.f64(), None);
                assert!(wait >= policy.shortest && wait <= envelope, "{policy:?} {attempts}: {wait:?}");
                assert!(wait >= envelope / 2, "half is for sure: {policy:?} {attempts}: {wait:?}");
            }
        }
    }
}

#[test]
fn chance_spreads_waits_over_half_of_the_envelope() {
    let policy = RetryPolicy::default();
    let millis = |chance| policy.wait(3, chance, None).as_millis();
    assert_eq!((millis(0.0), millis(0.5), millis(1.0)), (1000, 1500, 2000));
}

#[test]
fn an_answer_can_make_a_wait_longer_and_never_shorter() {
    let mut random = fastrand::Rng::with_seed(5);
    for policy in policies(&mut random) {
        let asked = Duration::from_millis(random.u64(0..200_000));
        let chance = random.f64();
        assert_eq!(policy.wait(2, chance, Some(asked)), policy.wait(2, chance, None).max(asked), "{policy:?}");
    }
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
fn the_budget_gives_what_it_has_and_holds_what_it_can() {
    let budget = Budget::new(12);
    assert!(budget.take(5) && budget.take(5));
    assert!(!budget.take(5), "two are left");
    assert!(budget.take(2), "a refusal takes nothing");
    assert!(!budget.take(1));
    assert!(budget.take(0), "what costs nothing needs nothing");
    (0..100).for_each(|_| budget.put_back());
    assert!(budget.take(12));
    assert!(!budget.take(1), "never more than at the beginning");
}

#[test]
fn the_budget_is_not_overdrawn_by_many_at_once() {
    let budget = Budget::new(1000);
    let taken = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(|| (0..1000).filter(|_| budget.take(5)).count())).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).sum::<usize>()
    });
    assert_eq!(taken, 200);
}
