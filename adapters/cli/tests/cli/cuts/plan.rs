//! Where and how a wire is cut.

use std::time::Duration;

use xmpp_ws_tests::random::Seeded;
use xmpp_ws_tests::wire::{Cut, Direction, How};

/// Cuts at random bytes.
pub(super) struct Plan {
    random: Seeded,
    peer: Peer,
    cuts: usize,
}

/// Where a wire leads to, and what there has to be regard for.
#[derive(Clone)]
pub(super) struct Peer {
    pub(super) name: &'static str,
    pub(super) uri: String,
    /// How often the wires are cut, of all pairs of clients together.
    pub(super) cuts: usize,
    /// The pairs that talk at the same time: what follows `alice` and `bob` in the names of their accounts.
    pub(super) pairs: &'static [&'static str],
    /// What is spared it.
    pub(super) spared: Spared,
    /// How long a login may take.
    pub(super) negotiate: Duration,
    /// What it is known to do against XEP-0198, so that messages are lost or come twice.
    pub(super) fault: Option<&'static str>,
}

/// What a server is not asked to bear, for it cannot.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Spared {
    Nothing,
    /// Half frames: what the client says is cut between frames.
    HalfFrames,
    /// To be told of a reset or an end, as by a network that is gone.
    Ends,
}

impl Plan {
    /// For one of the peer's pairs.
    pub(super) fn new(seed: u64, peer: Peer, cuts: usize) -> Self {
        Self { random: Seeded::new(seed), peer, cuts }
    }

    /// What is to become of the next connection, after so many that were cut.
    pub(super) fn next(&mut self, made: usize) -> Cut {
        let spared = self.peer.spared;
        let in_frames = spared == Spared::HalfFrames;
        let direction = if self.below(2) == 0 { Direction::Up } else { Direction::Down };
        // In the middle of a login, or later.
        let is_login = self.below(4) == 0;
        let after = match is_login {
            // A client may give up one that is not cut, too.
            _ if made >= self.cuts => u64::MAX,
            true => self.below(LOGIN_BYTES),
            false => LOGIN_BYTES + self.below(TALK_BYTES),
        };
        // It takes the whole time for a login to notice a silence.
        let is_silence_cheap = !is_login || self.peer.negotiate < Duration::from_secs(10);
        let how = match self.below(20) {
            18 if is_silence_cheap => How::Silence,
            19 if is_silence_cheap => How::HalfSilence,
            // A reset leaves the reader with half of what there was.
            0..9 if !in_frames => How::Reset,
            _ => How::End,
        };
        Cut { direction, after, how, in_frames, is_server_told: spared != Spared::Ends }
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.random.next_bits() % bound
    }
}

/// About what a login says in one direction, from the HTTP request on.
const LOGIN_BYTES: u64 = 2_000;
/// With fifty messages for each cut all are made before all is said.
const TALK_BYTES: u64 = 30_000;
