//! The server's side of TLS.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::TlsSetupError;
use super::client::pem_file;
use super::provider::provider;

/// A server that shows this chain of certificates, its own first, and asks clients for none.
pub fn server_tls(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, TlsSetupError> {
    let config = ServerConfig::builder_with_provider(provider()?)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(Arc::new(config))
}

/// [`server_tls`] from two PEM files.
pub fn server_tls_from_pem_files(
    chain: impl AsRef<Path>,
    key: impl AsRef<Path>,
) -> Result<Arc<ServerConfig>, TlsSetupError> {
    let key_path = key.as_ref();
    let key = PrivateKeyDer::from_pem_file(key_path)
        .map_err(|error| TlsSetupError::Pem { path: key_path.display().to_string(), error })?;
    server_tls(pem_file(chain.as_ref())?, key)
}
