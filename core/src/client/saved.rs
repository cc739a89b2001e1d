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
}

impl Client {
    /// The session as it is now, for another process to go on with; `None` where the server keeps none.
    ///
    /// It has every stanza whose fate is open, and counts those of the server's as handled that the application has
    /// taken with [`poll_event`](crate::endpoint::Endpoint::poll_event). So take the events first; and do not go on with
    /// this client, for what happens after is not in it.
    pub fn save(&mut self, now: Instant) -> Option<SavedSession> {
        let Session { jid, resumption } = self.session.clone()?;
        self.stream.note_handled(self.events.unhandled());
        let resumption = resumption?;
        let (id, max) = (resumption.id.clone(), resumption.max.unwrap_or_default());
        let moved = self.stream.outbox().copy_out()?;
        Some(SavedSession {
            session: Suspended::new(now, Resumable { id, max }, jid, moved),
            resumption,
            requests: self.pending.save(now),
            active: self.active,
        })
    }

    /// A client that goes on with this session, which must be of the same account: what it sent keeps its tickets,
    /// nothing counts twice, and [`ClientEvent::Resumed`](super::ClientEvent::Resumed) or, where the server has it no
    /// more, [`ClientEvent::NotResumed`](super::ClientEvent::NotResumed) follows. It may send at once: what it sends
    /// waits for the connection.
    pub fn restore(
        config: ClientConfig,
        saved: SavedSession,
        random: impl Random + 'static,
        now: Instant,
    ) -> Result<Self, Misuse> {
        if saved.jid().bare_str() != config.account.bare_str() {
            return Err(Misuse::OtherAccount);
        }
        let mut client = Self::new(config, random, now);
        let (_, jid, moved) = saved.session.into_parts(now);
        client.stream.outbox().move_in(moved);
        client.session = Some(Session { jid, resumption: Some(saved.resumption) });
        client.pending = Pending::restored(now, saved.requests);
        client.active = saved.active;
        client.life.go_on();
        Ok(client)
    }
}
