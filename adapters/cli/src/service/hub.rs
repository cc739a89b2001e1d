//! The router, shared between the tasks of its sessions, and the bells that wake them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytestring::ByteString;
use tokio::sync::Notify;
use tokio::time::timeout;
use xmpp_ws::jid::Jid;
use xmpp_ws::server::Suspended;
use xmpp_ws::stanza::Stanza;
use xmpp_ws::stanza_error::StanzaCondition;
use xmpp_ws::time::Instant;

use super::away::{Away, Lost, Name, Place, name};
use crate::router::{Order, Patience, Routed, Router, SessionId};

/// The router and its sessions' bells.
#[derive(Clone, Debug)]
pub(super) struct Hub(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    shared: Mutex<Shared>,
    /// Rings when there is another session whose time will end.
    expiry: Notify,
}

#[derive(Debug)]
struct Shared {
    router: Router,
    bells: BTreeMap<SessionId, Arc<Notify>>,
    away: Away,
}

/// One session's place in the hub, until it is dropped: a task that is cut off leaves, too.
#[derive(Debug)]
pub(super) struct Member {
    hub: Hub,
    id: SessionId,
    bell: Arc<Notify>,
    /// What the client can resume its session by.
    name: Option<Name>,
    /// Whether its place is kept for the client to come back to.
    is_away: bool,
}

/// What became of a client's wish to go on with a session.
#[derive(Debug)]
pub(super) enum Found {
    /// Here it is, with its place.
    Session(Member, Box<Suspended>),
    /// It is gone; how many of the client's stanzas were handled, if that is known.
    Gone(Option<u32>),
}

impl Hub {
    /// `max_away`: for how many clients that are away a place is kept.
    pub(super) fn new(
        host: &str,
        accounts: impl IntoIterator<Item = Jid>,
        max_away: usize,
    ) -> Self {
        let router = Router::new(host, accounts);
        let shared = Shared { router, bells: BTreeMap::new(), away: Away::new(max_away) };
        Self(Arc::new(Inner { shared: Mutex::new(shared), expiry: Notify::new() }))
    }

    pub(super) fn join(&self, jid: &Jid) -> Result<Member, StanzaCondition> {
        let id = self.with(|shared| {
            // Who is away cannot be told of the conflict.
            if let Some(old) = shared.router.find(jid)
                && let Some(lost) = shared.away.drop_out(old)
            {
                shared.lose(lost);
            }
            shared.router.bind(jid)
        })?;
        Ok(self.member(id, None))
    }

    /// Finds the session that a client asks for. Where another connection of its has it, that is asked for it first.
    pub(super) async fn resume(&self, account: &Jid, previd: &str) -> Found {
        let taken = |id, session| {
            let member = self.member(id, Some(name(account, previd)));
            member.with(|shared| shared.router.come_back(id));
            Found::Session(member, session)
        };
        match self.with(|shared| shared.find(account, previd)) {
            Place::Taken(id, session) => return taken(id, session),
            Place::Gone(handled) => return Found::Gone(handled),
            Place::Held(_, released) => {
                // The sender is dropped in any case: nothing is ever said.
                let _ = timeout(TIME_TO_RELEASE, released).await;
            }
        }
        match self.with(|shared| shared.find(account, previd)) {
            Place::Taken(id, session) => taken(id, session),
            Place::Gone(handled) => Found::Gone(handled),
            Place::Held(..) => Found::Gone(None),
        }
    }

    /// Ends each session whose client did not come back in time; never returns.
    pub(super) async fn expire(&self) {
        loop {
            let next = self.with(|shared| {
                while let Some(lost) = shared.away.poll_expired() {
                    tracing::info!("a client did not come back in time");
                    shared.lose(lost);
                }
                shared.away.next_expiry()
            });
            match next {
                Some(time) => drop(timeout(time, self.0.expiry.notified()).await),
                None => self.0.expiry.notified().await,
            }
        }
    }

    fn member(&self, id: SessionId, name: Option<Name>) -> Member {
        let bell = Arc::new(Notify::new());
        self.lock().bells.insert(id, Arc::clone(&bell));
        Member { hub: self.clone(), id, bell, name, is_away: false }
    }

    /// What never reached its client goes back to its sender.
    pub(super) fn hand_back(&self, stanza: &ByteString, why: StanzaCondition) {
        self.with(|shared| shared.router.hand_back(stanza, why));
    }

    /// Does something, and rings for whom that is of interest.
    fn with<R>(&self, work: impl FnOnce(&mut Shared) -> R) -> R {
        let mut shared = self.lock();
        let result = work(&mut shared);
        while let Some(id) = shared.router.poll_wake() {
            shared.ring(id);
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // The router is whole between two of its lines wherever it could panic, and others are served on.
        self.0.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn ring(&self, id: SessionId) {
        if let Some(bell) = self.bells.get(&id) {
            bell.notify_one();
        }
    }

    fn find(&mut self, account: &Jid, previd: &str) -> Place {
        let place = self.away.find(account, previd);
        if let Place::Held(id, _) = &place {
            self.ring(*id);
        }
        place
    }

    fn lose(&mut self, (id, undelivered): Lost) {
        self.router.leave(id, &undelivered);
    }
}

impl Member {
    /// Waits until there may be something to take, or room where there was none, or another connection asks for the
    /// session. A ring is not lost when nobody waits.
    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }

    pub(super) fn take(&self, has_room: bool) -> Option<Order> {
        self.with(|shared| shared.router.take(self.id, has_room))
    }

    /// Whether what the client's own stanzas make still has room.
    pub(super) fn has_room(&self) -> bool {
        self.with(|shared| shared.router.has_room(self.id))
    }

    pub(super) fn route(
        &self,
        stanza: &Stanza,
        language: Option<&str>,
        patience: Patience,
    ) -> Routed {
        self.with(|shared| shared.router.route(self.id, stanza, language, patience))
    }

    /// The client can resume its session by this name.
    pub(super) fn can_resume(&mut self, account: &Jid, id: &str) {
        let name = name(account, id);
        self.name = Some(name.clone());
        self.with(|shared| shared.away.name(name, self.id));
    }

    /// Whether another connection asks for the session.
    pub(super) fn is_wanted(&self) -> bool {
        self.with(|shared| shared.away.is_wanted(self.id))
    }

    /// The client is away: its place is kept, with its presence and what is for it.
    pub(super) fn go_away(mut self, session: Suspended) {
        self.is_away = true;
        self.with(|shared| {
            if !shared.router.go_away(self.id) {
                // Another client has the address by now.
                shared.away.forget(self.id, self.name.as_ref());
                let undelivered = session.into_undelivered(Instant::ORIGIN);
                let undelivered = undelivered.into_iter().map(|it| it.stanza).collect();
                return shared.lose((self.id, undelivered));
            }
            for lost in shared.away.put(self.id, session) {
                tracing::info!("a client that is away has lost its place to another");
                shared.lose(lost);
            }
        });
        self.hub.0.expiry.notify_one();
    }

    fn with<R>(&self, work: impl FnOnce(&mut Shared) -> R) -> R {
        self.hub.with(work)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.with(|shared| {
            // Another connection may have taken the place already.
            if shared.bells.get(&self.id).is_some_and(|bell| Arc::ptr_eq(bell, &self.bell)) {
                shared.bells.remove(&self.id);
            }
            if !self.is_away {
                shared.away.forget(self.id, self.name.as_ref());
                shared.router.leave(self.id, &[]);
            }
        });
    }
}

/// How long a connection may take to give a session up that its client resumes over another.
const TIME_TO_RELEASE: Duration = Duration::from_secs(2);
