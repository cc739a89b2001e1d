//! A session as the `Stream` and `Sink` of the `futures` crates.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytestring::ByteString;
use futures_core::Stream;
use futures_core::stream::FusedStream;
use futures_sink::Sink;
use xmpp_ws::endpoint::Endpoint;
use xmpp_ws::error::Misuse;

use crate::io::Io;
use crate::session::Session;

/// The events, until all is over.
impl<E: Endpoint, I: Io> Stream for Session<E, I> {
    type Item = E::Event;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<E::Event>> {
        self.get_mut().poll_next(cx)
    }
}

impl<E: Endpoint, I: Io> FusedStream for Session<E, I> {
    fn is_terminated(&self) -> bool {
        self.is_ended()
    }
}

/// Stanzas to send, whose tickets are of no interest. Somebody must take the events meanwhile.
///
/// Closing the sink ends the stream in good order.
impl<E: Endpoint, I: Io> Sink<ByteString> for Session<E, I> {
    type Error = Misuse;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Misuse>> {
        self.get_mut().poll_ready(cx).map(Ok)
    }

    fn start_send(self: Pin<&mut Self>, stanza: ByteString) -> Result<(), Misuse> {
        self.get_mut().send(stanza).map(drop)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Misuse>> {
        self.get_mut().poll_flush(cx).map(Ok)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Misuse>> {
        let session = self.get_mut();
        match session.close() {
            // Over already: there is nothing left to close.
            Ok(()) | Err(Misuse::Over) => session.poll_flush(cx).map(Ok),
            Err(misuse) => Poll::Ready(Err(misuse)),
        }
    }
}
