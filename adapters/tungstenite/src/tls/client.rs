//! The client's side of TLS.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::server::VerifierBuilderError;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use xmpp_ws::endpoint::{DialError, DialErrorKind, Target};

use super::TlsSetupError;
use super::provider::provider;
use super::verifier::{Grounds, Verifier, is_authority};

/// Whom a client trusts. It is cheap to clone, and clones share their sessions.
#[derive(Clone, Debug)]
pub struct ClientTls {
    config: Arc<ClientConfig>,
    /// How certificates are checked; unknown where the application brought its own configuration.
    verifier: Option<Arc<dyn ServerCertVerifier>>,
}

impl ClientTls {
    /// Trusts whom the operating system trusts.
    pub fn system() -> Result<Self, TlsSetupError> {
        let verifier = rustls_platform_verifier::Verifier::new(provider()?)?;
        Self::verified_by(Arc::new(verifier))
    }

    /// Trusts these certificate authorities, and nobody else. A server's own certificate may be one of them.
    pub fn trusting(
        roots: impl IntoIterator<Item = CertificateDer<'static>>,
    ) -> Result<Self, TlsSetupError> {
        let roots: Vec<_> = roots.into_iter().collect();
        let mut store = RootCertStore::empty();
        for root in &roots {
            store.add(root.clone())?;
        }
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider()?)
            .build()
            .map_err(|error| match error {
                VerifierBuilderError::NoRootAnchors => {
                    rustls::Error::General("not one certificate authority was given".into())
                }
                _ => rustls::Error::InvalidCertificate(CertificateError::BadEncoding),
            })?;
        Self::verified_by(Arc::new(Verifier::new(verifier, Grounds::Given(roots))))
    }

    /// Trusts the certificate authorities in this PEM file, and nobody else.
    pub fn trusting_pem_file(path: impl AsRef<Path>) -> Result<Self, TlsSetupError> {
        Self::trusting(pem_file(path.as_ref())?)
    }

    /// Uses a configuration of the application's own as it is.
    ///
    /// A [target's alternative name](Target::alternative_name) is then not considered.
    pub fn custom(config: Arc<ClientConfig>) -> Self {
        Self { config, verifier: None }
    }

    /// What to connect to `target` with, and the name for which its certificate must be.
    pub fn for_target(
        &self,
        target: &Target,
    ) -> Result<(Arc<ClientConfig>, ServerName<'static>), DialError> {
        // RFC 7395 § 6: the certificate is for the host of the address.
        let name = server_name(target.uri.host())?;
        let (Some(verifier), Some(alternative)) = (&self.verifier, &target.alternative_name) else {
            return Ok((Arc::clone(&self.config), name));
        };
        let other_name = Grounds::OtherName(server_name(alternative)?);
        let either = Verifier::new(Arc::clone(verifier), other_name);
        let mut config = ClientConfig::clone(&self.config);
        // What was agreed with a server under one name must not be resumed where that name would not do.
        config.resumption = rustls::client::Resumption::disabled();
        config.dangerous().set_certificate_verifier(Arc::new(either));
        Ok((Arc::new(config), name))
    }

    fn verified_by(verifier: Arc<dyn ServerCertVerifier>) -> Result<Self, TlsSetupError> {
        let mut config = ClientConfig::builder_with_provider(provider()?)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&verifier))
            .with_no_client_auth();
        // A WebSocket begins as HTTP/1.1 (RFC 6455 § 4.1), and a server may prefer HTTP/2 where nothing is said.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config: Arc::new(config), verifier: Some(verifier) })
    }
}

/// Why the handshake of TLS failed.
pub fn tls_dial_error(error: &io::Error) -> DialError {
    // rustls' own reasons come inside; others are the network's.
    let kind = match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => DialErrorKind::Tls,
        _ => DialErrorKind::Unreachable,
    };
    let reason = error.get_ref().and_then(|reason| reason.downcast_ref());
    // Of this one rustls has no words.
    let detail = if reason.is_some_and(is_authority) {
        "invalid peer certificate: it is a certificate authority's own, and not a server's".into()
    } else {
        error.to_string()
    };
    DialError::new(kind, detail)
}

/// The certificates in a PEM file.
pub(super) fn pem_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsSetupError> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| TlsSetupError::Pem { path: path.display().to_string(), error })
}

fn server_name(host: &str) -> Result<ServerName<'static>, DialError> {
    ServerName::try_from(host.to_owned())
        .map_err(|error| DialError::new(DialErrorKind::Tls, format!("{host}: {error}")))
}
