//! What a login can be bound to (RFC 5056), so that nobody in between can pass it on.

use bytes::Bytes;

/// Keying material that both ends of one TLS connection share, and nobody else.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ChannelBinding {
    /// `tls-exporter` (RFC 9266): 32 bytes of keying material.
    TlsExporter(Bytes),
}

impl ChannelBinding {
    /// Its name in IANA's registry of channel-binding types.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TlsExporter(_) => "tls-exporter",
        }
    }

    /// The material itself.
    pub fn data(&self) -> &[u8] {
        match self {
            Self::TlsExporter(material) => material,
        }
    }
}
