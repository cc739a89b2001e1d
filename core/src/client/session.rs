//! What is known of a session on the server, from one connection to the next (XEP-0198 § 5).

use std::time::Duration;

use super::Client;
use super::event::{ClientEvent, Reply};
use super::state::{Offer, State};
use crate::endpoint::Undelivered;
use crate::error::{Incomplete, Violation};
use crate::frame::{Frame, Nonza};
use crate::jid::Jid;
use crate::outbox::Fate;
use crate::sm::{CountTooHigh, Element, Enable, Enabled, Failed, Position};
use crate::stanza_error::StanzaCondition;
use crate::time::Instant;

/// A session on the server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Session {
    pub(super) jid: Jid,
    /// How to go on with it over another connection; `None`: it cannot be gone on with.
    pub(super) resumption: Option<Resumption>,
    /// How that went so far.
    pub(super) tries: Tries,
}

/// How often in a row a session was asked for, with nothing more acknowledged than before the first time.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Tries {
    count: u32,
    acknowledged: u32,
}

/// What a server said about going on with a session.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Resumption {
    pub(super) id: String,
    /// How long the server keeps the session, if it said so.
    pub(super) max: Option<Duration>,
    /// Where it would like the client to come back, as written.
    pub(super) location: Option<String>,
}

impl Session {
    pub(super) fn new(jid: Jid, resumption: Option<Resumption>) -> Self {
        Self { jid, resumption, tries: Tries::default() }
    }
}

impl Tries {
    /// It is asked for, with this much acknowledged.
    fn begin(&mut self, acknowledged: u32) {
        if self.acknowledged != acknowledged {
            *self = Self { count: 0, acknowledged };
        }
        self.count = self.count.saturating_add(1);
    }

    /// There is nothing that could be acknowledged.
    fn succeed(&mut self) {
        self.count = 0;
    }

    /// Whether so many were in vain, now that this much is acknowledged.
    fn are_fruitless(&self, acknowledged: u32, max: u32) -> bool {
        self.acknowledged == acknowledged && self.count >= max
    }
}

impl Client {
    /// Whether the server keeps a session that can be gone on with.
    pub(super) fn resumption(&self) -> Option<&Resumption> {
        self.session.as_ref()?.resumption.as_ref()
    }

