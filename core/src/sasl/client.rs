//! The client's side of an exchange (RFC 6120 § 6.4).

use super::gs2::{BindingFlag, Gs2};
use super::mechanism::Kind;
use super::scram::client::{Deriving, FinalSent, FirstSent};
use super::{
    DerivedKeys, KeyDerivation, Mechanism, Password, SaslFault, SaslMisuse, anonymous, plain,
    prepare,
};
use crate::limits::ScramLimits;
use crate::sasl::ChannelBinding;

/// What a client begins an exchange with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Start<'a> {
    /// Who logs in, commonly the part of the address before the `@`. Not used by `EXTERNAL` and `ANONYMOUS`.
    pub username: &'a str,
    /// Whom to act as, if it is somebody else: a bare address (RFC 6120 § 6.3.8). Not used by `ANONYMOUS`.
    pub authzid: Option<&'a str>,
    /// The password, for `PLAIN` and SCRAM.
    pub password: Option<&'a Password>,
    /// This exchange's nonce, for SCRAM: printable ASCII without a comma, unguessable, never used twice.
    pub nonce: String,
    /// What the login can be bound to; a mechanism that [binds](Mechanism::binds) needs it.
    pub channel_binding: Option<&'a ChannelBinding>,
    /// Whether the server offered a mechanism that binds, be it one that cannot be used. Where it offered none, one
    /// that does not bind says that it could have been bound, so that a server whose offer was changed on the way
    /// notices (RFC 5802 § 6).
    pub server_binds: bool,
    /// What `ANONYMOUS` tells about who this might be.
    pub trace: Option<&'a str>,
}

impl<'a> Start<'a> {
    /// A start with nothing but a name and a nonce; the rest may be filled in.
    pub const fn new(username: &'a str, nonce: String) -> Self {
        Self {
            username,
            authzid: None,
            password: None,
            nonce,
            channel_binding: None,
            server_binds: false,
            trace: None,
        }
    }

    /// What to bind to and what to say of it, with a mechanism that binds or not.
    fn binding(&self, binds: bool) -> Result<(BindingFlag, &'a [u8]), SaslMisuse> {
        match (binds, self.channel_binding) {
            (true, Some(binding)) => {
                Ok((BindingFlag::Used(binding.name().to_owned()), binding.data()))
            }
            (true, None) => Err(SaslMisuse::NoChannelBinding),
            // RFC 5802 § 6: a client that could bind says `y` where the server offered no -PLUS mechanism. Where it
            // did, that would be the sign of an attack: XEP-0440 § 3 then has it say that it cannot.
            (false, Some(_)) if !self.server_binds => Ok((BindingFlag::Unused, &[])),
            (false, _) => Ok((BindingFlag::Unsupported, &[])),
        }
    }
}

/// One run of one mechanism, moved by value: an exchange that failed is gone.
#[derive(Debug)]
pub struct Exchange(State);

/// What is to be done about a challenge. Exhaustive on purpose.
#[derive(Debug)]
pub enum Step {
    /// Send these bytes (there may be none) as the response.
    Respond(Exchange, Vec<u8>),
    /// Run the derivation, or look its keys up, and go on with [`Exchange::derived`].
    Derive(Exchange, KeyDerivation),
}

impl Exchange {
    /// Begins: the exchange, and its initial response, which may be empty (`=` on the wire).
    ///
    /// All mechanisms here let the client speak first, so there always is one.
    pub fn start(
        mechanism: Mechanism,
        start: Start<'_>,
    ) -> Result<(Self, Option<Vec<u8>>), SaslMisuse> {
        // RFC 4422 § 3.4.1: an empty authorization identity is none.
        let authzid = start.authzid.filter(|authzid| !authzid.is_empty());
        if authzid.is_some_and(|authzid| authzid.contains('\0')) {
            return Err(SaslMisuse::Authzid);
        }
        let (state, message) = match mechanism.kind() {
            Kind::Scram { hash, binds } => {
                let (binding, channel) = start.binding(binds)?;
                let username = prepare::query(start.username).map_err(SaslMisuse::Username)?;
                let password = start.password.ok_or(SaslMisuse::NoPassword)?;
                let password = password.stored().map_err(SaslMisuse::Password)?;
                let authzid = authzid.map(str::to_owned);
                let gs2 = Gs2 { binding, authzid };
                let (state, message) =
                    FirstSent::start(hash, &gs2, channel, &username, password, start.nonce)?;
                (State::FirstSent(state), message)
            }
            Kind::Plain => {
                let username = prepare::query(start.username).map_err(SaslMisuse::Username)?;
                let password = start.password.ok_or(SaslMisuse::NoPassword)?;
                let password = password.query().map_err(SaslMisuse::Password)?;
                let message = plain::write(authzid, &username, &password.0);
                (State::Settled, message)
            }
            Kind::Anonymous => {
                let trace = start.trace.unwrap_or_default();
                if !anonymous::is_trace(trace) {
                    return Err(SaslMisuse::Trace);
                }
                (State::Settled, trace.as_bytes().to_vec())
            }
            Kind::External => {
                // RFC 4422 appendix A.2: the message is the authorization identity, or empty.
                let authzid = authzid.unwrap_or_default();
                (State::Settled, authzid.as_bytes().to_vec())
            }
        };
        Ok((Self(state), Some(message)))
    }

    /// Takes what came in `<challenge/>`.
    pub fn challenge(self, data: &[u8], limits: &ScramLimits) -> Result<Step, SaslFault> {
        match self.0 {
            State::FirstSent(state) => {
                let (state, derivation) = state.challenge(data, *limits)?;
                Ok(Step::Derive(Self(State::Deriving(state)), derivation))
            }
            // RFC 4422 § 5, 2b: final data may come as a challenge, and then the response is empty.
            State::FinalSent(state) => {
                state.verify(data)?;
                Ok(Step::Respond(Self(State::Settled), Vec::new()))
            }
            State::Deriving(_) | State::Settled => Err(SaslFault::UnexpectedChallenge),
        }
    }

    /// Goes on with derived keys, the answer to [`Step::Derive`]: the exchange, and its response.
    pub fn derived(self, keys: &DerivedKeys) -> Result<(Self, Vec<u8>), SaslMisuse> {
        match self.0 {
            State::Deriving(state) => {
                let (state, message) = state.derived(keys)?;
                Ok((Self(State::FinalSent(state)), message))
            }
            State::FirstSent(_) | State::FinalSent(_) | State::Settled => {
                Err(SaslMisuse::NoDerivation)
            }
        }
    }

    /// Takes `<success/>` with its data, if it has any; `Ok` if the server may say so.
    pub fn success(self, data: Option<&[u8]>) -> Result<(), SaslFault> {
        let data = data.filter(|data| !data.is_empty());
        match (self.0, data) {
            (State::Settled, None) => Ok(()),
            (State::Settled, Some(_)) => Err(SaslFault::UnexpectedData),
            (State::FinalSent(state), Some(data)) => state.verify(data),
            // RFC 5802 § 3: the server, too, has to prove that it knows the password.
            (State::FirstSent(_) | State::Deriving(_) | State::FinalSent(_), _) => {
                Err(SaslFault::MissingSignature)
            }
        }
    }
}

#[derive(Debug)]
enum State {
    /// SCRAM: the server's first message is due.
    FirstSent(FirstSent),
    /// SCRAM: the keys are being derived.
    Deriving(Deriving),
    /// SCRAM: the server's final message is due.
    FinalSent(FinalSent),
    /// All was said; a success without data is due.
    Settled,
}
