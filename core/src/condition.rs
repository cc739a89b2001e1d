//! The conditions of stream errors (RFC 6120 § 4.9.3).

named! {
    /// Why a stream is ended by an error, in the order of RFC 6120 § 4.9.3.
    #[non_exhaustive]
    pub enum Condition {
        /// § 4.9.3.1: the XML cannot be processed.
        BadFormat = "bad-format",
        /// § 4.9.3.2: a namespace prefix is unsupported, or missing where one is needed.
        BadNamespacePrefix = "bad-namespace-prefix",
        /// § 4.9.3.3: a newer stream took over.
        Conflict = "conflict",
        /// § 4.9.3.4: the peer was silent for too long.
        ConnectionTimeout = "connection-timeout",
        /// § 4.9.3.5: the host is no longer served here.
        HostGone = "host-gone",
        /// § 4.9.3.6: the host is not served here.
        HostUnknown = "host-unknown",
        /// § 4.9.3.7: a stanza lacks `to` or `from`, or their value breaks the rules for addresses.
        ImproperAddressing = "improper-addressing",
        /// § 4.9.3.8: the server cannot go on, through its own fault.
        InternalServerError = "internal-server-error",
        /// § 4.9.3.9: `from` is not the identity that was authenticated.
        InvalidFrom = "invalid-from",
        /// § 4.9.3.10: the namespace of the stream or of its content is wrong.
        InvalidNamespace = "invalid-namespace",
        /// § 4.9.3.11: the XML breaks a rule of its schema.
        InvalidXml = "invalid-xml",
        /// § 4.9.3.12: data was sent before authentication, or without the right to.
        NotAuthorized = "not-authorized",
        /// § 4.9.3.13: the XML is not well-formed, or not namespace-well-formed.
        NotWellFormed = "not-well-formed",
        /// § 4.9.3.14: a local policy was broken, such as a limit.
        PolicyViolation = "policy-violation",
        /// § 4.9.3.15: the server cannot reach a party that it needs.
        RemoteConnectionFailed = "remote-connection-failed",
        /// § 4.9.3.16: the stream is closed so that its features can be negotiated anew.
        Reset = "reset",
        /// § 4.9.3.17: the server lacks the resources to go on.
        ResourceConstraint = "resource-constraint",
        /// § 4.9.3.18: XML that XMPP forbids: a comment, a processing instruction, a DTD, an entity.
        RestrictedXml = "restricted-xml",
        /// § 4.9.3.19: the server is elsewhere; over WebSocket `<close see-other-uri/>` says so instead.
        SeeOtherHost = "see-other-host",
        /// § 4.9.3.20: the server is being shut down.
        SystemShutdown = "system-shutdown",
        /// § 4.9.3.21: none of the others; an application condition may say more.
        UndefinedCondition = "undefined-condition",
        /// § 4.9.3.22: an encoding other than UTF-8.
        UnsupportedEncoding = "unsupported-encoding",
        /// § 4.9.3.23: a feature that was asked for and is not there.
        UnsupportedFeature = "unsupported-feature",
        /// § 4.9.3.24: a first-level element that is not understood.
        UnsupportedStanzaType = "unsupported-stanza-type",
        /// § 4.9.3.25: a version of XMPP that is not spoken here.
        UnsupportedVersion = "unsupported-version",
    }
}
