//! The time, by the browser's clocks and `setTimeout`.

use std::cell::Cell;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use js_sys::Date;
use xmpp_ws::time::Instant;
use xmpp_ws_driver::Timer;

use crate::elapsed::Elapsed;
use crate::js::{Alarm, performance_now};

/// A clock that goes on while the machine sleeps, and an alarm.
///
/// It goes by `performance.now()`, which in some browsers stands still while the machine sleeps; where `Date.now()`
/// gets more than a second ahead, that much has passed, too. So setting the clock back does nothing, and setting it
/// forward looks like a sleep.
#[derive(Debug)]
pub struct WebTimer {
    elapsed: Cell<Elapsed>,
    alarm: Option<(Instant, Waker, Alarm)>,
}

impl WebTimer {
    /// A timer whose origin is now.
    pub fn new() -> Self {
        Self { elapsed: Cell::new(Elapsed::since(performance_now(), Date::now())), alarm: None }
    }
}

impl Default for WebTimer {
    fn default() -> Self {
        Self::new()
    }
}

impl Timer for WebTimer {
    fn now(&self) -> Instant {
        let mut elapsed = self.elapsed.get();
        let milliseconds = elapsed.at(performance_now(), Date::now());
        self.elapsed.set(elapsed);
        // Rather none than a time that there is not.
        Instant::after(Duration::try_from_secs_f64(milliseconds / 1000.0).unwrap_or_default())
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
