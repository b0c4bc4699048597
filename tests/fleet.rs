//! Many servers at once, on the fake: what is sent, what is waited out, and that nothing is lost when it ends early.

#[allow(dead_code, unused_imports, reason = "the file is shared with other tests")]
mod contract;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use contract::{Watch as _, watched};
use tokio::sync::Notify;
use upcloud::{
    CreateServer, ErrorCode, RetryPolicy, ServerState, StopMode,
    calls::Operation,
    fake::{CannedResponse, Fake, NATIVE_TEMPLATE, ServerSeed, Timing},
    fleet::{CreateAll, End, EnsureAll, Fate, Progress, Refusals},
    types::BackupDeletion,
};
use uuid::Uuid;

const SHORT: Duration = Duration::from_millis(1);

fn asked(fake: &Fake, operation: Operation) -> usize {
    fake.requests().iter().filter(|request| request.operation == Some(operation)).count()
}

fn wanted(count: usize) -> impl Iterator<Item = CreateServer> {
    (1..=count).map(|number| {
        let hostname = format!("web-{number}.example.net");
        CreateServer::from_template(hostname, "de-fra1", NATIVE_TEMPLATE).plan("1xCPU-1GB")
    })
}

/// A fleet without long pauses.
fn quick(rule: Refusals) -> impl Fn(CreateAll) -> CreateAll {
    move |fleet| fleet.when_refused(rule.pauses_of(SHORT, SHORT)).poll_every(SHORT, SHORT).look_for_lost(SHORT)
}

fn quickly(fleet: EnsureAll) -> EnsureAll {
    fleet.when_refused(Refusals::default().pauses_of(SHORT, SHORT)).poll_every(SHORT, SHORT)
}

/// Refusals, troubles and lost answers come now and then: everything is made once, and it costs hardly more than one request
/// for each server, and one list for each look.
#[tokio::test]
async fn a_thousand_servers_are_made_once() {
    const COUNT: usize = 1000;
    const TICK: Duration = Duration::from_millis(10);
    let begin = Instant::now();
    let fake = Arc::new(Fake::builder().timing(Timing::Polls(1)).keep_requests(10_000).watched().await);
    let made = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let (troubled, widest) = (Arc::clone(&fake), Arc::clone(&most));
    let outcome = quick(Refusals::default())(fake.client().servers().create_all(wanted(COUNT)))
        .in_flight(16)
        .on_made(move |_| {
            let create = Operation::CreateServer;
            match made.fetch_add(1, Relaxed) % 100 {
                20 => troubled.fail_times(create, ErrorCode::ServerCreatingLimitReached, 3),
                40 => troubled.answer_next(create, CannedResponse::unavailable()),
                60 => troubled.answer_next(create, CannedResponse::dropped()),
                80 => troubled.answer_next(create, CannedResponse::dropped_after()),
                _ => {}
            }
        })
        .on_progress(move |progress| {
            widest.fetch_max(progress.in_flight, Relaxed);
        })
        .poll_every(TICK, TICK)
        .and_wait()
        .await;
    let ticks = usize::try_from(begin.elapsed().as_millis() / TICK.as_millis()).expect("a short test");
    assert!(outcome.is_done() && outcome.end() == End::Complete, "{outcome}");
    assert_eq!(most.load(Relaxed), 16);
    let servers = fake.servers();
    assert_eq!(servers.len(), COUNT, "each is made once");
    assert!(servers.iter().all(|server| server.state == ServerState::Started));
    for ((request, server), number) in outcome.done().zip(1..) {
        assert_eq!(request.hostname, format!("web-{number}.example.net"), "the order is that of the requests");
        assert_eq!((&server.hostname, &server.state), (&request.hostname, &ServerState::Started));
    }
    let lost = outcome.made().filter(|server| server.password.is_none()).count();
    assert_eq!(lost, 10, "only what was found again has lost its password");
    let (all, lists) = (fake.requests().len(), asked(&fake, Operation::ListServers));
    assert!((all - lists) * 10 <= COUNT * 11, "{all} requests, {lists} of them lists");
    // Beside those, each of 20 lost creates that made nothing is looked for alone, and each of 30 refusals may be.
    assert!(lists <= ticks + 20 + 30, "{lists} lists in {ticks} ticks");
}

