//! Opening WebSockets, and taking those that are open.

use futures_io::{AsyncRead, AsyncWrite};
use xmpp_ws::endpoint::{Connection, Endpoint};
use xmpp_ws::time::Instant;
use xmpp_ws_driver::Session;
use xmpp_ws_tungstenite::async_tungstenite::WebSocketStream;
use xmpp_ws_tungstenite::{DialConfig, futures};

use crate::runtime::Smol;

/// Opens WebSockets over TCP, and over TLS with `wss://`.
pub type Dialer = futures::Dialer<Smol>;

/// The transport of a client that opens its connections itself, and opens them again.
pub type ClientIo = futures::ClientIo<Smol>;

/// The transport over one WebSocket that is open already.
pub type SocketIo<S> = futures::SocketIo<S, Smol>;

/// A session of a client that opens its connections by `config`. `endpoint` makes the client, and is told the time.
///
/// Nothing happens before it is asked for its [next event](Session::next).
pub fn connect<E: Endpoint>(
    config: DialConfig,
    endpoint: impl FnOnce(Instant) -> E,
) -> Session<E, ClientIo> {
    futures::connect(Smol, config, endpoint)
}

/// The client's side of a WebSocket of the caller's own, whose subprotocol `xmpp` is agreed already.
///
/// A client that wants to dial gets this socket, whatever the address, and `connection` for its facts. It cannot be
/// dialed again.
pub fn client_socket<S>(socket: WebSocketStream<S>, connection: Connection) -> SocketIo<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    futures::client_socket(Smol, socket, connection)
}

/// The server's side of a WebSocket of the caller's own, whose subprotocol `xmpp` is agreed already.
pub fn server_socket<S>(socket: WebSocketStream<S>) -> SocketIo<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    futures::server_socket(Smol, socket)
}
