//! Presence (RFC 6121 § 4), without subscriptions: the own resources see each other, and others what is sent to them.

use std::collections::BTreeSet;

use bytestring::ByteString;
use xmpp_ws::jid::Jid;
use xmpp_ws::ns;
use xmpp_ws::stanza::Stanza;
use xmpp_ws::stanza_error::StanzaCondition;
use xmpp_ws::xml::Writer;

use super::delivery::{Fate, Target};
use super::session::{Available, Bound, State};
use super::{Router, SessionId};

/// What presence changes of what others know of its sender.
#[derive(Debug)]
pub(super) enum Change {
    /// The sender is available, to its own resources.
    Available,
    /// The sender is no longer available, to all who knew.
    Unavailable,
    /// Presence for somebody in particular.
    Directed { to: Jid, recipients: Vec<SessionId>, is_available: bool },
    /// The sender would like to see its own resources again.
    Probe,
}

impl Router {
    pub(super) fn presence_fate(&self, own: &Jid, target: Target, stanza: &Stanza) -> Fate {
        let kind = stanza.type_attribute();
        match (kind.as_deref(), target) {
            (None, Target::OwnAccount { named: false }) => Fate::Presence(Change::Available),
            (Some("unavailable"), Target::OwnAccount { named: false }) => {
                Fate::Presence(Change::Unavailable)
            }
            (Some("probe"), Target::OwnAccount { .. }) => Fate::Presence(Change::Probe),
            (None | Some("unavailable"), target) => {
                let (to, recipients) = match target {
                    Target::OwnAccount { .. } => (own.bare(), self.available_at_all(own)),
                    Target::Account(jid) => (jid.clone(), self.available_at_all(&jid)),
                    Target::Resource(jid, Some(session)) => (jid, vec![session]),
                    // RFC 6121 § 8.5.1, § 8.5.3.2.2: nobody is there who could be told anything later.
                    _ => return Fate::Ignore,
                };
                let is_available = kind.is_none();
                Fate::Presence(Change::Directed { to, recipients, is_available })
            }
            (Some("error"), Target::Resource(_, Some(session))) => Fate::Deliver(vec![session]),
            // RFC 6121 § 3: there are no subscriptions here, so none can be had and there is none to end.
            (Some("subscribe"), Target::OwnAccount { named: false }) => {
                Fate::Refuse(StanzaCondition::BadRequest)
            }
            (Some("subscribe"), _) => Fate::Refuse(StanzaCondition::FeatureNotImplemented),
            (Some("subscribed" | "unsubscribe" | "unsubscribed" | "probe" | "error"), _) => {
                Fate::Ignore
            }
            // RFC 6121 § 4.7.1: there are no other types.
            (Some(_), _) => Fate::Refuse(StanzaCondition::BadRequest),
        }
    }

    pub(super) fn on_presence(
        &mut self,
        id: SessionId,
        stanza: &Stanza,
        language: Option<&str>,
        change: Change,
    ) {
        let Some(session) = self.sessions.get_mut(&id) else { return };
        let State::Bound(bound) = &mut session.state else { return };
        let jid = session.jid.clone();
        match change {
            Change::Available => {
                let xml = stanza.relayed(&jid, language);
                let available = Available { priority: priority(stanza), xml: xml.clone() };
                let is_first = bound.presence.replace(available).is_none();
                // RFC 6121 § 4.2.2: to all of the user's available resources, the sender's among them.
                self.broadcast(&jid, id, &xml);
                if is_first {
                    self.show_others(id, &jid);
                }
            }
            Change::Unavailable => {
                let told = bound.directed.clone();
                // RFC 6121 § 4.5.2: the sender hears it, too.
                self.broadcast(&jid, id, &stanza.relayed(&jid, language));
                self.tell(&told, &stanza.relayed(&jid, language));
                self.forget_presence(id);
            }
            Change::Directed { to, recipients, is_available } => {
                // The own resources are told of the end in any case.
                if to.bare_str() != jid.bare_str() && !bound.note_directed(&to, is_available) {
                    self.refuse(id, stanza, StanzaCondition::PolicyViolation);
                    return;
                }
                let relayed = stanza.relayed(&jid, language);
                for recipient in recipients {
                    self.push_if_room(recipient, relayed.clone());
                }
            }
            Change::Probe => self.show_others(id, &jid),
        }
    }

