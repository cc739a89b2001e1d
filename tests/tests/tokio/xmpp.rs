//! The real client and the real server, over loopback.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::timeout;
use xmpp_ws::client::{Client, ClientConfig, ClientEvent};
use xmpp_ws::condition::Condition;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::WebSocketFault;
use xmpp_ws::error::Violation;
use xmpp_ws::sasl::Mechanism;
use xmpp_ws::server::{Server, ServerEvent};
use xmpp_ws_driver::{Io, Session};
use xmpp_ws_tests::pair::{ACCOUNT, PASSWORD, server_config, stored_keys};
use xmpp_ws_tokio::{
    AcceptConfig, Accepted, ClientIo, DialConfig, OsRandom, accept, accept_tls, connect,
};

use crate::listen;
use crate::tls::{self, Authority};

#[tokio::test]
async fn a_client_logs_in_talks_and_leaves() {
    let (listener, target) = listen().await;
    let serving = tokio::spawn(serve(listener, AcceptConfig::default()));
    let mut session = session(&target.uri.to_string());
    let (mut sent, mut came) = (0, 0);
    let why = loop {
        match soon(session.next()).await.expect("the end comes first") {
            ClientEvent::Bound(jid) => {
                assert_eq!(jid.to_string().split_once('/').unwrap().0, ACCOUNT);
                while session.send(message(sent)).is_ok() {
                    sent += 1;
                }
                assert!(sent > 100);
            }
            ClientEvent::Stanza(stanza) => {
                assert!(stanza.xml().contains(&format!(">{came}<")), "{}", stanza.xml());
                came += 1;
                if came == sent {
                    session.close().unwrap();
                }
            }
            ClientEvent::Ended(why) => break why,
            _ => {}
        }
    };
    assert_eq!(why, Ending::Clean);
    assert!(session.next().await.is_none());
    assert_eq!(serving.await.unwrap(), Ending::Clean);
}

#[tokio::test]
async fn whoever_says_too_much_is_told_by_a_stream_error() {
    for length in [20_000, 300_000, 4_000_000] {
        let (listener, target) = listen().await;
        let mut config = AcceptConfig::default();
        config.limits.max_message_bytes = 10_000;
        let serving = tokio::spawn(serve(listener, config));
        let mut client = ClientConfig::new(ACCOUNT.parse().unwrap(), target.uri);
        client = client.with_password(PASSWORD);
        client.limits.max_message_bytes = usize::MAX;
        client.limits.max_queued_bytes = usize::MAX;
        let mut session = connect(DialConfig::default(), |now| Client::new(client, OsRandom, now));
        let why = loop {
            match soon(session.next()).await.expect("the end comes first") {
                ClientEvent::Bound(_) => {
                    let body = "x".repeat(length);
                    session.send(format!("<message><body>{body}</body></message>")).unwrap();
                }
                ClientEvent::Ended(why) => break why,
                _ => {}
            }
        };
        assert!(session.next().await.is_none());
        match why {
            Ending::PeerError(error) => assert_eq!(error.condition(), Condition::PolicyViolation),
            why => panic!("{length} bytes: {why:?}"),
        }
        let why = serving.await.unwrap();
        let fault = Violation::WebSocket(WebSocketFault::TooLong);
        assert_eq!(why, Ending::Violated(fault), "{length} bytes");
    }
}

#[tokio::test]
async fn a_login_over_tls_is_bound_to_it() {
    let authority = Authority::new();
    let (listener, target) = tls::listen("localhost").await;
    let (server_config, _) = authority.server("localhost");
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        host(accept_tls(stream, server_config, &AcceptConfig::default()).await.unwrap()).await
    });
    let config = ClientConfig::new(ACCOUNT.parse().unwrap(), target.uri).with_password(PASSWORD);
    let mut session = connect(authority.trusting(), |now| Client::new(config, OsRandom, now));
    while let Some(event) = soon(session.next()).await {
        if let ClientEvent::Bound(_) = event {
            session.close().unwrap();
        }
    }
    assert_eq!(serving.await.unwrap(), (Ending::Clean, Some(Mechanism::ScramSha256Plus)));
}

#[tokio::test]
async fn a_client_learns_that_nobody_is_there() {
    let (listener, target) = listen().await;
    drop(listener);
    let mut session = session(&target.uri.to_string());
    let event = soon(session.next()).await;
    assert!(matches!(event, Some(ClientEvent::Ended(Ending::NotConnected(_)))), "{event:?}");
    assert!(session.next().await.is_none());
}

fn session(uri: &str) -> Session<Client, ClientIo> {
    let account = ACCOUNT.parse().expect("an address");
    let config = ClientConfig::new(account, uri.parse().expect("a URI")).with_password(PASSWORD);
    connect(DialConfig::default(), |now| Client::new(config, OsRandom, now))
}

/// Serves one client, whose messages it sends back.
async fn serve(listener: TcpListener, config: AcceptConfig) -> Ending {
    let (stream, _) = listener.accept().await.expect("somebody comes");
    host(accept(stream, &config).await.expect("a good request")).await.0
}

/// Hosts this client, whose messages are sent back; how it ended, and what it logged in by.
async fn host<I: Io>(accepted: Accepted<I>) -> (Ending, Option<Mechanism>) {
    let mut server = server_config();
    // The transport's limit is the one to be seen, and a client keeps to the one that it is told (XEP-0478).
    server.limits.max_message_bytes = 8 * 1024 * 1024;
    let mut session =
        accepted.into_session(|connection, now| Server::new(server, connection, OsRandom, now));
    let (mut ending, mut mechanism) = (None, None);
    while let Some(event) = soon(session.next()).await {
        let answered = match event {
            ServerEvent::OpenRequested(request) => {
                session.command(|server, now| server.accept(now, request))
            }
            ServerEvent::CredentialsWanted(request) => {
                mechanism = Some(request.mechanism());
                let keys = stored_keys(request.hash());
                session.command(|server, now| server.credentials(now, request, Some(&keys)))
            }
            ServerEvent::BindRequested(request) => {
                session.command(|server, now| server.bind(now, request))
            }
            ServerEvent::Stanza(stanza) => {
                session.ready().await;
                session.send(stanza.xml().to_owned()).map(drop)
            }
            ServerEvent::Ended(why) => {
                ending = Some(why);
                Ok(())
            }
            _ => Ok(()),
        };
        answered.expect("it was just asked for");
    }
    (ending.expect("the end is told"), mechanism)
}

async fn soon<T>(wait: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(20), wait).await.expect("it comes soon")
}

fn message(number: usize) -> String {
    format!("<message to='{ACCOUNT}'><body>{number}</body></message>")
}
