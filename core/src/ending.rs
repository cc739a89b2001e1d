//! Why a stream is over.

use crate::condition::Condition;
use crate::discovery::DiscoveryError;
use crate::endpoint::{DialError, DialErrorKind};
use crate::error::Violation;
use crate::sasl::{Failure, SaslMisuse};
use crate::stanza_error::{ErrorKind, StanzaError};
use crate::stream_error::{StreamError, Text};
use crate::timer::Timer;

/// Why an endpoint is over. Told once, last.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Ending {
    /// Both sides said `<close/>` (RFC 7395 § 3.6), or the peer went away after saying it.
    #[error("the stream was closed")]
    Clean,
    /// The peer broke the protocol and was told so.
    #[error("the peer broke the protocol: {0}")]
    Violated(Violation),
    /// The peer ended the stream with an error.
    #[error("the peer ended the stream with an error: {0}")]
    PeerError(StreamError),
    /// The application ended the stream with an error.
    #[error("the stream was ended with an error: {0}")]
    OwnError(StreamError),
    /// RFC 7395 § 3.6.1: the server said that it is elsewhere. The address is as it was sent; a client that follows
    /// it must not go to a lower security level.
    #[error("the server is to be found at {0}")]
    Redirected(String),
    /// The WebSocket could not be opened.
    #[error("no connection: {0}")]
    NotConnected(DialError),
    /// The account's domain names no endpoint (RFC 7395 § 4).
    #[error("no endpoint: {0}")]
    NotFound(DiscoveryError),
    /// The server offers no mechanism that may be used here; these are the ones it offers.
    #[error("none of the server's mechanisms can be used here: {}", .0.join(" "))]
    NoMechanism(Vec<String>),
    /// The name or the password cannot be used in the mechanism.
    #[error("the credentials cannot be used: {0}")]
    UnusableCredentials(SaslMisuse),
    /// The server refused the login.
    #[error(transparent)]
    NotAuthenticated(AuthenticationFailure),
    /// The server refused to bind a resource.
    #[error("the server refused to bind a resource: {0}")]
    NotBound(StanzaError),
    /// The connection broke without `<close/>` (RFC 7395 § 3.6).
    #[error("the connection was lost")]
    Lost {
        /// The code of the peer's close frame (RFC 6455 § 7.4), where one came: it may say why.
        code: Option<u16>,
    },
    /// The peer did not do in time what was due.
    #[error("the peer took too long: {0}")]
    TimedOut(Timer),
    /// The application gave up before there was a stream.
    #[error("given up before the stream was open")]
    GivenUp,
}

impl Ending {
    /// Whether the same client, begun again after a while, may well get further: the cause may pass by itself, such as
    /// a host that cannot be reached, a server that is being restarted, or one that says itself that it is for now
    /// only. After any other end it takes somebody who changes something, as a wrong password does.
    ///
    /// After such an end a client connects again by itself, where it [is to](crate::client::Reconnect).
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Lost { .. } | Self::TimedOut(_) | Self::Violated(_) | Self::NotFound(_) => true,
            Self::PeerError(error) => is_transient_error(error.condition()),
            Self::NotConnected(error) => is_transient_dial(error.kind),
            // RFC 6120 § 6.5.10: the one failure that is not the client's.
            Self::NotAuthenticated(failure) => failure.condition() == Failure::TemporaryAuthFailure,
            // RFC 6120 § 8.3.2: it says itself that waiting helps.
            Self::NotBound(error) => error.kind == Some(ErrorKind::Wait),
            Self::Clean
            | Self::OwnError(_)
            | Self::Redirected(_)
            | Self::NoMechanism(_)
            | Self::UnusableCredentials(_)
            | Self::GivenUp => false,
        }
    }

    /// The reason why the stream is being ended already; `other` where that was only one's own wish.
    pub(crate) fn unless_clean(self, other: Self) -> Self {
        if self == Self::Clean { other } else { self }
    }

    /// The reason why the stream is being ended already; `other` where none was told yet.
    pub(crate) fn unless_lost(self, other: Self) -> Self {
        if matches!(self, Self::Lost { .. } | Self::Clean) { other } else { self }
    }
}

/// After the others the account's other session took over, or the server does not want this client, or not here.
fn is_transient_error(condition: Condition) -> bool {
    matches!(
        condition,
        Condition::SystemShutdown
            | Condition::Reset
            | Condition::ConnectionTimeout
            | Condition::InternalServerError
            | Condition::ResourceConstraint
            | Condition::RemoteConnectionFailed
            | Condition::UndefinedCondition
            // What we sent was taken for wrong: it may have been one stanza, which is not sent again for ever.
            | Condition::BadFormat
            | Condition::NotWellFormed
            | Condition::InvalidXml
            | Condition::UnsupportedStanzaType
    )
}

fn is_transient_dial(kind: DialErrorKind) -> bool {
    match kind {
        DialErrorKind::Unreachable
        | DialErrorKind::TimedOut
        | DialErrorKind::Http
        // A portal that wants to be clicked through, or a proxy whose server is restarting.
        | DialErrorKind::Tls
        | DialErrorKind::Handshake => true,
        DialErrorKind::Rejected { status } => status >= 500 || matches!(status, 408 | 425 | 429),
        DialErrorKind::NoDialer | DialErrorKind::Subprotocol | DialErrorKind::Unsupported => false,
    }
}

/// A SASL failure as the server told it (RFC 6120 § 6.5).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the server refused the login: {name}{}", in_brackets(.text.as_ref()))]
#[non_exhaustive]
pub struct AuthenticationFailure {
    /// The condition's name on the wire.
    pub name: String,
    /// A description for people.
    pub text: Option<Text>,
}

/// What the server added for people.
fn in_brackets(text: Option<&Text>) -> String {
    text.map_or_else(String::new, |text| format!(" ({})", text.content))
}

impl AuthenticationFailure {
    /// A failure of this name with this text.
    pub fn new(name: impl Into<String>, text: Option<Text>) -> Self {
        Self { name: name.into(), text }
    }

    /// The condition. RFC 6120 § 6.5: one that is not known counts as `not-authorized`.
    pub fn condition(&self) -> Failure {
        Failure::from_name(&self.name).unwrap_or(Failure::NotAuthorized)
    }
}
