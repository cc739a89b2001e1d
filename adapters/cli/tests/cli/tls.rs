//! TLS on both sides.

use std::path::PathBuf;
use std::{env, fs, process};

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

use crate::process::{Process, Server, run};

/// A certificate for this name, with its key, in two files that go when this is dropped.
pub(crate) struct Files {
    directory: PathBuf,
}

impl Files {
    pub(crate) fn new(test: &str, name: &str, is_ca: IsCa) -> Self {
        let directory = env::temp_dir().join(format!("xmpp-ws-cli-{}-{test}", process::id()));
        fs::create_dir_all(&directory).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new([name.to_owned()]).unwrap();
        parameters.is_ca = is_ca;
        let certificate = parameters.self_signed(&key).unwrap();
        fs::write(directory.join("certificate.pem"), certificate.pem()).unwrap();
        fs::write(directory.join("key.pem"), key.serialize_pem()).unwrap();
        Self { directory }
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.directory.join(name).display().to_string()
    }

    fn serve(&self) -> Server {
        let (certificate, key) = (self.path("certificate.pem"), self.path("key.pem"));
        let server = Server::start(&["--tls-cert", &certificate, "--tls-key", &key]);
        assert!(server.url.starts_with("wss://127.0.0.1:"), "{}", server.url);
        server
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

#[test]
fn a_self_signed_certificate_can_be_trusted() {
    let ca = IsCa::Ca(BasicConstraints::Unconstrained);
    for (test, is_ca) in [("ca", ca), ("no-ca", IsCa::NoCa)] {
        let files = Files::new(test, "127.0.0.1", is_ca);
        let server = files.serve();
        let certificate = files.path("certificate.pem");
        let mut alice =
            Process::start(&server.client("alice@localhost/a", &["--ca", &certificate]));
        alice.until("bound");
        alice.says("<message to='alice@localhost/a'/>");
        assert!(alice.stanza().starts_with("<message"));
        alice.ends_input();
        alice.until("closed");
        assert_eq!(alice.status().code(), Some(0), "{test}");
    }
}

#[test]
fn a_certificate_is_checked() {
    let ca = || IsCa::Ca(BasicConstraints::Unconstrained);
    let files = Files::new("checked", "localhost.example", ca());
    let other = Files::new("other", "127.0.0.1", ca());
    let wrong_name = files.serve();
    let unknown = Files::new("unknown", "127.0.0.1", ca());
    let unknown_server = unknown.serve();
    for (server, trusted) in [(&wrong_name, &files), (&unknown_server, &other)] {
        let certificate = trusted.path("certificate.pem");
        let output = run(&server.client("alice@localhost/a", &["--ca", &certificate]), b"");
        let event: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(event["condition"], "not-connected", "{event}");
        assert_eq!(output.status.code(), Some(1));
    }
}
