//! How a stream ends (RFC 7395 § 3.5 and § 3.6): who says what, what is waited for, and what it was over for.

use std::mem;

use super::half::Half;
use super::{Step, Stream};
use crate::condition::Condition;
use crate::ending::Ending;
use crate::endpoint::Transmit;
use crate::error::{Violation, close_code};
use crate::frame::Close;
use crate::stream_error::StreamError;
use crate::time::Instant;
use crate::timer::Timer;

/// Where the stream is on its way to the end.
#[derive(Debug)]
pub(super) enum Phase {
    /// Both sides talk, as far as the halves allow.
    Talking,
    /// `<close/>` was queued and the peer's is awaited. What comes before it is still taken (RFC 7395 § 3.6).
    /// `laden`: whether stanzas waited before ours when the peer's time was last begun.
    Closing { why: Ending, first: Side, laden: bool },
    /// Both `<close/>` have passed, or none will: the peer's close frame is awaited.
    HangingUp { why: Ending, said: bool },
    /// Nothing can be written any more; what the peer said before may still be read.
    LastWords { why: Ending },
    /// Nothing more happens.
    Over,
}

/// Who began to close the stream, and so closes the WebSocket (RFC 7395 § 3.6).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Side {
    We,
    Peer,
}

impl Stream {
    /// Begins to end the stream in good order. `why` is what it will be over for.
    pub(crate) fn close(&mut self, now: Instant, close: &Close, why: Ending) {
        if !matches!(self.phase, Phase::Talking) {
            return;
        }
        // RFC 7395 § 3.6.1: what sends the client elsewhere may also stand in place of <open/>.
        if self.ours == Half::Open || close.see_other_uri.is_some() {
            self.request_last();
            self.say_handled();
            self.say_close(close);
            self.await_close(now, why, Side::We);
        } else {
            // RFC 7395 § 3.6: <close/> is for a stream that was opened.
            self.hang_up(now, close_code::NORMAL, why);
        }
    }

    /// What the stream will be over for, once one side has begun to end it.
    pub(crate) fn ending(&self) -> Option<&Ending> {
        match &self.phase {
            Phase::Closing { why, .. }
            | Phase::HangingUp { why, .. }
            | Phase::LastWords { why } => Some(why),
            Phase::Talking | Phase::Over => None,
        }
    }

    /// Ends the stream with an error of our own making.
    pub(crate) fn fail_for(&mut self, now: Instant, error: StreamError) {
        self.fail(now, &error.clone(), Ending::OwnError(error));
    }

    /// The peer broke a rule: it is told so, and the stream ends.
    pub(crate) fn violated(&mut self, now: Instant, violation: Violation) -> Step {
        let error = StreamError::new(Condition::from(&violation)).with_text(violation.to_string());
        let code = violation.close_code();
        self.fail_with_code(now, &error, code, Ending::Violated(violation));
        Step::Nothing
    }

    /// Ends the stream with an error: `<open/>` if there was none, the error, `<close/>`, the close frame.
    pub(crate) fn fail(&mut self, now: Instant, error: &StreamError, why: Ending) {
        self.fail_with_code(now, error, close_code::NORMAL, why);
    }

    /// The peer is silent where something is due.
    pub(super) fn on_silence(&mut self, now: Instant, why: Ending) {
        if self.goes_on && matches!(self.phase, Phase::Talking) {
            // XEP-0198 § 5: a stream that was closed is not resumed, and the peer may hear us all the same. So only
            // the WebSocket is.
            if self.ours == Half::Open {
                self.say_handled();
            }
            return self.hang_up(now, close_code::NORMAL, why);
        }
        self.fail(now, &StreamError::new(Condition::ConnectionTimeout), why);
    }

