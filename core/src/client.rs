//! The client: one account's way from an address to a bound resource, and what is said there.
//!
//! A [`Client`] is an [`Endpoint`]: a transport tells it what it sees and does what it says. It begins with
//! [`Transmit::Dial`] and goes its way by itself: `<open/>`, features, SASL, restart, binding, stream management. The
//! application learns by [`ClientEvent`] when it can talk, what came, and what became of what it sent.
//!
//! When a connection is lost it waits and dials again, as [`Reconnect`] says. It asks for the session of before
//! (XEP-0198 § 5) and, where the server has it no more or going on with it comes to nothing, for a new one. Stanzas that
//! are sent meanwhile wait.

mod authenticate;
mod config;
mod connecting;
mod endpoint;
mod event;
mod iq;
mod life;
mod login;
mod reconnect;
mod route;
mod saved;
mod session;
mod state;

use std::mem;

use bytestring::ByteString;

pub use self::config::ClientConfig;
pub use self::event::{ClientEvent, KeyAnswer, KeyRequest, NotEntered, PasswordRequest, Reply};
pub use self::iq::Iq;
use self::iq::Pending;
use self::life::Life;
pub use self::reconnect::Reconnect;
pub use self::saved::{NotRestored, SavedSession};
use self::session::Session;
use self::state::{Offer, State};
use crate::csi;
use crate::ending::Ending;
#[cfg(doc)]
use crate::endpoint::Endpoint;
#[cfg(doc)]
use crate::endpoint::Transmit;
use crate::endpoint::{Connection, Target, Ticket};
use crate::error::{Misuse, Violation};
use crate::events::Events;
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

/// The client's side of a conversation, over as many connections as it takes.
pub struct Client {
    config: ClientConfig,
    random: Box<dyn Random>,
    life: Life,
    state: State,
    stream: Stream,
    connection: Connection,
    /// Whether the transport has a connection, or works on the way to one.
    has_transport: bool,
    /// The session on the server that was bound last, and is not known to be gone.
    session: Option<Session>,
    pending: Pending,
    events: Events<ClientEvent>,
    /// Numbers the requests to the application, so that each is answered once, and here.
    serial: u64,
    /// How often the server refused the login.
    tries: u32,
    /// The password that the application was asked for.
    entered: Option<Password>,
    /// Whether somebody looks at the client (XEP-0352).
    active: bool,
}

impl Client {
    /// A client that wants to be connected: its [`Transmit::Dial`] is already there, or its [`Transmit::Fetch`] where
    /// the endpoint has to be found.
    pub fn new(config: ClientConfig, random: impl Random + 'static, now: Instant) -> Self {
        let mut random: Box<dyn Random> = Box::new(random);
        let stream =
            Stream::new(&config.limits, config.tolerance, None).with_host(config.account.domain());
        let mut client = Self {
            serial: first_serial(random.as_mut()),
            life: Life::new(config.reconnect.clone(), config.uri.clone().map(Target::new)),
            tries: 0,
            pending: Pending::default(),
            events: Events::new(config.limits.max_queued_events),
            connection: Connection::default(),
            has_transport: false,
            session: None,
            state: State::Dialing,
            entered: None,
            active: true,
            config,
            random,
            stream,
        };
        client.dial(now);
        client
    }

    /// The address that the server gave, once bound.
    pub fn jid(&self) -> Option<&Jid> {
        match &self.state {
            State::Ready { jid, .. } => Some(jid),
            _ => None,
        }
    }

    /// Sends one stanza, as [`Endpoint::send`] says.
    ///
    /// Between two connections it waits for the next one, also where that turns out to be another session; it comes
    /// back by [`ClientEvent::Undelivered`] where the server takes nothing so long any more (XEP-0478).
    pub fn send(&mut self, now: Instant, stanza: impl Into<ByteString>) -> Result<Ticket, Misuse> {
        let stanza = self.stream.check_outgoing(&stanza.into())?;
        match self.talk()? {
            Talk::Now => self.stream.say_stanza(now, stanza),
            Talk::Later => self.stream.park_stanza(now, stanza),
        }
    }

