//! Certificates that pass on other grounds than that a known authority vouches for the server's own name.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

/// Checks as another verifier does, and takes what that refuses on these grounds.
#[derive(Debug)]
pub(super) struct Verifier {
    inner: Arc<dyn ServerCertVerifier>,
    grounds: Grounds,
}

/// On what other grounds a certificate passes.
#[derive(Debug)]
pub(super) enum Grounds {
    /// It is good for this name (XEP-0156 § 5).
    OtherName(ServerName<'static>),
    /// It is an authority's own, one of those that were given as the ones to trust.
    ///
    /// Many a self-signed certificate calls itself an authority, for that is what common tools make when nothing
    /// else is said. To name it is to trust it.
    Given(Vec<CertificateDer<'static>>),
}

impl Verifier {
    pub(super) fn new(inner: Arc<dyn ServerCertVerifier>, grounds: Grounds) -> Self {
        Self { inner, grounds }
    }
}

impl ServerCertVerifier for Verifier {
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
        verify(name).or_else(|error| match &self.grounds {
            // The first reason is the one to tell.
            Grounds::OtherName(other) => verify(other).map_err(|_| error),
            // That it is valid now was checked before this was found out; its name was not.
            Grounds::Given(given) if is_authority(&error) && given.contains(certificate) => {
                verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            Grounds::Given(_) => Err(error),
        })
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

/// Whether what was shown is refused for being the certificate of an authority.
pub(super) fn is_authority(error: &Error) -> bool {
    let Error::InvalidCertificate(CertificateError::Other(OtherError(reason))) = error else {
        return false;
    };
    matches!(reason.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
}
