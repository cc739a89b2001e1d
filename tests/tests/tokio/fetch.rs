//! Fetching by HTTP over TLS, and the way from a domain to its WebSocket.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;
use xmpp_ws::discovery::{Discovery, Step};
use xmpp_ws::endpoint::{DialError, DialErrorKind, Fetch, Fetched, Input, Transmit};
use xmpp_ws::limits::Limits;
use xmpp_ws::tolerance::Tolerance;
use xmpp_ws_driver::Session;
use xmpp_ws_tests::scripted::{Scripted, Seen};
use xmpp_ws_tokio::tokio_rustls::TlsAcceptor;
use xmpp_ws_tokio::{AcceptConfig, ClientIo, DialConfig, accept_tls, connect};

use crate::tls::Authority;
use crate::{PATIENCE, rest};

#[tokio::test]
async fn a_document_comes_from_the_host_that_was_named() {
    let host =
        Host::new("example.com", &[("/a", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")]);
    let host = host.await;
    let fetched = fetch("https://example.com/a", host.config()).await.unwrap();
    assert_eq!((fetched.status, &fetched.body[..]), (200, &b"hello"[..]));
    assert_eq!(host.asked(), ["example.com example.com /a"]);

    let fetched = fetch("https://example.com/b", host.config()).await.unwrap();
    assert_eq!(fetched.status, 404);
}

#[tokio::test]
async fn nothing_is_fetched_without_a_good_certificate() {
    let host = Host::new("example.com", &[]).await;
    let mut config = host.config();
    let (_, addresses) = config.resolve.pop_first().unwrap();
    config.resolve.insert("example.net".into(), addresses);
    let error = fetch("https://example.net/", config).await.unwrap_err();
    assert_eq!(error.kind, DialErrorKind::Tls, "{error}");

    let mut config = Authority::new().trusting();
    config.resolve = host.config().resolve;
    let error = fetch("https://example.com/", config).await.unwrap_err();
    assert_eq!(error.kind, DialErrorKind::Tls, "{error}");
    assert!(host.asked().is_empty());

    let error = fetch("http://example.com/", host.config()).await.unwrap_err();
    assert_eq!(error.kind, DialErrorKind::Http, "{error}");
}

#[tokio::test]
async fn redirects_are_followed_to_https_only() {
    let other = Host::new("www.example.com", &[("/b", "HTTP/1.1 200 OK\r\n\r\nhello")]).await;
    let host = Host::of(
        other.authority.clone(),
        "example.com",
        &[
            (
                "/a",
                "HTTP/1.1 301 x\r\nLocation: https://www.example.com/b\r\nContent-Length: 0\r\n\r\n",
            ),
            ("/http", "HTTP/1.1 301 x\r\nLocation: http://www.example.com/b\r\n\r\n"),
            ("/loop", "HTTP/1.1 302 x\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n"),
        ],
    );
    let host = host.await;
    let mut config = host.config();
    config.resolve.extend(other.config().resolve);
    let fetched = fetch("https://example.com/a", config.clone()).await.unwrap();
    assert_eq!(&fetched.body[..], b"hello");
    assert_eq!(other.asked(), ["www.example.com www.example.com /b"]);

    let error = fetch("https://example.com/http", config.clone()).await.unwrap_err();
    assert_eq!(error.kind, DialErrorKind::Http, "{error}");
    assert_eq!(other.asked().len(), 1);

    let before = host.asked().len();
    let error = fetch("https://example.com/loop", config).await.unwrap_err();
    assert_eq!(error.detail, "more than 5 redirects");
    assert_eq!(host.asked().len() - before, 6);
}

#[tokio::test]
async fn an_answer_that_does_not_end_is_given_up() {
    let host =
        Host::new("example.com", &[("/a", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell")]);
    let host = host.await;
    let mut config = host.config();
    config.fetch.time = Duration::from_millis(300);
    let error = fetch("https://example.com/a", config).await.unwrap_err();
    assert_eq!(error.kind, DialErrorKind::TimedOut, "{error}");

    let endless = ["HTTP/1.1 200 OK\r\n\r\n", &"x".repeat(1_000_000)].concat();
    let host = Host::new("example.com", &[("/a", &endless)]).await;
    let error = fetch("https://example.com/a", host.config()).await.unwrap_err();
    assert_eq!(error.detail, "more than 65536 bytes, which are the limit");
}

#[tokio::test]
async fn nobody_there_is_told() {
    let host = Host::new("example.com", &[]).await;
    let config = host.config();
    drop(host);
    let error = fetch("https://example.com/", config).await.unwrap_err();
    assert_eq!(error.kind, DialErrorKind::Unreachable, "{error}");
}

#[tokio::test]
async fn a_domains_endpoint_is_found_and_dialed() {
    // Behind another name the domain's own certificate is shown.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let document = format!(
        "<?xml version='1.0'?><XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\
         <Link rel='urn:xmpp:alt-connections:websocket' href='wss://localhost:{port}/ws'/></XRD>"
    );
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{document}", document.len());
    let host = Host::new("example.com", &[("/.well-known/host-meta", &answer)]).await;
    let (tls, _) = host.authority.server("example.com");
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let accepted = accept_tls(stream, tls, &AcceptConfig::default()).await.unwrap();
        rest(&mut accepted.into_session(|_, _| Scripted::new())).await;
    });

    let account = "alice@example.com".parse().unwrap();
    let mut discovery = Discovery::new(&account, &Limits::default(), Tolerance::default());
    let mut session = connect(host.config(), |_| Scripted::new());
    let targets = loop {
        match discovery.step() {
            Step::Fetch(uri) => discovery.on_fetched(fetch_by(&mut session, uri).await),
            Step::Found(targets) => break targets,
            Step::Failed(error) => panic!("{error}"),
        }
    };
    session.command(|endpoint, _| endpoint.say(Transmit::Dial(targets[0].clone())));
    match timeout(PATIENCE, session.next()).await.unwrap() {
        Some(Seen::Input(Input::Connected(connection))) => assert!(connection.secure),
        other => panic!("{other:?}"),
    }
    serving.abort();
}

async fn fetch(uri: &str, config: DialConfig) -> Result<Fetched, DialError> {
    let mut session = connect(config, |_| Scripted::new());
    let uri: xmpp_ws::uri::Uri = uri.parse().expect("a URI");
    let fetch = fetch_by(&mut session, uri.clone()).await;
    assert_eq!(fetch.uri, uri);
    fetch.outcome
}

async fn fetch_by(session: &mut Session<Scripted, ClientIo>, uri: xmpp_ws::uri::Uri) -> Fetch {
    session.command(|endpoint, _| endpoint.say(Transmit::Fetch(uri)));
    match timeout(PATIENCE, session.next()).await.expect("an answer") {
        Some(Seen::Input(Input::Fetched(fetch))) => fetch,
        other => panic!("{other:?}"),
    }
}

/// A host with HTTP over TLS on loopback.
struct Host {
    name: String,
    authority: Arc<Authority>,
    address: std::net::SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    serving: tokio::task::JoinHandle<()>,
}

impl Host {
    async fn new(name: &str, answers: &[(&str, &str)]) -> Self {
        Self::of(Arc::new(Authority::new()), name, answers).await
    }

    /// One that gives these paths these answers, and then waits for the client to go.
    async fn of(authority: Arc<Authority>, name: &str, answers: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let acceptor = TlsAcceptor::from(authority.server(name).0);
        let answers: Vec<(String, String)> =
            answers.iter().map(|(path, answer)| ((*path).into(), (*answer).into())).collect();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let serving = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.expect("somebody comes");
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let name = stream.get_ref().1.server_name().unwrap_or_default().to_owned();
                let request = head(&mut stream).await;
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                let host = request.lines().find_map(|line| line.strip_prefix("host: "));
                log.lock().unwrap().push(format!("{name} {} {path}", host.unwrap_or_default()));
                let answer = answers.iter().find(|(known, _)| *known == path);
                let answer =
                    answer.map_or("HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n", |it| &it.1);
                // The client may have gone already.
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.flush().await;
                let is_open = answer.contains("Content-Length: 5") && !answer.ends_with("hello");
                if is_open {
                    let _ = stream.read(&mut [0]).await;
                }
                let _ = stream.shutdown().await;
            }
        });
        Self { name: name.into(), authority, address, asked, serving }
    }

    /// Trusts this host's authority and knows where it is.
    fn config(&self) -> DialConfig {
        let mut config = self.authority.trusting();
        config.resolve.insert(self.name.clone(), vec![self.address]);
        config
    }

    /// The name in TLS, the name in HTTP and the path of each request.
    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn head(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await.unwrap_or_default() == 0 {
            break;
        }
        head.extend(byte);
    }
    String::from_utf8(head).expect("text")
}
