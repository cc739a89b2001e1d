//! The client as a transport sees it.

use std::fmt;

use bytestring::ByteString;

use super::Client;
use super::event::ClientEvent;
use super::state::State;
use crate::endpoint::{Endpoint, Input, Ticket, Transmit};
use crate::error::Misuse;
use crate::role::Role;
use crate::time::Instant;

impl Endpoint for Client {
    type Event = ClientEvent;

    fn handle(&mut self, now: Instant, input: Input) {
        if matches!(self.state, State::Over) {
            return;
        }
        self.stream.note_handled(self.events.unhandled());
        let reading = self.stream.note(now, &input, self.events.is_behind());
        self.note_answer(&input);
        if let Some(why) = self.stream.pass_time(now, reading) {
            self.on_over(now, why);
        }
        self.pass_time_of_requests(now, reading);
        match (&self.state, input) {
            (State::Over, _) => return,
            // What comes is of a connection that is over.
            (State::Waiting { .. }, _) => self.pass_waiting(now),
            (State::Discovering { .. }, input) => self.on_discovering(now, input),
            (State::Dialing, input) => self.on_dialing(now, input),
            // No second connection was asked for, nor a resource.
            (_, Input::Connected(_) | Input::ConnectFailed(_) | Input::Fetched(_)) => {}
            (_, input) => self.take(now, input),
        }
        self.go_on(now);
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        self.stream.poll_transmit()
    }

    fn poll_event(&mut self) -> Option<ClientEvent> {
        self.events.pop().or_else(|| self.stream.outbox().poll_fate().map(ClientEvent::from))
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let again = match self.state {
            State::Waiting { until } | State::Discovering { until, .. } => Some(until),
            _ => None,
        };
        let deadlines = [self.stream.poll_timeout(), self.pending.next_deadline(), again];
        deadlines.into_iter().flatten().min()
    }

    fn wants_input(&self) -> bool {
        let takes = !self.events.is_behind() && self.stream.has_room_for_answers();
        // A transport works on what it was asked for where it reads.
        self.state.is_connecting() || (takes && !self.state.is_waiting())
    }

    fn wants_dial(&self) -> bool {
        self.stream.wants_dial()
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

    fn answer(&mut self, now: Instant, event: ClientEvent) -> Option<ClientEvent> {
        match event {
            ClientEvent::KeysWanted(request) => {
                // Stale only when the stream ended meanwhile, and then there is an event about it.
                let _ = self.keys(now, request.run());
                None
            }
            event => Some(event),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("account", &self.config.account)
            .field("state", &self.state)
            .field("stream", &self.stream)
            .finish_non_exhaustive()
    }
}
