//! The operating system's clock.

use std::time::Duration;

use xmpp_ws::time::Instant;

/// A clock that counts from its making, and goes on while the machine sleeps where the system has such a clock:
/// Linux and Android (`CLOCK_BOOTTIME`), Apple's systems (their `CLOCK_MONOTONIC`), and Windows.
///
/// So a deadline that passed while a laptop was shut is noticed when it wakes. (`std::time::Instant` stands still
/// meanwhile on Linux and Apple's systems; it is used on all other systems.)
#[derive(Clone, Copy, Debug)]
pub struct OsClock {
    origin: Reading,
}

impl OsClock {
    /// A clock whose origin is now.
    pub fn new() -> Self {
        Self { origin: read() }
    }

    /// How long after the origin it is now.
    pub fn now(&self) -> Instant {
        Instant::after(since(self.origin))
    }
}

impl Default for OsClock {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
mod system {
    use super::Duration;
    use rustix::time::{ClockId, clock_gettime};

    /// The time since some fixed moment.
    pub(super) type Reading = Duration;

    pub(super) fn read() -> Reading {
        let time = clock_gettime(CLOCK);
        // The kernel's clocks of this kind are never negative.
        Duration::new(
            time.tv_sec.try_into().unwrap_or_default(),
            time.tv_nsec.try_into().unwrap_or_default(),
        )
    }

    pub(super) fn since(origin: Reading) -> Duration {
        read().saturating_sub(origin)
    }

    #[cfg(any(target_os = "linux", target_os = "android"))]
    const CLOCK: ClockId = ClockId::Boottime;
    #[cfg(target_vendor = "apple")]
    const CLOCK: ClockId = ClockId::Monotonic;
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
mod system {
    use super::Duration;

    /// A moment of the standard library's clock.
    pub(super) type Reading = std::time::Instant;

    pub(super) fn read() -> Reading {
        Reading::now()
    }

    pub(super) fn since(origin: Reading) -> Duration {
        origin.elapsed()
    }
}

use system::{Reading, read, since};
