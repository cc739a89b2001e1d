//! The server's side of one connection: from the client's `<open/>` to its bound resource, and what is said there.
//!
//! A [`Server`] is an [`Endpoint`]: a transport tells it what it sees and does what it says. Each decision of the
//! application is a request in a [`ServerEvent`] that is answered by value, now or later; what comes meanwhile is
//! held. A service has one `Server` a connection; what connects them (who is online, who gets what) is its own.
//!
//! A client's session can outlast its connection: see [`SessionStore`].
//!
//! # Requests to the client
//!
//! There is no `iq` as a [client](crate::client::Client::iq) has it. Whether the client is still there is found out
//! without one: by WebSocket pings, by acknowledgements, at once by [`Server::nudge`]. And what a service asks else is
//! asked in the name of one of its addresses, where the answer is routed to like any stanza, maybe over another
//! connection than the question went by, for the session may be resumed in between. So the place that answers for that
//! address gives the `id`, keeps it with a deadline, and knows the answer by it and by the client's address; a `Server`
//! could only see half of that. The question itself is a stanza for [`Server::send`], written by a
//! [`Writer`](crate::xml::Writer).

mod authenticate;
mod config;
mod endpoint;
mod event;
mod login;
mod session;
mod state;
mod store;

use std::mem;

use bytestring::ByteString;

pub use self::config::{ServerConfig, StreamManagement};
pub use self::event::{
    BindRequest, CredentialsRequest, Detached, IdentityRequest, LoginRequest, NotRefused,
    NotResumed, OpenRequest, PasswordAnswer, PasswordRequest, ResumeRequest, ServerEvent,
};
use self::state::State;
pub use self::store::{MemoryStore, SessionStore, StoreLimits};
use crate::ending::Ending;
#[cfg(doc)]
use crate::endpoint::Endpoint;
use crate::endpoint::{Connection, Ticket};
use crate::error::{Misuse, Violation};
use crate::events::Events;
use crate::frame::{Close, Frame};
use crate::jid::Jid;
use crate::random::{Random, first_serial};
use crate::role::Role;
use crate::sasl::{Failure, StoredKeys};
pub use crate::sm::Suspended;
use crate::stanza::Stanza;
use crate::stanza_error::StanzaCondition;
use crate::stream::Stream;
use crate::stream_error::StreamError;
use crate::time::Instant;
use crate::timer::Timer;
use crate::uri::Uri;
use crate::{bind, ping};

/// The server's side of one connection.
pub struct Server {
    config: ServerConfig,
    random: Box<dyn Random>,
    state: State,
    stream: Stream,
    connection: Connection,
    /// The language of the client's stream: that of a stanza which does not name its own.
    language: Option<String>,
    events: Events<ServerEvent>,
    /// Numbers the requests to the application, so that each is answered once, and here.
    serial: u64,
}

impl Server {
    /// The server's side of a WebSocket that is open and on which `xmpp` was agreed.
    pub fn new(
        config: ServerConfig,
        connection: Connection,
        random: impl Random + 'static,
        now: Instant,
    ) -> Self {
        let mut random: Box<dyn Random> = Box::new(random);
        let serial = first_serial(random.as_mut());
        let header = login::header(&config, random.as_mut(), None);
        let mut stream = Stream::new(&config.limits, config.tolerance, Some(header));
        stream.set_max_message_bytes(config.limits.before_login());
        stream.start(Timer::Open, now + config.limits.open);
        stream.start(Timer::Negotiate, now + config.limits.negotiate);
        Self {
            events: Events::new(config.limits.max_queued_events),
            state: State::AwaitOpen,
            language: None,
            config,
            random,
            stream,
            connection,
            serial,
        }
    }

    /// The client's full address, once bound.
    pub fn jid(&self) -> Option<&Jid> {
        self.state.bound().map(|bound| &bound.jid)
    }

    /// The `xml:lang` of the client's stream: the language of a stanza that does not name its own (RFC 6120
    /// § 8.1.5).
    pub fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    /// Answers [`ServerEvent::OpenRequested`]: the host is served here.
    pub fn accept(&mut self, now: Instant, request: OpenRequest) -> Result<(), Misuse> {
        self.answer_open(&request)?;
        self.go_on(now);
        Ok(())
    }