    /// Sends a request and watches for its answer: [`ClientEvent::Reply`] comes exactly once. Between two connections
    /// it waits for the next one, and the time for its answer begins there.
    pub fn iq(&mut self, now: Instant, iq: Iq) -> Result<Ticket, Misuse> {
        let talk = self.talk()?;
        if self.pending.len() >= self.config.limits.max_pending_iqs {
            return Err(Misuse::Full);
        }
        let id = self.random.token(Purpose::IqId);
        let ticket = self.send(now, iq.encode(&id, &self.config.limits.xml)?)?;
        let until = match talk {
            Talk::Now => Some(now + self.config.limits.iq_reply),
            Talk::Later => None,
        };
        self.pending.add(id, iq.into_recipient(), ticket, until);
        Ok(ticket)
    }

    /// Says whether somebody looks at the client (XEP-0352); a server may hold back what can wait while nobody does.
    /// It is said anew on each connection whose server takes it. At first it is true.
    pub fn set_active(&mut self, active: bool) {
        if self.active != active {
            self.active = active;
            if let State::Ready { offer, .. } = self.state {
                self.say_activity(offer);
            }
        }
    }

    fn say_activity(&mut self, offer: Offer) {
        if offer.client_state {
            self.stream.say(csi::indication(self.active));
        }
    }

    /// Answers [`ClientEvent::PasswordWanted`]. With a password that cannot be used the request comes back, for
    /// another.
    ///
    /// ```
    /// use xmpp_ws::client::{Client, NotEntered, PasswordRequest};
    /// use xmpp_ws::error::Misuse;
    /// use xmpp_ws::sasl::Password;
    /// use xmpp_ws::time::Instant;
    ///
    /// fn enter(client: &mut Client, now: Instant, mut request: PasswordRequest, typed: &[Password]) {
    ///     for password in typed {
    ///         match client.password(now, request, password) {
    ///             Err(NotEntered { why: Misuse::Sasl(why), request: again, .. }) => {
    ///                 println!("no password: {why}");
    ///                 request = *again;
    ///             }
    ///             // It is on its way; or the stream is over, and an event says why.
    ///             Ok(()) | Err(_) => return,
    ///         }
    ///     }
    /// }
    /// ```
    pub fn password(
        &mut self,
        now: Instant,
        request: PasswordRequest,
        password: &Password,
    ) -> Result<(), NotEntered> {
        if let Err(why) = self.answer_password(&request, password) {
            return Err(NotEntered { why, request: Box::new(request) });
        }
        self.go_on(now);
        Ok(())
    }

    /// Answers [`ClientEvent::KeysWanted`]. [`Misuse::Stale`]: the stream no longer waits for them.
    pub fn keys(&mut self, now: Instant, answer: KeyAnswer) -> Result<(), Misuse> {
        self.answer_keys(now, &answer)?;
        self.go_on(now);
        Ok(())
    }

    /// Ends the stream in good order, as [`Endpoint::close`] says, and the session with it. Where there is no stream the
    /// client gives up. [`Misuse::Over`] once it is over.
    pub fn close(&mut self, now: Instant) -> Result<(), Misuse> {
        self.life.leave();
        match self.state {
            State::Over => return Err(Misuse::Over),
            State::Waiting { .. } | State::Discovering { .. } | State::Dialing => {
                self.finish(Ending::GivenUp);
            }
            _ => {
                // XEP-0198 § 5: a clean end is the session's, too.
                self.forget_resumption();
                self.stream.close(now, &Close::default(), Ending::Clean);
                self.go_on(now);
            }
        }
        Ok(())
    }

    /// Ends the stream with an error (RFC 6120 § 4.9), for an application that cannot go on.
    ///
    /// [`Misuse::NotNow`] while there is no connection, where [`close`](Self::close) is enough; [`Misuse::Unwritable`]
    /// or [`Misuse::Xml`] where the error cannot be written; [`Misuse::Over`] once it is over.
    pub fn fail(&mut self, now: Instant, error: StreamError) -> Result<(), Misuse> {
        match self.state {
            State::Over => Err(Misuse::Over),
            State::Waiting { .. } | State::Discovering { .. } | State::Dialing => {
                Err(Misuse::NotNow)
            }
            _ => {
                error.encode()?;
                self.life.leave();
                self.stream.fail_for(now, error);
                self.go_on(now);
                Ok(())
            }
        }
    }