#[tokio::test]
async fn a_stop_leaves_nothing_unknown() {
    let fake = watched().await;
    let stop = Arc::new(Notify::new());
    let told = Arc::clone(&stop);
    let mut made = 0;
    fake.answer_next(Operation::CreateServer, CannedResponse::dropped_after());
    let fleet =
        quick(Refusals::default())(fake.client().servers().create_all(wanted(100))).in_flight(4).on_made(move |_| {
            made += 1;
            if made == 10 {
                told.notify_one();
            }
        });
    let outcome = fleet.stop_on(async move { stop.notified().await }).and_wait().await;
    assert_eq!(outcome.end(), End::Stopped);
    let uuids = outcome.uuids();
    let mut there: Vec<Uuid> = fake.servers().iter().map(|server| server.uuid).collect();
    let mut known = uuids.clone();
    there.sort_unstable();
    known.sort_unstable();
    assert_eq!(known, there, "all that were made are known");
    assert!((10..=15).contains(&uuids.len()), "{outcome}");
    assert_eq!(outcome.len(), uuids.len() + outcome.not_begun().count(), "{outcome}");
    assert!(outcome.to_string().contains("told to stop"), "{outcome}");
    assert!(outcome.into_result().is_err());

    let gone = quickly(fake.client().servers().delete_all(uuids.clone(), None)).await;
    assert!(gone.is_done() && fake.servers().is_empty(), "{gone}");
    let again = quickly(fake.client().servers().delete_all(uuids, None)).await;
    assert!(again.is_done(), "{again}");
}

#[tokio::test]
async fn what_is_refused_for_the_moment_is_waited_out_if_the_rule_says_so() {
    let create = Operation::CreateServer;
    let (limit, room) = (ErrorCode::ServerCreatingLimitReached, ErrorCode::ServerResourcesUnavailable);
    for (code, rule, is_waited_out) in [
        (&limit, Refusals::default(), true),
        (&limit, Refusals::fail(), false),
        (&room, Refusals::default(), false),
        (&room, Refusals::default().and_capacity(), true),
    ] {
        let fake = watched().await;
        fake.fail_times(create, code.clone(), 5);
        let outcome = quick(rule)(fake.client().servers().create_all(wanted(10))).await;
        let failed = outcome.failed().count();
        assert_eq!(failed, if is_waited_out { 0 } else { 5 }, "{code:?} {rule:?}: {outcome}");
        assert_eq!(fake.servers().len(), 10 - failed);
        assert!(outcome.failed().all(|(_, error)| error.code() == Some(code)));
    }
}

/// One refusal stops all: while the limit is reached, only one request at a time tries it.
#[tokio::test]
async fn refusals_are_waited_out_together() {
    let fake = watched().await;
    fake.fail_times(Operation::CreateServer, ErrorCode::ServerCreatingLimitReached, 20);
    let pauses = Arc::new(Mutex::new(Vec::<Progress>::new()));
    let seen = Arc::clone(&pauses);
    let outcome = quick(Refusals::default())(fake.client().servers().create_all(wanted(10)))
        .in_flight(5)
        .on_progress(move |progress| seen.lock().expect("a lock").push(progress.clone()))
        .await;
    assert!(outcome.is_done(), "{outcome}");
    let seen = pauses.lock().expect("a lock");
    let first = seen.iter().position(|progress| progress.refused >= 5).expect("the first five are refused");
    let later = seen[first..].iter().take_while(|progress| progress.done == 0);
    assert!(later.map(|progress| progress.in_flight).max().expect("some") <= 1);
    assert!(seen.iter().any(|progress| progress.pause.is_some()));
    let last = seen.last().expect("the last");
    assert_eq!((last.done, last.left, last.in_flight, last.refused, last.total), (10, 0, 0, 20, 10));
}

