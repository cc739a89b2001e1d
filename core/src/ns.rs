//! The namespaces of the standards, by name.

/// `<open/>` and `<close/>` (RFC 7395 § 3.3.2).
pub const FRAMING: &str = "urn:ietf:params:xml:ns:xmpp-framing";
/// `<features/>` and `<error/>` of a stream (RFC 6120 § 4.8.1).
pub const STREAMS: &str = "http://etherx.jabber.org/streams";
/// The conditions in a stream error (RFC 6120 § 4.9.2).
pub const STREAM_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-streams";
/// Stanzas between a client and its server (RFC 6120 § 4.8.2).
pub const CLIENT: &str = "jabber:client";
/// The conditions in a stanza error (RFC 6120 § 8.3.2).
pub const STANZA_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
/// STARTTLS, which has no place over WebSocket (RFC 7395 § 3.9).
pub const TLS: &str = "urn:ietf:params:xml:ns:xmpp-tls";
/// SASL (RFC 6120 § 6.4).
pub const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
/// What a login can be bound to (XEP-0440).
pub const SASL_CHANNEL_BINDING: &str = "urn:xmpp:sasl-cb:0";
/// Resource binding (RFC 6120 § 7.4).
pub const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
/// The session request of RFC 3921 § 3, kept alive by servers that still insist on it.
pub const SESSION: &str = "urn:ietf:params:xml:ns:xmpp-session";
/// XMPP ping (XEP-0199).
pub const PING: &str = "urn:xmpp:ping";
/// Stream limits (XEP-0478).
pub const STREAM_LIMITS: &str = "urn:xmpp:stream-limits:0";
/// Stream management (XEP-0198).
pub const SM: &str = "urn:xmpp:sm:3";
/// Client state indication (XEP-0352).
pub const CSI: &str = "urn:xmpp:csi:0";
/// An XRD document (XRD 1.0), such as a host's metadata (RFC 6415 § 3).
pub const XRD: &str = "http://docs.oasis-open.org/ns/xri/xrd-1.0";
/// The prefix `xml` (Namespaces in XML 1.0 § 3).
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The prefix `xmlns` (Namespaces in XML 1.0 § 3).
pub const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
