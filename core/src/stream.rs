//! The framed stream of one connection (RFC 7395 § 3.3 to § 3.8): it knows no side.
//!
//! Two halves, one for what we say and one for what the peer says, are judged by one table. On top stand the
//! closing, the deadlines and the errors; a client and a server add what they negotiate.

mod half;

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use bytestring::ByteString;

use self::half::{Half, Kind};
use crate::condition::Condition;
use crate::ending::Ending;
use crate::endpoint::{Input, Ticket, Transmit, Undelivered};
use crate::error::{Misuse, Violation, close_code};
use crate::frame::{Close, Decoder, Frame, Open};
use crate::jid::Jid;
use crate::limits::Limits;
use crate::outbox::Outbox;
use crate::stream_error::StreamError;
use crate::time::Instant;
use crate::timer::{Timer, Timers};
use crate::tolerance::Tolerance;

/// Where the stream is on its way to the end.
#[derive(Debug)]
enum Phase {
    /// Both sides talk, as far as the halves allow.
    Talking,
    /// `<close/>` was sent and the peer's is awaited. What comes before it is still taken (RFC 7395 § 3.6).
    Closing { why: Ending, first: Side },
    /// Both `<close/>` have passed, or none will: the peer's close frame is awaited.
    HangingUp { why: Ending, said: bool },
    /// Nothing can be written any more; what the peer said before may still be read.
    LastWords { why: Ending },
    /// Nothing more happens.
    Over,
}

/// Who began to close the stream, and so closes the WebSocket (RFC 7395 § 3.6).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Side {
    We,
    Peer,
}

/// What an input comes to.
#[derive(Debug)]
pub(crate) enum Step {
    /// Nothing that matters above.
    Nothing,
    /// A frame that the table allows now.
    Frame(Frame),
    /// The stream is over.
    Over(Ending),
}

/// The state of one connection's stream.
#[derive(Debug)]
pub(crate) struct Stream {
    ours: Half,
    theirs: Half,
    phase: Phase,
    timers: Timers,
    outbox: Outbox,
    decoder: Decoder,
    limits: Limits,
    max_message_bytes: usize,
    /// How long a stanza of the application's may be.
    max_outgoing_bytes: usize,
    /// What to open with where an error must be told before we opened (RFC 7395 § 3.5); a server has one.
    header: Option<Open>,
    /// After how long a silence the peer is pinged, once that is due at all.
    keep_alive: Option<Duration>,
    /// The host that the peer speaks for, where the peer is a server: it alone may send us elsewhere, and what comes
    /// in another's name is another user's, relayed by a lenient server.
    host: Option<String>,
    /// What came while the application had a request to answer.
    held: VecDeque<ByteString>,
}

impl Stream {
    pub(crate) fn new(limits: &Limits, tolerance: Tolerance, header: Option<Open>) -> Self {
        Self {
            ours: Half::Unopened,
            theirs: Half::Unopened,
            phase: Phase::Talking,
            timers: Timers::default(),
            outbox: Outbox::new(limits),
            decoder: Decoder::new(limits.xml, tolerance),
            max_message_bytes: limits.max_message_bytes,
            max_outgoing_bytes: limits.max_message_bytes,
            limits: limits.clone(),
            header,
            keep_alive: None,
            host: None,
            held: VecDeque::new(),
        }
    }

    /// The same with a server at the other end, which speaks for this host.
    pub(crate) fn with_host(mut self, host: &str) -> Self {
        self.host = Some(host.into());
        self
    }