#[tokio::test]
async fn the_limit_ends_the_sending_and_keeps_the_results() {
    let fake = watched().await;
    let servers = fake.client().servers();
    let half = quick(Refusals::default())(servers.create_all(wanted(3))).in_flight(1).await;
    assert!(half.is_done());
    fake.fail_times(Operation::CreateServer, ErrorCode::ServerCreatingLimitReached, u32::MAX);
    let outcome =
        quick(Refusals::default())(servers.create_all(wanted(5))).limit(Duration::from_millis(50)).in_flight(1).await;
    assert_eq!(outcome.end(), End::Limit);
    assert_eq!((outcome.failed().count(), outcome.not_begun().count()), (1, 4), "{outcome}");
    let (request, error) = outcome.failed().next().expect("the refused one");
    assert_eq!(request.hostname, "web-1.example.net");
    assert_eq!(error.code(), Some(&ErrorCode::ServerCreatingLimitReached));

    let nothing = servers.create_all(wanted(5)).limit(Duration::ZERO).await;
    assert_eq!(nothing.not_begun().count(), 5, "{nothing}");
}

#[tokio::test]
async fn what_no_request_can_overcome_ends_the_sending() {
    let fake = watched().await;
    fake.answer_next(Operation::CreateServer, CannedResponse::unauthorized().times(u32::MAX));
    let outcome = fake.client().servers().create_all(wanted(100)).in_flight(3).await;
    assert_eq!(outcome.end(), End::Failure);
    assert!(outcome.failed().all(|(_, error)| error.is_authentication()));
    assert_eq!((outcome.failed().count(), outcome.not_begun().count()), (3, 97), "{outcome}");
    assert_eq!(fake.requests().len(), 3);
}

#[tokio::test]
async fn a_mistake_in_one_request_fails_alone_unless_told_otherwise() {
    let fake = watched().await;
    let wrong = || {
        let mut wanted: Vec<CreateServer> = wanted(10).collect();
        wanted[2].zone = "no-where1".to_owned();
        wanted
    };
    let outcome = fake.client().servers().create_all(wrong()).in_flight(1).await;
    assert_eq!((outcome.made().count(), outcome.failed().count()), (9, 1), "{outcome}");
    let outcome = fake.client().servers().create_all(wrong()).in_flight(1).stop_on_failure().await;
    assert_eq!(outcome.end(), End::Failure);
    assert_eq!((outcome.made().count(), outcome.failed().count(), outcome.not_begun().count()), (2, 1, 7), "{outcome}");
    assert!(outcome.to_string().starts_with("2 of 10 done, 1 failed, 7 not begun"), "{outcome}");
}

#[tokio::test]
async fn a_server_that_was_made_and_does_not_start_is_known() {
    let fake = Arc::new(Fake::builder().timing(Timing::Polls(2)).watched().await);
    let broken = Arc::clone(&fake);
    let mut made = 0;
    let fleet = quick(Refusals::default())(fake.client().servers().create_all(wanted(5))).in_flight(1);
    let outcome = fleet
        .on_made(move |server| {
            made += 1;
            if made == 3 {
                broken.set_state(server.uuid, ServerState::Error);
            }
        })
        .and_wait()
        .await;
    assert_eq!((outcome.done().count(), outcome.uuids().len()), (4, 5), "{outcome}");
    let (request, third) = outcome.iter().nth(2).expect("the third");
    assert_eq!(request.hostname, "web-3.example.net");
    let Fate::Unfinished(server, error) = third else { panic!("{third:?}") };
    assert!(error.is_wait_failed() && error.may_have_taken_effect(), "{error}");
    assert!(server.password.is_some(), "the answer alone has it");
    let gone = quickly(fake.client().servers().delete_all(outcome.uuids(), Some(BackupDeletion::Keep))).await;
    let (uuid, error) = gone.failed().next().expect("the fake does not delete a broken server");
    assert_eq!((*uuid, error.code()), (server.uuid, Some(&ErrorCode::ServerStateIllegal)));
    assert_eq!((gone.done().count(), fake.servers().len()), (4, 1), "{gone}");
}

