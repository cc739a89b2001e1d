//! A client's life over many connections: whether there is a next one, where to, and when.

use super::reconnect::{Pace, Reconnect, pace};
use super::route::{Refusal, Route};
use crate::ending::Ending;
use crate::endpoint::{DialErrorKind, Target};
use crate::random::Random;
use crate::time::Instant;
use crate::timer::Timer;

/// What comes after a connection.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Next {
    /// Nothing, for this reason.
    Over(Ending),
    /// Another connection at once, to where the server said.
    Elsewhere,
    /// Another connection at this time.
    At(Instant),
}

/// What a client knows of its connections so far.
#[derive(Debug)]
pub(super) struct Life {
    policy: Option<Reconnect>,
    route: Route,
    /// Since when the client is logged in.
    since: Option<Instant>,
    /// Whether it ever was.
    was_bound: bool,
    /// How many connections in a row did not last.
    failed: u32,
    /// Why the connection was lost that the present tries shall replace.
    lost_for: Option<Ending>,
}

impl Life {
    pub(super) fn new(policy: Option<Reconnect>, usual: Option<Target>) -> Self {
        Self {
            policy,
            route: Route::new(usual),
            since: None,
            was_bound: false,
            failed: 0,
            lost_for: None,
        }
    }

    /// Where to connect to now; `None` while that has to be found.
    pub(super) fn target(&self) -> Option<&Target> {
        self.route.target()
    }

    /// Whether the application or the server named that address; see [`Route::is_trusted`].
    pub(super) fn is_trusted(&self) -> bool {
        self.route.is_trusted()
    }

    /// The account's domain names these addresses.
    pub(super) fn found(&mut self, usual: Vec<Target>) {
        self.route.found(usual);
    }

    /// There was a session before, in another process.
    pub(super) fn go_on(&mut self) {
        self.was_bound = true;
    }

    /// The client is logged in.
    pub(super) fn arrived(&mut self, now: Instant) {
        self.route.arrived();
        self.since = Some(now);
        self.was_bound = true;
        self.lost_for = None;
    }

    /// Whether the client was ever logged in.
    pub(super) fn was_bound(&self) -> bool {
        self.was_bound
    }

    /// There shall be no other connection.
    pub(super) fn leave(&mut self) {
        self.policy = None;
    }

    /// Whether there may be another connection after this one.
    pub(super) fn goes_on(&self) -> bool {
        self.policy.is_some()
    }

    /// How often in a row a session may be asked for in vain; `None` where it is not asked for any more.
    pub(super) fn max_fruitless_resumptions(&self) -> Option<u32> {
        self.policy.as_ref().map(|policy| policy.max_fruitless_resumptions)
    }

    /// A connection is over, or could not be had. `location`: where the server would like to have the client back.
    pub(super) fn after(
        &mut self,
        now: Instant,
        why: Ending,
        location: Option<&str>,
        random: &mut dyn Random,
    ) -> Next {
        let Some(policy) = &self.policy else { return Next::Over(why) };
        if let Some(since) = self.since.take()
            && since + policy.stable <= now
        {
            self.failed = 0;
            self.route.rested();
        }
        let pace = match &why {
            Ending::Redirected(uri) => match self.route.redirect(uri, policy.max_redirects) {
                Ok(()) => return Next::Elsewhere,
                // There is a server, and the next time it may have a place.
                Err(Refusal::Loop) => Pace::Usual,
                Err(Refusal::NotWebSocket | Refusal::LessSecure) => return Next::Over(why),
            },
            other => match pace(other) {
                Some(pace) => pace,
                None => return self.over(why),
            },
        };
        let is_another_left = match why {
            Ending::NotConnected(_) | Ending::TimedOut(Timer::Dial) => self.route.failed(),
            _ => {
                self.route.lost();
                false
            }
        };
        if is_another_left {
            return Next::At(now);
        }
        if !self.was_bound && !policy.from_start {
            return Next::Over(why);
        }
        if let Some(location) = location {
            self.route.prefer(location);
        }
        self.route.rested();
        let wait = policy.wait(self.failed, pace, random);
        self.failed = self.failed.saturating_add(1);
        self.lost_for.get_or_insert(why);
        Next::At(now + wait)
    }

    /// It is over; where the transport turns out to have no other connection, for the reason that the last one had.
    fn over(&mut self, why: Ending) -> Next {
        let no_dialer =
            matches!(&why, Ending::NotConnected(it) if it.kind == DialErrorKind::NoDialer);
        Next::Over(self.lost_for.take().filter(|_| no_dialer).unwrap_or(why))
    }

    /// The network is another: what failed before says nothing.
    pub(super) fn nudge(&mut self) {
        self.failed = 0;
    }
}
