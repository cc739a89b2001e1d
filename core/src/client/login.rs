//! From the open WebSocket to the bound resource (RFC 7395 § 3.4, RFC 6120 § 7).

use super::Client;
use super::event::ClientEvent;
use super::session::Session;
use super::state::{Offer, Stage, State};
use crate::bind;
use crate::csi;
use crate::ending::Ending;
use crate::endpoint::Connection;
use crate::error::{Incomplete, Violation};
use crate::frame::{Close, Frame, Nonza, Open, Version};
use crate::jid::Jid;
use crate::ns;
use crate::random::Purpose;
use crate::sm;
use crate::stanza::{Stanza, StanzaKind};
use crate::stanza_error::StanzaCondition;
use crate::stream::Pinger;
use crate::stream_limits;
use crate::time::Instant;
use crate::timer::Timer;

impl Client {
    pub(super) fn on_connected(&mut self, now: Instant, connection: Connection) {
        self.stream.stop(Timer::Dial);
        self.stream.start(Timer::Negotiate, now + self.config.limits.negotiate);
        self.events.push(ClientEvent::Connected { secure: connection.secure });
        self.connection = connection;
        self.state = self.open(now, Stage::Login);
    }

    /// RFC 7395 § 3.4: `<open/>` comes first.
    pub(super) fn open(&mut self, now: Instant, stage: Stage) -> State {
        let account = &self.config.account;
        // RFC 6120 § 4.7.1: who asks is nobody else's business, so not without TLS.
        let shows_itself = self.connection.secure && account.local().is_some();
        self.stream.open(&Open {
            to: Some(account.domain().into()),
            from: shows_itself.then(|| account.bare_str().into()),
            id: None,
            version: Some(Version::ONE),
            language: Some(self.config.language.clone()),
        });
        self.stream.start(Timer::Open, now + self.config.limits.open);
        State::AwaitOpen(stage)
    }

    /// One step of the login, and what comes next.
    pub(super) fn on_login(&mut self, now: Instant, state: State, frame: Frame) -> State {
        match (state, frame) {
            (State::AwaitOpen(stage), Frame::Open(open)) => {
                if let Err(violation) = self.judge_open(&open) {
                    self.stream.await_reason(now, violation);
                }
                State::AwaitFeatures(stage, open)
            }
            (State::AwaitFeatures(stage, open), Frame::Features(features)) => {
                self.stream.stop(Timer::Open);
                match (self.judge_open(&open), stage) {
                    (Ok(()), Stage::Login) => self.on_login_features(now, &features),
                    (Ok(()), Stage::Bind) => self.on_bind_features(now, &features),
                    (Err(violation), _) => self.give_up(now, violation),
                }
            }
            (State::Authenticating { exchange, choice }, Frame::Nonza(nonza)) => {
                self.on_sasl(now, choice, exchange, &nonza)
            }
            (State::Resuming { offer }, frame) => self.on_resume_answer(now, offer, &frame),
            (State::Binding { id, resource, offer }, Frame::Stanza(stanza))
                if self.answers(&stanza, &id) =>
            {
                self.on_bind_answer(now, resource.as_deref(), offer, &stanza)
            }
            (State::AwaitSession { id, jid, offer }, Frame::Stanza(stanza))
                if self.answers(&stanza, &id) =>
            {
                // Whatever the answer says: who refuses the request does not need it.
                self.on_session(now, jid, offer)
            }
            (State::Enabling { jid, offer }, Frame::Nonza(nonza)) => {
                self.on_enable_answer(now, jid, offer, &nonza)
            }
            // A server may deliver as soon as the resource is bound.
            (
                state @ (State::Binding { .. }
                | State::AwaitSession { .. }
                | State::Enabling { .. }),
                Frame::Stanza(stanza),
            ) => {
                self.deliver(now, stanza);
                state
            }
            (State::Leaving, _) => State::Leaving,
            // The one catch-all: out of order.
            (_, frame) => self.give_up(now, Violation::OutOfOrder(frame.name())),
        }
    }

    /// Tells the server what it did wrong.
    pub(super) fn give_up(&mut self, now: Instant, violation: Violation) -> State {
        self.stream.violated(now, violation);
        State::Leaving
    }

    /// Ends the stream in good order, for this reason.
    pub(super) fn leave(&mut self, now: Instant, why: Ending) -> State {
        self.stream.close(now, &Close::default(), why);
        State::Leaving
    }

    /// Whether this is the server's answer to the request with this id.
    fn answers(&self, stanza: &Stanza, id: &str) -> bool {
        stanza.kind() == StanzaKind::Iq
            && stanza.id().as_deref() == Some(id)
            && matches!(stanza.type_attribute().as_deref(), Some("result" | "error"))
            && stanza.from().is_none_or(|from| self.is_servers(&from))
    }

    /// Whether the server may speak under this address, in its own name or the account's (RFC 6120 § 8.1.2.1): an
    /// identifier alone can be guessed, and another user's answer be relayed by a lenient server.
    fn is_servers(&self, from: &str) -> bool {
        let account = &self.config.account;
        let is_guest = account.local().is_none();
        // What a guest is called only the answer tells.
        from.parse::<Jid>().is_ok_and(|from| {
            account.is_account_or_domain(from.bare_str())
                || (is_guest && from.domain() == account.domain())
        })
    }