#[tokio::test]
async fn without_a_label_a_lost_create_stays_in_doubt() {
    let fake = watched().await;
    fake.answer_next(Operation::CreateServer, CannedResponse::dropped_after());
    let fleet = quick(Refusals::default())(fake.client().servers().create_all(wanted(3)));
    let outcome = fleet.in_flight(1).traceable(false).await;
    let (request, error) = outcome.in_doubt().next().expect("one in doubt");
    assert_eq!((request.hostname.as_str(), error.is_lost_create()), ("web-1.example.net", true));
    assert_eq!((fake.servers().len(), outcome.made().count()), (3, 2));
    assert!(fake.servers().iter().all(|server| server.labels.is_empty()));
    assert_eq!(asked(&fake, Operation::ListServers), 0);
}

#[tokio::test]
async fn what_was_not_made_is_not_sent_forever() {
    let fake = watched().await;
    fake.answer_next(Operation::CreateServer, CannedResponse::dropped().times(u32::MAX));
    let outcome = quick(Refusals::default())(fake.client().servers().create_all(wanted(2))).await;
    assert_eq!((outcome.failed().count(), outcome.end()), (2, End::Complete), "{outcome}");
    assert!(asked(&fake, Operation::CreateServer) <= 8);
    assert!(fake.servers().is_empty());
}

#[tokio::test]
async fn each_create_can_be_told_more() {
    let fake = watched().await;
    fake.answer_next(Operation::CreateServer, CannedResponse::status(429).times(3));
    let fleet = quick(Refusals::default())(fake.client().servers().create_all(wanted(2)));
    let outcome = fleet.in_flight(1).each(|call| call.retry(RetryPolicy::off())).await;
    assert!(outcome.is_done(), "the fleet waits although the call does not: {outcome}");
    assert_eq!(asked(&fake, Operation::CreateServer), 5);
}

/// From any state to none: two requests for a server that runs, one for a stopped one, and one list per look.
#[tokio::test]
async fn many_are_deleted_from_any_state() {
    let fake = Fake::builder().timing(Timing::Polls(2)).watched().await;
    let add = |name: &str, state| fake.add_server(ServerSeed::new(format!("{name}.example.net")).state(state));
    let mut uuids: Vec<Uuid> = (0..20).map(|n| add(&format!("up-{n}"), ServerState::Started)).collect();
    uuids.extend((0..10).map(|n| add(&format!("down-{n}"), ServerState::Stopped)));
    let starting = quick(Refusals::default())(fake.client().servers().create_all(wanted(5))).await;
    let before = fake.requests().len();
    uuids.extend(starting.uuids());
    let stays = add("stays", ServerState::Started);
    uuids.extend([uuids[0], Uuid::from_u128(7)]);
    let outcome = quickly(fake.client().servers().delete_all(uuids, Some(BackupDeletion::Keep))).in_flight(4).await;
    assert!(outcome.is_done(), "{outcome}");
    assert_eq!(outcome.len(), 36, "a server that is named twice is one");
    assert_eq!(fake.servers().iter().map(|server| server.uuid).collect::<Vec<_>>(), [stays]);
    let sent: Vec<_> = fake.requests().split_off(before);
    let count = |operation| sent.iter().filter(|request| request.operation == Some(operation)).count();
    assert_eq!(count(Operation::StopServer), 25);
    assert_eq!(count(Operation::DeleteServer), 36, "the one that was never there is asked for once");
    assert_eq!(count(Operation::GetServer), 0);
    assert!(count(Operation::ListServers) <= 10, "{} looks", count(Operation::ListServers));
    let delete = sent.iter().find(|request| request.operation == Some(Operation::DeleteServer)).expect("one");
    assert!(delete.query.contains(&("storages".to_owned(), "true".to_owned())), "{:?}", delete.query);
}

