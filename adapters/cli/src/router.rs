//! Who is there, and who gets what: the delivery rules of RFC 6121 § 8 between the users of one host.
//!
//! It knows no socket and no clock. A connection's task [binds](Router::bind) its session, gives each stanza that
//! comes to [`Router::route`], and takes what is for its client by [`Router::take`], when it is
//! [woken](Router::poll_wake).
//!
//! # What becomes of a stanza
//!
//! | to | message | presence | iq |
//! |---|---|---|---|
//! | nobody in particular | as to the own account | to the own resources | answered here |
//! | a resource that is there | it gets it | it gets it | it gets it |
//! | a resource that is not | `chat` as to the account, else refused | ignored | refused |
//! | an account | to the resources of the highest priority; `headline` to each; else refused | to its resources | answered here or refused |
//! | nobody known here | refused | ignored | refused |
//! | the host | refused | ignored | answered here |
//! | another domain | `remote-server-not-found` | `remote-server-not-found` | `remote-server-not-found` |
//!
//! Refused is `service-unavailable`, for nothing is stored; an error or an answer is never refused, but ignored.
//! Subscriptions are not supported: a request for one is refused with `feature-not-implemented`, the roster is
//! empty. Messages are not filtered.
//!
//! # When a client does not read
//!
//! What is for it waits in a queue with [bounds](queue). A sender is asked to wait for room, and reads nothing
//! meanwhile ([`Routed::Wait`]); when its patience is at an end, the recipient counts as stalled, and what is for it
//! is refused with `resource-constraint` at once, until it has taken half of what waits. An answer or presence,
//! which cannot be refused, is dropped then. Nobody else is affected.
//!
//! A client whose connection is gone and that [may come back](Router::go_away) counts as one that does not read, and
//! as stalled.

mod delivery;
mod presence;
mod queue;
mod services;
mod session;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use bytestring::ByteString;
use xmpp_ws::condition::Condition;
use xmpp_ws::frame::{Decoder, Frame};
use xmpp_ws::jid::Jid;
use xmpp_ws::stanza::{Stanza, StanzaKind};
use xmpp_ws::stanza_error::StanzaCondition;

use self::delivery::Fate;
pub(crate) use self::session::SessionId;
use self::session::{Session, State};

/// Who is there, and who gets what.
#[derive(Debug)]
pub(crate) struct Router {
    host: String,
    /// Every account by its bare address, with its bound sessions.
    accounts: BTreeMap<String, Vec<SessionId>>,
    sessions: BTreeMap<SessionId, Session>,
    /// Whose task should look again.
    woken: BTreeSet<SessionId>,
    next: SessionId,
    /// For what is handed back.
    decoder: Decoder,
}

/// What became of a stanza.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub(crate) enum Routed {
    /// It was taken.
    Done,
    /// A recipient has no room, and nothing was done: try again when woken, or when patience is at an end.
    Wait,
}

/// Whether a sender may be asked to wait.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Patience {
    Some,
    AtAnEnd,
}

/// What a session's task shall do.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Order {
    /// Send this to the client.
    Send(ByteString),
    /// End its stream with this error.
    End(Condition),
}

impl Router {
    /// A router for these accounts, given by their bare addresses.
    pub(crate) fn new(host: &str, accounts: impl IntoIterator<Item = Jid>) -> Self {
        let accounts = accounts.into_iter().map(|jid| (jid.bare_str().to_owned(), Vec::new()));
        Self {
            host: host.to_owned(),
            accounts: accounts.collect(),
            sessions: BTreeMap::new(),
            woken: BTreeSet::new(),
            next: SessionId::FIRST,
            decoder: Decoder::default(),
        }
    }

    /// A client has this full address from now on.
    ///
    /// RFC 6120 § 7.7.2.2: of two that want the same address the new one gets it, and the old one is ended with
    /// `<conflict/>`: it is most often a connection that broke without anybody's notice.
    pub(crate) fn bind(&mut self, jid: &Jid) -> Result<SessionId, StanzaCondition> {
        if let Some(old) = self.find(jid) {
            self.end(old, Condition::Conflict);
        }
        let Some(resources) = self.accounts.get_mut(jid.bare_str()) else {
            return Err(StanzaCondition::NotAllowed);
        };
        if resources.len() >= MAX_RESOURCES {
            return Err(StanzaCondition::ResourceConstraint);
        }
        let id = self.next;
        self.next = id.next();
        resources.push(id);
        self.sessions.insert(id, Session::new(jid.clone()));
        Ok(id)
    }

