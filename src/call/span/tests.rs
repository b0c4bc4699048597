//! What spans cost if nobody listens.

use allocation_counter::measure;

use uuid::Uuid;

use super::{super::Call as _, *};
use crate::Client;

#[test]
fn without_a_subscriber_spans_allocate_nothing() {
    let client = Client::builder().token("t").base_url("http://127.0.0.1:9").build().expect("a client");
    let request = client.servers().get(Uuid::nil());
    let shared = request.options().connection.shared();
    let error = Error::new(Class::Response, "refused").with_status(409);
    let spans = || {
        let whole = call(&request);
        for number in 1..=3 {
            let span = attempt(&request, shared, number);
            end(&span, Err(&error));
            drop(verify());
        }
        whole.record("upcloud.attempts", 3);
        end(&whole, Ok(StatusCode::OK));
    };
    // Each place where a span is made registers itself once.
    spans();
    assert_eq!(measure(spans).count_total, 0);
    assert!(measure(|| drop(vec![1_u8])).count_total > 0, "the measure works");
}
