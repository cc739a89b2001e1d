//! The time, by the system's clock and tokio's alarm.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::time::Sleep;
use xmpp_ws::time::Instant;
use xmpp_ws_driver::{OsClock, Timer};

/// Reads [`OsClock`], which goes on while the machine sleeps, and waits by tokio.
///
/// tokio's alarms do stand still while the machine sleeps. So a deadline that passed meanwhile is noticed with the
/// first thing that happens after waking, and at the latest when the rest of the alarm has run down.
pub struct TokioTimer {
    clock: OsClock,
    alarm: Option<(Instant, Pin<Box<Sleep>>)>,
}

impl TokioTimer {
    /// A timer whose origin is now.
    pub fn new() -> Self {
        Self { clock: OsClock::new(), alarm: None }
    }
}

impl Default for TokioTimer {
    fn default() -> Self {
        Self::new()
    }
}

impl Timer for TokioTimer {
    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn poll_until(&mut self, cx: &mut Context<'_>, at: Instant) -> Poll<()> {
        let now = self.clock.now();
        let sleep = match &mut self.alarm {
            Some((set, sleep)) => {
                // An alarm that went off is set again: whoever still asks finds that it was early.
                if *set != at || sleep.is_elapsed() {
                    *set = at;
                    let deadline = tokio::time::Instant::now() + at.since(now);
                    sleep.as_mut().reset(deadline);
                }
                sleep
            }
            none @ None => {
                let sleep = Box::pin(tokio::time::sleep(at.since(now)));
                &mut none.insert((at, sleep)).1
            }
        };
        ready!(sleep.as_mut().poll(cx));
        Poll::Ready(())
    }
}

impl fmt::Debug for TokioTimer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alarm = self.alarm.as_ref().map(|(at, _)| *at);
        f.debug_struct("TokioTimer").field("now", &self.clock.now()).field("alarm", &alarm).finish()
    }
}
