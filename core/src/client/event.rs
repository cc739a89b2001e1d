//! What a client tells its application.

use std::time::Duration;

use bytestring::ByteString;

use crate::ending::{AuthenticationFailure, Ending};
use crate::endpoint::{Target, Ticket, Undelivered};
use crate::error::{Misuse, Violation};
use crate::jid::Jid;
use crate::sasl::{DerivedKeys, KeyDerivation, Mechanism};
use crate::stanza::Stanza;
use crate::stanza_error::{StanzaCondition, StanzaError};
use crate::uri::Uri;

/// What a client tells its application. [`Ended`](Self::Ended) is the last, and comes exactly once.
#[derive(Debug)]
#[non_exhaustive]
pub enum ClientEvent {
    /// The account's domain has these endpoints (RFC 7395 § 4), of which the first that works is taken.
    Discovered(Vec<Target>),
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
    /// Logged in, with this address: stanzas can be sent. It is of the account's domain, and where the server knows the
    /// user by another name, or makes one up for a guest, of another user there than
    /// [`ClientConfig::account`](super::ClientConfig::account) says (RFC 6120 § 7.6.1);
    /// [`Client::jid`](super::Client::jid) has it, too. On a later connection it is another session than before: the
    /// server knows of no presence and no room, and what the former session was to get is lost.
    Bound(Jid),
    /// Logged in, and the session of before goes on (XEP-0198 § 5): presence, rooms and the roster are as they were,
    /// what the server had not taken is sent again, and what it sent meanwhile follows.
    Resumed,
    /// The server does not go on with the session of before, for this reason if it told one. What it did not take
    /// follows in [`Undelivered`](Self::Undelivered), and [`Bound`](Self::Bound) when there is a new session.
    ///
    /// It is not asked a second time: by then the server has ended the session. ejabberd 23.01 answers
    /// `item-not-found` after 15 s also for a session that it has, where that is held up by stanzas for a connection
    /// that broke; whoever asks again, at once or 20 s later, is told the same.
    NotResumed(Option<StanzaCondition>),
    /// The connection is lost, or could not be had; the client connects again by itself.
    Disconnected {
        /// Why.
        why: Ending,
        /// Whether the server keeps the session for a while, so that it may go on (XEP-0198 § 5). False, too, where
        /// going on with it is given up ([`Reconnect::max_fruitless_resumptions`](super::Reconnect)).
        resumable: bool,
        /// After which time the client tries again.
        again_in: Duration,
    },
    /// The server sent the client elsewhere (RFC 7395 § 3.6.1), and it goes there.
    Redirected(Uri),
    /// A message of the server's broke this rule, and was passed over for
    /// [`Tolerance::ill_formed_stanzas`](crate::tolerance::Tolerance::ill_formed_stanzas). Here it is as it came.
    Discarded {
        /// The rule.
        violation: Violation,
        /// The message.
        text: ByteString,
    },
    /// An element that is no stanza, and yet addressed like one: what belongs to a stream is not. Some servers relay
    /// such a one from one user to another (Tigase does). Here it is as it came; it is never obeyed, be it `<close/>`,
    /// an error or an acknowledgement.
    Ignored(ByteString),
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
    /// unknown. It is not sent again by the library.
    Unconfirmed(Ticket),
    /// These stanzas did not get to the server, or it did not say so; here they are again, in order. They are not
    /// sent again by the library. Where connection after connection ended before the server acknowledged any of them
    /// ([`Reconnect::max_fruitless_resumptions`](super::Reconnect)), the first may be what it cannot take.
    Undelivered(Vec<Undelivered>),
    /// It is over. [`Ending::is_transient`] says whether another client may fare better.
    Ended(Ending),
}

/// What a request of one's own came to.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
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

/// A password that was not used: the stream no longer waits for it ([`Misuse::Stale`]), or it cannot be prepared
/// ([`Misuse::Sasl`]). Then another may be tried, for the request comes back.
#[derive(Debug, thiserror::Error)]
#[error("the password was not used: {why}")]
#[non_exhaustive]
pub struct NotEntered {
    /// Why.
    pub why: Misuse,
    /// The request that it was to answer.
    pub request: Box<PasswordRequest>,
}

impl From<NotEntered> for Misuse {
    fn from(error: NotEntered) -> Self {
        error.why
    }
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
#[must_use]
pub struct KeyAnswer {
    pub(super) keys: DerivedKeys,
    pub(super) serial: u64,
}
