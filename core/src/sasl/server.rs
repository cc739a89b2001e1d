//! The server's side of an exchange (RFC 6120 § 6.4).

pub use super::check::{PasswordCheck, Verdict};
use super::mechanism::Kind;
use super::plain::Message;
use super::scram::server::{FirstReceived, FirstSent};
use super::{DecoySecret, Failure, Hash, Mechanism, StoredKeys, anonymous, external};
use crate::sasl::ChannelBinding;

/// One run of one mechanism, moved by value: an exchange that failed is gone.
#[derive(Debug)]
pub struct Exchange(State);

/// What is to be done next. Exhaustive on purpose.
#[derive(Debug)]
pub enum Step {
    /// Send these bytes (there may be none) as a challenge, and go on with [`Exchange::response`].
    Challenge(Exchange, Vec<u8>),
    /// Look the user's keys up, and go on with [`Exchange::credentials`].
    Lookup(Exchange, Lookup),
    /// Check the password; [`Verdict::into_step`] tells how it ends.
    CheckPassword(PasswordCheck),
    /// See whether something below SASL, such as TLS, proved who this is.
    External {
        /// Whom the client wants to act as, if it said so.
        authzid: Option<String>,
    },
    /// See whether strangers are welcome, and make an identity up.
    Anonymous {
        /// Who the client says it might be. Nothing stands behind it.
        trace: Option<String>,
    },
    /// The client is who it says. Whether it may act as `authzid` is for the application to tell.
    Success {
        /// Who it is, prepared with SASLprep.
        username: String,
        /// Whom it wants to act as, if it is somebody else; as it was sent.
        authzid: Option<String>,
        /// What to send with the success.
        data: Option<Vec<u8>>,
    },
}

/// Whose keys are needed.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Lookup {
    /// Who wants to log in, prepared with SASLprep.
    pub username: String,
    /// The mechanism that is under way.
    pub mechanism: Mechanism,
    /// The hash that the keys have to be for.
    pub hash: Hash,
    /// Whom the client wants to act as, if it is somebody else; as it was sent.
    pub authzid: Option<String>,
}

impl Exchange {
    /// Begins with the initial response, if `<auth/>` had one; `nonce` is the server's part for SCRAM, `binding` what
    /// the login can be bound to, if a mechanism that [binds](Mechanism::binds) was offered.
    ///
    /// The nonce is printable ASCII without a comma, unguessable and never used twice: anything else ends in
    /// [`Failure::TemporaryAuthFailure`].
    pub fn start(
        mechanism: Mechanism,
        initial: Option<&[u8]>,
        nonce: String,
        binding: Option<ChannelBinding>,
    ) -> Result<Step, Failure> {
        let begun = Begun { mechanism, nonce, binding };
        match (initial, mechanism) {
            (Some(data), _) => begun.first(data),
            // Clients send `ANONYMOUS` without even `=` (strophe.js, xmpp.js), and Prosody and ejabberd take it for
            // an empty message: a challenge could say nothing more.
            (None, Mechanism::Anonymous) => Ok(Step::Anonymous { trace: None }),
            // RFC 4422 § 5, 2a: the server asks for the first message with an empty challenge.
            (None, _) => Ok(Step::Challenge(Self(State::Challenged(begun)), Vec::new())),
        }
    }

    /// Takes what came in `<response/>`.
    pub fn response(self, data: &[u8]) -> Result<Step, Failure> {
        match self.0 {
            State::Challenged(begun) => begun.first(data),
            State::FirstSent(state) => {
                let finished = state.response(data)?;
                Ok(Step::Success {
                    username: finished.username,
                    authzid: finished.authzid,
                    data: Some(finished.message),
                })
            }
            // No challenge was sent that this could answer.
            State::FirstReceived(_) => Err(Failure::MalformedRequest),
        }
    }

