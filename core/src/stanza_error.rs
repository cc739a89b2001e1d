//! Errors of single stanzas (RFC 6120 § 8.3).

use std::fmt;

use crate::stream_error::Text;

named! {
    /// Why a stanza was not processed, in the order of RFC 6120 § 8.3.3.
    #[non_exhaustive]
    pub enum StanzaCondition {
        /// § 8.3.3.1: the request cannot be processed as it is.
        BadRequest = "bad-request",
        /// § 8.3.3.2: the name or the session is taken.
        Conflict = "conflict",
        /// § 8.3.3.3: the feature is not implemented.
        FeatureNotImplemented = "feature-not-implemented",
        /// § 8.3.3.4: the sender lacks the permission.
        Forbidden = "forbidden",
        /// § 8.3.3.5: the recipient is at another address.
        Gone = "gone",
        /// § 8.3.3.6: a fault of the recipient's own.
        InternalServerError = "internal-server-error",
        /// § 8.3.3.7: there is no such thing.
        ItemNotFound = "item-not-found",
        /// § 8.3.3.8: an address breaks the rules for addresses.
        JidMalformed = "jid-malformed",
        /// § 8.3.3.9: the recipient's policy does not allow it.
        NotAcceptable = "not-acceptable",
        /// § 8.3.3.10: nobody may do this.
        NotAllowed = "not-allowed",
        /// § 8.3.3.11: the sender must authenticate first.
        NotAuthorized = "not-authorized",
        /// § 8.3.3.12: a local policy was broken.
        PolicyViolation = "policy-violation",
        /// § 8.3.3.13: the recipient is not there for now.
        RecipientUnavailable = "recipient-unavailable",
        /// § 8.3.3.14: the recipient is at another address for now.
        Redirect = "redirect",
        /// § 8.3.3.15: the sender must register first.
        RegistrationRequired = "registration-required",
        /// § 8.3.3.16: the recipient's server does not exist.
        RemoteServerNotFound = "remote-server-not-found",
        /// § 8.3.3.17: the recipient's server did not answer in time.
        RemoteServerTimeout = "remote-server-timeout",
        /// § 8.3.3.18: the recipient lacks the resources.
        ResourceConstraint = "resource-constraint",
        /// § 8.3.3.19: the service is not offered here.
        ServiceUnavailable = "service-unavailable",
        /// § 8.3.3.20: the sender must subscribe first.
        SubscriptionRequired = "subscription-required",
        /// § 8.3.3.21: none of the others.
        UndefinedCondition = "undefined-condition",
        /// § 8.3.3.22: the request came at the wrong time.
        UnexpectedRequest = "unexpected-request",
    }
}

impl StanzaCondition {
    /// The error type that the RFC puts beside it.
    pub const fn kind(self) -> ErrorKind {
        match self {
            Self::Forbidden
            | Self::NotAuthorized
            | Self::RegistrationRequired
            | Self::SubscriptionRequired => ErrorKind::Auth,
            Self::Conflict
            | Self::FeatureNotImplemented
            | Self::Gone
            | Self::InternalServerError
            | Self::ItemNotFound
            | Self::NotAllowed
            | Self::RemoteServerNotFound
            | Self::ServiceUnavailable
            | Self::UndefinedCondition => ErrorKind::Cancel,
            Self::BadRequest
            | Self::JidMalformed
            | Self::NotAcceptable
            | Self::PolicyViolation
            | Self::Redirect => ErrorKind::Modify,
            Self::RecipientUnavailable
            | Self::RemoteServerTimeout
            | Self::ResourceConstraint
            | Self::UnexpectedRequest => ErrorKind::Wait,
        }
    }
}

named! {
    /// What the sender of a stanza may do after an error (RFC 6120 § 8.3.2). Exhaustive on purpose: the RFC has no
    /// others.
    pub enum ErrorKind {
        /// Try again with credentials.
        Auth = "auth",
        /// Give up.
        Cancel = "cancel",
        /// Go on: it was only a warning.
        Continue = "continue",
        /// Try again with other content.
        Modify = "modify",
        /// Try again later.
        Wait = "wait",
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

impl std::error::Error for StanzaError {}

impl fmt::Display for StanzaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.text {
            Some(text) => write!(f, " ({})", text.content),
            None => Ok(()),
        }
    }
}
