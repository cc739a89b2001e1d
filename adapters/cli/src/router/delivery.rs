//! Which stanza goes to whom (RFC 6121 § 8), and how it gets there.

use bytestring::ByteString;
use xmpp_ws::jid::Jid;
use xmpp_ws::stanza::{Stanza, StanzaKind};
use xmpp_ws::stanza_error::StanzaCondition;

use super::presence::Change;
use super::{Patience, Routed, Router, SessionId, services};

/// What is to become of a stanza.
#[derive(Debug)]
pub(super) enum Fate {
    /// These get it.
    Deliver(Vec<SessionId>),
    /// The server answers it.
    Answer(ByteString),
    /// Its sender is told why not, where that may be told.
    Refuse(StanzaCondition),
    /// It changes what others know of its sender.
    Presence(Change),
    /// Nothing.
    Ignore,
}

/// Whom a stanza is for.
#[derive(Debug)]
pub(super) enum Target {
    /// The sender's own account, named or not.
    OwnAccount { named: bool },
    /// Another account.
    Account(Jid),
    /// A resource of an account, with its session if it is there.
    Resource(Jid, Option<SessionId>),
    /// The address of no account here.
    Nobody,
    /// The host itself.
    Host,
    /// Another host.
    Elsewhere,
    /// Not an address.
    Malformed,
}

impl Router {
    pub(super) fn target(&self, own: &Jid, to: Option<&str>) -> Target {
        let Some(to) = to else { return Target::OwnAccount { named: false } };
        let Ok(jid) = to.parse::<Jid>() else { return Target::Malformed };
        if jid.domain() != self.host {
            return Target::Elsewhere;
        }
        match (jid.local(), jid.is_bare()) {
            (None, true) => Target::Host,
            (Some(_), true) if jid.bare_str() == own.bare_str() => {
                Target::OwnAccount { named: true }
            }
            _ if !self.accounts.contains_key(jid.bare_str()) => Target::Nobody,
            (_, true) => Target::Account(jid),
            (_, false) => {
                let session = self.find(&jid);
                Target::Resource(jid, session)
            }
        }
    }

    pub(super) fn fate(&self, own: &Jid, stanza: &Stanza) -> Fate {
        let target = self.target(own, stanza.to().as_deref());
        match (&target, stanza.kind()) {
            (Target::Malformed, _) => Fate::Refuse(StanzaCondition::JidMalformed),
            (Target::Elsewhere, _) => Fate::Refuse(StanzaCondition::RemoteServerNotFound),
            (_, StanzaKind::Message) => self.message_fate(own, &target, stanza),
            (_, StanzaKind::Presence) => self.presence_fate(own, target, stanza),
            (_, StanzaKind::Iq) => self.iq_fate(own, &target, stanza),
        }
    }

    fn message_fate(&self, own: &Jid, target: &Target, stanza: &Stanza) -> Fate {
        let kind = stanza.type_attribute();
        let kind = kind.as_deref();
        let account = match target {
            // RFC 6121 § 8.5.3.1: whatever its type and its recipient's priority.
            Target::Resource(_, Some(session)) => return Fate::Deliver(vec![*session]),
            // RFC 6121 § 8.5.3.2.1: only a chat goes on to another resource.
            Target::Resource(jid, None) if kind == Some("chat") => jid.bare_str(),
            Target::OwnAccount { .. } => own.bare_str(),
            Target::Account(jid) => jid.bare_str(),
            _ => return Fate::Refuse(StanzaCondition::ServiceUnavailable),
        };
        // RFC 6121 § 8.5.2.1.1. A type that is not known counts as normal (§ 5.2.2).
        let recipients = match kind {
            Some("error") => return Fate::Ignore,
            Some("groupchat") => Vec::new(),
            Some("headline") => match self.available(account, 0) {
                none if none.is_empty() => return Fate::Ignore,
                all => all,
            },
            _ => self.most_available(account),
        };
        if recipients.is_empty() {
            // RFC 6121 § 8.5.2.2.1: nothing is stored for later.
            return Fate::Refuse(StanzaCondition::ServiceUnavailable);
        }
        Fate::Deliver(recipients)
    }

