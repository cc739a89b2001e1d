//! The client: one account's way from an address to a bound resource, and what is said there.
//!
//! A [`Client`] is an [`Endpoint`]: a transport tells it what it sees and does what it says. It begins with
//! [`Transmit::Dial`] and goes its way by itself: `<open/>`, features, SASL, restart, binding. The application
//! learns by [`ClientEvent`] when it can talk, what came, and what became of what it sent.

mod authenticate;
mod config;
mod endpoint;
mod event;
mod iq;
mod login;
mod state;

use std::collections::VecDeque;
use std::mem;

use bytestring::ByteString;

pub use self::config::ClientConfig;
pub use self::event::{ClientEvent, KeyAnswer, KeyRequest, PasswordRequest, Reply};
pub use self::iq::Iq;
use self::iq::Pending;
use self::state::State;
use crate::ending::Ending;
#[cfg(doc)]
use crate::endpoint::Endpoint;
use crate::endpoint::{Connection, Input, Target, Ticket, Transmit};
use crate::error::{Misuse, Violation};
use crate::frame::{Close, Frame};
use crate::jid::Jid;
use crate::ping;
use crate::random::{Purpose, Random, first_serial};
use crate::role::Role;
use crate::sasl::Password;
use crate::stanza::Stanza;
use crate::stream::Stream;
use crate::stream_error::StreamError;
use crate::time::Instant;
use crate::timer::Timer;

/// The client's side of a conversation.
pub struct Client {
    config: ClientConfig,
    random: Box<dyn Random>,
    state: State,
    stream: Stream,
    connection: Connection,
    pending: Pending,
    events: VecDeque<ClientEvent>,
    /// Numbers the requests to the application, so that each is answered once, and here.
    serial: u64,
    /// How often the server refused the login.
    tries: u32,
}

impl Client {
    /// A client that wants to be connected: its [`Transmit::Dial`] is already there.
    pub fn new(config: ClientConfig, random: impl Random + 'static, now: Instant) -> Self {
        let mut random: Box<dyn Random> = Box::new(random);
        let mut stream =
            Stream::new(&config.limits, config.tolerance, None).with_host(config.account.domain());
        stream.start(Timer::Dial, now + config.limits.dial);
        stream.transmit(Transmit::Dial(Target::new(config.uri.clone())));
        Self {
            serial: first_serial(random.as_mut()),
            tries: 0,
            pending: Pending::default(),
            events: VecDeque::with_capacity(config.limits.max_queued_events.min(INITIAL_CAPACITY)),
            connection: Connection::default(),
            state: State::Dialing,
            config,
            random,
            stream,
        }
    }

    /// The address that the server gave, once bound.
    pub fn jid(&self) -> Option<&Jid> {
        match &self.state {
            State::Ready(jid) => Some(jid),
            _ => None,
        }
    }

    /// Sends one stanza, as [`Endpoint::send`] says.
    pub fn send(&mut self, now: Instant, stanza: impl Into<ByteString>) -> Result<Ticket, Misuse> {
        let stanza = self.stream.check_outgoing(&stanza.into())?;
        self.may_talk()?;
        self.stream.say_stanza(now, stanza)
    }

    /// Sends a request and watches for its answer: [`ClientEvent::Reply`] comes exactly once.
    pub fn iq(&mut self, now: Instant, iq: Iq) -> Result<Ticket, Misuse> {
        self.may_talk()?;
        if self.pending.len() >= self.config.limits.max_pending_iqs {
            return Err(Misuse::Full);
        }
        let id = self.random.token(Purpose::IqId);
        let ticket = self.send(now, iq.encode(&id, &self.config.limits.xml)?)?;
        let until = now + self.config.limits.iq_reply;
        self.pending.add(id, iq.into_recipient(), ticket, until);
        Ok(ticket)
    }

    /// Answers [`ClientEvent::PasswordWanted`].
    pub fn password(
        &mut self,
        now: Instant,
        request: &PasswordRequest,
        password: &Password,
    ) -> Result<(), Misuse> {
        self.answer_password(request, password)?;
        self.go_on(now);
        Ok(())
    }

    /// Answers [`ClientEvent::KeysWanted`].
    pub fn keys(&mut self, now: Instant, answer: &KeyAnswer) -> Result<(), Misuse> {
        self.answer_keys(now, answer)?;
        self.go_on(now);
        Ok(())
    }

