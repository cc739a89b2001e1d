//! A client's session as plain data, so that another process or page can go on with it (XEP-0198 § 5).

use std::time::Duration;

use super::session::{Resumption, Session};
use super::{Client, ClientConfig, Pending};
use crate::error::Misuse;
use crate::jid::Jid;
use crate::random::Random;
use crate::sm::{Resumable, Suspended};
use crate::time::Instant;

/// A client's session, saved by [`Client::save`] and gone on with by [`Client::restore`].
///
/// With the feature `serde` it can be serialised; what it looks like then is not promised from one version of this crate
/// to the next. Whoever reads it can go on with the session once logged in, and reads what was sent: keep it as safe as
/// messages are kept. It has no password.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SavedSession {
    /// The account whose client it was; the server may know it by another address.
    account: Jid,
    session: Suspended,
    resumption: Resumption,
    requests: Vec<SavedRequest>,
    active: bool,
}

/// A request of one's own that waits for its answer.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct SavedRequest {
    pub(super) id: String,
    pub(super) to: Option<Jid>,
    pub(super) ticket: u64,
    /// How long its answer may still take; `None`: nobody was asked yet.
    pub(super) left: Option<Duration>,
}

impl SavedSession {
    /// The address that the session has.
    pub fn jid(&self) -> &Jid {
        self.session.jid()
    }

    /// This much time has gone by since it was saved, by a clock that goes on between two processes, such as that of
    /// the calendar: to be said once, before [`Client::restore`], by who keeps it. It counts as the age of what was
    /// sent ([`Undelivered::earlier`](crate::endpoint::Undelivered::earlier)), and against the time that replies may
    /// take ([`Limits::iq_reply`](crate::limits::Limits::iq_reply)). Without it, no time has.
    ///
    /// However much it is, the client asks the server for the session: only that knows whether it has it still, and what
    /// it had of what was sent.
    pub fn pass(&mut self, time: Duration) {
        self.session.pass(time);
        for request in &mut self.requests {
            request.left = request.left.map(|left| left.saturating_sub(time));
        }
    }
}

/// A session that is another account's ([`Misuse::OtherAccount`]), handed back.
#[derive(Debug, thiserror::Error)]
#[error("the session was not restored: {why}")]
#[non_exhaustive]
pub struct NotRestored {
    /// Why.
    pub why: Misuse,
    /// The session as it was given.
    pub saved: Box<SavedSession>,
}

impl From<NotRestored> for Misuse {
    fn from(error: NotRestored) -> Self {
        error.why
    }
}

impl Client {
    /// The session as it is now, for another process to go on with; `None` where the server keeps none
    /// ([`is_resumable`](Self::is_resumable)).
    ///
    /// It has every stanza whose fate is open, and counts those of the server's as handled that the application has
    /// taken with [`poll_event`](crate::endpoint::Endpoint::poll_event). So take the events first; and do not go on with
    /// this client, for what happens after is not in it.
    pub fn save(&mut self, now: Instant) -> Option<SavedSession> {
        let Session { jid, resumption, .. } = self.session.clone()?;
        self.stream.note_handled(self.events.unhandled());
        let resumption = resumption?;
        let (id, max) = (resumption.id.clone(), resumption.max.unwrap_or_default());
        let moved = self.stream.outbox().copy_out()?;
        Some(SavedSession {
            account: self.config.account.bare(),
            session: Suspended::new(now, Resumable { id, max }, jid, moved),
            resumption,
            requests: self.pending.save(now),
            active: self.active,
        })
    }

    /// A client that goes on with this session, which must be of the same account, and after [`SavedSession::pass`]:
    /// what it sent keeps its tickets, nothing counts twice, and [`ClientEvent::Resumed`](super::ClientEvent::Resumed)
    /// or, where the server has it no more, [`ClientEvent::NotResumed`](super::ClientEvent::NotResumed) follows. It may
    /// send at once: what it sends waits for the connection.
    ///
    /// A session of another account comes back.
    pub fn restore(
        config: ClientConfig,
        saved: SavedSession,
        random: impl Random + 'static,
        now: Instant,
    ) -> Result<Self, NotRestored> {
        if saved.account.bare_str() != config.account.bare_str() {
            return Err(NotRestored { why: Misuse::OtherAccount, saved: Box::new(saved) });
        }
        let mut client = Self::new(config, random, now);
        let (_, jid, moved) = saved.session.into_parts(now);
        client.stream.outbox().move_in(moved);
        client.session = Some(Session::new(jid, Some(saved.resumption)));
        client.pending = Pending::restored(now, saved.requests);
        client.active = saved.active;
        client.life.go_on();
        Ok(client)
    }
}
