//! EXTERNAL (RFC 4422 appendix A): one message, the authorization identity or nothing.

use super::Failure;

/// Reads the message; an empty one says that the identity follows from the credentials.
pub(super) fn parse(data: &[u8]) -> Result<Option<String>, Failure> {
    match str::from_utf8(data) {
        // RFC 4422 appendix A.2: *( UTF8-char-no-nul ).
        Ok(authzid) if !authzid.contains('\0') => {
            Ok(Some(authzid.to_owned()).filter(|authzid| !authzid.is_empty()))
        }
        _ => Err(Failure::MalformedRequest),
    }
}
