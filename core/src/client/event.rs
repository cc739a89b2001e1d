//! What a client tells its application.

use crate::ending::{AuthenticationFailure, Ending};
use crate::endpoint::{Ticket, Undelivered};
use crate::jid::Jid;
use crate::sasl::{DerivedKeys, KeyDerivation, Mechanism};
use crate::stanza::Stanza;
use crate::stanza_error::StanzaError;

/// What a client tells its application. [`Ended`](Self::Ended) is the last, and comes exactly once.
#[derive(Debug)]
#[non_exhaustive]
pub enum ClientEvent {
    /// The WebSocket is open.
    Connected {
        /// Whether nobody on the way can read or change what is sent.
        secure: bool,
    },
    /// A password is needed; answered by [`Client::password`](super::Client::password).
    PasswordWanted(PasswordRequest),
    /// A key has to be derived from the password, which takes a while; answered by
    /// [`Client::keys`](super::Client::keys). A driver does it by itself unless it was told not to.
    KeysWanted(KeyRequest),
    /// Logged in, with this address: stanzas can be sent.
    Bound(Jid),
    /// A stanza from the server.
    Stanza(Stanza),
    /// The answer to [`Client::iq`](super::Client::iq).
    Reply {
        /// The request's ticket.
        ticket: Ticket,
        /// What it came to.
        reply: Reply,
    },
    /// The server has taken charge of a stanza (XEP-0198).
    Acked(Ticket),
    /// A stanza was written to a server that does not say what becomes of it: without stream management its fate is
    /// unknown.
    Unconfirmed(Ticket),
    /// These stanzas were never written; here they are again, in order.
    Undelivered(Vec<Undelivered>),
    /// It is over.
    Ended(Ending),
}

/// What a request of one's own came to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reply {
    /// An `iq` of type `result`.
    Result(Stanza),
    /// An `iq` of type `error`, and the error in it.
    Error(Stanza, StanzaError),
    /// None came within [`Limits::iq_reply`](crate::limits::Limits::iq_reply), or before the end.
    None,
}

/// Asks for the password; to be answered once. While it is not, the login waits, no longer than
/// [`Limits::negotiate`](crate::limits::Limits::negotiate).
#[derive(Debug)]
#[non_exhaustive]
pub struct PasswordRequest {
    /// What the password will be used in.
    pub mechanism: Mechanism,
    /// Why it is asked for again.
    pub failure: Option<AuthenticationFailure>,
    pub(super) serial: u64,
}

/// Asks for keys to be derived from the password; to be answered once.
#[derive(Debug)]
pub struct KeyRequest {
    pub(super) derivation: KeyDerivation,
    pub(super) serial: u64,
}

impl KeyRequest {
    /// The derivation: what it takes, to look up keys that were kept, or to run it where it bothers nobody.
    pub fn derivation(&self) -> &KeyDerivation {
        &self.derivation
    }

    /// Answers with keys that were derived before, of the same password, hash, salt and iterations; with others the
    /// server refuses the login.
    pub fn answer(self, keys: DerivedKeys) -> KeyAnswer {
        KeyAnswer { keys, serial: self.serial }
    }

    /// Derives the keys. It takes as long as the server's iterations take, up to a second.
    pub fn run(self) -> KeyAnswer {
        KeyAnswer { keys: self.derivation.run(), serial: self.serial }
    }
}

/// The answer to a [`KeyRequest`].
#[derive(Debug)]
pub struct KeyAnswer {
    pub(super) keys: DerivedKeys,
    pub(super) serial: u64,
}