    pub(crate) fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over)
    }

    /// Whether neither side has begun to end the stream.
    pub(crate) fn is_talking(&self) -> bool {
        matches!(self.phase, Phase::Talking) && self.ours == Half::Open
    }

    /// Whether one side has begun to end the stream: nothing more is negotiated.
    pub(crate) fn is_ending(&self) -> bool {
        !matches!(self.phase, Phase::Talking)
    }

    /// How long a message may be from now on.
    pub(crate) fn set_max_message_bytes(&mut self, bytes: usize) {
        self.max_message_bytes = bytes;
    }

    /// The peer says how long a message it takes; the own limit holds all the same.
    pub(crate) fn obey_max_bytes(&mut self, bytes: usize) {
        self.max_outgoing_bytes = bytes.min(self.limits.max_message_bytes);
    }

    // ---- time

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.timers.next()
    }

    pub(crate) fn start(&mut self, timer: Timer, at: Instant) {
        self.timers.set(timer, at);
    }

    pub(crate) fn stop(&mut self, timer: Timer) {
        self.timers.stop(timer);
    }

    /// From now on a silent peer is pinged, and given up when it stays silent (RFC 7395 § 3.8).
    pub(crate) fn keep_alive(&mut self, now: Instant) {
        self.keep_alive = self.limits.ping_after;
        self.heard(now);
    }

    /// Lets time pass: does what is due. `Some` when the stream is over by it.
    ///
    /// `is_deaf`: no input was wanted, for the application is behind.
    pub(crate) fn pass_time(&mut self, now: Instant, is_deaf: bool) -> Option<Ending> {
        while let Some(timer) = self.timers.expired(now) {
            match timer {
                Timer::Idle => self.on_idle(now),
                // Its answer may be at hand, and only we did not read it.
                Timer::Answer if is_deaf => {
                    self.timers.set(Timer::Answer, now + self.limits.ping_answer);
                }
                Timer::Close => self.on_close_timeout(now),
                Timer::Hangup => {
                    if let Some(why) = self.on_hangup_timeout(now) {
                        return Some(self.end(why));
                    }
                }
                Timer::Dial => return Some(self.end(Ending::TimedOut(timer))),
                Timer::Open | Timer::Negotiate | Timer::Answer => {
                    self.fail(
                        now,
                        &StreamError::new(Condition::ConnectionTimeout),
                        Ending::TimedOut(timer),
                    );
                }
            }
        }
        None
    }

    /// A ping is due. While one is out another would only put the end off.
    fn on_idle(&mut self, now: Instant) {
        if !self.timers.is_running(Timer::Answer) {
            self.outbox.push(Transmit::Ping);
            self.timers.set(Timer::Answer, now + self.limits.ping_answer);
        }
    }

    fn on_close_timeout(&mut self, now: Instant) {
        if let Phase::Closing { why, .. } = mem::replace(&mut self.phase, Phase::Over) {
            // RFC 7395 § 3.6: no answer in time, and the WebSocket is closed all the same.
            self.hang_up(now, close_code::NORMAL, why.unless_clean(Ending::TimedOut(Timer::Close)));
        }
    }

    /// The peer's close frame did not come: ours is said once, then the connection is dropped.
    fn on_hangup_timeout(&mut self, now: Instant) -> Option<Ending> {
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

    /// Notes that the peer is alive.
    fn heard(&mut self, now: Instant) {
        if let Some(after) = self.keep_alive.filter(|_| self.is_talking()) {
            self.timers.stop(Timer::Answer);
            self.timers.set(Timer::Idle, now + after);
        }
    }

    /// Takes note of a sign of life, before time passes: what is at hand proves that the peer was not silent.
    pub(crate) fn note(&mut self, now: Instant, input: &Input) {
        if matches!(input, Input::Text(_) | Input::Binary | Input::Ping | Input::Pong) {
            self.heard(now);
        }
    }

    /// Looks now whether the peer is still there.
    pub(crate) fn nudge(&mut self, now: Instant) {
        if self.keep_alive.is_some() && self.is_talking() {
            self.timers.set(Timer::Idle, now);
        }
    }

    // ---- input

    /// Takes one input that belongs to an open connection. Time has passed already.
    pub(crate) fn receive(&mut self, now: Instant, input: Input) -> Step {
        match input {
            Input::Text(text) => self.receive_text(now, &text),
            Input::Binary => self.violated(now, Violation::Binary),
            Input::Unreadable(fault) => self.violated(now, Violation::WebSocket(fault)),
            Input::Closed { .. } | Input::Lost => self.on_gone(),
            Input::Unwritable => self.on_unwritable(now),
            Input::Ping | Input::Pong | Input::Timeout => Step::Nothing,
            Input::Connected(_) | Input::ConnectFailed(_) | Input::Fetched(_) => {
                debug_assert!(false, "not an input of an open connection");
                Step::Nothing
            }
        }
    }

    fn receive_text(&mut self, now: Instant, text: &ByteString) -> Step {
        if matches!(self.phase, Phase::HangingUp { .. } | Phase::Over)
            || self.theirs == Half::Closed
        {
            return Step::Nothing;
        }
        if let Some(violation) = self.too_long(text) {
            return self.violated(now, violation);
        }
        let frame = match self.decoder.decode(text) {
            Ok(frame) => frame,
            Err(violation) => return self.violated(now, violation),
        };
        if self.is_another_users(&frame) {
            return Step::Nothing;
        }
        let kind = Kind::of(&frame);
        let Some(after) = self.theirs.after(kind) else {
            if self.may_reopen(kind) {
                self.theirs = Half::Reopened;
                self.timers.set(Timer::Open, now + self.limits.open);
                return Step::Nothing;
            }
            return self.violated(now, self.theirs.violation(kind));
        };
        self.theirs = after;
        match frame {
            Frame::Close(close) => self.on_close(now, &close),
            Frame::Error(error) => {
                self.on_error(now, error);
                Step::Nothing
            }
            Frame::ErrorAndClose(error, close) => {
                self.on_error(now, error);
                self.theirs = Half::Closed;
                self.on_close(now, &close)
            }
            frame => Step::Frame(frame),
        }
    }

    /// Whether a server relayed this for another user, and it must not be obeyed.
    fn is_another_users(&self, frame: &Frame) -> bool {
        let from = match frame {
            Frame::Open(open) if self.theirs == Half::Open => &open.from,
            Frame::Close(close) => &close.from,
            _ => return false,
        };
        match (&self.host, from) {
            (Some(host), Some(from)) if !from.is_empty() => {
                from.parse::<Jid>().map_or(true, |from| from.as_str() != host)
            }
            _ => false,
        }
    }

    /// [`Tolerance::open_before_end`]: a server's second `<open/>`, after which only the end may come.
    fn may_reopen(&self, kind: Kind) -> bool {
        let is_second = (self.theirs, kind) == (Half::Open, Kind::Open);
        is_second && self.host.is_some() && self.decoder.tolerance().open_before_end
    }

    fn too_long(&self, text: &str) -> Option<Violation> {
        let (length, limit) = (text.len(), self.max_message_bytes);
        (length > limit).then_some(Violation::TooLong { length, limit })
    }

    /// Keeps a message for later, while the application has a request to answer.
    pub(crate) fn hold(&mut self, now: Instant, text: ByteString) {
        if let Some(violation) = self.too_long(&text) {
            self.violated(now, violation);
        } else if self.held.len() < self.limits.max_held_messages {
            self.held.push_back(text);
        } else {
            self.violated(now, Violation::TooEager);
        }
    }

    /// Takes the oldest message that was kept; `None` when there is none.
    pub(crate) fn receive_held(&mut self, now: Instant) -> Option<Step> {
        let text = self.held.pop_front()?;
        Some(self.receive_text(now, &text))
    }

    /// RFC 7395 § 3.6: a `<close/>` is answered with `<close/>`; then who closed first closes the WebSocket.
    fn on_close(&mut self, now: Instant, close: &Close) -> Step {
        // RFC 7395 § 3.6.1: a server moves a client, and not the other way round.
        let uri = close.see_other_uri.clone().filter(|_| self.host.is_some());
        let redirected = uri.map(Ending::Redirected);
        match mem::replace(&mut self.phase, Phase::Over) {
            Phase::Talking if self.ours == Half::Open => {
                self.say_close(&Close::default());
                self.await_hangup(now, redirected.unwrap_or(Ending::Clean));
            }
            // RFC 7395 § 3.6: where no stream was opened, only the WebSocket is closed.
            Phase::Talking => {
                self.hang_up(now, close_code::NORMAL, redirected.unwrap_or(Ending::Clean));
            }
            Phase::Closing { why, first: Side::We } => self.hang_up(now, close_code::NORMAL, why),
            Phase::Closing { why, first: Side::Peer } => self.await_hangup(now, why),
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
    fn on_error(&mut self, now: Instant, error: StreamError) {
        let why = Ending::PeerError(error);
        match mem::replace(&mut self.phase, Phase::Over) {
            Phase::Talking if self.ours == Half::Open => {
                self.say_close(&Close::default());
                self.await_close(now, why, Side::Peer);
            }
            Phase::Talking => self.hang_up(now, close_code::NORMAL, why),
            // Our <close/> crossed the error: it says more than a wish to close.
            Phase::Closing { why: own, first } => {
                self.await_close(now, own.unless_clean(why), first);
            }
            Phase::LastWords { why: own } => {
                self.phase = Phase::LastWords { why: own.unless_lost(why) };
            }
            over @ (Phase::HangingUp { .. } | Phase::Over) => self.phase = over,
        }
    }

    /// The connection is gone, with a close frame or without.
    fn on_gone(&mut self) -> Step {
        let why = match mem::replace(&mut self.phase, Phase::Over) {
            // RFC 7395 § 3.6: without <close/> the stream ends all the same, but not in good order.
            Phase::Talking => Ending::Lost,
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
    fn on_unwritable(&mut self, now: Instant) -> Step {
        let why = match mem::replace(&mut self.phase, Phase::Over) {
            Phase::Talking => Ending::Lost,
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

    // ---- output

    pub(crate) fn poll_transmit(&mut self) -> Option<Transmit> {
        match self.phase {
            // What cannot be written stays where it is, to be handed back at the end.
            Phase::LastWords { .. } => None,
            _ => self.outbox.pop(),
        }
    }

    pub(crate) fn poll_written(&mut self) -> Option<Ticket> {
        self.outbox.poll_written()
    }

    pub(crate) fn take_unwritten(&mut self) -> Vec<Undelivered> {
        self.outbox.take_unwritten()
    }

    pub(crate) fn has_room(&self) -> bool {
        self.outbox.has_room()
    }

    pub(crate) fn has_room_for_answers(&self) -> bool {
        self.outbox.has_room_for_answers()
    }

    pub(crate) fn wants_dial(&self) -> bool {
        self.outbox.wants_dial()
    }

    /// Checks one stanza of the application's, and gives it the namespace that it lacks.
    pub(crate) fn check_outgoing(&mut self, stanza: &ByteString) -> Result<ByteString, Misuse> {
        self.decoder.check_outgoing(stanza, self.max_outgoing_bytes)
    }

    /// Has the transport do something besides talking.
    pub(crate) fn transmit(&mut self, transmit: Transmit) {
        self.outbox.push(transmit);
    }

    /// Says `<open/>`.
    pub(crate) fn open(&mut self, open: &Open) {
        debug_assert_eq!(self.ours, Half::Unopened, "opened twice");
        self.ours = Half::Open;
        self.header = None;
        self.outbox.push(Transmit::Text(open.encode()));
    }

    /// Says one element of the protocol's own; nothing once the stream is being closed.
    pub(crate) fn say(&mut self, element: ByteString) {
        if self.is_talking() {
            self.outbox.push(Transmit::Text(element));
        }
    }

    /// Says one stanza of the application's.
    pub(crate) fn say_stanza(
        &mut self,
        now: Instant,
        stanza: ByteString,
    ) -> Result<Ticket, Misuse> {
        if self.is_over() {
            return Err(Misuse::Over);
        }
        // RFC 7395 § 3.6: nothing is sent after <close/>.
        if !self.is_talking() {
            return Err(Misuse::NotNow);
        }
        if !self.has_room() {
            return Err(Misuse::Full);
        }
        Ok(self.outbox.push_stanza(now, stanza))
    }

    /// RFC 7395 § 3.7: after the login both halves begin anew, without `<close/>`.
    pub(crate) fn restart(&mut self, header: Option<Open>) {
        self.ours = Half::Unopened;
        self.theirs = Half::Unopened;
        self.header = header;
    }

    /// Replaces what an error before our `<open/>` would be told with.
    pub(crate) fn set_header(&mut self, header: Open) {
        self.header = Some(header);
    }

    /// Begins to end the stream in good order. `why` is what it will be over for.
    pub(crate) fn close(&mut self, now: Instant, close: &Close, why: Ending) {
        if !matches!(self.phase, Phase::Talking) {
            return;
        }
        // RFC 7395 § 3.6.1: what sends the client elsewhere may also stand in place of <open/>.
        if self.ours == Half::Open || close.see_other_uri.is_some() {
            self.say_close(close);
            self.await_close(now, why, Side::We);
        } else {
            // RFC 7395 § 3.6: <close/> is for a stream that was opened.
            self.hang_up(now, close_code::NORMAL, why);
        }
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

    fn fail_with_code(&mut self, now: Instant, error: &StreamError, code: u16, why: Ending) {
        match mem::replace(&mut self.phase, Phase::Over) {
            Phase::Talking => {
                // RFC 7395 § 3.5: an error while the stream opens follows an <open/> of our own.
                if let Some(header) = self.header.take() {
                    self.open(&header);
                }
                if self.ours == Half::Open {
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

    fn say_close(&mut self, close: &Close) {
        self.ours = Half::Closed;
        self.outbox.push(Transmit::Text(close.encode()));
    }

    fn await_close(&mut self, now: Instant, why: Ending, first: Side) {
        self.phase = Phase::Closing { why, first };
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

    /// Ends all at once, when there is nobody to tell.
    pub(crate) fn abandon(&mut self) {
        self.phase = Phase::Over;
        self.timers.stop_all();
        self.held.clear();
    }

    fn end(&mut self, why: Ending) -> Ending {
        self.abandon();
        why
    }
}