    /// RFC 6121 § 4.5.2, § 4.6.3: a session that ends is unavailable, to all who knew it was not.
    pub(super) fn withdraw_presence(&mut self, id: SessionId) {
        let Some(session) = self.sessions.get(&id) else { return };
        let State::Bound(bound) = &session.state else { return };
        let (jid, was_available) = (session.jid.clone(), bound.presence.is_some());
        let told = bound.directed.clone();
        self.forget_presence(id);
        let Some(xml) = unavailable(&jid) else { return };
        if was_available {
            self.broadcast(&jid, id, &xml);
        }
        self.tell(&told, &xml);
    }

    fn forget_presence(&mut self, id: SessionId) {
        if let Some(session) = self.sessions.get_mut(&id)
            && let State::Bound(bound) = &mut session.state
        {
            *bound = Bound::default();
        }
    }

    /// To all available resources of the sender's account.
    fn broadcast(&mut self, jid: &Jid, sender: SessionId, xml: &ByteString) {
        for id in self.available_at_all(jid) {
            if id == sender {
                self.push(id, xml.clone());
            } else {
                self.push_if_room(id, xml.clone());
            }
        }
    }

    /// To those who got presence directly.
    fn tell(&mut self, told: &BTreeSet<String>, xml: &ByteString) {
        for to in told {
            let Ok(to) = to.parse::<Jid>() else { continue };
            let recipients = match self.find(&to) {
                Some(session) => vec![session],
                None if to.is_bare() => self.available_at_all(&to),
                None => Vec::new(),
            };
            for id in recipients {
                self.push_if_room(id, xml.clone());
            }
        }
    }

    /// Shows a session the presence of its account's other resources (RFC 6121 § 4.3).
    fn show_others(&mut self, id: SessionId, jid: &Jid) {
        for other in self.available_at_all(jid) {
            let presence = self.sessions.get(&other).and_then(|session| session.presence());
            if let Some(xml) = presence.map(|it| it.xml.clone()).filter(|_| other != id) {
                self.push(id, xml);
            }
        }
    }

    fn available_at_all(&self, jid: &Jid) -> Vec<SessionId> {
        self.available(jid.bare_str(), i8::MIN)
    }
}

impl Bound {
    /// Remembers whom to tell of the end; `false` when these are too many.
    fn note_directed(&mut self, to: &Jid, is_available: bool) -> bool {
        if !is_available {
            self.directed.remove(to.as_str());
        } else if self.directed.len() < MAX_DIRECTED || self.directed.contains(to.as_str()) {
            self.directed.insert(to.as_str().to_owned());
        } else {
            return false;
        }
        true
    }
}

/// RFC 6121 § 4.7.2.3: a number from -128 to 127; without one, or with anything else, 0.
fn priority(stanza: &Stanza) -> i8 {
    let document = stanza.read();
    let priority = document.root().child("priority", ns::CLIENT);
    // A stanza without a namespace has children without one.
    let priority = priority.or_else(|| document.root().child("priority", ""));
    priority.and_then(|it| it.text().trim().parse().ok()).unwrap_or_default()
}

/// What a server says for a client that did not. (`None` cannot happen: an address has no such characters.)
fn unavailable(from: &Jid) -> Option<ByteString> {
    let mut writer = Writer::new();
    writer.start("presence", ns::CLIENT).attribute("type", "unavailable");
    writer.attribute("from", from.as_str()).finish().ok()
}

// As many as somebody joins rooms or has transient contacts; it bounds what the end of a session makes.
pub(super) const MAX_DIRECTED: usize = 256;
