//! Which cryptography rustls uses.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

use super::TlsSetupError;

/// The application's choice, if it installed one for the process; else aws-lc-rs, else ring, as far as they are
/// built in.
pub(super) fn provider() -> Result<Arc<CryptoProvider>, TlsSetupError> {
    if let Some(provider) = CryptoProvider::get_default() {
        return Ok(Arc::clone(provider));
    }
    #[cfg(feature = "aws-lc-rs")]
    let built_in = Ok(rustls::crypto::aws_lc_rs::default_provider());
    #[cfg(all(feature = "ring", not(feature = "aws-lc-rs")))]
    let built_in = Ok(rustls::crypto::ring::default_provider());
    #[cfg(not(any(feature = "ring", feature = "aws-lc-rs")))]
    let built_in = Err(TlsSetupError::NoProvider);
    built_in.map(Arc::new)
}
