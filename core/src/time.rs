//! Time as an argument.

use std::ops::Add;
use std::time::Duration;

/// A point in time, counted from an origin that the caller picks once per endpoint.
///
/// There is no `now()`: the core cannot read a clock, it can only be told the time. An adapter should count with
/// a clock that goes on while the machine sleeps, so that a deadline that passed meanwhile is noticed.
///
/// ```
/// use std::time::Duration;
/// use xmpp_ws::time::Instant;
///
/// let later = Instant::ORIGIN + Duration::from_secs(5);
/// assert_eq!(later, Instant::after(Duration::from_secs(5)));
/// assert_eq!(later.since(Instant::ORIGIN), Duration::from_secs(5));
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Instant(Duration);

impl Instant {
    /// The moment from which the caller counts.
    pub const ORIGIN: Self = Self(Duration::ZERO);

    /// The moment `elapsed` after the origin.
    pub const fn after(elapsed: Duration) -> Self {
        Self(elapsed)
    }

    /// How long after the origin this is.
    pub const fn since_origin(self) -> Duration {
        self.0
    }

    /// How long after `earlier` this is; zero when it is not after it.
    pub const fn since(self, earlier: Self) -> Duration {
        self.0.saturating_sub(earlier.0)
    }
}

impl Add<Duration> for Instant {
    type Output = Self;

    /// The moment `duration` later; the last moment there is when that does not exist.
    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }
}