    /// Goes on with the user's keys, the answer to [`Step::Lookup`]; `None` if there is no such user.
    ///
    /// Without keys (or with those of another hash) the exchange goes on with a decoy, and fails at its end
    /// exactly as with a wrong password, after the same work.
    pub fn credentials(
        self,
        keys: Option<&StoredKeys>,
        decoy: &DecoySecret,
    ) -> Result<Step, Failure> {
        match self.0 {
            State::FirstReceived(state) => {
                let (state, message) = state.credentials(keys, decoy);
                Ok(Step::Challenge(Self(State::FirstSent(state)), message))
            }
            // Nobody asked: the fault is on this side.
            State::Challenged(_) | State::FirstSent(_) => Err(Failure::TemporaryAuthFailure),
        }
    }
}

#[derive(Debug)]
enum State {
    /// An empty challenge was sent; what could have been the initial response is due.
    Challenged(Begun),
    /// SCRAM: the keys are being looked up.
    FirstReceived(FirstReceived),
    /// SCRAM: the client's final message is due.
    FirstSent(FirstSent),
}

/// What an exchange begins with.
#[derive(Debug)]
struct Begun {
    mechanism: Mechanism,
    nonce: String,
    binding: Option<ChannelBinding>,
}

impl Begun {
    /// Takes the client's first message.
    fn first(self, data: &[u8]) -> Result<Step, Failure> {
        match self.mechanism.kind() {
            Kind::Scram { hash, binds } => {
                let binding = self.binding.as_ref();
                let state = FirstReceived::start(hash, binds, binding, data, &self.nonce)?;
                let lookup = Lookup {
                    username: state.username().to_owned(),
                    mechanism: self.mechanism,
                    hash: state.hash(),
                    authzid: state.authzid().map(str::to_owned),
                };
                Ok(Step::Lookup(Exchange(State::FirstReceived(state)), lookup))
            }
            Kind::Plain => PasswordCheck::new(&Message::parse(data)?).map(Step::CheckPassword),
            Kind::Anonymous => anonymous::parse(data).map(|trace| Step::Anonymous { trace }),
            Kind::External => external::parse(data).map(|authzid| Step::External { authzid }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DecoySecret, Exchange, Failure, Mechanism, Step, StoredKeys};
    use crate::sasl::Password;
    use crate::sasl::hash::work;

    const FINAL: &[u8] = b"c=biws,r=clientserver,p=AAAA";

    fn keys(mechanism: Mechanism) -> StoredKeys {
        let hash = mechanism.scram_hash().unwrap_or(super::Hash::Sha256);
        StoredKeys::derive(hash, &Password::new("pencil"), vec![1; 16], 50).unwrap()
    }

    /// The rounds of hashing that each answer to the client costs.
    fn cost(mechanism: Mechanism, keys: Option<&StoredKeys>, decoy: &DecoySecret) -> Vec<u64> {
        let first: &[u8] = match mechanism {
            Mechanism::Plain => b"\0user\0wrong",
            _ => b"n,,n=user,r=client",
        };
        let step = Exchange::start(mechanism, Some(first), "server".to_owned(), None);
        match step {
            Ok(Step::CheckPassword(check)) => {
                let (verdict, rounds) = work::of(|| check.verify(keys, decoy));
                assert_eq!(verdict.into_step().err(), Some(Failure::NotAuthorized));
                vec![rounds]
            }
            Ok(Step::Lookup(exchange, _)) => {
                let (step, first) = work::of(|| exchange.credentials(keys, decoy));
                let Ok(Step::Challenge(exchange, _)) = step else { panic!("{step:?}") };
                let (step, last) = work::of(|| exchange.response(FINAL));
                assert_eq!(step.err(), Some(Failure::NotAuthorized));
                vec![first, last]
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_unknown_user_costs_as_much_as_a_wrong_password() {
        for mechanism in
            [Mechanism::Plain, Mechanism::ScramSha1, Mechanism::ScramSha256, Mechanism::ScramSha512]
        {
            let keys = keys(mechanism);
            let decoy = DecoySecret::new([1; 32]).shaped_like(&keys);
            let known = cost(mechanism, Some(&keys), &decoy);
            assert_eq!(cost(mechanism, None, &decoy), known);
            assert!(known.iter().all(|rounds| *rounds > 0), "{known:?}");
        }
    }
}
