//! What a runtime brings: the time.

use std::task::{Context, Poll};

use xmpp_ws::time::Instant;

/// A clock, and the one alarm that a session needs.
pub trait Timer {
    /// The time, counted from an origin that this timer picked when it was made. It never decreases.
    fn now(&self) -> Instant;

    /// Waits until about `at`. A later call replaces what an earlier one waited for.
    ///
    /// Whoever calls it looks at [`now`](Self::now) again and waits on where that is still too early; so a timer may
    /// count with another clock than `now`, as runtimes' timers do.
    fn poll_until(&mut self, cx: &mut Context<'_>, at: Instant) -> Poll<()>;
}
