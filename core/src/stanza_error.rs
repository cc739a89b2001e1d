//! Errors of single stanzas (RFC 6120 § 8.3).

use std::fmt;

use crate::stream_error::Text;

/// Makes the enum and its two directions from one list, so that they cannot drift apart.
macro_rules! conditions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $kind:ident;)*) => {
        /// Why a stanza was not processed, in the order of RFC 6120 § 8.3.3.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum StanzaCondition { $($(#[$doc])* $variant,)* }

        impl StanzaCondition {
            /// Every condition, in the order of the RFC.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The element's name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The error type that the RFC puts beside it.
            pub const fn kind(self) -> ErrorKind {
                match self { $(Self::$variant => ErrorKind::$kind,)* }
            }

            /// The condition with this element name; `None` for one that the RFC does not have.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

conditions! {
    /// § 8.3.3.1: the request cannot be processed as it is.
    BadRequest = "bad-request", Modify;
    /// § 8.3.3.2: the name or the session is taken.
    Conflict = "conflict", Cancel;
    /// § 8.3.3.3: the feature is not implemented.
    FeatureNotImplemented = "feature-not-implemented", Cancel;
    /// § 8.3.3.4: the sender lacks the permission.
    Forbidden = "forbidden", Auth;
    /// § 8.3.3.5: the recipient is at another address.
    Gone = "gone", Cancel;
    /// § 8.3.3.6: a fault of the recipient's own.
    InternalServerError = "internal-server-error", Cancel;
    /// § 8.3.3.7: there is no such thing.
    ItemNotFound = "item-not-found", Cancel;
    /// § 8.3.3.8: an address breaks the rules for addresses.
    JidMalformed = "jid-malformed", Modify;
    /// § 8.3.3.9: the recipient's policy does not allow it.
    NotAcceptable = "not-acceptable", Modify;
    /// § 8.3.3.10: nobody may do this.
    NotAllowed = "not-allowed", Cancel;
    /// § 8.3.3.11: the sender must authenticate first.
    NotAuthorized = "not-authorized", Auth;
    /// § 8.3.3.12: a local policy was broken.
    PolicyViolation = "policy-violation", Modify;
    /// § 8.3.3.13: the recipient is not there for now.
    RecipientUnavailable = "recipient-unavailable", Wait;
    /// § 8.3.3.14: the recipient is at another address for now.
    Redirect = "redirect", Modify;
    /// § 8.3.3.15: the sender must register first.
    RegistrationRequired = "registration-required", Auth;
    /// § 8.3.3.16: the recipient's server does not exist.
    RemoteServerNotFound = "remote-server-not-found", Cancel;
    /// § 8.3.3.17: the recipient's server did not answer in time.
    RemoteServerTimeout = "remote-server-timeout", Wait;
    /// § 8.3.3.18: the recipient lacks the resources.
    ResourceConstraint = "resource-constraint", Wait;
    /// § 8.3.3.19: the service is not offered here.
    ServiceUnavailable = "service-unavailable", Cancel;
    /// § 8.3.3.20: the sender must subscribe first.
    SubscriptionRequired = "subscription-required", Auth;
    /// § 8.3.3.21: none of the others.
    UndefinedCondition = "undefined-condition", Cancel;
    /// § 8.3.3.22: the request came at the wrong time.
    UnexpectedRequest = "unexpected-request", Wait;
}

/// What the sender of a stanza may do after an error (RFC 6120 § 8.3.2).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ErrorKind {
    /// Try again with credentials.
    Auth,
    /// Give up.
    Cancel,
    /// Go on: it was only a warning.
    Continue,
    /// Try again with other content.
    Modify,
    /// Try again later.
    Wait,
}

impl ErrorKind {
    /// The value on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Cancel => "cancel",
            Self::Continue => "continue",
            Self::Modify => "modify",
            Self::Wait => "wait",
        }
    }

    /// The kind with this value on the wire.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "auth" => Self::Auth,
            "cancel" => Self::Cancel,
            "continue" => Self::Continue,
            "modify" => Self::Modify,
            "wait" => Self::Wait,
            _ => return None,
        })
    }
}

/// A stanza error as it was received.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct StanzaError {
    /// The condition's name on the wire, which may be one that RFC 6120 does not have.
    pub name: String,
    /// What may be done about it, if the peer said so in the RFC's words.
    pub kind: Option<ErrorKind>,
    /// A description for people.
    pub text: Option<Text>,
}

impl StanzaError {
    /// The condition. RFC 6120 § 8.3.2: one that is not known counts as `undefined-condition`.
    pub fn condition(&self) -> StanzaCondition {
        StanzaCondition::from_name(&self.name).unwrap_or(StanzaCondition::UndefinedCondition)
    }
}

impl fmt::Display for StanzaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.text {
            Some(text) => write!(f, " ({})", text.content),
            None => Ok(()),
        }
    }
}
