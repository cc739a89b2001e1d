//! The server's side of one connection as a transport sees it.

use std::fmt;

use bytestring::ByteString;

use super::Server;
use super::event::ServerEvent;
use super::state::State;
use crate::endpoint::{Endpoint, Input, Ticket, Transmit};
use crate::error::Misuse;
use crate::role::Role;
use crate::time::Instant;

impl Endpoint for Server {
    type Event = ServerEvent;

    fn handle(&mut self, now: Instant, input: Input) {
        if matches!(self.state, State::Over) {
            return;
        }
        self.stream.note_handled(self.events.unhandled());
        let reading = self.stream.note(now, &input, self.events.is_behind());
        if let Some(why) = self.stream.pass_time(now, reading) {
            return self.finish(now, why);
        }
        match input {
            // A server does not dial.
            Input::Connected(_) | Input::ConnectFailed(_) | Input::Fetched(_) => {}
            input => self.take(now, input),
        }
        self.go_on(now);
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        self.stream.poll_transmit()
    }

    fn poll_event(&mut self) -> Option<ServerEvent> {
        self.events.pop().or_else(|| self.stream.outbox().poll_fate().map(ServerEvent::from))
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.stream.poll_timeout()
    }

    fn wants_input(&self) -> bool {
        !self.state.is_waiting() && !self.events.is_behind() && self.stream.has_room_for_answers()
    }

    fn is_over(&self) -> bool {
        matches!(self.state, State::Over) && self.events.is_empty()
    }

    fn send(&mut self, now: Instant, stanza: ByteString) -> Result<Ticket, Misuse> {
        Self::send(self, now, stanza)
    }

    fn has_room(&self) -> bool {
        self.stream.has_room()
    }

    fn close(&mut self, now: Instant) -> Result<(), Misuse> {
        Self::close(self, now)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("state", &self.state)
            .field("stream", &self.stream)
            .finish_non_exhaustive()
    }
}
