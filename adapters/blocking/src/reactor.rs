//! Where the thread waits.

use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use mio::{Events, Token};

use crate::runtime::Blocking;
use crate::socket::{IntoSocket, Polled};

/// The poller of one transport, and what wakes it.
#[derive(Debug)]
pub(crate) struct Reactor {
    poll: mio::Poll,
    events: Events,
    runtime: Blocking,
    handle: Handle,
}

/// Reaches the thread that waits for a session, from another thread.
#[derive(Clone, Debug)]
pub struct Handle {
    waker: Arc<mio::Waker>,
    notified: Arc<AtomicBool>,
}

impl Handle {
    /// Has the thread's `wait_until` answer [`Waited::Notified`](xmpp_ws_driver::Waited::Notified), now or, where it
    /// does not wait, the next time. Notifications that nobody has taken yet are one.
    pub fn notify(&self) {
        self.notified.store(true, Ordering::Release);
        // It fails for want of memory in the kernel only; then the thread learns of it with whatever comes next.
        let _ = self.waker.wake();
    }
}

impl Reactor {
    pub(crate) fn new() -> io::Result<Self> {
        let poll = mio::Poll::new()?;
        let waker = mio::Waker::new(poll.registry(), WAKER)?;
        let runtime = Blocking::new(poll.registry().try_clone()?);
        let handle = Handle { waker: Arc::new(waker), notified: Arc::new(AtomicBool::new(false)) };
        Ok(Self { poll, events: Events::with_capacity(EVENTS), runtime, handle })
    }

    pub(crate) fn runtime(&self) -> Blocking {
        self.runtime.clone()
    }

    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    pub(crate) fn watch<S: IntoSocket>(&self, socket: S) -> io::Result<Polled<S::Socket>> {
        self.runtime.watch(socket.into_socket()?)
    }

    /// To be called before what may wait is polled.
    pub(crate) fn begin(&self) {
        self.runtime.forget_alarms();
    }

    /// Waits for a socket, an alarm, a notification, or no longer than `limit`.
    pub(crate) fn wait(&mut self, limit: Option<Duration>) {
        if self.handle.notified.load(Ordering::Acquire) {
            return;
        }
        let limit = [limit, self.runtime.until_alarm()].into_iter().flatten().min();
        match self.poll.poll(&mut self.events, limit) {
            Ok(()) => {}
            // A signal came; whoever waits asks again.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => panic!("the operating system's poller does not work: {error}"),
        }
    }

    pub(crate) fn take_notified(&self) -> bool {
        self.handle.notified.swap(false, Ordering::AcqRel)
    }

    /// Goes through with this, by blocking the thread.
    pub(crate) fn block_on<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let mut cx = Context::from_waker(Waker::noop());
        loop {
            self.begin();
            if let Poll::Ready(output) = work.as_mut().poll(&mut cx) {
                return output;
            }
            self.wait(None);
        }
    }
}

const WAKER: Token = Token(0);
// A connection, the one that it leaves, and the waker.
const EVENTS: usize = 8;
