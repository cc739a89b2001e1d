//! From the client's `<open/>` to its bound resource (RFC 7395 § 3.4, RFC 6120 § 7).

use bytestring::ByteString;

use super::Server;
use super::config::ServerConfig;
use super::event::{BindRequest, OpenRequest, ServerEvent};
use super::state::{Bound, State, Stranger, Unbound};
use crate::bind::{self, Wish};
use crate::condition::Condition;
use crate::csi;
use crate::ending::Ending;
use crate::error::{Misuse, Violation};
use crate::frame::{Close, Frame, Nonza, Open, Version};
use crate::jid::Jid;
use crate::language;
use crate::ns;
use crate::ping;
use crate::random::{Purpose, Random};
use crate::sasl::Mechanism;
use crate::sasl_frame;
use crate::sm::Resumable;
use crate::stanza::{Stanza, StanzaKind};
use crate::stanza_error::StanzaCondition;
use crate::stream::Pinger;
use crate::stream_error::StreamError;
use crate::stream_limits;
use crate::time::Instant;
use crate::timer::Timer;
use crate::xml::Writer;

impl Server {
    /// One step of the login, and what comes next.
    pub(super) fn on_login(&mut self, now: Instant, state: State, frame: Frame) -> State {
        match (state, frame) {
            (State::AwaitOpen, Frame::Open(open)) => self.on_open(now, &open),
            (State::AwaitRestart { account }, Frame::Open(open)) => {
                self.on_restart(now, account, &open)
            }
            (
                state @ (State::AwaitAuth(_) | State::Authenticating { .. } | State::AwaitBind(_)),
                Frame::Nonza(nonza),
            ) if self.is_session_request(&nonza) => self.on_session_request(now, state, &nonza),
            (State::AwaitAuth(stranger), Frame::Nonza(nonza)) => {
                self.on_sasl(now, stranger, None, &nonza)
            }
            (State::Authenticating { stranger, exchange }, Frame::Nonza(nonza)) => {
                self.on_sasl(now, stranger, Some(exchange), &nonza)
            }
            (State::AwaitBind(unbound), Frame::Stanza(stanza)) => {
                self.on_stanza_before_bind(now, unbound, stanza)
            }
            (State::Leaving, _) => State::Leaving,
            // RFC 6120 § 4.9.3.12: not before the login.
            (_, Frame::Stanza(_)) => self.give_up(now, Violation::NotAuthorized),
            // The one catch-all: out of order.
            (_, frame) => self.give_up(now, unexpected(&frame)),
        }
    }

    /// Tells the client what it did wrong.
    pub(super) fn give_up(&mut self, now: Instant, violation: Violation) -> State {
        if violation == Violation::Starttls {
            // RFC 7395 § 3.9, RFC 6120 § 5.4.2.2: STARTTLS fails, and the stream is closed.
            self.stream.say(Writer::new().start("failure", ns::TLS).finish_checked());
            self.stream.close(now, &Close::default(), Ending::Violated(violation));
        } else {
            self.stream.violated(now, violation);
        }
        State::Leaving
    }

    fn on_open(&mut self, now: Instant, open: &Open) -> State {
        self.stream.stop(Timer::Open);
        let mut answer = header(&self.config, self.random.as_mut(), Some(open));
        self.note_language(open, &answer);
        self.stream.set_header(answer.clone());
        // RFC 6120 § 4.7.5: no version means 0.9.
        if open.is_outdated() {
            return self.give_up(now, Violation::UnsupportedVersion);
        }
        let Some(to) = open.to.as_deref().and_then(|to| to.parse::<Jid>().ok()).filter(is_host)
        else {
            // RFC 6120 § 4.7.2, § 4.9.3.6: a host that cannot be, or none, is not served here.
            self.stream.fail_for(now, StreamError::new(Condition::HostUnknown));
            return State::Leaving;
        };
        answer.from = Some(to.as_str().into());
        let serial = self.next_serial();
        self.events.push(ServerEvent::OpenRequested(OpenRequest {
            from: open.from.as_deref().and_then(|from| from.parse().ok()),
            language: language_of(open),
            secure: self.connection.secure,
            to,
            serial,
        }));
        State::Opening { open: answer, serial }
    }

