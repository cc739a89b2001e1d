//! What is known of a session on the server, from one connection to the next (XEP-0198 § 5).

use std::time::Duration;

use super::Client;
use super::event::{ClientEvent, Reply};
use super::state::{Offer, State};
use crate::endpoint::Undelivered;
use crate::error::{Incomplete, Violation};
use crate::frame::Nonza;
use crate::jid::Jid;
use crate::outbox::Fate;
use crate::sm::{Element, Enable, Enabled, Failed, Position};
use crate::stanza_error::StanzaCondition;
use crate::time::Instant;

/// A session on the server.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Session {
    pub(super) jid: Jid,
    /// How to go on with it over another connection; `None`: it cannot be gone on with.
    pub(super) resumption: Option<Resumption>,
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

impl Client {
    /// Whether the server keeps a session that can be gone on with.
    pub(super) fn resumption(&self) -> Option<&Resumption> {
        self.session.as_ref()?.resumption.as_ref()
    }

    /// XEP-0198 § 5: asks for the session of before, in place of a new one.
    pub(super) fn resume(&mut self, previd: String, offer: Offer) -> State {
        if let Some(ledger) = self.stream.outbox().ledger_mut() {
            // What waits for the application will get to it.
            ledger.handle_before(None);
            let h = ledger.tell();
            self.stream.say(Position { previd, h }.encode_resume());
        }
        // The server may be on with it before its answer is here.
        self.stream.go_on(self.life.goes_on());
        State::Resuming { offer }
    }

    /// The answer to `<resume/>`.
    pub(super) fn on_resume_answer(&mut self, now: Instant, offer: Offer, nonza: &Nonza) -> State {
        match Element::read(nonza) {
            Some(Ok(Element::Resumed(Position { previd, h }))) => {
                match self.session.clone() {
                    Some(Session { jid, resumption: Some(it) }) if it.id == previd => {
                        self.on_resumed(now, jid, h)
                    }
                    // Another session than the one that was asked for.
                    _ => self.give_up(now, Violation::Incomplete(Incomplete::Resumed)),
                }
            }
            Some(Ok(Element::Failed(Failed { condition, h }))) => {
                self.on_not_resumed(now, offer, condition, h)
            }
            Some(Err(violation)) => self.give_up(now, violation),
            Some(Ok(_)) | None => self.give_up(now, Violation::UnknownElement),
        }
    }

    fn on_resumed(&mut self, now: Instant, jid: Jid, h: u32) -> State {
        if let Err(fault) = self.stream.acknowledge(h) {
            self.stream.on_count_too_high(now, fault);
            return State::Leaving;
        }
        // The counters go on where they were.
        self.stream.count_received();
        self.events.push(ClientEvent::Resumed);
        let too_long = self.stream.resend();
        self.hand_back_unsent(too_long);
        self.ready(now, jid, true)
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
            self.stream.on_count_too_high(now, fault);
            return State::Leaving;
        }
        self.events.push(ClientEvent::NotResumed(condition));
        self.end_session();
        // XEP-0198 § 5: the same stream goes on to bind.
        self.bind(self.config.account.resource().map(str::to_owned), offer)
    }

    /// XEP-0198 § 3: asks for stream management, once a resource is bound.
    pub(super) fn enable(&mut self, jid: Jid) -> State {
        self.stream.say(Enable { resume: true, max: None }.encode());
        // XEP-0198 § 3: what is sent counts from here on.
        self.stream.count_sent();
        State::Enabling { jid }
    }

    /// The answer to `<enable/>`.
    pub(super) fn on_enable_answer(&mut self, now: Instant, jid: Jid, nonza: &Nonza) -> State {
        match Element::read(nonza) {
            Some(Ok(Element::Enabled(Enabled { id, max, location }))) => {
                // XEP-0198 § 3: what is received counts from here on.
                self.stream.count_received();
                let resumption = id.map(|id| Resumption { id, max, location });
                self.session = Some(Session { jid: jid.clone(), resumption });
            }
            // XEP-0198 § 3: it is asked for once, and done without where it is refused.
            Some(Ok(Element::Failed(_))) => {
                self.stream.outbox().end_session();
            }
            Some(Err(violation)) => return self.give_up(now, violation),
            Some(Ok(_)) | None => return self.give_up(now, Violation::UnknownElement),
        }
        self.on_bound(now, jid)
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
