//! The tokio adapter over loopback, with endpoints that have no protocol.

mod ends;
mod faults;
mod fetch;
mod given;
mod refused;
mod silence;
mod talk;
mod tls;
mod xmpp;

use std::time::Duration;

use bytestring::ByteString;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use xmpp_ws::endpoint::{Input, Target};
use xmpp_ws_driver::{Io, Session};
use xmpp_ws_tests::scripted::{Scripted, Seen};
use xmpp_ws_tokio::{AcceptConfig, ClientIo, DialConfig, SocketIo, accept, connect};

type Client = Session<Scripted, ClientIo>;
type Server = Session<Scripted, SocketIo<TcpStream>>;

/// A listener on a free port, and the address that leads to it.
async fn listen() -> (TcpListener, Target) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    (listener, target(&format!("ws://{address}/xmpp-websocket")))
}

fn target(uri: &str) -> Target {
    Target::new(uri.parse().expect("a legal address"))
}

/// A client that dials when it is first asked for an event.
fn client(target: Target) -> Client {
    connect(DialConfig::default(), |_| Scripted::dialing(target))
}

/// A client and the server it is connected to.
async fn pair(endpoint: Scripted) -> (Client, Server) {
    pair_within(endpoint, AcceptConfig::default()).await
}

async fn pair_within(endpoint: Scripted, config: AcceptConfig) -> (Client, Server) {
    let (listener, target) = listen().await;
    let mut client = client(target);
    let accepting = async {
        let (stream, _) = listener.accept().await.expect("somebody comes");
        accept(stream, &config).await.expect("a good request")
    };
    let (accepted, connected) = tokio::join!(accepting, client.next());
    assert!(matches!(connected, Some(Seen::Input(Input::Connected(_)))), "{connected:?}");
    (client, accepted.into_session(|_, _| endpoint))
}

/// All that still comes.
async fn rest<I: Io>(session: &mut Session<Scripted, I>) -> Vec<Seen> {
    let mut events = Vec::new();
    let all = async {
        while let Some(event) = session.next().await {
            events.push(event);
        }
    };
    timeout(PATIENCE, all).await.expect("it ends");
    events
}

fn text(text: impl Into<ByteString>) -> Seen {
    Seen::Input(Input::Text(text.into()))
}

fn closed(code: u16) -> Seen {
    Seen::Input(Input::Closed { code: Some(code) })
}

const PATIENCE: Duration = Duration::from_secs(30);