#[tokio::test]
async fn many_are_stopped_and_started_again() {
    let fake = Fake::builder().timing(Timing::Polls(1)).watched().await;
    fake.fill(30);
    let uuids: Vec<Uuid> = fake.servers().iter().map(|server| server.uuid).collect();
    fake.set_state(uuids[3], ServerState::Error);
    let servers = fake.client().servers();
    // Trouble on the way is ridden out.
    fake.answer_next(Operation::StopServer, CannedResponse::dropped_after());
    fake.answer_next(Operation::ListServers, CannedResponse::html(502, "<p>Bad Gateway</p>").times(2));
    let down = quickly(servers.stop_all(uuids.clone(), StopMode::Hard)).await;
    let failed: Vec<_> = down.failed().map(|(uuid, error)| (*uuid, error.is_wait_failed())).collect();
    assert_eq!((failed, down.done().count()), (vec![(uuids[3], true)], 29), "{down}");
    assert_eq!(fake.servers().iter().filter(|server| server.state == ServerState::Stopped).count(), 29);

    fake.set_state(uuids[3], ServerState::Stopped);
    let up = quickly(servers.start_all(uuids.clone())).await;
    assert!(up.is_done(), "{up}");
    let before = fake.requests().len();
    let again = quickly(servers.start_all(uuids)).await;
    assert!(again.is_done());
    assert_eq!(fake.requests().len() - before, 1, "one look sees that there is nothing to do");
}

#[tokio::test]
async fn a_start_without_room_fails_unless_the_rule_says_to_wait() {
    let fake = watched().await;
    let uuid = fake.add_server(ServerSeed::new("web-1.example.net").state(ServerState::Stopped));
    let servers = fake.client().servers();
    let full = || fake.fail_times(Operation::StartServer, ErrorCode::ServerResourcesUnavailable, 2);
    full();
    let outcome = servers.start_all([uuid]).poll_every(SHORT, SHORT).await;
    assert!(outcome.failed().all(|(_, error)| error.is_capacity()) && !outcome.is_done(), "{outcome}");
    let rule = Refusals::default().and_capacity().pauses_of(SHORT, SHORT);
    full();
    let outcome = servers.start_all([uuid]).poll_every(SHORT, SHORT).when_refused(rule).await;
    assert!(outcome.is_done(), "{outcome}");
}

#[tokio::test]
async fn the_end_of_an_action_tells_what_each_server_was_about() {
    let fake = Fake::builder().timing(Timing::Manual).watched().await;
    fake.fill(2);
    let uuids: Vec<Uuid> = fake.servers().iter().map(|server| server.uuid).collect();
    let servers = fake.client().servers();
    let stopping = quickly(servers.stop_all(uuids.clone(), StopMode::Soft)).limit(Duration::from_millis(100)).await;
    assert_eq!((stopping.end(), stopping.unfinished().count()), (End::Limit, 2), "{stopping}");
    for (_, (), error) in stopping.unfinished() {
        assert!(error.is_timeout() && error.last_state() == Some(&ServerState::Started), "{error}");
    }
    assert_eq!(asked(&fake, Operation::StopServer), 2, "a guest is asked once");
    let stopped = servers.delete_all(uuids, None).stop_on(async {}).await;
    assert_eq!((stopped.end(), stopped.not_begun().count()), (End::Stopped, 2), "{stopped}");
}

#[tokio::test]
async fn a_stop_ends_pauses_and_waits_at_once() {
    let fake = Fake::builder().timing(Timing::Manual).watched().await;
    let servers = fake.client().servers();
    let soon = || tokio::time::sleep(Duration::from_millis(100));
    let made = quick(Refusals::default())(servers.create_all(wanted(3))).stop_on(soon()).and_wait().await;
    assert_eq!((made.end(), made.unfinished().count(), made.uuids().len()), (End::Stopped, 3, 3), "{made}");
    assert!(made.made().all(|server| server.password.is_some()));
    assert_eq!(made.not_done().count(), 3);

    fake.fail_times(Operation::CreateServer, ErrorCode::ServerCreatingLimitReached, u32::MAX);
    let minutes = Refusals::default().pauses_of(Duration::from_secs(300), Duration::from_secs(300));
    let paused = servers.create_all(wanted(3)).when_refused(minutes).in_flight(1).stop_on(soon());
    let paused =
        tokio::time::timeout(Duration::from_secs(20), paused.into_future()).await.expect("no pause is sat out");
    assert_eq!((paused.end(), paused.failed().count(), paused.not_begun().count()), (End::Stopped, 1, 2), "{paused}");
}

