//! Clients that never come through TLS, with every adapter that accepts it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use xmpp_ws_tokio::tokio_rustls::rustls::crypto::ring;
use xmpp_ws_tokio::tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig,
};
use xmpp_ws_tokio::{AcceptConfig, AcceptError, server_tls_from_pem_files};

use crate::adapters::under_tokio;
use crate::places::Authority;

/// Accepts one, and tells why not.
type Accept = fn(TcpStream, Arc<ServerConfig>, &AcceptConfig) -> Option<AcceptError>;

const ADAPTERS: [(&str, Accept); 4] = [
    ("tokio", |stream, tls, config| {
        under_tokio(async {
            let stream = tokio::net::TcpStream::from_std(stream).expect("it does not block");
            xmpp_ws_tokio::accept_tls(stream, tls, config).await.err()
        })
    }),
    ("smol", |stream, tls, config| {
        smol::block_on(async {
            let stream = smol::net::TcpStream::try_from(stream).expect("it does not block");
            xmpp_ws_smol::accept_tls(stream, tls, config).await.err()
        })
    }),
    ("async-std", |stream, tls, config| {
        async_std::task::block_on(async {
            let stream = async_std::net::TcpStream::from(stream);
            xmpp_ws_async_std::accept_tls(stream, tls, config).await.err()
        })
    }),
    ("blocking", |stream, tls, config| xmpp_ws_blocking::accept_tls(stream, tls, config).err()),
];

#[test]
fn who_stalls_in_tls_is_given_up_by_every_adapter() {
    let tls = tls("stalling");
    for_each_adapter(|name, accept| {
        for (phase, bytes) in [
            ("nothing", Vec::new()),
            ("half a hello", hello().into_iter().take(100).collect()),
            ("a hello", hello()),
        ] {
            let (mut client, server) = pair();
            let mut config = AcceptConfig::default();
            config.time = Duration::from_millis(300);
            client.write_all(&bytes).expect("there is room");
            let start = Instant::now();
            let error = accept(server, Arc::clone(&tls), &config);
            assert!(matches!(error, Some(AcceptError::TimedOut)), "{name}, {phase}: {error:?}");
            let took = start.elapsed();
            assert!(took >= config.time && took < SOON, "{name}, {phase}: after {took:?}");
            let ended = client.read_to_end(&mut Vec::new());
            assert!(ended.is_ok(), "{name}, {phase}: {ended:?}");
        }
    });
}

#[test]
fn a_trickle_of_tls_is_given_up_by_every_adapter() {
    let tls = tls("trickling");
    for_each_adapter(|name, accept| {
        let (mut client, server) = pair();
        let mut config = AcceptConfig::default();
        config.time = Duration::from_millis(500);
        let trickling = thread::spawn(move || {
            let mut written = |byte| client.write_all(&[byte]).is_ok();
            hello()
                .into_iter()
                .take_while(|byte| {
                    thread::sleep(Duration::from_millis(50));
                    written(*byte)
                })
                .count()
        });
        let error = accept(server, Arc::clone(&tls), &config);
        assert!(matches!(error, Some(AcceptError::TimedOut)), "{name}: {error:?}");
        let count = trickling.join().expect("it only writes");
        assert!(count < 100, "{name} takes {count} bytes");
    });
}

#[test]
fn what_is_no_tls_is_told_so_by_every_adapter() {
    let tls = tls("telling");
    for_each_adapter(|name, accept| {
        let (mut client, server) = pair();
        let reading = thread::spawn(move || {
            // More than is read at once, and nothing of it is TLS.
            client.write_all(&b"GET / HTTP/1.1\r\n".repeat(10_000)).expect("it is read on");
            let mut answer = Vec::new();
            client.set_read_timeout(Some(SOON)).expect("it is not zero");
            let ended = loop {
                let mut space = [0; 100];
                match client.read(&mut space) {
                    Ok(0) => break None,
                    Ok(read) => answer.extend_from_slice(space.get(..read).expect("no more")),
                    Err(error) => break Some(error.kind()),
                }
            };
            (answer, ended)
        });
        let error = accept(server, Arc::clone(&tls), &AcceptConfig::default());
        assert!(matches!(error, Some(AcceptError::Tls(_))), "{name}: {error:?}");
        let (answer, ended) = reading.join().expect("it is read on");
        // RFC 8446 § 5.1, § 6: an alert, which is fatal.
        assert!(matches!(answer.as_slice(), [21, 3, _, 0, 2, 2, _]), "{name}: {answer:?}");
        assert_eq!(ended, None, "{name}");
    });
}

fn for_each_adapter(run: impl Fn(&'static str, Accept) + Sync) {
    thread::scope(|scope| {
        for (name, accept) in ADAPTERS {
            let run = &run;
            scope.spawn(move || run(name, accept));
        }
    });
}

/// A client, and the server's end of its connection.
fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let client = TcpStream::connect(listener.local_addr().expect("it is bound")).expect("a server");
    let (server, _) = listener.accept().expect("somebody comes");
    server.set_nonblocking(true).expect("TCP");
    (client, server)
}

fn tls(folder: &str) -> Arc<ServerConfig> {
    let files = Authority::new(folder).issue("localhost");
    server_tls_from_pem_files(&files.chain, &files.key).expect("good files")
}

/// What a client of TLS says first.
fn hello() -> Vec<u8> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("the provider has them")
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let name = "localhost".try_into().expect("a good name");
    let mut client = ClientConnection::new(Arc::new(config), name).expect("a good configuration");
    let mut hello = Vec::new();
    client.write_tls(&mut hello).expect("there is memory");
    hello
}

const SOON: Duration = Duration::from_secs(10);
