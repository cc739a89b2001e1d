//! What a runtime brings: to dial, and to sleep.

use std::fmt;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::Duration;

#[cfg(feature = "tls")]
use xmpp_ws::endpoint::Fetched;
use xmpp_ws::endpoint::{DialError, DialErrorKind};
use xmpp_ws::time::Instant;
use xmpp_ws::uri::Uri;
use xmpp_ws_driver::{OsClock, Timer};

use crate::client::DialConfig;
use crate::trace;

/// How to sleep under a runtime: all that differs from one to the next for connections that are there.
pub trait Sleeper: Clone + fmt::Debug + Send + Sync + 'static {
    /// An alarm that was set. `Pin<Box<dyn Future<Output = ()> + Send>>` will do.
    type Sleep: Future + Send + Unpin;

    /// Sets an alarm.
    fn sleep(&self, time: Duration) -> Self::Sleep;
}

/// How to dial under a runtime.
pub trait Runtime: Sleeper {
    /// A connection over TCP.
    type Tcp: Send + 'static;

    /// Looks up a name; an address passes as it is.
    fn resolve(
        &self,
        host: &str,
        port: u16,
    ) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send;

    /// Connects to one address, and sends what is written without delay: the driver flushes when there is no more.
    fn connect(&self, address: SocketAddr) -> impl Future<Output = io::Result<Self::Tcp>> + Send;
}

/// The [`Timer`] of a runtime: reads [`OsClock`], which goes on while the machine sleeps, and waits by the runtime.
///
/// Runtimes' alarms do stand still while the machine sleeps. So a deadline that passed meanwhile is noticed with the
/// first thing that happens after waking, and at the latest when the rest of the alarm has run down.
pub struct RuntimeTimer<R: Sleeper> {
    runtime: R,
    clock: OsClock,
    alarm: Option<(Instant, R::Sleep)>,
}

impl<R: Sleeper> RuntimeTimer<R> {
    /// A timer of this runtime, whose origin is now.
    pub fn of(runtime: R) -> Self {
        Self { runtime, clock: OsClock::new(), alarm: None }
    }
}

impl<R: Sleeper + Default> RuntimeTimer<R> {
    /// A timer whose origin is now.
    pub fn new() -> Self {
        Self::of(R::default())
    }
}

impl<R: Sleeper + Default> Default for RuntimeTimer<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: Sleeper> Timer for RuntimeTimer<R> {
    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn poll_until(&mut self, cx: &mut Context<'_>, at: Instant) -> Poll<()> {
        // One that goes off before is left as it is, for whoever asks looks at the time again: a deadline that moves on
        // with each message does not set an alarm with each.
        let (set, mut sleep) = match self.alarm.take() {
            Some((set, sleep)) if set <= at => (set, sleep),
            _ => (at, self.runtime.sleep(at.since(self.clock.now()))),
        };
        if Pin::new(&mut sleep).poll(cx).is_pending() {
            self.alarm = Some((set, sleep));
            return Poll::Pending;
        }
        Poll::Ready(())
    }
}

impl<R: Sleeper> fmt::Debug for RuntimeTimer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alarm = self.alarm.as_ref().map(|(at, _)| *at);
        f.debug_struct("RuntimeTimer")
            .field("runtime", &self.runtime)
            .field("now", &self.clock.now())
            .field("alarm", &alarm)
            .finish()
    }
}

/// Connects to the host of `uri`: tries one address after the other; the last one's reason is the one to tell.
pub async fn connect_tcp<R: Runtime>(
    runtime: &R,
    uri: &Uri,
    config: &DialConfig,
) -> Result<R::Tcp, DialError> {
    let mut failure =
        DialError::new(DialErrorKind::Unreachable, format!("{} has no address", uri.host()));
    for address in addresses(runtime, uri, config).await? {
        trace::trying(uri, address);
        let connecting = within(runtime, config.time_per_address, runtime.connect(address));
        failure = match connecting.await {
            Some(Ok(stream)) => return Ok(stream),
            Some(Err(error)) => unreachable(format!("{address}: {error}")),
            None => DialError::new(DialErrorKind::TimedOut, address.to_string()),
        };
        trace::failed(uri, &failure);
    }
    Err(failure)
}

/// What comes of `future`, or `None` when it takes longer than `time`.
pub async fn within<R: Sleeper, F: Future>(
    runtime: &R,
    time: Duration,
    future: F,
) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut sleep = runtime.sleep(time);
    poll_fn(|cx| {
        if let Poll::Ready(output) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(output));
        }
        ready!(Pin::new(&mut sleep).poll(cx));
        Poll::Ready(None)
    })
    .await
}

/// What comes of fetching `uri`, no later than [`FetchLimits::time`](crate::FetchLimits::time) allows.
#[cfg(feature = "tls")]
pub async fn fetch_within<R: Sleeper>(
    runtime: &R,
    uri: &Uri,
    config: &DialConfig,
    get: impl Future<Output = Result<Fetched, DialError>>,
) -> Result<Fetched, DialError> {
    let time = config.fetch.time;
    within(runtime, time, get).await.unwrap_or_else(|| {
        Err(DialError::new(DialErrorKind::TimedOut, format!("no answer of {uri} within {time:?}")))
    })
}

async fn addresses<R: Runtime>(
    runtime: &R,
    uri: &Uri,
    config: &DialConfig,
) -> Result<Vec<SocketAddr>, DialError> {
    if let Some(addresses) = config.addresses_of(uri) {
        return Ok(addresses.to_vec());
    }
    let (host, port) = (uri.host(), uri.port().unwrap_or_default());
    let resolved = runtime.resolve(host, port).await;
    resolved.map_err(|error| unreachable(format!("{host}: {error}")))
}

fn unreachable(detail: String) -> DialError {
    DialError::new(DialErrorKind::Unreachable, detail)
}
