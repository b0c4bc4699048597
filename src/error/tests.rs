//! What a program does with an error: every kind of operation against every kind of failure, and the states that a refusal
//! can be about.

use std::time::Duration;

use super::*;
use crate::model::ErrorKind;

/// One of each class: a safe, an idempotent and a state-dependent operation, and one that creates.
const OPERATIONS: [Operation; 4] =
    [Operation::ListServers, Operation::ModifyServer, Operation::StartServer, Operation::CreateServer];

fn error(operation: Operation, class: Class, status: Option<u16>) -> Error {
    let reads = operation.idempotency() == Idempotency::Safe;
    let error = Error::new(class, "It failed.").during(Some(operation), reads, Duration::from_secs(1));
    let error = match status {
        Some(status) => error.with_status(status),
        None => error,
    };
    let made = operation.idempotency() == Idempotency::Creates && error.may_have_taken_effect();
    error.losing(made.then(|| LostCreate::new(operation, None, ())))
}

/// What is known after a failure.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Known {
    /// Nothing has happened, and it stays so.
    Refused,
    /// Nothing has happened, and trying again may help.
    Later,
    /// It may have happened.
    Nothing,
}

fn known(class: Class, status: Option<u16>) -> Known {
    match (class, status) {
        (Class::Connect, _) | (Class::Response, Some(429)) => Known::Later,
        (Class::Configuration | Class::Wait | Class::Undecided, _) | (Class::Response, Some(400..=407 | 409..=499)) => {
            Known::Refused
        }
        _ => Known::Nothing,
    }
}

/// Whether waiting and reading again helps.
fn passes(class: Class, status: Option<u16>) -> bool {
    match class {
        Class::Connect | Class::Transport | Class::Timeout => true,
        Class::Response => matches!(status, Some(408 | 429 | 500..=599)),
        _ => false,
    }
}

fn failures() -> impl Iterator<Item = (Class, Option<u16>)> {
    let classes = [
        (Class::Configuration, None),
        (Class::Connect, None),
        (Class::Transport, None),
        (Class::Transport, Some(200)),
        (Class::Timeout, None),
        (Class::Decode, Some(200)),
        (Class::Decode, Some(202)),
        (Class::Wait, None),
        (Class::Undecided, None),
    ];
    classes.into_iter().chain((100..=999).map(|status| (Class::Response, Some(status))))
}

#[test]
fn every_operation_against_every_failure() {
    for (class, status) in failures() {
        for operation in OPERATIONS {
            let error = error(operation, class, status);
            let text = error.to_string();
            let place = format!("{operation} {class:?} {status:?}: {text}");
            let (reads, twice_is_once) = match operation.idempotency() {
                Idempotency::Safe => (true, true),
                Idempotency::Idempotent => (false, true),
                Idempotency::StateDependent | Idempotency::Creates => (false, false),
            };
            let in_doubt = !reads && known(class, status) == Known::Nothing;
            assert_eq!(error.may_have_taken_effect(), in_doubt, "{place}");
            assert_eq!(error.is_safe_to_repeat(), twice_is_once || !in_doubt, "{place}");
            assert_eq!(error.is_transient(), !in_doubt && passes(class, status), "{place}");
            // What a naive program branches on before it repeats.
            if !error.is_safe_to_repeat() {
                assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{place}");
                assert!(!error.is_unavailable() && !error.is_not_found() && !error.is_conflict(), "{place}");
            } else if class == Class::Response {
                let unavailable = matches!(status, Some(408 | 429 | 500..=599));
                assert_eq!(error.is_unavailable(), unavailable, "{place}");
            }
            // Waits, retries and predicates have one rule.
            assert!(!error.is_transient() || Failure::of(&error) != Failure::Other, "{place}");
            assert_eq!(error.is_lost_create(), in_doubt && operation == Operation::CreateServer, "{place}");
            let lead = format!("{operation}: the request may have taken effect: ");
            assert_eq!(text.starts_with(&lead), in_doubt, "{place}");
            let advice = error.advice().unwrap_or_default();
            assert!(text.contains(advice) && !text.contains(".;") && !text.contains('\n'), "{place}");
            assert_eq!(advice.contains("do not repeat it"), !error.is_safe_to_repeat(), "{place}");
            assert!(!in_doubt || !text.contains("try again"), "{place}");
            assert_eq!(advice.contains("`find_lost`"), error.is_lost_create(), "{place}");
        }
    }
}

#[test]
fn a_code_with_a_meaning_of_its_own_keeps_it_whatever_the_status() {
    for status in [409, 500, 501, 503, 505, 507, 511, 520, 530] {
        for code in ErrorCode::known() {
            let own = code.kind() != Some(ErrorKind::Unavailable);
            let refused = |operation| error(operation, Class::Response, Some(status)).with_code(code.clone());
            let read = refused(Operation::ListServers);
            assert_eq!(Some(read.kind()), code.kind(), "{status} {code}");
            let is_trouble = status >= 500 && !own;
            assert_eq!(Failure::of(&read) == Failure::Server, is_trouble, "{status} {code}");
            let waits = code.waiting_may_help() && code.passing_states().is_empty();
            assert_eq!(read.is_transient(), is_trouble || waits, "{status} {code}");
            let create = refused(Operation::CreateServer);
            assert_eq!(create.may_have_taken_effect(), status >= 500, "{status} {code}");
        }
    }
}

