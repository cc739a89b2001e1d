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
        /// [`ScramSha1`](Self::ScramSha1), bound to the channel: nobody in between can pass the login on.
        ScramSha1Plus = "SCRAM-SHA-1-PLUS",
        /// [`ScramSha256`](Self::ScramSha256), bound to the channel.
        ScramSha256Plus = "SCRAM-SHA-256-PLUS",
        /// [`ScramSha512`](Self::ScramSha512), bound to the channel.
        ScramSha512Plus = "SCRAM-SHA-512-PLUS",
    }
}

impl Mechanism {
    /// How much to prefer this mechanism: the greater, the better.
    ///
    /// `EXTERNAL` first, since it shows the server no secret and is only tried when something below SASL
    /// authenticated; then `SCRAM`, which does not show the password and authenticates the server too: bound to the
    /// channel before not bound, and of those the longer hash first; then `PLAIN`. `ANONYMOUS` is last: it is no
    /// substitute for logging in.
    pub const fn preference(self) -> u8 {
        match self {
            Self::External => 8,
            Self::ScramSha512Plus => 7,
            Self::ScramSha256Plus => 6,
            Self::ScramSha1Plus => 5,
            Self::ScramSha512 => 4,
            Self::ScramSha256 => 3,
            Self::ScramSha1 => 2,
            Self::Plain => 1,
            Self::Anonymous => 0,
        }
    }

    /// The hash function, if this is a `SCRAM` mechanism.
    pub const fn scram_hash(self) -> Option<Hash> {
        match self.kind() {
            Kind::Scram { hash, .. } => Some(hash),
            Kind::Anonymous | Kind::External | Kind::Plain => None,
        }
    }

    /// Whether it binds the login to the channel below (RFC 5802 § 6), so that it needs a transport that
    /// [knows one](crate::endpoint::Connection::channel_binding).
    pub const fn binds(self) -> bool {
        matches!(self.kind(), Kind::Scram { binds: true, .. })
    }

    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Anonymous => Kind::Anonymous,
            Self::External => Kind::External,
            Self::Plain => Kind::Plain,
            Self::ScramSha1 => Kind::Scram { hash: Hash::Sha1, binds: false },
            Self::ScramSha256 => Kind::Scram { hash: Hash::Sha256, binds: false },
            Self::ScramSha512 => Kind::Scram { hash: Hash::Sha512, binds: false },
            Self::ScramSha1Plus => Kind::Scram { hash: Hash::Sha1, binds: true },
            Self::ScramSha256Plus => Kind::Scram { hash: Hash::Sha256, binds: true },
            Self::ScramSha512Plus => Kind::Scram { hash: Hash::Sha512, binds: true },
        }
    }
}

/// The mechanisms, SCRAM as the one machine that it is.
pub(super) enum Kind {
    Anonymous,
    External,
    Plain,
    Scram { hash: Hash, binds: bool },
}
