//! Acknowledgements on an open stream (XEP-0198 § 4): when they are asked for, when they are given.

use super::{Step, Stream};
use crate::condition::Condition;
use crate::ending::Ending;
use crate::endpoint::Transmit;
use crate::error::Violation;
use crate::sm::{self, CountTooHigh, Element, Handled};
use crate::stream_error::StreamError;
use crate::time::Instant;
use crate::timer::Timer;

/// How far the peer was asked to acknowledge what it was sent.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Asked {
    /// How many stanzas were queued since it was asked last.
    since: u32,
    /// How many `<r/>` it has not answered.
    open: u32,
}

impl Stream {
    /// From now on what we send counts (XEP-0198 § 4).
    pub(crate) fn count_sent(&mut self) {
        self.outbox.begin_ledger();
        self.asked = Asked::default();
        self.counts_received = false;
    }

    /// From now on what the peer sends counts.
    pub(crate) fn count_received(&mut self) {
        self.counts_received = true;
    }

    /// Whether stanzas count in both directions.
    pub(crate) fn is_counting(&self) -> bool {
        self.outbox.ledger().is_some() && self.counts_received
    }

    /// The number of the stanza that came last, where it counts.
    pub(crate) fn number(&self) -> Option<u32> {
        let ledger = self.outbox.ledger().filter(|_| self.counts_received)?;
        Some(ledger.received())
    }

    /// Notes how far the application is: all that came is handled, but from this number on.
    ///
    /// An acknowledgement that fell short for it is made good.
    pub(crate) fn note_handled(&mut self, unhandled: Option<u32>) {
        let talking = self.is_talking() && self.counts_received;
        let Some(ledger) = self.outbox.ledger_mut() else { return };
        ledger.handle_before(unhandled);
        if self.owes_answer && talking && !ledger.is_told() {
            self.outbox.push_answer();
        }
        self.owes_answer &= unhandled.is_some();
    }

    /// A stanza of ours was queued: the peer is asked now, or after a quiet time.
    pub(super) fn note_queued(&mut self, now: Instant) {
        if self.outbox.ledger().is_none() {
            return;
        }
        self.asked.since = self.asked.since.saturating_add(1);
        if self.asked.since >= self.limits.request_every {
            self.request(now);
        } else if self.asked.open == 0 && !self.timers.is_running(Timer::Request) {
            self.timers.set(Timer::Request, now + self.limits.request_after);
        }
    }

    /// Asks the peer how much it has handled.
    pub(crate) fn request(&mut self, now: Instant) {
        if !self.is_talking() || self.outbox.ledger().is_none() {
            return;
        }
        self.outbox.push(Transmit::Text(sm::request()));
        self.asked = Asked { since: 0, open: self.asked.open.saturating_add(1) };
        self.timers.stop(Timer::Request);
        if !self.timers.is_running(Timer::Acknowledge) {
            self.timers.set(Timer::Acknowledge, now + self.limits.acknowledge);
        }
    }

    /// Takes an element of stream management that both sides say to each other; any other is handed back.
    pub(super) fn receive_ack(&mut self, now: Instant, element: &Element) -> Option<Step> {
        match element {
            Element::Request => {
                if self.is_talking() {
                    // What the application has not taken yet is acknowledged later.
                    self.owes_answer = true;
                    self.outbox.push_answer();
                }
                Some(Step::Nothing)
            }
            Element::Answer(Handled(h)) => Some(self.on_answer(now, *h)),
            _ => None,
        }
    }

    fn on_answer(&mut self, now: Instant, h: u32) -> Step {
        if let Err(fault) = self.acknowledge(h) {
            return self.on_count_too_high(now, fault);
        }
        self.timers.stop(Timer::Acknowledge);
        self.asked.open = self.asked.open.saturating_sub(1);
        if !self.awaits_ack() {
            self.asked.open = 0;
        } else if self.asked.open > 0 {
            self.timers.set(Timer::Acknowledge, now + self.limits.acknowledge);
        } else if self.is_talking() && !self.timers.is_running(Timer::Request) {
            self.timers.set(Timer::Request, now + self.limits.request_after);
        }
        Step::Nothing
    }

    /// The peer has handled so many of ours.
    pub(crate) fn acknowledge(&mut self, h: u32) -> Result<(), CountTooHigh> {
        self.outbox.acknowledge(h)
    }

    /// XEP-0198 § 4: a count of what was never sent ends the stream, and is told with both counts.
    pub(crate) fn on_count_too_high(&mut self, now: Instant, fault: CountTooHigh) -> Step {
        let CountTooHigh { h, sent } = fault;
        let violation = Violation::CountTooHigh { h, sent };
        let mut error =
            StreamError::new(Condition::from(&violation)).with_text(violation.to_string());
        error.application = Some(sm::handled_count_too_high(h, sent));
        self.fail(now, &error, Ending::Violated(violation));
        Step::Nothing
    }

    /// XEP-0198 § 4: the last word before the end is how much was handled; what still waits for the application is
    /// handed to it.
    pub(super) fn say_handled(&mut self) {
        if !self.is_counting() {
            return;
        }
        if let Some(ledger) = self.outbox.ledger_mut() {
            ledger.handle_before(None);
            if !ledger.is_told() {
                self.outbox.push_answer();
            }
        }
    }

    /// Asks once more before the end, where something is not acknowledged.
    pub(super) fn request_last(&mut self) {
        if self.awaits_ack() {
            self.outbox.push(Transmit::Text(sm::request()));
        }
    }

    /// Whether something that was sent, or is about to be, is not acknowledged.
    pub(super) fn awaits_ack(&self) -> bool {
        let is_kept = || self.outbox.ledger().is_some_and(|ledger| ledger.len() > 0);
        self.is_counting() && (self.asked.since > 0 || is_kept())
    }
}
