//! The search on paused time.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering::Relaxed},
};

use super::*;
use crate::model::Operation;

fn lost() -> LostCreate {
    LostCreate::new(Operation::CreateServer, None, ())
}

/// A search whose looks give this, and counts them.
fn search<T: Send + 'static, F: Future<Output = Result<Search<T>, Error>> + Send + 'static>(
    gives: impl Fn(u32) -> F + Send + 'static,
) -> (FindLost<T>, Arc<AtomicU32>) {
    let looks = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&looks);
    let find = FindLost::new(Ok(lost()), move |_, _| gives(counted.fetch_add(1, Relaxed) + 1));
    (find, looks)
}

/// Finds something at this look.
fn found_at(at: u32) -> (FindLost<&'static str>, Arc<AtomicU32>) {
    search(move |look| async move { Ok(if look >= at { Search::Found("found") } else { Search::Nothing }) })
}

/// Whoever sees this does not create again.
fn still_lost(error: &Error) {
    assert!(error.is_lost_create() && error.may_have_taken_effect(), "{error}");
    assert!(!error.is_transient() && !error.is_safe_to_repeat() && !error.is_configuration(), "{error}");
    assert_eq!(error.operation(), Some(Operation::CreateServer));
    assert!(
        error.to_string().starts_with("createServer: the request may have taken effect: do not repeat it"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_not_visible_yet_is_looked_for_again() {
    let begin = Instant::now();
    let (find, looks) = found_at(1);
    assert_eq!(find.await.expect("an answer"), Some("found"));
    assert_eq!((looks.load(Relaxed), begin.elapsed()), (1, Duration::ZERO), "the first look is at once");
    let (find, looks) = found_at(8);
    assert_eq!(find.await.expect("an answer"), Some("found"));
    assert_eq!((looks.load(Relaxed), begin.elapsed()), (8, 7 * PAUSE));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_said_only_when_the_time_is_over() {
    for (limit, looked) in [(0, 1), (1, 1), (3, 2), (30, 15)] {
        let begin = Instant::now();
        let (find, looks) = found_at(u32::MAX);
        let found = find.limit(Duration::from_secs(limit)).await.expect("an answer");
        assert_eq!((found, looks.load(Relaxed)), (None, looked), "{limit}");
        assert!(begin.elapsed() <= Duration::from_secs(limit));
    }
    let (find, looks) = found_at(40);
    assert_eq!(find.limit(Duration::MAX).await.expect("an answer"), Some("found"), "no limit");
    assert_eq!(looks.load(Relaxed), 40);
    assert_eq!(found_at(1).0.limit, Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn it_ends_at_its_limit_whatever_a_look_does() {
    for (limit, ends) in [(0, 30), (1, 1), (30, 30), (3600, 3600)] {
        let begin = Instant::now();
        let (find, _) = search::<(), _>(|_| std::future::pending());
        let error = find.limit(Duration::from_secs(limit)).await.expect_err("it hangs");
        assert_eq!(begin.elapsed().as_secs(), ends, "{limit}");
        assert!(error.is_timeout(), "{error}");
        still_lost(&error);
    }
    // One look that was sure long ago says nothing about now.
    let (find, _) =
        search::<(), _>(
            |look| async move { if look == 1 { Ok(Search::Nothing) } else { std::future::pending().await } },
        );
    still_lost(&find.await.expect_err("cut"));
}

#[tokio::test(start_paused = true)]
async fn trouble_is_ridden_out_and_never_says_nothing() {
    let trouble = || Error::new(Class::Response, "sorry").with_status(522);
    let (find, looks) = search(move |look| async move {
        match look {
            1 => Err(trouble().with_retry_after(Duration::from_secs(7))),
            2 => Err(Error::new(Class::Decode, "garbled")),
            _ => Ok(Search::Found(look)),
        }
    });
    let begin = Instant::now();
    assert_eq!(find.await.expect("an answer"), Some(3));
    assert_eq!((looks.load(Relaxed), begin.elapsed()), (3, Duration::from_secs(9)), "`Retry-After` is waited for");

    let (find, _) =
        search::<(), _>(move |look| async move { if look < 9 { Ok(Search::Nothing) } else { Err(trouble()) } });
    still_lost(&find.await.expect_err("the last looks failed"));
    let (find, looks) = search::<(), _>(|_| async { Err(Error::new(Class::Response, "who are you").with_status(401)) });
    still_lost(&find.await.expect_err("refused"));
    assert_eq!(looks.load(Relaxed), 1, "a refusal ends it at once");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_decided_is_an_error_and_not_nothing() {
    let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    for (fits, may_fit) in [(vec![one, other], vec![]), (vec![one], vec![other]), (vec![], vec![one, other])] {
        let (find, looks) = search(move |_| {
            let seen = Search::among(fits.clone(), &may_fit, |uuid| *uuid);
            async move { Ok(seen) }
        });
        let error = find.await.expect_err("nobody knows");
        assert!(error.is_undecided() && looks.load(Relaxed) > 1, "it may become clear: {error}");
        assert!([one, other].iter().all(|uuid| error.to_string().contains(&uuid.to_string())), "{error}");
        still_lost(&error);
    }
    let many: Vec<Uuid> = (0..100_000).map(Uuid::from_u128).collect();
    let Search::Undecided(text) = Search::among(many, &[], |uuid| *uuid) else { panic!("many fit") };
    assert!(text.len() < 500, "{}", text.len());

    let wrong = FindLost::<()>::new(Err("it is another error"), |_, _| async { Ok(Search::Nothing) });
    assert!(wrong.await.expect_err("nothing to look for").is_configuration());
}