    /// Takes the state that this request belongs to: the header to answer with.
    pub(super) fn take_open(&mut self, request: &OpenRequest) -> Result<Open, Misuse> {
        match std::mem::replace(&mut self.state, State::Leaving) {
            State::Opening { open, serial } if serial == request.serial => Ok(open),
            state => {
                self.state = state;
                Err(Misuse::Stale)
            }
        }
    }

    pub(super) fn answer_open(&mut self, request: &OpenRequest) -> Result<(), Misuse> {
        let open = self.take_open(request)?;
        // RFC 7395 § 3.4: <open/>, then the features in a message of their own.
        self.stream.open(&open);
        self.stream.say(self.login_features());
        self.state =
            State::AwaitAuth(Stranger { host: request.to.as_str().to_owned(), failures: 0 });
        Ok(())
    }

    pub(super) fn refuse_open(&mut self, now: Instant, open: Open, error: StreamError) {
        if is_of_host(error.condition()) {
            self.stream.set_header(open);
        }
        self.stream.fail_for(now, error);
    }

    /// RFC 6120 § 4.7.4: who names no language speaks the one that it is answered in.
    fn note_language(&mut self, open: &Open, answer: &Open) {
        self.language = language_of(open).or_else(|| answer.language.clone());
    }

    /// RFC 7395 § 3.7: after the login both streams begin anew.
    fn on_restart(&mut self, now: Instant, account: Jid, open: &Open) -> State {
        self.stream.stop(Timer::Open);
        let mut answer = header(&self.config, self.random.as_mut(), Some(open));
        answer.from = Some(account.domain().into());
        self.note_language(open, &answer);
        self.stream.set_header(answer.clone());
        if open.is_outdated() {
            return self.give_up(now, Violation::UnsupportedVersion);
        }
        // Who logged in to one host is nobody at another.
        let to = open.to.as_deref().and_then(|to| to.parse::<Jid>().ok());
        if to.is_none_or(|to| to.as_str() != account.domain()) {
            // RFC 6120 § 4.9.3.6: as with the first <open/>.
            return self.give_up(now, Violation::RestartElsewhere);
        }
        // RFC 6120 § 4.9.3.9: nor is it another account than the one that it logged in to.
        if answer.to.as_deref().is_some_and(|from| from != account.bare_str()) {
            answer.to = None;
            self.stream.set_header(answer);
            return self.give_up(now, Violation::RestartAsOther);
        }
        self.stream.open(&answer);
        self.stream.say(bind_features(&self.config));
        State::AwaitBind(Unbound { account, failures: 0 })
    }

    // ---- binding

    fn on_stanza_before_bind(&mut self, now: Instant, unbound: Unbound, stanza: Stanza) -> State {
        // RFC 6120 § 4.9.3.12: before binding there is nobody to speak to but the server and the own account.
        if stanza.kind() != StanzaKind::Iq || !is_to_server(&unbound.account, &stanza) {
            return self.give_up(now, Violation::NotAuthorized);
        }
        if let Some(refusal) = stanza.refusal_of_bad_request() {
            self.stream.answer(now, refusal);
        } else if let Some(wish) = bind::read_request(&stanza) {
            return self.on_bind_request(now, unbound, stanza, wish);
        } else if stanza.is_request() {
            let refusal = || stanza.error_reply(StanzaCondition::ServiceUnavailable);
            self.stream.answer(now, ping::answer(&stanza).unwrap_or_else(refusal));
        }
        State::AwaitBind(unbound)
    }