    /// Answers [`ServerEvent::OpenRequested`]: no stream to this host, and why, such as
    /// [`Condition::HostUnknown`](crate::condition::Condition::HostUnknown). With an error that cannot be written the
    /// request comes back, for another.
    pub fn refuse(
        &mut self,
        now: Instant,
        request: OpenRequest,
        error: StreamError,
    ) -> Result<(), NotRefused> {
        match error.encode().and_then(|_| self.take_open(&request)) {
            Ok(open) => self.refuse_open(now, open, error),
            Err(why) => return Err(NotRefused { why, request: Box::new(request) }),
        }
        self.go_on(now);
        Ok(())
    }

    /// Answers [`ServerEvent::OpenRequested`]: the client shall go elsewhere (RFC 7395 § 3.6.1).
    pub fn redirect(
        &mut self,
        now: Instant,
        request: OpenRequest,
        uri: &Uri,
    ) -> Result<(), Misuse> {
        let open = self.take_open(&request)?;
        self.stream.open(&open);
        self.stream.close(now, &Close::to(uri), Ending::Redirected(uri.to_string()));
        self.go_on(now);
        Ok(())
    }

    /// Answers [`ServerEvent::CredentialsWanted`] with the user's keys; `None`: there is no such user, which the
    /// client cannot tell from a wrong password.
    pub fn credentials(
        &mut self,
        now: Instant,
        request: CredentialsRequest,
        keys: Option<&StoredKeys>,
    ) -> Result<(), Misuse> {
        self.answer_credentials(now, request.serial, keys)?;
        self.go_on(now);
        Ok(())
    }

    /// Answers [`ServerEvent::PasswordPresented`].
    pub fn authenticate(&mut self, now: Instant, answer: PasswordAnswer) -> Result<(), Misuse> {
        self.answer_password(now, answer)?;
        self.go_on(now);
        Ok(())
    }

    /// Answers [`ServerEvent::IdentityWanted`]: this is who the client is, or nobody known.
    pub fn identify(
        &mut self,
        now: Instant,
        request: IdentityRequest,
        username: Option<&str>,
    ) -> Result<(), Misuse> {
        self.answer_identity(now, request.serial, username)?;
        self.go_on(now);
        Ok(())
    }

    /// Answers [`ServerEvent::CredentialsWanted`], [`ServerEvent::PasswordPresented`] or
    /// [`ServerEvent::IdentityWanted`]: no login, and why (RFC 6120 § 6.5), such as
    /// [`Failure::TemporaryAuthFailure`] or [`Failure::AccountDisabled`].
    pub fn deny(
        &mut self,
        now: Instant,
        request: impl Into<LoginRequest>,
        failure: Failure,
    ) -> Result<(), Misuse> {
        self.answer_denied(now, request.into().serial(), failure)?;
        self.go_on(now);
        Ok(())
    }

    /// Answers [`ServerEvent::BindRequested`]: the client has [`BindRequest::jid`] from now on.
    pub fn bind(&mut self, now: Instant, request: BindRequest) -> Result<(), Misuse> {
        self.answer_bind(now, request)?;
        self.go_on(now);
        Ok(())
    }

    /// Answers [`ServerEvent::BindRequested`]: not this resource, and why, such as
    /// [`StanzaCondition::Conflict`] (RFC 6120 § 7.7.2).
    pub fn refuse_bind(
        &mut self,
        now: Instant,
        request: BindRequest,
        condition: StanzaCondition,
    ) -> Result<(), Misuse> {
        self.answer_bind_refused(now, &request, condition)?;
        self.go_on(now);
        Ok(())
    }

    /// Sends one stanza, as [`Endpoint::send`] says.
    pub fn send(&mut self, now: Instant, stanza: impl Into<ByteString>) -> Result<Ticket, Misuse> {
        let stanza = self.stream.check_outgoing(&stanza.into())?;
        match self.state {
            State::Ready(_) => self.stream.say_stanza(now, stanza),
            State::Over => Err(Misuse::Over),
            _ => Err(Misuse::NotNow),
        }
    }

    /// The network changed, or the machine woke up: look now whether the client is still there and what of ours it has.
    /// A service that has a doubt about one connection, such as a second login to the same account, may ask so, too.
    pub fn nudge(&mut self, now: Instant) {
        self.stream.nudge(now);
    }

    /// Ends the stream in good order, as [`Endpoint::close`] says.
    pub fn close(&mut self, now: Instant) -> Result<(), Misuse> {
        self.close_with(now, &Close::default(), Ending::Clean)
    }

    /// Sends the client elsewhere (RFC 7395 § 3.6.1), at any time.
    pub fn move_to(&mut self, now: Instant, uri: &Uri) -> Result<(), Misuse> {
        self.close_with(now, &Close::to(uri), Ending::Redirected(uri.to_string()))
    }

