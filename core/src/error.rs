//! Two of the three kinds of wrong: the peer's and the caller's. The third, ours, is an assertion that fails.

use crate::condition::Condition;
use crate::sasl::{SaslFault, SaslMisuse};
use crate::xml::{Fault, Unwritable};

/// The peer broke the protocol. Never returned: it ends the stream and is told by
/// [`Ending::Violated`](crate::ending::Ending::Violated).
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Violation {
    /// RFC 7395 § 3.2: a binary message.
    #[error("a binary message")]
    Binary,
    /// The WebSocket itself cannot be read any more (RFC 6455 § 7.4.1).
    #[error("the WebSocket cannot be read: {0}")]
    WebSocket(WebSocketFault),
    /// A message is longer than [`Limits`](crate::limits::Limits) allow.
    #[error("a message of {length} bytes, where {limit} are the limit")]
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// The limit that held.
        limit: usize,
    },
    /// RFC 7395 § 3.3.3: a message is not exactly one element of XMPP's XML.
    #[error(transparent)]
    Xml(#[from] Fault),
    /// RFC 7395 § 3.3.3: an XML declaration, where the tolerance for it is off.
    #[error("an XML declaration")]
    Declaration,
    /// RFC 7395 § 3.3.2: where `<open/>` or `<close/>` is due, an element of another namespace.
    #[error("an element that is not in the framing namespace, where <open/> is due")]
    WrongNamespace,
    /// RFC 7395 § 3.3.1: an element of the framing namespace that is neither `<open/>` nor `<close/>`, or one of
    /// the two with content.
    #[error("an element of the framing namespace that is not an empty <open/> or <close/>")]
    NotFraming,
    /// RFC 7395 § 3.4: a second `<open/>` that is no restart.
    #[error("a second <open/>")]
    OpenedTwice,
    /// Something that is known, at a time when it may not come.
    #[error("<{0}/> out of order")]
    OutOfOrder(&'static str),
    /// RFC 6120 § 4.8.4: a first-level element that is not understood.
    #[error("an element that is neither a stanza nor known")]
    UnknownElement,
    /// RFC 6120 § 4.8.5: a stanza with a prefix, where the tolerance for it is off.
    #[error("a stanza with a namespace prefix")]
    PrefixedStanza,
    /// RFC 6120 § 4.8.2: a stanza in another namespace than `jabber:client`.
    #[error("a stanza outside of jabber:client")]
    StanzaNamespace,
    /// RFC 6120 § 4.7.5: no version, or one before 1.0.
    #[error("a stream without version='1.0'")]
    UnsupportedVersion,
    /// RFC 6120 § 4.7.1: the answer comes from another host than the one that was asked for.
    #[error("the stream is another host's")]
    OtherHost,
    /// RFC 6120 § 7.6.1: the address that the client is given is of another domain than the server speaks for.
    #[error("the address that it gave is of another domain")]
    OtherDomain,
    /// RFC 6120 § 4.9.3.12: a stanza before authentication or before binding.
    #[error("a stanza before it is allowed")]
    NotAuthorized,
    /// RFC 6120 § 4.9.3.6: after the login, an `<open/>` to another host than the one that the client logged in to, or
    /// to none.
    #[error("a restart at another host than that of the login")]
    RestartElsewhere,
    /// RFC 6120 § 4.9.3.9: after the login, an `<open/>` in the name of another account.
    #[error("a restart in the name of another account than that of the login")]
    RestartAsOther,
    /// RFC 6120 § 4.9.3.9: `from` is not the sender's own address.
    #[error("a stanza with somebody else's address in from")]
    InvalidFrom,
    /// RFC 6120 § 6.4.5: too many failed tries to authenticate.
    #[error("too many failed tries to authenticate")]
    TooManyTries,
    /// RFC 6120 § 7.7.3: too many failed tries to bind a resource.
    #[error("too many failed tries to bind a resource")]
    TooManyBinds,
    /// RFC 7395 § 3.9: STARTTLS, which has no place over WebSocket.
    #[error("STARTTLS, which has no place over WebSocket")]
    Starttls,
    /// More messages than may wait came while the application had a request to answer.
    #[error("more messages than may wait for an answer of ours")]
    TooEager,
    /// A reply that lacks what its standard demands, such as the address in the answer to a bind request.
    #[error("an incomplete reply to {0}")]
    Incomplete(Incomplete),
    /// XEP-0198 § 4: an acknowledgement of stanzas that were never sent.
    #[error("an acknowledgement of {h} stanzas, where {sent} were sent")]
    CountTooHigh {
        /// The peer's count.
        h: u32,
        /// How many were sent, modulo 2^32.
        sent: u32,
    },
    /// XEP-0198 § 3: stream management is asked for once.
    #[error("a second <enable/>")]
    EnabledTwice,
    /// The server broke its SASL mechanism's rules.
    #[error(transparent)]
    Sasl(#[from] SaslFault),
}

/// What lacks something that it must have.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Incomplete {
    /// A server's `<open/>` without an identifier (RFC 6120 § 4.7.3).
    #[error("open")]
    Open,
    /// Features after the login, without resource binding (RFC 6120 § 7.1).
    #[error("authentication")]
    Authentication,
    /// The answer to a bind request, without the address (RFC 6120 § 7.6).
    #[error("bind")]
    Bind,
    /// `<resume/>` without a session or a count (XEP-0198 § 5).
    #[error("resume")]
    Resume,
    /// `<resumed/>` without a count, or without the session that was asked for (XEP-0198 § 5).
    #[error("resumed")]
    Resumed,
    /// `<a/>` without a count (XEP-0198 § 4).
    #[error("a request for an acknowledgement")]
    Acknowledgement,
}

/// The one place that says which stream error (RFC 6120 § 4.9.3) answers which violation.
impl From<&Violation> for Condition {
    fn from(violation: &Violation) -> Self {
        match violation {
            // RFC 6120 § 4.9.3.22: also for bytes that break the rules of UTF-8.
            Violation::WebSocket(WebSocketFault::NotUtf8) => Self::UnsupportedEncoding,
            Violation::Binary
            | Violation::WebSocket(WebSocketFault::Protocol)
            | Violation::NotFraming
            | Violation::Incomplete(_) => Self::BadFormat,
            Violation::WebSocket(WebSocketFault::TooLong)
            | Violation::TooLong { .. }
            | Violation::OpenedTwice
            | Violation::TooManyTries
            | Violation::TooManyBinds
            | Violation::TooEager
            | Violation::EnabledTwice => Self::PolicyViolation,
            // XEP-0198 § 4: with an application condition that has both counts.
            Violation::CountTooHigh { .. } => Self::UndefinedCondition,
            Violation::Xml(fault) => fault.rule.condition(),
            Violation::Declaration => Self::RestrictedXml,
            Violation::WrongNamespace | Violation::StanzaNamespace => Self::InvalidNamespace,
            Violation::OutOfOrder(_) | Violation::UnknownElement | Violation::Starttls => {
                Self::UnsupportedStanzaType
            }
            Violation::PrefixedStanza => Self::BadNamespacePrefix,
            Violation::UnsupportedVersion => Self::UnsupportedVersion,
            Violation::RestartElsewhere => Self::HostUnknown,
            Violation::OtherHost
            | Violation::OtherDomain
            | Violation::RestartAsOther
            | Violation::InvalidFrom => Self::InvalidFrom,
            Violation::NotAuthorized | Violation::Sasl(_) => Self::NotAuthorized,
        }
    }
}

impl Violation {
    /// The code that the WebSocket is closed with (RFC 6455 § 7.4.1).
    pub const fn close_code(&self) -> u16 {
        match self {
            Self::Binary => close_code::UNSUPPORTED_DATA,
            Self::WebSocket(WebSocketFault::NotUtf8) => close_code::INVALID_DATA,
            Self::WebSocket(WebSocketFault::Protocol) => close_code::PROTOCOL_ERROR,
            Self::WebSocket(WebSocketFault::TooLong) | Self::TooLong { .. } => close_code::TOO_LONG,
            // The stream error has said the rest; for the WebSocket this is an ordinary end.
            _ => close_code::NORMAL,
        }
    }
}

/// Why nothing more can be read from a WebSocket that is still there.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WebSocketFault {
    /// A message is longer than the transport was told to take.
    #[error("a message is too long")]
    TooLong,
    /// A text message is not UTF-8.
    #[error("a text message is not UTF-8")]
    NotUtf8,
    /// A rule of RFC 6455 was broken.
    #[error("its protocol was broken")]
    Protocol,
}

