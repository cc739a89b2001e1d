//! A client of a real server.

use std::env;
use std::time::Duration;

use tokio::time::timeout;
use xmpp_ws::client::{Client, ClientConfig, ClientEvent, Iq, Reply};
use xmpp_ws::ending::Ending;
use xmpp_ws_tokio::{ClientIo, ClientTls, DialConfig, OsRandom, Session, connect};

pub(crate) type Live = Session<Client, ClientIo>;

/// A server at one of its addresses.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    pub(crate) uri: String,
    pub(crate) secure: bool,
}

impl Peer {
    pub(crate) fn config(&self) -> ClientConfig {
        let account = "alice@localhost".parse().expect("an address");
        let uri = self.uri.parse().expect("a URI");
        let mut config = ClientConfig::new(account, uri).with_password("secret");
        config.tolerance.plain_without_tls = true;
        config
    }
}

pub(crate) fn start(config: ClientConfig) -> Live {
    start_with(trusting(), config)
}

/// Trusts the servers' certificate.
pub(crate) fn trusting() -> DialConfig {
    let mut dial = DialConfig::default();
    if let Ok(file) = env::var("XMPP_WS_SERVERS_CA") {
        dial.tls = Some(ClientTls::trusting_pem_file(file).expect("a certificate"));
    }
    dial
}

pub(crate) fn start_with(dial: DialConfig, config: ClientConfig) -> Live {
    connect(dial, |now| Client::new(config, OsRandom, now))
}

pub(crate) async fn log_in(config: ClientConfig) -> Live {
    let mut session = start(config);
    until(&mut session, |event| matches!(event, ClientEvent::Bound(_))).await;
    session
}

pub(crate) async fn next(session: &mut Live) -> ClientEvent {
    let event = timeout(Duration::from_secs(20), session.next()).await;
    event.expect("an event in time").expect("an event before the end")
}

pub(crate) async fn until(
    session: &mut Live,
    wanted: impl Fn(&ClientEvent) -> bool,
) -> ClientEvent {
    loop {
        let event = next(session).await;
        if wanted(&event) {
            return event;
        }
        assert!(!matches!(event, ClientEvent::Ended(_)), "ended too early: {event:?}");
    }
}

pub(crate) async fn ending(session: &mut Live) -> Ending {
    loop {
        if let ClientEvent::Ended(why) = next(session).await {
            let after = timeout(Duration::from_secs(5), session.next()).await;
            assert!(after.expect("an end in time").is_none(), "an event after the last one");
            return why;
        }
    }
}

/// Leaves in good order.
pub(crate) async fn leave(mut session: Live) {
    session.close().expect("not over");
    assert_eq!(ending(&mut session).await, Ending::Clean);
}

/// Asks, and waits for the answer to this very request.
pub(crate) async fn ask(session: &mut Live, iq: Iq) -> Reply {
    let asked = session.iq(iq).expect("bound");
    let event = until(session, |event| matches!(event, ClientEvent::Reply { .. })).await;
    let ClientEvent::Reply { ticket, reply } = event else { unreachable!("just matched") };
    assert_eq!(ticket, asked);
    reply
}
