//! Randomness that can be repeated.

use std::collections::VecDeque;

use xmpp_ws::random::{Purpose, Random};

/// Values that are the same in every run, and different from each other.
#[derive(Clone, Debug)]
pub struct Seeded(u64);

impl Seeded {
    /// The values of this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The same, ready for an endpoint.
    pub fn boxed(seed: u64) -> Box<dyn Random> {
        Box::new(Self::new(seed))
    }

    /// The next 64 bits (`SplitMix64`).
    pub fn next_bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}

impl Random for Seeded {
    fn bits(&mut self, _: Purpose) -> u128 {
        u128::from(self.next_bits()) << 64 | u128::from(self.next_bits())
    }
}

/// Tokens that were recorded, one list a purpose; what is not there comes from a seed.
#[derive(Debug)]
pub struct Recorded {
    tokens: Vec<(Purpose, VecDeque<String>)>,
    rest: Seeded,
}

impl Recorded {
    /// Hands these tokens out, in order.
    pub fn new(tokens: Vec<(Purpose, VecDeque<String>)>) -> Self {
        Self { tokens, rest: Seeded::new(0) }
    }
}

impl Random for Recorded {
    fn bits(&mut self, purpose: Purpose) -> u128 {
        self.rest.bits(purpose)
    }

    fn token(&mut self, purpose: Purpose) -> String {
        let list = self.tokens.iter_mut().find(|(recorded, _)| *recorded == purpose);
        list.and_then(|(_, list)| list.pop_front()).unwrap_or_else(|| self.rest.token(purpose))
    }
}
