//! A certificate of the server's, and clients that trust it.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{CertificateParams, KeyPair};
use xmpp_ws_tokio::tokio_rustls::rustls::crypto::ring;
use xmpp_ws_tokio::tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore};

/// A self-signed certificate for `localhost`, in files.
pub(crate) struct Certificate {
    folder: PathBuf,
    clients: Arc<ClientConfig>,
}

impl Certificate {
    /// One whose files are in a folder of this name.
    pub(crate) fn new(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("hostile-{name}"));
        fs::create_dir_all(&folder).expect("a folder");
        let key = KeyPair::generate().expect("rcgen and rustls agree");
        let parameters = CertificateParams::new(["localhost".to_owned()]).expect("a good name");
        let certificate = parameters.self_signed(&key).expect("rcgen and rustls agree");
        let mut roots = RootCertStore::empty();
        roots.add(certificate.der().clone()).expect("rcgen and rustls agree");
        let clients = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has them")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let this = Self { folder, clients: Arc::new(clients) };
        fs::write(this.file("certificate.pem"), certificate.pem()).expect("room");
        fs::write(this.file("key.pem"), key.serialize_pem()).expect("room");
        this
    }

    /// What the server is to be told.
    pub(crate) fn options(&self) -> [String; 4] {
        let file = |name| self.file(name).display().to_string();
        let (certificate, key) = (file("certificate.pem"), file("key.pem"));
        ["--tls-cert".to_owned(), certificate, "--tls-key".to_owned(), key]
    }

    /// A client's side of TLS that has said nothing yet.
    pub(crate) fn client(&self) -> ClientConnection {
        let name = "localhost".try_into().expect("a good name");
        ClientConnection::new(Arc::clone(&self.clients), name).expect("a good configuration")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}