    /// Ends the stream with an error (RFC 6120 § 4.9), such as
    /// [`Condition::Conflict`](crate::condition::Condition::Conflict).
    ///
    /// [`Misuse::Unwritable`] or [`Misuse::Xml`] where the error cannot be written; [`Misuse::Over`] once it is over.
    pub fn fail(&mut self, now: Instant, error: StreamError) -> Result<(), Misuse> {
        self.is_there()?;
        error.encode()?;
        self.end_session();
        self.stream.fail_for(now, error);
        self.go_on(now);
        Ok(())
    }

    fn close_with(&mut self, now: Instant, close: &Close, why: Ending) -> Result<(), Misuse> {
        self.is_there()?;
        self.end_session();
        self.stream.close(now, close, why);
        self.go_on(now);
        Ok(())
    }

    fn is_there(&self) -> Result<(), Misuse> {
        match self.state {
            State::Over => Err(Misuse::Over),
            _ => Ok(()),
        }
    }

    fn next_serial(&mut self) -> u64 {
        self.serial = self.serial.wrapping_add(1);
        self.serial
    }

    fn on_stanza(&mut self, now: Instant, own: &Jid, stanza: Stanza) {
        // RFC 6120 § 8.1.2.1: nobody speaks in another's name.
        if stanza.from().is_some_and(|from| !is_own(own, &from)) {
            self.stream.violated(now, Violation::InvalidFrom);
            return;
        }
        if !self.stream.is_talking() {
            // Our <close/> is out: what still comes is taken, and no answer could be sent.
            self.deliver(stanza);
            return;
        }
        match own_answer(own, &stanza) {
            Some(answer) => self.stream.answer(now, answer),
            None => self.deliver(stanza),
        }
    }

    fn deliver(&mut self, stanza: Stanza) {
        self.events.push_stanza(ServerEvent::Stanza(stanza), self.stream.number());
    }

    /// The last thing that happens: what is not settled is, then the reason is told.
    fn finish(&mut self, now: Instant, why: Ending) {
        self.tell_fates();
        if session::outlasts(&why)
            && let Some(session) = self.suspend(now)
        {
            self.events.push(ServerEvent::Suspended(session));
        }
        self.state = State::Over;
        let mut undelivered = self.stream.outbox().end_session();
        undelivered.extend(self.stream.outbox().take_unwritten());
        if !undelivered.is_empty() {
            self.events.push(ServerEvent::Undelivered(undelivered));
        }
        self.stream.abandon();
        self.events.push(ServerEvent::Ended(why));
    }
}

impl Role for Server {
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
            (State::Ready(bound), Frame::Stanza(stanza)) => {
                self.on_stanza(now, &bound.jid, stanza);
                State::Ready(bound)
            }
            (State::Ready(mut bound), Frame::Nonza(nonza)) => {
                self.on_nonza(now, &mut bound, nonza);
                State::Ready(bound)
            }
            (State::Ready(bound), frame) => {
                self.give_up(now, login::unexpected(&frame));
                State::Ready(bound)
            }
            (state, frame) => self.on_login(now, state, frame),
        };
    }

    fn on_discarded(&mut self, violation: Violation, _: ByteString) {
        debug_assert!(false, "a server passes nothing over: {violation}");
    }

    fn on_ignored(&mut self, text: ByteString) {
        debug_assert!(false, "a client has no users: {text}");
    }

    fn on_over(&mut self, now: Instant, why: Ending) {
        self.finish(now, why);
    }

    fn settle(&mut self) {
        self.note_end();
    }
}

/// What the stream itself answers: what nobody could, a ping to the server, the session request, a second request to
/// bind.
fn own_answer(own: &Jid, stanza: &Stanza) -> Option<ByteString> {
    // RFC 6120 § 8.2.3: whomever it is for, for it can be passed on to nobody.
    if let Some(refusal) = stanza.refusal_of_bad_request() {
        return Some(refusal);
    }
    if !stanza.is_request() || !login::is_to_server(own, stanza) {
        return None;
    }
    if bind::is_session_request(stanza) {
        return Some(stanza.result(None));
    }
    if bind::read_request(stanza).is_some() {
        // RFC 6120 § 7: one resource a stream.
        return Some(stanza.error_reply(StanzaCondition::NotAllowed));
    }
    ping::answer(stanza)
}

/// Whether this is the client's own address, full or bare.
fn is_own(own: &Jid, address: &str) -> bool {
    address == own.as_str()
        || address == own.bare_str()
        || address.parse::<Jid>().is_ok_and(|jid| jid == *own || jid.as_str() == own.bare_str())
}
