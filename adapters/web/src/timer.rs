//! The time, by the browser's clocks and `setTimeout`.

use std::cell::Cell;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use js_sys::Date;
use xmpp_ws::time::Instant;
use xmpp_ws_driver::Timer;

use crate::js::{Alarm, performance_now};

/// A clock that goes on while the machine sleeps, and an alarm.
///
/// `performance.now()` goes evenly, but in some browsers stands still while the machine sleeps; `Date.now()` goes on,
/// but may be set. Between two looks the longer of what both say has passed. So setting the time back does nothing,
/// and setting it forward looks like a sleep.
#[derive(Debug)]
pub struct WebTimer {
    last: Cell<Look>,
    alarm: Option<(Instant, Waker, Alarm)>,
}

#[derive(Clone, Copy, Debug)]
struct Look {
    even: f64,
    wall: f64,
    now: Instant,
}

impl WebTimer {
    /// A timer whose origin is now.
    pub fn new() -> Self {
        let look = Look { even: performance_now(), wall: Date::now(), now: Instant::ORIGIN };
        Self { last: Cell::new(look), alarm: None }
    }
}

impl Default for WebTimer {
    fn default() -> Self {
        Self::new()
    }
}

impl Timer for WebTimer {
    fn now(&self) -> Instant {
        let last = self.last.get();
        let (even, wall) = (performance_now(), Date::now());
        let passed = (even - last.even).max(wall - last.wall).max(0.0);
        // Rather nothing than a time that there is not.
        let passed = Duration::try_from_secs_f64(passed / 1000.0).unwrap_or_default();
        let now = last.now + passed;
        self.last.set(Look { even, wall, now });
        now
    }

    fn poll_until(&mut self, cx: &mut Context<'_>, at: Instant) -> Poll<()> {
        let now = self.now();
        if at <= now {
            self.alarm = None;
            return Poll::Ready(());
        }
        let is_set = self
            .alarm
            .as_ref()
            .is_some_and(|(set, waker, _)| *set == at && waker.will_wake(cx.waker()));
        if !is_set || self.alarm.as_ref().is_some_and(|(.., alarm)| alarm.has_rung()) {
            let waker = cx.waker().clone();
            self.alarm = Some((at, waker.clone(), Alarm::set(at.since(now), waker)));
        }
        Poll::Pending
    }
}