    /// Ends the stream in good order, as [`Endpoint::close`] says. Before there is a stream the client gives up.
    pub fn close(&mut self, now: Instant) -> Result<(), Misuse> {
        match self.state {
            State::Over => Err(Misuse::Over),
            State::Dialing => {
                self.finish(Ending::GivenUp);
                Ok(())
            }
            _ => {
                self.stream.close(now, &Close::default(), Ending::Clean);
                self.go_on(now);
                Ok(())
            }
        }
    }

    /// Ends the stream with an error (RFC 6120 § 4.9), for an application that cannot go on.
    pub fn fail(&mut self, now: Instant, error: StreamError) -> Result<(), Misuse> {
        match self.state {
            State::Over => Err(Misuse::Over),
            State::Dialing => Err(Misuse::NotNow),
            _ => {
                error.encode()?;
                self.stream.fail_for(now, error);
                self.go_on(now);
                Ok(())
            }
        }
    }

    /// The network changed, or the machine woke up: look now whether the server is still there.
    pub fn nudge(&mut self, now: Instant) {
        self.stream.nudge(now);
    }

    fn next_serial(&mut self) -> u64 {
        self.serial = self.serial.wrapping_add(1);
        self.serial
    }

    /// Whether the application does not take its events.
    fn is_behind(&self) -> bool {
        self.events.len() >= self.config.limits.max_queued_events
    }

    fn may_talk(&self) -> Result<(), Misuse> {
        match self.state {
            State::Ready(_) => Ok(()),
            State::Over => Err(Misuse::Over),
            _ => Err(Misuse::NotNow),
        }
    }

    fn on_dialing(&mut self, now: Instant, input: Input) {
        match input {
            Input::Connected(connection) => self.on_connected(now, connection),
            Input::ConnectFailed(error) => self.finish(Ending::NotConnected(error)),
            // Nothing else is of interest before there is a connection.
            _ => {}
        }
    }

    fn on_stanza(&mut self, own: &Jid, stanza: Stanza) {
        if self.stream.is_pong(&stanza) {
            return;
        }
        match self.pending.matches(own, stanza) {
            Ok((ticket, reply)) => self.events.push_back(ClientEvent::Reply { ticket, reply }),
            Err(stanza) => self.deliver(stanza),
        }
    }

    /// Hands a stanza to the application, unless the library answers it.
    fn deliver(&mut self, stanza: Stanza) {
        match ping::answer(&stanza) {
            Some(answer) => self.stream.say(answer),
            None => self.events.push_back(ClientEvent::Stanza(stanza)),
        }
    }
}

impl Role for Client {
    fn stream(&mut self) -> &mut Stream {
        &mut self.stream
    }

    fn is_waiting(&self) -> bool {
        self.state.is_waiting()
    }

    fn is_negotiating(&self) -> bool {
        self.state.is_negotiating()
    }

    fn leave_off(&mut self) {
        self.state = State::Leaving;
    }

    fn on_frame(&mut self, now: Instant, frame: Frame) {
        // Taken by value: a state that forgets to say what comes next is over, not stuck.
        self.state = match (mem::replace(&mut self.state, State::Over), frame) {
            (State::Ready(own), Frame::Stanza(stanza)) => {
                self.on_stanza(&own, stanza);
                State::Ready(own)
            }
            // Another user's, relayed by a lenient server: never obeyed.
            (state, Frame::Nonza(nonza)) if nonza.is_addressed() => state,
            (State::Ready(own), Frame::Nonza(_)) => {
                self.stream.violated(now, Violation::UnknownElement);
                State::Ready(own)
            }
            (state, frame) => self.on_login(now, state, frame),
        };
    }

    /// The last thing that happens: what is not settled is, then the reason is told.
    fn finish(&mut self, why: Ending) {
        self.state = State::Over;
        while let Some(ticket) = self.stream.poll_written() {
            self.events.push_back(ClientEvent::Unconfirmed(ticket));
        }
        while let Some(ticket) = self.pending.pop() {
            self.events.push_back(ClientEvent::Reply { ticket, reply: Reply::None });
        }
        let unwritten = self.stream.take_unwritten();
        if !unwritten.is_empty() {
            self.events.push_back(ClientEvent::Undelivered(unwritten));
        }
        self.stream.abandon();
        self.events.push_back(ClientEvent::Ended(why));
    }
}

/// What a lively conversation has in the queue at once; it grows when it must.
const INITIAL_CAPACITY: usize = 16;
