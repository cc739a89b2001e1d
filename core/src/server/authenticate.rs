//! The server's SASL exchange (RFC 6120 § 6).

use super::Server;
use super::event::{
    CredentialsRequest, IdentityRequest, PasswordAnswer, PasswordRequest, ServerEvent,
};
use super::state::{State, Stranger};
use crate::error::{Misuse, Violation};
use crate::frame::Nonza;
use crate::jid::Jid;
use crate::random::Purpose;
use crate::sasl::server::{Exchange, Step};
use crate::sasl::{Failure, Mechanism, StoredKeys};
use crate::sasl_frame::{self, NotSasl, SaslElement};
use crate::time::Instant;
use crate::timer::Timer;

impl Server {
    /// What the client says before it is logged in; `exchange` is the mechanism that is under way.
    pub(super) fn on_sasl(
        &mut self,
        now: Instant,
        stranger: Stranger,
        exchange: Option<Exchange>,
        nonza: &Nonza,
    ) -> State {
        let step = match (SaslElement::read(nonza), exchange) {
            // RFC 6120 § 6.4.2: a second <auth/> takes the place of the first.
            (Ok(SaslElement::Auth { mechanism, data }), _) => {
                self.start(&mechanism, data.as_deref())
            }
            (Ok(SaslElement::Response(data)), Some(exchange)) => exchange.response(&data),
            // RFC 6120 § 6.5.1.
            (Ok(SaslElement::Abort), Some(_)) => Err(Failure::Aborted),
            // RFC 6120 § 6.5.5.
            (Err(NotSasl::Encoding(_)), _) => Err(Failure::IncorrectEncoding),
            // RFC 6120 § 6.5.8.
            (Ok(SaslElement::Response(_) | SaslElement::Abort), None)
            | (Err(NotSasl::Elements(_)), _) => Err(Failure::MalformedRequest),
            (Ok(other), _) => return self.give_up(now, Violation::OutOfOrder(other.name())),
            (Err(NotSasl::Unknown), _) => {
                return self.give_up(now, super::login::unexpected_nonza(nonza));
            }
        };
        self.on_sasl_step(now, stranger, step)
    }

    fn start(&mut self, mechanism: &str, initial: Option<&[u8]>) -> Result<Step, Failure> {
        let offered = Mechanism::from_name(mechanism)
            .filter(|mechanism| self.offered().any(|offered| offered == *mechanism))
            .ok_or(Failure::InvalidMechanism)?;
        let nonce = self.random.token(Purpose::ScramNonce);
        let binding = self.connection.channel_binding.clone().filter(|_| self.binds());
        Exchange::start(offered, initial, nonce, binding)
    }

    fn on_sasl_step(
        &mut self,
        now: Instant,
        stranger: Stranger,
        step: Result<Step, Failure>,
    ) -> State {
        match step {
            Ok(Step::Challenge(exchange, data)) => {
                self.stream.say(sasl_frame::challenge(&data));
                State::Authenticating { stranger, exchange }
            }
            Ok(Step::Lookup(exchange, lookup)) => {
                let serial = self.next_serial();
                let request = CredentialsRequest { lookup, host: stranger.host.clone(), serial };
                self.events.push(ServerEvent::CredentialsWanted(request));
                State::LookingUp { stranger, exchange, serial }
            }
            Ok(Step::CheckPassword(check)) => {
                let serial = self.next_serial();
                let request = PasswordRequest { check, host: stranger.host.clone(), serial };
                self.events.push(ServerEvent::PasswordPresented(request));
                State::Checking { stranger, serial }
            }
            Ok(Step::Success { username, authzid, data }) => {
                match authorize(&username, &stranger.host, authzid.as_deref()) {
                    Ok(account) => self.on_success(now, account, data.as_deref()),
                    Err(failure) => self.on_failure(now, stranger, failure),
                }
            }
            Ok(Step::External { authzid }) => {
                self.ask_identity(Mechanism::External, stranger, authzid)
            }
            Ok(Step::Anonymous { trace }) => {
                self.ask_identity(Mechanism::Anonymous, stranger, trace)
            }
            Err(failure) => self.on_failure(now, stranger, failure),
        }
    }

