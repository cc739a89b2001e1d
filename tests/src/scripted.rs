//! An endpoint without a protocol, whose behaviour a test sets, to hold the driver and the adapters to theirs.

use std::collections::VecDeque;
use std::time::Duration;

use bytestring::ByteString;
use xmpp_ws::endpoint::{Endpoint, Input, Target, Ticket, Transmit};
use xmpp_ws::error::Misuse;
use xmpp_ws::time::Instant;

/// It tells every input as an event, sends what it is given, and answers a few inputs as an endpoint would.
#[derive(Debug)]
pub struct Scripted {
    outbox: VecDeque<Transmit>,
    events: VecDeque<Seen>,
    state: State,
    /// When the next deadline is, and how long after it the one thereafter.
    deadline: Option<(Instant, Duration)>,
    max_outbox: usize,
    max_events: usize,
    /// Whether texts are answered by the same text.
    echo: bool,
    /// Whether pings are not worth an event.
    ignores_pings: bool,
    /// Whether it tells what it has handed over to be sent.
    tells_sent: bool,
    /// What to say before an [`Input::Unreadable`] ends it.
    last_words: Vec<Transmit>,
    last_now: Instant,
    sent: u64,
}

/// What it tells.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Seen {
    /// An input came.
    Input(Input),
    /// Something to compute, which [`Endpoint::answer`] answers.
    Riddle,
    /// Something was handed over to be sent.
    Sent,
    /// The end, once.
    Ended,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Open,
    /// The last event is in the queue.
    Ending,
    Over,
}

impl Scripted {
    /// An endpoint that waits for what comes.
    pub fn new() -> Self {
        Self {
            outbox: VecDeque::new(),
            events: VecDeque::new(),
            state: State::Open,
            deadline: None,
            max_outbox: usize::MAX,
            max_events: 1,
            echo: false,
            ignores_pings: false,
            tells_sent: false,
            last_words: Vec::new(),
            last_now: Instant::ORIGIN,
            sent: 0,
        }
    }

    /// One that dials first.
    pub fn dialing(target: Target) -> Self {
        let mut endpoint = Self::new();
        endpoint.say(Transmit::Dial(target));
        endpoint
    }

    /// Answers each text by the same.
    pub fn echoing(mut self) -> Self {
        self.echo = true;
        self
    }

    /// Has a deadline every so often.
    pub fn ticking(mut self, every: Duration) -> Self {
        self.deadline = Some((Instant::ORIGIN + every, every));
        self
    }

    /// Has room for so much.
    pub fn with_room(mut self, max_outbox: usize) -> Self {
        self.max_outbox = max_outbox;
        self
    }

    /// Says this, when what comes cannot be read.
    pub fn with_last_words(mut self, words: Vec<Transmit>) -> Self {
        self.last_words = words;
        self
    }

    /// Tells nothing of pings.
    pub fn ignoring_pings(mut self) -> Self {
        self.ignores_pings = true;
        self
    }

    /// Tells each thing that it has handed over to be sent, by [`Seen::Sent`].
    pub fn telling_sent(mut self) -> Self {
        self.tells_sent = true;
        self
    }

    /// Queues something to transmit.
    pub fn say(&mut self, transmit: Transmit) {
        self.outbox.push_back(transmit);
    }

    /// Tells something to compute.
    pub fn riddle(&mut self) {
        self.events.push_back(Seen::Riddle);
    }

    /// How much there is to transmit.
    pub fn queued(&self) -> usize {
        self.outbox.len()
    }

    /// Leaves the connection for another.
    pub fn redial(&mut self, target: Target) {
        self.outbox.clear();
        self.say(Transmit::Dial(target));
    }

    /// Ends it, whatever the transport says.
    pub fn end(&mut self) {
        if self.state == State::Open {
            self.events.push_back(Seen::Ended);
            self.state = State::Ending;
            self.deadline = None;
        }
    }
}

impl Default for Scripted {
    fn default() -> Self {
        Self::new()
    }
}

impl Endpoint for Scripted {
    type Event = Seen;

    fn handle(&mut self, now: Instant, input: Input) {
        assert!(self.last_now <= now, "the time went back");
        self.last_now = now;
        if self.state != State::Open {
            return;
        }
        if let Some((at, every)) = self.deadline.filter(|(at, _)| *at <= now) {
            self.deadline = Some((at + every, every));
            self.events.push_back(Seen::Input(Input::Timeout));
        }
        match &input {
            Input::Timeout => return,
            Input::Ping if self.ignores_pings => return,
            Input::Text(text) if self.echo => self.say(Transmit::Text(text.clone())),
            Input::Unreadable(_) => self.outbox.extend(self.last_words.drain(..)),
            Input::Unwritable => self.outbox.clear(),
            _ => {}
        }
        let ends = matches!(input, Input::Closed { .. } | Input::Lost | Input::ConnectFailed(_));
        self.events.push_back(Seen::Input(input));
        if ends {
            self.end();
        }
    }

    fn poll_transmit(&mut self) -> Option<Transmit> {
        let transmit = self.outbox.pop_front();
        if self.tells_sent && transmit.is_some() {
            self.events.push_back(Seen::Sent);
        }
        transmit
    }

    fn poll_event(&mut self) -> Option<Seen> {
        let event = self.events.pop_front();
        if event == Some(Seen::Ended) {
            self.state = State::Over;
        }
        event
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.deadline.map(|(at, _)| at)
    }

    fn wants_input(&self) -> bool {
        self.events.len() < self.max_events && self.outbox.len() <= self.max_outbox
    }

    fn wants_dial(&self) -> bool {
        let next = self.outbox.front();
        matches!(next, Some(Transmit::Dial(_) | Transmit::Fetch(_) | Transmit::Drop))
    }

    fn is_over(&self) -> bool {
        self.state == State::Over
    }

    fn send(&mut self, _: Instant, stanza: ByteString) -> Result<Ticket, Misuse> {
        if self.state != State::Open {
            return Err(Misuse::Over);
        }
        if !self.has_room() {
            return Err(Misuse::Full);
        }
        self.say(Transmit::Text(stanza));
        self.sent += 1;
        Ok(Ticket::new(self.sent))
    }

    fn has_room(&self) -> bool {
        self.state != State::Open || self.outbox.len() < self.max_outbox
    }

    fn close(&mut self, _: Instant) -> Result<(), Misuse> {
        if self.state != State::Open {
            return Err(Misuse::Over);
        }
        self.say(Transmit::Close { code: 1000 });
        Ok(())
    }

    fn answer(&mut self, _: Instant, event: Seen) -> Option<Seen> {
        (event != Seen::Riddle).then_some(event)
    }
}
