//! What holds for every call, whatever its attempts and looks do, on paused time.

use std::{future::poll_fn, pin::pin, task::Poll};

use proptest::{collection::vec, prelude::*};

use super::*;

const ATTEMPTS: u32 = 12;

fn does() -> impl Strategy<Value = Does> {
    prop_oneof![
        1 => Just(Succeed),
        2 => Just(Hang),
        2 => (0..400_u64).prop_map(Ask),
        3 => (0..9000_u64).prop_map(Take),
        2 => prop::sample::select(vec![Class::Connect, Class::Transport, Class::Timeout, Class::Decode]).prop_map(Fail),
        2 => prop::sample::select(vec![307, 400, 404, 408, 409, 429, 500, 502, 503, 504, 522, 999]).prop_map(Answer),
    ]
}

fn sees() -> impl Strategy<Value = Sees> {
    prop_oneof![
        1 => Just(Sees::Done),
        4 => Just(Sees::NotDone),
        1 => Just(Sees::Nothing),
        1 => Just(Sees::Hangs),
    ]
}

fn classes() -> impl Strategy<Value = Idempotency> {
    prop::sample::select(vec![Safe, Idempotent, StateDependent, Creates])
}

fn millis(most: u64) -> impl Strategy<Value = Duration> {
    (0..most).prop_map(Duration::from_millis)
}

prop_compose! {
    fn rules()(
        attempts in 1..ATTEMPTS,
        first in millis(4000),
        shortest in millis(300),
        cost in 0..7_u32,
        tokens in 0..50_u32,
        attempt in millis(5000),
        total in millis(30_000),
    ) -> Given {
        let policy = RetryPolicy::default().attempts(attempts).first_wait(first).shortest_wait(shortest).budget_cost(cost);
        Given { policy, budget: Budget::new(tokens), attempt, total }
    }
}

prop_compose! {
    fn scripts()(attempts in vec(does(), ATTEMPTS as usize), looks in prop::option::of(vec(sees(), 2 * ATTEMPTS as usize))) -> Script {
        Script { looks: looks.map(VecDeque::from), ..Script::new(attempts) }
    }
}

fn on_paused_time<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(future)
}

/// Whether the request may have arrived in an attempt that does this.
fn may_arrive(does: Does) -> bool {
    match does {
        Fail(Class::Connect) | Answer(400 | 404 | 409 | 429) => false,
        Succeed | Hang | Ask(_) | Take(_) | Fail(_) | Answer(_) => true,
    }
}

proptest! {
    #[test]
    fn no_call_outlives_its_deadline(rules in rules(), mut script in scripts(), class in classes()) {
        let (capacity, cost) = (rules.budget.tokens(), rules.policy.cost());
        let planned: Vec<Does> = script.attempts.iter().copied().collect();
        let looks_can = script.looks.is_some();
        let (result, elapsed) = on_paused_time(async {
            let begin = Instant::now();
            let result = rules.run(class, &mut script).await;
            (result, begin.elapsed())
        });
        // Timers of tokio are exact to a millisecond.
        prop_assert!(elapsed <= rules.total + Duration::from_millis(1), "{elapsed:?} of {:?}", rules.total);
        let sent = script.begins.len();
        prop_assert!(rules.policy.allows_more_than(u32::try_from(sent - 1).expect("few")), "{sent} attempts");
        let retries = u32::try_from(sent - 1).expect("few");
        prop_assert!(cost == 0 || retries <= capacity / cost, "{retries} retries at {cost} of {capacity}");
        prop_assert!(rules.budget.tokens() <= capacity);
        if let Err(error) = &result {
            prop_assert_eq!(error.attempts() as usize, sent);
            let in_doubt = class != Safe && planned[..sent].iter().any(|does| may_arrive(*does));
            prop_assert_eq!(error.may_have_taken_effect(), in_doubt, "{:?}", &planned[..sent]);
        }
        let doubtful = planned[..sent - 1].iter().filter(|does| may_arrive(**does)).count();
        match class {
            Creates if !looks_can => prop_assert_eq!(doubtful, 0, "a create is never sent again after it may have arrived"),
            Creates | StateDependent => prop_assert!(script.looked as usize >= doubtful, "nothing is repeated without a look"),
            _ => {}
        }
    }

    #[test]
    fn a_call_can_be_dropped_at_any_await(
        rules in rules(),
        mut script in scripts(),
        class in classes(),
        polls in 0..40_u32,
    ) {
        let capacity = rules.budget.tokens();
        let done = on_paused_time(async {
            let mut call = pin!(rules.run(class, &mut script));
            let mut left = polls;
            poll_fn(|cx| {
                if left == 0 {
                    return Poll::Ready(None);
                }
                left -= 1;
                call.as_mut().poll(cx).map(Some)
            })
            .await
        });
        // Each retry that was sent, or looked for, has its price, and nothing else has.
        let succeeded = u32::from(matches!(done, Some(Ok("answered"))));
        let retries = u32::try_from(script.begins.len().saturating_sub(1)).expect("few");
        let dearest = rules.policy.cost() * (retries + script.looked);
        let cheapest = rules.policy.cost() * retries;
        let left = rules.budget.tokens();
        prop_assert!(left + dearest >= capacity, "{left} of {capacity} after {retries} retries");
        prop_assert!(left <= capacity.min((capacity + succeeded).saturating_sub(cheapest)));
        // The next call is none the worse.
        let next = on_paused_time(Given { budget: Budget::new(left), ..Given::default() }.run(Safe, &mut Script::new([Succeed])));
        prop_assert_eq!(next.expect("an answer"), "answered");
    }
}
