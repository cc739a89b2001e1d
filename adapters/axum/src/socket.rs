//! The WebSocket over a connection that hyper handed over.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_io::{AsyncRead, AsyncWrite};
use hyper::rt::{Read, ReadBuf, Write};
use hyper::upgrade::Upgraded;
use tokio::time::Sleep;
use xmpp_ws_tungstenite::async_tungstenite::WebSocketStream;
use xmpp_ws_tungstenite::tungstenite::protocol::Role;
use xmpp_ws_tungstenite::{Sleeper, WebSocketLimits, futures};

/// The transport over a connection that was upgraded.
pub type ServerIo = futures::SocketIo<UpgradedStream, Tokio>;

/// The server's side of a connection that was upgraded to a WebSocket already, by a route of the caller's own: the
/// subprotocol `xmpp` is agreed.
///
/// [`Xmpp::accept`](crate::Xmpp::accept) does this and all that goes before it.
pub async fn server_socket(upgraded: Upgraded, limits: WebSocketLimits) -> ServerIo {
    let stream = UpgradedStream(upgraded);
    let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(limits.into())).await;
    futures::server_socket(Tokio, socket)
}

/// What was an HTTP connection, as a byte stream of the crate `futures-io`.
#[derive(Debug)]
pub struct UpgradedStream(Upgraded);

impl AsyncRead for UpgradedStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(buffer);
        ready!(Pin::new(&mut self.get_mut().0).poll_read(cx, buffer.unfilled()))?;
        Poll::Ready(Ok(buffer.filled().len()))
    }
}

impl AsyncWrite for UpgradedStream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().0).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_shutdown(cx)
    }
}

/// Sleeps by tokio, which is what axum runs on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tokio;

impl Sleeper for Tokio {
    type Sleep = Pin<Box<Sleep>>;

    fn sleep(&self, time: Duration) -> Self::Sleep {
        Box::pin(tokio::time::sleep(time))
    }
}