    fn fail_with_code(&mut self, now: Instant, error: &StreamError, code: u16, why: Ending) {
        match mem::replace(&mut self.phase, Phase::Over) {
            Phase::Talking => {
                // RFC 7395 § 3.5: an error while the stream opens follows an <open/> of our own.
                if let Some(header) = self.header.take() {
                    self.open(&header);
                }
                if self.ours == Half::Open {
                    self.say_handled();
                    // RFC 7395 § 3.5: the error is one message of its own, then <close/>.
                    let bare = || StreamError::new(error.condition()).encode();
                    if let Ok(message) = error.encode().or_else(|_| bare()) {
                        self.outbox.push(Transmit::Text(message));
                    }
                    self.say_close(&Close::default());
                }
                self.hang_up(now, code, why);
            }
            // After our <close/> nothing more is said.
            Phase::Closing { why: first, .. } => self.hang_up(now, code, first.unless_clean(why)),
            Phase::LastWords { why: first } => {
                self.phase = Phase::LastWords { why: first.unless_lost(why) };
            }
            over @ (Phase::HangingUp { .. } | Phase::Over) => self.phase = over,
        }
    }

    /// Ends all at once, when there is nobody to tell.
    pub(crate) fn abandon(&mut self) {
        self.phase = Phase::Over;
        self.timers.stop_all();
        self.held.clear();
    }

    /// RFC 7395 § 3.6: a `<close/>` is answered with `<close/>`; then who closed first closes the WebSocket.
    pub(super) fn on_close(&mut self, now: Instant, close: &Close) -> Step {
        // RFC 7395 § 3.6.1: a server moves a client, and not the other way round.
        let uri = close.see_other_uri.clone().filter(|_| self.host.is_some());
        let redirected = uri.map(Ending::Redirected);
        match mem::replace(&mut self.phase, Phase::Over) {
            Phase::Talking if self.ours == Half::Open => {
                self.say_handled();
                self.say_close(&Close::default());
                self.await_hangup(now, redirected.unwrap_or(Ending::Clean));
            }
            // RFC 7395 § 3.6: where no stream was opened, only the WebSocket is closed.
            Phase::Talking => {
                self.hang_up(now, close_code::NORMAL, redirected.unwrap_or(Ending::Clean));
            }
            Phase::Closing { why, first: Side::We, .. } => {
                self.hang_up(now, close_code::NORMAL, why);
            }
            Phase::Closing { why, first: Side::Peer, .. } => self.await_hangup(now, why),
            Phase::LastWords { why } => {
                // Our own <close/> can no longer be said: the stream ends here, for the reason that was given.
                let why = why.unless_lost(redirected.unwrap_or(Ending::Clean));
                return Step::Over(self.end(why));
            }
            over @ (Phase::HangingUp { .. } | Phase::Over) => self.phase = over,
        }
        Step::Nothing
    }

    /// RFC 6120 § 4.9.1.1: a stream error is the end; it is answered with `<close/>` and nothing else.
    pub(super) fn on_error(&mut self, now: Instant, error: StreamError) {
        let why = Ending::PeerError(error);
        match mem::replace(&mut self.phase, Phase::Over) {
            Phase::Talking if self.ours == Half::Open => {
                self.say_close(&Close::default());
                self.await_close(now, why, Side::Peer);
            }
            Phase::Talking => self.hang_up(now, close_code::NORMAL, why),
            // Our <close/> crossed the error: it says more than a wish to close.
            Phase::Closing { why: own, first, .. } => {
                self.await_close(now, own.unless_clean(why), first);
            }
            Phase::LastWords { why: own } => {
                self.phase = Phase::LastWords { why: own.unless_lost(why) };
            }
            over @ (Phase::HangingUp { .. } | Phase::Over) => self.phase = over,
        }
    }

    /// The connection is gone, with a close frame or without.
    pub(super) fn on_gone(&mut self, code: Option<u16>) -> Step {
        let why = match mem::replace(&mut self.phase, Phase::Over) {
            // RFC 7395 § 3.6: without <close/> the stream ends all the same, but not in good order.
            // That writing failed says nothing; the peer's code may.
            Phase::Talking | Phase::LastWords { why: Ending::Lost { .. } } => Ending::Lost { code },
            // After our own <close/> many peers just go away.
            Phase::Closing { why, .. }
            | Phase::HangingUp { why, .. }
            | Phase::LastWords { why } => why,
            Phase::Over => return Step::Nothing,
        };
        Step::Over(self.end(why))
    }

