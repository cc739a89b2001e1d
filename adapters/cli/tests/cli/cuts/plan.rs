//! Where and how a wire is cut.

use std::time::Duration;

use xmpp_ws_tests::random::Seeded;
use xmpp_ws_tests::wire::{Cut, Direction, How};

/// Cuts at random bytes.
pub(super) struct Plan {
    random: Seeded,
    peer: Peer,
}

/// Where a wire leads to, and what there has to be regard for.
#[derive(Clone)]
pub(super) struct Peer {
    pub(super) name: &'static str,
    pub(super) uri: String,
    /// How often the wire is cut.
    pub(super) cuts: usize,
    /// The wire is cut between the frames of the client only.
    pub(super) in_frames: bool,
    /// How long a login may take.
    pub(super) negotiate: Duration,
    /// What it is known to do against XEP-0198, so that messages are lost or come twice.
    pub(super) fault: Option<&'static str>,
}

impl Plan {
    pub(super) fn new(seed: u64, peer: Peer) -> Self {
        Self { random: Seeded::new(seed), peer }
    }

    /// What is to become of the next connection, after so many that were cut.
    pub(super) fn next(&mut self, made: usize) -> Option<Cut> {
        if made >= self.peer.cuts {
            return None;
        }
        let direction = if self.below(2) == 0 { Direction::Up } else { Direction::Down };
        // In the middle of a login, or later.
        let is_login = self.below(4) == 0;
        let after =
            if is_login { self.below(LOGIN_BYTES) } else { LOGIN_BYTES + self.below(TALK_BYTES) };
        // It takes the whole time for a login to notice a silence.
        let is_silence_cheap = !is_login || self.peer.negotiate <= Duration::from_secs(1);
        let how = match self.below(20) {
            18 if is_silence_cheap => How::Silence,
            19 if is_silence_cheap => How::HalfSilence,
            // A reset leaves the reader with half of what there was.
            0..9 if !self.peer.in_frames => How::Reset,
            _ => How::End,
        };
        Some(Cut { direction, after, how, in_frames: self.peer.in_frames })
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.random.next_bits() % bound
    }
}

/// About what a login says in one direction, from the HTTP request on.
const LOGIN_BYTES: u64 = 2_000;
/// With fifty messages for each cut all are made before all is said.
const TALK_BYTES: u64 = 30_000;