    fn iq_fate(&self, own: &Jid, target: &Target, stanza: &Stanza) -> Fate {
        // RFC 6120 § 8.2.3: without an id, a known type or the one child it is no iq that anybody could answer.
        if stanza.id().is_none() || stanza.is_bad_request() {
            return Fate::Refuse(StanzaCondition::BadRequest);
        }
        match target {
            Target::Resource(_, Some(session)) => Fate::Deliver(vec![*session]),
            _ if !stanza.is_request() => Fate::Ignore,
            Target::OwnAccount { .. } => self.answer_for_account(own, stanza),
            Target::Host => services::answer_for_host(stanza),
            _ => Fate::Refuse(StanzaCondition::ServiceUnavailable),
        }
    }

    /// The available resources of an account with at least this priority.
    pub(super) fn available(&self, account: &str, priority: i8) -> Vec<SessionId> {
        let known = self.resources(account);
        let has = |id: &SessionId| self.priority(*id).is_some_and(|it| it >= priority);
        known.iter().copied().filter(has).collect()
    }

    /// Those with the highest priority, unless that is negative (RFC 6121 § 8.5.2.1.1).
    fn most_available(&self, account: &str) -> Vec<SessionId> {
        let known = self.resources(account);
        let highest = known.iter().filter_map(|id| self.priority(*id)).max();
        highest.map_or_else(Vec::new, |highest| self.available(account, highest.max(0)))
    }

    pub(super) fn resources(&self, account: &str) -> &[SessionId] {
        self.accounts.get(account).map_or(&[], Vec::as_slice)
    }

    fn priority(&self, id: SessionId) -> Option<i8> {
        Some(self.sessions.get(&id)?.presence()?.priority)
    }

    // ---- the queues

    /// Gives a stanza to everybody it is for, as far as there is room.
    pub(super) fn deliver(
        &mut self,
        sender: SessionId,
        stanza: &Stanza,
        relayed: impl FnOnce() -> ByteString,
        recipients: &[SessionId],
        patience: Patience,
    ) -> Routed {
        let (ready, full): (Vec<SessionId>, Vec<SessionId>) = recipients
            .iter()
            .partition(|id| self.sessions.get(id).is_some_and(|it| it.queue.has_room()));
        let mut waits = false;
        for id in &full {
            let Some(session) = self.sessions.get_mut(id) else { continue };
            match patience {
                Patience::Some if !session.is_stalled => {
                    session.waiting.insert(sender);
                    waits = true;
                }
                Patience::Some => {}
                Patience::AtAnEnd => session.is_stalled = true,
            }
        }
        if waits {
            return Routed::Wait;
        }
        if ready.is_empty() {
            self.refuse(sender, stanza, StanzaCondition::ResourceConstraint);
        }
        let relayed = relayed();
        for id in ready {
            self.push(id, relayed.clone());
        }
        Routed::Done
    }

    /// Tells the sender why not, where that may be told.
    pub(super) fn refuse(&mut self, sender: SessionId, stanza: &Stanza, why: StanzaCondition) {
        if may_be_refused(stanza) {
            self.push(sender, stanza.error_reply(why));
        }
    }

    /// Puts a stanza into a session's queue, where there is always room for what the session's own stanzas make: no
    /// more of these are read while it waits.
    pub(super) fn push(&mut self, id: SessionId, stanza: ByteString) {
        if let Some(session) = self.sessions.get_mut(&id).filter(|session| session.is_bound()) {
            session.queue.push(stanza);
            self.woken.insert(id);
        }
    }

    /// The same for what others' doings make, which is dropped where there is no room.
    pub(super) fn push_if_room(&mut self, id: SessionId, stanza: ByteString) {
        if self.sessions.get(&id).is_some_and(|session| session.queue.has_room()) {
            self.push(id, stanza);
        }
    }
}

/// RFC 6120 § 8.3.1: an error is not answered, nor is an answer.
pub(super) fn may_be_refused(stanza: &Stanza) -> bool {
    let kind = stanza.type_attribute();
    !matches!(
        (stanza.kind(), kind.as_deref()),
        (_, Some("error")) | (StanzaKind::Iq, Some("result"))
    )
}