    /// The network changed, or the machine woke up: look now whether the server is still there and what of ours it has,
    /// and do not wait any longer where there is no connection.
    pub fn nudge(&mut self, now: Instant) {
        if let State::Waiting { until } = &mut self.state {
            self.life.nudge();
            *until = now;
        }
        self.stream.nudge(now);
    }

    fn next_serial(&mut self) -> u64 {
        self.serial = self.serial.wrapping_add(1);
        self.serial
    }

    /// Whether a stanza can be said now, or later; before the first session it cannot.
    fn talk(&self) -> Result<Talk, Misuse> {
        let goes_on = self.life.was_bound() && self.life.goes_on() && self.connection.can_dial;
        match self.state {
            State::Over => Err(Misuse::Over),
            State::Ready { .. } if self.stream.is_talking() || !goes_on => Ok(Talk::Now),
            _ if goes_on => Ok(Talk::Later),
            _ => Err(Misuse::NotNow),
        }
    }

    fn on_stanza(&mut self, now: Instant, own: &Jid, stanza: Stanza) {
        if self.stream.is_pong(&stanza) {
            return;
        }
        match self.pending.matches(own, stanza) {
            Ok((ticket, reply)) => {
                let number = self.stream.number();
                self.events.push_stanza(ClientEvent::Reply { ticket, reply }, number);
            }
            Err(stanza) => self.deliver(now, stanza),
        }
    }

    /// Hands a stanza to the application, unless the library answers it.
    fn deliver(&mut self, now: Instant, stanza: Stanza) {
        match stanza.refusal_of_bad_request().or_else(|| ping::answer(&stanza)) {
            Some(answer) => self.stream.answer(now, answer),
            None => self.events.push_stanza(ClientEvent::Stanza(stanza), self.stream.number()),
        }
    }

    /// The last thing that happens: what is not settled is, then the reason is told.
    fn finish(&mut self, why: Ending) {
        self.state = State::Over;
        self.life.leave();
        self.tell_fates();
        let mut undelivered = self.stream.outbox().end_session();
        undelivered.extend(self.stream.outbox().take_unwritten());
        while let Some(ticket) = self.pending.pop() {
            self.events.push(ClientEvent::Reply { ticket, reply: Reply::None });
        }
        self.hand_back(undelivered);
        self.stream.abandon();
        self.events.push(ClientEvent::Ended(why));
    }
}

/// When a stanza is said.
enum Talk {
    Now,
    Later,
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
        let is_violated = matches!(self.stream.ending(), Some(Ending::Violated(_)));
        if is_violated && matches!(self.state, State::Resuming { .. }) {
            self.forget_resumption();
        }
        self.state = State::Leaving;
    }

    fn on_frame(&mut self, now: Instant, frame: Frame) {
        // Taken by value: a state that forgets to say what comes next is over, not stuck.
        self.state = match (mem::replace(&mut self.state, State::Over), frame) {
            (State::Ready { jid, offer, resumed }, Frame::Stanza(stanza)) => {
                self.on_stanza(now, &jid, stanza);
                State::Ready { jid, offer, resumed }
            }
            // Another user's, relayed by a lenient server: never obeyed.
            (state, Frame::Nonza(nonza)) if nonza.is_addressed() => {
                self.on_ignored(nonza.xml().clone());
                state
            }
            (state @ State::Ready { .. }, Frame::Nonza(_)) => {
                self.stream.violated(now, Violation::UnknownElement);
                state
            }
            (state, frame) => self.on_login(now, state, frame),
        };
    }

    fn on_discarded(&mut self, violation: Violation, text: ByteString) {
        let event = ClientEvent::Discarded { violation, text };
        self.events.push_stanza(event, self.stream.number());
    }

    fn on_ignored(&mut self, text: ByteString) {
        self.events.push(ClientEvent::Ignored(text));
    }

    fn on_over(&mut self, now: Instant, why: Ending) {
        self.go_on_after(now, why);
    }
}
