//! Opening WebSockets, and taking those that are open.

use std::io;

use xmpp_ws::endpoint::{Connection, DialError, DialErrorKind, Endpoint, Target};
use xmpp_ws::time::Instant;
use xmpp_ws_driver::{Io, Session};
use xmpp_ws_tungstenite::async_tungstenite::WebSocketStream;
use xmpp_ws_tungstenite::tungstenite::protocol::Role;
use xmpp_ws_tungstenite::{DialConfig, RuntimeTimer, WebSocketLimits, futures};

use crate::io::{BlockingIo, ClientIo, SocketIo};
use crate::reactor::Reactor;
use crate::socket::IntoSocket;

/// A session of a client that opens its connections by `config`. `endpoint` makes the client, and is told the time.
///
/// Nothing happens before it is asked for its [next event](Session::wait). It fails where the operating system has no
/// poller left to give, which takes three file descriptors.
pub fn connect<E: Endpoint>(
    config: DialConfig,
    endpoint: impl FnOnce(Instant) -> E,
) -> io::Result<Session<E, ClientIo>> {
    let reactor = Reactor::new()?;
    let timer = RuntimeTimer::of(reactor.runtime());
    let io = futures::ClientIo::new(futures::Dialer::new(reactor.runtime(), config), timer);
    let io = BlockingIo::new(io, reactor);
    Ok(Session::new(endpoint(io.now()), io))
}

/// The client's half of the upgrade, over a byte stream of the caller's own.
///
/// `target` is what the server is told; the stream has TLS already where it is to have any, and `connection` is what is
/// known of it. A client that wants to dial gets this socket, whatever the address. It cannot be dialed again.
pub fn upgrade<S: IntoSocket<Socket: Unpin>>(
    stream: S,
    connection: Connection,
    target: &Target,
    config: &DialConfig,
) -> Result<SocketIo<S::Socket>, DialError> {
    let broken = |error: io::Error| DialError::new(DialErrorKind::Unreachable, error.to_string());
    let mut reactor = Reactor::new().map_err(broken)?;
    let stream = reactor.watch(stream).map_err(broken)?;
    let socket = reactor.block_on(futures::upgrade(stream, target, config))?;
    let io = futures::client_socket(reactor.runtime(), socket, connection);
    Ok(BlockingIo::new(io, reactor))
}

/// The client's side of a WebSocket that is open over this stream already, with the subprotocol `xmpp`, and from which
/// nothing was read since. See [`upgrade`].
pub fn client_socket<S: IntoSocket<Socket: Unpin>>(
    stream: S,
    connection: Connection,
    limits: WebSocketLimits,
) -> io::Result<SocketIo<S::Socket>> {
    let mut reactor = Reactor::new()?;
    let stream = reactor.watch(stream)?;
    let limits = Some(limits.into());
    let socket = reactor.block_on(WebSocketStream::from_raw_socket(stream, Role::Client, limits));
    let io = futures::client_socket(reactor.runtime(), socket, connection);
    Ok(BlockingIo::new(io, reactor))
}

/// The server's side of a WebSocket that is open over this stream already, with the subprotocol `xmpp`, and from which
/// nothing was read since.
pub fn server_socket<S: IntoSocket<Socket: Unpin>>(
    stream: S,
    limits: WebSocketLimits,
) -> io::Result<SocketIo<S::Socket>> {
    let mut reactor = Reactor::new()?;
    let stream = reactor.watch(stream)?;
    let limits = Some(limits.into());
    let socket = reactor.block_on(WebSocketStream::from_raw_socket(stream, Role::Server, limits));
    let io = futures::server_socket(reactor.runtime(), socket);
    Ok(BlockingIo::new(io, reactor))
}
