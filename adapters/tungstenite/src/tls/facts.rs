//! What TLS knows of a connection.

use bytes::Bytes;
use rustls::{ConnectionCommon, ProtocolVersion};
use xmpp_ws::endpoint::Connection;
use xmpp_ws::sasl::ChannelBinding;

/// The facts of a connection over TLS whose handshake is over, on either side.
pub fn facts<Data>(tls: &ConnectionCommon<Data>) -> Connection {
    let mut connection = Connection::new(true);
    connection.peer_certificate = tls
        .peer_certificates()
        .and_then(|chain| chain.first())
        .map(|certificate| Bytes::copy_from_slice(certificate));
    connection.channel_binding = exporter(tls).map(ChannelBinding::TlsExporter);
    connection
}

/// The binding `tls-exporter`.
fn exporter<Data>(tls: &ConnectionCommon<Data>) -> Option<Bytes> {
    // RFC 9266 § 4.2: with older versions it is unique only under conditions that rustls does not tell.
    if tls.protocol_version() != Some(ProtocolVersion::TLSv1_3) {
        return None;
    }
    // RFC 9266 § 2: the label, a context of no length, and 32 bytes.
    let material = tls.export_keying_material([0; 32], b"EXPORTER-Channel-Binding", Some(b""));
    material.ok().map(|material| Bytes::copy_from_slice(&material))
}
