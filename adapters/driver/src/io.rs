//! What a transport brings.

use std::task::{Context, Poll};

use xmpp_ws::endpoint::{Input, Transmit};
use xmpp_ws::time::Instant;

/// A transport and the clock that goes with it: all that an adapter has to bring.
///
/// It outlives its connections: a client that dials again says so by [`Transmit::Dial`]. The polls follow the rules
/// of `std::future`: one that answers `Pending` has arranged that the context's waker is called when it makes sense
/// to ask again.
///
/// Reading and writing must not wait for each other.
pub trait Io {
    /// The time, counted from an origin that this `Io` picked when it was made. It never decreases.
    fn now(&self) -> Instant;

    /// Waits for whatever comes first: something that the transport saw, or `deadline`, told as [`Input::Timeout`].
    ///
    /// With it comes the time at which it was seen. Work that was begun by [`Transmit::Dial`] or [`Transmit::Fetch`]
    /// goes on here. After the end of a connection was told, only the deadline comes.
    fn poll_input(
        &mut self,
        cx: &mut Context<'_>,
        deadline: Option<Instant>,
    ) -> Poll<(Instant, Input)>;

    /// Waits for `deadline` alone, without reading; tells the time when it has passed. `None` never passes.
    ///
    /// It is called instead of [`poll_input`](Self::poll_input) while the endpoint wants no input.
    fn poll_deadline(&mut self, cx: &mut Context<'_>, deadline: Option<Instant>) -> Poll<Instant>;

    /// Waits until there is room for something to send; without a connection there always is.
    ///
    /// Writing follows `futures::Sink`: nothing leaves the endpoint before there is room for it.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>>;

    /// Takes something to send or to do. It is called after [`poll_ready`](Self::poll_ready) said so; with
    /// [`Transmit::Dial`], [`Transmit::Fetch`] and [`Transmit::Drop`] also at any other time, and they never fail here.
    ///
    /// [`Transmit::Drop`]: there is no connection any more, and no way to one is gone on with; what was seen of them and
    /// not told is not told any more. [`Transmit::Dial`]: the same, and another connection is opened and told by
    /// [`Input::Connected`] or [`Input::ConnectFailed`]. [`Transmit::Fetch`] is answered by [`Input::Fetched`].
    fn start_send(&mut self, transmit: Transmit) -> Result<(), Broken>;

    /// Waits until everything that was given to [`start_send`](Self::start_send) has left.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>>;

    /// Waits until the connection is properly ended, within a bound of time of its own: the endpoint is over.
    ///
    /// It is not called again after it was ready. By default there is nothing to wait for.
    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let _ = cx;
        Poll::Ready(())
    }
}

/// An [`Io`] that waits inside its polls, by blocking the thread.
///
/// It may answer `Pending` where it makes sense to ask again at once, such as when a write that was blocked can go
/// on; so whoever polls it in a loop does not spin.
pub trait NeverPending: Io {
    /// By when a poll that waits answers `Pending`, whatever else it waits for. `None`, as in the beginning: never.
    fn give_up_at(&mut self, at: Option<Instant>);

    /// Whether another thread has asked for this one since it was last asked. That ends a wait, too: a poll that would
    /// wait answers `Pending` at once until this is called.
    fn take_notified(&mut self) -> bool;
}

/// The connection takes nothing more to send. What the peer already said may still be read.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, thiserror::Error)]
#[error("the connection takes nothing more")]
pub struct Broken;
