//! The test that the README shows.

use upcloud::fake::Fake;

#[test]
fn there_are_three_servers() {
    let fake = Fake::start_blocking();
    fake.fill(3);
    let servers = fake.block_on(fake.client().servers().list()).unwrap();
    assert_eq!(servers.len(), 3);
}
