//! The router, shared between the tasks of its sessions, and the bells that wake them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytestring::ByteString;
use tokio::sync::Notify;
use xmpp_ws::jid::Jid;
use xmpp_ws::stanza::Stanza;
use xmpp_ws::stanza_error::StanzaCondition;

use crate::router::{Order, Patience, Routed, Router, SessionId};

/// The router and its sessions' bells.
#[derive(Clone, Debug)]
pub(super) struct Hub(Arc<Mutex<Shared>>);

#[derive(Debug)]
struct Shared {
    router: Router,
    bells: BTreeMap<SessionId, Arc<Notify>>,
}

/// One session's place in the hub, until it is dropped: a task that is cut off leaves, too.
#[derive(Debug)]
pub(super) struct Member {
    hub: Hub,
    id: SessionId,
    bell: Arc<Notify>,
}

impl Hub {
    pub(super) fn new(host: &str, accounts: impl IntoIterator<Item = Jid>) -> Self {
        let router = Router::new(host, accounts);
        Self(Arc::new(Mutex::new(Shared { router, bells: BTreeMap::new() })))
    }

    pub(super) fn join(&self, jid: &Jid) -> Result<Member, StanzaCondition> {
        let bell = Arc::new(Notify::new());
        let id = self.with(|router| router.bind(jid))?;
        self.lock().bells.insert(id, Arc::clone(&bell));
        Ok(Member { hub: self.clone(), id, bell })
    }

    /// What never reached its client goes back to its sender.
    pub(super) fn hand_back(&self, stanza: &ByteString) {
        self.with(|router| router.hand_back(stanza));
    }

    /// Has the router do something, and rings for whom that is of interest.
    fn with<R>(&self, work: impl FnOnce(&mut Router) -> R) -> R {
        let mut shared = self.lock();
        let result = work(&mut shared.router);
        while let Some(id) = shared.router.poll_wake() {
            if let Some(bell) = shared.bells.get(&id) {
                bell.notify_one();
            }
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // The router is whole between two of its lines wherever it could panic, and others are served on.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Member {
    /// Waits until there may be something to take, or room where there was none. A ring is not lost when nobody waits.
    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }

    pub(super) fn take(&self) -> Option<Order> {
        self.hub.with(|router| router.take(self.id))
    }

    pub(super) fn route(
        &self,
        stanza: &Stanza,
        language: Option<&str>,
        patience: Patience,
    ) -> Routed {
        self.hub.with(|router| router.route(self.id, stanza, language, patience))
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.hub.lock().bells.remove(&self.id);
        self.hub.with(|router| router.leave(self.id));
    }
}
