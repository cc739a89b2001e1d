//! What a server's side of one connection tells its application, and the requests that it has to decide.
//!
//! A request is a token: it is answered once, for it is taken by value, and when the application likes, for nothing
//! else happens on that stream meanwhile. It must be answered to the endpoint that it came from.

use crate::ending::Ending;
use crate::endpoint::{Ticket, Undelivered};
use crate::error::Misuse;
use crate::jid::{Jid, JidError};
use crate::outbox::Fate;
use crate::sasl::server::{Lookup, PasswordCheck, Verdict};
use crate::sasl::{DecoySecret, Hash, Mechanism, StoredKeys};
use crate::sm::Suspended;
use crate::stanza::Stanza;

/// What a server's side of one connection tells its application. [`Ended`](Self::Ended) is the last, and comes
/// exactly once.
///
/// A service that is for one host, whose users log in by password:
///
/// ```
/// use xmpp_ws::condition::Condition;
/// use xmpp_ws::error::Misuse;
/// use xmpp_ws::sasl::{DecoySecret, Failure, Hash, StoredKeys};
/// use xmpp_ws::server::{Server, ServerEvent};
/// use xmpp_ws::stream_error::StreamError;
/// use xmpp_ws::time::Instant;
///
/// struct Service {
///     host: String,
///     users: Vec<(String, StoredKeys)>,
///     /// The same as in the server's configuration.
///     decoy: DecoySecret,
/// }
///
/// impl Service {
///     fn on_event(&self, server: &mut Server, now: Instant, event: ServerEvent) -> Result<(), Misuse> {
///         match event {
///             ServerEvent::OpenRequested(request) if request.to.as_str() == self.host => server.accept(now, request),
///             ServerEvent::OpenRequested(request) => {
///                 Ok(server.refuse(now, request, StreamError::new(Condition::HostUnknown))?)
///             }
///             ServerEvent::CredentialsWanted(request) => {
///                 let keys = self.keys(request.username(), Some(request.hash()));
///                 server.credentials(now, request, keys)
///             }
///             // It takes a while, which a service with many connections spends in another thread.
///             ServerEvent::PasswordPresented(request) => {
///                 let keys = self.keys(request.username(), None);
///                 server.authenticate(now, request.verify(keys, &self.decoy))
///             }
///             ServerEvent::IdentityWanted(request) => server.deny(now, request, Failure::NotAuthorized),
///             ServerEvent::BindRequested(request) => server.bind(now, request),
///             ServerEvent::Stanza(stanza) => {
///                 println!("{}", stanza.xml());
///                 Ok(())
///             }
///             // Sessions that can be resumed are offered only where they are kept: see `SessionStore`.
///             _ => Ok(()),
///         }
///     }
///
///     fn keys(&self, username: &str, hash: Option<Hash>) -> Option<&StoredKeys> {
///         let is_wanted = |keys: &StoredKeys| hash.is_none_or(|hash| keys.hash() == hash);
///         let mut users = self.users.iter();
///         users.find(|(name, keys)| name == username && is_wanted(keys)).map(|(_, keys)| keys)
///     }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum ServerEvent {
    /// A client wants to open a stream; answered by [`Server::accept`](super::Server::accept),
    /// [`Server::refuse`](super::Server::refuse) or [`Server::redirect`](super::Server::redirect).
    OpenRequested(OpenRequest),
    /// A client logs in by SCRAM; answered by [`Server::credentials`](super::Server::credentials).
    CredentialsWanted(CredentialsRequest),
    /// A client logs in by PLAIN; answered by [`Server::authenticate`](super::Server::authenticate).
    PasswordPresented(PasswordRequest),
    /// A client logs in by EXTERNAL or ANONYMOUS; answered by [`Server::identify`](super::Server::identify).
    IdentityWanted(IdentityRequest),
    /// A client wants a resource; answered by [`Server::bind`](super::Server::bind) or
    /// [`Server::refuse_bind`](super::Server::refuse_bind).
    BindRequested(BindRequest),
    /// A client that is logged in wants to go on with a session (XEP-0198 § 5); answered by
    /// [`Server::resume`](super::Server::resume) or [`Server::refuse_resume`](super::Server::refuse_resume).
    ResumeRequested(ResumeRequest),
    /// The client can resume its session by this name from now on (XEP-0198 § 3), also while this connection is still
    /// there: then the session is [detached](super::Server::detach).
    Resumable {
        /// The [`Suspended::id`] that the session will have.
        id: String,
    },
    /// Whether somebody looks at the bound client (XEP-0352); what can wait may be held back while nobody does. It is
    /// active when it binds, and when it resumes its session.
    ClientState {
        /// Whether it is active.
        active: bool,
    },
    /// A stanza from the bound client. Its `from` is absent or the client's own: the application puts the client's
    /// full address there before it passes the stanza on (RFC 6120 § 8.1.2.1), as [`Stanza::relayed`] does.
    Stanza(Stanza),
    /// The client has taken charge of a stanza (XEP-0198).
    Acked(Ticket),
    /// A stanza was written to a client that does not say what becomes of it: its fate is unknown.
    Unconfirmed(Ticket),
    /// These stanzas were never written, or the client has not acknowledged them; here they are again, in order.
    Undelivered(Vec<Undelivered>),
    /// The bound client has ended its session: its `<close/>` or a stream error came, or it broke the protocol and was
    /// told so, or it was silent for too long. Nothing can be sent to it and nothing comes from it any more, and the
    /// session is over; [`Ended`](Self::Ended) follows when the connection is gone.
    ///
    /// It does not come for an end that the application began, nor where the connection just breaks, nor before
    /// [`Suspended`](Self::Suspended).
    Closing,
    /// The connection is gone and the client may come back (XEP-0198 § 5): here is its session, with all that it is
    /// not known to have. Only [`Ended`](Self::Ended) follows.
    ///
    /// It comes when the connection broke or was closed without the client's `<close/>`, and when the client did not
    /// answer or read in time, or says that this of us. After anything else the session is over: `<close/>` of
    /// either side, a stream error because of what the client did or of the application's own, being sent elsewhere.
    Suspended(Box<Suspended>),
    /// It is over.
    Ended(Ending),
}