/// The identifier and the password stand in an answer that is too long to be read as a whole.
#[tokio::test]
async fn a_broken_answer_that_tells_what_was_made_is_enough() {
    let fake = watched().await;
    let fleet = quick(Refusals::default())(fake.client().servers().create_all(wanted(1)));
    let outcome = fleet.each(|call| call.max_response_size(1500)).await;
    let server = outcome.made().next().expect("made");
    assert_eq!((server.uuid, server.password.is_some()), (fake.servers()[0].uuid, true));
    assert_eq!((asked(&fake, Operation::CreateServer), asked(&fake, Operation::GetServer)), (1, 1));
}

/// A list that lacks servers which are there is not believed.
#[tokio::test]
async fn a_list_that_is_not_whole_is_read_in_pages() {
    let fake = watched().await;
    fake.fill(5);
    let uuids: Vec<Uuid> = fake.servers().iter().map(|server| server.uuid).collect();
    let empty = serde_json::json!({"servers": {"server": []}});
    fake.answer_next(Operation::ListServers, CannedResponse::json(200, &empty));
    let outcome = quickly(fake.client().servers().delete_all(uuids, None)).await;
    assert!(outcome.is_done() && fake.servers().is_empty(), "{outcome}");
    let pages = fake.requests().iter().filter(|request| request.query.iter().any(|(name, _)| name == "limit")).count();
    assert!(pages > 0);
}

#[tokio::test]
async fn a_fleet_can_go_on_in_a_task_and_dropping_it_ends_it() {
    let fake = watched().await;
    let servers = fake.client().servers();
    let task = tokio::spawn(servers.create_all(wanted(3)));
    assert!(task.await.expect("no panic").is_done());

    let three = Arc::new(Notify::new());
    let told = Arc::clone(&three);
    let fleet = servers.create_all(wanted(100)).in_flight(1).on_made(move |_| told.notify_one());
    tokio::select! {
        outcome = fleet => panic!("{outcome}"),
        () = three.notified() => {}
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(fake.servers().len() <= 5, "nothing is sent by a fleet that is gone");
}

/// An account that may have five servers in creation: the fleet learns it, and keeps to it.
#[tokio::test]
async fn a_limit_of_creates_at_a_time_is_kept_to() {
    let fake = Arc::new(Fake::builder().timing(Timing::Takes(Duration::from_millis(100))).watched().await);
    let looked = Arc::clone(&fake);
    let limit = fake.mock_operation(Operation::CreateServer, |when, then| {
        when.is_true(move |_| {
            looked.servers().iter().filter(|server| server.state == ServerState::Maintenance).count() >= 5
        });
        let error = r#"{"error": {"error_code": "SERVER_CREATING_LIMIT_REACHED", "error_message": "Too many."}}"#;
        then.status(409).header("Content-Type", "application/json").body(error);
    });
    let rule = Refusals::default().pauses_of(Duration::from_millis(20), Duration::from_millis(500));
    let fleet = fake.client().servers().create_all(wanted(100)).in_flight(16).when_refused(rule);
    let outcome = fleet.poll_every(Duration::from_millis(20), Duration::from_millis(50)).await;
    assert!(outcome.is_done(), "{outcome}");
    let lists = asked(&fake, Operation::ListServers);
    // The first 16 go together and meet the limit together; later one more is tried now and then.
    assert!(limit.calls() <= 11 + 20, "{} refusals", limit.calls());
    assert!(lists <= 200, "{lists} lists");
}

#[tokio::test]
async fn nothing_to_do_costs_nothing() {
    let fake = watched().await;
    let servers = fake.client().servers();
    let made = servers.create_all([]).and_wait().await;
    assert!(made.is_empty() && made.is_done() && made.end() == End::Complete);
    assert!(servers.delete_all([], None).await.is_done());
    let stopped = servers.create_all(wanted(5)).stop_on(async {}).await;
    assert_eq!((stopped.end(), stopped.not_begun().count()), (End::Stopped, 5), "{stopped}");
    assert!(fake.requests().is_empty());
}
