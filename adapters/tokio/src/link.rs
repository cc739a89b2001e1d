//! WebSockets of tokio-tungstenite, as the driver wants them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_tungstenite::WebSocketStream;
use xmpp_ws::endpoint::Connection;
use xmpp_ws_driver::{NoDialer, Raw, Transport, Ws};
use xmpp_ws_tungstenite::Tungstenite;

use crate::runtime::TokioTimer;

/// One open WebSocket over the byte stream `S`.
pub type Link<S> = Ws<WebSocketStream<S>, Tungstenite, TokioBytes>;

/// The transport over one WebSocket that is open already.
pub type SocketIo<S> = Transport<NoDialer<Link<S>>, TokioTimer>;

/// Gets at the bytes below a WebSocket.
#[derive(Clone, Copy, Debug)]
pub struct TokioBytes;

/// The client's side of a WebSocket of the caller's own, whose subprotocol `xmpp` is agreed already.
///
/// A client that wants to dial gets this socket, whatever the address, and `connection` for its facts. It cannot be
/// dialed again.
pub fn client_socket<S>(socket: WebSocketStream<S>, connection: Connection) -> SocketIo<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    Transport::given(Link::new(socket), connection, TokioTimer::new())
}

/// The server's side of a WebSocket of the caller's own, whose subprotocol `xmpp` is agreed already.
pub fn server_socket<S>(socket: WebSocketStream<S>) -> SocketIo<S>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    Transport::accepted(Link::new(socket), TokioTimer::new())
}

impl<S: AsyncRead + AsyncWrite + Unpin> Raw<WebSocketStream<S>> for TokioBytes {
    fn poll_discard(
        socket: &mut WebSocketStream<S>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut space = [0; DISCARDED_AT_ONCE];
        let mut buffer = ReadBuf::new(&mut space);
        ready!(Pin::new(socket.get_mut()).poll_read(cx, &mut buffer))?;
        Poll::Ready(Ok(buffer.filled().len()))
    }

    fn poll_shutdown(
        socket: &mut WebSocketStream<S>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(socket.get_mut()).poll_shutdown(cx)
    }
}

// On the stack; a message that is too long goes by in some thousand reads.
const DISCARDED_AT_ONCE: usize = 4096;
