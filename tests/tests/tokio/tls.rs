//! `wss://`.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::TcpListener;
use xmpp_ws::endpoint::{Connection, DialError, DialErrorKind, Input, Target};
use xmpp_ws::sasl::ChannelBinding;
use xmpp_ws_tests::scripted::{Scripted, Seen};
use xmpp_ws_tokio::tokio_rustls::rustls::ServerConfig;
use xmpp_ws_tokio::tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use xmpp_ws_tokio::{
    AcceptConfig, ClientTls, DialConfig, accept_tls, connect, server_tls, server_tls_from_pem_files,
};

use crate::{closed, rest, text};

#[tokio::test]
async fn a_trusted_certificate_makes_a_secure_connection_that_can_be_bound_to() {
    let authority = Authority::new();
    let (listener, target) = listen("localhost").await;
    let (server_config, certificate) = authority.server("localhost");
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let config = AcceptConfig::default();
        let accepted = accept_tls(stream, server_config, &config).await.unwrap();
        let connection = accepted.connection.clone();
        let mut session = accepted.into_session(|_, _| Scripted::new().echoing());
        rest(&mut session).await;
        connection
    });
    let mut client = connect(authority.trusting(), |_| Scripted::dialing(target));
    let Some(Seen::Input(Input::Connected(ours))) = client.next().await else {
        panic!("not connected");
    };
    client.send("<message/>").unwrap();
    assert_eq!(client.next().await, Some(text("<message/>")));
    client.close().unwrap();
    assert_eq!(rest(&mut client).await, [closed(1000), Seen::Ended]);

    let theirs = serving.await.unwrap();
    assert!(ours.secure && theirs.secure);
    assert_eq!(ours.peer_certificate.as_deref(), Some(&*certificate));
    assert_eq!(theirs.peer_certificate, None);
    // RFC 9266: both ends, and nobody else, have the same 32 bytes.
    let Some(ChannelBinding::TlsExporter(binding)) = &ours.channel_binding else {
        panic!("nothing to bind to");
    };
    assert_eq!(binding.len(), 32);
    assert_eq!(ours.channel_binding, theirs.channel_binding);
}

#[tokio::test]
async fn a_certificate_of_nobody_trusted_is_refused() {
    let error = dial(&Authority::new(), &Authority::new(), "localhost", None).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind, DialErrorKind::Tls);
    assert!(error.detail.contains("invalid peer certificate"), "{error}");
}

#[tokio::test]
async fn an_authoritys_own_certificate_is_refused_in_words() {
    let error = dial_to(Authority::new().itself(), &Authority::new(), None).await.unwrap_err();
    assert_eq!(error.kind, DialErrorKind::Tls);
    assert!(error.detail.contains("it is a certificate authority's own"), "{error}");
    assert!(!error.detail.contains("Other("), "{error}");
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let authority = Authority::new();
    let error = dial(&authority, &authority, "example.com", None).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind, DialErrorKind::Tls);
    assert!(error.detail.contains("not valid for name"), "{error}");
}

#[tokio::test]
async fn a_certificate_for_the_alternative_name_will_do() {
    let authority = Authority::new();
    let connection = dial(&authority, &authority, "example.com", Some("example.com")).await;
    assert!(connection.unwrap().secure);

    let error = dial(&authority, &authority, "example.com", Some("example.net")).await;
    assert_eq!(error.unwrap_err().kind, DialErrorKind::Tls);

    let error = dial(&Authority::new(), &authority, "example.com", Some("example.com")).await;
    assert_eq!(error.unwrap_err().kind, DialErrorKind::Tls);
}

#[tokio::test]
async fn the_systems_roots_do_not_trust_just_anybody() {
    let (listener, target) = listen("localhost").await;
    let (server_config, _) = Authority::new().server("localhost");
    let serving = tokio::spawn(serve(listener, server_config));
    let mut client = connect(DialConfig::default(), |_| Scripted::dialing(target));
    match client.next().await {
        // A machine without any roots cannot even begin.
        Some(Seen::Input(Input::ConnectFailed(error))) => assert!(
            matches!(error.kind, DialErrorKind::Tls | DialErrorKind::Unsupported),
            "{error}"
        ),
        other => panic!("{other:?}"),
    }
    serving.abort();
}