    /// Writing failed. A server that throws a client out says why and closes; the client's next write fails
    /// first, so go on to read, under a deadline.
    pub(super) fn on_unwritable(&mut self, now: Instant) -> Step {
        let why = match mem::replace(&mut self.phase, Phase::Over) {
            Phase::Talking => Ending::Lost { code: None },
            Phase::Closing { why, .. }
            | Phase::HangingUp { why, .. }
            | Phase::LastWords { why } => why,
            Phase::Over => return Step::Nothing,
        };
        self.phase = Phase::LastWords { why };
        self.timers.stop_all();
        self.timers.set(Timer::Hangup, now + self.limits.hangup);
        Step::Nothing
    }

    /// The peer's `<close/>` did not come. Its time begins when ours has left: until then [`Timer::Write`] watches.
    pub(super) fn on_close_timeout(&mut self, now: Instant) {
        let waits = self.is_writing();
        match mem::replace(&mut self.phase, Phase::Over) {
            Phase::Closing { why, first, laden } if waits || laden => {
                self.phase = Phase::Closing { why, first, laden: waits };
                self.put_off(now, Timer::Close);
            }
            Phase::Closing { why, .. } => {
                // RFC 7395 § 3.6: no answer in time, and the WebSocket is closed all the same.
                let why = why.unless_clean(Ending::TimedOut(Timer::Close));
                self.hang_up(now, close_code::NORMAL, why);
            }
            other => self.phase = other,
        }
    }

    /// The peer's close frame did not come: ours is said once, then the connection is dropped. Where it has not left
    /// yet, with what was given before it, the peer's time has not begun.
    pub(super) fn on_hangup_timeout(&mut self, now: Instant) -> Option<Ending> {
        if self.is_writing() {
            self.put_off(now, Timer::Hangup);
            return None;
        }
        match mem::replace(&mut self.phase, Phase::Over) {
            Phase::HangingUp { why, said: false } => {
                self.hang_up(now, close_code::NORMAL, why);
                None
            }
            Phase::HangingUp { why, said: true } | Phase::LastWords { why } => Some(why),
            other => {
                self.phase = other;
                None
            }
        }
    }

    /// Whether what was given before an end in good order is still to be written. After an error it waits in vain.
    pub(super) fn is_writing(&self) -> bool {
        let is_orderly = match &self.phase {
            Phase::Talking | Phase::LastWords { .. } | Phase::Over => false,
            Phase::Closing { why, .. } | Phase::HangingUp { why, .. } => !matches!(
                why,
                Ending::Violated(_)
                    | Ending::PeerError(_)
                    | Ending::OwnError(_)
                    | Ending::Lost { .. }
                    | Ending::TimedOut(_)
            ),
        };
        is_orderly && !self.outbox.is_empty()
    }

    /// Nothing of it is taken: there is nobody to say more to.
    pub(super) fn on_unwritten(&mut self) -> Ending {
        let timed_out = Ending::TimedOut(Timer::Write);
        let why = match mem::replace(&mut self.phase, Phase::Over) {
            Phase::Talking | Phase::Over => timed_out,
            Phase::Closing { why, .. }
            | Phase::HangingUp { why, .. }
            | Phase::LastWords { why } => why.unless_clean(timed_out),
        };
        self.end(why)
    }

    fn say_close(&mut self, close: &Close) {
        self.ours = Half::Closed;
        self.outbox.push(Transmit::Text(close.encode()));
    }

    fn await_close(&mut self, now: Instant, why: Ending, first: Side) {
        let laden = self.outbox.has_unwritten();
        self.phase = Phase::Closing { why, first, laden };
        self.timers.stop_all();
        self.timers.set(Timer::Close, now + self.limits.close);
    }

    fn await_hangup(&mut self, now: Instant, why: Ending) {
        self.phase = Phase::HangingUp { why, said: false };
        self.timers.stop_all();
        self.timers.set(Timer::Hangup, now + self.limits.hangup);
    }

    fn hang_up(&mut self, now: Instant, code: u16, why: Ending) {
        self.outbox.push(Transmit::Close { code });
        self.phase = Phase::HangingUp { why, said: true };
        self.timers.stop_all();
        self.timers.set(Timer::Hangup, now + self.limits.hangup);
    }

    pub(super) fn end(&mut self, why: Ending) -> Ending {
        self.abandon();
        why
    }
}
