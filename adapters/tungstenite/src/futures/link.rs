//! WebSockets of async-tungstenite, as the driver wants them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use async_tungstenite::WebSocketStream;
use futures_io::{AsyncRead, AsyncWrite};
use xmpp_ws::endpoint::Connection;
use xmpp_ws_driver::{NoDialer, Raw, Transport, Ws};

use crate::codec::Tungstenite;
use crate::runtime::{RuntimeTimer, Sleeper};

/// One open WebSocket over the byte stream `S`.
pub type Link<S> = Ws<WebSocketStream<S>, Tungstenite, FuturesBytes>;

/// The transport over one WebSocket that is open already.
pub type SocketIo<S, R> = Transport<NoDialer<Link<S>>, RuntimeTimer<R>>;

/// Gets at the bytes below a WebSocket.
#[derive(Clone, Copy, Debug)]
pub struct FuturesBytes;

/// The client's side of a WebSocket of the caller's own, whose subprotocol `xmpp` is agreed already.
///
/// A client that wants to dial gets this socket, whatever the address, and `connection` for its facts. It cannot be
/// dialed again.
pub fn client_socket<S, R>(
    runtime: R,
    socket: WebSocketStream<S>,
    connection: Connection,
) -> SocketIo<S, R>
where
    S: AsyncRead + AsyncWrite + Unpin,
    R: Sleeper,
{
    Transport::given(Link::new(socket), connection, RuntimeTimer::of(runtime))
}

/// The server's side of a WebSocket of the caller's own, whose subprotocol `xmpp` is agreed already.
pub fn server_socket<S, R>(runtime: R, socket: WebSocketStream<S>) -> SocketIo<S, R>
where
    S: AsyncRead + AsyncWrite + Unpin,
    R: Sleeper,
{
    Transport::accepted(Link::new(socket), RuntimeTimer::of(runtime))
}

impl<S: AsyncRead + AsyncWrite + Unpin> Raw<WebSocketStream<S>> for FuturesBytes {
    fn poll_discard(
        socket: &mut WebSocketStream<S>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut space = [0; DISCARDED_AT_ONCE];
        Pin::new(socket.get_mut()).poll_read(cx, &mut space)
    }

    fn poll_shutdown(
        socket: &mut WebSocketStream<S>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        // By its contract the bytes' reading side stays open.
        Pin::new(socket.get_mut()).poll_close(cx)
    }
}

// On the stack; a message that is too long goes by in some thousand reads.
const DISCARDED_AT_ONCE: usize = 4096;
