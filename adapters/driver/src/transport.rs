//! The transport of every adapter whose sockets and timers are polled.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use xmpp_ws::endpoint::{Connection, Input, Transmit};
use xmpp_ws::time::Instant;

use crate::dial::{Dial, NoDialer};
use crate::io::{Broken, Io};
use crate::link::{Frame, Link};
use crate::timer::Timer;
use crate::trace;

/// An [`Io`] made of a [`Dial`], the [`Link`]s that it opens, and a [`Timer`].
///
/// It holds at most one connection, and at most one that ended, which is seen off in the background of the polls, also
/// while the next is opened and used. A connection that did not end when [`Transmit::Drop`] or [`Transmit::Dial`] leaves
/// it is dropped.
pub struct Transport<D: Dial, T> {
    dial: D,
    timer: T,
    state: State<D>,
    leaving: Option<Leaving<D::Link>>,
    fetching: Vec<D::Fetching>,
}

impl<D: Dial, T: Timer> Transport<D, T> {
    /// A transport without a connection, which waits for the endpoint to ask for one.
    pub fn new(dial: D, timer: T) -> Self {
        Self::in_state(dial, timer, State::Idle)
    }

    fn in_state(dial: D, timer: T, state: State<D>) -> Self {
        Self { dial, timer, state, leaving: None, fetching: Vec::new() }
    }
}

impl<L: Link, T: Timer> Transport<NoDialer<L>, T> {
    /// The server's side of a WebSocket that is open already.
    pub fn accepted(link: L, timer: T) -> Self {
        Self::in_state(NoDialer::new(), timer, State::Open(link))
    }

    /// The client's side of a WebSocket that is open already. It answers the first [`Transmit::Dial`], whatever its
    /// target, with `connection`; every other with
    /// [`DialErrorKind::NoDialer`](xmpp_ws::endpoint::DialErrorKind::NoDialer).
    pub fn given(link: L, mut connection: Connection, timer: T) -> Self {
        connection.can_dial = false;
        Self::in_state(NoDialer::new(), timer, State::Given(link, connection))
    }
}

impl<D: Dial, T: Timer> Io for Transport<D, T> {
    fn now(&self) -> Instant {
        self.timer.now()
    }

    fn poll_input(
        &mut self,
        cx: &mut Context<'_>,
        deadline: Option<Instant>,
    ) -> Poll<(Instant, Input)> {
        if let Poll::Ready(input) = self.poll_seen(cx) {
            trace::input(&input);
            return Poll::Ready((self.timer.now(), input));
        }
        loop {
            let left_by = self.poll_leave(cx);
            let now = ready!(self.poll_deadline(cx, earliest(deadline, left_by)));
            if deadline.is_some_and(|deadline| deadline <= now) {
                return Poll::Ready((now, Input::Timeout));
            }
        }
    }

    fn poll_deadline(&mut self, cx: &mut Context<'_>, deadline: Option<Instant>) -> Poll<Instant> {
        let Some(deadline) = deadline else {
            return Poll::Pending;
        };
        loop {
            let now = self.timer.now();
            if deadline <= now {
                return Poll::Ready(now);
            }
            ready!(self.timer.poll_until(cx, deadline));
        }
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        match &mut self.state {
            State::Open(link) => link.poll_ready(cx),
            _ => Poll::Ready(Ok(())),
        }
    }