#[tokio::test]
async fn a_server_without_tls_is_told_from_an_untrusted_one() {
    let authority = Authority::new();
    let (listener, target) = listen("localhost").await;
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let _ = xmpp_ws_tokio::accept(stream, &AcceptConfig::default()).await;
    });
    let mut client = connect(authority.trusting(), |_| Scripted::dialing(target));
    match client.next().await {
        Some(Seen::Input(Input::ConnectFailed(error))) => {
            assert_eq!(error.kind, DialErrorKind::Tls, "{error}");
        }
        other => panic!("{other:?}"),
    }
    serving.abort();
}

#[test]
fn certificates_and_keys_come_from_pem_files() {
    let authority = Authority::new();
    let folder = std::env::temp_dir().join(format!("xmpp-ws-pem-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (root, chain, key) = (folder.join("root"), folder.join("chain"), folder.join("key"));
    let (certificate, private) = authority.issue("localhost");
    std::fs::write(&root, authority.0.pem()).unwrap();
    std::fs::write(&chain, certificate.pem()).unwrap();
    std::fs::write(&key, private.serialize_pem()).unwrap();

    ClientTls::trusting_pem_file(&root).unwrap();
    server_tls_from_pem_files(&chain, &key).unwrap();
    let error = ClientTls::trusting_pem_file(folder.join("none")).unwrap_err();
    assert!(error.to_string().contains("none"), "{error}");
    let error = ClientTls::trusting_pem_file(&key).unwrap_err();
    assert!(error.to_string().contains("not one certificate"), "{error}");
    std::fs::remove_dir_all(folder).unwrap();
}

/// What comes of dialing to localhost, where a server shows a certificate of `issuer` for `name`.
async fn dial(
    issuer: &Authority,
    trusted: &Authority,
    name: &str,
    alternative: Option<&str>,
) -> Result<Connection, DialError> {
    dial_to(issuer.server(name).0, trusted, alternative).await
}

async fn dial_to(
    server: Arc<ServerConfig>,
    trusted: &Authority,
    alternative: Option<&str>,
) -> Result<Connection, DialError> {
    let (listener, mut target) = listen("localhost").await;
    target.alternative_name = alternative.map(Into::into);
    let serving = tokio::spawn(serve(listener, server));
    let mut client = connect(trusted.trusting(), |_| Scripted::dialing(target));
    let outcome = match client.next().await {
        Some(Seen::Input(Input::Connected(connection))) => Ok(connection),
        Some(Seen::Input(Input::ConnectFailed(error))) => Err(error),
        other => panic!("{other:?}"),
    };
    serving.abort();
    outcome
}

async fn serve(listener: TcpListener, tls: Arc<ServerConfig>) {
    let (stream, _) = listener.accept().await.expect("somebody comes");
    if let Ok(accepted) = accept_tls(stream, tls, &AcceptConfig::default()).await {
        rest(&mut accepted.into_session(|_, _| Scripted::new())).await;
    }
}

pub(crate) async fn listen(host: &str) -> (TcpListener, Target) {
    let (listener, plain) = crate::listen().await;
    let port = plain.uri.port().expect("it has one");
    (listener, crate::target(&format!("wss://{host}:{port}/")))
}

/// A certificate authority.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut parameters = CertificateParams::new([]).expect("rcgen and rustls agree");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("rcgen and rustls agree");
        Self(CertifiedIssuer::self_signed(parameters, key).expect("rcgen and rustls agree"))
    }

    pub(crate) fn trusting(&self) -> DialConfig {
        let mut config = DialConfig::default();
        config.tls =
            Some(ClientTls::trusting([self.0.der().clone()]).expect("rcgen and rustls agree"));
        config
    }

    fn issue(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().expect("rcgen and rustls agree");
        let parameters = CertificateParams::new([name.to_owned()]).expect("rcgen and rustls agree");
        (parameters.signed_by(&key, &self.0).expect("rcgen and rustls agree"), key)
    }

    /// A server that shows the authority's own certificate.
    fn itself(&self) -> Arc<ServerConfig> {
        let key = PrivateKeyDer::try_from(self.0.key().serialize_der());
        let key = key.expect("rcgen and rustls agree");
        server_tls(vec![self.0.der().clone()], key).expect("rcgen and rustls agree")
    }

    pub(crate) fn server(&self, name: &str) -> (Arc<ServerConfig>, CertificateDer<'static>) {
        let (certificate, key) = self.issue(name);
        let certificate = certificate.der().clone();
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("rcgen and rustls agree");
        (server_tls(vec![certificate.clone()], key).expect("rcgen and rustls agree"), certificate)
    }
}
