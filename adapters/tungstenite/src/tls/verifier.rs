//! A certificate for one name or another.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

/// Takes a certificate that is good for the server's own name, or else for another (XEP-0156 § 5).
#[derive(Debug)]
pub(super) struct EitherName {
    inner: Arc<dyn ServerCertVerifier>,
    alternative: ServerName<'static>,
}

impl EitherName {
    pub(super) fn new(
        inner: Arc<dyn ServerCertVerifier>,
        alternative: ServerName<'static>,
    ) -> Self {
        Self { inner, alternative }
    }
}

impl ServerCertVerifier for EitherName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verify = |name: &ServerName<'_>| {
            self.inner.verify_server_cert(certificate, intermediates, name, ocsp, now)
        };
        // The first reason is the one to tell.
        verify(name).or_else(|error| verify(&self.alternative).map_err(|_| error))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
