//! Requests of one's own, until they are answered (RFC 6120 § 8.2.3).

use bytestring::ByteString;

use super::Client;
use super::event::{ClientEvent, Reply};
use super::saved::SavedRequest;
use crate::endpoint::Ticket;
use crate::error::Misuse;
use crate::jid::Jid;
use crate::limits::XmlLimits;
use crate::ns;
use crate::stanza::{Stanza, StanzaKind};
use crate::stream::{PAUSE, Reading};
use crate::time::Instant;
use crate::xml::{Scanner, Writer};

/// A request to be sent: the library adds the `id` and watches for the answer.
///
/// What a user typed goes into its content by the [`Writer`], which escapes it:
///
/// ```
/// use xmpp_ws::client::Iq;
/// use xmpp_ws::xml::Writer;
///
/// let typed = "Rosencrantz & Guildenstern";
/// let roster = "jabber:iq:roster";
/// let content = Writer::new()
///     .start("query", roster)
///     .start("item", roster).attribute("jid", "r@example.com").attribute("name", typed)
///     .finish()?;
/// let request = Iq::set(content);
/// # Ok::<(), xmpp_ws::xml::Unwritable>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use = "a request is sent by `Client::iq`"]
pub struct Iq {
    kind: IqKind,
    to: Option<Jid>,
    content: String,
}

/// What a request is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum IqKind {
    Get,
    Set,
}

impl Iq {
    /// A request for information: `content` is one element that declares its own namespaces.
    pub fn get(content: impl Into<String>) -> Self {
        Self { kind: IqKind::Get, to: None, content: content.into() }
    }

    /// A request to change something: `content` is one element that declares its own namespaces.
    pub fn set(content: impl Into<String>) -> Self {
        Self { kind: IqKind::Set, to: None, content: content.into() }
    }

    /// Whom it is for. Without it: one's own account (RFC 6120 § 10.3.3).
    pub fn to(mut self, to: Jid) -> Self {
        self.to = Some(to);
        self
    }

    pub(super) fn encode(&self, id: &str, limits: &XmlLimits) -> Result<ByteString, Misuse> {
        let kind = match self.kind {
            IqKind::Get => "get",
            IqKind::Set => "set",
        };
        let mut scanner = Scanner::new();
        Ok(Writer::new()
            .start("iq", ns::CLIENT)
            .attribute("type", kind)
            .attribute("id", id)
            .optional_attribute("to", self.to.as_ref().map(Jid::as_str))
            .raw(&scanner.scan(&self.content, limits)?)
            .finish()?)
    }

    pub(super) fn into_recipient(self) -> Option<Jid> {
        self.to
    }
}

impl Client {
    /// Gives up the requests whose answer is not at hand in time.
    pub(super) fn pass_time_of_requests(&mut self, now: Instant, reading: Reading) {
        match reading {
            Reading::Attentive => {
                while let Some(ticket) = self.pending.expired(now) {
                    self.events.push(ClientEvent::Reply { ticket, reply: Reply::None });
                }
            }
            Reading::Late | Reading::Deaf => {
                self.pending.put_off(now, now + self.config.limits.iq_reply.max(PAUSE));
            }
        }
    }
}

/// The requests that wait for an answer. They are few, and the oldest is due first.
#[derive(Debug, Default)]
pub(super) struct Pending(Vec<Waiting>);

#[derive(Debug)]
struct Waiting {
    id: String,
    to: Option<Jid>,
    ticket: Ticket,
    /// `None`: nobody was asked yet, for there is no connection.
    until: Option<Instant>,
}

