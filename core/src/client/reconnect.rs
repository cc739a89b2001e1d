//! When a client connects again, and how long it waits before it does.

use std::time::Duration;

#[cfg(doc)]
use super::ClientEvent;
use crate::condition::Condition;
use crate::ending::Ending;
use crate::error::close_code;
use crate::random::{Purpose, Random};

/// How a client connects again after a connection was lost or could not be had.
///
/// The wait before a try is random between [`floor`](Self::floor) and [`first`](Self::first), which doubles with each
/// try in a row that failed, to no more than [`cap`](Self::cap): of a thousand clients that were cut off at once no two
/// knock together.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Reconnect {
    /// The shortest wait. Default: 250 ms.
    pub floor: Duration,
    /// The longest wait before the first try. Default: 2 s.
    pub first: Duration,
    /// The longest wait at all. Default: 2 min.
    pub cap: Duration,
    /// The longest wait before the first try after the server said that it goes down or restarts (RFC 6455 § 7.2.3).
    /// Default: 10 s.
    pub spread: Duration,
    /// How long a client must have been logged in before tries are counted from the beginning again. Default: 60 s.
    pub stable: Duration,
    /// How often in a row a server may send the client elsewhere (RFC 7395 § 3.6.1), where it goes at once. Default: 5.
    /// Once more, or to where the client has just been, counts as a try that failed.
    pub max_redirects: usize,
    /// How many connections in a row may go on with a session (XEP-0198 § 5), or ask for it, and end before the server
    /// has acknowledged anything more, where there is something to acknowledge. Default: 10. Then the session is given
    /// up: it may be a stanza of it for which the connections are cut. The next connection binds another session, and
    /// what was written in the former one comes back in [`ClientEvent::Undelivered`]. With 0 no session is gone on with.
    pub max_fruitless_resumptions: u32,
    /// Whether to go on trying also before the client was logged in for the first time. Default: false: then the first
    /// [`Disconnected`](super::ClientEvent::Disconnected) is an [`Ended`](super::ClientEvent::Ended) instead, be the
    /// host unknown, the network not up yet, the server being restarted (HTTP status 503) or short of its database
    /// (SASL `temporary-auth-failure`). So whoever mistyped the address sees it at once, and does not wait for a
    /// server that is not there.
    ///
    /// A program that nobody watches, such as a bot that is started with the machine, sets it, and still ends where
    /// another try would end the same way, as after a wrong password. Where it is not set,
    /// [`Ending::is_transient`] says whether it makes sense to begin again with another client.
    pub from_start: bool,
}

impl Default for Reconnect {
    fn default() -> Self {
        Self {
            floor: DEFAULT_FLOOR,
            first: DEFAULT_FIRST,
            cap: DEFAULT_CAP,
            spread: DEFAULT_SPREAD,
            stable: DEFAULT_STABLE,
            max_redirects: DEFAULT_MAX_REDIRECTS,
            max_fruitless_resumptions: DEFAULT_MAX_FRUITLESS_RESUMPTIONS,
            from_start: false,
        }
    }
}

impl Reconnect {
    /// How long to wait before the next try, after so many that failed.
    pub(super) fn wait(&self, failed: u32, pace: Pace, random: &mut dyn Random) -> Duration {
        let longest = match (pace, failed) {
            (Pace::Spread, 0) => self.spread,
            _ => self.first.saturating_mul(1_u32.checked_shl(failed).unwrap_or(u32::MAX)),
        };
        let span = longest.min(self.cap).saturating_sub(self.floor);
        self.floor + fraction(span, random.bits(Purpose::Jitter))
    }
}

/// How soon it makes sense to come back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Pace {
    /// After the usual wait.
    Usual,
    /// After a longer one: all of the server's clients lost it at once.
    Spread,
}

/// Whether it makes sense to come back after this, and how soon; `None`: it would end the same way again.
pub(super) fn pace(why: &Ending) -> Option<Pace> {
    why.is_transient().then(|| match why {
        Ending::Lost {
            code: Some(close_code::GOING_AWAY | close_code::RESTART | close_code::LATER),
        } => Pace::Spread,
        Ending::PeerError(error)
            if matches!(error.condition(), Condition::SystemShutdown | Condition::Reset) =>
        {
            Pace::Spread
        }
        _ => Pace::Usual,
    })
}

/// A part of this time, as random as these bits.
fn fraction(of: Duration, bits: u128) -> Duration {
    let nanoseconds = of.as_nanos().saturating_mul(bits & FRACTION_MASK) >> FRACTION_BITS;
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

const FRACTION_BITS: u32 = 32;
const FRACTION_MASK: u128 = (1 << FRACTION_BITS) - 1;

const DEFAULT_FLOOR: Duration = Duration::from_millis(250);
const DEFAULT_FIRST: Duration = Duration::from_secs(2);
// Precedents: Gajim waits up to 5 minutes, Conversations about 2 minutes on the average.
const DEFAULT_CAP: Duration = Duration::from_secs(120);
// RFC 6455 § 7.2.3 has 0 to 5 s; a server takes longer than that to come up.
const DEFAULT_SPREAD: Duration = Duration::from_secs(10);
const DEFAULT_STABLE: Duration = Duration::from_secs(60);
// Precedent: WebKit follows 20 redirects of HTTP, curl 50; no service is moved so often.
const DEFAULT_MAX_REDIRECTS: usize = 5;
// Where connections are cut at random every few messages, three in a row that come to nothing are common, and what the
// server has for the client is lost with the session. With the waits between them ten take some minutes.
const DEFAULT_MAX_FRUITLESS_RESUMPTIONS: u32 = 10;