/// A client wants to open a stream to a host.
#[derive(Debug)]
#[non_exhaustive]
pub struct OpenRequest {
    /// The host that it asks for, prepared.
    pub to: Jid,
    /// Who it says it is, if it says so. Nothing stands behind it yet.
    pub from: Option<Jid>,
    /// The language it would like.
    pub language: Option<String>,
    /// Whether nobody on the way can read or change what is sent.
    pub secure: bool,
    pub(super) serial: u64,
}

/// A stream that was not refused: the error cannot be written ([`Misuse::Unwritable`], [`Misuse::Xml`]), and another
/// may be given, for the request comes back; or the stream no longer waits for an answer ([`Misuse::Stale`]).
#[derive(Debug, thiserror::Error)]
#[error("the stream was not refused: {why}")]
#[non_exhaustive]
pub struct NotRefused {
    /// Why.
    pub why: Misuse,
    /// The request that it was to answer.
    pub request: Box<OpenRequest>,
}

impl From<NotRefused> for Misuse {
    fn from(error: NotRefused) -> Self {
        error.why
    }
}

/// A client logs in by SCRAM: who it is said to be, and for which hash the keys are needed.
#[derive(Debug)]
pub struct CredentialsRequest {
    pub(super) lookup: Lookup,
    pub(super) host: String,
    pub(super) serial: u64,
}

impl CredentialsRequest {
    /// Who wants to log in, prepared with SASLprep.
    pub fn username(&self) -> &str {
        &self.lookup.username
    }

    /// The host that it wants to log in to.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The mechanism, which tells whether the login [binds](Mechanism::binds) to the channel.
    pub fn mechanism(&self) -> Mechanism {
        self.lookup.mechanism
    }

    /// The hash that the keys have to be for.
    pub fn hash(&self) -> Hash {
        self.lookup.hash
    }
}

/// A client logs in by PLAIN: who it is said to be, and the password to check.
#[derive(Debug)]
pub struct PasswordRequest {
    pub(super) check: PasswordCheck,
    pub(super) host: String,
    pub(super) serial: u64,
}

impl PasswordRequest {
    /// Who wants to log in, prepared with SASLprep.
    pub fn username(&self) -> &str {
        self.check.username()
    }

    /// The host that it wants to log in to.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The password, for an application that asks somebody else.
    pub fn password(&self) -> &str {
        self.check.password()
    }

    /// Checks the password with the stored keys of this user; `None`: there is no such user. It takes as long as
    /// the keys' iterations take, for a user that does not exist too.
    pub fn verify(self, keys: Option<&StoredKeys>, decoy: &DecoySecret) -> PasswordAnswer {
        let verdict = self.check.verify(keys, decoy);
        PasswordAnswer { verdict, serial: self.serial }
    }

    /// The password is right.
    pub fn accept(self) -> PasswordAnswer {
        PasswordAnswer { verdict: self.check.accept(), serial: self.serial }
    }

    /// The password is wrong, or there is no such user: the client is told the same.
    pub fn reject(self) -> PasswordAnswer {
        PasswordAnswer { verdict: self.check.reject(), serial: self.serial }
    }
}

