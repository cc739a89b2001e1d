//! The mechanisms that are spoken here.

use super::Hash;

named! {
    /// A SASL mechanism that both roles speak.
    #[non_exhaustive]
    pub enum Mechanism {
        /// RFC 4505: no identity at all; the server makes one up.
        Anonymous = "ANONYMOUS",
        /// RFC 4422 appendix A: the identity that something below SASL proved, such as a TLS certificate.
        External = "EXTERNAL",
        /// RFC 4616: the password itself, so only over a protected connection.
        Plain = "PLAIN",
        /// RFC 5802: challenge and response with SHA-1.
        ScramSha1 = "SCRAM-SHA-1",
        /// RFC 7677: challenge and response with SHA-256.
        ScramSha256 = "SCRAM-SHA-256",
        /// As RFC 7677, with SHA-512 (IANA's registry of SASL SCRAM family mechanisms).
        ScramSha512 = "SCRAM-SHA-512",
    }
}

impl Mechanism {
    /// How much to prefer this mechanism: the greater, the better.
    ///
    /// `EXTERNAL` first, since it shows the server no secret and is only tried when something below SASL
    /// authenticated; then `SCRAM`, which does not show the password and authenticates the server too, the longer
    /// hash first; then `PLAIN`. `ANONYMOUS` is last: it is no substitute for logging in.
    pub const fn preference(self) -> u8 {
        match self {
            Self::External => 5,
            Self::ScramSha512 => 4,
            Self::ScramSha256 => 3,
            Self::ScramSha1 => 2,
            Self::Plain => 1,
            Self::Anonymous => 0,
        }
    }

    /// The hash function, if this is a `SCRAM` mechanism.
    pub const fn is_scram(self) -> Option<Hash> {
        match self.kind() {
            Kind::Scram(hash) => Some(hash),
            Kind::Anonymous | Kind::External | Kind::Plain => None,
        }
    }

    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Anonymous => Kind::Anonymous,
            Self::External => Kind::External,
            Self::Plain => Kind::Plain,
            Self::ScramSha1 => Kind::Scram(Hash::Sha1),
            Self::ScramSha256 => Kind::Scram(Hash::Sha256),
            Self::ScramSha512 => Kind::Scram(Hash::Sha512),
        }
    }
}

/// The mechanisms, SCRAM as the one machine that it is.
pub(super) enum Kind {
    Anonymous,
    External,
    Plain,
    Scram(Hash),
}
