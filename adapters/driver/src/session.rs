//! The one loop.

mod blocking;
mod client;

use std::future::poll_fn;
use std::mem;
use std::task::{Context, Poll, ready};

use bytestring::ByteString;
use xmpp_ws::endpoint::{Endpoint, Input, Ticket, Transmit};
use xmpp_ws::error::Misuse;
use xmpp_ws::time::Instant;

use crate::io::Io;
use crate::waiting::{Side, Waiting};

pub use blocking::Waited;

/// A protocol machine and the transport through which it talks.
///
/// Nothing happens by itself: a session lives while somebody waits for its [next event](Self::next). What a command
/// (such as [`send`](Self::send)) has to say goes out at the next call of [`next`](Self::next), or of
/// [`flush`](Self::flush) where no event is wanted yet; nothing else need be called. Every wait may be dropped
/// half-way and begun again without any loss.
///
/// It is a `Stream` of events and a `Sink` of stanzas, too; the two may live in two tasks.
///
/// Events are handed out while writing is blocked, and writing goes on while nobody reads. The session reads on only
/// when the last event was taken and the endpoint [wants input](Endpoint::wants_input); so whoever does not ask for
/// events slows the peer down, and fills no memory.
#[derive(Debug)]
pub struct Session<E, I> {
    endpoint: E,
    io: I,
    writing: Writing,
    answers: Answers,
    waiting: Waiting,
}

impl<E: Endpoint, I: Io> Session<E, I> {
    /// A session of `endpoint` over `io`, which must be the one that told it the time so far.
    pub fn new(endpoint: E, io: I) -> Self {
        Self {
            endpoint,
            io,
            writing: Writing::Whole,
            answers: Answers::Inline,
            waiting: Waiting::default(),
        }
    }

    /// Whether events that need only computation, such as deriving a key, are answered on the spot by
    /// [`Endpoint::answer`]. Default: true.
    ///
    /// Deriving a key takes milliseconds in which the thread does nothing else. With `false` the application gets
    /// these events, and answers them by [`command`](Self::command) when it has computed elsewhere.
    #[must_use]
    pub fn answer_inline(mut self, inline: bool) -> Self {
        self.answers = if inline { Answers::Inline } else { Answers::ByApplication };
        self
    }

    /// The next event, or `None` when all is over and the connection properly ended. May be dropped half-way.
    pub async fn next(&mut self) -> Option<E::Event> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Waits until everything that is to be said has left, or nothing can leave any more, which an event tells.
    ///
    /// Meanwhile it reads, until there is an event to take: where the peer, too, insists on writing first, it takes
    /// somebody who takes the events. May be dropped half-way.
    pub async fn flush(&mut self) {
        poll_fn(|cx| self.poll_flush(cx)).await;
    }

    /// Waits until there is room for another stanza. It reads meanwhile, as [`flush`](Self::flush) does. May be
    /// dropped half-way.
    pub async fn ready(&mut self) {
        poll_fn(|cx| self.poll_ready(cx)).await;
    }

    /// Sends one stanza; see [`Endpoint::send`]. [`Message`](xmpp_ws::stanza::Message) makes one of what a user typed.
    pub fn send(&mut self, stanza: impl Into<ByteString>) -> Result<Ticket, Misuse> {
        self.endpoint.send(self.io.now(), stanza.into())
    }

    /// Ends the stream in good order; see [`Endpoint::close`]. Take the events until `None` to see it end.
    pub fn close(&mut self) -> Result<(), Misuse> {
        self.endpoint.close(self.io.now())
    }

    /// Any other command of the endpoint, such as a server's answers to its events, which is handed over together with
    /// the time.
    ///
    /// Do not call its `handle` and its polls here, which would lose what they hand over.
    pub fn command<R>(&mut self, command: impl FnOnce(&mut E, Instant) -> R) -> R {
        command(&mut self.endpoint, self.io.now())
    }

    /// The transport's time.
    pub fn now(&self) -> Instant {
        self.io.now()
    }

    /// The endpoint, to ask it something.
    pub fn endpoint(&self) -> &E {
        &self.endpoint
    }

    /// The transport, to ask it something.
    pub fn io(&self) -> &I {
        &self.io
    }

    /// Whether [`next`](Self::next) has said `None`.
    pub fn is_ended(&self) -> bool {
        self.writing == Writing::Ended
    }

    /// Takes the session apart, without ending anything.
    pub fn into_parts(self) -> (E, I) {
        (self.endpoint, self.io)
    }

