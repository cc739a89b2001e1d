//! Who is woken when a session is polled from two tasks.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// For what a session is polled: its two halves may live in two tasks (`futures::StreamExt::split`).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Side {
    /// For the next event.
    Events,
    /// For room, or until everything has left.
    Writing,
}

/// The tasks that wait for a session, one a side.
///
/// A transport remembers only the waker of its last poll. So each poll hands it a waker that wakes both sides, and
/// what one side moves wakes the other.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    events: Option<Waker>,
    writing: Option<Waker>,
}

impl Waiting {
    /// Runs `poll` for `side`; it tells whether it moved anything, which may be what the other side waits for.
    pub(crate) fn poll<R>(
        &mut self,
        side: Side,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> (bool, Poll<R>),
    ) -> Poll<R> {
        let Some(other) = self.place(side.other()).take() else {
            // The usual case: nobody else waits.
            return self.keep(side, cx.waker(), poll(cx).1);
        };
        let (moved, answer) = if other.will_wake(cx.waker()) {
            poll(cx)
        } else {
            let both = Waker::from(Arc::new(Both(cx.waker().clone(), other.clone())));
            poll(&mut Context::from_waker(&both))
        };
        if moved {
            other.wake_by_ref();
        }
        *self.place(side.other()) = Some(other);
        self.keep(side, cx.waker(), answer)
    }

    fn keep<R>(&mut self, side: Side, waker: &Waker, answer: Poll<R>) -> Poll<R> {
        *self.place(side) = answer.is_pending().then(|| waker.clone());
        answer
    }

    fn place(&mut self, side: Side) -> &mut Option<Waker> {
        match side {
            Side::Events => &mut self.events,
            Side::Writing => &mut self.writing,
        }
    }
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Events => Self::Writing,
            Self::Writing => Self::Events,
        }
    }
}

/// Wakes two tasks.
struct Both(Waker, Waker);

impl Wake for Both {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.wake_by_ref();
        self.1.wake_by_ref();
    }
}