    /// Whether a stanza that is sent leaves at once: the client is bound, and neither side has begun to end the stream.
    ///
    /// While it is not, [`send`](Self::send) may still take stanzas, for a later connection.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Ready { .. }) && self.stream.is_talking()
    }

    /// Whether there is a session on the server that could go on over another connection (XEP-0198 § 5), as far as the
    /// client knows: then [`save`](Self::save) has it. So it is also between two connections.
    pub fn is_resumable(&self) -> bool {
        !matches!(self.state, State::Over) && self.resumption().is_some()
    }

    /// XEP-0198 § 5: asks for the session of before, in place of a new one.
    pub(super) fn resume(&mut self, previd: String, offer: Offer) -> State {
        if let Some(ledger) = self.stream.outbox().ledger_mut() {
            // What waits for the application will get to it.
            ledger.handle_before(None);
            let h = ledger.tell();
            if let Some(session) = &mut self.session {
                session.tries.begin(ledger.acknowledged());
            }
            self.stream.say(Position { previd, h }.encode_resume());
        }
        // The server may be on with it before its answer is here.
        self.stream.go_on(self.life.goes_on());
        State::Resuming { offer }
    }

    /// The answer to `<resume/>`.
    pub(super) fn on_resume_answer(&mut self, now: Instant, offer: Offer, frame: &Frame) -> State {
        let Frame::Nonza(nonza) = frame else {
            return self.refuse_session(now, Violation::OutOfOrder(frame.name()));
        };
        match Element::read(nonza) {
            Some(Ok(Element::Resumed(Position { previd, h }))) => {
                match self.session.clone() {
                    Some(Session { jid, resumption: Some(it), .. }) if it.id == previd => {
                        self.on_resumed(now, jid, offer, h)
                    }
                    // Another session than the one that was asked for.
                    _ => self.refuse_session(now, Violation::Incomplete(Incomplete::Resumed)),
                }
            }
            Some(Ok(Element::Failed(Failed { condition, h }))) => {
                self.on_not_resumed(now, offer, condition, h)
            }
            Some(Err(violation)) => self.refuse_session(now, violation),
            Some(Ok(_)) | None => self.refuse_session(now, Violation::UnknownElement),
        }
    }

    /// A server that answers `<resume/>` wrongly would do so again.
    fn refuse_session(&mut self, now: Instant, violation: Violation) -> State {
        self.forget_resumption();
        self.give_up(now, violation)
    }

    fn refuse_count(&mut self, now: Instant, fault: CountTooHigh) -> State {
        self.forget_resumption();
        self.stream.on_count_too_high(now, fault);
        State::Leaving
    }

    /// Whether connections end again and again on what is sent in the session.
    pub(super) fn is_fruitless(&mut self) -> bool {
        let Some(max) = self.life.max_fruitless_resumptions() else { return false };
        match (&self.session, self.stream.outbox().ledger()) {
            (Some(session), Some(ledger)) => {
                session.tries.are_fruitless(ledger.acknowledged(), max)
            }
            _ => false,
        }
    }

    pub(super) fn forget_resumption(&mut self) {
        if let Some(session) = &mut self.session {
            session.resumption = None;
        }
    }

    fn on_resumed(&mut self, now: Instant, jid: Jid, offer: Offer, h: u32) -> State {
        if let Err(fault) = self.stream.acknowledge(h) {
            return self.refuse_count(now, fault);
        }
        if let Some(session) = &mut self.session
            && !self.stream.outbox().has_stanzas()
        {
            session.tries.succeed();
        }
        // The counters go on where they were.
        self.stream.count_received();
        self.events.push(ClientEvent::Resumed);
        let too_long = self.stream.resend();
        self.hand_back_unsent(too_long);
        self.ready(now, jid, offer, true)
    }

    fn on_not_resumed(
        &mut self,
        now: Instant,
        offer: Offer,
        condition: Option<StanzaCondition>,
        h: Option<u32>,
    ) -> State {
        // XEP-0198 § 5: what the server says that it had is not handed back.
        if let Some(h) = h
            && let Err(fault) = self.stream.acknowledge(h)
        {
            return self.refuse_count(now, fault);
        }
        self.events.push(ClientEvent::NotResumed(condition));
        self.end_session();
        // XEP-0198 § 5: the same stream goes on to bind. Asking again is of no use: servers end the session with the
        // answer, and what they handed on of it would come twice.
        self.bind(self.config.account.resource().map(str::to_owned), offer)
    }

    /// XEP-0198 § 3: asks for stream management, once a resource is bound.
    pub(super) fn enable(&mut self, jid: Jid, offer: Offer) -> State {
        self.stream.say(Enable { resume: true, max: None }.encode());
        // XEP-0198 § 3: what is sent counts from here on.
        self.stream.count_sent();
        State::Enabling { jid, offer }
    }

    /// The answer to `<enable/>`.
    pub(super) fn on_enable_answer(
        &mut self,
        now: Instant,
        jid: Jid,
        offer: Offer,
        nonza: &Nonza,
    ) -> State {
        match Element::read(nonza) {
            Some(Ok(Element::Enabled(Enabled { id, max, location }))) => {
                // XEP-0198 § 3: what is received counts from here on.
                self.stream.count_received();
                let resumption = id.map(|id| Resumption { id, max, location });
                self.session = Some(Session::new(jid.clone(), resumption));
            }
            // XEP-0198 § 3: it is asked for once, and done without where it is refused.
            Some(Ok(Element::Failed(_))) => {
                self.stream.outbox().end_session();
            }
            Some(Err(violation)) => return self.give_up(now, violation),
            Some(Ok(_)) | None => return self.give_up(now, Violation::UnknownElement),
        }
        self.on_bound(now, jid, offer)
    }

    /// The session of before is gone: what became of its stanzas is told, what is not known is handed back.
    pub(super) fn end_session(&mut self) {
        self.session = None;
        self.stream.go_on(false);
        self.events.forget_numbers();
        self.tell_fates();
        let lost = self.stream.outbox().end_session();
        self.end_requests();
        self.hand_back(lost);
    }

    /// What a session's end leaves of one's own requests: those that were never written are asked in the next.
    fn end_requests(&mut self) {
        let first_unwritten = self.stream.outbox().first_unwritten();
        while let Some(ticket) = self.pending.pop_before(first_unwritten) {
            self.events.push(ClientEvent::Reply { ticket, reply: Reply::None });
        }
    }

    /// Moves what was decided into the queue, before something else comes that concerns stanzas.
    pub(super) fn tell_fates(&mut self) {
        while let Some(fate) = self.stream.outbox().poll_fate() {
            self.events.push(fate.into());
        }
    }

    /// XEP-0478 § 4: what is longer than the server takes is not sent, and no answer to it will come.
    pub(super) fn hand_back_unsent(&mut self, too_long: Vec<Undelivered>) {
        for stanza in &too_long {
            if self.pending.take(stanza.ticket) {
                let reply = Reply::None;
                self.events.push(ClientEvent::Reply { ticket: stanza.ticket, reply });
            }
        }
        self.hand_back(too_long);
    }

    pub(super) fn hand_back(&mut self, stanzas: Vec<Undelivered>) {
        if !stanzas.is_empty() {
            self.events.push(ClientEvent::Undelivered(stanzas));
        }
    }
}

impl From<Fate> for ClientEvent {
    fn from(fate: Fate) -> Self {
        match fate {
            Fate::Acked(ticket) => Self::Acked(ticket),
            Fate::Unconfirmed(ticket) => Self::Unconfirmed(ticket),
        }
    }
}