    fn on_bind_request(
        &mut self,
        now: Instant,
        unbound: Unbound,
        request: Stanza,
        wish: Wish,
    ) -> State {
        let (resource, is_asked_for) = match wish {
            Wish::Resource(resource) => (resource, true),
            // RFC 6120 § 7.6: a resource that the server makes up is not to be guessed.
            Wish::Any => (self.random.token(Purpose::Resource), false),
        };
        let Ok(jid) = unbound.account.with_resource(&resource) else {
            // RFC 6120 § 7.7.2.1.
            return self.on_bind_failure(now, unbound, &request, StanzaCondition::BadRequest);
        };
        let serial = self.next_serial();
        let request = BindRequest { jid, asked: is_asked_for, request, serial };
        self.events.push(ServerEvent::BindRequested(request));
        State::Binding { unbound, serial }
    }

    fn take_bind(&mut self, request: &BindRequest) -> Result<Unbound, Misuse> {
        match std::mem::replace(&mut self.state, State::Leaving) {
            State::Binding { unbound, serial } if serial == request.serial => Ok(unbound),
            state => {
                self.state = state;
                Err(Misuse::Stale)
            }
        }
    }

    pub(super) fn answer_bind(&mut self, now: Instant, request: BindRequest) -> Result<(), Misuse> {
        self.take_bind(&request)?;
        self.stream.answer(now, bind::result(&request.request, &request.jid));
        self.state = self.ready(now, request.jid, None);
        Ok(())
    }

    /// The login is through.
    pub(super) fn ready(&mut self, now: Instant, jid: Jid, resumable: Option<Resumable>) -> State {
        self.stream.stop(Timer::Negotiate);
        self.stream.keep_alive(now, Pinger::WebSocket);
        State::Ready(Bound { jid, resumable, knows_end: false })
    }

    pub(super) fn answer_bind_refused(
        &mut self,
        now: Instant,
        request: &BindRequest,
        condition: StanzaCondition,
    ) -> Result<(), Misuse> {
        let unbound = self.take_bind(request)?;
        self.state = self.on_bind_failure(now, unbound, &request.request, condition);
        Ok(())
    }

    fn on_bind_failure(
        &mut self,
        now: Instant,
        unbound: Unbound,
        request: &Stanza,
        condition: StanzaCondition,
    ) -> State {
        self.stream.answer(now, request.error_reply(condition));
        self.on_no_session(now, unbound)
    }

    /// The client still has no resource.
    pub(super) fn on_no_session(&mut self, now: Instant, mut unbound: Unbound) -> State {
        unbound.failures += 1;
        // RFC 6120 § 7.7.3: not for ever.
        if unbound.failures < self.config.limits.max_bind_tries {
            State::AwaitBind(unbound)
        } else {
            self.give_up(now, Violation::TooManyBinds)
        }
    }

    // ---- features

    fn login_features(&self) -> ByteString {
        let mut writer = Writer::new();
        start_features(&mut writer).start("mechanisms", ns::SASL);
        for mechanism in self.offered() {
            writer.start("mechanism", ns::SASL).text(mechanism.name()).end();
        }
        writer.end();
        if let Some(binding) = self.connection.channel_binding.as_ref().filter(|_| self.binds()) {
            sasl_frame::write_channel_binding(&mut writer, binding);
        }
        stream_limits::write(&mut writer, self.config.limits.before_login(), &self.config.limits);
        writer.finish_checked()
    }

    /// The mechanisms that may be used on this connection.
    pub(super) fn offered(&self) -> impl Iterator<Item = Mechanism> {
        let secure = self.connection.secure || self.config.tolerance.plain_without_tls;
        let certified = self.connection.peer_certificate.is_some();
        let bindable = self.connection.channel_binding.is_some();
        let mechanisms = self.config.mechanisms.iter().copied();
        mechanisms.filter(move |mechanism| match mechanism {
            // RFC 6120 § 13.8.3: the password itself comes only where nobody else can read it.
            Mechanism::Plain => secure,
            // XEP-0178 § 2: only where there is something to go by.
            Mechanism::External => certified,
            // RFC 5802 § 6: only where there is something to bind to.
            mechanism => bindable || !mechanism.binds(),
        })
    }

