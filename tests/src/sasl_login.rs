//! A whole SASL exchange, client against server, with nothing in between.

use xmpp_ws::limits::ScramLimits;
use xmpp_ws::sasl::client::{self, Start};
use xmpp_ws::sasl::server::{self, Step};
use xmpp_ws::sasl::{
    ChannelBinding, DecoySecret, Failure, Mechanism, SaslFault, SaslMisuse, StoredKeys,
};

/// A server with at most one user, and what it does where the standards leave a choice.
#[derive(Clone, Debug)]
pub struct Server<'a> {
    /// The user's name, prepared, and keys.
    pub user: Option<(&'a str, &'a StoredKeys)>,
    /// What others get.
    pub decoy: DecoySecret,
    /// The server's part of the nonce.
    pub nonce: &'a str,
    /// What can be bound to, where that is offered.
    pub binding: Option<ChannelBinding>,
    /// Whether the initial response is thrown away, so that the server has to ask for it.
    pub asks_first: bool,
    /// Whether final data is sent as a challenge before the success.
    pub challenges_last: bool,
}

/// How an exchange ended.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// Both sides are content: who logged in, and whom it wants to act as.
    Success(Option<String>, Option<String>),
    /// The client could not begin.
    Misuse(SaslMisuse),
    /// The client found fault with the server.
    Fault(SaslFault),
    /// The server refused.
    Failure(Failure),
}

impl From<SaslMisuse> for Outcome {
    fn from(misuse: SaslMisuse) -> Self {
        Self::Misuse(misuse)
    }
}

impl From<SaslFault> for Outcome {
    fn from(fault: SaslFault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Limits that take any number of iterations, so that tests are quick.
pub fn any_iterations() -> ScramLimits {
    let mut limits = ScramLimits::default();
    limits.min_iterations = 1;
    limits
}

/// Runs an exchange to its end.
pub fn login(mechanism: Mechanism, start: Start<'_>, server: &Server<'_>) -> Outcome {
    run(mechanism, start, server).unwrap_or_else(|outcome| outcome)
}

fn run(mechanism: Mechanism, start: Start<'_>, server: &Server<'_>) -> Result<Outcome, Outcome> {
    let limits = any_iterations();
    let (mut client, mut initial) = client::Exchange::start(mechanism, start)?;
    let first = if server.asks_first { None } else { initial.take() };
    let (nonce, binding) = (server.nonce.to_owned(), server.binding.clone());
    let mut step = server::Exchange::start(mechanism, first.as_deref(), nonce, binding)?;
    loop {
        step = match step {
            Step::Challenge(exchange, data) => {
                let response = if let Some(initial) = initial.take() {
                    assert!(data.is_empty(), "the server asks for the first message with nothing");
                    initial
                } else {
                    match client.challenge(&data, &limits)? {
                        client::Step::Respond(next, response) => {
                            client = next;
                            response
                        }
                        client::Step::Derive(next, derivation) => {
                            let response;
                            (client, response) = next.derived(&derivation.run())?;
                            response
                        }
                    }
                };
                exchange.response(&response)?
            }
            Step::Lookup(exchange, lookup) => {
                let keys = server.user.filter(|(name, _)| *name == lookup.username);
                exchange.credentials(keys.map(|(_, keys)| keys), &server.decoy)?
            }
            Step::CheckPassword(check) => {
                let keys = server.user.filter(|(name, _)| *name == check.username());
                check.verify(keys.map(|(_, keys)| keys), &server.decoy).into_step()?
            }
            Step::External { authzid } => {
                client.success(None)?;
                return Ok(Outcome::Success(None, authzid));
            }
            Step::Anonymous { trace } => {
                client.success(None)?;
                return Ok(Outcome::Success(trace, None));
            }
            Step::Success { username, authzid, data } => {
                match data {
                    Some(data) if server.challenges_last => {
                        let client::Step::Respond(client, response) =
                            client.challenge(&data, &limits)?
                        else {
                            return Err(Outcome::Fault(SaslFault::UnexpectedChallenge));
                        };
                        assert!(response.is_empty(), "nothing is left to be said");
                        client.success(None)?;
                    }
                    data => client.success(data.as_deref())?,
                }
                return Ok(Outcome::Success(Some(username), authzid));
            }
        };
    }
}