    /// What is wrong with the server's header. It is said once features follow or nothing does, for an error would say
    /// more.
    fn judge_open(&self, open: &Open) -> Result<(), Violation> {
        // RFC 6120 § 4.7.5: no version means 0.9.
        if open.is_outdated() {
            return Err(Violation::UnsupportedVersion);
        }
        let tolerant = self.config.tolerance.incomplete_open;
        let domain = self.config.account.domain();
        match open.from.as_deref().filter(|from| !from.is_empty()) {
            Some(from) if from.parse::<Jid>().is_ok_and(|from| from.as_str() == domain) => {}
            None if tolerant => {}
            // RFC 6120 § 4.7.1: it is another host's stream.
            Some(_) | None => return Err(Violation::OtherHost),
        }
        match open.id.as_deref() {
            None | Some("") if !tolerant => Err(Violation::Incomplete(Incomplete::Open)),
            _ => Ok(()),
        }
    }

    fn on_bind_features(&mut self, now: Instant, features: &Nonza) -> State {
        let document = features.read();
        // RFC 6120 § 7.1: without a resource there is nothing that a client could do here.
        if document.root().child("bind", ns::BIND).is_none() {
            return self.give_up(now, Violation::Incomplete(Incomplete::Authentication));
        }
        // XEP-0478 § 4: what is longer than the server takes is not sent.
        self.stream.obey_max_bytes(stream_limits::read_max_bytes(document.root()));
        let offer = Offer {
            session: bind::wants_session(document.root()),
            stream_management: self.config.stream_management
                && sm::Element::is_offered(document.root()),
            client_state: csi::is_offered(document.root()),
        };
        if offer.stream_management
            && let Some(resumption) = self.resumption()
        {
            let previd = resumption.id.clone();
            return self.resume(previd, offer);
        }
        self.end_session();
        self.bind(self.config.account.resource().map(str::to_owned), offer)
    }

    pub(super) fn bind(&mut self, resource: Option<String>, offer: Offer) -> State {
        let id = self.random.token(Purpose::IqId);
        self.stream.say(bind::request(&id, resource.as_deref()));
        State::Binding { id, resource, offer }
    }

    fn on_bind_answer(
        &mut self,
        now: Instant,
        resource: Option<&str>,
        offer: Offer,
        answer: &Stanza,
    ) -> State {
        match answer.error() {
            // RFC 6120 § 7.7.2.2: the same resource is not asked for again; the server may choose one.
            Some(error) if error.condition() == StanzaCondition::Conflict && resource.is_some() => {
                self.bind(None, offer)
            }
            Some(error) => self.leave(now, Ending::NotBound(error)),
            None => match bind::read_result(answer) {
                None => self.give_up(now, Violation::Incomplete(Incomplete::Bind)),
                // It may know the user by another name, but has no other domains to give away.
                Some(jid) if jid.domain() != self.config.account.domain() => {
                    self.give_up(now, Violation::OtherDomain)
                }
                Some(jid) if offer.session => {
                    let id = self.random.token(Purpose::IqId);
                    self.stream.say(bind::session_request(&id));
                    State::AwaitSession { id, jid, offer }
                }
                Some(jid) => self.on_session(now, jid, offer),
            },
        }
    }

    fn on_session(&mut self, now: Instant, jid: Jid, offer: Offer) -> State {
        if offer.stream_management {
            self.enable(jid, offer)
        } else {
            self.on_bound(now, jid, offer)
        }
    }

    /// There is a new session.
    pub(super) fn on_bound(&mut self, now: Instant, jid: Jid, offer: Offer) -> State {
        self.session.get_or_insert_with(|| Session::new(jid.clone(), None));
        self.events.push(ClientEvent::Bound(jid.clone()));
        let too_long = self.stream.unpark();
        self.hand_back_unsent(too_long);
        self.ready(now, jid, offer, false)
    }

    /// The way there is gone: what waited goes out.
    pub(super) fn ready(&mut self, now: Instant, jid: Jid, offer: Offer, resumed: bool) -> State {
        self.stream.stop(Timer::Negotiate);
        self.stream.go_on(self.resumption().is_some() && self.life.goes_on());
        self.life.arrived(now);
        self.pending.begin(now + self.config.limits.iq_reply);
        self.tries = 0;
        // Prosody 0.12 reads on as the session's first connection did, and answers the WebSocket's pings there.
        let pinger = if self.connection.can_ping && !resumed {
            Pinger::WebSocket
        } else {
            Pinger::Stanza { id: self.random.token(Purpose::IqId), to: jid.domain().into() }
        };
        self.stream.keep_alive(now, pinger);
        if !self.stream.outbox().is_empty() {
            self.stream.request(now);
        }
        // XEP-0352 § 5: a new connection begins active, a resumed one too.
        if !self.active {
            self.say_activity(offer);
        }
        State::Ready { jid, offer, resumed }
    }
}