    /// Whether a mechanism is offered that binds to the channel.
    pub(super) fn binds(&self) -> bool {
        self.offered().any(Mechanism::binds)
    }
}

/// The header to answer with (RFC 6120 § 4.7) while it is not known whether the host is served here.
pub(super) fn header(config: &ServerConfig, random: &mut dyn Random, open: Option<&Open>) -> Open {
    let from = open.and_then(|open| open.from.as_deref()).and_then(|from| from.parse::<Jid>().ok());
    Open {
        // RFC 6120 § 4.7.2: only for who said who it is.
        to: from.map(|from| from.bare_str().into()),
        // RFC 6120 § 4.9.1.3: before an error it names a host that is served here, or is empty.
        from: Some(config.domain.as_ref().map_or("", Jid::domain).into()),
        id: Some(random.token(Purpose::StreamId)),
        // RFC 6120 § 4.7.5: the lower of the two, and there is none between 1.0 and what is spoken here.
        version: Some(Version::ONE),
        language: Some(config.language(open.and_then(|open| open.language.as_deref()))),
    }
}

/// Which rule a frame breaks that has no place in this state.
pub(super) fn unexpected(frame: &Frame) -> Violation {
    match frame {
        // RFC 7395 § 3.4: one stream a WebSocket, and one restart.
        Frame::Open(_) => Violation::OpenedTwice,
        Frame::Stanza(_) => Violation::NotAuthorized,
        Frame::Nonza(nonza) => unexpected_nonza(nonza),
        frame => Violation::OutOfOrder(frame.name()),
    }
}

pub(super) fn unexpected_nonza(nonza: &Nonza) -> Violation {
    let document = nonza.read();
    match document.root().namespace() {
        ns::TLS => Violation::Starttls,
        ns::SASL => Violation::OutOfOrder("SASL"),
        _ => Violation::UnknownElement,
    }
}

/// Whether a stanza is for the server, or for the account on whose behalf the server answers (RFC 6120 § 10.3).
pub(super) fn is_to_server(own: &Jid, stanza: &Stanza) -> bool {
    stanza.to().is_none_or(|to| own.is_account_or_domain(&to))
}

/// Whether a stream that is refused for this is refused by the host that was asked for, and not for want of it.
fn is_of_host(condition: Condition) -> bool {
    !matches!(
        condition,
        Condition::HostUnknown | Condition::HostGone | Condition::ImproperAddressing
    )
}

/// The language that a client names.
fn language_of(open: &Open) -> Option<String> {
    open.language.clone().filter(|it| language::is_tag(it))
}

fn is_host(jid: &Jid) -> bool {
    jid.local().is_none() && jid.is_bare()
}

fn bind_features(config: &ServerConfig) -> ByteString {
    let mut writer = Writer::new();
    start_features(&mut writer).start("bind", ns::BIND).end();
    // Old clients insist on the session request; new ones see that they need not.
    writer.start("session", ns::SESSION).start("optional", ns::SESSION).end().end();
    if config.stream_management.is_some() {
        // XEP-0198 § 3: only after the login.
        writer.start("sm", ns::SM).end();
    }
    csi::offer(&mut writer);
    let max_bytes = stream_limits::max_bytes_to_relay(config.limits.max_message_bytes);
    stream_limits::write(&mut writer, max_bytes, &config.limits);
    writer.finish_checked()
}

fn start_features<'w, 'n>(writer: &'w mut Writer<'n>) -> &'w mut Writer<'n> {
    // RFC 7395 § 3.3.3: the prefix is declared on the element itself.
    writer.start_prefixed("stream", "features", ns::STREAMS)
}
