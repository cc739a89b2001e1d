//! Dialing and sleeping by the operating system's poller, without a runtime.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};
use xmpp_ws::time::Instant;
use xmpp_ws_driver::OsClock;
use xmpp_ws_tungstenite::{Runtime, Sleeper};

use crate::socket::{Polled, Socket};

/// What the futures of one transport have in common: where their sockets are registered, and when the next of their
/// alarms goes off. They are polled after each wait, by nobody but the thread that waited.
#[derive(Clone)]
pub struct Blocking {
    registry: Arc<Registry>,
    clock: OsClock,
    /// In nanoseconds since the clock's origin.
    alarm: Arc<AtomicU64>,
}

impl Blocking {
    pub(crate) fn new(registry: Registry) -> Self {
        Self {
            registry: Arc::new(registry),
            clock: OsClock::new(),
            alarm: Arc::new(AtomicU64::new(NEVER)),
        }
    }

    /// Registers a socket, which must not block.
    pub(crate) fn watch<S: Socket>(&self, mut socket: S) -> io::Result<Polled<S>> {
        let interest = Interest::READABLE | Interest::WRITABLE;
        self.registry.register(&mut socket, SOCKET, interest)?;
        Ok(Polled::new(socket, Arc::clone(&self.registry)))
    }

    /// Forgets the alarms: those that still count are set again when their futures are polled.
    pub(crate) fn forget_alarms(&self) {
        self.alarm.store(NEVER, Ordering::Relaxed);
    }

    /// How long it is to the next alarm.
    pub(crate) fn until_alarm(&self) -> Option<Duration> {
        let at = self.alarm.load(Ordering::Relaxed);
        (at != NEVER).then(|| Instant::after(Duration::from_nanos(at)).since(self.clock.now()))
    }
}

impl Sleeper for Blocking {
    type Sleep = Sleep;

    fn sleep(&self, time: Duration) -> Sleep {
        Sleep { runtime: self.clone(), at: self.clock.now() + time }
    }
}

impl Runtime for Blocking {
    type Tcp = Polled<TcpStream>;

    // The system's resolver can only be waited for; its own configuration bounds how long that takes.
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok((host, port).to_socket_addrs()?.collect())
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<Polled<TcpStream>> {
        let stream = self.watch(TcpStream::connect(address)?)?;
        poll_fn(|_| connected(stream.get_ref())).await?;
        // An error only makes it slower.
        let _ = stream.get_ref().set_nodelay(true);
        Ok(stream)
    }
}

/// Whether a connection that was begun is there.
fn connected(stream: &TcpStream) -> Poll<io::Result<()>> {
    if let Some(error) = stream.take_error()? {
        return Poll::Ready(Err(error));
    }
    match stream.peer_addr() {
        Ok(_) => Poll::Ready(Ok(())),
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Poll::Pending,
        Err(error) => Poll::Ready(Err(error)),
    }
}

/// An alarm.
#[derive(Debug)]
pub struct Sleep {
    runtime: Blocking,
    at: Instant,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.at <= self.runtime.clock.now() {
            return Poll::Ready(());
        }
        let at = u64::try_from(self.at.since_origin().as_nanos()).unwrap_or(NEVER);
        self.runtime.alarm.fetch_min(at, Ordering::Relaxed);
        Poll::Pending
    }
}

impl fmt::Debug for Blocking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blocking").field("until_alarm", &self.until_alarm()).finish_non_exhaustive()
    }
}

/// All sockets are polled after each wait, so it is of no interest which it was.
const SOCKET: Token = Token(1);
/// In 584 years.
const NEVER: u64 = u64::MAX;
