//! The client's SASL exchange (RFC 6120 § 6).

use super::Client;
use super::event::{ClientEvent, KeyAnswer, KeyRequest, PasswordRequest};
use super::state::{Choice, Stage, State};
use crate::ending::{AuthenticationFailure, Ending};
use crate::error::{Misuse, Violation};
use crate::frame::Nonza;
use crate::random::Purpose;
use crate::sasl::ChannelBinding;
use crate::sasl::client::{Exchange, Start, Step};
use crate::sasl::{Failure, Mechanism, Password, SaslFault, SaslMisuse};
use crate::sasl_frame::{self, NotSasl, SaslElement};
use crate::time::Instant;

impl Client {
    /// Chooses among what the server offers.
    pub(super) fn on_login_features(&mut self, now: Instant, features: &Nonza) -> State {
        // RFC 7395 § 3.9: STARTTLS is passed over, also where it is said to be required.
        let features = features.read();
        let offered = sasl_frame::read_mechanisms(&features);
        // RFC 9266 § 3: with TLS 1.3, who says nothing else binds by `tls-exporter`.
        let may_bind = self.bindable().is_some_and(|binding| {
            sasl_frame::read_channel_bindings(&features)
                .is_none_or(|names| names.iter().any(|name| name == binding.name()))
        });
        let best = self
            .config
            .mechanisms
            .iter()
            .copied()
            .filter(|mechanism| offered.iter().any(|name| name == mechanism.name()))
            .filter(|mechanism| self.may_use(*mechanism) && (may_bind || !mechanism.binds()))
            .max_by_key(|mechanism| mechanism.preference());
        let Some(mechanism) = best else {
            return self.leave(now, Ending::NoMechanism(offered));
        };
        let server_binds = offered.iter().any(|name| name.ends_with(BINDING_SUFFIX));
        let choice = Choice { mechanism, server_binds };
        let password = self.config.password.clone().or_else(|| self.entered.clone());
        match password {
            None if mechanism_needs_password(mechanism) => self.ask_password(choice, None),
            password => match self.begin(choice, password.as_ref()) {
                Ok(state) => state,
                Err(misuse) => self.leave(now, Ending::UnusableCredentials(misuse)),
            },
        }
    }

    /// What a login can be bound to.
    fn bindable(&self) -> Option<&ChannelBinding> {
        let may_bind = self.config.mechanisms.iter().any(|mechanism| mechanism.binds());
        self.connection.channel_binding.as_ref().filter(|_| may_bind)
    }

    fn may_use(&self, mechanism: Mechanism) -> bool {
        let is_guest = self.config.account.local().is_none();
        match mechanism {
            Mechanism::Anonymous => is_guest,
            // RFC 6120 § 13.8.3: the password itself goes only where nobody else can read it.
            Mechanism::Plain => {
                let is_private = self.connection.secure && self.life.is_trusted();
                (is_private || self.config.tolerance.plain_without_tls) && !is_guest
            }
            _ => !is_guest,
        }
    }

    fn ask_password(&mut self, choice: Choice, failure: Option<AuthenticationFailure>) -> State {
        let serial = self.next_serial();
        let request = PasswordRequest { mechanism: choice.mechanism, failure, serial };
        self.events.push(ClientEvent::PasswordWanted(request));
        State::AwaitPassword { choice, serial }
    }

    pub(super) fn answer_password(
        &mut self,
        request: &PasswordRequest,
        password: &Password,
    ) -> Result<(), Misuse> {
        match self.state {
            State::AwaitPassword { choice, serial } if serial == request.serial => {
                self.state = self.begin(choice, Some(password)).map_err(Misuse::Sasl)?;
                // For the connections that follow, if this one logs in.
                self.entered = Some(password.clone());
                Ok(())
            }
            _ => Err(Misuse::Stale),
        }
    }

    fn begin(&mut self, choice: Choice, password: Option<&Password>) -> Result<State, SaslMisuse> {
        let nonce = self.random.token(Purpose::ScramNonce);
        let mut start = Start::new(self.config.account.local().unwrap_or_default(), nonce);
        start.password = password;
        start.channel_binding = self.bindable();
        start.server_binds = choice.server_binds;
        let (exchange, initial) = Exchange::start(choice.mechanism, start)?;
        self.stream.say(sasl_frame::auth(choice.mechanism, initial.as_deref()));
        Ok(State::Authenticating { exchange, choice })
    }

