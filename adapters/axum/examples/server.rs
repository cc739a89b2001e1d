//! A server for alice and bob (password: secret) at `ws://127.0.0.1:5280/xmpp-websocket`, who can talk to each other.

use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, extract::State, response::Response, routing::any};
use tokio::sync::broadcast;
use xmpp_ws_axum::xmpp_ws::random::{Purpose, Random};
use xmpp_ws_axum::xmpp_ws::sasl::{DecoySecret, Hash, Mechanism, Password, StoredKeys};
use xmpp_ws_axum::xmpp_ws::server::{ServerConfig, ServerEvent};
use xmpp_ws_axum::xmpp_ws::stanza_error::StanzaCondition::ServiceUnavailable;
use xmpp_ws_axum::{OsRandom, Xmpp, XmppConfig, XmppSession, XmppUpgrade};

#[derive(Clone)]
struct App {
    xmpp: Xmpp,
    users: Arc<HashMap<&'static str, StoredKeys>>,
    stanzas: broadcast::Sender<(String, String)>, // with their recipients; each client picks its own
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut users = HashMap::new();
    for name in ["alice", "bob"] {
        let salt = OsRandom.bits(Purpose::ScramNonce).to_be_bytes().to_vec();
        users.insert(name, StoredKeys::derive(Hash::Sha256, &Password::new("secret"), salt, 4096)?);
    }
    let mut config = ServerConfig::new(DecoySecret::new([7; 32])); // see its documentation
    config.mechanisms = vec![Mechanism::ScramSha256];
    let xmpp = Xmpp::new(XmppConfig::new(config), tokio::spawn);
    let app = App { xmpp, users: users.into(), stanzas: broadcast::Sender::new(100) };
    let router = Router::new().route("/xmpp-websocket", any(websocket)).with_state(app.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:5280").await?;
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::select! {
        served = axum::serve(listener, service).into_future() => served?,
        stopped = tokio::signal::ctrl_c() => stopped?,
    }
    app.xmpp.shut_down(Duration::from_secs(5)).await;
    Ok(())
}

async fn websocket(State(app): State<App>, upgrade: XmppUpgrade) -> Response {
    app.xmpp.clone().accept(upgrade, move |session| serve(app, session))
}

async fn serve(app: App, mut session: XmppSession) {
    let mut inbox = app.stanzas.subscribe();
    loop {
        let event = tokio::select! {
            Some(event) = session.next() => event,
            Ok((to, stanza)) = inbox.recv() => {
                if session.server().jid().is_some_and(|own| to == own.as_str() || to == own.bare_str()) {
                    let _ = session.send(stanza);
                }
                continue;
            }
            else => return,
        };
        let _ = session.command(|server, now| match event {
            ServerEvent::OpenRequested(open) => server.accept(now, open),
            ServerEvent::CredentialsWanted(login) => {
                let keys = app.users.get(login.username());
                server.credentials(now, login, keys)
            }
            ServerEvent::BindRequested(bind) => server.bind(now, bind),
            ServerEvent::Stanza(stanza) => match (stanza.to(), server.jid()) {
                (Some(to), Some(from)) => {
                    let relayed = stanza.relayed(from, server.language()).to_string();
                    app.stanzas.send((to.into_owned(), relayed)).map_or(Ok(()), |_| Ok(()))
                }
                _ if stanza.is_request() => {
                    server.send(now, stanza.error_reply(ServiceUnavailable)).map(drop)
                }
                _ => Ok(()),
            },
            _ => Ok(()),
        });
    }
}
