//! A transport that waits by blocking the thread.

use std::task::{Context, Poll};

use mio::net::TcpStream;
use xmpp_ws::endpoint::{Input, Transmit};
use xmpp_ws::time::Instant;
use xmpp_ws_driver::{Broken, Io, NeverPending};
use xmpp_ws_tungstenite::futures;

use crate::reactor::{Handle, Reactor};
use crate::runtime::Blocking;
use crate::socket::Polled;

/// The transport of a client that opens its connections itself, and opens them again.
pub type ClientIo = BlockingIo<futures::ClientIo<Blocking>>;

/// The transport over one WebSocket that is open already.
pub type SocketIo<S = TcpStream> = BlockingIo<futures::SocketIo<Polled<S>, Blocking>>;

/// The [`Io`] `T`, which waits for sockets and alarms of one poller, with the waiting done.
///
/// Reading and writing do not wait for each other: whichever can go on ends the wait. (With sockets that block, two
/// peers that both write over full buffers would wait for each other for ever.)
#[derive(Debug)]
pub struct BlockingIo<T> {
    inner: T,
    reactor: Reactor,
    give_up_at: Option<Instant>,
}

impl<T: Io> BlockingIo<T> {
    pub(crate) fn new(inner: T, reactor: Reactor) -> Self {
        Self { inner, reactor, give_up_at: None }
    }

    /// What reaches the thread that waits for this.
    pub fn handle(&self) -> Handle {
        self.reactor.handle().clone()
    }

    /// Polls what may wait; where it is pending, waits.
    fn poll<R>(
        &mut self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut T, &mut Context<'_>) -> Poll<R>,
    ) -> Poll<R> {
        self.reactor.begin();
        let polled = poll(&mut self.inner, cx);
        if polled.is_pending() {
            let limit = self.give_up_at.map(|at| at.since(self.inner.now()));
            self.reactor.wait(limit);
            // For whoever polls by a task, and does not know that this is never pending.
            cx.waker().wake_by_ref();
        }
        polled
    }
}

impl<T: Io> NeverPending for BlockingIo<T> {
    fn give_up_at(&mut self, at: Option<Instant>) {
        self.give_up_at = at;
    }

    fn take_notified(&mut self) -> bool {
        self.reactor.take_notified()
    }
}

impl<T: Io> Io for BlockingIo<T> {
    fn now(&self) -> Instant {
        self.inner.now()
    }

    fn poll_input(
        &mut self,
        cx: &mut Context<'_>,
        deadline: Option<Instant>,
    ) -> Poll<(Instant, Input)> {
        self.poll(cx, |io, cx| io.poll_input(cx, deadline))
    }

    fn poll_deadline(&mut self, cx: &mut Context<'_>, deadline: Option<Instant>) -> Poll<Instant> {
        self.poll(cx, |io, cx| io.poll_deadline(cx, deadline))
    }

    // These do not wait, so that reading goes on.

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        self.inner.poll_ready(cx)
    }

    fn start_send(&mut self, transmit: Transmit) -> Result<(), Broken> {
        self.inner.start_send(transmit)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        self.inner.poll_flush(cx)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll(cx, T::poll_close)
    }
}
