//! async-std's connections, which can end one way only.

use std::io;
use std::net::Shutdown;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

/// async-std's `TcpStream`, whose `poll_close` tells the peer that nothing more comes.
///
/// async-std's own only flushes there. So the peer would not learn that a session without TLS is over before the
/// connection is dropped, which waits for the peer.
#[derive(Debug)]
pub struct TcpStream(async_std::net::TcpStream);

impl From<async_std::net::TcpStream> for TcpStream {
    fn from(stream: async_std::net::TcpStream) -> Self {
        Self(stream)
    }
}

impl AsyncRead for TcpStream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for TcpStream {
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

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Nothing is buffered above the system.
        Poll::Ready(self.0.shutdown(Shutdown::Write))
    }
}
