//! One open WebSocket.

use std::task::{Context, Poll};

use bytestring::ByteString;
use xmpp_ws::endpoint::Input;

use crate::io::Broken;

/// One open WebSocket, without a clock: what [`Transport`](crate::transport::Transport) reads from and writes to.
///
/// The polls follow the rules of [`Io`](crate::io::Io)'s.
pub trait Link {
    /// Waits for what comes next: a message, a ping or pong, or one of the ends.
    ///
    /// [`Input::Closed`] and [`Input::Lost`] are the last that comes, and it is not called again after them. After
    /// [`Input::Unreadable`] it discards what still comes, within a bound, and ends with [`Input::Lost`]: a peer that
    /// is in the middle of sending must get to the end of it to read why it was too much. When the close frame was
    /// given to it as well, it does what [`poll_close`](Self::poll_close) does.
    fn poll_input(&mut self, cx: &mut Context<'_>) -> Poll<Input>;

    /// Waits until there is room for a frame.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>>;

    /// Takes a frame, after [`poll_ready`](Self::poll_ready) said so.
    fn start_send(&mut self, frame: Frame) -> Result<(), Broken>;

    /// Waits until every frame has left.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>>;

    /// Ends the connection so that the peer can read all that was said to it: flushes, tells the peer that nothing
    /// more comes, and discards what it still says, until it has done the same. It may take as long as the peer
    /// likes; whoever calls it has a clock.
    ///
    /// A connection that is closed with bytes unread is reset, and the peer may never see the last words.
    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()>;
}

/// What goes through a WebSocket. Exhaustive on purpose.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Frame {
    /// One text message.
    Text(ByteString),
    /// A ping with an empty payload.
    Ping,
    /// A close frame.
    Close {
        /// The status code (RFC 6455 § 7.4).
        code: u16,
    },
}