    /// A stanza came from this client; `language` is that of its stream.
    pub(crate) fn route(
        &mut self,
        id: SessionId,
        stanza: &Stanza,
        language: Option<&str>,
        patience: Patience,
    ) -> Routed {
        let Some(sender) = self.sessions.get(&id).filter(|session| session.is_bound()) else {
            return Routed::Done;
        };
        let jid = sender.jid.clone();
        match self.fate(&jid, stanza) {
            Fate::Ignore => Routed::Done,
            Fate::Answer(answer) => {
                self.push(id, answer);
                Routed::Done
            }
            Fate::Refuse(condition) => {
                self.refuse(id, stanza, condition);
                Routed::Done
            }
            Fate::Presence(change) => {
                self.on_presence(id, stanza, language, change);
                Routed::Done
            }
            Fate::Deliver(recipients) => {
                let relayed = || stanza.relayed(&jid, language);
                self.deliver(id, stanza, relayed, &recipients, patience)
            }
        }
    }

    /// Whether more can wait for this session.
    pub(crate) fn has_room(&self, id: SessionId) -> bool {
        self.sessions.get(&id).is_none_or(|session| session.queue.has_room())
    }

    /// The next thing to do for this session; `has_room`: whether its client can be sent something.
    pub(crate) fn take(&mut self, id: SessionId, has_room: bool) -> Option<Order> {
        let session = self.sessions.get_mut(&id)?;
        if let State::Ended { condition, told } = &mut session.state {
            return (!std::mem::replace(told, true)).then_some(Order::End(*condition));
        }
        if !has_room {
            return None;
        }
        let stanza = session.queue.pop()?;
        if session.queue.is_half_empty() {
            session.is_stalled = false;
        }
        if session.queue.has_room() {
            self.woken.append(&mut session.waiting);
        }
        Some(Order::Send(stanza))
    }

    /// The client's connection is gone, and it may come back: its address, its presence and what is for it stay.
    /// False: its session was ended already.
    pub(crate) fn go_away(&mut self, id: SessionId) -> bool {
        let session = self.sessions.get_mut(&id).filter(|session| session.is_bound());
        let Some(session) = session else { return false };
        // Nobody waits for it to take something.
        session.is_stalled = true;
        self.woken.append(&mut session.waiting);
        true
    }

    /// The client is back.
    pub(crate) fn come_back(&mut self, id: SessionId) {
        self.woken.insert(id);
    }

    /// The session is over: those who saw its presence are told, and what it did not take goes back, `unwritten` first.
    pub(crate) fn leave(&mut self, id: SessionId, unwritten: &[ByteString]) {
        self.unbind(id);
        for stanza in unwritten {
            self.hand_back(stanza, StanzaCondition::RecipientUnavailable);
        }
        let Some(mut session) = self.sessions.remove(&id) else { return };
        self.woken.append(&mut session.waiting);
        self.woken.remove(&id);
        while let Some(stanza) = session.queue.pop() {
            self.hand_back(&stanza, StanzaCondition::RecipientUnavailable);
        }
    }

    /// This never reached the client that it was for: its sender is told why, if it can be.
    pub(crate) fn hand_back(&mut self, stanza: &ByteString, why: StanzaCondition) {
        let Ok(Frame::Stanza(stanza)) = self.decoder.decode(stanza) else { return };
        let sender = stanza.from().and_then(|from| from.parse().ok());
        let Some(sender) = sender.and_then(|jid: Jid| self.find(&jid)) else { return };
        if stanza.kind() != StanzaKind::Presence && delivery::may_be_refused(&stanza) {
            let error = stanza.error_reply(why);
            self.push_if_room(sender, error);
        }
    }

    /// The next session whose task should [take](Self::take), or try to [route](Self::route) again.
    pub(crate) fn poll_wake(&mut self) -> Option<SessionId> {
        self.woken.pop_first()
    }

    /// The bound session of this full address.
    pub(crate) fn find(&self, jid: &Jid) -> Option<SessionId> {
        let mut resources = self.accounts.get(jid.bare_str())?.iter();
        resources.find(|id| self.sessions.get(id).is_some_and(|it| it.jid == *jid)).copied()
    }

    /// Ends a session's stream with an error. Nothing is delivered to it any more.
    fn end(&mut self, id: SessionId, condition: Condition) {
        self.unbind(id);
        if let Some(session) = self.sessions.get_mut(&id) {
            session.state = State::Ended { condition, told: false };
            self.woken.insert(id);
        }
    }

    /// Takes a session's address from it, once.
    fn unbind(&mut self, id: SessionId) {
        self.withdraw_presence(id);
        let Some(session) = self.sessions.get_mut(&id) else { return };
        if let Some(resources) = self.accounts.get_mut(session.jid.bare_str()) {
            resources.retain(|resource| *resource != id);
        }
        session.state = State::Gone;
    }
}

// It bounds what one presence stanza makes: one for each.
const MAX_RESOURCES: usize = 64;