/// The answer to a [`PasswordRequest`].
#[derive(Debug)]
#[must_use]
pub struct PasswordAnswer {
    pub(super) verdict: Verdict,
    pub(super) serial: u64,
}

/// A client logs in without a password: something below SASL says who it is, or it is a guest.
#[derive(Debug)]
pub struct IdentityRequest {
    pub(super) mechanism: Mechanism,
    pub(super) said: Option<String>,
    pub(super) guest: String,
    pub(super) host: String,
    pub(super) serial: u64,
}

impl IdentityRequest {
    /// [`Mechanism::External`]: see [`Connection::peer_certificate`](crate::endpoint::Connection::peer_certificate)
    /// for what proves the identity. [`Mechanism::Anonymous`]: a guest.
    pub fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// What the client says about itself: with EXTERNAL whom it wants to act as, with ANONYMOUS anything. Nothing
    /// stands behind it.
    pub fn said(&self) -> Option<&str> {
        self.said.as_deref()
    }

    /// The host that it wants to log in to.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// A fresh random username for a guest.
    pub fn guest(&self) -> &str {
        &self.guest
    }
}

/// Any of the requests that a login makes.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoginRequest {
    /// By SCRAM.
    Credentials(CredentialsRequest),
    /// By PLAIN.
    Password(PasswordRequest),
    /// By EXTERNAL or ANONYMOUS.
    Identity(IdentityRequest),
}

impl LoginRequest {
    pub(super) fn serial(&self) -> u64 {
        match self {
            Self::Credentials(request) => request.serial,
            Self::Password(request) => request.serial,
            Self::Identity(request) => request.serial,
        }
    }
}

impl From<CredentialsRequest> for LoginRequest {
    fn from(request: CredentialsRequest) -> Self {
        Self::Credentials(request)
    }
}

impl From<PasswordRequest> for LoginRequest {
    fn from(request: PasswordRequest) -> Self {
        Self::Password(request)
    }
}

impl From<IdentityRequest> for LoginRequest {
    fn from(request: IdentityRequest) -> Self {
        Self::Identity(request)
    }
}

/// A client that is logged in wants a resource.
#[derive(Debug)]
pub struct BindRequest {
    pub(super) jid: Jid,
    pub(super) asked: bool,
    pub(super) request: Stanza,
    pub(super) serial: u64,
}

impl BindRequest {
    /// The full address that it would have: with the resource that it asked for, or with a random one.
    pub fn jid(&self) -> &Jid {
        &self.jid
    }

    /// Whether the client asked for this very resource.
    pub fn is_asked_for(&self) -> bool {
        self.asked
    }

    /// The same request with another resource of the application's choice (RFC 6120 § 7.7).
    pub fn with_resource(mut self, resource: &str) -> Result<Self, JidError> {
        self.jid = self.jid.with_resource(resource)?;
        Ok(self)
    }
}

/// A client that is logged in wants to go on with a session, in place of a resource (XEP-0198 § 5).
#[derive(Debug)]
pub struct ResumeRequest {
    pub(super) account: Jid,
    pub(super) previd: String,
    pub(super) serial: u64,
}

impl ResumeRequest {
    /// Who is logged in: the bare address whose session it must be.
    pub fn account(&self) -> &Jid {
        &self.account
    }

    /// Which session it wants, by its [`Suspended::id`]. The client may have made it up.
    pub fn previd(&self) -> &str {
        &self.previd
    }
}

/// A session that [`Server::detach`](super::Server::detach) took from a connection that is still there.
#[derive(Debug)]
#[non_exhaustive]
pub struct Detached {
    /// The session, for another connection.
    pub session: Box<Suspended>,
    /// The events that were not taken yet, in order. Their stanzas count as handled in the session, so they are to be
    /// handled before what the client says over its next connection.
    pub events: Vec<ServerEvent>,
}

/// A session that could not be resumed, handed back.
#[derive(Debug, thiserror::Error)]
#[error("the session was not resumed: {why}")]
#[non_exhaustive]
pub struct NotResumed {
    /// Why.
    pub why: Misuse,
    /// The session as it was given.
    pub session: Box<Suspended>,
}

impl From<NotResumed> for Misuse {
    fn from(error: NotResumed) -> Self {
        error.why
    }
}

impl From<Fate> for ServerEvent {
    fn from(fate: Fate) -> Self {
        match fate {
            Fate::Acked(ticket) => Self::Acked(ticket),
            Fate::Unconfirmed(ticket) => Self::Unconfirmed(ticket),
        }
    }
}
