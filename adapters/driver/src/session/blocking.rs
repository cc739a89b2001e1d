//! A session that blocks the thread.

use std::task::{Context, Poll, Waker};

use xmpp_ws::endpoint::Endpoint;
use xmpp_ws::time::Instant;

use super::Session;
use crate::io::NeverPending;

/// Why a wait with an end is over. Exhaustive on purpose.
#[derive(Debug)]
pub enum Waited<E> {
    /// This came.
    Event(E),
    /// The deadline passed.
    TimedOut,
    /// Another thread asked for this one.
    Notified,
    /// All is over, as [`Session::wait`] says by `None`.
    Ended,
}

/// What an asynchronous session waits for, by blocking the thread.
impl<E: Endpoint, I: NeverPending> Session<E, I> {
    /// [`next`](Self::next): the next event, or `None` when all is over.
    ///
    /// No notification ends it, nor [`wait_flushed`](Self::wait_flushed) or [`wait_ready`](Self::wait_ready); one that
    /// comes meanwhile is taken.
    pub fn wait(&mut self) -> Option<E::Event> {
        self.block(Self::poll_next)
    }

    /// The next event, but no longer than `deadline` (where one is given) and until another thread notifies this one.
    /// Nothing is lost when it comes to neither.
    ///
    /// What there is already is taken before the deadline counts, so one that has passed asks without waiting.
    pub fn wait_until(&mut self, deadline: Option<Instant>) -> Waited<E::Event> {
        self.io.give_up_at(deadline);
        let mut cx = Context::from_waker(Waker::noop());
        let waited = loop {
            match self.poll_next(&mut cx) {
                Poll::Ready(Some(event)) => break Waited::Event(event),
                Poll::Ready(None) => break Waited::Ended,
                Poll::Pending if self.io.take_notified() => break Waited::Notified,
                Poll::Pending if deadline.is_some_and(|at| at <= self.io.now()) => {
                    break Waited::TimedOut;
                }
                Poll::Pending => {}
            }
        };
        self.io.give_up_at(None);
        waited
    }

    /// [`flush`](Self::flush): until everything that is to be said has left, or nothing can leave any more.
    pub fn wait_flushed(&mut self) {
        self.block(Self::poll_flush);
    }

    /// [`ready`](Self::ready): until there is room for another stanza.
    pub fn wait_ready(&mut self) {
        self.block(Self::poll_ready);
    }

    fn block<R>(&mut self, mut poll: impl FnMut(&mut Self, &mut Context<'_>) -> Poll<R>) -> R {
        let mut cx = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(result) = poll(self, &mut cx) {
                return result;
            }
            // Pending can only mean that it makes sense to ask again.
            self.io.take_notified();
        }
    }
}
