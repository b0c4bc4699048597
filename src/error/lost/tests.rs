//! What the age of a server says, and what a label.

use super::*;

fn lost() -> LostCreate {
    LostCreate::new(Operation::CreateServer, None, ())
}

/// The clock of the service, whatever the one here says.
#[test]
fn the_age_is_told_by_one_clock() {
    let lost = lost();
    for service in [0, 1_000_000_000, 1_750_000_000, 40_000_000_000_i64] {
        let date = SystemTime::UNIX_EPOCH + Duration::from_secs(service.unsigned_abs());
        let told = Some(ServiceTime { date, at: Moment::now() });
        for (created, age) in [
            (Some(service), Age::Younger),
            (Some(service + 1), Age::Younger),
            (Some(service - 10), Age::Unknown),
            (Some(service - 600), Age::Unknown),
            (Some(service - 3600), Age::Older),
            (Some(i64::MIN), Age::Older),
            (Some(service + 600), Age::Unknown),
            (Some(i64::MAX), Age::Unknown),
            (None, Age::Unknown),
        ] {
            assert_eq!(lost.age(created, told), age, "{created:?} at {service}");
        }
        assert_eq!(lost.age(Some(service), None), Age::Unknown, "no `Date`");
    }
    // The create took its time.
    let at = Moment::now();
    let ago = Duration::from_secs(300);
    let early = Moment { steady: at.steady.checked_sub(ago).expect("a time"), wall: at.wall - ago };
    let lost = LostCreate { sent: early, ..lost };
    let told = Some(ServiceTime { date: SystemTime::UNIX_EPOCH + Duration::from_secs(1_750_000_000), at });
    assert_eq!(lost.age(Some(1_750_000_000 - 299), told), Age::Younger);
    assert_eq!(lost.age(Some(1_750_000_000 - 310), told), Age::Unknown);
    // The clocks here disagree about how long: one was set, or stood still.
    let lost = LostCreate { sent: Moment { steady: at.steady, ..early }, ..lost };
    assert_eq!(lost.age(Some(1_750_000_000 - 310), told), Age::Unknown);
    assert_eq!(lost.age(Some(1_750_000_000), told), Age::Unknown);
}

#[test]
fn the_label_counts_with_its_value() {
    let label = |key: &str, value: &str| -> Label {
        serde_json::from_value(serde_json::json!({"key": key, "value": value})).expect("a label")
    };
    let lost = LostCreate { trace: Some("v".to_owned()), ..lost() };
    assert!(lost.is_traced_by(&[label("env", "v"), label("Upcloud-Rust-Create", "v")]));
    assert!(!lost.is_traced_by(&[label(TRACE_LABEL, "w"), label("env", "v")]));
    assert!(!lost.is_traced_by(&[]));
    let untraced = LostCreate { trace: None, ..lost };
    assert!(!untraced.is_traced_by(&[label(TRACE_LABEL, "")]));
}
