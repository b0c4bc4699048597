//! Everything the fake makes up: identifiers, addresses, passwords. One seed gives one sequence of them.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a UUID names; the API marks its kinds by the first byte.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Server = 0x00,
    Storage = 0x01,
    Network = 0x03,
    Group = 0x0b,
}

/// A small generator (`SplitMix64`): even a seed of zero gives well-mixed numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Ids {
    state: u64,
    addresses: u32,
}

impl Ids {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed, addresses: 0 }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn uuid(&mut self, kind: Kind) -> Uuid {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next().to_be_bytes());
        bytes[8..].copy_from_slice(&self.next().to_be_bytes());
        bytes[0] = kind as u8;
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// Letters and digits, without those that people confuse.
    pub(super) fn password(&mut self, length: usize) -> String {
        const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
        (0..length).map(|_| char::from(LETTERS[self.below(LETTERS.len())])).collect()
    }

    #[expect(clippy::cast_possible_truncation, reason = "the remainder is smaller than a usize")]
    pub(super) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// A locally administered address, so that it is nobody's.
    pub(super) fn mac(&mut self) -> String {
        let bytes = self.next().to_be_bytes().map(|byte| format!("{byte:02x}"));
        format!("6a:{}", bytes[3..].join(":"))
    }

    /// The next address of 198.18.0.0/15, which is set apart for tests.
    pub(super) fn public_ipv4(&mut self) -> String {
        let number = self.address();
        Ipv4Addr::from(0xc612_0000 | (number % 0x0001_fffe + 1)).to_string()
    }

    pub(super) fn private_ipv4(&mut self) -> String {
        let number = self.address();
        Ipv4Addr::from(0x0a00_0000 | (number % 0x00ff_fffe + 1)).to_string()
    }

    /// The next address of `2001:db8::/32`, which is set apart for documentation.
    pub(super) fn public_ipv6(&mut self) -> String {
        let number = self.address();
        Ipv6Addr::from((0x2001_0db8_u128 << 96) | (u128::from(number) + 1)).to_string()
    }

    /// The number of the next address. After the last one they begin again, so that a saved state may hold any number.
    fn address(&mut self) -> u32 {
        self.addresses = self.addresses.wrapping_add(1);
        self.addresses
    }
}
