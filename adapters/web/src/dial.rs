//! Opening WebSockets.

use std::future::{Future, poll_fn};
use std::pin::Pin;

use xmpp_ws::endpoint::{Connection, DialError, Endpoint, Fetch, Target};
use xmpp_ws::time::Instant;
use xmpp_ws::uri::Uri;
use xmpp_ws_driver::{Dial, Io, Session, Transport};

use crate::fetch::fetch;
use crate::link::WebLink;
use crate::timer::WebTimer;

/// The transport of a client, which opens its connections itself, and opens them again.
pub type WebIo = Transport<Dialer, WebTimer>;

/// What a connection may make the page hold.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct DialConfig {
    /// How much may wait in the browser to be sent, in bytes, before no more is given to it (`bufferedAmount`).
    /// Default: 256 KiB. It is looked at before each message, so the last one may go past it.
    pub max_buffered_bytes: u32,
    /// How much may have come that nobody took, in bytes; a message counts some more than its length. Default:
    /// 16 MiB. A browser cannot stop reading; past this the connection is dropped.
    pub max_unread_bytes: usize,
}

impl Default for DialConfig {
    fn default() -> Self {
        Self {
            max_buffered_bytes: DEFAULT_MAX_BUFFERED_BYTES,
            max_unread_bytes: DEFAULT_MAX_UNREAD_BYTES,
        }
    }
}

/// A session of a client that opens its connections by `config`. `endpoint` makes the client, and is told the time.
///
/// Nothing happens before it is asked for its [next event](Session::next).
pub fn connect<E: Endpoint>(
    config: DialConfig,
    endpoint: impl FnOnce(Instant) -> E,
) -> Session<E, WebIo> {
    let io = WebIo::new(Dialer::new(config), WebTimer::new());
    Session::new(endpoint(io.now()), io)
}

/// Opens the browser's WebSockets.
#[derive(Clone, Debug)]
pub struct Dialer {
    config: DialConfig,
}

impl Dialer {
    /// A dialer by `config`.
    pub fn new(config: DialConfig) -> Self {
        Self { config }
    }
}

impl Dial for Dialer {
    type Link = WebLink;
    type Dialing = Pin<Box<dyn Future<Output = Result<(WebLink, Connection), DialError>>>>;
    type Fetching = Pin<Box<dyn Future<Output = Fetch>>>;

    fn dial(&mut self, target: Target) -> Self::Dialing {
        let link = WebLink::dial(&target, self.config);
        Box::pin(async move {
            let mut link = link?;
            poll_fn(|cx| link.poll_open(cx)).await?;
            let mut connection = Connection::new(target.uri.is_secure());
            connection.can_ping = false;
            Ok((link, connection))
        })
    }

    fn fetch(&mut self, uri: Uri) -> Self::Fetching {
        Box::pin(fetch(uri))
    }
}

// A second's worth on a slow line (2 Mbit/s); the longest message that the core sends by default.
const DEFAULT_MAX_BUFFERED_BYTES: u32 = 256 * 1024;
// 64 of the longest messages that the core takes by default.
const DEFAULT_MAX_UNREAD_BYTES: usize = 16 * 1024 * 1024;
