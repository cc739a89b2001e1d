//! The conditions of `<failure/>` (RFC 6120 § 6.5).

named! {
    /// Why an authentication failed, in the order of RFC 6120 § 6.5.
    #[derive(thiserror::Error)]
    #[non_exhaustive]
    pub enum Failure {
        /// § 6.5.1: the client gave up with `<abort/>`.
        Aborted = "aborted",
        /// § 6.5.2: the account is disabled.
        AccountDisabled = "account-disabled",
        /// § 6.5.3: the credentials are right, but too old.
        CredentialsExpired = "credentials-expired",
        /// § 6.5.4: the mechanism is not to be used without encryption.
        EncryptionRequired = "encryption-required",
        /// § 6.5.5: the data is not base64 as RFC 6120 § 6.4 has it.
        IncorrectEncoding = "incorrect-encoding",
        /// § 6.5.6: the authorization identity is malformed, or the client may not act as it.
        InvalidAuthzid = "invalid-authzid",
        /// § 6.5.7: no mechanism was named, or none that is offered.
        InvalidMechanism = "invalid-mechanism",
        /// § 6.5.8: the data breaks the syntax of the mechanism.
        MalformedRequest = "malformed-request",
        /// § 6.5.9: the account needs a stronger mechanism.
        MechanismTooWeak = "mechanism-too-weak",
        /// § 6.5.10: the credentials are wrong; says the same of users that do not exist.
        NotAuthorized = "not-authorized",
        /// § 6.5.11: the server could not check, through its own fault.
        TemporaryAuthFailure = "temporary-auth-failure",
    }
}