    /// [`next`](Self::next) for those who poll.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<E::Event>> {
        ready!(self.poll(Side::Events, cx, |session, _| {
            if let Some(event) = session.endpoint.poll_event() {
                let event = match session.answers {
                    Answers::ByApplication => Some(event),
                    Answers::Inline => session.endpoint.answer(session.io.now(), event),
                };
                return event.map_or(Turn::Again, |event| Turn::Done(Some(event)));
            }
            if session.endpoint.is_over() { Turn::Done(None) } else { Turn::Wait }
        }))
        .map_or_else(|| self.poll_end(cx), |event| Poll::Ready(Some(event)))
    }

    /// [`flush`](Self::flush) for those who poll.
    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll(Side::Writing, cx, |session, written| {
            if written || session.endpoint.is_over() { Turn::Done(()) } else { Turn::Wait }
        })
    }

    /// Whether there is room for another stanza; see [`ready`](Self::ready).
    pub fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll(Side::Writing, cx, |session, _| {
            if session.endpoint.has_room() || session.endpoint.is_over() {
                Turn::Done(())
            } else {
                Turn::Wait
            }
        })
    }

    fn poll<R>(
        &mut self,
        side: Side,
        cx: &mut Context<'_>,
        goal: impl FnMut(&mut Self, bool) -> Turn<R>,
    ) -> Poll<R> {
        let mut waiting = mem::take(&mut self.waiting);
        let answer = waiting.poll(side, cx, |cx| self.poll_turns(cx, goal));
        self.waiting = waiting;
        answer
    }

    /// Writes, asks `goal` (which is told whether all is written), and reads, over and over. Tells, too, whether
    /// anything was moved.
    fn poll_turns<R>(
        &mut self,
        cx: &mut Context<'_>,
        mut goal: impl FnMut(&mut Self, bool) -> Turn<R>,
    ) -> (bool, Poll<R>) {
        let mut moved = false;
        for _ in 0..MAX_INPUTS_PER_POLL {
            // Whether or not the peer takes what we write, go on to read: two endpoints that both insist on writing
            // first would wait for each other for ever.
            let written = self.poll_write(cx, &mut moved).is_ready();
            match goal(self, written) {
                Turn::Done(result) => return (true, Poll::Ready(result)),
                Turn::Again => {}
                Turn::Wait => match self.poll_input(cx) {
                    Poll::Pending => return (moved, Poll::Pending),
                    Poll::Ready(()) => moved = true,
                },
            }
        }
        // Others on this thread want to live, too.
        cx.waker().wake_by_ref();
        (moved, Poll::Pending)
    }

    /// One input, or the deadline.
    fn poll_input(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline = self.endpoint.poll_timeout();
        let (now, input) = if self.endpoint.wants_input() {
            ready!(self.io.poll_input(cx, deadline))
        } else {
            let now = ready!(self.io.poll_deadline(cx, deadline));
            (now, Input::Timeout)
        };
        self.endpoint.handle(now, input);
        Poll::Ready(())
    }

    /// Hands on what the endpoint has to say. Ready when all has left, or nothing can.
    fn poll_write(&mut self, cx: &mut Context<'_>, moved: &mut bool) -> Poll<()> {
        loop {
            let through = self.writing == Writing::Whole && !self.endpoint.wants_dial();
            if through && ready!(self.io.poll_ready(cx)).is_err() {
                self.on_broken();
                continue;
            }
            let Some(transmit) = self.endpoint.poll_transmit() else {
                break;
            };
            *moved = true;
            match (&transmit, self.writing) {
                (Transmit::Dial(_), _) => self.writing = Writing::Whole,
                (Transmit::Fetch(_) | Transmit::Drop, _) | (_, Writing::Whole) => {}
                // Nobody takes it.
                (_, Writing::Broken | Writing::Ended) => continue,
            }
            if self.io.start_send(transmit).is_err() {
                self.on_broken();
            }
        }
        if self.writing == Writing::Whole && ready!(self.io.poll_flush(cx)).is_err() {
            self.on_broken();
            *moved = true;
        }
        Poll::Ready(())
    }

    fn on_broken(&mut self) {
        self.writing = Writing::Broken;
        self.endpoint.handle(self.io.now(), Input::Unwritable);
    }

    /// After the last event: lets the transport end its connection.
    fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<Option<E::Event>> {
        if self.writing != Writing::Ended {
            ready!(self.io.poll_close(cx));
            self.writing = Writing::Ended;
        }
        Poll::Ready(None)
    }
}

// Neither part is ever pinned.
impl<E, I> Unpin for Session<E, I> {}

/// What a goal makes of a turn.
enum Turn<R> {
    /// It is reached.
    Done(R),
    /// Something changed: begin another turn at once.
    Again,
    /// It takes something from outside.
    Wait,
}

/// What is known of writing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Writing {
    /// It can be tried.
    Whole,
    /// It failed, on the connection there is.
    Broken,
    /// The endpoint is over, and the transport has ended its connection.
    Ended,
}

/// Who answers an event that needs only computation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Answers {
    Inline,
    ByApplication,
}

/// How much may be read in one poll before others have their turn.
const MAX_INPUTS_PER_POLL: usize = 64;
