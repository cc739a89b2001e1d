//! The sessions of a server's clients, which outlast their connections.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use xmpp_ws::server::{MemoryStore, ResumeRequest, SessionStore, Suspended};
use xmpp_ws_driver::OsClock;

/// What all connections of one server share, whatever threads they are in. Clones are the same one.
#[derive(Clone, Debug, Default)]
pub struct Sessions(Arc<Mutex<Kept>>);

#[derive(Debug, Default)]
struct Kept {
    clock: OsClock,
    store: MemoryStore,
    /// Those that a connection still has.
    held: BTreeSet<String>,
    /// Who waits for one of them.
    waiting: Vec<Waker>,
}

impl Sessions {
    /// A connection has this session.
    pub fn hold(&self, id: &str) {
        self.lock().held.insert(id.to_owned());
    }

    /// A connection has it no more, and left none behind.
    pub fn let_go(&self, id: &str) {
        self.lock().leave(id);
    }

    /// A connection is gone, and its client may come back.
    pub fn put(&self, session: Suspended) {
        let mut kept = self.lock();
        kept.leave(session.id());
        let now = kept.clock.now();
        let out = kept.store.put(now, session);
        assert!(out.is_empty(), "there is room for all");
    }

    /// The session that is asked for, or how many stanzas were handled in it. It waits for the connection that still
    /// has it: the network has told the client sooner than us.
    pub async fn take(&self, request: &ResumeRequest) -> Result<Suspended, Option<u32>> {
        poll_fn(|cx| self.poll_take(cx, request)).await
    }

    fn poll_take(
        &self,
        cx: &mut Context<'_>,
        request: &ResumeRequest,
    ) -> Poll<Result<Suspended, Option<u32>>> {
        let mut kept = self.lock();
        let now = kept.clock.now();
        let (account, id) = (request.account(), request.previd());
        if let Some(session) = kept.store.take(now, account, id) {
            return Poll::Ready(Ok(session));
        }
        if kept.held.contains(id) {
            kept.waiting.push(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(Err(kept.store.handled(now, account, id)))
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().expect("nobody panics while it is locked")
    }
}

impl Kept {
    fn leave(&mut self, id: &str) {
        self.held.remove(id);
        self.waiting.drain(..).for_each(Waker::wake);
    }
}
