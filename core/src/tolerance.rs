//! Which departures from the standards are put up with, and whose they are.

/// Named leniencies. Each is one thing that a peer in the field does and the standards forbid.
///
/// [`Default`] is what today's servers and clients need; [`strict`](Self::strict) has every one off.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own, none excludes another"
)]
pub struct Tolerance {
    /// An XML declaration before the element (RFC 7395 § 3.3.3 discourages it). Sent by: legacy clients before
    /// `<open/>`. Default: on.
    pub xml_declaration: bool,
    /// A stanza in no namespace counts as `jabber:client`. Sent by: Tigase's keep-alive ping, old clients.
    /// Default: on.
    pub unqualified_stanzas: bool,
    /// A stanza with a namespace prefix is taken by its namespace (RFC 6120 § 4.8.5 has `<bad-namespace-prefix/>`
    /// for it). Sent by: clients of servers that take it, such as Tigase and Prosody. Default: on.
    pub prefixed_stanzas: bool,
    /// The prefix `stream` counts as bound on a stream error. Sent by: Prosody 13. Default: on.
    pub unbound_stream_prefix: bool,
    /// A stream error and `<close/>` may share one message. Sent by: Tigase. Default: on.
    pub close_after_error: bool,
    /// A server's `<open/>` without `id` or `from` is taken. Sent by: Prosody before an error. Default: on.
    pub incomplete_open: bool,
    /// A server may open once more before it says why it ends the stream, such as where to go instead. Sent by:
    /// Tigase, in answer to a login that belongs elsewhere. Default: on.
    pub open_before_end: bool,
    /// A client passes over an ill-formed message of its server's, or a stanza outside of `jabber:client`, once logged
    /// in, instead of ending the stream (RFC 6120 § 4.9), and reports it. Needed by: users of servers that relay such
    /// stanzas from one user to another (Tigase, MongooseIM; ejabberd those that are nested too deeply or have too many
    /// attributes for [`XmlLimits`](crate::limits::XmlLimits), as Prosody), so that no user can throw another out.
    /// Default: off.
    pub ill_formed_stanzas: bool,
    /// SASL PLAIN without TLS (RFC 6120 § 13.8.3 forbids it). Needed by: tests on loopback, TLS that is ended
    /// elsewhere without the application's saying so. Default: off.
    pub plain_without_tls: bool,
    /// A domain's metadata may name a `ws:` address as its endpoint (XEP-0156 takes only what is secure). Sent by:
    /// ejabberd where its listener is without TLS. Needed by: tests on loopback. Default: off.
    pub insecure_endpoints: bool,
}

impl Tolerance {
    /// Nothing is put up with.
    pub const fn strict() -> Self {
        Self {
            xml_declaration: false,
            unqualified_stanzas: false,
            prefixed_stanzas: false,
            unbound_stream_prefix: false,
            close_after_error: false,
            incomplete_open: false,
            open_before_end: false,
            ill_formed_stanzas: false,
            plain_without_tls: false,
            insecure_endpoints: false,
        }
    }
}

impl Default for Tolerance {
    fn default() -> Self {
        Self {
            xml_declaration: true,
            unqualified_stanzas: true,
            prefixed_stanzas: true,
            unbound_stream_prefix: true,
            close_after_error: true,
            incomplete_open: true,
            open_before_end: true,
            ill_formed_stanzas: false,
            plain_without_tls: false,
            insecure_endpoints: false,
        }
    }
}
