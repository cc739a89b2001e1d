//! How the message types of a WebSocket crate meet the core.

use std::io;
use std::task::{Context, Poll};

use xmpp_ws::endpoint::Input;

use crate::link::Frame;

/// Translates one WebSocket crate's messages and errors. It is implemented on a marker type, since the crate with the
/// messages is a third one.
pub trait Codec {
    /// The crate's message.
    type Message;
    /// The crate's error.
    type Error;

    /// What was read, as the core sees it; `None` where there is nothing to see.
    fn input(message: Self::Message) -> Option<Input>;

    /// What is to be sent, as the crate wants it.
    fn message(frame: Frame) -> Self::Message;

    /// What a failed read means: [`Input::Unreadable`], [`Input::Closed`] or [`Input::Lost`].
    fn fault(error: Self::Error) -> Input;
}

/// The byte stream under a socket of type `S`; implemented on a marker type, too.
///
/// `()` is for sockets that let nobody at their bytes: nothing is discarded, and dropping ends them.
pub trait Raw<S> {
    /// Reads some bytes and forgets them; tells how many, 0 at the end.
    fn poll_discard(socket: &mut S, cx: &mut Context<'_>) -> Poll<io::Result<usize>>;

    /// Sends what is buffered, and tells the peer that nothing more comes.
    fn poll_shutdown(socket: &mut S, cx: &mut Context<'_>) -> Poll<io::Result<()>>;
}

impl<S> Raw<S> for () {
    fn poll_discard(_: &mut S, _: &mut Context<'_>) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(0))
    }

    fn poll_shutdown(_: &mut S, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
