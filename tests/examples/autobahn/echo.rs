//! An endpoint that sends each text back.

use std::collections::VecDeque;

use bytestring::ByteString;
use xmpp_ws::endpoint::{Endpoint, Input, Target, Ticket, Transmit, WebSocketFault};
use xmpp_ws::error::Misuse;
use xmpp_ws::time::Instant;

/// It tells the texts as events, and answers what is wrong by the close codes that the core uses.
#[derive(Debug, Default)]
pub(crate) struct Echo {
    outbox: VecDeque<Transmit>,
    texts: VecDeque<ByteString>,
    said_close: bool,
    is_over: bool,
}

impl Echo {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn dialing() -> Self {
        let mut echo = Self::new();
        let uri = "ws://localhost/".parse().expect("a URI");
        echo.outbox.push_back(Transmit::Dial(Target::new(uri)));
        echo
    }

    fn close_with(&mut self, code: u16) {
        if !self.said_close {
            self.said_close = true;
            self.outbox.push_back(Transmit::Close { code });
        }
    }
}

impl Endpoint for Echo {
    type Event = ByteString;

    fn handle(&mut self, _: Instant, input: Input) {
        match input {
            Input::Text(text) => {
                self.outbox.push_back(Transmit::Text(text.clone()));
                self.texts.push_back(text);
            }
            Input::Binary => self.close_with(1003),
            Input::Unreadable(WebSocketFault::TooLong) => self.close_with(1009),
            Input::Unreadable(WebSocketFault::NotUtf8) => self.close_with(1007),
            Input::Unreadable(_) => self.close_with(1002),
            Input::Closed { .. } | Input::Lost | Input::ConnectFailed(_) => self.is_over = true,
            Input::Unwritable => self.outbox.clear(),
            Input::Connected(_)
            | Input::Fetched(_)
            | Input::Ping
            | Input::Pong
            | Input::Timeout => {}
        }
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        self.outbox.pop_front()
    }

    fn poll_event(&mut self) -> Option<ByteString> {
        self.texts.pop_front()
    }

    fn poll_timeout(&self) -> Option<Instant> {
        None
    }

    fn wants_input(&self) -> bool {
        self.outbox.len() < 100
    }

    fn wants_dial(&self) -> bool {
        matches!(self.outbox.front(), Some(Transmit::Dial(_)))
    }

    fn is_over(&self) -> bool {
        self.is_over && self.texts.is_empty()
    }

    fn send(&mut self, _: Instant, _: ByteString) -> Result<Ticket, Misuse> {
        Err(Misuse::NotNow)
    }

    fn has_room(&self) -> bool {
        true
    }

    fn close(&mut self, _: Instant) -> Result<(), Misuse> {
        self.close_with(1000);
        Ok(())
    }
}
