//! The route over loopback, with the clients of the tokio adapter.

mod addresses;
mod bounded;
mod own;
mod shutdown;
mod sizes;
mod stalls;
mod talk;
mod upgrades;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use axum::{Router, routing::any};
use tokio::net::TcpListener;
use tokio::time::timeout;
use xmpp_ws::ending::Ending;
use xmpp_ws::random::{Purpose, Random};
use xmpp_ws::sasl::{DecoySecret, Hash, Mechanism, Password, StoredKeys};
use xmpp_ws::server::{ServerConfig, ServerEvent};
use xmpp_ws::uri::Uri;
use xmpp_ws_axum::{OsRandom, Xmpp, XmppConfig, XmppSession, XmppUpgrade};

/// What one route did.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, line: String) {
        self.0.lock().expect("no panic").push(line);
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().expect("no panic").clone()
    }
}

/// A route of a server that knows alice, and answers every message by the same one.
struct Served {
    xmpp: Xmpp,
    address: SocketAddr,
    log: Log,
    /// How many tasks it was given.
    begun: Arc<AtomicUsize>,
}

impl Served {
    fn uri(&self) -> Uri {
        format!("ws://{}/xmpp-websocket", self.address).parse().expect("a legal address")
    }
}

async fn serve() -> Served {
    serve_by(|_| {}).await
}

async fn serve_by(set: impl FnOnce(&mut XmppConfig)) -> Served {
    serve_at(config(), set).await
}

async fn serve_at(server: ServerConfig, set: impl FnOnce(&mut XmppConfig)) -> Served {
    let mut config = XmppConfig::new(server);
    set(&mut config);
    let (log, begun) = (Log::default(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&begun);
    let xmpp = Xmpp::new(config, move |serving| {
        count.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(serving)
    });
    let router = route(&xmpp, &log, keys());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(axum::serve(listener, service).into_future());
    Served { xmpp, address, log, begun }
}

fn route(xmpp: &Xmpp, log: &Log, keys: StoredKeys) -> Router {
    let shared = (xmpp.clone(), log.clone(), Arc::new(keys));
    Router::new().route("/xmpp-websocket", any(websocket)).with_state(shared)
}

fn config() -> ServerConfig {
    let mut config = ServerConfig::new(DecoySecret::new([7; 32]));
    config.mechanisms = vec![Mechanism::ScramSha256, Mechanism::Plain];
    config
}

fn keys() -> StoredKeys {
    let salt = OsRandom.bits(Purpose::ScramNonce).to_be_bytes().to_vec();
    StoredKeys::derive(Hash::Sha256, &Password::new("secret"), salt, 4096).expect("good keys")
}

type Shared = (Xmpp, Log, Arc<StoredKeys>);

async fn websocket(State((xmpp, log, keys)): State<Shared>, upgrade: XmppUpgrade) -> Response {
    xmpp.accept(upgrade, move |session| echo(session, log, keys))
}

async fn echo(mut session: XmppSession, log: Log, keys: Arc<StoredKeys>) {
    log.add(format!("from {:?}", session.peer().address.expect("it is known")));
    while let Some(event) = session.next().await {
        let outcome = session.command(|server, now| match event {
            ServerEvent::OpenRequested(request) => server.accept(now, request),
            ServerEvent::CredentialsWanted(request) => {
                let keys = (request.username() == "alice").then_some(&*keys);
                server.credentials(now, request, keys)
            }
            ServerEvent::BindRequested(request) => server.bind(now, request),
            ServerEvent::Stanza(stanza) => server.send(now, stanza.into_xml()).map(drop),
            ServerEvent::Ended(why) => {
                log.add(why.to_string());
                Ok(())
            }
            _ => Ok(()),
        });
        if let Err(misuse) = outcome {
            log.add(format!("misuse: {misuse}"));
        }
    }
    log.add("gone".into());
}

/// Waits for something, which must come in a while.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("it comes in time")
}

/// The reason in the last event of a client.
async fn ending(session: &mut Client) -> Ending {
    soon(async {
        let mut ending = None;
        while let Some(event) = session.next().await {
            if let ClientEvent::Ended(why) = event {
                ending = Some(why);
            }
        }
        ending.expect("the last event")
    })
    .await
}

/// Asks until it is so.
async fn until(what: impl Fn() -> bool) {
    soon(async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

const PATIENCE: Duration = Duration::from_secs(30);

use xmpp_ws::client::{Client as Machine, ClientConfig, ClientEvent};
use xmpp_ws_tokio::xmpp_ws_driver::Session;
use xmpp_ws_tokio::{ClientIo, DialConfig, connect};

type Client = Session<Machine, ClientIo>;

/// Alice, who dials when she is first asked for an event.
fn client(uri: Uri) -> Client {
    client_by(uri, DialConfig::default(), |_| {})
}

fn client_by(uri: Uri, dial: DialConfig, set: impl FnOnce(&mut ClientConfig)) -> Client {
    let account = "alice@localhost".parse().expect("a legal address");
    let mut config = ClientConfig::new(account, uri).with_password("secret");
    // What a test ends shall stay ended.
    config.reconnect = None;
    set(&mut config);
    connect(dial, |now| Machine::new(config, OsRandom, now))
}

/// A client that is logged in.
async fn logged_in(uri: Uri) -> Client {
    let mut client = client(uri);
    log_in(&mut client).await;
    client
}

async fn log_in(client: &mut Client) {
    soon(async {
        loop {
            match client.next().await.expect("no end") {
                ClientEvent::Bound(jid) => {
                    assert_eq!(jid.bare_str(), "alice@localhost");
                    return;
                }
                ClientEvent::Ended(why) => panic!("{why}"),
                _ => {}
            }
        }
    })
    .await;
}

/// The next stanza that comes.
async fn stanza(client: &mut Client) -> String {
    soon(async {
        loop {
            match client.next().await.expect("no end") {
                ClientEvent::Stanza(stanza) => return stanza.xml().to_string(),
                ClientEvent::Ended(why) => panic!("{why}"),
                _ => {}
            }
        }
    })
    .await
}
