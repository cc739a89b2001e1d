//! Secrets, which do not show in `Debug` output.

use std::fmt;

use subtle::ConstantTimeEq;

use super::prepare::{self, Unpreparable};

/// A password as the user typed it.
///
/// It is prepared with SASLprep (RFC 4013) where it is used. `Debug` does not show it; its memory is not
/// overwritten when it is dropped.
#[derive(Clone)]
pub struct Password(Secret);

impl Password {
    /// Takes a copy of the password.
    pub fn new(password: &str) -> Self {
        Self(Secret(password.to_owned()))
    }

    /// The password as SCRAM hashes it.
    // RFC 5802 § 2.2: "When applying SASLprep, "str" is treated as a "stored strings"".
    pub(super) fn stored(&self) -> Result<Secret<String>, Unpreparable> {
        prepare::stored(&self.0.0).map(Secret)
    }

    /// The password as PLAIN presents it.
    // RFC 4616 § 2: "the presented strings are to be treated as "query" strings".
    pub(super) fn query(&self) -> Result<Secret<String>, Unpreparable> {
        prepare::query(&self.0.0).map(Secret)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(..)")
    }
}

/// Anything that is not to be shown.
#[derive(Clone)]
pub(super) struct Secret<T = String>(pub(super) T);

impl<T: AsRef<[u8]>> Secret<T> {
    /// Compares without telling by the time it takes where the first difference is.
    pub(super) fn equals(&self, other: &[u8]) -> bool {
        self.0.as_ref().ct_eq(other).into()
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("..")
    }
}
