//! Whether the peer is still there (RFC 7395 § 3.8, RFC 6120 § 4.6).

use std::time::Duration;

use super::Stream;
use crate::endpoint::{Input, Transmit};
use crate::ping;
use crate::stanza::{Stanza, StanzaKind};
use crate::time::Instant;
use crate::timer::Timer;

/// How a peer is asked whether it is still there.
#[derive(Debug)]
pub(crate) enum Pinger {
    /// By the WebSocket's own ping.
    WebSocket,
    /// By XMPP ping (XEP-0199), one at a time, so that one `id` is enough.
    Stanza { id: String, to: String },
}

/// How far what the peer said has been read when time passes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Reading {
    /// Up to now.
    Attentive,
    /// Nobody read for a while, and what came meanwhile is still being taken.
    Late,
    /// Nothing is read, for the application is behind.
    Deaf,
}

impl Reading {
    /// Whether what this timer waits for may be there, and only nobody has read it, or written what it answers.
    pub(super) fn excuses(self, timer: Timer) -> bool {
        match self {
            Self::Attentive => false,
            Self::Late => matches!(
                timer,
                Timer::Open | Timer::Answer | Timer::Acknowledge | Timer::Write | Timer::Close
            ),
            // Who does not take events may not get to write either.
            Self::Deaf => matches!(timer, Timer::Answer | Timer::Acknowledge | Timer::Write),
        }
    }
}

impl Stream {
    /// From now on a silent peer is pinged, and given up when it stays silent (RFC 7395 § 3.8).
    pub(crate) fn keep_alive(&mut self, now: Instant, pinger: Pinger) {
        self.pinger = Some(pinger);
        self.heard(now);
    }

    /// Whether this answers a ping of the stream's own.
    pub(crate) fn is_pong(&self, stanza: &Stanza) -> bool {
        match &self.pinger {
            Some(Pinger::Stanza { id, .. }) => {
                stanza.kind() == StanzaKind::Iq
                    && !stanza.is_request()
                    && stanza.id().as_deref() == Some(id)
            }
            Some(Pinger::WebSocket) | None => false,
        }
    }

    /// A ping is due. While one is out another would only put the end off.
    pub(super) fn on_idle(&mut self, now: Instant) {
        if !self.timers.is_running(Timer::Answer) {
            match &self.pinger {
                // One question for both: whether it is there, and what it has.
                _ if self.awaits_ack() => self.request(now),
                // RFC 7395 § 3.8: it is no stanza, and so the cheapest that a browser can say.
                Some(Pinger::Stanza { .. }) if self.is_counting() => self.request(now),
                Some(Pinger::Stanza { id, to }) => {
                    self.outbox.push_own_stanza(now, ping::request(id, to));
                }
                Some(Pinger::WebSocket) | None => self.outbox.push(Transmit::Ping),
            }
            self.timers.set(Timer::Answer, now + self.limits.ping_answer);
        }
    }

    /// Notes that the peer is alive.
    fn heard(&mut self, now: Instant) {
        if self.pinger.is_none() || !self.is_talking() {
            return;
        }
        self.timers.stop(Timer::Answer);
        if let Some(after) = self.limits.ping_after {
            self.timers.set(Timer::Idle, now + after);
        }
    }

    /// Takes note of an input, before time passes: what is at hand proves that the peer was not silent. Says whether
    /// more may be at hand. `is_deaf`: no input was wanted, for the application is behind.
    pub(crate) fn note(&mut self, now: Instant, input: &Input, is_deaf: bool) -> Reading {
        if matches!(input, Input::Text(_) | Input::Binary | Input::Ping | Input::Pong) {
            self.heard(now);
        }
        let has_paused = self.looked + PAUSE <= now;
        self.looked = now;
        match input {
            _ if is_deaf => Reading::Deaf,
            // Nothing is at hand.
            Input::Timeout => Reading::Attentive,
            _ if has_paused => Reading::Late,
            _ => Reading::Attentive,
        }
    }

    /// What this timer waits for gets its time once more.
    pub(super) fn put_off(&mut self, now: Instant, timer: Timer) {
        let limits = &self.limits;
        let time = match timer {
            Timer::Open => limits.open,
            Timer::Answer => limits.ping_answer,
            Timer::Acknowledge => limits.acknowledge,
            Timer::Write => limits.write,
            Timer::Close => limits.close,
            Timer::Hangup => limits.hangup,
            Timer::Dial | Timer::Negotiate | Timer::Idle | Timer::Request => return,
        };
        self.timers.set(timer, now + time.max(PAUSE));
    }

    /// Watches a peer that goes on to talk and takes nothing of what it is told: its memory is ours.
    pub(super) fn watch_writing(&mut self, now: Instant) {
        let taken = self.outbox.handed_over();
        if self.outbox.is_empty() || !(self.is_talking() || self.is_writing()) {
            self.timers.stop(Timer::Write);
        } else if self.taken != taken || !self.timers.is_running(Timer::Write) {
            self.taken = taken;
            self.timers.set(Timer::Write, now + self.limits.write);
        }
    }

    /// Looks now whether the peer is still there.
    pub(crate) fn nudge(&mut self, now: Instant) {
        if self.pinger.is_some() && self.is_talking() {
            self.timers.set(Timer::Idle, now);
        }
    }
}

/// After how long without a look at the transport something at hand may have been there for long. Somebody who waits
/// looks at each deadline; a peer that talks without a break is looked at more often than this.
pub(crate) const PAUSE: Duration = Duration::from_millis(100);