impl Waiting {
    fn is_late(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

impl Pending {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn add(
        &mut self,
        id: String,
        to: Option<Jid>,
        ticket: Ticket,
        until: Option<Instant>,
    ) {
        self.0.push(Waiting { id, to, ticket, until });
    }

    pub(super) fn save(&self, now: Instant) -> Vec<SavedRequest> {
        let save = |waiting: &Waiting| SavedRequest {
            id: waiting.id.clone(),
            to: waiting.to.clone(),
            ticket: waiting.ticket.number(),
            left: waiting.until.map(|until| until.since(now)),
        };
        self.0.iter().map(save).collect()
    }

    pub(super) fn restored(now: Instant, saved: Vec<SavedRequest>) -> Self {
        let restore = |saved: SavedRequest| Waiting {
            id: saved.id,
            to: saved.to,
            ticket: Ticket::new(saved.ticket),
            until: saved.left.map(|left| now + left),
        };
        Self(saved.into_iter().map(restore).collect())
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.0.iter().filter_map(|waiting| waiting.until).min()
    }

    /// There is somebody to ask: the answer to what waited to be said has until then.
    pub(super) fn begin(&mut self, until: Instant) {
        for waiting in &mut self.0 {
            waiting.until.get_or_insert(until);
        }
    }

    /// There is nobody to ask any more: the time of what was not written begins when there is.
    pub(super) fn rest(&mut self, first_unwritten: Ticket) {
        for waiting in self.0.iter_mut().filter(|waiting| waiting.ticket >= first_unwritten) {
            waiting.until = None;
        }
    }

    /// Requests whose time is up get it until then.
    pub(super) fn put_off(&mut self, now: Instant, until: Instant) {
        for waiting in self.0.iter_mut().filter(|waiting| waiting.is_late(now)) {
            waiting.until = Some(until);
        }
    }

    /// Takes a request whose time is up.
    pub(super) fn expired(&mut self, now: Instant) -> Option<Ticket> {
        let index = self.0.iter().position(|waiting| waiting.is_late(now))?;
        Some(self.0.remove(index).ticket)
    }

    /// Takes the request with this ticket, if it waits.
    pub(super) fn take(&mut self, ticket: Ticket) -> bool {
        let index = self.0.iter().position(|waiting| waiting.ticket == ticket);
        index.map(|index| self.0.remove(index)).is_some()
    }

    /// Takes the oldest request, at the end of all.
    pub(super) fn pop(&mut self) -> Option<Ticket> {
        (!self.0.is_empty()).then(|| self.0.remove(0).ticket)
    }

    /// Takes the oldest request that was given before this ticket, at the end of a session.
    pub(super) fn pop_before(&mut self, ticket: Ticket) -> Option<Ticket> {
        let is_older = self.0.first().is_some_and(|waiting| waiting.ticket < ticket);
        is_older.then(|| self.0.remove(0).ticket)
    }

    /// The request that this stanza answers, and what it says; the stanza back if it answers none.
    pub(super) fn matches(&mut self, own: &Jid, stanza: Stanza) -> Result<(Ticket, Reply), Stanza> {
        let Some(index) = self.position(own, &stanza) else { return Err(stanza) };
        let ticket = self.0.remove(index).ticket;
        let reply = match stanza.error() {
            Some(error) => Reply::Error(stanza, error),
            None => Reply::Result(stanza),
        };
        Ok((ticket, reply))
    }

    fn position(&self, own: &Jid, stanza: &Stanza) -> Option<usize> {
        if self.0.is_empty() || stanza.kind() != StanzaKind::Iq {
            return None;
        }
        if !matches!(stanza.type_attribute().as_deref(), Some("result" | "error")) {
            return None;
        }
        let id = stanza.id()?;
        let from: Option<Option<Jid>> = match stanza.from() {
            Some(from) => from.parse().ok().map(Some),
            None => Some(None),
        };
        let from = from?;
        self.0.iter().position(|waiting| {
            waiting.id == id && may_answer(waiting.to.as_ref(), from.as_ref(), own)
        })
    }
}

/// Whether an answer from `from` can be one to a request to `to`: an identifier alone can be guessed.
fn may_answer(to: Option<&Jid>, from: Option<&Jid>, own: &Jid) -> bool {
    // RFC 6120 § 8.1.2.1: without `from` it is the server, on behalf of the account.
    let is_account =
        |jid: &Jid| jid == own || jid.as_str() == own.bare_str() || jid.as_str() == own.domain();
    match (to, from) {
        (Some(to), Some(from)) => to == from || (is_account(to) && is_account(from)),
        (Some(to), None) => is_account(to),
        (None, Some(from)) => is_account(from),
        (None, None) => true,
    }
}