    fn start_send(&mut self, transmit: Transmit) -> Result<(), Broken> {
        trace::transmit(&transmit);
        let frame = match transmit {
            Transmit::Text(text) => Frame::Text(text),
            Transmit::Ping => Frame::Ping,
            Transmit::Close { code } => Frame::Close { code },
            Transmit::Drop => {
                self.fetching.clear();
                if !matches!(self.state, State::Given(..)) {
                    self.state = State::Idle;
                }
                return Ok(());
            }
            Transmit::Dial(target) => {
                self.state = match mem::replace(&mut self.state, State::Idle) {
                    State::Given(link, connection) => State::Found(link, connection),
                    _ => State::Dialing(self.dial.dial(target)),
                };
                return Ok(());
            }
            Transmit::Fetch(uri) => {
                self.fetching.push(self.dial.fetch(uri));
                return Ok(());
            }
        };
        match &mut self.state {
            State::Open(link) => link.start_send(frame),
            _ => Err(Broken),
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        match &mut self.state {
            State::Open(link) => link.poll_flush(cx),
            _ => Poll::Ready(Ok(())),
        }
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.leave();
        while let Some(left_by) = self.poll_leave(cx) {
            ready!(self.poll_deadline(cx, Some(left_by)));
        }
        Poll::Ready(())
    }
}

impl<D: Dial, T: Timer> Transport<D, T> {
    /// What came, whatever the time is.
    fn poll_seen(&mut self, cx: &mut Context<'_>) -> Poll<Input> {
        for at in 0..self.fetching.len() {
            let fetching = self.fetching.get_mut(at).map(Pin::new);
            if let Some(Poll::Ready(fetch)) = fetching.map(|fetching| fetching.poll(cx)) {
                drop(self.fetching.swap_remove(at));
                return Poll::Ready(Input::Fetched(fetch));
            }
        }
        let outcome = match &mut self.state {
            State::Open(link) => {
                let input = ready!(link.poll_input(cx));
                if matches!(input, Input::Closed { .. } | Input::Lost) {
                    self.leave();
                }
                return Poll::Ready(input);
            }
            State::Dialing(dialing) => ready!(Pin::new(dialing).poll(cx)),
            State::Found(..) => match mem::replace(&mut self.state, State::Idle) {
                State::Found(link, connection) => Ok((link, connection)),
                _ => return Poll::Pending,
            },
            State::Idle | State::Given(..) => return Poll::Pending,
        };
        let (state, input) = match outcome {
            Ok((link, connection)) => (State::Open(link), Input::Connected(connection)),
            Err(error) => (State::Idle, Input::ConnectFailed(error)),
        };
        self.state = state;
        Poll::Ready(input)
    }

    /// Begins to end the connection, if there is one. One that is still being left is dropped for it.
    fn leave(&mut self) {
        match mem::replace(&mut self.state, State::Idle) {
            State::Open(link) | State::Given(link, _) | State::Found(link, _) => {
                self.leaving = Some(Leaving { link, by: self.timer.now() + LEAVING_TIME });
            }
            State::Idle | State::Dialing(_) => {}
        }
    }

    /// Goes on to end the connection that is being left; tells by when to ask again, if it is not gone.
    fn poll_leave(&mut self, cx: &mut Context<'_>) -> Option<Instant> {
        let Leaving { link, by } = self.leaving.as_mut()?;
        if *by > self.timer.now() && link.poll_close(cx).is_pending() {
            return Some(*by);
        }
        self.leaving = None;
        None
    }
}

/// A connection that ended, or that nobody wants any more; the peer is still to read the last words.
struct Leaving<L> {
    link: L,
    by: Instant,
}

enum State<D: Dial> {
    /// There is no connection.
    Idle,
    /// There is a connection for which the endpoint has not asked yet.
    Given(D::Link, Connection),
    /// It has asked for that connection, and is to be told.
    Found(D::Link, Connection),
    Dialing(D::Dialing),
    Open(D::Link),
}

fn earliest(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    [one, other].into_iter().flatten().min()
}

// What is left to do takes one round trip, and a peer that does not do its part gains nothing by our waiting.
const LEAVING_TIME: Duration = Duration::from_secs(2);

impl<D: Dial + std::fmt::Debug, T: std::fmt::Debug> std::fmt::Debug for Transport<D, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = match &self.state {
            State::Idle => "idle",
            State::Given(..) | State::Found(..) => "given",
            State::Dialing(_) => "dialing",
            State::Open(_) => "open",
        };
        f.debug_struct("Transport")
            .field("dial", &self.dial)
            .field("timer", &self.timer)
            .field("state", &state)
            .field("leaving", &self.leaving.is_some())
            .finish_non_exhaustive()
    }
}
