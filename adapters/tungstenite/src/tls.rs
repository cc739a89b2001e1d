//! TLS by rustls, for whatever drives it.

mod client;
mod facts;
mod provider;
mod server;
mod verifier;

pub use client::{ClientTls, tls_dial_error};
pub use facts::facts;
pub use server::{server_tls, server_tls_from_pem_files};

/// Why TLS cannot be set up. It is the caller's: a missing feature, a file, a certificate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsSetupError {
    /// No cryptography was built in, and the application installed none.
    #[error(
        "TLS needs a crypto provider: enable the feature `ring` or `aws-lc-rs`, or install one \
         as rustls' default of this process"
    )]
    NoProvider,
    /// A file could not be read, or is no PEM.
    #[error("{path}: {error}")]
    Pem {
        /// The file.
        path: String,
        /// What is wrong with it.
        error: rustls_pki_types::pem::Error,
    },
    /// rustls does not take what it was given.
    #[error(transparent)]
    Rustls(#[from] rustls::Error),
}