/// The codes of close frames (RFC 6455 § 7.4.1).
pub mod close_code {
    /// The purpose of the connection is fulfilled.
    pub const NORMAL: u16 = 1000;
    /// An endpoint goes away.
    pub const GOING_AWAY: u16 = 1001;
    /// RFC 6455 itself was violated.
    pub const PROTOCOL_ERROR: u16 = 1002;
    /// A kind of data that is not taken, such as a binary message.
    pub const UNSUPPORTED_DATA: u16 = 1003;
    /// Data that is not what its kind says, such as text that is not UTF-8.
    pub const INVALID_DATA: u16 = 1007;
    /// A message that is too long.
    pub const TOO_LONG: u16 = 1009;
    /// The service restarts (registered with IANA; not in the RFC).
    pub const RESTART: u16 = 1012;
    /// Try again later (registered with IANA; not in the RFC).
    pub const LATER: u16 = 1013;
}

/// The caller broke the contract of this library. Returned at the call; changes nothing.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Misuse {
    /// The stream is not in the state for this: not bound yet, or closing.
    #[error("the stream cannot take this now")]
    NotNow,
    /// The stream is over.
    #[error("the stream is over")]
    Over,
    /// There is no room: wait until there is.
    #[error("no room for more until the peer takes what is queued")]
    Full,
    /// A request was answered that this stream does not wait for.
    #[error("this answers a request that the stream no longer waits for")]
    Stale,
    /// The session that was given is not the one that the client asked for, or somebody else's. This one error has an
    /// effect: the client is told that there is no such session, for its request is answered.
    #[error("not the session that the client asked for")]
    OtherSession,
    /// What was given is not one element of XMPP's XML.
    #[error("not XML that can be sent: {0}")]
    Xml(#[from] Fault),
    /// What was given has a character that XML cannot carry.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
    /// What was given is no `message`, `presence` or `iq` of `jabber:client` without a prefix.
    #[error("not an unprefixed message, presence or iq of jabber:client")]
    NotAStanza,
    /// RFC 6120 § 8.1.3, § 8.2.3: an `iq` needs a `type` of get, set, result or error, and an `id`, which only an error
    /// may lack: it answers what had none.
    #[error("an iq needs an id and one of the types get, set, result and error")]
    BadIq,
    /// What was given is longer than the peer or the own limit allows.
    #[error("{length} bytes, where {limit} are the limit")]
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// The limit that held.
        limit: usize,
    },
    /// A session was saved for another account than the one that shall go on with it.
    #[error("the saved session is another account's")]
    OtherAccount,
    /// The mechanism needs something that was not given, such as a password that can be prepared.
    #[error(transparent)]
    Sasl(SaslMisuse),
}
