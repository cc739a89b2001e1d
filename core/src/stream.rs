//! The framed stream of one connection (RFC 7395 § 3.3 to § 3.8).
//!
//! Two halves, one for what we say and one for what the peer says, are judged by one table that knows no side. On
//! top stand the closing, the deadlines and the errors; a client and a server add what they negotiate.

mod acks;
mod closing;
mod half;
mod liveness;
mod receiving;

use std::collections::VecDeque;
use std::time::Duration;

use bytestring::ByteString;

use self::acks::Asked;
use self::closing::Phase;
use self::half::Half;
pub(crate) use self::liveness::{PAUSE, Pinger, Reading};
use crate::ending::Ending;
use crate::endpoint::{Ticket, Transmit, Undelivered};
use crate::error::{Misuse, Violation};
use crate::frame::{Decoder, Frame, Open};
use crate::limits::Limits;
use crate::outbox::Outbox;
use crate::time::Instant;
use crate::timer::{Timer, Timers};
use crate::tolerance::Tolerance;

/// What an input comes to.
#[derive(Debug)]
pub(crate) enum Step {
    /// Nothing that matters above.
    Nothing,
    /// A frame that the table allows now.
    Frame(Frame),
    /// An ill-formed message that is passed over.
    Discarded(Violation, ByteString),
    /// An element of the stream's that came in another user's name, and is passed over.
    Ignored(ByteString),
    /// The stream is over.
    Over(Ending),
}

/// The state of one connection's stream, and the outbox, which goes on to the next.
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
    /// How a silent peer is asked whether it is still there; it is not before it is bound.
    pinger: Option<Pinger>,
    /// The host that the peer speaks for, where the peer is a server: it alone may send us elsewhere, and what comes
    /// in another's name is another user's, relayed by a lenient server.
    host: Option<String>,
    /// What came while the application had a request to answer.
    held: VecDeque<ByteString>,
    /// Whether the peer's stanzas count (XEP-0198 § 4).
    counts_received: bool,
    asked: Asked,
    /// Whether the peer asked for an acknowledgement of what the application has not taken yet.
    owes_answer: bool,
    /// What the peer did wrong, while it may still say that it is about to end the stream, and why.
    awaits_reason: Option<Violation>,
    /// How much had been handed over for writing when something was last seen to wait.
    taken: u64,
    /// When the transport last said what it sees.
    looked: Instant,
    /// Whether what was begun here shall go on over another connection.
    goes_on: bool,
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
            pinger: None,
            host: None,
            held: VecDeque::new(),
            counts_received: false,
            asked: Asked::default(),
            owes_answer: false,
            awaits_reason: None,
            taken: 0,
            looked: Instant::ORIGIN,
            goes_on: false,
        }
    }

    /// The same account's next connection: stanzas wait, with their counts, and all else begins anew.
    pub(crate) fn renew(&mut self) {
        self.ours = Half::Unopened;
        self.theirs = Half::Unopened;
        self.phase = Phase::Talking;
        self.timers.stop_all();
        self.pinger = None;
        self.held.clear();
        self.counts_received = false;
        self.asked = Asked::default();
        self.owes_answer = false;
        self.awaits_reason = None;
        self.outbox.park();
    }

    /// Whether the session shall go on over another connection when the peer turns out to be silent.
    pub(crate) fn go_on(&mut self, goes_on: bool) {
        self.goes_on = goes_on;
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

    /// The peer says how long a message it takes, or does not; the own limit holds all the same. It is still believed
    /// between two connections.
    pub(crate) fn obey_max_bytes(&mut self, bytes: Option<usize>) {
        let own = self.limits.max_message_bytes;
        self.max_outgoing_bytes = bytes.map_or(own, |bytes| bytes.min(own));
    }

    /// The peer's `<open/>` is not to be gone on with. Servers say one before an error, whose reason is worth more than
    /// this; it follows at once, if it does.
    pub(crate) fn await_reason(&mut self, now: Instant, violation: Violation) {
        self.awaits_reason = Some(violation);
        self.timers.set(Timer::Open, now + REASON);
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

    /// Lets time pass: does what is due. `Some` when the stream is over by it.
    pub(crate) fn pass_time(&mut self, now: Instant, reading: Reading) -> Option<Ending> {
        self.watch_writing(now);
        while let Some(timer) = self.timers.expired(now) {
            match timer {
                Timer::Write if self.is_ending() && reading != Reading::Late => {
                    return Some(self.on_unwritten());
                }
                timer if reading.excuses(timer) => self.put_off(now, timer),
                Timer::Idle => self.on_idle(now),
                Timer::Request => self.request(now),
                Timer::Close => self.on_close_timeout(now),
                Timer::Hangup => {
                    if let Some(why) = self.on_hangup_timeout(now) {
                        return Some(self.end(why));
                    }
                }
                Timer::Open if self.awaits_reason.is_some() => {
                    if let Some(violation) = self.awaits_reason.take() {
                        self.violated(now, violation);
                    }
                }
                Timer::Dial => return Some(self.end(Ending::TimedOut(timer))),
                Timer::Open
                | Timer::Negotiate
                | Timer::Answer
                | Timer::Acknowledge
                | Timer::Write => self.on_silence(now, Ending::TimedOut(timer)),
            }
        }
        None
    }

    // ---- output

    pub(crate) fn poll_transmit(&mut self) -> Option<Transmit> {
        match self.phase {
            // What cannot be written stays where it is, to be handed back at the end.
            Phase::LastWords { .. } => None,
            _ => self.outbox.pop(),
        }
    }

    /// What waits to be written, and what became of it.
    pub(crate) fn outbox(&mut self) -> &mut Outbox {
        &mut self.outbox
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

    /// Says one element of the protocol's own that is no stanza; nothing once the stream is being closed.
    pub(crate) fn say(&mut self, element: ByteString) {
        if self.is_talking() {
            self.outbox.push(Transmit::Text(element));
        }
    }

    /// Says one stanza of the protocol's own; nothing once the stream is being closed.
    pub(crate) fn answer(&mut self, now: Instant, stanza: ByteString) {
        if self.is_talking() {
            self.outbox.push_own_stanza(now, stanza);
            self.note_queued(now);
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
        let ticket = self.outbox.push_stanza(now, stanza);
        self.note_queued(now);
        Ok(ticket)
    }

    /// Keeps one stanza of the application's until there is somebody to say it to.
    pub(crate) fn park_stanza(
        &mut self,
        now: Instant,
        stanza: ByteString,
    ) -> Result<Ticket, Misuse> {
        if !self.has_room() {
            return Err(Misuse::Full);
        }
        Ok(self.outbox.park_stanza(now, stanza))
    }

    /// There is somebody to say to what waited. What the peer would not take comes back.
    pub(crate) fn unpark(&mut self) -> Vec<Undelivered> {
        self.outbox.unpark(self.max_outgoing_bytes)
    }

    /// The session goes on: the same, after what was not acknowledged in it.
    pub(crate) fn resend(&mut self) -> Vec<Undelivered> {
        self.outbox.resend(self.max_outgoing_bytes)
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
}

/// How long a server whose `<open/>` is wrong may take to say why it ends the stream. Those that do say both in one
/// breath.
const REASON: Duration = Duration::from_secs(1);
