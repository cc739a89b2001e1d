//! Whether the peer is still there (RFC 7395 § 3.8, RFC 6120 § 4.6).

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

    /// Takes note of a sign of life, before time passes: what is at hand proves that the peer was not silent.
    pub(crate) fn note(&mut self, now: Instant, input: &Input) {
        if matches!(input, Input::Text(_) | Input::Binary | Input::Ping | Input::Pong) {
            self.heard(now);
        }
    }

    /// Watches a peer that goes on to talk and takes nothing of what it is told: its memory is ours.
    pub(super) fn watch_writing(&mut self, now: Instant) {
        let taken = self.outbox.handed_over();
        if self.outbox.is_empty() || !self.is_talking() {
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