#[test]
fn an_earlier_attempt_or_an_accepted_request_counts() {
    for operation in [Operation::StartServer, Operation::CreateServer, Operation::ModifyServer] {
        for (class, status) in failures() {
            let doubtful = error(operation, class, status).in_doubt();
            let accepted = error(operation, class, status).accepted(Some(operation), None);
            for error in [&doubtful, &accepted] {
                assert!(error.may_have_taken_effect() && !error.is_transient() && !error.is_configuration(), "{error}");
                assert!(!error.to_string().contains("try again"), "{error}");
            }
            assert!(
                accepted.to_string().starts_with(&format!("{operation}: the request was accepted: ")),
                "{accepted}"
            );
        }
    }
}

#[test]
fn the_state_decides_whether_waiting_helps() {
    use ErrorCode::{ServerStateIllegal, StorageStateIllegal};
    use Operation::{DeleteServer, ModifyServer, StartServer, StopServer};
    let refusal = |code: ErrorCode, operation, message: &str| {
        Error::new(Class::Response, message)
            .during(Some(operation), false, Duration::ZERO)
            .with_status(409)
            .with_code(code)
    };
    let named = |state: &str| format!("The operation is not allowed while the server 0-1 is in state '{state}'.");
    for operation in [StartServer, StopServer, DeleteServer, ModifyServer, Operation::RestartServer] {
        for (message, transient) in [
            (named("maintenance"), true),
            (named("started"), false),
            (named("stopped"), false),
            (named("error"), false),
            (named("pending_delete"), false),
            ("The server is in state maintenance.".to_owned(), true),
            ("It must be stopped, and is in state \"started\".".to_owned(), false),
            ("state: maintenance".to_owned(), true),
            ("The present state of the server does not allow the requested operation.".to_owned(), false),
            ("No.".to_owned(), false),
            ("state".to_owned(), false),
            (String::new(), false),
        ] {
            let error = refusal(ServerStateIllegal, operation, &message);
            assert_eq!(error.is_transient(), transient, "{error}");
            assert!(error.is_state() && error.is_safe_to_repeat(), "{error}");
            let needs_stop = message.contains("started") && [DeleteServer, ModifyServer].contains(&operation);
            assert_eq!(error.needs_stop(), needs_stop, "{error}");
            let stays = error.state().is_some() && !transient && !needs_stop;
            assert_eq!(error.to_string().contains("waiting does not help"), stays, "{error}");
        }
        // What the answer does not tell, a look may.
        for (state, transient) in [(ServerState::Maintenance, true), (ServerState::Started, false)] {
            let error = refusal(ServerStateIllegal, operation, "No.").refused_in(state);
            assert_eq!(error.is_transient(), transient, "{error}");
        }
    }
    for (state, transient) in [("cloning", true), ("backuping", true), ("online", false), ("error", false)] {
        let error = refusal(StorageStateIllegal, DeleteServer, &named(state));
        assert_eq!(error.is_transient(), transient, "{error}");
    }
}

#[test]
fn what_a_running_server_cannot_take_says_to_stop_it() {
    use ErrorCode::{
        FailedToAddMemory, HotResizeNotEnabled, HotResizeUnavailable, HotplugFailed, NoAvailableMemorySlots,
    };
    let codes = [HotResizeUnavailable, HotResizeNotEnabled, NoAvailableMemorySlots, FailedToAddMemory, HotplugFailed];
    for code in ErrorCode::known() {
        let error = error(Operation::ModifyServer, Class::Response, Some(409)).with_code(code.clone());
        assert_eq!(error.needs_stop(), codes.contains(code), "{error}");
        if error.needs_stop() {
            let text = error.to_string();
            assert!(text.contains("stop the server") && text.contains("start the server"), "{text}");
            assert!(!text.contains("maintenance") && !error.is_transient(), "{text}");
        }
    }
    let template = error(Operation::CreateServer, Class::Response, Some(409));
    let template = template.with_code(ErrorCode::MetadataDisabledOnCloudInit).to_string();
    assert!(template.contains(".metadata(true)"), "{template}");
}

#[test]
fn debug_is_the_line_and_the_fields_on_demand() {
    let error = error(Operation::StartServer, Class::Response, Some(503));
    assert_eq!(format!("{error:?}"), error.to_string());
    let fields = format!("{error:#?}");
    for field in ["class: Response", "status: Some(\n", "may_have_taken_effect: true", "is_transient: false"] {
        assert!(fields.contains(field), "{field}: {fields}");
    }
}

#[test]
fn clones_share_a_long_message_until_one_is_changed() {
    let long = Error::new(Class::Response, "x".repeat(1 << 20)).with_status(403);
    let clones: Vec<Error> = (0..1000).map(|_| long.clone()).collect();
    assert!(clones.iter().all(|clone| std::ptr::eq(clone.message(), long.message())));
    let changed = long.clone().took(Duration::from_secs(1));
    assert_eq!((changed.elapsed(), long.elapsed()), (Duration::from_secs(1), Duration::ZERO));
}