    fn ask_identity(
        &mut self,
        mechanism: Mechanism,
        stranger: Stranger,
        said: Option<String>,
    ) -> State {
        let serial = self.next_serial();
        // A guest acts as nobody else; only EXTERNAL says whom the client wants to act as.
        let authzid = said.clone().filter(|_| mechanism == Mechanism::External);
        let guest = self.random.token(Purpose::Resource);
        let request =
            IdentityRequest { mechanism, said, guest, host: stranger.host.clone(), serial };
        self.events.push(ServerEvent::IdentityWanted(request));
        State::Identifying { stranger, authzid, serial }
    }

    pub(super) fn answer_identity(
        &mut self,
        now: Instant,
        answer: u64,
        username: Option<&str>,
    ) -> Result<(), Misuse> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Identifying { stranger, authzid, serial } if serial == answer => {
                let step = match username {
                    Some(username) => {
                        Ok(Step::Success { username: username.into(), authzid, data: None })
                    }
                    None => Err(Failure::NotAuthorized),
                };
                self.state = self.on_sasl_step(now, stranger, step);
                Ok(())
            }
            state => {
                self.state = state;
                Err(Misuse::Stale)
            }
        }
    }

    pub(super) fn answer_credentials(
        &mut self,
        now: Instant,
        answer: u64,
        keys: Option<&StoredKeys>,
    ) -> Result<(), Misuse> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::LookingUp { stranger, exchange, serial } if serial == answer => {
                let step = exchange.credentials(keys, &self.config.decoy);
                self.state = self.on_sasl_step(now, stranger, step);
                Ok(())
            }
            state => {
                self.state = state;
                Err(Misuse::Stale)
            }
        }
    }

    pub(super) fn answer_password(
        &mut self,
        now: Instant,
        answer: PasswordAnswer,
    ) -> Result<(), Misuse> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Checking { stranger, serial } if serial == answer.serial => {
                let step = answer.verdict.into_step();
                self.state = self.on_sasl_step(now, stranger, step);
                Ok(())
            }
            state => {
                self.state = state;
                Err(Misuse::Stale)
            }
        }
    }

    pub(super) fn answer_denied(
        &mut self,
        now: Instant,
        answer: u64,
        failure: Failure,
    ) -> Result<(), Misuse> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::LookingUp { stranger, serial, .. }
            | State::Checking { stranger, serial }
            | State::Identifying { stranger, serial, .. }
                if serial == answer =>
            {
                self.state = self.on_failure(now, stranger, failure);
                Ok(())
            }
            state => {
                self.state = state;
                Err(Misuse::Stale)
            }
        }
    }

    fn on_success(&mut self, now: Instant, account: Jid, data: Option<&[u8]>) -> State {
        self.stream.say(sasl_frame::success(data));
        // RFC 7395 § 3.7: both streams are over, without <close/>.
        let mut header = super::login::header(&self.config, self.random.as_mut(), None);
        header.from = Some(account.domain().into());
        self.stream.restart(Some(header));
        self.stream.start(Timer::Open, now + self.config.limits.open);
        self.stream.set_max_message_bytes(self.config.limits.max_message_bytes);
        State::AwaitRestart { account }
    }

    fn on_failure(&mut self, now: Instant, mut stranger: Stranger, failure: Failure) -> State {
        self.stream.say(sasl_frame::failure(failure));
        stranger.failures += 1;
        // RFC 6120 § 6.4.5: a few tries, then the stream is over.
        if stranger.failures < self.config.limits.max_authentication_tries {
            State::AwaitAuth(stranger)
        } else {
            self.give_up(now, Violation::TooManyTries)
        }
    }
}

/// Who the client may act as: itself, and nobody else.
fn authorize(username: &str, host: &str, authzid: Option<&str>) -> Result<Jid, Failure> {
    let account =
        Jid::from_parts(Some(username), host, None).map_err(|_| Failure::NotAuthorized)?;
    match authzid.filter(|authzid| !authzid.is_empty()) {
        // RFC 6120 § 6.3.8: a bare address, compared as addresses are.
        Some(authzid) if authzid.parse::<Jid>().ok().as_ref() != Some(&account) => {
            Err(Failure::InvalidAuthzid)
        }
        _ => Ok(account),
    }
}
