//! Shows what goes through a transport.

use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use xmpp_ws::endpoint::{Input, Transmit};
use xmpp_ws::time::Instant;
use xmpp_ws_tokio::xmpp_ws_driver::{Broken, Io};

use super::meaning::Meaning;
use super::narrator::{Direction, Narrator};

/// A transport of which a narrator tells.
pub(super) struct Tap<I> {
    io: I,
    who: String,
    meaning: Meaning,
    narrator: Rc<RefCell<Narrator>>,
}

impl<I> Tap<I> {
    pub(super) fn new(io: I, who: String, narrator: &Rc<RefCell<Narrator>>) -> Self {
        Self { io, who, meaning: Meaning::default(), narrator: Rc::clone(narrator) }
    }

    fn saw(&mut self, input: &Input) {
        let words = self.meaning.of_input(input);
        let frame = match input {
            Input::Text(text) => text,
            _ => "",
        };
        self.tell(Direction::In, words, frame);
    }

    fn does(&mut self, transmit: &Transmit) {
        let words = self.meaning.of_transmit(transmit);
        let frame = match transmit {
            Transmit::Text(text) => text,
            _ => "",
        };
        self.tell(Direction::Out, words, frame);
    }

    fn tell(&self, direction: Direction, words: Option<String>, frame: &str) {
        if let Some(words) = words {
            self.narrator.borrow_mut().frame(&self.who, direction, &words, frame);
        }
    }
}

impl<I: Io> Io for Tap<I> {
    fn now(&self) -> Instant {
        self.io.now()
    }

    fn poll_input(
        &mut self,
        cx: &mut Context<'_>,
        deadline: Option<Instant>,
    ) -> Poll<(Instant, Input)> {
        let (now, input) = ready!(self.io.poll_input(cx, deadline));
        self.saw(&input);
        Poll::Ready((now, input))
    }

    fn poll_deadline(&mut self, cx: &mut Context<'_>, deadline: Option<Instant>) -> Poll<Instant> {
        self.io.poll_deadline(cx, deadline)
    }

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        self.io.poll_ready(cx)
    }

    fn start_send(&mut self, transmit: Transmit) -> Result<(), Broken> {
        self.does(&transmit);
        self.io.start_send(transmit)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        self.io.poll_flush(cx)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.io.poll_close(cx)
    }
}
