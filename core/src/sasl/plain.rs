//! PLAIN (RFC 4616): one message, `[authzid] NUL authcid NUL passwd`.

use super::Failure;

/// Writes the message of prepared credentials.
pub(super) fn write(authzid: Option<&str>, username: &str, password: &str) -> Vec<u8> {
    [authzid.unwrap_or_default(), username, password].join("\0").into_bytes()
}

/// The message as it came.
pub(super) struct Message<'a> {
    pub(super) authzid: Option<&'a str>,
    pub(super) username: &'a str,
    pub(super) password: &'a str,
}

impl<'a> Message<'a> {
    /// Reads the message.
    // RFC 4616 § 2: authcid and passwd have at least one character, and U+0000 only separates.
    pub(super) fn parse(data: &'a [u8]) -> Result<Self, Failure> {
        let text = str::from_utf8(data).map_err(|_| Failure::MalformedRequest)?;
        let mut parts = text.split('\0');
        let (Some(authzid), Some(username), Some(password), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Failure::MalformedRequest);
        };
        if username.is_empty() || password.is_empty() {
            return Err(Failure::MalformedRequest);
        }
        Ok(Self { authzid: Some(authzid).filter(|name| !name.is_empty()), username, password })
    }
}
