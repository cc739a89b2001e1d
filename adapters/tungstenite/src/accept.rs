//! What every way to accept a WebSocket takes and gives.

use std::future::Future;
use std::io;
use std::time::Duration;

use tungstenite::Error;
use tungstenite::handshake::server::Request;
use xmpp_ws::endpoint::{Connection, Endpoint};
use xmpp_ws::time::Instant;
use xmpp_ws_driver::{Io, Session};

use crate::limits::WebSocketLimits;
use crate::runtime::{Sleeper, within};
use crate::trace;

/// Which WebSockets are accepted, and how.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AcceptConfig {
    /// The path that is served; every other is refused with HTTP status 404. Default: `None`, all are.
    pub path: Option<String>,
    /// Whether a connection without TLS here counts as secure, since a proxy that is trusted ended it. Default:
    /// false.
    pub secure: bool,
    /// What a client may make the WebSocket hold.
    pub limits: WebSocketLimits,
    /// How long TLS and the upgrade may take. Default: 10 s.
    pub time: Duration,
}

impl Default for AcceptConfig {
    fn default() -> Self {
        let limits = WebSocketLimits {
            max_unwritten_bytes: DEFAULT_MAX_UNWRITTEN_BYTES,
            ..WebSocketLimits::default()
        };
        Self { path: None, secure: false, limits, time: DEFAULT_TIME }
    }
}

/// A WebSocket that was accepted, with the subprotocol `xmpp`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Accepted<I> {
    /// The transport.
    pub io: I,
    /// What is known of the connection; a server wants to be told.
    pub connection: Connection,
    /// The request: its path and query, and its headers.
    pub request: Request,
}

impl<I: Io> Accepted<I> {
    /// What was accepted by `request`, over `io`.
    pub fn new(io: I, connection: Connection, request: Request) -> Self {
        Self { io, connection, request }
    }

    /// The same over a transport that is made of this one.
    pub fn map<J: Io>(self, io: impl FnOnce(I) -> J) -> Accepted<J> {
        Accepted { io: io(self.io), connection: self.connection, request: self.request }
    }

    /// The session of a server. `endpoint` makes it, and is told of the connection and the time.
    pub fn into_session<E: Endpoint>(
        self,
        endpoint: impl FnOnce(Connection, Instant) -> E,
    ) -> Session<E, I> {
        Session::new(endpoint(self.connection, self.io.now()), self.io)
    }
}

/// Goes on accepting for no longer than `config` allows.
pub async fn accept_within<R: Sleeper, T>(
    runtime: &R,
    config: &AcceptConfig,
    accept: impl Future<Output = Result<T, AcceptError>>,
) -> Result<T, AcceptError> {
    let accepted = within(runtime, config.time, accept).await;
    let accepted = accepted.unwrap_or(Err(AcceptError::TimedOut));
    trace::accepted(accepted.as_ref().err());
    accepted
}

/// Why a WebSocket was not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AcceptError {
    /// The client was refused with this HTTP status.
    #[error("refused with HTTP status {status}: {reason}")]
    Refused {
        /// The status.
        status: u16,
        /// What it was told.
        reason: String,
    },
    /// What came is no request for a WebSocket. The client was told, where that makes sense.
    #[error("not a WebSocket's request: {0}")]
    NotWebSocket(Error),
    /// It took longer than [`AcceptConfig::time`].
    #[error("the upgrade took too long")]
    TimedOut,
    /// The handshake of TLS failed. The client was told by an alert, where TLS has one for it.
    #[error("no TLS: {0}")]
    Tls(io::Error),
    /// The connection broke.
    #[error(transparent)]
    Io(io::Error),
}

// Precedents: nginx waits 60 s for a request's headers, Apache 20 s, hyper 30 s; a client that is about to use the
// connection sends them at once.
const DEFAULT_TIME: Duration = Duration::from_secs(10);
// A server's clients are many, and not its friends. Twice the longest message that is taken by default.
const DEFAULT_MAX_UNWRITTEN_BYTES: usize = 2 * 1024 * 1024;
