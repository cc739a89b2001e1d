//! Sockets that do not block, of the caller's own or ours.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};
use mio::Registry;
use mio::event::Source;

/// A byte stream that never blocks, and that the operating system's poller can watch.
///
/// mio's sockets are such; for others that have a file descriptor there is `mio::unix::SourceFd`.
pub trait Socket: Read + Write + Source {
    /// Tells the peer that nothing more comes.
    fn shutdown_write(&self) -> io::Result<()>;
}

impl Socket for mio::net::TcpStream {
    fn shutdown_write(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

#[cfg(unix)]
impl Socket for mio::net::UnixStream {
    fn shutdown_write(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

/// What a [`Socket`] is made of: each is one already, and the standard library's become one.
pub trait IntoSocket {
    /// What it becomes.
    type Socket: Socket;

    /// Makes it one that does not block.
    fn into_socket(self) -> io::Result<Self::Socket>;
}

impl<S: Socket> IntoSocket for S {
    type Socket = S;

    fn into_socket(self) -> io::Result<S> {
        Ok(self)
    }
}

impl IntoSocket for std::net::TcpStream {
    type Socket = mio::net::TcpStream;

    fn into_socket(self) -> io::Result<mio::net::TcpStream> {
        self.set_nonblocking(true)?;
        // What is written together leaves together: the driver flushes when there is no more. An error only makes it
        // slower.
        let _ = self.set_nodelay(true);
        Ok(mio::net::TcpStream::from_std(self))
    }
}

#[cfg(unix)]
impl IntoSocket for std::os::unix::net::UnixStream {
    type Socket = mio::net::UnixStream;

    fn into_socket(self) -> io::Result<mio::net::UnixStream> {
        self.set_nonblocking(true)?;
        Ok(mio::net::UnixStream::from_std(self))
    }
}

/// A [`Socket`] that is watched. Where it would block it is pending, and polled again after the next wait.
pub struct Polled<S: Socket> {
    socket: S,
    registry: Arc<Registry>,
}

impl<S: Socket> Polled<S> {
    pub(crate) fn new(socket: S, registry: Arc<Registry>) -> Self {
        Self { socket, registry }
    }

    /// The socket.
    pub fn get_ref(&self) -> &S {
        &self.socket
    }
}

impl<S: Socket> Drop for Polled<S> {
    fn drop(&mut self) {
        // It is closed in any case.
        let _ = self.registry.deregister(&mut self.socket);
    }
}

impl<S: Socket + Unpin> AsyncRead for Polled<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        unless_blocked(|| self.socket.read(buffer))
    }
}

impl<S: Socket + Unpin> AsyncWrite for Polled<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        unless_blocked(|| self.socket.write(bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        unless_blocked(|| self.socket.flush())
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut *this).poll_flush(cx) {
            Poll::Ready(Ok(())) => Poll::Ready(this.socket.shutdown_write()),
            other => other,
        }
    }
}

fn unless_blocked<T>(mut act: impl FnMut() -> io::Result<T>) -> Poll<io::Result<T>> {
    loop {
        match act() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Poll::Pending,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return Poll::Ready(result),
        }
    }
}

impl<S: Socket + fmt::Debug> fmt::Debug for Polled<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Polled").field(&self.socket).finish()
    }
}
