//! Every WebSocket that is a `Stream` and a `Sink`.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_sink::Sink;
use xmpp_ws::endpoint::Input;

use crate::codec::{Codec, Raw};
use crate::io::Broken;
use crate::link::{Frame, Link};

/// The [`Link`] over a socket of type `S` that is a `Stream` and a `Sink` of some crate's messages, which `C`
/// translates; `R` gets at the bytes below.
pub struct Ws<S, C, R> {
    socket: S,
    reading: Reading,
    /// Whether our close frame is on its way.
    said_close: bool,
    leaving: Leaving,
    /// How many bytes may still be read to be forgotten.
    discard: usize,
    marker: PhantomData<fn() -> (C, R)>,
}

impl<S, C, R> Ws<S, C, R> {
    /// A link over an open WebSocket.
    pub fn new(socket: S) -> Self {
        Self {
            socket,
            reading: Reading::Messages,
            said_close: false,
            leaving: Leaving::Flushing,
            discard: MAX_DISCARDED_BYTES,
            marker: PhantomData,
        }
    }

    /// The socket.
    pub fn get_ref(&self) -> &S {
        &self.socket
    }
}

impl<S, C, R> Link for Ws<S, C, R>
where
    S: Stream<Item = Result<C::Message, C::Error>> + Sink<C::Message, Error = C::Error> + Unpin,
    C: Codec,
    R: Raw<S>,
{
    fn poll_input(&mut self, cx: &mut Context<'_>) -> Poll<Input> {
        if self.reading == Reading::Bytes {
            // RFC 6455 § 7.1.7: whoever fails the connection does not wait for the peer's close frame; and a client
            // waits for the server to end the stream (§ 7.1.1).
            let ended = if self.said_close { self.poll_close(cx) } else { self.poll_discard(cx) };
            return ended.map(|()| Input::Lost);
        }
        loop {
            let input = match ready!(Pin::new(&mut self.socket).poll_next(cx)) {
                Some(Ok(message)) => C::input(message),
                Some(Err(error)) => Some(C::fault(error)),
                None => Some(Input::Lost),
            };
            let Some(input) = input else { continue };
            if matches!(input, Input::Unreadable(_)) {
                // WebSocket crates must not be read from after such an error: they have lost their place.
                self.reading = Reading::Bytes;
            }
            return Poll::Ready(input);
        }
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        broken(Pin::new(&mut self.socket).poll_ready(cx))
    }

    fn start_send(&mut self, frame: Frame) -> Result<(), Broken> {
        self.said_close |= matches!(frame, Frame::Close { .. });
        let sent = Pin::new(&mut self.socket).start_send(C::message(frame));
        sent.map_err(|_| Broken)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        broken(Pin::new(&mut self.socket).poll_flush(cx))
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.leaving == Leaving::Flushing {
            // Whether it worked or not: there is nothing more to be done for what was said. This sends the answer to
            // the peer's close frame, too (RFC 6455 § 5.5.1).
            let _ = ready!(Pin::new(&mut self.socket).poll_flush(cx));
            self.leaving = Leaving::Shutting;
        }
        if self.leaving == Leaving::Shutting {
            let _ = ready!(R::poll_shutdown(&mut self.socket, cx));
            self.leaving = Leaving::Discarding;
        }
        // RFC 6455 § 7.1.1: a clean end is one after "discarding any trailing bytes that may have been received".
        self.poll_discard(cx)
    }
}

impl<S, C, R: Raw<S>> Ws<S, C, R> {
    /// Reads to forget, until the end or the bound.
    fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.discard > 0 {
            match ready!(R::poll_discard(&mut self.socket, cx)) {
                Ok(read) if read > 0 => self.discard = self.discard.saturating_sub(read),
                _ => self.discard = 0,
            }
        }
        Poll::Ready(())
    }
}

/// What is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Reading {
    Messages,
    /// They can no more be told apart.
    Bytes,
}

/// How far the connection is ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Leaving {
    Flushing,
    Shutting,
    Discarding,
}

fn broken<E>(polled: Poll<Result<(), E>>) -> Poll<Result<(), Broken>> {
    polled.map(|result| result.map_err(|_| Broken))
}

// Enough for a peer to get to the end of what it is sending when it should hear that it was too much: the largest
// messages that common clients send (avatars, files in band) are of some 10 MiB.
const MAX_DISCARDED_BYTES: usize = 16 * 1024 * 1024;

impl<S: fmt::Debug, C, R> fmt::Debug for Ws<S, C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ws")
            .field("socket", &self.socket)
            .field("reading", &self.reading)
            .field("leaving", &self.leaving)
            .finish_non_exhaustive()
    }
}