    /// What the server says during the exchange.
    pub(super) fn on_sasl(
        &mut self,
        now: Instant,
        choice: Choice,
        exchange: Exchange,
        nonza: &Nonza,
    ) -> State {
        match SaslElement::read(nonza) {
            Ok(SaslElement::Challenge(data)) => {
                match exchange.challenge(&data, &self.config.limits.scram) {
                    Ok(Step::Respond(exchange, data)) => {
                        self.stream.say(sasl_frame::response(&data));
                        State::Authenticating { exchange, choice }
                    }
                    Ok(Step::Derive(exchange, derivation)) => {
                        let serial = self.next_serial();
                        let request = KeyRequest { derivation, serial };
                        self.events.push(ClientEvent::KeysWanted(request));
                        State::Deriving { exchange, choice, serial }
                    }
                    Err(fault) => self.abort(now, fault),
                }
            }
            Ok(SaslElement::Success(data)) => match exchange.success(data.as_deref()) {
                Ok(()) => {
                    // RFC 7395 § 3.7: both streams are over, without <close/>, and begin anew.
                    self.stream.restart(None);
                    self.open(now, Stage::Bind)
                }
                Err(fault) => self.on_sasl_fault(now, fault),
            },
            Ok(SaslElement::Failure(failure)) => self.on_failure(now, choice, failure),
            Ok(other) => self.give_up(now, Violation::OutOfOrder(other.name())),
            Err(NotSasl::Unknown) => self.give_up(now, Violation::UnknownElement),
            Err(NotSasl::Encoding("challenge")) => self.abort(now, SaslFault::Encoding),
            Err(NotSasl::Encoding(_)) => self.on_sasl_fault(now, SaslFault::Encoding),
            Err(NotSasl::Elements("challenge")) => self.abort(now, SaslFault::NotTextAlone),
            Err(NotSasl::Elements(_)) => self.on_sasl_fault(now, SaslFault::NotTextAlone),
        }
    }

    pub(super) fn answer_keys(&mut self, now: Instant, answer: &KeyAnswer) -> Result<(), Misuse> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Deriving { exchange, choice, serial } if serial == answer.serial => {
                self.state = match exchange.derived(&answer.keys) {
                    Ok((exchange, data)) => {
                        self.stream.say(sasl_frame::response(&data));
                        State::Authenticating { exchange, choice }
                    }
                    Err(misuse) => self.leave(now, Ending::UnusableCredentials(misuse)),
                };
                Ok(())
            }
            state => {
                self.state = state;
                Err(Misuse::Stale)
            }
        }
    }

    fn on_failure(
        &mut self,
        now: Instant,
        choice: Choice,
        failure: AuthenticationFailure,
    ) -> State {
        let was_asked =
            self.config.password.is_none() && mechanism_needs_password(choice.mechanism);
        self.tries += 1;
        self.entered = None;
        // RFC 6120 § 6.4.5: a person who mistyped may try again, a few times.
        if was_asked
            && failure.condition() == Failure::NotAuthorized
            && self.tries < self.config.limits.max_authentication_tries
        {
            return self.ask_password(choice, Some(failure));
        }
        self.leave(now, Ending::NotAuthenticated(failure))
    }

    /// RFC 6120 § 6.4.4: who cannot go on with a challenge says so.
    fn abort(&mut self, now: Instant, fault: SaslFault) -> State {
        self.stream.say(sasl_frame::abort());
        self.on_sasl_fault(now, fault)
    }

    fn on_sasl_fault(&mut self, now: Instant, fault: SaslFault) -> State {
        match fault {
            // RFC 5802 § 7: the mechanism's own way to say that the login is refused.
            SaslFault::Server(error) => {
                let failure = AuthenticationFailure::new(error.name(), None);
                self.leave(now, Ending::NotAuthenticated(failure))
            }
            fault => self.leave(now, Ending::Violated(Violation::Sasl(fault))),
        }
    }
}

const fn mechanism_needs_password(mechanism: Mechanism) -> bool {
    !matches!(mechanism, Mechanism::Anonymous | Mechanism::External)
}

/// The end of the names of mechanisms that bind to the channel (RFC 5802 § 4).
const BINDING_SUFFIX: &str = "-PLUS";
