//! What goes wrong on the client's side, by whose fault it is.

use super::prepare::Unpreparable;

/// The server broke the rules of the mechanism, or could not prove that it knows the password.
///
/// The exchange is over: a client ends the stream, and does not take a `<success/>` for an answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SaslFault {
    /// RFC 6120 § 6.4: the data of a challenge or a success is not base64.
    #[error("the server's data is not base64")]
    Encoding,
    /// RFC 6120 § 6.4, appendix A.4: there are elements in a challenge or a success, which have data and nothing else.
    #[error("the server's data has elements in it")]
    NotTextAlone,
    /// RFC 5802 § 7: the message does not follow the grammar.
    #[error("the server's message breaks the grammar of the mechanism")]
    Malformed,
    /// RFC 5802 § 5.1: an attribute `m`, which whoever does not know its extension has to refuse.
    #[error("the server demands an extension of SCRAM that is not known here")]
    MandatoryExtension,
    /// RFC 5802 § 5.1: the server's nonce does not begin with ours: this answers another exchange.
    #[error("the server's nonce does not begin with the client's")]
    ForeignNonce,
    /// RFC 5802 § 5.1: the server added nothing to our nonce, so the exchange could be a replay.
    #[error("the server added nothing to the client's nonce")]
    NonceNotExtended,
    /// RFC 5802 § 5.1: the salt is empty.
    #[error("the server's salt is empty")]
    EmptySalt,
    /// Fewer iterations than [`ScramLimits::min_iterations`](crate::limits::ScramLimits::min_iterations).
    #[error("the server asks for {asked} iterations, fewer than the {least} that are safe")]
    TooFewIterations {
        /// What the server asked for.
        asked: u32,
        /// The limit.
        least: u32,
    },
    /// More iterations than [`ScramLimits::max_iterations`](crate::limits::ScramLimits::max_iterations).
    #[error("the server asks for more than {most} iterations")]
    TooManyIterations {
        /// The limit.
        most: u32,
    },
    /// RFC 5802 § 5.1: the server ended the exchange with an error (`e=`).
    #[error("the server says: {0}")]
    Server(ServerError),
    /// RFC 5802 § 3: the server's signature is wrong: it does not know the password's keys.
    #[error("the server's signature is wrong: it does not know the password")]
    WrongSignature,
    /// RFC 5802 § 3: a success without the server's signature.
    #[error("the server claims success without having proved that it knows the password")]
    MissingSignature,
    /// A challenge where the mechanism has none.
    #[error("the server sent a challenge where the mechanism has none")]
    UnexpectedChallenge,
    /// Data with a success where the mechanism has none.
    #[error("the server sent data with its success where the mechanism has none")]
    UnexpectedData,
}

/// What the application handed in cannot be used; nothing was sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SaslMisuse {
    /// The username cannot be prepared (RFC 4013).
    #[error("the username cannot be used: {0}")]
    Username(Unpreparable),
    /// The password cannot be prepared (RFC 4013).
    #[error("the password cannot be used: {0}")]
    Password(Unpreparable),
    /// The mechanism needs a password and none was given.
    #[error("the mechanism needs a password")]
    NoPassword,
    /// The mechanism binds to the channel and there is nothing to bind to.
    #[error("the mechanism binds to the channel, and the transport tells nothing to bind to")]
    NoChannelBinding,
    /// The authorization identity contains U+0000, which no mechanism can carry.
    #[error("the authorization identity contains U+0000")]
    Authzid,
    /// The trace breaks the rules of RFC 4505 § 3.
    #[error("the trace is longer than 255 characters or has characters that are not to be shown")]
    Trace,
    /// The nonce is not printable ASCII without a comma (RFC 5802 § 7).
    #[error("the nonce is empty, or not printable ASCII without a comma")]
    Nonce,
    /// Keys of another hash or length, an empty salt, or no iterations.
    #[error("the keys do not fit: another hash or length, an empty salt, or no iterations")]
    Keys,
    /// [`Exchange::derived`](super::client::Exchange::derived) without a derivation that was asked for.
    #[error("no key derivation was asked for")]
    NoDerivation,
}

named! {
    /// What a server can say in `e=` (RFC 5802 § 7), in the order of the grammar.
    ///
    /// RFC 5802 § 7: "Unrecognized errors should be treated as `other-error`."
    #[non_exhaustive]
    pub enum ServerError {
        /// The message is not UTF-8, or its base64 is wrong.
        InvalidEncoding = "invalid-encoding",
        /// An attribute `m` that the server does not know.
        ExtensionsNotSupported = "extensions-not-supported",
        /// The password is wrong.
        InvalidProof = "invalid-proof",
        /// The channel is another one than the client's.
        ChannelBindingsDontMatch = "channel-bindings-dont-match",
        /// The client thinks that the server cannot bind to the channel, but it can: someone may be in between.
        ServerDoesSupportChannelBinding = "server-does-support-channel-binding",
        /// The server cannot bind to the channel.
        ChannelBindingNotSupported = "channel-binding-not-supported",
        /// The server cannot bind to the channel in this way.
        UnsupportedChannelBindingType = "unsupported-channel-binding-type",
        /// There is no such user.
        UnknownUser = "unknown-user",
        /// The username is not UTF-8 or cannot be prepared.
        InvalidUsernameEncoding = "invalid-username-encoding",
        /// The server lacks the resources to go on.
        NoResources = "no-resources",
        /// Anything else.
        OtherError = "other-error",
    }
}
